"""The real answers of a server of 11.0.1, and the documentation's, translated; and spoiled ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellercare.calls import Answer, to_json
from sellercare.errors import BadAnswer
from sellercare.models import Delivery, Model, OrderState, RefundState
from sellercare.translation import translated
from sellercare_adapters.woocommerce import notes, refundable, translate
from sellercare_adapters.woocommerce.adapter import WooCommerceAdapter

pytestmark = pytest.mark.contract

# --- the real answers, translated ------------------------------------------------------------------------------------


def test_the_recorded_order_is_read_exactly(recorded: Any) -> None:
    order = translate.order(recorded.answer("order_after_partial"))
    assert (order.id, order.number, order.native_state, order.state) == ("13", "13", "completed", OrderState.SHIPPED)
    assert [(line.id, line.kind.value, line.title, line.quantity, str(line.price)) for line in order.lines] == [
        ("1", "item", "Ceramic mug", 2, "12.00 EUR"),
        ("2", "item", "Wool scarf", 1, "40.00 EUR"),
        ("3", "shipping", "Standard", 1, "5.00 EUR"),
    ]
    assert [str(each) for each in (order.total, order.paid, order.refunded)] == ["69.00 EUR", "69.00 EUR", "20.50 EUR"]
    assert (order.buyer.id, order.buyer.name, order.buyer.email) == ("2", "Ada Buyer", "ada@example.com")
    assert order.created_at.isoformat() == "2026-11-22T10:55:43+00:00"
    assert translate.order(recorded.answer("order_after_full")).native_state == "refunded"
    assert [translate.order(row).id for row in recorded.answer("orders_list")]


def test_the_recorded_refunds_are_read_exactly(recorded: Any) -> None:
    def shown(name: str) -> Any:
        refund = translate.refund(recorded.answer(name), "13", "EUR")
        return (
            refund.id,
            str(refund.amount),
            [(each.order_line_id, each.quantity, str(each.amount)) for each in refund.lines],
        )

    assert shown("refund_line_items") == ("13:16", "12.00 EUR", [("1", 1, "12.00 EUR")])
    assert shown("refund_shipping_line") == ("13:23", "5.00 EUR", [("3", None, "5.00 EUR")])
    assert shown("refund_line_qty_too_many") == ("13:22", "1.00 EUR", [("2", 9, "1.00 EUR")])
    assert shown("refund_partial_amount") == ("13:15", "3.00 EUR", [])
    assert translate.refund(recorded.answer("refund_get"), "13", "EUR").state is RefundState.UNKNOWN
    for row in recorded.answer("refunds_all_orders"):
        assert translate.refund(row, str(row["parent_id"]), "EUR").order_id == "13"


EARLIER = [
    "refund_partial_amount",
    "refund_line_items",
    "refund_line_items_no_amount",
    "refund_line_items_string_total",
    "refund_lines_differ_from_amount",
    "refund_zero",
    "refund_too_precise",
    "refund_line_qty_too_many",
]


def test_what_is_left_of_the_recorded_order(recorded: Any) -> None:
    """Of 69.00, 20.50 went back in eight refunds, most of them nonsense that the server took."""
    order = recorded.answer("order_after_partial")
    earlier = [recorded.answer(name) for name in EARLIER]
    assert refundable.left_of(order, earlier) == Decimal("48.50")
    parts = {part.id: part for part in refundable.parts_of(order, earlier)}
    # Of the mugs 12.00 and 2.00 are back; of the scarf 1.50, 9.00 and 1.00, and nine pieces of one.
    assert {id: str(part.money) for id, part in parts.items()} == {"1": "10.00", "2": "28.50", "3": "5.00"}
    assert parts["2"].pieces == 0


def test_the_recorded_notes_are_read_with_their_failed_mails(recorded: Any) -> None:
    rows = notes.with_failures(recorded.answer("notes_any"))
    (note,) = [translate.note(row, "13") for row in rows]
    assert (note.id, note.text, note.author_name) == ("8", "Your parcel is on its way.", "admin")
    assert note.delivery is Delivery.BLOCKED
    assert note.native_delivery == 'Email "Customer note" failed to send: Could not instantiate mail function..'
    html = translate.note(recorded.answer("note_html"), "13")
    assert html.text == "hi alert(1) \u00fcn\u00ef \U0001f600\nline2"


def test_the_recorded_reviews_are_read_with_their_answers(recorded: Any) -> None:
    (row,) = recorded.answer("review_list_has_replies")
    review = translate.review({**row, "answers": recorded.answer("review_replies_list")})
    assert (review.id, review.product_id, review.rating, review.text) == ("33", "10", 2, "Arrived chipped.")
    assert review.reply.text == "Sorry! A new mug is on its way."
    assert review.url == "http://127.0.0.1:9451/product/ceramic-mug/#comment-33"
    assert translate.review(recorded.answer("review_approve")).text == "Arrived chipped."
    assert translate.review(recorded.answer("review_hold")).published is False
    assert translate.reply(recorded.answer("review_reply_wp_comment")) == review.reply


def test_every_recorded_refusal_is_understood(recorded: Any) -> None:
    """Code, words and the field; `data` may be a bare number."""
    seen = {}
    for name in recorded.names:
        recording = recorded[name]
        if recording.get("status", 0) >= 400:
            problem = WooCommerceAdapter.problem(Answer(recording["status"], {}, to_json(recording["response"])))
            assert problem.code.startswith(recording["response"]["code"])
            assert problem.text == recording["response"]["message"]
            seen[name] = problem.field
    assert seen["refund_number_amount"] == "amount"
    assert len(seen) > 10


def test_the_documented_samples_are_read(specs: Any) -> None:
    """Answers of the documentation, which are older than the recordings."""
    directory: Path = specs("woocommerce")
    shapes = {
        "orders": translate.order,
        "order-refunds": partial(translate.refund, order_id="723", currency="USD"),
        "order-notes": partial(translate.note, order_id="723"),
        "product-reviews": translate.review,
    }
    for name, shape in shapes.items():
        rows = []
        for sample in json.loads((directory / f"{name}.samples.json").read_text("utf-8"), parse_float=Decimal):
            found = sample["sample"]
            rows += found if isinstance(found, list) else [found]
        read = [translated(shape, row) for row in rows if isinstance(row, dict) and "id" in row]
        assert len(read) > 2
        assert all(isinstance(each, Model) for each in read)


# --- answers that nobody recorded ------------------------------------------------------------------------------------

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=4), st.just([]), st.just({}), st.just("1E+400000")
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*path, key)
        yield from places(each, (*path, key))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("order_after_partial", translate.order),
        ("order_after_partial", translate.thread),
        ("order_create", translate.checkout_note),
        ("refund_line_items", partial(translate.refund, order_id="13", currency="EUR")),
        ("note_customer", partial(translate.note, order_id="13")),
        ("review_get", translate.review),
        ("review_reply_wp_comment", translate.reply),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_spoiled_answer_is_a_model_or_an_error_that_names_the_place(
    recorded: Any, name: str, shape: Any, data: st.DataObject
) -> None:
    row = copy.deepcopy(recorded.answer(name))
    path = data.draw(st.sampled_from(list(places(row))))
    owner = row
    for key in path[:-1]:
        owner = owner[key]
    if data.draw(st.booleans()):
        del owner[path[-1]]
    else:
        owner[path[-1]] = data.draw(JUNK)
    found: Any = None
    try:
        found = translated(shape, row)
    except BadAnswer as error:
        found = error
    assert isinstance(found, Model) or found.path.startswith("$")
