"""What the adapter sends, and what it refuses to send, without a server: over canned answers."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

import sellercare
from sellercare.calls import to_json
from sellercare.errors import BadAnswer, ConfigError, NotAllowedNow, OutcomeUnknown, Refused
from sellercare.models import Money
from sellercare.support import MovesMoney
from sellercare_adapters.medusa import MedusaAdapter, MedusaSettings

SECRET = "sk_0123456789abcdef"
ORDER_PATH, PAYMENT_PATH = "/admin/orders/order_1", "/admin/payments/pay_1"


class Canned(BaseAdapter):
    """Answers by `METHOD path`; remembers what was sent. An answer may be a function of the request."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__()
        self.answers = answers
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        self.sent.append(request)
        line = f"{request.method} {str(request.path_url).partition('?')[0]}"
        found = self.answers[line]
        status, body = found(request) if callable(found) else found
        response = requests.Response()
        response.status_code = status
        response.request = request
        response.url = str(request.url)
        response._content = body if isinstance(body, bytes) else to_json(body)
        response._content_consumed = True
        return response

    def close(self) -> None:
        pass

    def writes(self) -> list[str]:
        return [f"{each.method} {each.path_url}" for each in self.sent if each.method != "GET"]


def payment(*refunds: dict[str, Any], booked: bool = True) -> dict[str, Any]:
    books = [{"reference": "refund", "reference_id": each["id"]} for each in refunds] if booked else []
    return {
        "id": "pay_1",
        "currency_code": "eur",
        "captures": [{"id": "capt_1", "amount": 69}],
        "refunds": list(refunds),
        "payment_collection": {"order": {"id": "order_1", "transactions": books}},
    }


def order(**more: Any) -> dict[str, Any]:
    row = {
        "id": "order_1",
        "display_id": 1,
        "status": "pending",
        "currency_code": "eur",
        "items": [],
        "fulfillments": [],
        "payment_collections": [{"id": "pay_col_1", "payments": [payment()]}],
    }
    return row | more


def refund_row(note: str, native_id: str = "ref_1") -> dict[str, Any]:
    return {"id": native_id, "payment_id": "pay_1", "amount": 5, "note": note, "refund_reason": None}


@pytest.fixture
def canned() -> Canned:
    return Canned(
        {
            f"GET {ORDER_PATH}": (200, {"order": order()}),
            f"GET {ORDER_PATH}/changes": (200, {"order_changes": []}),
            f"GET {PAYMENT_PATH}": (200, {"payment": payment()}),
            "GET /admin/refund-reasons": (200, {"refund_reasons": [{"id": "refr_1", "code": "late", "label": "Late"}]}),
        }
    )


@pytest.fixture
def shop(canned: Canned) -> Iterator[sellercare.Shop]:
    connected = sellercare.connect(
        "medusa", base_url="http://shop.test", secret_key=SECRET, store="sqlite://", transport=canned, patience=0
    )
    yield connected
    connected.store.close()


def eur(amount: str) -> Money:
    return Money(amount=amount, currency="EUR")  # type: ignore[arg-type] # pydantic reads the text


def paying(canned: Canned) -> Callable[[requests.PreparedRequest], tuple[int, Any]]:
    """A server that writes the refund down, with its note, before it answers."""

    def pay(request: requests.PreparedRequest) -> tuple[int, Any]:
        note = re.search(rb'"note":"([^"]*)"', request.body or b"")  # type: ignore[arg-type] # bytes here
        assert note is not None
        others = [refund_row("5 by hand", "ref_9"), refund_row(note[1].decode(), "ref_5"), refund_row("x", "ref_7")]
        canned.answers[f"GET {PAYMENT_PATH}"] = (200, {"payment": payment(*others)})
        return 200, {"payment": payment(*others)}

    return pay


def test_the_key_goes_as_a_basic_user_without_password(shop: sellercare.Shop, canned: Canned) -> None:
    shop.orders.get("order_1")
    expected = base64.b64encode(f"{SECRET}:".encode()).decode()
    assert canned.sent[0].headers["Authorization"] == f"Basic {expected}"


