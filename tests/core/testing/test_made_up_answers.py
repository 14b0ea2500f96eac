"""Answers that are made up from descriptions: allowed but for words that a list may grow by, and odd in every way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from sellercare.markup import parse_xml
from sellercare.testing.answers import oddities
from sellercare.testing.description import MakesAnswers, Several, load, load_samples
from sellercare.testing.workshop import Exchange

SDL = """
type Query { order(id: ID!): Order, things: [Thing!]!, paidBy: Payment }
interface Thing { id: ID! }
union Payment = Card | Voucher
type Card { last: Int! }
type Voucher { code: String }
enum State { PAID SENT }
scalar Colour
scalar Decimal
type Order implements Thing { id: ID! total: Decimal! state: State! lines: [Line!]! placed: DateTime note: String }
type Line implements Thing { id: ID! title: String pieces: Int! colour: Colour }
scalar DateTime
"""
QUERY = """
query Everything($id: ID!, $short: Boolean!) {
  order(id: $id) { ...Head lines { title } lines { pieces colour } note @skip(if: $short) }
  things { __typename id ... on Line { pieces } ... on Thing { again: id } }
  paidBy { ... on Card { last } ... on Voucher { code } }
}
fragment Head on Order { id total state placed }
"""
REAL = {
    "order": {
        "id": "gid://1",
        "total": "12.50",
        "state": "PAID",
        "placed": None,
        "lines": [{"title": "Kettle", "pieces": 1, "colour": "#ff0000"}],
    },
    "things": [],
    "paidBy": None,
}
XSD = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:shop" xmlns="urn:shop"
           elementFormDefault="qualified">
  <xs:simpleType name="State"><xs:restriction base="xs:string">
    <xs:enumeration value="PAID"/><xs:enumeration value="SENT"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="Number"><xs:restriction base="xs:string">
    <xs:pattern value="[A-Z]{2}-[0-9]{4}"/>
  </xs:restriction></xs:simpleType>
  <xs:element name="orders"><xs:complexType><xs:sequence>
    <xs:element name="order" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence>
        <xs:element name="number" type="Number"/>
        <xs:element name="state" type="State"/>
        <xs:element name="total" type="xs:decimal"/>
        <xs:element name="placed" type="xs:dateTime" minOccurs="0" nillable="true"/>
        <xs:choice><xs:element name="card" type="xs:int"/><xs:element name="voucher" type="xs:string"/></xs:choice>
        <xs:element name="parent" minOccurs="0"><xs:complexType>
          <xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="of" type="xs:date"/></xs:extension>
        </xs:simpleContent></xs:complexType></xs:element>
      </xs:sequence>
      <xs:attribute name="id" type="xs:integer" use="required"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
ORDERS = b"""<orders xmlns="urn:shop"><order id="7"><number>AB-1234</number><state>PAID</state><total>12.50</total>
<card>4242</card></order></orders>"""


def exchange(answer: bytes, body: Any = None, kind: str = "application/json") -> Exchange:
    request = requests.Request("POST", "https://api.shop.example/v1", json=body).prepare()
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = kind
    return Exchange("POST /v1", request, response, answer)


def asked(answer: bytes) -> Exchange:
    return exchange(answer, {"query": QUERY, "variables": {"id": "gid://1", "short": True}})


@pytest.fixture
def graph(tmp_path: Path) -> Any:
    path = tmp_path / "shop.graphql"
    path.write_text(SDL, "utf-8")
    return load(path)


@pytest.fixture
def schema(tmp_path: Path) -> Any:
    path = tmp_path / "shop.xsd"
    path.write_text(XSD, "utf-8")
    return load(path)


def values(document: Any) -> Iterator[Any]:
    yield document
    inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for each in inside:
        yield from values(each)


def test_what_a_graphql_schema_allows_is_made_for_the_document_that_was_sent(graph: Any) -> None:
    real = asked(json.dumps({"data": REAL, "extensions": {"cost": 1}}).encode())
    assert graph.complaints(real) == []
    made = [json.loads(body) for body in graph.answers(real, Random(3), 200)]
    said = {each for one in made for each in graph.complaints(asked(json.dumps(one).encode()))}
    assert said, "no list has grown"
    assert {oddities.NEVER_SEEN in each for each in said} == {True}, said
    assert all(one["extensions"] == {"cost": 1} for one in made)
    assert any("errors" in one and one["data"] is None for one in made)
    assert any("errors" in one and one["data"] is not None for one in made)


def test_graphql_answers_are_odd(graph: Any) -> None:
    real = asked(json.dumps({"data": REAL}).encode())
    made = [json.loads(body)["data"] for body in graph.answers(real, Random(3), 500)]
    orders = [one["order"] for one in made if one and one["order"]]
    assert any(one is not None and one["order"] is None for one in made)
    assert any(order["lines"] == [] for order in orders)
    assert any(order["placed"] is not None for order in orders)
    assert sum(order["id"] == "gid://1" for order in orders) > len(orders) / 2, "what is real leads further in"
    assert all("note" not in order for order in orders), "it was skipped"
    lines = [line for order in orders for line in order["lines"]]
    assert {-(2**31), 2**31 - 1} <= {line["pieces"] for line in lines}
    assert any(line["title"] is None for line in lines)
    assert {each["__typename"] for one in made if one for each in one["things"]} == {"Order", "Line"}
    found = {each for each in values(made) if isinstance(each, str)}
    assert {"", "99999999999999999999.99", "9999-12-31T23:59:59-12:00", "#ff0000"} <= found


def test_a_request_that_is_no_query_gets_no_answers(graph: Any) -> None:
    assert list(graph.answers(exchange(b"{}", {"query": "{ nothing }"}), Random(1), 5)) == []
    assert list(graph.answers(exchange(b"{}"), Random(1), 5)) == []


def test_what_an_xml_schema_allows_is_made(schema: Any) -> None:
    real = exchange(ORDERS, kind="text/xml")
    assert schema.complaints(real) == []
    made = list(schema.answers(real, Random(3), 200))
    said = {each for body in made for each in schema.complaints(exchange(body, kind="text/xml"))}
    assert said, "no list has grown"
    assert {"NEVER_SEEN" in each or "State" in each or "must be one of" in each for each in said} == {True}, said
    rows = [row for body in made for row in parse_xml(body, frozenset({"orders.order"}))["orders"]["order"]]
    assert any(b"order" not in body.partition(b"orders")[2].partition(b"orders")[0] for body in made), "an empty list"
    assert {row["number"] for row in rows} == {"AB-1234"}, "nothing else is known to fit the pattern"
    assert {row["state"] for row in rows} == {"PAID", "SENT", oddities.NEVER_SEEN}
    assert {"card" in row for row in rows} == {True, False}
    assert {"placed" in row for row in rows} == {True, False}
    assert {"12.50", "99999999999999999999.99"} <= {row["total"] for row in rows}


def test_a_pattern_that_nothing_fits_is_said(schema: Any) -> None:
    other = exchange(b'<orders xmlns="urn:shop"/>', kind="text/xml")
    with pytest.raises(ValueError, match="no text is known that orders/order/number allows"):
        list(schema.answers(other, Random(3), 50))
    assert list(schema.answers(exchange(b"<other/>", kind="text/xml"), Random(3), 5)) == []


def test_of_several_files_the_one_that_knows_a_call_answers(graph: Any, schema: Any) -> None:
    both = Several((graph, schema))
    assert isinstance(both, MakesAnswers)
    assert next(both.answers(exchange(ORDERS, kind="text/xml"), Random(1), 1)).startswith(b"<?xml")
    real = asked(json.dumps({"data": REAL}).encode())
    assert len(list(islice(both.answers(real, Random(1), 3), 9))) == 3


def test_samples_make_no_answers_and_say_why() -> None:
    samples = load_samples({"POST /v1": [{"id": 1}]})
    assert not isinstance(samples, MakesAnswers)
    assert "not what may come" in samples.no_answers
