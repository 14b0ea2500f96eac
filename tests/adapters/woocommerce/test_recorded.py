"""Held against a real server of 11.0.1: its routes, its schemas, its answers, and what it did when it was asked.

The requests of the adapter are checked against the recorded index of routes, the answers of the simulated shop against
the recorded schemas. The recorded requests are put to the simulated shop, which has to answer alike. What the
descriptions lack or get wrong is listed here, each with its reason.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema import Draft4Validator
from urllib3.response import HTTPResponse

from sellercare.calls import to_json
from sellercare.errors import PlatformError
from sellercare.models import Money
from sellercare.simulator import FakeClock, InProcess, Request, World
from sellercare.simulator.messages import Headers
from sellercare_adapters.woocommerce.face import WooCommerceFace

pytestmark = pytest.mark.contract

SCHEMAS = {
    "/wc/v3/orders": "schema-orders",
    "/wc/v3/orders/{id}": "schema-orders",
    "/wc/v3/orders/{id}/notes": "schema-orders_1_notes",
    "/wc/v3/orders/{id}/refunds": "schema-orders_1_refunds",
    "/wc/v3/orders/{id}/refunds/{id}": "schema-orders_1_refunds",
    "/wc/v3/refunds": "schema-refunds",
    "/wc/v3/products/reviews": "schema-products_reviews",
    "/wc/v3/products/reviews/{id}": "schema-products_reviews",
}

NOT_IN_THE_INDEX = {
    "GET /wc/v3/payment_gateways": "documented (payment-gateways); the recorded index is cut",
    "GET /wc/v3/payment_gateways/{id}": "documented (payment-gateways); the recorded index is cut",
    "GET /wc/v3/products/{id}": "not in the recorded index, which is cut",
    "GET /wp/v2/comments": "WordPress's own: recorded as review_replies_list",
    "POST /wp/v2/comments": "WordPress's own: recorded as review_reply_wp_comment",
    "POST /wp/v2/comments/{id}": "WordPress's own: the recorded links of a comment allow it",
    "GET /wp/v2/users/me": "WordPress's own: not recorded",
}

BEYOND_THE_INDEX = {
    "POST /wc/v3/orders/{id}/refunds: line_items": "read-only by the schema, and taken (refund_line_items)",
}

_MODERATION = "moderating and deleting reviews are verbs of nobody"
_ORDERS = "making and deleting orders is not after-sales"
_MAILS = "a mail leaves nothing behind by which a lost answer could be found: no verb of ours fits"
UNUSED = {
    "POST /wc/v3/orders": _ORDERS,
    "PUT /wc/v3/orders/{id}": "POST does the same, and passes where firewalls stop PUT",
    "PATCH /wc/v3/orders/{id}": "POST does the same",
    "DELETE /wc/v3/orders/{id}": _ORDERS,
    "POST /wc/v3/orders/batch": _ORDERS,
    "PUT /wc/v3/orders/batch": _ORDERS,
    "PATCH /wc/v3/orders/batch": _ORDERS,
    "GET /wc/v3/orders/statuses": "the names of statuses: the native state is kept as it is",
    "GET /wc/v3/orders/{id}/notes/{id}": "notes are listed whole",
    "DELETE /wc/v3/orders/{id}/notes/{id}": "a note that was mailed cannot be taken back",
    "DELETE /wc/v3/orders/{id}/refunds/{id}": "it deletes the booking; the money does not come back",
    "POST /wc/v3/products/reviews": "making a review is no answer to one",
    "POST /wc/v3/products/reviews/{id}": _MODERATION,
    "PUT /wc/v3/products/reviews/{id}": _MODERATION,
    "PATCH /wc/v3/products/reviews/{id}": _MODERATION,
    "DELETE /wc/v3/products/reviews/{id}": _MODERATION,
    "POST /wc/v3/products/reviews/batch": _MODERATION,
    "PUT /wc/v3/products/reviews/batch": _MODERATION,
    "PATCH /wc/v3/products/reviews/batch": _MODERATION,
    "GET /wc/v3/orders/{id}/receipt": _MAILS,
    "POST /wc/v3/orders/{id}/receipt": _MAILS,
    "GET /wc/v3/orders/{id}/actions/email_templates": _MAILS,
    "POST /wc/v3/orders/{id}/actions/send_email": _MAILS,
    "POST /wc/v3/orders/{id}/actions/send_order_details": _MAILS,
}


# --- the description -------------------------------------------------------------------------------------------------


def repaired(schema: Any) -> Any:
    """WordPress's schemas name types that JSON Schema lacks, and do not say that dates and names may be null."""
    if isinstance(schema, list):
        return [repaired(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: repaired(value) for name, value in schema.items() if name not in ("required", "format", "context")}
    kind = found.get("type")
    if kind == "mixed":
        del found["type"]
    elif kind == "date-time":
        found["type"] = ["string", "null"]
    return found


def strangers(schema: Any, value: Any, path: str = "") -> Iterator[str]:
    """The fields of a value that a schema does not name, by path."""
    if isinstance(value, list):
        for each in value:
            yield from strangers(schema.get("items", {}), each, f"{path}[]")
    elif isinstance(value, dict) and "properties" in schema:
        for name, each in value.items():
            if name in schema["properties"]:
                yield from strangers(schema["properties"][name], each, f"{path}.{name}".lstrip("."))
            else:
                yield f"no field {path}.{name}".replace(" .", " ")


def complaints(schema: Any, value: Any) -> set[str]:
    """What a schema has against one thing: fields that it does not name, and values of other types."""
    wrong = set()
    for each in Draft4Validator(schema).iter_errors(value):
        place = ".".join("[]" if isinstance(part, int) else part for part in each.absolute_path)
        wrong.add(f"{place.replace('.[]', '[]')}: not {each.schema['type']}")
    return wrong | set(strangers(schema, value))


def template(path: str) -> str:
    """`/wp-json/wc/v3/orders/13/notes` as `/wc/v3/orders/{id}/notes`; also a route of WordPress's index."""
    return re.sub(r"\(\?P<\w+>[^)]*\)|(?<=/)[0-9]+(?=/|$)|(?<=payment_gateways/)\w+", "{id}", path).removeprefix(
        "/wp-json"
    )


class Recorder(InProcess):
    """The way to the simulated shop; it keeps what was asked and answered."""

    def __init__(self, face: WooCommerceFace) -> None:
        super().__init__(face)
        self.seen: list[tuple[str, dict[str, list[str]], Any, int, Any]] = []

    def send(self, request: Any, *args: Any, **more: Any) -> Any:
        response = super().send(request, *args, **more)
        url = urlsplit(request.url)
        body = json.loads(request.body) if request.body else None
        answer = json.loads(response.content, parse_float=Decimal)
        response.raw = HTTPResponse(io.BytesIO(response.content), headers=response.headers, preload_content=False)
        response._content_consumed, response._content = False, False
        query = parse_qs(url.query, keep_blank_values=True)
        self.seen.append((f"{request.method} {template(url.path)}", query, body, response.status_code, answer))
        return response


@pytest.fixture(scope="session")
def schemas(recorded: Any) -> Mapping[str, Any]:
    return {path: repaired(recorded[name]) for path, name in SCHEMAS.items()}


@pytest.fixture(scope="session")
def index(recorded: Any) -> Mapping[str, set[str]]:
    """The names of arguments by operation."""
    found: dict[str, set[str]] = {}
    for path, about in recorded["route-index"]["routes"].items():
        for endpoint in about["endpoints"]:
            for method in endpoint["methods"]:
                found[f"{method} {template(path)}"] = set(endpoint["args"])
    return found


@pytest.fixture(scope="module")
def everything(request: pytest.FixtureRequest) -> Recorder:
    """All that the adapter does, good and bad."""
    import sellercare

    clock = FakeClock()
    world = World(7, clock)
    face = WooCommerceFace(world)
    recorder = Recorder(face)
    more = {"base_url": "http://platform.test", "manual_refunds": True, **face.settings()}
    with sellercare.connect("woocommerce", store="sqlite://", clock=clock, transport=recorder, **more) as shop:
        drive(shop, face, world)
    return recorder


def drive(shop: Any, face: WooCommerceFace, world: World) -> None:
    """Every verb of the adapter, and what the shop refuses."""
    item, parcel, fee = world.line(quantity=2), world.line(kind="shipping"), world.line(kind="fee")
    item.extra |= {"net": "24.00", "taxes": {"7": "4.565432"}}
    order = world.order(lines=[item, parcel, fee])
    order.extra["customer_note"] = "Ring twice."
    world.order(state="open")
    id, line = str(face.number(order.id)), str(face.number(item.id))
    review = world.review(order=order)
    held = world.review(5)
    held.extra["status"] = "hold"
    shop.account.check()
    since = world.now()
    shop.orders.get(id)
    shop.orders.find(order.number)
    list(shop.orders.list(updated_since=since))
    list(shop.messages.threads(order_id=id))
    shop.messages.thread(id)
    shop.messages.reply(id, "On its way.", key="a")
    shop.messages.start(id, text="Really.", key="b")
    list(shop.messages.messages(id))
    shop.refunds.issue(order_id=id, option="gateway", lines=[{"id": line, "quantity": 1}], reason="Broken", key="c")
    shop.refunds.issue(order_id=id, option="manual", amount=Money(amount=Decimal("1.00"), currency="EUR"), key="d")
    refund, _ = shop.refunds.list(order_id=id)
    shop.refunds.get(refund.id)
    list(shop.refunds.list(created_since=since))
    shop.orders.cancel(str(face.number(world.order(state="paid").id)), key="e")
    (shown,) = shop.reviews.list(product_id=str(face.number(review.product_id or "")))
    shop.reviews.summary(shown.product_id)
    shop.reviews.reply(shown.id, "Sorry.", key="f")
    shop.reviews.reply(shown.id, "So sorry.", replace=True, key="g")
    for wrong in (
        lambda: shop.orders.get("4711"),
        lambda: shop.messages.reply("4711", "Hi.", key="h"),
        lambda: shop.refunds.get(f"{id}:4711"),
        lambda: shop.reviews.reply("4711", "Hi.", key="i"),
        lambda: shop.reviews.summary("4711"),
    ):
        with pytest.raises(PlatformError):
            wrong()


def test_every_request_is_in_the_index_of_routes(everything: Recorder, index: Mapping[str, set[str]]) -> None:
    beyond, unlisted = set(), set()
    for call, query, body, _, _ in everything.seen:
        if call not in index:
            unlisted.add(call)
            continue
        names = {*query, *(body or ())}
        beyond |= {f"{call}: {name}" for name in names - index[call]}
    assert unlisted == NOT_IN_THE_INDEX.keys()
    assert beyond == BEYOND_THE_INDEX.keys()


def test_every_operation_is_used_or_says_why_not(everything: Recorder, index: Mapping[str, set[str]]) -> None:
    used = {call for call, *_ in everything.seen}
    assert index.keys() - used == UNUSED.keys()


def test_arguments_have_the_types_of_the_index(everything: Recorder, recorded: Any) -> None:
    """Queries are text on their way; bodies are what they are (refund_number_amount: text is wanted for a sum)."""
    checked = 0
    for path, about in recorded["route-index"]["routes"].items():
        for endpoint in about["endpoints"]:
            for call, query, body, _, _ in everything.seen:
                if call not in {f"{method} {template(path)}" for method in endpoint["methods"]}:
                    continue
                for name, value in (body or {}).items():
                    if name in endpoint["args"]:
                        Draft4Validator(repaired(endpoint["args"][name])).validate(value)
                        checked += 1
                for name, values in query.items():
                    check_text(endpoint["args"][name], values[0])
                    checked += 1
    assert checked > 30


def check_text(wanted: Any, value: str) -> None:
    """A parameter of an address against what the index says of it."""
    items = wanted.get("items", wanted)
    for each in value.split(",") if wanted.get("type") == "array" else [value]:
        assert items.get("type") != "integer" or each.isdecimal()
        assert items.get("type") != "boolean" or each in ("true", "false")
        assert each in items.get("enum", [each])
        assert items.get("format") != "date-time" or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", each)
        assert "maximum" not in items or int(each) <= items["maximum"]


def test_every_answer_of_the_simulated_shop_has_the_recorded_form(
    everything: Recorder, schemas: Any, recorded: Any
) -> None:
    """Nothing is said about our answers that cannot be said about the real server's own."""
    told = set()
    for call, _, _, status, answer in everything.seen:
        path = call.partition(" ")[2]
        if path in schemas and status < 300:
            for row in answer if isinstance(answer, list) else [answer]:
                told |= {f"{path}: {each}" for each in complaints(schemas[path], row)}
    real = set()
    for name in recorded.names:
        recording = recorded[name]
        if "request" not in recording or recording["status"] >= 300:
            continue
        path = template(recording["request"]["path"])
        rows = recording["response"] if isinstance(recording["response"], list) else [recording["response"]]
        for row in rows if path in schemas else ():
            real |= {f"{path}: {each}" for each in complaints(schemas[path], row)}
    assert {re.sub(r"^\S+: ", "", each) for each in told} <= {re.sub(r"^\S+: ", "", each) for each in real}


def test_every_field_that_the_translation_needs_is_in_the_schemas(schemas: Any) -> None:
    needs = {
        "/wc/v3/orders": "id number status currency total customer_id customer_note billing payment_method refunds "
        "date_created_gmt date_modified_gmt date_paid_gmt line_items shipping_lines fee_lines",
        "/wc/v3/refunds": "id parent_id date_created_gmt amount reason refunded_payment meta_data line_items",
        "/wc/v3/orders/{id}/notes": "id author date_created_gmt note customer_note",
        "/wc/v3/products/reviews": "id date_created_gmt product_id status reviewer reviewer_email review rating",
    }
    for path, names in needs.items():
        assert set(names.split()) <= schemas[path]["properties"].keys()


# --- what the real server did, asked of the simulated one ------------------------------------------------------------


@pytest.fixture
def replay(recorded: Any) -> Any:
    """The simulated shop with the recorded order 13: two mugs, a scarf, a parcel; 69.00 by bank transfer."""
    world = World(1, FakeClock())
    face = WooCommerceFace(world)
    lines = [
        world.line("Ceramic mug", "12.00", 2, id="1"),
        world.line("Wool scarf", "40.00", id="2"),
        world.line("Standard", "5.00", kind="shipping", id="3"),
    ]
    lines[0].product_id, lines[0].sku, lines[1].product_id, lines[1].sku = "10", "MUG-1", "11", "SCARF-1"
    buyer = world.buyer("Ada Buyer", email="ada@example.com")
    order = world.order(buyer, lines, id="13", number="13")
    order.payments[0].method = "transfer"
    world.review(2, "Arrived chipped.", order=order, id="33").buyer_id = world.buyer("Ada", email="ada@example.com").id

    def ask(name: str, *, password: bool = True, wrong: bool = False) -> tuple[Any, int, Any]:
        wanted = recorded[name]
        request = wanted["request"]
        user = (face.user, face.password) if password else (face.consumer_key, face.consumer_secret)
        headers = {"Authorization": basic(*user) if not wrong else basic("ck_wrong", "cs_wrong")}
        query = {key: [str(value)] for key, value in (request["params"] or {}).items()}
        body = to_json(request["body"]) if request["body"] is not None else b""
        reply = face.handle(Request(request["method"], request["path"], query, Headers(headers), body))
        return wanted, reply.status, reply.json()

    ask.face, ask.world, ask.order = face, world, order  # type: ignore[attr-defined]  # for the tests' own steps
    return ask


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


BOOKED = [
    "refund_partial_amount",
    "refund_line_items",
    "refund_line_items_no_amount",
    "refund_line_items_string_total",
    "refund_lines_differ_from_amount",
    "refund_zero",
    "refund_too_precise",
    "refund_line_qty_too_many",
    "refund_shipping_line",
]


def gist(row: Any) -> Any:
    """What a refund says, without ids and times of its own."""
    lines = [
        (kind, line["total"], line.get("quantity"), line["meta_data"][0]["key"], str(line["meta_data"][0]["value"]))
        for kind in ("line_items", "shipping_lines", "fee_lines")
        for line in row[kind]
    ]
    return row["amount"], row["reason"], row["refunded_payment"], lines


def test_the_simulated_shop_books_what_the_real_one_booked(replay: Any) -> None:
    """In the order in which it was recorded: after these nothing is left, and the order is refunded."""
    for name in BOOKED:
        wanted, status, answer = replay(name)
        assert (name, status, gist(answer)) == (name, wanted["status"], gist(wanted["response"]))
    replay.world.data.refunds.popitem()  # refund_delete: the parcel's was deleted
    wanted, status, answer = replay("refund_rest")
    assert (status, gist(answer)) == (wanted["status"], gist(wanted["response"]))
    assert replay.face.status(replay.order) == "refunded"
    wanted, status, answer = replay("refund_after_full")
    assert (status, answer) == (wanted["status"], wanted["response"])
    wanted, status, answer = replay("order_after_full")
    for name in ("status", "total", "number", "currency", "payment_method"):
        assert answer[name] == wanted["response"][name]
    shown = {(each["total"], each["reason"]) for each in answer["refunds"]}
    assert shown == {(each["total"], each["reason"]) for each in wanted["response"]["refunds"]}


@pytest.mark.parametrize(
    "name",
    [
        "refund_over",
        "refund_negative",
        "refund_gateway_cannot",
        "order_404",
        "review_404",
        "auth_basic_ckcs_over_http",
        "review_reply_with_ckcs",
    ],
)
def test_the_simulated_shop_refuses_as_the_real_one_refused(replay: Any, name: str) -> None:
    """Over plain http the real one took no key at all; the simulated one is asked with a wrong one."""
    with_password = name not in ("auth_basic_ckcs_over_http", "review_reply_with_ckcs")
    wanted, status, answer = replay(name, password=with_password, wrong=name.startswith("auth"))
    assert (status, answer) == (wanted["status"], wanted["response"])


def test_the_simulated_shop_notes_and_answers_as_the_real_one_did(replay: Any) -> None:
    replay.face.user = "admin"
    for name in ("note_customer", "note_html"):
        wanted, status, answer = replay(name)
        assert status == wanted["status"] == 201
        for field in ("author", "note", "customer_note"):
            assert answer[field] == wanted["response"][field]
    wanted, status, answer = replay("review_reply_wp_comment")
    assert status == wanted["status"]
    for field in ("post", "parent", "author", "author_name", "content", "status", "type"):
        assert answer[field] == wanted["response"][field]
    wanted, status, answer = replay("review_reply_duplicate")
    assert (status, answer) == (wanted["status"], wanted["response"])
    for name in ("review_replies_list", "review_list_has_replies"):
        wanted, status, answer = replay(name)
        fields = ("post", "parent", "content") if "replies_list" in name else ("id", "product_id", "review", "rating")
        assert [[row[each] for each in fields] for row in answer] == [
            [row[each] for each in fields] for row in wanted["response"]
        ]


def test_a_status_of_refunded_books_all_the_rest_as_it_did(replay: Any, recorded: Any) -> None:
    """order_status_refunded_directly, order2_refunds: nobody is paid."""
    request = recorded["order_status_refunded_directly"]["request"]
    assert request["body"] == {"status": "refunded"}
    headers = Headers({"Authorization": basic(replay.face.user, replay.face.password)})
    replay.face.handle(Request("PUT", "/wp-json/wc/v3/orders/13", {}, headers, to_json(request["body"])))
    (row,) = json.loads(replay.face.handle(Request("GET", "/wp-json/wc/v3/orders/13/refunds", {}, headers)).body)
    real = recorded.answer("order2_refunds")[0]
    assert (row["reason"], row["refunded_payment"]) == (real["reason"], real["refunded_payment"])
