"""What the translation promises beyond the recorded answers: exact money, unknown words, missing fields."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.errors import BadAnswer
from sellercare.models import OrderState, RefundState, ReturnState
from sellercare.translation import translated
from sellercare_adapters.medusa import translate

ORDER: dict[str, Any] = {
    "id": "order_1",
    "display_id": 7,
    "status": "pending",
    "payment_status": "captured",
    "fulfillment_status": "not_fulfilled",
    "currency_code": "eur",
    "total": 12,
    "created_at": "2026-11-22T10:45:26.822Z",
    "updated_at": "2026-11-22T10:45:26.822Z",
}
REFUND: dict[str, Any] = {"id": "ref_1", "payment_id": "pay_1", "amount": 5, "note": None}
RETURN: dict[str, Any] = {
    "id": "return_1",
    "order_id": "order_1",
    "display_id": 1,
    "status": "requested",
    "created_at": "2026-11-22T10:45:26.822Z",
    "updated_at": "2026-11-22T10:45:26.822Z",
    "items": [],
}
REVIEW: dict[str, Any] = {
    "id": "prev_1",
    "status": "approved",
    "product_id": "prod_1",
    "order_id": None,
    "rating": 5,
    "name": None,
    "email": None,
    "content": None,
    "created_at": "2026-11-22T10:45:26.822Z",
    "updated_at": "2026-11-22T10:45:26.822Z",
    "response": None,
}

amounts = st.decimals(min_value=Decimal("0.00000000000000000001"), max_value=10**12, places=20)


@given(amounts)
def test_the_exact_twin_wins_over_the_number(amount: Decimal) -> None:
    row = REFUND | {"amount": 1, "raw_amount": {"value": str(amount), "precision": 20}}
    assert translate.money(row, "amount", "eur").amount == amount


def test_without_a_twin_the_number_counts() -> None:
    refund = translate.refund(REFUND | {"amount": Decimal("85.5")}, "eur")  # type: ignore[arg-type] # a test's row
    assert str(refund.amount) == "85.50 EUR"


@given(amounts, st.sampled_from([("eur", 2), ("jpy", 0), ("kwd", 3)]))
def test_what_is_payable_has_the_currencys_decimals_and_never_more_than_there_is(
    amount: Decimal, currency: tuple[str, int]
) -> None:
    code, decimals = currency
    payable = translate.payable(amount, code)
    assert payable <= amount
    assert amount - payable < Decimal(1).scaleb(-decimals)
    assert payable == round(payable, decimals)


@given(st.text().filter(lambda text: "[sellercare " not in text))
def test_a_note_comes_back_without_our_mark(note: str) -> None:
    key = str(uuid.uuid4())
    marked = translate.marked(note, key)
    assert marked.endswith(f"[sellercare {key}]")
    assert translate.unmarked(marked) == (note or None)


def test_a_note_of_somebody_else_stays_as_it_is() -> None:
    assert translate.unmarked("[sellercare] is great") == "[sellercare] is great"
    assert translate.unmarked(None) is None


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ({"status": "canceled"}, OrderState.CANCELLED),
        ({"fulfillment_status": "delivered"}, OrderState.DELIVERED),
        ({"fulfillment_status": "partially_shipped"}, OrderState.SHIPPED),
        ({"fulfillment_status": "shipped", "payment_status": "refunded"}, OrderState.SHIPPED),
        ({}, OrderState.PAID),
        ({"payment_status": "partially_refunded"}, OrderState.PAID),
        ({"payment_status": "authorized"}, OrderState.OPEN),
        ({"payment_status": "requires_action"}, OrderState.OPEN),
        ({"payment_status": "teleported"}, OrderState.UNKNOWN),
        ({"fulfillment_status": "teleported"}, OrderState.UNKNOWN),
    ],
)
def test_one_state_out_of_three_words(words: dict[str, str], state: OrderState) -> None:
    order = translate.order(ORDER | words)  # type: ignore[arg-type] # a test's row
    assert order.state is state
    assert all(word in (order.native_state or "") for word in words.values())


def test_a_state_that_we_have_never_seen_is_no_error() -> None:
    found = translate.return_(RETURN | {"status": "teleported"})  # type: ignore[arg-type] # a test's row
    assert (found.state, found.native_state) == (ReturnState.UNKNOWN, "teleported")


def test_a_shops_own_number_goes_before_the_servers() -> None:
    assert translate.order(ORDER | {"custom_display_id": "A-7"}).number == "A-7"  # type: ignore[arg-type] # a test's row


@pytest.mark.parametrize(
    ("way", "row", "field"),
    [
        (translate.order, ORDER, "id"),
        (translate.order, ORDER, "display_id"),
        (translate.order, ORDER, "status"),
        (translate.return_, RETURN, "id"),
        (translate.return_, RETURN, "order_id"),
        (translate.return_, RETURN, "status"),
        (translate.review, REVIEW, "id"),
        (translate.review, REVIEW, "rating"),
        (lambda row: translate.refund(row, "eur"), REFUND, "id"),
        (lambda row: translate.refund(row, "eur"), REFUND, "payment_id"),
        (lambda row: translate.refund(row, "eur"), REFUND, "amount"),
    ],
)
def test_a_missing_field_is_named(way: Any, row: dict[str, Any], field: str) -> None:
    with pytest.raises(BadAnswer) as bad:
        translated(way, {name: value for name, value in row.items() if name != field})
    assert bad.value.path == f"$.{field}"


def test_a_refund_that_the_order_does_not_know_is_pending() -> None:
    def state(booked: frozenset[str] | None) -> RefundState:
        return translate.refund(REFUND, "eur", booked=booked).state  # type: ignore[arg-type] # a test's row

    assert state(frozenset()) is RefundState.PENDING
    assert state(frozenset({"ref_1"})) is RefundState.DONE
    # Cancelling an order books its refund under the payment's id.
    assert state(frozenset({"pay_1"})) is RefundState.DONE
    assert state(None) is RefundState.DONE


def test_only_refunds_are_booked_as_refunds() -> None:
    rows: list[Any] = [
        {"reference": "capture", "reference_id": "capt_1"},
        {"reference": "refund", "reference_id": "ref_1"},
        {"reference": None, "reference_id": None},
    ]
    assert translate.booked_in(rows) == {"ref_1"}
