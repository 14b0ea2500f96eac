"""Reading one order of the Orders API 2026-01-01."""

from __future__ import annotations

from sellercare.calls import Call, read
from sellercare.interfaces import Context
from sellercare.translation import at_path
from sellercare_adapters.amazon import wire

ORDERS = "/orders/2026-01-01/orders"
ORDER = "GET /orders/{orderId}"
"""What errors call it."""

DATA = "BUYER,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"


def order_call(order_id: str) -> Call:
    """The call for one order."""
    return read(ORDERS + "/{orderId}", ids={"orderId": order_id}, params={"includedData": DATA}, group="orders.get")


def order_row(ctx: Context, order_id: str) -> wire.Order:
    """An order as Amazon sends it."""
    row: wire.Order = at_path(ctx.read(order_call(order_id)), "order", ORDER)
    return row
