"""Calling orders off by a feed: which, why, and what is known when its answer is lost."""

from __future__ import annotations

from typing import Any

import pytest

from sellercare.errors import AboveLimit, BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.markup import parse_xml
from sellercare.models import LineQuantity, OrderState
from sellercare.simulator import Fault
from sellercare.store.limits import Limits
from sellercare_adapters.amazon.cancelling import acknowledgement

from .conftest import ITEM, ORDER

FEED = "POST /feeds/2021-06-30/feeds"


def cancel(seller: Any, key: str = "a", **more: Any) -> Any:
    return seller.shop.orders.cancel(ORDER, **({"reason": "NoInventory"} | more), key=key)


def feeds(seller: Any) -> list[str]:
    return [feed["type"] for feed in seller.face.feeds.values()]


def test_the_document_is_that_of_the_schema() -> None:
    """OrderAcknowledgement.xsd, release 1.9: its example, with status and reason of one that cannot be taken."""
    body = acknowledgement(
        seller_id="M_IDENTIFIER", order_id="050-1234567-1234567", reason="NoInventory", items=["12345678901234"]
    )
    envelope = parse_xml(body, frozenset({"OrderAcknowledgement.Item"}))["AmazonEnvelope"]
    assert envelope == {
        "Header": {"DocumentVersion": "1.01", "MerchantIdentifier": "M_IDENTIFIER"},
        "MessageType": "OrderAcknowledgement",
        "Message": {
            "MessageID": "1",
            "OrderAcknowledgement": {
                "AmazonOrderID": "050-1234567-1234567",
                "StatusCode": "Failure",
                "Item": [{"AmazonOrderItemCode": "12345678901234", "CancelReason": "NoInventory"}],
            },
        },
    }
    names = [b"<AmazonOrderID>", b"<StatusCode>", b"<Item>", b"<AmazonOrderItemCode>", b"<CancelReason>"]
    assert sorted(names, key=body.index) == names


def test_a_whole_order_is_called_off_later(amazon: Any) -> None:
    order = amazon.order(state="paid")
    made = cancel(amazon)
    assert (made.id, made.state, made.native_state) == (ORDER, OrderState.UNKNOWN, "CANCELLING")
    assert feeds(amazon) == ["POST_ORDER_ACKNOWLEDGEMENT_DATA"]
    assert (order.state, amazon.world.acts[-1].kind, amazon.world.acts[-1].detail) == (
        "cancelled",
        "order.cancel",
        "NoInventory",
    )
    assert amazon.shop.orders.get(ORDER).state is OrderState.CANCELLED
    assert cancel(amazon).id == ORDER
    assert amazon.world.count("order.cancel") == 1


def test_a_lost_answer_is_found_by_the_order_itself(amazon: Any) -> None:
    amazon.order(state="paid")
    amazon.face.faults.add(Fault("lost_answer", FEED))
    assert cancel(amazon).state is OrderState.CANCELLED
    assert feeds(amazon) == ["POST_ORDER_ACKNOWLEDGEMENT_DATA"]


def test_an_order_that_is_not_cancelled_yet_proves_nothing(amazon: Any) -> None:
    """A feed may wait: whether one arrived is left to a person, however long it takes."""
    amazon.order(state="paid")
    amazon.face.faults.add(Fault("never_arrived", FEED))
    for _ in range(2):
        with pytest.raises(OutcomeUnknown) as caught:
            cancel(amazon)
        assert "Seller Central" in caught.value.look_at
        amazon.world.advance(72 * 3600)
    assert feeds(amazon) == []


@pytest.mark.parametrize(
    ("state", "by", "says"),
    [("shipped", "MERCHANT", "shipped"), ("cancelled", "MERCHANT", "already"), ("paid", "AMAZON", "itself")],
)
def test_what_cannot_be_called_off_is_said_before_anything_is_sent(amazon: Any, state: str, by: str, says: str) -> None:
    amazon.order(state=state).extra["fulfilled_by"] = by
    with pytest.raises(NotAllowedNow, match=says):
        cancel(amazon)
    assert [call for call, _ in amazon.face.log if "feeds" in call] == []


@pytest.mark.parametrize("more", [{"reason": None}, {"reason": "Because"}, {"lines": [LineQuantity(id=ITEM)]}])
def test_whole_orders_only_and_for_a_reason_of_amazons(amazon: Any, more: dict[str, Any]) -> None:
    amazon.order(state="paid")
    with pytest.raises(BadInput):
        cancel(amazon, **more)
    assert [call for call, _ in amazon.face.log if "feeds" in call] == []


def test_a_feed_that_is_not_accepted_calls_nothing_off(amazon: Any) -> None:
    """Accepted is not cancelled: what became of it shows in the order."""
    order = amazon.order(state="paid")
    plain = amazon.face._call_off

    def shipped_meanwhile(data: bytes) -> None:
        order.state = "shipped"
        plain(data)

    amazon.face._call_off = shipped_meanwhile
    assert cancel(amazon).state is OrderState.UNKNOWN
    assert amazon.shop.orders.get(ORDER).state is OrderState.SHIPPED
    assert amazon.world.count("order.cancel") == 0


def test_it_counts_against_limits_with_the_orders_total(amazon: Any) -> None:
    amazon.order(state="paid")
    amazon.shop.limits = Limits.of(refund=[amazon.usd("113.48")])
    with pytest.raises(AboveLimit, match=r"113\.49 USD"):
        cancel(amazon)
    amazon.shop.limits = Limits.of(refund=[amazon.usd("113.49")])
    assert cancel(amazon).id == ORDER
