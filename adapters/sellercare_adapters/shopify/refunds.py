"""Refunds: listed through their orders, quoted by Shopify's own suggestion, paid through the order or the return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sellercare.calls import Listing, Listings, Nested
from sellercare.errors import NotAllowedNow
from sellercare.graphql import ConnectionPages, found
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context, Refunds
from sellercare.models import IssueRefund, Refund, RefundOption, RefundQuery, RefundTarget
from sellercare.translation import instant
from sellercare.writes import Write
from sellercare_adapters.shopify import documents, ids, paying, quoting, reading, translate
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.orders import since

_ORDERS_AT_ONCE = 25
_HEADS = 20
"""Refunds of which an order in a list tells the ids; one with more is asked again."""

_MOST = 250

Head = tuple[str, datetime]
"""A refund's id, and when it was made."""

_COSTS = "a call for every five refunds of an order: Shopify lists refunds only there"
_CAPPED = (
    "Refunds of orders older than 60 days are only there for apps with the scope read_all_orders. Of a refund with "
    f"more than 20 lines the first ones are shown, of an order with more than {_MOST} refunds the first ones."
)


class ShopifyRefunds(Refunds):
    """Refunds."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds of one order, or of the orders that changed last."""
        if query.order_id is not None:
            return [_of_order(ids.checked(query.order_id, ids.ORDER, "order_id"), query)]
        variables = {"query": since(query.created_since), "refunds": _HEADS}
        orders: Listing[Any, Any] = Listing(
            ADMIN.query(documents.ORDERS_WITH_REFUNDS, variables, group="lists", cost=60),
            "data.orders.nodes",
            lambda row: (str(row["id"]), _heads(row["refunds"])),
            ConnectionPages("data.orders", _ORDERS_AT_ONCE),
            applied=frozenset(RefundQuery.model_fields),
            capped=_CAPPED,
        )
        return [Nested(orders, lambda order: _of_listed(order[0], order[1], query), _COSTS)]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund."""
        ids.checked(refund_id, ids.REFUND, "refund_id")
        call = ADMIN.query(documents.REFUND, {"id": refund_id}, **reading.ONE)
        return found(ctx, call, "data.refund", f"refund {refund_id}", translate.refund)

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """What Shopify suggests, for the order or the return: through all its payments, or as store credit."""
        if target.return_id is not None:
            if ids.kind_of(target.return_id) == ids.DISPUTE:
                raise NotAllowedNow("A chargeback is decided by the buyer's bank: nothing is paid back through it.")
            return quoting.for_return(ctx, ids.checked(target.return_id, ids.RETURN, "return_id"))
        return quoting.for_order(ctx, ids.checked(str(target.order_id), ids.ORDER, "order_id"))

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Pay back: under a key through the order, without one through a return."""
        if command.chosen.return_id is not None:
            return paying.through_return(ctx, command, command.chosen)
        return paying.through_order(ctx, command, command.chosen)


def _heads(rows: Sequence[Any]) -> list[Head]:
    return [(str(row["id"]), instant(row["createdAt"] or row["processedAt"])) for row in rows]


def _of_listed(order_id: str, heads: Sequence[Head], query: RefundQuery) -> Listings[Refund]:
    """The refunds of an order in a list."""
    return [_of_order(order_id, query)] if len(heads) >= _HEADS else _whole(heads, query)


def _of_order(order_id: str, query: RefundQuery) -> Nested[Refund]:
    """The refunds of one order: their ids, then they themselves, a few at once."""
    heads: Listing[Any, list[Head]] = Listing(
        ADMIN.query(documents.REFUND_IDS, {"id": order_id, "first": _MOST}, group="lists", cost=30),
        "data.order.refunds",
        _heads,
        OnePage(),
        applied=frozenset(RefundQuery.model_fields),
        capped=_CAPPED,
        together=lambda rows: [rows] if rows else [],
    )
    return Nested(heads, lambda found: _whole(found, query), _COSTS)


def _whole(heads: Sequence[Head], query: RefundQuery) -> Listings[Refund]:
    since_ = query.created_since
    return [_these(batch) for batch in _batches([gid for gid, made in heads if since_ is None or made >= since_])]


def _batches(refund_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    size = documents.REFUNDS_AT_ONCE
    return (refund_ids[start : start + size] for start in range(0, len(refund_ids), size))


def _these(refund_ids: Sequence[str]) -> Listing[Any, Refund]:
    return Listing(
        ADMIN.query(documents.REFUNDS, {"ids": list(refund_ids)}, group="lists", cost=60),
        "data.nodes",
        translate.refund,
        OnePage(),
        applied=frozenset({"order_id"}),
        together=lambda rows: [row for row in rows if row],
    )
