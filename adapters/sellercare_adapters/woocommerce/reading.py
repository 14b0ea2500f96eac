"""Reads that several verbs need."""

from __future__ import annotations

from typing import Any, TypeVar

from sellercare.calls import Call, Listing, read
from sellercare.errors import BadInput
from sellercare.http.pages import PageNumbers, walk
from sellercare.interfaces import Context
from sellercare_adapters.woocommerce import wire

T = TypeVar("T")

ORDERS, ORDER = "/orders", "/orders/{id}"
REFUNDS = "/orders/{id}/refunds"
NOTES = "/orders/{id}/notes"
COMMENTS = "/comments"
ME = "/users/me"
PAGES = PageNumbers(limit=100, pages_header="X-WP-TotalPages")
"""WordPress gives at most a hundred rows a page, and tells the number of pages in a header."""


def number(id: str, field: str) -> str:
    """An id of the caller's. WordPress has numbers only, and some of its addresses are found by them alone."""
    if not (id.isascii() and id.isdecimal()):
        raise BadInput(f"{id!r} is no id of WooCommerce; they are numbers.", field=field)
    return id


def order(ctx: Context, order_id: str, field: str = "order_id") -> wire.Order:
    """An order as WooCommerce sends it."""
    row: wire.Order = ctx.read(read(ORDER, ids={"id": number(order_id, field)}))
    return row


def refunds(ctx: Context, order_id: str) -> list[wire.Refund]:
    """All refunds of an order, newest first."""
    return everything(ctx, read(REFUNDS, ids={"id": order_id}))


def everything(ctx: Context, call: Call) -> list[Any]:
    """All rows of a list, page by page."""
    return list(walk(ctx.http, Listing(call, "", _as_it_is, PAGES)))


def _as_it_is(row: T) -> T:
    return row
