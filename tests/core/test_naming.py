"""Translation by name: what is called the same becomes a model, or an error that names the place."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.errors import BadAnswer
from sellercare.models import Message, Order, OrderState, Refund, Return, Review
from sellercare.naming import by_name
from sellercare.translation import translated

ORDER = {
    "id": "o1",
    "state": "paid",
    "created_at": "2026-03-01T10:00:00+02:00",
    "total": {"amount": "12.50", "currency": "EUR"},
    "lines": [{"id": "l1", "kind": "item", "quantity": 2, "price": {"amount": "6.25", "currency": "EUR"}, "new": 1}],
    "buyer": {"login": "ada", "loyalty": "gold"},
    "unknown_to_us": {"a": 1},
}


def test_names_words_times_money_and_parts():
    order = by_name(Order, ORDER)
    assert (order.state, order.native_state) == (OrderState.PAID, "paid")
    assert order.created_at == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    assert (order.total.amount, order.lines[0].quantity) == (Decimal("12.50"), Decimal(2))
    assert order.buyer.login == "ada"
    assert order.raw is ORDER


def test_a_word_that_nobody_knows_is_kept():
    order = by_name(Order, ORDER | {"state": "teleported"})
    assert (order.state, order.native_state) == (OrderState.UNKNOWN, "teleported")


def test_given_fields_win():
    assert by_name(Order, ORDER, number="A-1", state=OrderState.OPEN).number == "A-1"


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"state": "paid"}, "$.id"),
        (ORDER | {"created_at": "2026-03-01T10:00:00"}, "$.created_at"),
        (ORDER | {"lines": [{"kind": "item"}]}, "$.lines[0].id"),
        (ORDER | {"total": {"currency": "EUR"}}, "$.total.amount"),
        (ORDER | {"total": {"amount": "NaN", "currency": "EUR"}}, "$.total.amount"),
        (ORDER | {"lines": "none"}, "$.lines"),
    ],
)
def test_what_is_missing_or_wrong_is_named(row, path):
    with pytest.raises(BadAnswer) as wrong:
        translated(lambda payload: by_name(Order, payload), row)
    assert wrong.value.path == path


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(model=st.sampled_from([Order, Message, Return, Refund, Review]), data=st.data())
def test_any_answer_is_a_model_or_an_error_with_a_path(model, data):
    names = st.sampled_from(sorted(set(model.model_fields) - {"raw"}))
    row = data.draw(st.dictionaries(names, json_values, max_size=6))
    path = ""
    try:
        found = translated(lambda payload: by_name(model, payload), row)
    except BadAnswer as error:
        path = error.path
    assert path.startswith("$") or isinstance(found, model)
