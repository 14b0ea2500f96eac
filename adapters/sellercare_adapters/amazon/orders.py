"""Orders, of the Orders API 2026-01-01. Buyers' names come with the app's roles; no restricted token is wanted."""

from __future__ import annotations

from datetime import timedelta

from sellercare.calls import Listing, Listings, read
from sellercare.http.pages import CursorPages
from sellercare.interfaces import Context, Orders
from sellercare.models import CancelOrder, Order, OrderQuery
from sellercare.translation import translated
from sellercare.writes import Write
from sellercare_adapters.amazon import translate
from sellercare_adapters.amazon.cancelling import cancelling
from sellercare_adapters.amazon.reading import DATA, ORDER, ORDERS, order_row
from sellercare_adapters.amazon.reports import stamp
from sellercare_adapters.amazon.sites import marketplace

_AS_FAR_BACK = timedelta(days=730)


class AmazonOrders(Orders):
    """Orders."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order."""
        marketplace(ctx)
        return translated(translate.order, order_row(ctx, order_id), ORDER, "$.order")

    def find(self, ctx: Context, number: str) -> Order:
        """The same: the number that buyers see is the id."""
        return self.get(ctx, number.strip())

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders of the marketplace that changed since; without a time, of two years."""
        since = query.updated_since or ctx.clock.now() - _AS_FAR_BACK
        params = {"lastUpdatedAfter": stamp(since), "marketplaceIds": marketplace(ctx), "includedData": DATA}
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

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Tell Amazon that a whole order cannot be taken. It is cancelled by a feed, later."""
        return cancelling(ctx, command)
