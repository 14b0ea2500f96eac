"""Orders, and calling them off."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings
from sellercare.errors import BadInput, NotAllowedNow, NotFound
from sellercare.graphql import ConnectionPages, payload_of
from sellercare.http.pages import walk
from sellercare.interfaces import Context, Orders
from sellercare.models import CancelOrder, Order, OrderQuery
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import crediting, documents, ids, quoting, reading, translate
from sellercare_adapters.shopify.documents import ADMIN

_CAPPED = "Orders older than 60 days are only there for apps with the scope read_all_orders."


def since(moment: datetime | None) -> str | None:
    """The search filter for orders that changed at or after a time."""
    if moment is None:
        return None
    return f"updated_at:>='{moment.astimezone(UTC).isoformat(timespec='seconds').replace('+00:00', 'Z')}'"


def _listing(ctx: Context, query: str | None, applied: frozenset[str]) -> Listing[Any, Order]:
    variables = {"query": query, "lines": documents.LINES_IN_LIST, "parcels": documents.PARCELS_IN_LIST}
    return Listing(
        ADMIN.query(documents.ORDERS, variables, group="lists", cost=100),
        "data.orders.nodes",
        translate.order,
        ConnectionPages("data.orders", documents.ORDERS_IN_LIST),
        applied=applied,
        newest_first="updated_at",
        capped=_CAPPED,
        together=partial(reading.whole_orders, ctx),
    )


def _cancelled(row: Any) -> Json:
    """When an order was cancelled; None if it was not."""
    return row["cancelledAt"]


class ShopifyOrders(Orders):
    """Orders of the shop."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order with all its lines."""
        return reading.order(ctx, order_id)

    def find(self, ctx: Context, number: str) -> Order:
        """The order whose name is the number, with or without the `#` in front."""
        if '"' in number or "'" in number or "\\" in number:
            raise BadInput(f"{number!r} is no name of an order.", field="number")
        wanted = {number, f"#{number}"}
        for order in walk(ctx.http, _listing(ctx, f'name:"{number}"', frozenset())):
            if order.number in wanted:
                return order
        raise NotFound(f"Shopify shows no order {number!r} to this app.")

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders, last changed first."""
        return [_listing(ctx, since(query.updated_since), frozenset())]

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Call a whole order off, and pay back what was paid: Shopify's job does both, later.

        It goes back to the payments; as store credit only where the seller gives nothing else (`store_credit`).
        """
        reason = command.reason or "OTHER"
        order_id = ids.checked(command.order_id, ids.ORDER, "order_id")
        credit = ctx.settings.store_credit == crediting.ONLY

        def call(kept: Kept) -> Call:
            variables = {
                "id": order_id,
                "reason": reason,
                "restock": ctx.settings.restock_cancelled,
                "notify": ctx.settings.notify_buyers,
                "refundMethod": kept["method"] if credit else crediting.TO_PAYMENTS,
            }
            return ADMIN.mutation(documents.ORDER_CANCEL, variables, group="orders.cancel", cost=20)

        def look() -> Json:
            return reading.thing(ctx, documents.ORDER_STATE, "order", order_id, _cancelled)

        def before() -> Json:
            if look() is not None:
                raise NotAllowedNow(f"The order {order_id} is cancelled already.")
            return None

        def find(search: Search) -> Found | None:
            at = look()
            return None if at is None else Found(order_id, {"cancelledAt": at})

        def keep(answer: Answer) -> Json:
            return payload_of("data.orderCancel.job")(answer)

        cancel = Step("cancel", call, keep, commits=True, find=find, native_id=lambda kept: order_id)
        steps = (quoting.credit_of_cancelled(order_id), cancel) if credit else (cancel,)
        return Write(steps, lambda kept: translate.cancelling(order_id, kept["cancel"]), before)
