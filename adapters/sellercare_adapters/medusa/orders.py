"""Orders: read, found by number, cancelled before they are shipped."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sellercare import models
from sellercare.calls import Answer, Listing, Listings, read, write
from sellercare.errors import NotAllowedNow, NotFound
from sellercare.http.pages import OffsetPages, walk
from sellercare.interfaces import Context, Orders
from sellercare.models import CancelOrder, Order, OrderQuery
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.medusa import reading, translate, wire

PAGES = OffsetPages(limit=100, total="count")


class MedusaOrders(Orders):
    """Orders of the shop."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order by its id (`order_…`)."""
        return translated(translate.order, reading.order(ctx, order_id), "GET /admin/orders/{id}", "$.order")

    def find(self, ctx: Context, number: str) -> Order:
        """One order by its display id, or by its custom display id where the shop gives one.

        `q` searches parts of numbers, mail addresses and more, and a filter `display_id` is accepted and ignored
        (2.21.2): so the rows that `q` brings are compared here.
        """
        wanted = number.removeprefix("#").strip()
        call = read("/admin/orders", params={"q": wanted, "fields": wire.ORDER_FIELDS, "order": "-created_at"})
        found = walk(ctx.http, Listing(call, "orders", translate.order, PAGES))
        for order in found:
            if order.number == wanted:
                return order
        raise NotFound(f"There is no order with the number {number!r}.")

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders, last changed first."""
        params: dict[str, Any] = {"fields": wire.ORDER_FIELDS, "order": "-updated_at"}
        if query.updated_since is not None:
            params["updated_at[$gte]"] = query.updated_since.astimezone(UTC).isoformat()
        call = read("/admin/orders", params=params)
        return [Listing(call, "orders", translate.order, PAGES, applied=frozenset({"updated_since"}))]

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Cancel a whole order that is not packed; Medusa pays back what was taken for it."""
        order_id = command.order_id

        def before() -> Any:
            row = reading.order(ctx, order_id)
            if row["status"] == "canceled":
                raise NotAllowedNow(f"Order {order_id} is cancelled already.")
            if any(parcel["canceled_at"] is None for parcel in row.get("fulfillments") or ()):
                raise NotAllowedNow(
                    f"Order {order_id} is packed or shipped; Medusa cancels only what is not.",
                    next_step="Cancel its fulfilments in Medusa's admin first, or open a return.",
                )
            reading.refuse_while_changing(ctx, order_id, "and Medusa would pay back without cancelling it")
            return {"status": row["status"]}

        def find(search: Search) -> Found | None:
            row = reading.order(ctx, order_id)
            return Found(order_id, row) if row["status"] == "canceled" else None

        def result(kept: Kept) -> models.Order:
            return translate.order(kept["cancel"])

        call = write(
            "POST", "/admin/orders/{id}/cancel", ids={"id": order_id}, json={}, params={"fields": wire.ORDER_FIELDS}
        )
        step = Step(
            "cancel", lambda kept: call, keep=_order_of, commits=True, find=find, native_id=lambda kept: str(kept["id"])
        )
        return Write((step,), result, before)


def _order_of(answer: Answer) -> Any:
    return at_path(answer.json(), "order", answer.where)
