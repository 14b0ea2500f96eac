"""Buyers' wishes to cancel, which stand in their orders: returns of the kind cancellation, asked for and not decided.

Sellers meet a wish by cancelling the order (`orders.cancel` with the reason BuyerCanceled), or ship all the same.
"""

from __future__ import annotations

from datetime import datetime

from sellercare.calls import Listing, Listings, Rows, read
from sellercare.errors import NotFound
from sellercare.http.pages import CursorPages
from sellercare.interfaces import Context
from sellercare.models import Return
from sellercare.translation import translated
from sellercare_adapters.amazon import ids, translate, wire
from sellercare_adapters.amazon.reading import ORDER, ORDERS, order_row
from sellercare_adapters.amazon.reports import stamp
from sellercare_adapters.amazon.sites import marketplace

_OPEN = "UNSHIPPED,PARTIALLY_SHIPPED"
_CAPPED = "Wishes to cancel are listed while their orders are not shipped."
_OFF = "Buyers' wishes to cancel are listed where the setting cancellation_wishes is on."


def wishes(ctx: Context, since: datetime, order_id: str | None) -> Listings[Return]:
    """The wishes in orders that changed since, that are not shipped, and that Amazon does not ship; or in one order.

    A call for a hundred orders; after the first twenty calls one in three minutes (orders 2026-01-01, usage plan).
    """
    if not ctx.settings.cancellation_wishes:
        return [Rows(fetch=list, translate=translate.wish, where=ORDERS, capped=_OFF)]
    if order_id is not None:
        return [Rows(fetch=lambda: _wished([order_row(ctx, order_id)]), translate=translate.wish, where=ORDER)]
    params = {
        "marketplaceIds": marketplace(ctx),
        "lastUpdatedAfter": stamp(since),
        "fulfillmentStatuses": _OPEN,
        "fulfilledBy": "MERCHANT",
        "includedData": "CANCELLATION,FULFILLMENT",
    }
    listing = Listing(
        read(ORDERS, params=params, group="orders.list"),
        items="orders",
        translate=translate.wish,
        pages=CursorPages("pagination.nextToken", "paginationToken", limit=100, limit_param="maxResultsPerPage"),
        applied=frozenset({"updated_since"}),
        capped=_CAPPED,
        together=_wished,
    )
    return [listing]


def _wished(rows: list[wire.Order]) -> list[wire.Order]:
    return translated(lambda found: [row for row in found if translate.wished_items(row)], rows, f"GET {ORDERS}")


def wish_of(ctx: Context, return_id: str) -> Return:
    """The wish in one order. Raises NotFound where there is none."""
    row = order_row(ctx, return_id.removeprefix(ids.WISH))
    if not translated(translate.wished_items, row, ORDER):
        raise NotFound("The buyer of this order has not asked to cancel it.")
    return translated(translate.wish, row, ORDER)
