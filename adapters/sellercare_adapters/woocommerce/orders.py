"""Orders, and cancelling them by their status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sellercare.calls import Json, Listing, Listings, read, write
from sellercare.errors import NotAllowedNow, NotFound, OutcomeUnknown
from sellercare.interfaces import Context, Orders
from sellercare.models import CancelOrder, Order, OrderQuery
from sellercare.translation import translated
from sellercare.writes import Found, Search, Step, Write
from sellercare_adapters.woocommerce import reading, translate, wire
from sellercare_adapters.woocommerce.reading import ORDER, ORDERS, PAGES

_CANCELLABLE = frozenset({"pending", "on-hold", "processing", "failed"})


def changed_since(moment: datetime | None) -> dict[str, Any]:
    """Parameters for orders by their last change, newest first. `modified_after` leaves its own second out."""
    params: dict[str, Any] = {"orderby": "modified", "order": "desc"}
    if moment is not None:
        params |= {"modified_after": stamp(moment - timedelta(seconds=1)), "dates_are_gmt": "true"}
    return params


def stamp(moment: datetime) -> str:
    """A time as WooCommerce compares it: in UTC, to the second, without a zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


class WooCommerceOrders(Orders):
    """Orders."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order."""
        return translated(translate.order, reading.order(ctx, order_id), f"GET {ORDER}")

    def find(self, ctx: Context, number: str) -> Order:
        """The order with exactly this number: that of the same id, or one that the search brings."""
        if number.isascii() and number.isdecimal():
            try:
                found = self.get(ctx, number)
            except NotFound:
                pass  # a plugin may number orders by itself, so that the number is no id
            else:
                if found.number == number:
                    return found
        rows = ctx.read(read(ORDERS, params={"search": number, "per_page": PAGES.limit}))
        found_rows = translated(lambda rows: [row for row in rows if row["number"] == number], rows, f"GET {ORDERS}")
        if not found_rows:
            raise NotFound(f"The shop shows no order with the number {number}.")
        return translated(translate.order, found_rows[0], f"GET {ORDERS}")

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders, last changed first."""
        call = read(ORDERS, params=changed_since(query.updated_since))
        return [Listing(call, "", translate.order, PAGES, newest_first="updated_at")]

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Set the status to cancelled. Never to refunded: that would book a refund that nobody pays."""
        where = {"id": reading.number(command.order_id, "order_id")}

        def status() -> str:
            row = ctx.read(read(ORDER, ids=where))
            return translated(lambda row: str(row["status"]), row, f"GET {ORDER}")

        def before() -> Json:
            now = status()
            if now not in _CANCELLABLE:
                raise NotAllowedNow(
                    f"Order {command.order_id} is {now}.",
                    next_step="A completed order is paid back with refunds.issue." if now == "completed" else "",
                )
            return {"status": now}

        def find(search: Search) -> Found | None:
            row: wire.Order = ctx.read(read(ORDER, ids=where))
            if row["status"] == "cancelled":
                return Found(command.order_id, row)
            if {"status": row["status"]} != search.before:
                raise OutcomeUnknown(f"The order is {row['status']} by now; it may have been cancelled before that.")
            return None

        # POST changes an order like PUT (route index, 11.0.1), and passes where firewalls stop PUT.
        call = write("POST", ORDER, ids=where, json={"status": "cancelled"})
        step = Step("cancel", lambda kept: call, commits=True, find=find, native_id=lambda row: command.order_id)
        return Write((step,), lambda kept: translate.order(kept["cancel"]), before)
