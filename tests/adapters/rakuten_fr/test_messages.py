"""Conversations: who waits, what was said, and that no listing looks at an item."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sellercare.errors import (
    BadInput,
    Impossible,
    NotAllowedNow,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RuleBroken,
    SellercareError,
    Unavailable,
)
from sellercare.models import Party, ReturnState, ThreadKind
from sellercare.simulator import Fault
from sellercare.simulator.messages import Reply
from sellercare.store.purge import purge

LISTS = ("messages.threads", "returns.list", "orders.list", "reviews.list", "refunds.list")
LOOK = "GET /sales_ws/getiteminfos"


def waiting(seller: Any) -> list[str]:
    return [thread.id for thread in seller.shop.messages.threads(awaiting_reply=True)]


class TestWhatWaits:
    def test_a_conversation_for_buyer_and_for_rakuten(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.rakuten_asks(item)
        buyer, service = rakuten.shop.messages.threads()
        assert (buyer.id, buyer.kind, buyer.parties) == (item.id, ThreadKind.PRIVATE, (Party.BUYER, Party.SELLER))
        assert (service.id, service.kind) == (f"{item.id}-rakuten", ThreadKind.PLATFORM)
        assert buyer.order_id == service.order_id == item.id
        assert buyer.read is False
        assert buyer.awaiting_reply is True

    def test_a_claim_is_a_conversation_that_may_wait(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.world.return_(item.order, kind="claim")
        (thread,) = rakuten.shop.messages.threads()
        assert (thread.id, thread.return_id, thread.awaiting_reply) == (item.id, item.id, None)

    @pytest.mark.parametrize("verb", LISTS)
    def test_no_listing_looks_at_an_item(self, rakuten: Any, verb: str) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.world.return_(item.order, kind="claim")
        interface, _, name = verb.partition(".")
        list(getattr(getattr(rakuten.shop, interface), name)())
        assert "getiteminfos" not in rakuten.calls
        assert item.causes == ["CLAIM", "UNREAD_MESSAGE_FROM_BUYER"]
        assert not rakuten.shop.supports(verb).changes

    def test_every_verb_that_looks_says_so(self, rakuten: Any) -> None:
        looks = {verb for verb, support in rakuten.shop.adapter.supports.items() if "read" in support.changes}
        assert looks == {
            "orders.get",
            "orders.find",
            "orders.cancel",
            "messages.thread",
            "messages.messages",
            "messages.allowed",
            "messages.reply",
            "messages.start",
            "returns.get",
        }


class TestClaims:
    @pytest.mark.parametrize(
        ("amicable", "state", "ours"),
        [
            ("Y", "requested", ReturnState.REQUESTED),
            ("N", "requested", ReturnState.ESCALATED),
            ("Y", "closed_by_sav", ReturnState.UNKNOWN),
        ],
    )
    def test_who_has_it_is_told_by_the_amicable_phase(
        self, rakuten: Any, amicable: str, state: Any, ours: ReturnState
    ) -> None:
        item = rakuten.sold()
        claim = rakuten.world.return_(item.order, kind="claim")
        claim.extra["amicable"], claim.state = amicable, state
        found = rakuten.shop.returns.get(item.id)
        assert (found.state, found.native_state) == (ours, "NEW" if state == "requested" else "CLOSED_BY_SAV")

    def test_an_item_without_one(self, rakuten: Any) -> None:
        with pytest.raises(NotFound, match="no claim"):
            rakuten.shop.returns.get(rakuten.sold().id)


class TestLooking:
    def test_what_was_looked_at_still_waits(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        assert len(list(rakuten.shop.messages.messages(item.id))) == 1
        assert item.causes == []
        (thread,) = rakuten.shop.messages.threads()
        assert (thread.id, thread.awaiting_reply, thread.buyer.login) == (item.id, True, "Acheteur1")
        assert rakuten.calls[-1] == "getitemtodolist"

    @pytest.mark.parametrize("done", ["reply", "start", "mark_read"])
    def test_what_was_dealt_with_waits_no_more(self, rakuten: Any, done: str) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.thread(item.id)
        if done == "mark_read":
            rakuten.shop.messages.mark_read(item.id)
        elif done == "reply":
            rakuten.shop.messages.reply(item.id, "Demain.", key="a")
        else:
            rakuten.shop.messages.start(item.id, option="buyer", text="Demain.", key="a")
        assert waiting(rakuten) == []

    def test_a_new_message_waits_again(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.reply(item.id, "Demain.", key="a")
        rakuten.world.advance(60)
        rakuten.asks(item, "Merci, mais à quelle heure ?")
        assert waiting(rakuten) == [item.id]
        rakuten.shop.messages.thread(item.id)
        assert waiting(rakuten) == [item.id]

    def test_customer_service_waits_on_its_own(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.rakuten_asks(item)
        rakuten.shop.messages.reply(item.id, "Demain.", key="a")
        assert waiting(rakuten) == [f"{item.id}-rakuten"]

    def test_a_look_that_changed_and_showed_nothing_is_not_forgotten(self, rakuten: Any) -> None:
        """The answer is lost, and so is the mark in Rakuten's list: only our note is left."""
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("lost_answer", "GET /sales_ws/getiteminfos", times=None))
        with pytest.raises(Unavailable):
            rakuten.shop.messages.thread(item.id)
        rakuten.face.faults.clear()
        assert item.causes == []
        (thread,) = rakuten.shop.messages.threads()
        assert (thread.id, thread.awaiting_reply) == (item.id, None)
        assert rakuten.shop.messages.thread(item.id).awaiting_reply is True

    def test_a_quota_that_is_spent_after_a_lost_look_does_not_forget_it(self, make_seller: Any) -> None:
        rakuten = make_seller(patience=30.0)
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("lost_answer", LOOK))
        rakuten.face.faults.add(Fault("rate_limited", LOOK, times=None, after=1))
        with pytest.raises(RateLimited, match="getiteminfos"):
            rakuten.shop.messages.thread(item.id)
        assert item.causes == []
        assert waiting(rakuten) == [item.id]

    def test_a_look_that_the_quota_refuses_makes_no_work(self, make_seller: Any) -> None:
        rakuten = make_seller(patience=0.0)
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.reply(item.id, "Demain.", key="a")
        rakuten.shop.messages.thread(item.id)
        rakuten.world.advance(60)
        rakuten.face.faults.add(Fault("rate_limited", LOOK, times=None))
        with pytest.raises(RateLimited):
            rakuten.shop.messages.thread(item.id)
        assert waiting(rakuten) == []

    def test_who_writes_to_rakuten_has_not_answered_the_buyer(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.rakuten_asks(item)
        rakuten.shop.messages.start(item.id, option="rakuten", text="Colis perdu ?", key="a")
        assert waiting(rakuten) == [item.id]

    def test_who_cancels_has_not_answered_the_buyer(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.thread(item.id)
        rakuten.shop.orders.cancel(item.id, reason="Plus en stock.", consent=True, key="a")
        assert waiting(rakuten) == [item.id]

    def test_what_came_before_an_answer_was_found_again_is_not_answered_by_it(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.face.faults.add(Fault("acts_late", "GET /sales_ws/contactuseraboutitem", seconds=30))
        with pytest.raises(OutcomeUnknown):
            rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
        rakuten.world.advance(120)
        rakuten.asks(item, "Et alors ?")
        rakuten.world.advance(60)
        assert rakuten.shop.messages.reply(item.id, "Il part demain.", key="a").id
        assert item.causes == []
        assert waiting(rakuten) == [item.id]

    def test_an_unknown_item_is_not_found_and_leaves_nothing(self, rakuten: Any) -> None:
        with pytest.raises(NotFound):
            rakuten.shop.messages.thread("42")
        assert list(rakuten.shop.messages.threads()) == []

    def test_a_purge_takes_what_was_shown(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.thread(item.id)
        rakuten.world.advance(60)
        assert purge(rakuten.shop.store, rakuten.world.now()).looks == 1
        assert list(rakuten.shop.messages.threads()) == []


class TestMessages:
    def test_oldest_first_with_times_and_parties(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item, "Bonjour")
        rakuten.world.advance(60)
        rakuten.shop.messages.reply(item.id, "Bonsoir", key="a")
        first, second = rakuten.shop.messages.messages(item.id)
        assert (first.author, first.text, first.author_name) == (Party.BUYER, "Bonjour", "Acheteur1")
        assert (second.author, second.text) == (Party.SELLER, "Bonsoir")
        assert first.created_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        assert second.created_at == datetime(2026, 3, 2, 9, 1, tzinfo=UTC)

    def test_ids_stay_what_they_were(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item, "ok")
        rakuten.asks(item, "ok")
        before = [message.id for message in rakuten.shop.messages.messages(item.id)]
        assert len(set(before)) == 2
        assert before[1] == f"{before[0]}-2"
        rakuten.world.advance(120)
        rakuten.asks(item, "encore")
        assert [message.id for message in rakuten.shop.messages.messages(item.id)][:2] == before

    def test_mails_keep_rakutens_ids(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.rakuten_asks(item, "Votre réponse ?")
        (mail,) = rakuten.shop.messages.messages(f"{item.id}-rakuten")
        assert mail.author is Party.PLATFORM
        assert mail.id.isdigit()
        assert mail.text == "Votre réponse ?"


class TestWriting:
    def test_a_reply_reaches_the_buyer_once(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        sent = rakuten.shop.messages.reply(item.id, "Il est parti : 50 % du trajet & bientôt là !", key="a")
        again = rakuten.shop.messages.reply(item.id, "Il est parti : 50 % du trajet & bientôt là !", key="a")
        assert rakuten.said(item) == ["Il est parti : 50 % du trajet & bientôt là !"]
        assert sent == again
        assert (sent.author, sent.thread_id) == (Party.SELLER, item.id)

    def test_a_reply_costs_two_calls(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        rakuten.shop.messages.reply(item.id, "Demain.", key="a")
        assert rakuten.calls == ["getiteminfos", "contactuseraboutitem"]

    def test_customer_service_gets_an_answer_to_its_newest_mail(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.rakuten_asks(item, "un")
        rakuten.world.advance(60)
        rakuten.rakuten_asks(item, "deux")
        newest = list(rakuten.shop.messages.messages(f"{item.id}-rakuten"))[-1].id
        rakuten.shop.messages.reply(f"{item.id}-rakuten", "trois", key="a")
        thread = item.thread(of_rakuten=True)
        assert (thread.messages[-1].text, thread.messages[-1].answers) == ("trois", newest)

    def test_a_named_mail_is_answered(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.rakuten_asks(item)
        rakuten.shop.messages.reply(f"{item.id}-rakuten", "oui", answers="2890097599", to="platform", key="a")
        assert item.thread(of_rakuten=True).messages[-1].answers == "2890097599"

    def test_one_says_to_whom_a_new_conversation_is(self, rakuten: Any) -> None:
        item = rakuten.sold()
        with pytest.raises(BadInput, match="several ways") as caught:
            rakuten.shop.messages.start(item.id, text="Bonjour", key="a")
        assert "rakuten" in caught.value.next_step
        rakuten.shop.messages.start(item.id, option="rakuten", text="Bonjour", key="b")
        assert item.thread(of_rakuten=True).messages[-1].text == "Bonjour"
        assert item.thread() is None

    def test_what_the_item_does_not_offer_is_not_sent(self, rakuten: Any) -> None:
        item = rakuten.sold()
        item.order.extra["too_late"] = True
        with pytest.raises(NotAllowedNow, match="does not offer"):
            rakuten.shop.messages.reply(item.id, "Bonjour", key="a")
        assert rakuten.calls == ["getiteminfos"]

    @pytest.mark.parametrize(
        ("thread", "more", "error"),
        [
            ("{}", {"text": ""}, RuleBroken),
            ("{}", {"text": "x" * 2001}, RuleBroken),
            ("{}", {"text": "x", "to": "platform"}, BadInput),
            ("{}", {"text": "x", "answers": "1"}, BadInput),
        ],
    )
    def test_what_cannot_be_sent_is_said_before(self, rakuten: Any, thread: str, more: Any, error: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        with pytest.raises(error):
            rakuten.shop.messages.reply(thread.format(item.id), key="a", **more)
        assert rakuten.said(item) == []

    def test_mark_read_marks_all_or_nothing(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        with pytest.raises(BadInput, match="all messages"):
            rakuten.shop.messages.mark_read(item.id, up_to="1")
        assert item.causes
        rakuten.shop.messages.mark_read(item.id)
        assert item.causes == []

    def test_a_page_that_shows_no_item_marks_nothing(self, rakuten: Any, monkeypatch: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        page = Reply(200, {"Content-Type": "text/html"}, b"<html><body><p>Site en maintenance</p></body></html>")
        monkeypatch.setattr(rakuten.face, "item_infos", lambda request: page)
        with pytest.raises(SellercareError):
            rakuten.shop.messages.mark_read(item.id, key="a")
        assert waiting(rakuten) == [item.id]

    @pytest.mark.parametrize("verb", ["close", "download"])
    def test_what_is_not_there_says_why(self, rakuten: Any, verb: str) -> None:
        with pytest.raises(Impossible):
            getattr(rakuten.shop.messages, verb)("1")