def test_the_key_is_never_shown(shop: sellercare.Shop, canned: Canned) -> None:
    settings = MedusaSettings(base_url="http://shop.test", secret_key=SECRET)  # type: ignore[arg-type] # read by pydantic
    assert SECRET not in repr(settings) + repr(shop) + repr(MedusaAdapter.auth(settings))


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="secret_key"):
        sellercare.connect("medusa", base_url="http://shop.test", store="sqlite://")


def test_the_sum_is_always_named_and_the_new_refund_found_among_others(shop: sellercare.Shop, canned: Canned) -> None:
    canned.answers[f"POST {PAYMENT_PATH}/refund"] = paying(canned)
    refund = shop.refunds.issue(order_id="order_1", note="sorry", reason="late", key="k")
    body = canned.sent[-1].body
    assert isinstance(body, bytes)
    assert b'"amount":69.00' in body
    assert b'"refund_reason_id":"refr_1"' in body
    assert refund.id == "pay_1:ref_5"
    assert refund.note == "sorry"


def test_a_400_that_paid_is_found(shop: sellercare.Shop, canned: Canned) -> None:
    pay = paying(canned)

    def refuse(request: requests.PreparedRequest) -> tuple[int, Any]:
        pay(request)
        text = "Order (order_1) already has an existing active order change"
        return 400, {"type": "invalid_data", "message": text}

    canned.answers[f"POST {PAYMENT_PATH}/refund"] = refuse
    assert shop.refunds.issue(order_id="order_1", amount=eur("5"), key="k").id == "pay_1:ref_5"
    assert len(canned.writes()) == 1


@pytest.mark.parametrize("status", [400, 409, 422, 500, 502])
def test_an_answer_that_proves_nothing_leaves_it_unknown(shop: sellercare.Shop, canned: Canned, status: int) -> None:
    canned.answers[f"POST {PAYMENT_PATH}/refund"] = (status, {"type": "unexpected", "message": "?"})
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="admin"):
            shop.refunds.issue(order_id="order_1", amount=eur("5"), key="k")
    assert len(canned.writes()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "You are not allowed to refund more than the captured amount",
        "You cannot refund more than what is captured on the payment.",
        "Invalid request: Unrecognized fields: 'x'",
    ],
)
def test_a_400_of_the_first_steps_is_a_refusal(shop: sellercare.Shop, canned: Canned, text: str) -> None:
    canned.answers[f"POST {PAYMENT_PATH}/refund"] = (400, {"type": "invalid_data", "message": text})
    with pytest.raises(Refused, match=re.escape(text[:20])):
        shop.refunds.issue(order_id="order_1", amount=eur("5"), key="k")


def test_a_refund_waits_for_an_open_change(shop: sellercare.Shop, canned: Canned) -> None:
    change = {
        "id": "ordch_1",
        "status": "pending",
        "change_type": "return_request",
        "return_id": "return_7",
        "claim_id": None,
        "internal_note": None,
        "actions": [],
    }
    canned.answers[f"GET {ORDER_PATH}/changes"] = (200, {"order_changes": [change]})
    with pytest.raises(NotAllowedNow, match="return_7"):
        shop.refunds.issue(order_id="order_1", amount=eur("5"), key="k")
    assert canned.writes() == []


def test_an_html_page_where_json_belongs(shop: sellercare.Shop, canned: Canned) -> None:
    canned.answers[f"GET {ORDER_PATH}"] = (200, b"<!DOCTYPE html><html></html>")
    with pytest.raises(BadAnswer, match="HTML"):
        shop.orders.get("order_1")


def test_a_changed_shape_names_its_place(shop: sellercare.Shop, canned: Canned) -> None:
    canned.answers[f"GET {ORDER_PATH}"] = (200, {"order": order() | {"items": [{"id": 5}]}})
    with pytest.raises(BadAnswer) as bad:
        shop.orders.get("order_1")
    assert bad.value.path == "$.order.items[0].title"


def test_what_moves_money_says_so() -> None:
    moving = {
        verb
        for verb, support in MedusaAdapter.supports.items()
        if support.contract and support.contract.money is not MovesMoney.NO
    }
    assert moving == {"orders.cancel", "refunds.issue"}


def test_no_contract_takes_a_bare_400_for_proof_where_money_moves() -> None:
    for verb in ("orders.cancel", "refunds.issue"):
        contract = MedusaAdapter.supports[verb].contract
        assert contract is not None
        assert not {400, 409, 422, 500} & set(contract.nothing_happened)
