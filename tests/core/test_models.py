"""The common models: exact money, closed words with an unknown, one validation, nothing that changes afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sellercare import models
from sellercare.models import (
    Money,
    Order,
    Reply,
    Return,
    Review,
    Thread,
    ThreadKind,
    Upload,
    Vocabulary,
    decimals_of,
)
from sellercare.models.base import PlatformModel


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("PLN", 2), ("JPY", 0), ("KWD", 3)])
def test_currencies_have_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert decimals_of(currency) == decimals


def test_a_currency_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="not a currency"):
        decimals_of("XQX")
    with pytest.raises(ValidationError):
        Money(amount=Decimal(1), currency="eur")


@pytest.mark.parametrize(
    ("amount", "currency", "plain", "exact"),
    [
        ("12.5", "EUR", "12.50", True),
        ("1E+3", "EUR", "1000.00", True),
        ("12.505", "EUR", "12.505", False),
        ("12", "JPY", "12", True),
        ("12.5", "JPY", "12.5", False),
        ("0.001", "KWD", "0.001", True),
        ("9" * 40, "EUR", "9" * 40 + ".00", True),
        ("0.0" + "0" * 40, "EUR", "0.0" + "0" * 40, True),
        ("0.0" + "0" * 40 + "1", "EUR", "0.0" + "0" * 40 + "1", False),
    ],
)
def test_money_is_shown_as_people_write_it(amount: str, currency: str, plain: str, exact: bool) -> None:
    money = Money(amount=Decimal(amount), currency=currency)
    assert (money.plain(), money.is_exact) == (plain, exact)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_money_is_finite(amount: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount=Decimal(amount), currency="EUR")


_CENTS = st.integers(-(10**10), 10**10).map(lambda cents: Money(amount=Decimal(cents) / 100, currency="EUR"))


@given(_CENTS, _CENTS)
def test_sums_are_exact(one: Money, other: Money) -> None:
    assert (one + other) - other == one
    assert (one < other) == (one.amount < other.amount)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different currencies"):
        _ = Money(amount=Decimal(1), currency="EUR") + Money(amount=Decimal(1), currency="PLN")


def _vocabularies() -> list[type[Vocabulary]]:
    return [each for each in vars(models).values() if isinstance(each, type) and issubclass(each, Vocabulary)]


@pytest.mark.parametrize("words", [each for each in _vocabularies() if each is not Vocabulary])
def test_every_word_has_a_sentence_and_every_list_an_unknown(words: type[Vocabulary]) -> None:
    assert "unknown" in {word.value for word in words}
    for word in words:
        assert word.meaning.endswith(".")


def test_models_do_not_change_and_know_no_other_fields() -> None:
    thread = models.Thread(id="t1")
    with pytest.raises(ValidationError):
        thread.id = "t2"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        models.Thread(id="t1", colour="red")  # type: ignore[call-arg]


def test_a_rating_is_between_one_and_five() -> None:
    assert Review(id="r", rating=Decimal("4.5")).rating == Decimal("4.5")
    with pytest.raises(ValidationError):
        Review(id="r", rating=Decimal(6))


@given(st.binary(max_size=200))
def test_an_upload_survives_the_journal(data: bytes) -> None:
    reply = Reply(thread_id="t", text="x", attachments=(Upload.of("a.bin", "application/pdf", data),))
    assert Reply.model_validate_json(reply.model_dump_json()).attachments[0].data == data


def test_raw_payloads_and_files_stay_out_of_reprs() -> None:
    shown = repr(models.Thread(id="t1", raw={"secret": "ada"}, kind=ThreadKind.PRIVATE))
    assert "ada" not in shown
    assert "QQ" not in repr(Upload.of("a", "b", b"AAAA"))


@pytest.mark.parametrize("model", [Order, Thread, Return, Review, models.Message, models.Refund])
def test_what_is_asked_for_again_has_an_id(model: type[PlatformModel]) -> None:
    """By an empty one we would ask for something else, and blame the caller for it."""
    with pytest.raises(ValidationError) as caught:
        model(id="")
    assert any(each["loc"] == ("id",) and "at least 1" in each["msg"] for each in caught.value.errors())
