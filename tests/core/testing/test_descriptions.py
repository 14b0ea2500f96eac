"""One loader for what platforms publish: each kind says what is wrong, and nothing where all is well."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from sellercare.testing.answers import oddities
from sellercare.testing.description import Repair, load, load_samples
from sellercare.testing.samples import recorded
from sellercare.testing.workshop import Exchange

ORDER = {"id": "o1", "total": 12.5, "state": "paid", "buyer": None}
SCHEMA = {
    "type": "object",
    "required": ["id", "total"],
    "properties": {
        "id": {"type": "string"},
        "total": {"type": "number"},
        "state": {"type": "string", "enum": ["paid", "sent"]},
        "buyer": {"type": "object", "nullable": True, "properties": {"name": {"type": "string"}}},
    },
}
QUERY = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://api.shop.example/v1"}],
    "components": {"schemas": {"Order": SCHEMA}},
    "paths": {
        "/orders/{id}": {
            "get": {
                "parameters": [QUERY],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
                },
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                },
                "responses": {"204": {}},
            },
        },
        "/orders/new": {"get": {"responses": {"200": {}}}},
    },
}
SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Shop", "version": "1"},
    "basePath": "/v1",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "parameters": {"limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 100}},
    "definitions": {"Order": SCHEMA},
    "paths": {
        "/orders/{id}": {
            "get": {
                "parameters": [{"$ref": "#/parameters/limit"}],
                "responses": {"200": {"schema": {"$ref": "#/definitions/Order"}}},
            },
            "put": {
                "parameters": [
                    {"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Order"}}
                ],
                "responses": {"204": {"description": "done"}},
            },
        },
        "/orders/new": {"get": {"responses": {"200": {"description": "done"}}}},
    },
}
SDL = """
type Query { order(id: ID!): Order }
type Mutation { refund(id: ID!, amount: Float!): Refund! }
type Order { id: ID! total: Float! lines: [Line!]! }
type Line { title: String }
type Refund { id: ID! }
"""
XSD = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="orders"><xs:complexType><xs:sequence>
    <xs:element name="order" maxOccurs="unbounded"><xs:complexType>
      <xs:attribute name="id" type="xs:integer" use="required"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


def exchange(
    method: str = "GET",
    url: str = "https://api.shop.example/v1/orders/7",
    body: Any = None,
    answer: Any = ORDER,
    status: int = 200,
    kind: str = "application/json",
) -> Exchange:
    request = requests.Request(method, url, json=body, headers={"Authorization": "Bearer secret-token-1"}).prepare()
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = kind
    sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Exchange(f"{method} /orders/{{id}}", request, response, sent)


@pytest.fixture(params=["openapi", "swagger"])
def rest(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The same API, described in both."""
    path = tmp_path / f"{request.param}.json"
    path.write_text(json.dumps(OPENAPI if request.param == "openapi" else SWAGGER), "utf-8")
    return load(path)


def test_what_fits_is_left_alone(rest: Any) -> None:
    assert rest.operations == {"GET /orders/{id}", "PUT /orders/{id}", "GET /orders/new"}
    assert rest.complaints(exchange(url="https://api.shop.example/v1/orders/7?limit=20")) == []
    assert rest.complaints(exchange("PUT", body=ORDER, answer=b"", status=204)) == []
    assert rest.operations_of(exchange(url="https://api.shop.example/v1/orders/new")) == {"GET /orders/new"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "https://api.shop.example/v1/orders/7?limit=101"}, "parameter limit: $: 101 is greater than"),
        ({"url": "https://api.shop.example/v1/orders/7?limit=many"}, "parameter limit: $: 'many' is not of type"),
        ({"url": "https://api.shop.example/v1/orders/7?page=1"}, "no parameter page"),
        ({"url": "https://api.shop.example/v1/parcels/7"}, "not described"),
        ({"method": "DELETE"}, "not described"),
        ({"status": 418}, "no such status"),
        ({"answer": ORDER | {"total": "12.50"}}, "$.total: '12.50' is not of type 'number'"),
        ({"answer": ORDER | {"state": "lost"}}, "$.state: 'lost' is not one of"),
        ({"answer": {"id": "o1"}}, "'total' is a required property"),
        ({"answer": ORDER | {"colour": "red"}}, "no field .colour"),
        ({"answer": b"<html>"}, "no JSON document"),
        ({"answer": b"<html>", "kind": "text/html"}, "a body of text/html"),
        ({"method": "PUT", "answer": b"", "status": 204}, "the body is missing"),
        ({"method": "PUT", "body": {"id": 1, "total": 2}, "answer": b"", "status": 204}, "$.id: 1 is not of type"),
    ],
)
def test_what_does_not_fit_is_said(rest: Any, wrong: dict[str, Any], says: str) -> None:
    said = rest.complaints(exchange(**wrong))
    assert any(says in each for each in said), said


def test_answers_are_made_that_fit(rest: Any) -> None:
    made = list(rest.answers(exchange(), Random(1), 200))
    assert len(set(made)) > 10
    said = {each for body in made for each in rest.complaints(exchange(answer=body))}
    assert {oddities.NEVER_SEEN in each for each in said} == {True}, "a list of words may grow, and nothing else"
    orders = [json.loads(body) for body in made]
    assert {"state" in order for order in orders} == {True, False}, "what is not required may be left out"
    assert {"o1", ""} <= {order["id"] for order in orders}
    assert any(order.get("buyer", {}) is None for order in orders)
    assert {-(2**31), 10**30} <= {order["total"] for order in orders}


