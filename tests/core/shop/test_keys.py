"""What makes two wishes the same: a key as people see it, and a content as they mean it."""

from __future__ import annotations

import copy
import pickle
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import BadInput, KeyConflict, Unavailable
from sellercare.journal.fingerprint import as_written, fingerprint
from sellercare.models import IssueRefund, LineQuantity, Money, RefundOption, Reply, StartThread, Upload
from sellercare.shop import Shop

from .conftest import TinyRefunds

REFUND = "refunds.issue"


def _eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def _refund(**more: Any) -> str:
    return fingerprint(REFUND, IssueRefund(order_id="o1", **more))


def _lines(*lines: LineQuantity) -> str:
    return _refund(lines=lines)


@pytest.mark.parametrize("amount", ["5", "5.0", "5.00", "5.000", "0.5E+1", "05"])
def test_an_amount_is_the_same_however_it_is_written(amount: str) -> None:
    assert _refund(amount=_eur(amount)) == _refund(amount=_eur("5.00"))


@pytest.mark.parametrize(
    "other",
    [{"amount": _eur("5.01")}, {"amount": _eur("50")}, {"amount": _eur("5.001")}, {"amount": _eur("-5")}, {}]
    + [{"amount": Money(amount=Decimal(5), currency=code)} for code in ("USD", "JPY", "XXQ")]
    + [{"amount": _eur("5"), name: "x"} for name in ("note", "reason", "option_id", "return_id")],
    ids=repr,
)
def test_another_wish_is_another_content(other: dict[str, Any]) -> None:
    assert _refund(**other) != _refund(amount=_eur("5"))


def test_the_order_of_lines_and_how_their_pieces_are_written_says_nothing() -> None:
    one, two = LineQuantity(id="l1", quantity=Decimal(1)), LineQuantity(id="l2", quantity=Decimal("2.0"))
    assert _lines(one, two) == _lines(LineQuantity(id="l2", quantity=Decimal(2)), one)
    assert _lines(one, two) != _lines(one)
    assert _lines(one) != _lines(LineQuantity(id="l1", quantity=Decimal(10)))
    assert _lines(one) != _lines(LineQuantity(id="l1"))


def test_a_file_is_known_by_what_is_in_it() -> None:
    def reply(data: bytes) -> str:
        return fingerprint("messages.reply", _with(data))

    assert reply(b"one") == reply(b"one")
    assert reply(b"one") != reply(b"two")


def _with(data: bytes) -> Reply:
    return Reply(thread_id="t1", text="See the label.", attachments=(Upload.of("label.pdf", "application/pdf", data),))


def test_the_order_of_fields_says_nothing() -> None:
    both = {"colour": "red", "size": "L"}
    fields = [fingerprint("messages.start", StartThread(order_id="o1", fields=dict(pairs))) for pairs in _orders(both)]
    assert fields[0] == fields[1]


def _orders(fields: dict[str, str]) -> list[list[tuple[str, str]]]:
    pairs = list(fields.items())
    return [pairs, pairs[::-1]]


def test_an_amount_of_a_billion_digits_takes_no_room() -> None:
    assert _refund(amount=_eur("1E+999999999")) != _refund(amount=_eur("1E+999999998"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_key_is_the_same_in_both_encodings_of_its_letters(tiny: Shop, form: Any) -> None:
    command = Reply(thread_id="t1", text="hello")
    checked = tiny.check("messages.reply", command, key=unicodedata.normalize(form, "café-1"), offline=True)
    assert checked.key == "caf\u00e9-1"


@pytest.mark.parametrize("key", [" k1", "k1 ", "k\x001", "k\n1", "k\u200b1", "k\u00a01", "k\ud8001", "k" * 251])
def test_a_key_that_cannot_be_kept_or_seen_is_refused(tiny: Shop, key: str) -> None:
    with pytest.raises(BadInput) as caught:
        tiny.check("messages.reply", Reply(thread_id="t1", text="hello"), key=key, offline=True)
    assert caught.value.field == "key"


def test_a_text_that_no_database_takes_is_refused(tiny: Shop) -> None:
    with pytest.raises(BadInput):
        tiny.messages.reply("t1", "half a letter: \ud800", key="k1")


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_a_shop_is_not_carried_to_another_process(tiny: Shop, copied: Any) -> None:
    with pytest.raises(TypeError):
        copied(tiny)


def test_a_key_that_an_earlier_version_kept_as_it_was_written_is_known(tiny: Shop) -> None:
    command, key = Reply(thread_id="t1", text="hello"), "cafe\u0301-1"
    mark = fingerprint("messages.reply", command)
    content = command.model_dump(mode="json")
    named = {"account": tiny.account_name, "verb": "messages.reply", "target": command.target}
    intent = tiny.journal.record(**named, key=key, fingerprint=mark, content=content)
    assert tiny.store.intents.take(intent.id, "me", 60, alone=False)
    tiny.store.intents.confirm(intent.id, "send", None, "m1", "")
    known = tiny.check("messages.reply", command, key=key, offline=True).known
    assert known is not None
    assert known.native_id == "m1"


def _paid(shop: Shop, amount: str) -> None:
    """A refund that cannot leave: nobody is there. What the journal says of its key comes before that."""
    command = IssueRefund(order_id="o1", amount=Money(amount=Decimal(amount), currency="EUR"))
    with pytest.raises(Unavailable):
        raise shop.write("refunds.issue", command, key="k").error or AssertionError


def test_one_key_takes_equal_amounts_for_the_same_write(tiny: Shop) -> None:
    TinyRefunds.options = [RefundOption(id="card", title="card", through="payment", order_id="o1", most=_eur("50.00"))]
    for amount in ("5.00", "5", "5.0"):
        _paid(tiny, amount)
    with pytest.raises(KeyConflict):
        _paid(tiny, "5.01")


def test_what_an_earlier_version_recorded_as_it_was_written_is_the_same_write(
    tiny: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    TinyRefunds.options = [RefundOption(id="card", title="card", through="payment", order_id="o1", most=_eur("50.00"))]
    with monkeypatch.context() as before:
        before.setattr("sellercare.shop.draft.fingerprint", as_written)
        _paid(tiny, "5")
    _paid(tiny, "5")
    with pytest.raises(KeyConflict):
        _paid(tiny, "6")
