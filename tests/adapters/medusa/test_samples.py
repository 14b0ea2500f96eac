"""The answers that were recorded from a running Medusa go through the translation."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sellercare.calls import Answer, parse_json
from sellercare.errors import BadAnswer
from sellercare.models import LineKind, OrderState, RefundState, ReturnKind, ReturnState
from sellercare.translation import translated
from sellercare_adapters.medusa import MedusaAdapter, translate

pytestmark = pytest.mark.contract

Sample = Callable[[str], Any]

ONLY_PARTS = {
    "claim_order_summary",
    "order_after_cancel",
    "order_credit_lines",
    "order_preview",
    "order_summary_after_receive",
    "order_summary_after_request",
    "order_summary_credit",
}


@pytest.fixture
def sample(specs: Callable[[str], Path]) -> Sample:
    """The recorded answer of this name."""
    directory = specs("medusa") / "samples"
    return lambda name: parse_json((directory / f"{name}.json").read_bytes())


@pytest.fixture
def answer(sample: Sample) -> Sample:
    return lambda name: sample(name)["response"]


def test_orders_of_a_list(answer: Sample) -> None:
    orders = [translated(translate.order, row) for row in answer("orders_list")["orders"]]
    assert [(order.number, order.state, str(order.total)) for order in orders] == [
        ("4", OrderState.OPEN, "17.00 EUR"),
        ("3", OrderState.PAID, "45.00 EUR"),
    ]
    assert orders[0].buyer.name == "Ben Buyer"
    assert orders[0].native_state == "pending/authorized/not_fulfilled"
    assert [line.sku for line in orders[1].lines] == ["SCARF-1"]


def test_an_order_with_its_payments(answer: Sample) -> None:
    order = translate.order(answer("order_get")["order"])
    assert order.state is OrderState.DELIVERED
    assert (str(order.paid), str(order.refunded)) == ("69.00 EUR", "0.00 EUR")
    assert [(line.kind, str(line.price)) for line in order.lines] == [
        (LineKind.ITEM, "12.00 EUR"),
        (LineKind.ITEM, "40.00 EUR"),
        (LineKind.SHIPPING, "5.00 EUR"),
    ]


def test_a_cancelled_order(answer: Sample) -> None:
    assert translate.order(answer("order_cancel_paid_unshipped")["order"]).state is OrderState.CANCELLED


def test_what_the_shop_owes_comes_from_its_own_books(answer: Sample) -> None:
    assert translate.owed(answer("order_summary_after_request")["order"]) == 8
    assert translate.owed(answer("order_get")["order"]) == 0


@pytest.mark.parametrize(
    ("name", "state", "received"),
    [
        ("return_begin", ReturnState.REQUESTED, []),
        ("return_request_items", ReturnState.REQUESTED, []),
        ("return_confirm_request", ReturnState.REQUESTED, [(1, 0)]),
        ("return_get", ReturnState.REQUESTED, [(1, 0)]),
        ("receive_begin", ReturnState.REQUESTED, [(1, 0)]),
        ("receive_confirm", ReturnState.RECEIVED, [(1, 1)]),
        ("return_get_received", ReturnState.RECEIVED, [(1, 1)]),
        ("return_get_dismissed", ReturnState.RECEIVED, [(2, 2)]),
        ("return_cancelled_get", ReturnState.CANCELLED, [(1, 0)]),
        ("store_return_seen_by_admin", ReturnState.REQUESTED, [(1, 0)]),
    ],
)
def test_returns_in_all_their_states(
    answer: Sample, name: str, state: ReturnState, received: list[tuple[int, int]]
) -> None:
    found = translated(translate.return_, answer(name)["return"])
    assert (found.kind, found.state) == (ReturnKind.RETURN, state)
    assert [(line.quantity, line.received) for line in found.lines] == received


def test_a_return_that_a_buyer_opened_says_why(answer: Sample) -> None:
    (line,) = translate.return_(answer("store_return_seen_by_admin")["return"]).lines
    assert (line.reason, line.note) == ("Arrived damaged", "too warm")


def test_returns_and_claims_of_lists(answer: Sample) -> None:
    (listed,) = [translate.return_(row) for row in answer("returns_list")["returns"]]
    assert (listed.number, listed.native_state) == ("1", "requested")
    (claim,) = [translate.claim(row) for row in answer("claims_list")["claims"]]
    assert (claim.kind, claim.native_kind, claim.state) == (ReturnKind.CLAIM, "refund", ReturnState.UNKNOWN)


def test_claims(answer: Sample) -> None:
    assert translate.claim(answer("claim_begin")["claim"]).state is ReturnState.REQUESTED
    claim = translate.claim(answer("claim_get")["claim"])
    assert claim.state is ReturnState.APPROVED
    assert [(line.reason, line.quantity) for line in claim.lines] == [("production_failure", 1)]
    assert claim.wants == ("refund",)


def test_refunds_of_a_payment_are_exact(answer: Sample) -> None:
    payment = answer("payment_get")["payment"]
    refunds = [translate.refund(row, payment["currency_code"]) for row in payment["refunds"]]
    assert [str(refund.amount) for refund in refunds] == ["8.00 EUR", "50.00 EUR", "0.001 EUR"]
    assert [refund.reason for refund in refunds] == ["Shipping Issue", None, None]
    assert all(
        refund.id == f"{payment['id']}:{row['id']}" for refund, row in zip(refunds, payment["refunds"], strict=True)
    )
    assert {refund.state for refund in refunds} == {RefundState.DONE}
    left = translate.captured(payment) - translate.refunded(payment)
    assert left == Decimal("10.999")
    assert translate.payable(left, "eur") == Decimal("10.99")


def test_reviews(answer: Sample) -> None:
    reviews = [translated(translate.review, row) for row in answer("reviews_list")["product_reviews"]]
    assert [(review.rating, review.text, review.awaiting_reply) for review in reviews] == [
        (2, "Arrived chipped.", True),
        (5, "Warm and soft.", True),
    ]
    assert translate.answer(answer("review_reply")["product_review_response"]).text == "Sorry, a new mug is on its way."


def test_totals(answer: Sample) -> None:
    rows = answer("review_stats")["product_review_stats"]
    summary = translate.summary(rows, rows[0]["product_id"])
    assert (summary.count, summary.average, summary.by_rating["5"]) == (1, 5, 1)
    assert translate.summary([], "prod_1").count == 0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no_auth", ""),
        ("auth_login_bad", "unauthorized"),
        ("order_not_found", "not_found"),
        ("payment_unknown", "not_found"),
        ("order_notes_404", "unknown_route"),
        ("order_messages_404", "unknown_route"),
        ("review_get_one", "unknown_route"),
        ("refund_over_captured", "over_refund"),
        ("refund_uncaptured", "over_refund"),
        ("claim_refund_rest", "over_refund"),
        ("refund_negative", "invalid_request"),
        ("refund_zero", "invalid_request"),
        ("reviews_list_rating", "invalid_request"),
        ("return_begin_twice", "open_change"),
        ("return_cancel_twice", "already_canceled"),
        ("return_decline_cancel", "not_allowed"),
        ("order_cancel_delivered", "not_allowed"),
        ("receive_items_too_many", "invalid_data"),
        ("review_reply_twice", "invalid_data"),
    ],
)
def test_errors_are_told_by_type_and_by_how_the_message_begins_or_ends(sample: Sample, name: str, code: str) -> None:
    recorded = sample(name)
    body = recorded["response"]
    raw = body.encode() if isinstance(body, str) else _json(body)
    problem = MedusaAdapter.problem(Answer(recorded["status"], {}, raw))
    assert problem.code == code
    assert problem.text


def test_every_recorded_thing_is_translated(specs: Callable[[str], Path]) -> None:
    ways = {"order": translate.order, "claim": translate.claim, "return": translate.return_}
    failed, tried = {}, 0
    for path in sorted((specs("medusa") / "samples").glob("*.json")):
        response = parse_json(path.read_bytes())["response"]
        for name, way in ways.items():
            if isinstance(response, dict) and isinstance(response.get(name), dict):
                tried += 1
                try:
                    translated(way, response[name])
                except BadAnswer as error:
                    failed[f"{path.stem}.{name}"] = error.path
    assert tried > 20
    # Recorded with fewer fields than the adapter asks for: a BadAnswer names the first that is missing.
    assert {name.partition(".")[2] for name in failed} == {"order"}
    assert set(failed.values()) == {"$.display_id", "$.status"}
    assert {name.partition(".")[0] for name in failed} == ONLY_PARTS


def _json(value: Any) -> bytes:
    from sellercare.calls import to_json

    return to_json(value)
