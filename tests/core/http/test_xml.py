"""Answers in XML: read like JSON, by single reads and listings alike, and never believed when they are spoiled."""

from __future__ import annotations

import pytest
import responses

from sellercare import calls
from sellercare.calls import Listing
from sellercare.errors import BadAnswer
from sellercare.http import OnePage, walk
from sellercare.interfaces import Context

from .market import BASE, MarketSettings

LISTS = frozenset({"rows.row"})
ROWS = calls.read("/rows", expect="xml", lists=LISTS)
TWO = b"<result><rows><row><id>1</id></row><row><id>2</id></row></rows></result>"


def listing() -> Listing:
    return Listing(ROWS, "result.rows.row", lambda row: row["id"], OnePage())


def test_a_listing_walks_it(market) -> None:
    with responses.RequestsMock() as platform:
        platform.get(f"{BASE}/rows", body=TWO)
        assert list(walk(market(), listing())) == ["1", "2"]


@pytest.mark.parametrize("body", [b"<result><rows/></result>", b"<result><rows></rows></result>"])
def test_an_empty_list_is_one(market, body: bytes) -> None:
    with responses.RequestsMock() as platform:
        platform.get(f"{BASE}/rows", body=body)
        assert list(walk(market(), listing())) == []


def test_a_row_that_lacks_something_is_named(market) -> None:
    with responses.RequestsMock() as platform:
        platform.get(f"{BASE}/rows", body=TWO.replace(b"<id>2</id>", b"<name>2</name>"))
        with pytest.raises(BadAnswer) as caught:
            list(walk(market(), listing()))
    assert caught.value.path == "$.result.rows.row[1].id"


def test_a_single_read_gets_the_document(market, clock) -> None:
    with responses.RequestsMock() as platform:
        platform.get(f"{BASE}/rows", body="<a>é</a>".encode("latin-1"), content_type="text/xml;charset=ISO-8859-1")
        ctx = Context(market(), MarketSettings(), "", clock)
        assert ctx.read(calls.read("/rows", expect="xml")) == {"a": "é"}


@pytest.mark.parametrize("spoiled", [TWO[:30], b"<!DOCTYPE html><html></html>", b"{}", b""])
def test_a_spoiled_answer_is_asked_for_again(market, spoiled: bytes) -> None:
    with responses.RequestsMock() as platform:
        platform.get(f"{BASE}/rows", body=spoiled)
        platform.get(f"{BASE}/rows", body=TWO)
        assert list(walk(market(), listing())) == ["1", "2"]


def test_one_that_stays_spoiled_is_an_error(market) -> None:
    with responses.RequestsMock() as platform:
        platform.get(f"{BASE}/rows", body=b"<!DOCTYPE html><html></html>")
        with pytest.raises(BadAnswer, match="GET /rows: the answer is not a complete XML document"):
            market().read(ROWS)
        assert len(platform.calls) == 3


def test_the_answer_to_a_write_is_read_by_its_step() -> None:
    answer = calls.Answer(200, {"Content-Type": "text/xml;charset=iso-8859-1"}, b"<a><b>\xe9</b></a>", "GET /x")
    assert answer.xml(frozenset({"a.b"})) == {"a": {"b": ["é"]}}
    with pytest.raises(BadAnswer, match="GET /x: "):
        calls.Answer(200, {}, b"<a>", "GET /x").xml()
