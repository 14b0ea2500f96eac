"""Calls as adapters describe them: ids never become another path, and money never becomes a float."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.calls import Answer, parse_json, read, to_json
from sellercare.errors import BadAnswer


@given(st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_an_id_is_one_segment_of_the_path(thread_id: str) -> None:
    try:
        path = read("/threads/{id}/messages", ids={"id": thread_id}).full_path()
    except UnicodeEncodeError:  # half a surrogate pair is no text
        return
    assert path.count("/") == 3
    assert "?" not in path
    assert "#" not in path
    assert unquote(path.split("/")[2]) == thread_id


@pytest.mark.parametrize("nothing", ["", ".", ".."])
def test_what_is_no_id_is_refused(nothing: str) -> None:
    with pytest.raises(ValueError, match="is not an id"):
        read("/threads/{id}", ids={"id": nothing}).full_path()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_fractions_keep_every_digit(amount: Decimal) -> None:
    read_back = parse_json(f'{{"amount": {amount:f}}}')["amount"]
    assert read_back == amount
    assert parse_json(to_json({"amount": Decimal(amount)}))["amount"] == amount


def test_a_number_that_a_float_would_spoil() -> None:
    assert parse_json(b"[0.1, 1.10, 123456789012345678.01]") == [
        Decimal("0.1"),
        Decimal("1.10"),
        Decimal("123456789012345678.01"),
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html>", "HTML or XML"),
        (b'{"threads": [', "not a complete JSON document"),
        (b"\xff\xfe", "not a complete JSON document"),
    ],
)
def test_an_answer_that_is_no_document(body: bytes, says: str) -> None:
    with pytest.raises(BadAnswer, match=says) as caught:
        Answer(200, {}, body, where="GET /threads", request_id="r1").json()
    assert (caught.value.status, caught.value.request_id) == (200, "r1")


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id":' * 100_000, "nested too deeply"),
        (b'"\\ud800"', "truncated"),
        (b"[" + b"1" * 5000 + b"]", "out of range"),
        (b"[1e-999999999999999999999]", "beyond all measure"),
    ],
    ids=["lists", "objects", "half a letter", "digits", "exponent"],
)
def test_what_no_document_should_hold_is_a_document_that_cannot_be_read(document: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_json(document)
