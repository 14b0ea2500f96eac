"""Small scenes that every platform plays which can: each looks the same through the common interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest

from sellercare.adapter import Adapter
from sellercare.models import OrderState, Party, RefundState, Return, Thread
from sellercare.support import Settles
from sellercare.testing.moves import Moves
from sellercare.testing.workshop import Site

SCENES: dict[str, tuple[str, ...]] = {
    "test_a_buyer_writes_and_is_answered": ("messages.threads", "messages.messages", "messages.reply"),
    "test_the_marketplace_writes_too": ("messages.threads", "messages.messages"),
    "test_a_conversation_is_closed": ("messages.thread", "messages.close"),
    "test_a_conversation_is_marked_as_read": ("messages.thread", "messages.mark_read"),
    "test_a_buyer_is_written_to_about_an_order": ("messages.start",),
    "test_an_order_is_refunded_in_part": ("refunds.quote", "refunds.issue", "refunds.list"),
    "test_an_order_is_called_off": ("orders.get", "orders.cancel"),
    "test_a_review_is_answered": ("reviews.list", "reviews.reply"),
    "test_a_return_is_asked_for_and_decided": ("returns.list", "returns.get"),
}
"""What each scene needs."""

_DECISIONS = ("returns.approve", "returns.decline", "returns.receive", "returns.offer", "returns.contest")


class Scenes(Moves):
    """The scenes."""

    adapter_class: Callable[[], type[Adapter]]

    scenes: ClassVar[dict[str, tuple[str, ...]]] = SCENES

    @pytest.fixture(autouse=True)
    def _can_be_played(self, request: pytest.FixtureRequest, _prepared: None) -> None:
        """Skip a scene that needs what the platform does not have, in its own words."""
        needed = self.scenes.get(request.node.originalname, ())
        supports = self.adapter_class().supports
        for verb in needed:
            if not supports[verb].offered:
                pytest.skip(f"{verb} is {supports[verb].level.value}: {supports[verb].text}")

    def test_a_buyer_writes_and_is_answered(self) -> None:
        """The thread waits, the answer is the newest message, and then the thread waits no more."""
        at = self.workshop.site()
        question = self.a_question(at)
        thread_id = self.thread_id(at, at.world.data.threads[question.thread_id])
        shown = list(at.shop.messages.messages(thread_id))
        assert [(each.author, each.text) for each in shown] == [(Party.BUYER, question.text)]
        waiting = [each.id for each in at.shop.messages.threads(awaiting_reply=True)]
        assert thread_id in waiting
        sent = at.shop.messages.reply(thread_id, self.text, key="scene")
        assert sent.thread_id == thread_id
        after = list(at.shop.messages.messages(thread_id))
        told = [each for each in after if each.author is Party.SELLER]
        assert [each.text for each in told] == [self.text]
        assert len(after) == 2
        told_waiting = {each.id: each.awaiting_reply for each in at.shop.messages.threads(awaiting_reply=True)}
        assert told_waiting.get(thread_id) is not True, "the thread still waits for an answer"

    def test_the_marketplace_writes_too(self) -> None:
        """What the platform's own people write is neither the buyer's nor the seller's, where they take part."""
        at = self.workshop.site()
        thread = at.world.data.threads[self.a_question(at).thread_id]
        thread_id = self.thread_id(at, thread)
        shown = next(each for each in at.shop.messages.threads() if each.id == thread_id)
        if Party.PLATFORM not in shown.parties:
            pytest.skip("the platform's own people take no part in conversations with buyers (`Thread.parties`)")
        at.world.message(thread, "We are looking into this.", author="platform")
        told = {each.text: each.author for each in at.shop.messages.messages(thread_id)}
        author = told.get("We are looking into this.", Party.UNKNOWN)
        assert author not in (Party.BUYER, Party.SELLER), f"what the marketplace wrote is told as the {author.value}'s"

    def test_a_conversation_is_closed(self) -> None:
        """It was open before, and is not afterwards; None where the platform does not tell, or others must agree."""
        at = self.workshop.site()
        move, shown = self.do("messages.close", at), self._only_thread(at)
        assert shown().closed is not True, "a conversation is told as closed before anybody closed it"
        move("scene")
        contract = self.workshop.adapter.supports["messages.close"].contract
        if contract is not None and contract.settles is Settles.NOW:
            assert shown().closed is not False, "a conversation that was closed is told as open"

    def test_a_conversation_is_marked_as_read(self) -> None:
        """It has been read then, and nothing else has changed."""
        at = self.workshop.site()
        move, shown = self.do("messages.mark_read", at), self._only_thread(at)
        before = shown()
        move("scene")
        after = shown()
        assert after.read is not False, "a conversation that was marked as read is told as unread"
        assert (after.closed, after.awaiting_reply) == (before.closed, before.awaiting_reply)

    def _only_thread(self, at: Site) -> Callable[[], Thread]:
        (thread_id,) = [each.id for each in at.shop.messages.threads()]
        return lambda: at.shop.messages.thread(thread_id)

    def test_a_buyer_is_written_to_about_an_order(self) -> None:
        """The message belongs to a thread with this buyer."""
        at = self.workshop.site()
        move = self.do("messages.start", at)
        sent = move("scene")
        assert sent.author in (Party.SELLER, Party.UNKNOWN)
        assert sum(at.acts().values()) == 1

    def test_an_order_is_refunded_in_part(self) -> None:
        """What is left to pay back shrinks by what was paid, and the refund is in the list."""
        at = self.workshop.site()
        order = self.an_order(at)
        order_id = self.order_id(at, order)
        before = at.shop.refunds.quote(order_id=order_id)
        assert before, "there is nothing to pay back of a paid order"
        option = self.choose_refund(before)
        asked = self.share(at, option, self.line_ids(at, order_id, order))
        refund = at.shop.refunds.issue(order_id=order_id, option=option.id, key="scene", **asked)
        assert refund.amount is not None
        assert refund.amount.amount == at.world.refunded(order).amount
        at.world.advance(max(at.world.settle_after, 1.0) + 60)
        listed = list(at.shop.refunds.list(order_id=order_id))
        assert [each.amount for each in listed] == [refund.amount]
        assert listed[0].state in (RefundState.DONE, RefundState.UNKNOWN)
        left = sum(each.most.amount for each in at.shop.refunds.quote(order_id=order_id))
        assert left == sum(each.most.amount for each in before) - refund.amount.amount

    def test_an_order_is_called_off(self) -> None:
        """It is cancelled for everybody to see."""
        at = self.workshop.site()
        order = self.an_order(at, state="paid")
        order_id = self.order_id(at, order)
        at.shop.orders.cancel(order_id, reason=self.cancel_reason(at, order_id), consent=True, key="scene")
        assert at.shop.orders.get(order_id).state is OrderState.CANCELLED

    def test_a_review_is_answered(self) -> None:
        """The answer stands under the review, for everybody to read."""
        at = self.workshop.site()
        review_id = self.review_id(at, self.a_review(at))
        first = next(iter(at.shop.reviews.list()))
        assert (first.id, first.reply) == (review_id, None)
        at.shop.reviews.reply(review_id, self.review_text, key="scene")
        reply = next(each for each in at.shop.reviews.list() if each.id == review_id).reply
        assert reply is not None
        assert reply.text == self.review_text

    @pytest.mark.parametrize("decision", _DECISIONS)
    def test_a_return_is_asked_for_and_decided(self, decision: str) -> None:
        """The return is there, says what is allowed, and is in another state afterwards or says what was done."""
        support = self.adapter_class().supports[decision]
        if not support.offered:
            pytest.skip(f"{decision} is {support.level.value}: {support.text}")
        at = self.workshop.site()
        move = self.do(decision, at)
        before = next(iter(at.shop.returns.list()))
        decided = move("scene")
        after = at.shop.returns.get(before.id)
        assert decided.id == after.id
        assert at.acts(), "the platform did nothing"
        assert _shown(after) != _shown(before), f"after {decision} the return looks as before"


def _shown(return_: Return) -> tuple[object, ...]:
    """What a decision may change of a return."""
    return return_.state, return_.native_state, return_.lines, return_.raw
