"""Calling an order off: an order acknowledgement that says it cannot be taken.

The form of the document is that of Amazon's OrderAcknowledgement.xsd, release 1.9, which is no longer published by
Amazon itself. Its reasons are the schema's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.calls import Json
from sellercare.errors import NotAllowedNow
from sellercare.interfaces import Context
from sellercare.markup import to_xml
from sellercare.models import CancelOrder, Order, OrderState
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.amazon import wire, words
from sellercare_adapters.amazon.feeds import ACKNOWLEDGEMENT, feed_steps
from sellercare_adapters.amazon.reading import ORDER, order_call, order_row
from sellercare_adapters.amazon.sites import marketplace

_GONE = "CANCELLED"


def acknowledgement(*, seller_id: str, order_id: str, reason: str, items: Sequence[str]) -> bytes:
    """The document: one message, and one reason for each item. The order of elements is the schema's."""
    each = [{"AmazonOrderItemCode": item, "CancelReason": reason} for item in items]
    return to_xml(
        "AmazonEnvelope",
        {
            "Header": {"DocumentVersion": "1.01", "MerchantIdentifier": seller_id},
            "MessageType": "OrderAcknowledgement",
            "Message": {
                "MessageID": "1",
                "OrderAcknowledgement": {"AmazonOrderID": order_id, "StatusCode": "Failure", "Item": each},
            },
        },
    )


def cancelling(ctx: Context, command: CancelOrder) -> Write[Order]:
    """A whole order, before it is shipped, for one of Amazon's reasons."""
    order_id, reason, place = command.order_id, command.reason or "", marketplace(ctx)

    def body(kept: Kept) -> bytes:
        return acknowledgement(
            seller_id=ctx.settings.seller_id, order_id=order_id, reason=reason, items=kept["order"]["items"]
        )

    def find(search: Search) -> Found | None:
        return Found(order_id, {"status": _GONE}) if _status(order_row(ctx, order_id)) == _GONE else None

    read = Step("order", lambda kept: order_call(order_id), lambda answer: _items(at_path(answer.json(), "order")))
    steps = feed_steps(ACKNOWLEDGEMENT, place, body, find=find, native_id=lambda kept: order_id)
    return Write(
        (read, *steps),
        lambda kept: _called_off(order_id, kept["feed"]),
        lambda: _may_be(order_row(ctx, order_id), order_id),
    )


def _items(row: wire.Order) -> Json:
    return {"items": translated(lambda order: [item["orderItemId"] for item in order["orderItems"]], row, ORDER)}


def _status(row: wire.Order) -> str | None:
    return translated(lambda order: (order.get("fulfillment") or {}).get("fulfillmentStatus"), row, ORDER, "$.order")


def _may_be(row: wire.Order, order_id: str) -> Json:
    """Raise NotAllowedNow for an order that Amazon ships, and for one that is shipped or cancelled already."""
    by = translated(lambda order: (order.get("fulfillment") or {}).get("fulfilledBy"), row, ORDER, "$.order")
    if by == "AMAZON":
        raise NotAllowedNow(
            f"Amazon ships the order {order_id} itself.", next_step="Cancel it on its page in Seller Central."
        )
    status = _status(row)
    if status == _GONE:
        raise NotAllowedNow(f"The order {order_id} is cancelled already.")
    if words.ORDER_STATES.get(status or "") is OrderState.SHIPPED:
        raise NotAllowedNow(
            f"The order {order_id} is shipped ({status}).", next_step="Pay it back with `refunds.issue` instead."
        )
    return {"status": status}


def _called_off(order_id: str, kept: Any) -> Order:
    """The order, of which the feed only says that it was taken: what comes of it, `orders.get` tells."""
    if kept.get("status") == _GONE:
        return Order(id=order_id, number=order_id, state=OrderState.CANCELLED, native_state=_GONE, raw=kept)
    return Order(id=order_id, number=order_id, native_state="CANCELLING", raw=kept)
