"""Nothing is done twice at a shop, beyond the suite: faults that meet, and writes that the suite does not make."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import BadAnswer, OutcomeUnknown, PlatformError
from sellercare.models import Money
from sellercare.simulator import Fault

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
    "lost, and the text is altered": [("lost_answer",), ("text_altered",)],
    "lost, and done by hand as well": [("lost_answer",), ("by_hand",)],
    "lost, and the clock is wrong": [("lost_answer",), ("clock_skew", 1, -120)],
    "lost, and reads are stale": [("lost_answer",), ("stale_read", 3, 20)],
}
FIVE = Money(amount=Decimal("5.00"), currency="EUR")


def note(woo: Any) -> tuple[str, Callable[[], Any], str]:
    order = woo.id(woo.world.order())
    return "POST */notes", lambda: woo.shop.messages.reply(order, "Tomorrow.", key="k"), "message"


def first_note(woo: Any) -> tuple[str, Callable[[], Any], str]:
    order = woo.id(woo.world.order())
    return "POST */notes", lambda: woo.shop.messages.start(order, text="Tomorrow.", key="k"), "message"


def refund(woo: Any) -> tuple[str, Callable[[], Any], str]:
    order = woo.id(woo.world.order())
    return "POST */refunds", lambda: woo.shop.refunds.issue(order_id=order, amount=FIVE, key="k"), "paid"


def refund_of_all(woo: Any) -> tuple[str, Callable[[], Any], str]:
    order = woo.id(woo.world.order())
    return "POST */refunds", lambda: woo.shop.refunds.issue(order_id=order, key="k"), "paid"


def cancel(woo: Any) -> tuple[str, Callable[[], Any], str]:
    order = woo.id(woo.world.order(state="paid"))
    return "POST */orders/{id}", lambda: woo.shop.orders.cancel(order, key="k"), "order.cancel"


def answer(woo: Any) -> tuple[str, Callable[[], Any], str]:
    review = woo.id(woo.world.review())
    return "POST */comments", lambda: woo.shop.reviews.reply(review, "Sorry.", key="k"), "review.reply"


WRITES = [note, first_note, refund, refund_of_all, cancel, answer]
MONEY = [refund, refund_of_all]
TOGETHER = [name for name, faults in FAULTS.items() if len(faults) > 1]
CASES = [(write, name) for write in WRITES for name in FAULTS if name in TOGETHER or write is refund_of_all]
"""What the suite does not try: it has each fault alone at every call of its own moves."""


def inject(woo: Any, on: str, name: str) -> None:
    for kind, *more in FAULTS[name]:
        times, seconds = (*more, 1, 25)[:2] if len(more) < 2 else more
        on_read = "GET *" if kind == "stale_read" else on
        status = 504 if kind == "error_after" else 503
        woo.face.faults.add(Fault(kind, on_read, times=times, seconds=seconds, status=status))


def patiently(woo: Any, write: Callable[[], Any]) -> tuple[Any, PlatformError | None]:
    """The same call again and again, an hour apart: what a seller does who got no answer."""
    result, problem = None, None
    for _ in range(3):
        try:
            result, problem = write(), None
        except PlatformError as error:
            problem = error
        woo.world.advance(3600)
    return result, problem


@pytest.mark.parametrize(("write", "name"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_nothing_is_done_twice(woo: Any, write: Callable[..., Any], name: str) -> None:
    on, call, kind = write(woo)
    inject(woo, on, name)
    result, problem = patiently(woo, call)
    assert woo.world.twice() == []
    by_hand = "by hand" in name
    if problem is None:
        assert result is not None
        assert woo.world.count(kind) == 1 or (by_hand and woo.world.count(kind, by="person") == 1)
    elif isinstance(problem, OutcomeUnknown):
        absent = woo.world.count(kind) == 0
        altered = "altered" in name and write in (note, first_note, answer)
        assert altered or by_hand or (write in MONEY and absent), "only money that is not found stays unknown"
        assert "admin" in problem.look_at
    else:
        assert by_hand, "somebody had done it already"
        assert woo.world.count(kind) == 0


@pytest.mark.parametrize("write", MONEY, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", ["the answer is lost", "504 after", "half an answer", "a web page", "too slow"])
def test_a_lost_refund_is_found_by_its_mark(woo: Any, write: Callable[..., Any], name: str) -> None:
    on, call, _ = write(woo)
    inject(woo, on, name)
    found = call()
    assert found == call()
    assert woo.world.count("paid") == 1
    assert [each for each, _ in woo.face.log if each.startswith("POST")] == ["POST /wp-json/wc/v3/orders/{id}/refunds"]


def test_a_refund_that_never_arrived_is_left_to_a_person(woo: Any) -> None:
    """The gateway may have paid and the shop deleted its booking: absence proves nothing, however long."""
    on, call, _ = refund(woo)
    inject(woo, on, "it never arrived")
    for _ in range(3):
        with pytest.raises(OutcomeUnknown) as caught:
            call()
        assert "payment gateway" in caught.value.look_at
        woo.world.advance(30 * 24 * 3600)
    assert [call for call, _ in woo.face.log if call.startswith("POST")] == ["POST /wp-json/wc/v3/orders/{id}/refunds"]


def test_a_refund_that_acts_late_is_found_later_and_not_sent_again(woo: Any) -> None:
    on, call, _ = refund(woo)
    inject(woo, on, "it acts late")
    with pytest.raises(OutcomeUnknown):
        call()
    woo.world.advance(60)
    assert call().amount == FIVE
    assert woo.world.count("paid") == 1


def test_the_same_refund_by_hand_is_not_taken_for_the_lost_one(woo: Any) -> None:
    """Somebody books the same sum in the admin just then, and ours never arrives."""
    order = woo.world.order()
    woo.face.faults.add(Fault("never_arrived", "POST */refunds"))
    pay = woo.face.faults.happened

    def and_by_hand(kind: str) -> None:
        pay(kind)
        with woo.world.person():
            woo.face._book(order, FIVE.amount, [], "", paid=True)

    woo.face.faults.happened = and_by_hand
    with pytest.raises(OutcomeUnknown, match="without our mark"):
        woo.shop.refunds.issue(order_id=woo.id(order), amount=FIVE, key="a")
    assert woo.world.count("paid") == 0


def test_a_refund_on_its_way_at_the_gateway_is_waited_for(woo: Any) -> None:
    """The shop books first and sets our mark last: what is seen in between is not yet ours, and not absent."""
    order = woo.world.order()
    woo.face.faults.add(Fault("lost_answer", "POST */refunds"))
    pay, state = woo.face.pay_back, {}

    def half_done(request: Any, id: str) -> Any:
        reply = pay(request, id)
        (refund,) = woo.world.data.refunds.values()
        state["meta"], refund.extra["meta"], refund.extra["paid"] = refund.extra["meta"], [], False
        return reply

    woo.face.pay_back = half_done
    with pytest.raises(OutcomeUnknown, match="may still be paying"):
        woo.shop.refunds.issue(order_id=woo.id(order), amount=FIVE, key="a")
    (refund,) = woo.world.data.refunds.values()
    refund.extra |= {"meta": state["meta"], "paid": True}
    assert woo.shop.refunds.issue(order_id=woo.id(order), amount=FIVE, key="a").id.endswith(woo.id(refund))
    assert woo.world.count("paid") == 1


def test_two_lost_notes_with_the_same_words_are_two(woo: Any) -> None:
    order = woo.id(woo.world.order())
    woo.face.faults.add(Fault("lost_answer", "POST */notes", times=2))
    ids = {woo.shop.messages.reply(order, "Tomorrow.", key=key).id for key in "ab"}
    assert ids == {each.id for each in woo.shop.messages.messages(order)}
    assert len(ids) == 2


def test_an_older_note_with_the_same_words_is_not_taken_for_the_lost_one(woo: Any) -> None:
    order = woo.id(woo.world.order())
    first = woo.shop.messages.reply(order, "Tomorrow.", key="a")
    woo.face.faults.add(Fault("never_arrived", "POST */notes"))
    assert woo.shop.messages.reply(order, "Tomorrow.", key="b").id != first.id
    assert woo.world.count("message") == 2


def test_a_refused_repeat_of_an_answer_is_no_word_about_the_first_attempt(woo: Any) -> None:
    """WordPress refuses the same words again (comment_duplicate): they may be ours, come late."""
    review = woo.world.review()
    woo.face.faults.add(Fault("never_arrived", "POST */comments"))

    def by_somebody_else() -> None:
        with woo.world.person():
            woo.world.answer_review(review, "Sorry.")

    woo.world.later(400, by_somebody_else)  # after absence was proof, before it is sent again
    add = woo.face.add_comment

    def late(request: Any) -> Any:
        woo.world.advance(400)
        return add(request)

    woo.face.add_comment = late
    answered = woo.shop.reviews.reply(woo.id(review), "Sorry.", key="a")
    assert answered.reply.text == "Sorry."
    assert ("POST /wp-json/wp/v2/comments", 409) in woo.face.log
    assert woo.world.count("review.reply") == 0


def test_an_answer_that_was_altered_is_not_sent_again(woo: Any) -> None:
    review = woo.world.review()
    woo.face.faults.add(Fault("lost_answer", "POST */comments"))
    woo.face.faults.add(Fault("text_altered", "POST */comments"))
    with pytest.raises(OutcomeUnknown, match="altered"):
        woo.shop.reviews.reply(woo.id(review), "Sorry.", key="a")
    assert woo.world.count("review.reply") == 1


def test_a_page_that_comes_twice_hides_nothing(woo: Any) -> None:
    buyer = woo.world.buyer()
    for n in range(150):
        woo.world.order(buyer, days_ago=n)
    woo.face.faults.add(Fault("double_page", "GET */orders", after=1))
    with pytest.raises(BadAnswer, match="twice"):
        list(woo.shop.orders.list())
    assert len(list(woo.shop.orders.list())) == 150
