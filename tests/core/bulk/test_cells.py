"""Ids that a spreadsheet has spoiled and amounts that can be read in two ways are refused, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.bulk.cells import clean_id, decimal_of, exact_money, plain_text


@pytest.mark.parametrize(
    "spoiled", ["1.15E+18", "1,15E+18", "1.15e18", "1E+18", "####", "########", "1150.0", "1150,00", "-1E+05"]
)
def test_ids_that_a_spreadsheet_has_spoiled(spoiled: str) -> None:
    with pytest.raises(ValueError, match="is "):
        clean_id(spoiled)


@pytest.mark.parametrize("fine", ["1150000000000000001", "00123", "12E5", "a#1", "1.15", "thr-1_2:3", "gid://x/1", "½"])
def test_ids_that_are_fine(fine: str) -> None:
    assert clean_id(f" {fine}\u00a0") == fine


def test_an_invisible_character_is_refused() -> None:
    with pytest.raises(ValueError, match="invisible"):
        clean_id("12\u200b3")


def test_leading_zeros_matter_where_the_adapter_says_so() -> None:
    assert clean_id("00123", r"[0-9]{5}") == "00123"
    with pytest.raises(ValueError, match="leading zeros"):
        clean_id("123", r"[0-9]{5}")
    with pytest.raises(ValueError, match="not how this platform writes"):
        clean_id("abc", r"[0-9]{5}")


@pytest.mark.parametrize(
    ("written", "comma", "means"),
    [("12.50", False, "12.50"), ("12,50", True, "12.50"), (" 7 ", False, "7"), ("0.5", True, "0.5"), (12, False, "12")],
)
def test_amounts_that_are_clear(written: object, comma: bool, means: str) -> None:
    assert decimal_of(written, comma=comma) == Decimal(means)


@pytest.mark.parametrize(
    ("written", "comma"),
    [
        ("12,50", False),
        ("1.234,50", True),
        ("1,234.50", False),
        ("1 234.50", False),
        ("1'234", False),
        ("1,234,567", True),
        ("12.50 EUR", False),
        ("1e3", False),
        ("+5", False),
        ("٣", False),
        ("", False),
        ("9" * 40, False),
        ("12.", False),
        (".5", False),
        ("NaN", False),
    ],
)
def test_amounts_that_are_not(written: str, comma: bool) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        decimal_of(written, comma=comma)


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("0", "EUR", "above zero"),
        ("-5", "EUR", "above zero"),
        ("0.00", "EUR", "above zero"),
        ("1.005", "EUR", "more decimals than EUR has"),
        ("1.5", "JPY", "more decimals than JPY has"),
        ("1.234", "EUR", "more decimals"),
        ("5", "", "no currency"),
        ("5", "XYZ", "not a currency"),
        ("2.500", "EUR", "two ways"),
        ("1.000", "JPY", "two ways"),
    ],
)
def test_money_that_cannot_move(amount: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        exact_money(amount, currency, comma=False)


def test_thousands_are_not_taken_for_decimals() -> None:
    with pytest.raises(ValueError, match="two ways"):
        exact_money("2,500", "EUR", comma=True)
    assert exact_money("2.500", "KWD", comma=False).amount == Decimal("2.5")
    assert exact_money(Decimal("2.500"), "EUR", comma=False).amount == Decimal("2.5")  # a number of JSON is clear


@given(st.decimals(min_value="0.01", max_value="999999", places=2, allow_nan=False))
def test_every_exact_amount_is_read_as_it_is_written(amount: Decimal) -> None:
    assert exact_money(str(amount), "EUR", comma=False).amount == amount
    assert exact_money(str(amount).replace(".", ","), "EUR", comma=True).amount == amount
    assert exact_money(amount, "EUR", comma=False).amount == amount


def test_a_truth_value_is_no_text() -> None:
    with pytest.raises(ValueError, match="neither text nor a number"):
        plain_text(True)


def test_half_a_letter_is_no_text() -> None:
    with pytest.raises(ValueError, match="half a character"):
        plain_text("a smile: \ud83d")
    assert plain_text("a smile: \U0001f642") == "a smile: \U0001f642"
