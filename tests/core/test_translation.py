"""A payload that is not as expected gives an error with the place in it, and no buyer's data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.errors import BadAnswer, NotFound
from sellercare.models import Buyer, Order, Thread
from sellercare.translation import at_path, decimal, identity, instant, instant_or_none, money_of, translated


def thread(row: Any) -> Thread:
    return Thread(
        id=row["id"],
        buyer=Buyer(login=row["buyer"].get("login")),
        updated_at=instant(row["last"]["at"]),
        parties=tuple(each["role"] for each in row["people"]),
    )


GOOD: dict[str, Any] = {
    "id": "t1",
    "buyer": {"login": "ada"},
    "last": {"at": "2026-01-02T03:04:05Z"},
    "people": [{"role": "buyer"}, {"role": "seller"}],
}


def test_a_good_payload_is_translated_as_it_is() -> None:
    assert translated(thread, GOOD).updated_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": ...}, "$.id"),
        ({"id": 5}, "$.id"),
        ({"id": None}, "$.id"),
        ({"buyer": None}, "$.buyer"),
        ({"buyer": "ada"}, "$.buyer"),
        ({"buyer": {"login": 7}}, "$.buyer.login"),
        ({"last": {}}, "$.last.at"),
        ({"last": {"at": "yesterday"}}, "$.last.at"),
        ({"last": {"at": "2026-01-02T03:04:05"}}, "$.last.at"),
        ({"people": None}, "$.people"),
        ({"people": [{"role": "buyer"}, {}]}, "$.people[1].role"),
        ({"people": [{"role": "buyer"}, {"role": "king"}]}, "$.people[1].role"),
    ],
)
def test_the_error_names_the_place(change: dict[str, Any], path: str) -> None:
    row = {name: value for name, value in (GOOD | change).items() if value is not ...}
    with pytest.raises(BadAnswer) as caught:
        translated(thread, row, "GET /threads", "$")
    assert caught.value.path == path
    assert str(caught.value).startswith("GET /threads: ")


def order(pair: Any) -> Order:
    row, currency = pair
    note = row.get("note")
    return Order(id=row["orderId"], number=row["no"], site=currency, native_state=note)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"orderId": None}, "$.orderId"),  # and no note, which may be
        ({"no": {}}, "$.no"),
        ({"no": {}, "orderId": {}}, "$.orderId"),
        ({"orderId": []}, "$.orderId"),
    ],
)
def test_of_several_places_that_hold_the_same_the_one_is_named_that_is_wrong(change: Any, path: str) -> None:
    row = {"orderId": "o1", "no": "7", "note": None, "more": None} | change
    with pytest.raises(BadAnswer) as caught:
        translated(order, (row, "EUR"))
    assert caught.value.path == path


def test_the_error_holds_no_buyers_data() -> None:
    with pytest.raises(BadAnswer) as caught:
        translated(thread, GOOD | {"buyer": {"login": {"secret": "ada lovelace"}}})
    assert "ada" not in repr(caught.value) + str(caught.value) + str(caught.value.__cause__)


def test_our_own_errors_pass() -> None:
    def missing(row: Any) -> None:
        raise NotFound("There is none.")

    with pytest.raises(NotFound):
        translated(missing, {})


def test_a_defect_of_ours_is_not_blamed_on_the_platform() -> None:
    def broken(row: Any) -> None:
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        translated(broken, {})


def test_a_dotted_path() -> None:
    assert at_path({"a": {"b": [1]}}, "a.b") == [1]
    assert at_path([1], "") == [1]
    with pytest.raises(BadAnswer) as caught:
        at_path({"a": {}}, "a.b", "GET /x")
    assert caught.value.path == "$.a.b"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "login", "at", "role"]), inner),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, _JSON)) | _JSON)
def test_any_payload_is_a_model_or_an_error_with_a_path(payload: Any) -> None:
    path = "$"
    try:
        translated(thread, payload)
    except BadAnswer as error:
        path = error.path
    assert path.startswith("$")


_ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=_ZONES))
def test_a_time_with_a_zone_is_the_same_moment_in_utc(moment: datetime) -> None:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:  # the first or last day that Python knows, in another zone
        return
    read = instant(moment.isoformat())
    assert read == moment
    assert (read.tzinfo, read.replace(tzinfo=None)) == (UTC, in_utc.replace(tzinfo=None))


def test_times_that_are_not_there() -> None:
    assert instant_or_none(None) is None
    assert instant_or_none("") is None
    with pytest.raises(ValueError, match="has no zone"):
        instant("2026-01-02T03:04:05")


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_or_its_text_is_exact(number: Decimal) -> None:
    assert decimal(number) == decimal(str(number)) == number


@pytest.mark.parametrize("value", [True, None, [], 1.5, "NaN", "Infinity", "-inf", "12,50", "", Decimal("NaN")])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError, match="number"):
        decimal(value)


def test_money_is_what_was_written_digit_for_digit() -> None:
    for text in ("1.0", "1.00", "1", "0.00"):
        assert str(money_of(text, "EUR").amount) == text
        assert str(money_of(Decimal(text), "EUR").amount) == text
    assert money_of("1.00", "EUR") is money_of("1.00", "EUR")
    assert money_of("1.00", "USD").currency == "USD"
    assert money_of(1, "EUR").amount == 1


@pytest.mark.parametrize("value", ["", "ten", "NaN", "Infinity", True, None, [], 1.5])
def test_what_is_no_amount_makes_no_money(value: Any) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match=r"number"):
            money_of(value, "EUR")
    with pytest.raises(ValueError, match="currency"):
        money_of("1.00", "euro")


def test_an_id_is_a_text_that_is_not_empty() -> None:
    assert (identity("a-1"), identity(7), identity(" ")) == ("a-1", "7", " ")
    for nothing in ("", None, True, 1.5, {}):
        with pytest.raises((TypeError, ValueError)):
            identity(nothing)


@pytest.mark.parametrize("number", ["1E+999999999", "1E-999999999", "Infinity", "NaN", "1E+61"])
def test_a_number_that_nobody_could_mean_is_none(number: str) -> None:
    with pytest.raises(ValueError, match="not a number that anybody could mean"):
        decimal(number)
    assert decimal("1E+20") == 10**20
