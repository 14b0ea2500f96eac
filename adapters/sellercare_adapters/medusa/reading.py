"""Reads that several verbs need: an order, its changes, a return, a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sellercare.calls import Json, read
from sellercare.errors import ConfigError, NotAllowedNow, NotFound
from sellercare.interfaces import Context
from sellercare.translation import at_path
from sellercare_adapters.medusa import wire

_ACTIVE = frozenset({"pending", "requested"})


def one(ctx: Context, path: str, item: str, row_id: str, fields: str) -> Any:
    """One thing by its id. Raises NotFound."""
    payload = ctx.read(read(path, ids={"id": row_id}, params={"fields": fields}))
    return at_path(payload, item, f"GET {path}")


def rows(ctx: Context, path: str, items: str, params: Mapping[str, Any], ids: Mapping[str, str] | None = None) -> Any:
    """The rows of a list that fits on one page."""
    return at_path(ctx.read(read(path, ids=ids or {}, params=params)), items, f"GET {path}")


def order(ctx: Context, order_id: str) -> wire.Order:
    """An order with all that verbs need of it."""
    found: wire.Order = one(ctx, "/admin/orders/{id}", "order", order_id, wire.ORDER_FIELDS)
    return found


def return_(ctx: Context, return_id: str) -> wire.Return:
    """A return with its lines and labels."""
    found: wire.Return = one(ctx, "/admin/returns/{id}", "return", return_id, wire.RETURN_FIELDS)
    return found


def claim(ctx: Context, claim_id: str) -> wire.Claim:
    """A claim with its lines."""
    found: wire.Claim = one(ctx, "/admin/claims/{id}", "claim", claim_id, wire.CLAIM_FIELDS)
    return found


def is_claim(return_id: str) -> bool:
    """Whether an id is a claim's: Medusa writes what a thing is in front of its id."""
    return return_id.startswith("claim_")


def changes(ctx: Context, order_id: str) -> list[wire.OrderChange]:
    """All changes of an order, done and open ones, with their actions."""
    path = "/admin/orders/{id}/changes"
    found: list[wire.OrderChange] = rows(ctx, path, "order_changes", {"fields": wire.CHANGE_FIELDS}, {"id": order_id})
    return found


def refuse_while_changing(ctx: Context, order_id: str, why: str) -> None:
    """Raise NotAllowedNow while somebody else's change of the order is open: an order has only one at a time."""
    for change in changes(ctx, order_id):
        if change["status"] in _ACTIVE:
            what = change["return_id"] or change["claim_id"] or change["id"]
            kind = (change["change_type"] or "change").replace("_", " ")
            raise NotAllowedNow(
                f"Order {order_id} has an open change ({kind} {what}), {why}.",
                next_step="Finish it or call it off in Medusa's admin, then try again.",
            )


def check_location(ctx: Context) -> None:
    """Raise ConfigError for a stock location in the settings that is not there: Medusa takes any, and fails late."""
    if not ctx.settings.return_location_id:
        return
    try:
        one(ctx, "/admin/stock-locations/{id}", "stock_location", ctx.settings.return_location_id, "id")
    except NotFound:
        raise ConfigError(
            f"The shop has no stock location {ctx.settings.return_location_id!r}.",
            setting="return_location_id",
            next_step="Copy its id (sloc_…) from the address of its page in Medusa's admin.",
        ) from None


def first(found: list[Json]) -> Any:
    """The first row, or None."""
    return found[0] if found else None
