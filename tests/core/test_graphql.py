"""Calls in GraphQL: what is sent, how pages are walked, and what an answer says is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sellercare.calls import Answer, Call, Listing, to_json
from sellercare.errors import BadAnswer, NotFound
from sellercare.graphql import (
    FIELD_ERROR,
    NOT_EXECUTED,
    NOTHING_THERE,
    PARTLY,
    USER_ERROR,
    ConnectionPages,
    Endpoint,
    found,
    payload_of,
    problem_of,
)
from sellercare.http.pages import walk
from sellercare.interfaces import Context
from sellercare.simulator import FakeClock

SHOP = Endpoint("/graphql.json")
ORDERS = "query Orders($first: Int!, $after: String) { orders(first: $first, after: $after) { nodes { id } } }"


class Wire:
    """A sender that answers each call with the next document."""

    def __init__(self, *documents: Any) -> None:
        self.documents = list(documents)
        self.calls: list[Call] = []

    def read(self, call: Call) -> Answer:
        self.calls.append(call)
        return Answer(200, {}, to_json(self.documents.pop(0)), call.title)


def answer(document: Any, status: int = 200) -> Answer:
    return Answer(status, {}, to_json(document), "mutation M")


def context(wire: Wire) -> Context:
    return Context(wire, None, "", FakeClock(datetime(2026, 3, 2, tzinfo=UTC)))


def page(*ids: str, more: bool, cursor: str | None) -> Any:
    nodes = [{"id": each} for each in ids]
    return {"data": {"orders": {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": cursor}}}}


# --- calls -----------------------------------------------------------------------------------------------------------


def test_a_query_only_reads_and_a_mutation_writes_although_both_are_posted() -> None:
    query = SHOP.query(ORDERS, {"first": 1}, group="orders", cost=7)
    assert (query.act, query.method, query.path, query.title) == ("read", "POST", "/graphql.json", "query Orders")
    assert query.json == {"query": ORDERS, "variables": {"first": 1}}
    assert (query.group, query.cost) == ("orders", 7)
    mutation = SHOP.mutation("mutation Pay($id: ID!) { pay(id: $id) { id } }", {"id": "1"})
    assert (mutation.act, mutation.title) == ("write", "mutation Pay")


@pytest.mark.parametrize("document", ["{ orders { id } }", "query { orders { id } }", "mutation Pay { pay { id } }"])
def test_a_read_is_a_named_query_and_nothing_else(document: str) -> None:
    with pytest.raises(ValueError, match="named query"):
        SHOP.query(document)


# --- pages -----------------------------------------------------------------------------------------------------------


def listing() -> Listing[Any, str]:
    pages = ConnectionPages("data.orders", limit=2)
    return Listing(SHOP.query(ORDERS), "data.orders.nodes", lambda row: row["id"], pages)


def test_a_connection_is_walked_by_the_cursor_in_the_variables() -> None:
    wire = Wire(page("1", "2", more=True, cursor="c1"), page("3", more=False, cursor="c2"))
    assert list(walk(wire, listing())) == ["1", "2", "3"]
    assert [call.json["variables"] for call in wire.calls] == [{"first": 2}, {"first": 2, "after": "c1"}]


def test_an_empty_page_with_a_cursor_is_not_the_end() -> None:
    wire = Wire(page(more=True, cursor="c1"), page("3", more=False, cursor=None))
    assert list(walk(wire, listing())) == ["3"]


def test_a_page_that_comes_again_ends_the_walk_with_an_error() -> None:
    wire = Wire(page("1", more=True, cursor="c1"), page("2", more=True, cursor="c1"), page("3", more=True, cursor="c1"))
    with pytest.raises(BadAnswer, match="twice"):
        list(walk(wire, listing()))


def test_more_rows_without_a_cursor_are_an_error_and_no_silent_end() -> None:
    with pytest.raises(BadAnswer) as caught:
        list(walk(Wire(page("1", more=True, cursor=None)), listing()))
    assert caught.value.path == "$.data.orders.pageInfo.endCursor"


def test_a_page_without_its_page_info_is_an_error_with_the_path() -> None:
    with pytest.raises(BadAnswer) as caught:
        list(walk(Wire({"data": {"orders": {"nodes": []}}}), listing()))
    assert caught.value.path == "$.data.orders.pageInfo"


# --- one thing -------------------------------------------------------------------------------------------------------


def test_null_is_not_found() -> None:
    call = SHOP.query("query Order { order { id } }")
    with pytest.raises(NotFound, match="no order 7"):
        found(context(Wire({"data": {"order": None}})), call, "data.order", "order 7", dict)


def test_what_is_found_is_translated_and_errors_have_the_whole_path() -> None:
    call = SHOP.query("query Order { order { id } }")
    assert found(context(Wire({"data": {"order": {"id": "1"}}})), call, "data.order", "order", dict) == {"id": "1"}
    with pytest.raises(BadAnswer) as caught:
        found(context(Wire({"data": {"order": {}}})), call, "data.order", "order", lambda row: row["id"])
    assert caught.value.path == "$.data.order.id"


def test_a_mutation_that_shows_nothing_is_no_yes() -> None:
    keep = payload_of("data.pay.refund")
    assert keep(answer({"data": {"pay": {"refund": {"id": "1"}}}})) == {"id": "1"}
    for data in ({"pay": {"refund": None}}, {"pay": None}, None):
        with pytest.raises(BadAnswer):
            keep(answer({"data": data}))


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "code", "text", "field"),
    [
        ({"data": {"pay": {"refund": {"id": "1"}, "userErrors": []}}}, "", "", ""),
        ({"data": {"orders": {"nodes": [{"note": 'he said "errors"'}]}}}, "", "", ""),
        ([], "", "", ""),
        (
            {"data": {"order": None}, "extensions": {"cost": {}}},
            NOTHING_THERE,
            "there is no such thing, or this account may not see it",
            "",
        ),
        ({"data": {"order": None, "shop": {"id": "1"}}}, "", "", ""),
        # beside the data
        (
            {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]},
            "THROTTLED",
            "Throttled",
            "",
        ),
        ({"errors": [{"message": "no such field"}]}, NOT_EXECUTED, "no such field", ""),
        ({"errors": "Invalid API key"}, "", "Invalid API key", ""),
        (
            {"data": {"pay": None}, "errors": [{"message": "broken", "path": ["pay"]}]},
            FIELD_ERROR,
            "broken",
            "pay",
        ),
        ({"data": None, "errors": [{"message": "broken"}]}, FIELD_ERROR, "broken", ""),
        # in a payload
        (
            {
                "data": {
                    "pay": {"refund": None, "userErrors": [{"field": ["input", "amount"], "message": "Too much."}]},
                }
            },
            USER_ERROR,
            "Too much.",
            "input.amount",
        ),
        (
            {"data": {"cancel": {"job": None, "orderCancelUserErrors": [{"code": "INVALID", "message": "No."}]}}},
            "INVALID",
            "No.",
            "",
        ),
        ({"data": {"pay": {"errors": [{"code": "GONE", "field": "id", "message": "m"}]}}}, "GONE", "m", "id"),
        # a payload that is an error
        (
            {"data": {"refundOrder": {"errorCode": "ALREADY_REFUNDED_ERROR", "message": "Again?"}}},
            "ALREADY_REFUNDED_ERROR",
            "Again?",
            "",
        ),
    ],
)
def test_what_an_answer_says_is_wrong(document: Any, code: str, text: str, field: str) -> None:
    problem = problem_of(answer(document))
    assert (problem.code, problem.text, problem.field) == (code, text, field)


@pytest.mark.parametrize(
    "document",
    [
        {
            "data": {"pay": {"refund": {"id": "1"}, "userErrors": []}},
            "errors": [
                {"message": "no", "path": ["pay", "refund", "order"], "extensions": {"code": "ACCESS_DENIED"}},
            ],
        },
        {"data": {"pay": {"refund": {"id": "1"}, "userErrors": [{"code": "NOTIFICATION_FAILED", "message": "m"}]}}},
    ],
)
def test_an_error_beside_a_result_never_passes_for_a_refusal(document: Any) -> None:
    """The mutation was executed: the code that is known as a refusal may not be told, or it would be sent again."""
    problem = problem_of(answer(document))
    assert problem.code == PARTLY
    assert "ACCESS_DENIED" in problem.text or "NOTIFICATION_FAILED" in problem.text


@pytest.mark.parametrize(
    "document", [{"errors": "No answer in time."}, {"errors": [{"message": "No answer in time."}]}]
)
def test_a_gate_that_gave_up_proves_nothing_about_a_mutation(document: Any) -> None:
    """A 5xx with a document that looks like GraphQL: the server behind the gate may have executed the mutation."""
    problem = problem_of(answer(document, 503))
    assert (problem.code, problem.text) == ("", "No answer in time.")


def test_a_field_that_is_withheld_is_nothing_wrong() -> None:
    denied = {"message": "no", "path": ["orders", "nodes", 0, "email"], "extensions": {"code": "ACCESS_DENIED"}}
    document = {"data": {"orders": {"nodes": [{"email": None}]}}, "errors": [denied]}
    assert problem_of(answer(document), withheld={"email"}).code == ""
    assert problem_of(answer(document), withheld={"phone"}).code == PARTLY
    assert problem_of(answer({"data": {"orders": None}, "errors": [denied]}), withheld={"email"}).code == (
        "ACCESS_DENIED"
    )
    other = {"message": "slow", "path": ["orders", "nodes", 0, "lines"]}
    document["errors"] = [denied, other]
    assert problem_of(answer(document), withheld={"email"}).text == "slow"
