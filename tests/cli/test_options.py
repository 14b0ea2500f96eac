"""Values that people type: amounts, lines, moments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.cli.options import LINE, WHEN, money
from sellercare.models import Money


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("12.50 EUR", "12.50", "EUR"),
        ("12.50EUR", "12.50", "EUR"),
        ("EUR 12.50", "12.50", "EUR"),
        (" 12 pln ", "12", "PLN"),
        ("1500 JPY", "1500", "JPY"),
        ("1.234 KWD", "1.234", "KWD"),
    ],
)
def test_an_amount_with_its_currency(text: str, amount: str, currency: str) -> None:
    assert money(text) == Money(amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("12,50 EUR", "not clear"),
        ("1.234,50 EUR", "not clear"),
        ("1 234.50 EUR", "not clear"),
        ("12.50", "currency"),
        ("EUR 12.50 EUR", "currency"),
        ("-1 EUR", "more than zero"),
        ("0 EUR", "more than zero"),
        ("0.00 EUR", "more than zero"),
        ("1.005 EUR", "more decimals than EUR"),
        ("10.5 JPY", "more decimals than JPY"),
        ("2.500 EUR", "not clear"),
        ("1.000 JPY", "not clear"),
        ("10 XXQ", "not a currency"),
        ("1E+3 EUR", "Write it like"),
        ("NaN EUR", "Write it like"),
        ("€12", "Write it like"),
        ("", "Write it like"),
    ],
)
def test_an_amount_that_is_not_clear_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        money(text)


@given(st.text(max_size=30))
def test_any_text_is_money_or_a_sentence(text: str) -> None:
    try:
        found = money(text)
    except ValueError as error:
        sentence = str(error)
    else:
        sentence = "."
        assert found.amount > 0
        assert found.is_exact
    assert sentence.endswith(".")


def test_a_line_with_pieces_or_a_sum() -> None:
    assert LINE.convert("abc", None, None).quantity is None
    assert LINE.convert("abc=2", None, None).quantity == 2
    assert LINE.convert("a=b=2", None, None).id == "a=b"
    assert LINE.convert("abc=2.50 EUR", None, None).amount == Money(amount=Decimal("2.50"), currency="EUR")
    for wrong in ("=2", "abc=0", "abc=-1 EUR", "abc=many", "abc="):
        with pytest.raises(click.UsageError):
            LINE.convert(wrong, None, None)


def test_a_moment_without_a_zone_is_utc() -> None:
    assert WHEN.convert("2025-03-01", None, None) == datetime(2025, 3, 1, tzinfo=UTC)
    assert WHEN.convert("2025-03-01T14:00+01:00", None, None) == datetime(2025, 3, 1, 13, tzinfo=UTC)
    assert WHEN.convert("7d", None, None).tzinfo is not None
    with pytest.raises(click.UsageError, match="2025-03-01"):
        WHEN.convert("last week", None, None)
