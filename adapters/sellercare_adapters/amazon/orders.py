"""Orders, of the Orders API 2026-01-01. Buyers' names come with the app's roles; no restricted token is wanted."""

from __future__ import annotations

from datetime import timedelta

from sellercare.calls import Listing, Listings, read
from sellercare.http.pages import CursorPages
from sellercare.interfaces import Context, Orders
from sellercare.models import Order, OrderQuery
from sellercare.translation import at_path, translated
from sellercare_adapters.amazon import translate, wire
from sellercare_adapters.amazon.reports import stamp
from sellercare_adapters.amazon.sites import marketplace

ORDERS = "/orders/2026-01-01/orders"

_DATA = "BUYER,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES"
_AS_FAR_BACK = timedelta(days=730)


def order_row(ctx: Context, order_id: str) -> wire.Order:
    """An order as Amazon sends it."""
    call = read(ORDERS + "/{orderId}", ids={"orderId": order_id}, params={"includedData": _DATA}, group="orders.get")
    row: wire.Order = at_path(ctx.read(call), "order", "GET /orders/{orderId}")
    return row


class AmazonOrders(Orders):
    """Orders."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order."""
        marketplace(ctx)
        return translated(translate.order, order_row(ctx, order_id), "GET /orders/{orderId}", "$.order")

    def find(self, ctx: Context, number: str) -> Order:
        """The same: the number that buyers see is the id."""
        return self.get(ctx, number.strip())

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders of the marketplace that changed since; without a time, of two years."""
        since = query.updated_since or ctx.clock.now() - _AS_FAR_BACK
        params = {"lastUpdatedAfter": stamp(since), "marketplaceIds": marketplace(ctx), "includedData": _DATA}
        return [
            Listing(
                read(ORDERS, params=params, group="orders.list"),
                items="orders",
                translate=translate.order,
                pages=CursorPages(
                    "pagination.nextToken", "paginationToken", limit=100, limit_param="maxResultsPerPage"
                ),
                applied=frozenset({"updated_since"}),
                capped="" if query.updated_since else "Orders that changed in the last two years.",
            )
        ]
