"""Reads that several verbs share: a whole order, a whole return, a connection's every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sellercare.calls import Listing
from sellercare.graphql import ConnectionPages, found
from sellercare.http.pages import walk
from sellercare.interfaces import Context
from sellercare.models import Order, Return
from sellercare.translation import translated
from sellercare_adapters.shopify import documents, ids, translate
from sellercare_adapters.shopify.documents import ADMIN

T = TypeVar("T")

ONE: Mapping[str, Any] = {"cost": 30}
"""What a read of one thing takes of the shop's points, about; what it really took is told by its answer."""

_PARCELS_OF_PLACE = "reverseFulfillmentOrder.reverseDeliveries"


def as_it_is(row: Any) -> Any:
    """The row."""
    return row


def thing(ctx: Context, document: str, field: str, gid: str, make: Callable[[Any], T], **variables: Any) -> T:
    """What `make` makes of the thing under `data.field`; NotFound where Shopify says null."""
    call = ADMIN.query(document, {"id": gid, **variables}, **ONE)
    return found(ctx, call, f"data.{field}", f"{ids.kind_of(gid)} {gid}", make)


def every(
    ctx: Context,
    document: str,
    connection: str,
    variables: Mapping[str, Any],
    limit: int,
    *,
    after: str = "after",
    make: Callable[[Any], Any] = as_it_is,
) -> list[Any]:
    """All rows of a connection, page by page; `make` makes something of each."""
    first = "first" if after == "after" else after.removesuffix("After")
    pages = ConnectionPages(f"data.{connection}", limit, first, after)
    call = ADMIN.query(document, variables, **ONE)
    listing: Listing[Any, Any] = Listing(call, f"data.{connection}.nodes", make, pages)
    return list(walk(ctx.http, listing))


def order(ctx: Context, order_id: str) -> Order:
    """An order with all its lines."""
    ids.checked(order_id, ids.ORDER, "order_id")
    return _with_all_lines(
        ctx,
        documents.ORDER,
        documents.ORDER_LINES,
        "order",
        "lineItems",
        order_id,
        documents.LINES_AT_ONCE,
        translate.order,
        parcels=documents.PARCELS_AT_ONCE,
    )


def whole_orders(ctx: Context, rows: list[Any]) -> list[Any]:
    """Orders of a list with all their lines and parcels: where the list shows the first ones, all are asked for.

    An order that is not there any more by then is left out.
    """
    cut = [row["id"] for row in rows if _is_cut(row)]
    if not cut:
        return rows
    size = documents.LONG_ORDERS_AT_ONCE
    whole: dict[str, Any] = {}
    for start in range(0, len(cut), size):
        whole.update(_long_orders(ctx, cut[start : start + size]))
    return [row | whole.get(row["id"], {}) for row in rows if row["id"] in whole or not _is_cut(row)]


def _is_cut(row: Any) -> bool:
    """Whether an order has more lines than a list shows, or may have more parcels."""
    return row["lineItems"]["pageInfo"]["hasNextPage"] or len(row["fulfillments"]) >= documents.PARCELS_IN_LIST


def _long_orders(ctx: Context, order_ids: Sequence[str]) -> Mapping[str, Any]:
    """Lines and parcels of orders, by the order's id."""
    limits = {"lines": documents.LINES_OF_LONG_ORDER, "parcels": documents.PARCELS_AT_ONCE}
    call = ADMIN.query(documents.LONG_ORDERS, {"ids": list(order_ids), **limits}, group="lists", cost=60)
    document = ctx.read(call)
    found = translated(lambda data: [row for row in data["data"]["nodes"] if row], document, call.title)
    return {row["id"]: row | {"lineItems": _all_lines(ctx, row)} for row in found}


def _all_lines(ctx: Context, row: Any) -> Any:
    """The lines of a long order, with the pages behind the first."""
    page = row["lineItems"]
    if not page["pageInfo"]["hasNextPage"]:
        return page
    start = {"id": row["id"], "linesAfter": page["pageInfo"]["endCursor"]}
    size = documents.LINES_AT_ONCE
    more = every(ctx, documents.ORDER_LINES, "order.lineItems", start, size, after="linesAfter")
    return _all([*page["nodes"], *more])


