"""Nothing is done twice at Allegro, beyond the suite: faults that meet, and writes that the suite does not make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sellercare.errors import BadAnswer, OutcomeUnknown, PlatformError
from sellercare.models import Money, Upload
from sellercare.simulator import Fault
from sellercare_adapters.allegro.face_base import as_uuid

FAULTS: dict[str, list[tuple[Any, ...]]] = {
    "nothing": [],
    "the answer is lost": [("lost_answer",)],
    "two answers are lost": [("lost_answer", 2)],
    "it acts late": [("acts_late",)],
    "it never arrived": [("never_arrived",)],
    "503 before": [("error_before",)],
    "504 after": [("error_after",)],
    "half an answer": [("cut_body",)],
    "a web page": [("html_body",)],
    "too slow": [("slow", 1, 300)],
    "429": [("rate_limited",)],
    "the token expired": [("expired_token",)],
    "lost, and the text is altered": [("lost_answer",), ("text_altered",)],
    "lost, and the text is moderated": [("lost_answer",), ("text_moderated",)],
    "lost, and done by hand as well": [("lost_answer",), ("by_hand",)],
    "lost, and the clock is wrong": [("lost_answer",), ("clock_skew", 1, -120)],
    "lost, and it fails later": [("lost_answer",), ("fails_later",)],
    "lost, and reads are stale": [("lost_answer",), ("stale_read", 3, 20)],
}


def reply(seller: Any) -> tuple[str, Callable[[], Any], str]:
    thread = seller.world.message(seller.world.thread(seller.world.order())).thread_id
    return "POST /messaging/threads/*", lambda: seller.shop.messages.reply(thread, "Jutro.", key="k"), "message"


def reply_with_file(seller: Any) -> tuple[str, Callable[[], Any], str]:
    thread = seller.world.message(seller.world.thread(seller.world.order())).thread_id
    file = Upload.of("a.png", "image/png", b"1234")
    call = lambda: seller.shop.messages.reply(thread, "Proszę.", attachments=[file], key="k")  # noqa: E731
    return "* /messaging/message-attachments*", call, "message"


def chat(seller: Any) -> tuple[str, Callable[[], Any], str]:
    issue = f"issue:{as_uuid(seller.world.return_(kind='dispute').id)}"
    return "POST /sale/issues/*/message", lambda: seller.shop.messages.reply(issue, "Jutro.", key="k"), "message"


def start(seller: Any) -> tuple[str, Callable[[], Any], str]:
    order = as_uuid(seller.world.order().id)
    return "POST /messaging/messages", lambda: seller.shop.messages.start(order, text="Dzień dobry", key="k"), "message"


def refund(seller: Any) -> tuple[str, Callable[[], Any], str]:
    order = as_uuid(seller.world.order(lines=[seller.world.line(price="50.00")]).id)
    amount = Money(amount="12.50", currency="PLN")
    call = lambda: seller.shop.refunds.issue(order_id=order, amount=amount, key="k")  # noqa: E731
    return "POST /payments/refunds", call, "refund"


def reject(seller: Any) -> tuple[str, Callable[[], Any], str]:
    back = as_uuid(seller.world.return_().id)
    call = lambda: seller.shop.returns.decline(back, reason="ITEM_MISMATCH", key="k")  # noqa: E731
    return "POST /order/customer-returns/*", call, "return.decline"


def accept(seller: Any) -> tuple[str, Callable[[], Any], str]:
    claim = f"issue:{as_uuid(seller.world.return_(kind='claim').id)}"
    call = lambda: seller.shop.returns.offer(claim, variant="ACCEPTED_REPAIR", note="Tak.", key="k")  # noqa: E731
    return "POST /sale/issues/*/status", call, "return.offer"


def answer(seller: Any) -> tuple[str, Callable[[], Any], str]:
    rating = seller.world.review(subject="seller").id
    return "PUT /sale/user-ratings/*", lambda: seller.shop.reviews.reply(rating, "Dziękujemy.", key="k"), "review.reply"


WRITES = [reply, reply_with_file, chat, start, refund, reject, accept]
NOT_IN_THE_SUITE = [reply_with_file, chat]
TOGETHER = [name for name, faults in FAULTS.items() if len(faults) > 1]
CASES = [(write, name) for write in WRITES for name in FAULTS if name in TOGETHER or write in NOT_IN_THE_SUITE]
"""What the suite does not try: it has each fault alone at every call of its own moves."""


def inject(seller: Any, on: str, name: str) -> None:
    for kind, *more in FAULTS[name]:
        times, seconds = (*more, 1, 25)[:2] if len(more) < 2 else more
        on_read = "GET *" if kind == "stale_read" else on
        status = 504 if kind == "error_after" else 503
        seller.face.faults.add(Fault(kind, on_read, times=times, seconds=seconds, status=status))


def patiently(seller: Any, write: Callable[[], Any]) -> tuple[Any, PlatformError | None]:
    """The same call again and again, an hour apart: what a seller does who got no answer."""
    result, problem = None, None
    for _ in range(3):
        try:
            result, problem = write(), None
        except PlatformError as error:
            problem = error
        seller.clock.advance(hours=1)
    seller.world.settle()
    return result, problem


@pytest.mark.parametrize(("write", "name"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_nothing_is_done_twice(allegro: Any, write: Callable[..., Any], name: str) -> None:
    on, call, kind = write(allegro)
    inject(allegro, on, name)
    result, problem = patiently(allegro, call)
    assert allegro.world.twice() == []
    by_hand = "by hand" in name
    if problem is None:
        assert result is not None
        assert allegro.world.count(kind) == 1 or (by_hand and allegro.world.count(kind, by="person") == 1)
    elif isinstance(problem, OutcomeUnknown):
        assert write is start, "only the first message of a thread may stay unknown"
        assert "message center" in problem.look_at
    else:
        # Somebody else had decided the return meanwhile, so that Allegro refused ours.
        assert by_hand
        assert allegro.world.count(kind) == 0


@pytest.mark.parametrize("name", TOGETHER)
def test_an_answer_to_a_rating_ends_as_it_was_meant(allegro: Any, name: str) -> None:
    """Putting the same answer again changes nothing, so it may be sent twice."""
    on, call, _ = answer(allegro)
    inject(allegro, on, name)
    result, problem = patiently(allegro, call)
    assert problem is None
    assert result.reply.text.startswith("Dziękujemy.")
    assert next(iter(allegro.world.data.reviews.values())).reply.startswith("Dziękujemy.")


def test_a_page_that_comes_twice_hides_nothing(allegro: Any) -> None:
    for number in range(25):
        allegro.world.message(allegro.world.thread(allegro.world.order()), str(number), minutes_ago=number)
    allegro.face.faults.add(Fault("double_page", "GET /messaging/threads", after=1))
    with pytest.raises(BadAnswer, match="twice"):
        list(allegro.shop.messages.threads())
    assert len(list(allegro.shop.messages.threads())) == 25


def test_a_page_without_its_rows_ends_a_listing_and_the_next_one_shows_them(allegro: Any) -> None:
    """Allegro tells no total, so nobody can see that rows are missing: that is why polling overlaps."""
    thread = allegro.world.message(allegro.world.thread(allegro.world.order())).thread_id
    allegro.face.faults.add(Fault("missing_page", "GET /messaging/threads"))
    assert list(allegro.shop.messages.threads()) == []
    assert [each.id for each in allegro.shop.messages.threads()] == [thread]


def test_an_older_message_with_the_same_words_is_not_taken_for_the_lost_one(allegro: Any) -> None:
    thread = allegro.world.message(allegro.world.thread(allegro.world.order())).thread_id
    first = allegro.shop.messages.reply(thread, "Jutro.", key="a")
    allegro.face.faults.add(Fault("never_arrived", "POST /messaging/*"))
    second = allegro.shop.messages.reply(thread, "Jutro.", key="b")
    assert second.id != first.id
    assert allegro.world.count("message") == 2


def test_two_lost_messages_with_the_same_words_are_two(allegro: Any) -> None:
    thread = allegro.world.message(allegro.world.thread(allegro.world.order())).thread_id
    allegro.face.faults.add(Fault("lost_answer", "POST /messaging/*", times=2))
    sent = [allegro.shop.messages.reply(thread, "Jutro.", key=key).id for key in "ab"]
    assert sent == [each.id for each in allegro.world.data.threads[thread].messages if each.author == "seller"]


def test_a_lost_message_is_found_though_a_long_thread_shows_its_oldest_first(allegro: Any, monkeypatch: Any) -> None:
    """The description does not say which twenty messages come first."""
    thread = allegro.world.thread(allegro.world.order())
    for number in range(30):
        allegro.world.message(thread, str(number), minutes_ago=60 - number)
    plain = allegro.face.messages

    def oldest_first(self: Any, request: Any, thread_id: str) -> Any:
        reply = plain(request, thread_id)
        rows = [self._message(request, thread, each) for each in thread.messages[:20]]
        return reply if request.param("after") else type(reply).of(reply.json() | {"messages": rows})

    monkeypatch.setattr(type(allegro.face), "messages", oldest_first)
    allegro.face.faults.add(Fault("lost_answer", "POST /messaging/*"))
    allegro.shop.messages.reply(thread.id, "Jutro.", key="a")
    assert allegro.world.count("message") == 1


def test_a_lost_message_that_many_others_hide_stays_unknown(allegro: Any) -> None:
    thread = allegro.world.message(allegro.world.thread(allegro.world.order())).thread_id
    for number in range(25):
        allegro.world.message(allegro.world.data.threads[thread], str(number))
    allegro.face.faults.add(Fault("lost_answer", "POST /messaging/*"))
    for number in range(25):
        allegro.world.buyer_writes(allegro.world.data.threads[thread], f"Halo {number}", after=1 + number)
    allegro.face.faults.add(Fault("slow", "POST /messaging/*", seconds=60))
    with pytest.raises(OutcomeUnknown):
        allegro.shop.messages.reply(thread, "Jutro.", key="a")
    assert allegro.world.count("message") == 1


def test_the_message_of_another_intent_is_not_taken_for_the_lost_one(make_allegro: Any) -> None:
    """The first is left unknown, because nobody waits; the second says the same; then the first is asked for again."""
    allegro = make_allegro(patience=1.0)
    thread = allegro.world.message(allegro.world.thread(allegro.world.order())).thread_id
    allegro.face.faults.add(Fault("never_arrived", "POST /messaging/*"))
    with pytest.raises(OutcomeUnknown):
        allegro.shop.messages.reply(thread, "Jutro.", key="a")
    second = allegro.shop.messages.reply(thread, "Jutro.", key="b")
    allegro.clock.advance(hours=1)
    assert allegro.shop.messages.reply(thread, "Jutro.", key="a").id != second.id
    assert allegro.world.count("message") == 2


def test_an_answer_to_a_rating_that_another_has_replaced_is_not_put_again(allegro: Any) -> None:
    """Ours landed, another was put over it, and then we look: put again it would be there twice."""
    rating = allegro.world.review(subject="seller")
    allegro.face.faults.add(Fault("lost_answer", "PUT /sale/user-ratings/*"))
    allegro.face.faults.add(Fault("error_before", "GET *", after=2, times=None))
    with pytest.raises(OutcomeUnknown):
        allegro.shop.reviews.reply(rating.id, "Przepraszamy.", replace=True, key="a")
    allegro.face.faults.clear()
    allegro.shop.reviews.reply(rating.id, "Nowa paczka jest w drodze.", replace=True, key="b")
    allegro.clock.advance(hours=1)
    with pytest.raises(OutcomeUnknown, match="another answer"):
        allegro.shop.reviews.reply(rating.id, "Przepraszamy.", replace=True, key="a")
    assert rating.reply == "Nowa paczka jest w drodze."