def test_a_published_file_is_repaired_and_the_repair_is_missed_when_it_is_idle(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(OPENAPI))
    broken["paths"]["/orders/{id}"]["get"]["parameters"][0]["schema"]["maximum"] = 10
    path = tmp_path / "api.json"
    path.write_text(json.dumps(broken), "utf-8")
    at = ("paths", "/orders/{id}", "get", "parameters", 0, "schema", "maximum")
    mended = load(path, repairs=[Repair(at, 100, "the text says a hundred")])
    assert mended.complaints(exchange(url="https://api.shop.example/v1/orders/7?limit=20")) == []
    with pytest.raises(LookupError):
        load(path, repairs=[Repair(at, 10, "nothing")])
    with pytest.raises(LookupError):
        load(path, repairs=[Repair((*at[:-1], "minimum"), 1, "it is not there")])


@pytest.fixture
def graph(tmp_path: Path) -> Any:
    path = tmp_path / "shop.graphql"
    path.write_text(SDL, "utf-8")
    return load(path)


def asked(query: str, answer: Any, **variables: Any) -> Exchange:
    url = "https://shop.example/graphql"
    return exchange("POST", url, {"query": query, "variables": variables}, {"data": answer})


def test_a_query_that_fits_is_left_alone(graph: Any) -> None:
    query = "query ($id: ID!) { order(id: $id) { id sum: total lines { title } } }"
    good = asked(query, {"order": {"id": "1", "sum": 2.5, "lines": [{"title": None}]}}, id="1")
    assert graph.complaints(good) == []
    assert graph.operations_of(good) == {"query order"}
    assert graph.operations == {"query order", "mutation refund"}


@pytest.mark.parametrize(
    ("query", "answer", "variables", "says"),
    [
        ("{ order(id: 1) { colour } }", None, {}, "Cannot query field 'colour'"),
        ("mutation ($a: Float!) { refund(id: 1, amount: $a) { id } }", None, {"a": "x"}, "Float cannot represent"),
        ("{ order(id: 1) { id } }", {"order": {"id": "1", "total": 2}}, {}, "$.order.total was not asked for"),
        ("{ order(id: 1) { id total } }", {"order": {"id": "1"}}, {}, "$.order.total is missing"),
        ("{ order(id: 1) { id total } }", {"order": {"id": None, "total": 1}}, {}, "$.order.id is null"),
        ("{ order(id: 1) { total } }", {"order": {"total": "much"}}, {}, "$.order.total"),
        ("{ order(id: 1) { lines { title } } }", {"order": {"lines": {}}}, {}, "$.order.lines: no list"),
        ("no query at all {", None, {}, "no GraphQL request"),
    ],
)
def test_a_query_that_does_not_fit_is_said(graph: Any, query: str, answer: Any, variables: Any, says: str) -> None:
    said = graph.complaints(asked(query, answer, **variables))
    assert any(says in each for each in said), said


def test_xml_is_held_against_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "orders.xsd"
    path.write_text(XSD, "utf-8")
    schema = load(path)
    good = exchange(answer=b'<orders><order id="1"/></orders>', kind="text/xml")
    assert (schema.operations, schema.complaints(good)) == ({"orders"}, [])
    bad = exchange(answer=b'<orders><order id="one"/></orders>', kind="text/xml")
    assert any("one" in each for each in schema.complaints(bad))


@pytest.mark.parametrize(("name", "text"), [("orders.xsd", XSD), ("shop.graphql", SDL)])
def test_a_repair_of_what_cannot_be_mended_is_refused(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="can be mended"):
        load(path, repairs=[Repair(("orders",), None, "it is wrong")])
    assert load(path).operations


def test_samples_know_fields_and_kinds() -> None:
    samples = load_samples({"GET /orders/{id}": [ORDER | {"tags": []}]})
    assert samples.complaints(exchange(answer={"id": "x", "total": 1, "buyer": {"name": "Ada"}, "tags": [1]})) == []
    said = samples.complaints(exchange(answer={"id": 7, "total": 1, "colour": "red"}))
    assert [each.partition(": ")[2] for each in said] == ["$.id is a number, not text", "$.colour is in no sample"]
    assert samples.complaints(exchange("DELETE")) == ["DELETE /orders/{id}: no sample of it"]


def test_what_is_neither_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="is no OpenAPI"):
        load(path)


def test_a_recording_tells_no_secret() -> None:
    text = recorded(exchange(url="https://api.shop.example/v1/orders/7?access_token=secret-token-1&limit=3"))
    assert "secret-token-1" not in text
    assert json.loads(text)["answer"]["body"] == json.dumps(ORDER)
    assert "limit=3" in text


def test_nullable_beside_a_reference_allows_null(tmp_path: Path) -> None:
    """tsoa writes it so, and OpenAPI 3.0.3 says that it means nothing (Kaufland 2.27.0)."""
    buyer = {"allOf": [{"$ref": "#/components/schemas/Buyer"}], "nullable": True}
    order = {"type": "object", "properties": {"id": {"type": "string"}, "buyer": buyer}}
    named = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    document = OPENAPI | {"components": {"schemas": {"Order": order, "Buyer": named}}}
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document), "utf-8")
    shop = load(path)
    assert shop.complaints(exchange(answer={"id": "o1", "buyer": None})) == []
    assert shop.complaints(exchange(answer={"id": "o1", "buyer": {"name": "Ada"}})) == []
    assert shop.complaints(exchange(answer={"id": None})) != []
    assert shop.complaints(exchange(answer={"id": "o1", "buyer": {"name": 7}})) != []


def test_without_its_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = tmp_path / "api.yaml"
    path.write_text("openapi: 3.0.1", "utf-8")
    with pytest.raises(ModuleNotFoundError, match=r"sellercare\[contract\]"):
        load(path)
