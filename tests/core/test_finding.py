"""Finding a lost write: what is ours, what is not, and when nobody can tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from sellercare.calls import read
from sellercare.errors import BadAnswer, OutcomeUnknown
from sellercare.finding import in_rows, in_state, same_content
from sellercare.models import LineQuantity, Message, Money, OpenReturn, Refund, Reply, Return, ReturnKind, ReturnLine
from sellercare.writes import Found, Search

SENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def row(id, text="Hello", minutes=0):
    return {"id": id, "text": text, "created_at": (SENT + timedelta(minutes=minutes)).isoformat()}


def look(rows, *, before=(), taken=(), sure=False):
    search = Search(before=None if before is None else list(before), kept={}, sent_at=SENT, taken=frozenset(taken))
    return in_rows(rows, search, lambda each: each["text"] == "Hello", sure=sure)


def test_a_new_row_with_our_content_is_ours():
    assert look([row("b"), row("a")], before=["a"]) == Found("b", row("b"))


def test_what_was_there_or_belongs_to_another_write_is_not():
    assert look([row("b"), row("a")], before=["a"], taken=["b"]) is None


def test_what_is_older_than_the_write_is_not_even_without_a_before():
    assert look([row("a", minutes=-11)], before=None) is None
    assert look([row("a", minutes=-9)], before=None).id == "a"


def test_what_is_older_and_was_not_there_before_may_be_ours_under_a_clock_that_was_ahead():
    with pytest.raises(OutcomeUnknown, match="a clock may be wrong"):
        look([row("b", minutes=-60), row("a", minutes=-90)], before=["a"])
    assert look([row("b", "Other", minutes=-60), row("a", minutes=-90)], before=["a"]) is None
    assert look([row("b", minutes=-60)], before=[], taken=["b"]) is None
    assert look([row("b", minutes=-60)], before=None, sure=True).id == "b"


def test_of_two_the_older_is_taken():
    assert look([row("c"), row("b")]).id == "b"


def test_something_new_that_differs_may_be_ours_altered():
    with pytest.raises(OutcomeUnknown, match="altered"):
        look([row("b", "Hell0")])
    assert look([row("b", "Hell0")], sure=True) is None


def test_an_id_may_be_a_number_and_be_called_otherwise():
    shown = [row("x") | {"no": 7}, row("y") | {"no": 6}]
    search = Search(before=[6], kept={}, sent_at=SENT)
    assert in_rows(shown, search, lambda each: each["text"] == "Hello", id="no") == Found("7", shown[0])


def test_a_state_is_found_within_an_answer():
    answers = [{"data": {"no": 7, "status": "open"}}, {"data": {"no": 7, "status": "open"}}]
    ctx = SimpleNamespace(read=lambda call: answers.pop(0))
    find, before = in_state(
        ctx, read("/t/7"), lambda each: each["status"] == "shut", ["status"], within="data", id="no"
    )
    search = Search(before=before(), kept={}, sent_at=SENT)
    assert find(search) is None
    answers.append({"data": {"no": 7, "status": "shut"}})
    assert find(search) == Found("7", {"no": 7, "status": "shut"})
    answers.append({"data": {"no": 7, "status": "lost"}})
    with pytest.raises(OutcomeUnknown, match="changed since"):
        find(search)
    answers.append({"error": "?"})
    with pytest.raises(BadAnswer, match="data"):
        find(search)


def test_content_is_text_amount_and_lines_as_far_as_they_were_asked_for():
    said = Message(id="m", thread_id="t", text="Hello")
    assert same_content(said, Reply(thread_id="t", text="Hello"))
    assert not same_content(said, Reply(thread_id="t", text="Hello!"))
    five = Refund(id="r", amount=Money(amount=Decimal("5.00"), currency="EUR"))
    asked = Refund(id=None, amount=Money(amount=Decimal("5.0"), currency="EUR"))
    assert same_content(five, asked)
    assert not same_content(five, asked.model_copy(update={"amount": Money(amount=Decimal(5), currency="PLN")}))
    opened = Return(id="x", lines=(ReturnLine(id="1", order_line_id="l1", quantity=Decimal(2)),))

    def wanted(**line):
        return OpenReturn(order_id="o", lines=(LineQuantity(id="l1", **line),))

    assert same_content(opened, wanted())
    assert same_content(opened, wanted(quantity=Decimal(2)))
    assert not same_content(opened, wanted(quantity=Decimal(1)))
    assert not same_content(Return(id="x"), wanted())
    claim = opened.model_copy(update={"kind": ReturnKind.CLAIM})
    assert not same_content(claim, wanted())
    assert same_content(claim, wanted().model_copy(update={"kind": ReturnKind.CLAIM}))
    assert same_content(claim.model_copy(update={"kind": ReturnKind.UNKNOWN}), wanted())
