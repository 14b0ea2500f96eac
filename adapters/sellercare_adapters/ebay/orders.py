"""Orders. eBay calls whole orders off, before they are shipped."""

from __future__ import annotations

from datetime import timedelta

from sellercare.calls import Call, Listing, Listings, read
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Orders
from sellercare.models import CancelOrder, Order, OrderQuery
from sellercare.translation import translated
from sellercare.writes import Write
from sellercare_adapters.ebay import aftersales, translate, wire
from sellercare_adapters.ebay.times import stamp

ORDER = "/sell/fulfillment/v1/order/{order_id}"
ORDERS = "/sell/fulfillment/v1/order"
ORDER_GROUP = "orders"

_BACK = timedelta(days=729)
_CAPPED = "eBay lists orders of the last two years."


def order_row(ctx: Context, order_id: str) -> wire.Order:
    """An order as eBay sends it."""
    row: wire.Order = ctx.read(read(ORDER, ids={"order_id": order_id}, group=ORDER_GROUP))
    return row


def orders_call(ctx: Context, query: OrderQuery) -> Call:
    """The list of orders: those changed since, or else all that eBay keeps.

    Without a filter eBay may show fewer; of both filters it would only use the one by creation.
    """
    if query.updated_since:
        limits = f"lastmodifieddate:[{stamp(query.updated_since)}..]"
    else:
        limits = f"creationdate:[{stamp(ctx.clock.now() - _BACK)}..]"
    return read(ORDERS, params={"filter": limits}, group=ORDER_GROUP)


PAGES = OffsetPages(limit=200, total="total")
"""Pages of orders."""


class EbayOrders(Orders):
    """Orders."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order."""
        return translated(translate.order, order_row(ctx, order_id), f"GET {ORDER}")

    def find(self, ctx: Context, number: str) -> Order:
        """The number that buyers see is the id."""
        return self.get(ctx, number)

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders of the last two years."""
        return [
            Listing(
                orders_call(ctx, query),
                items="orders",
                translate=translate.order,
                pages=PAGES,
                applied=frozenset({"updated_since"}),
                capped=_CAPPED,
            )
        ]

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Call the whole order off; eBay pays it back."""
        return aftersales.cancellations().begin(ctx, command)