def return_as(ctx: Context, return_id: str, make: Callable[[Any], T]) -> T:
    """What `make` makes of a return as Shopify sends it, with all its lines."""
    ids.checked(return_id, ids.RETURN, "return_id")

    def whole(row: Any, lines: Sequence[Any] | None) -> T:
        if lines is not None:
            row = {**row, "returnLineItems": _all(lines)}
        return make(row)

    return _with_all_lines(
        ctx,
        documents.RETURN,
        documents.RETURN_LINES,
        "return",
        "returnLineItems",
        return_id,
        documents.RETURN_LINES_AT_ONCE,
        whole,
    )


def return_(ctx: Context, return_id: str) -> Return:
    """A return with all its lines and parcels."""

    def whole(row: Any) -> Return:
        page = row["reverseFulfillmentOrders"]
        rest = _behind(
            ctx,
            page,
            documents.REVERSE_ORDERS,
            "return.reverseFulfillmentOrders",
            return_id,
            documents.REVERSE_ORDERS_AT_ONCE,
        )
        places = [{**each, "reverseDeliveries": _all(_parcels_at(ctx, each))} for each in [*page["nodes"], *rest]]
        whole_row: Any = {**row, "reverseFulfillmentOrders": _all(places)}
        return translate.return_(whole_row)

    return return_as(ctx, return_id, whole)


def parcels(ctx: Context, return_id: str) -> list[Any]:
    """All parcels of a return, to whichever place."""
    variables = {"id": return_id}
    limit = documents.REVERSE_ORDERS_AT_ONCE
    places = every(ctx, documents.REVERSE_ORDERS, "return.reverseFulfillmentOrders", variables, limit)
    return [parcel for each in places for parcel in _parcels_at(ctx, each)]


def parcels_to(ctx: Context, place: str) -> list[Any]:
    """All parcels to one place, with the pieces that are in them."""
    return every(ctx, documents.DELIVERIES, _PARCELS_OF_PLACE, {"id": place}, documents.DELIVERIES_AT_ONCE)


def _parcels_at(ctx: Context, place: Any) -> list[Any]:
    """The parcels that a place shows, and those behind them."""
    page, limit = place["reverseDeliveries"], documents.DELIVERIES_AT_ONCE
    return [*page["nodes"], *_behind(ctx, page, documents.DELIVERIES, _PARCELS_OF_PLACE, place["id"], limit)]


def _behind(ctx: Context, page: Any, document: str, connection: str, gid: str, limit: int) -> list[Any]:
    """The rows of a connection behind its first page."""
    if not page["pageInfo"]["hasNextPage"]:
        return []
    return every(ctx, document, connection, {"id": gid, "after": page["pageInfo"]["endCursor"]}, limit)


def _all(rows: Sequence[Any]) -> Any:
    """A connection of which nothing more is to be asked for."""
    return {"nodes": list(rows), "pageInfo": {"hasNextPage": False, "endCursor": None}}


def return_row(ctx: Context, return_id: str) -> Any:
    """A return as Shopify sends it, with all its lines: it is known to have what a return has."""

    def checked(row: Any) -> Any:
        translate.return_(row)
        return row

    return return_as(ctx, return_id, checked)


def _with_all_lines(
    ctx: Context,
    document: str,
    rest: str,
    field: str,
    connection: str,
    gid: str,
    limit: int,
    make: Callable[[Any, Sequence[Any] | None], T],
    **variables: Any,
) -> T:
    """A thing, and the pages of its lines behind the first."""
    call = ADMIN.query(document, {"id": gid, "lines": limit, **variables}, **ONE)

    def whole(row: Any) -> T:
        page = row[connection]
        if not page["pageInfo"]["hasNextPage"]:
            return make(row, None)
        start = {"id": gid, "linesAfter": page["pageInfo"]["endCursor"]}
        more = every(ctx, rest, f"{field}.{connection}", start, limit, after="linesAfter")
        return make(row, [*page["nodes"], *more])

    return found(ctx, call, f"data.{field}", f"{ids.kind_of(gid)} {gid}", whole)
