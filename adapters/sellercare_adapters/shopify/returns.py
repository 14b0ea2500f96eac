"""Returns, found through their orders; and chargebacks, which Shopify Payments calls disputes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.calls import Listing, Listings, Nested
from sellercare.errors import BadInput
from sellercare.graphql import ConnectionPages
from sellercare.interfaces import Context, Returns
from sellercare.models import Decision, OpenReturn, Return, ReturnAction, ReturnKind, ReturnQuery, ReturnState
from sellercare.writes import Write
from sellercare_adapters.shopify import deciding, disputes, documents, ids, opening, reading, receiving, translate
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.orders import since

_ORDERS_AT_ONCE = 50
_RETURNS_AT_ONCE = 5
_COSTS = "a call for each order that has returns: Shopify lists returns only there"
_LINES_CAPPED = (
    f"Of a return with more than {documents.RETURN_LINES_IN_LIST} lines the list shows the first ones, and of its "
    "parcels the first three to each of the first two places; `returns.get` shows all."
)
_OLD = "Returns of orders older than 60 days are only there for apps with the scope read_all_orders."
_NO_CHARGEBACKS = "Chargebacks are left out: ask for kind=chargeback, or set `chargebacks`."
_DISPUTES = (ReturnKind.CHARGEBACK, ReturnKind.INQUIRY)


class ShopifyReturns(Returns):
    """Returns and chargebacks."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Returns through the orders that changed last, then chargebacks where they are asked for."""
        listings: list[Listing[Any, Return] | Nested[Return]] = []
        with_disputes = query.kind in _DISPUTES or (query.kind is None and ctx.settings.chargebacks)
        if query.kind in (None, ReturnKind.RETURN):
            listings.append(_returns(query, "" if with_disputes or query.kind else _NO_CHARGEBACKS))
        if with_disputes:
            listings.append(disputes.listing(query))
        return listings

    def get(self, ctx: Context, return_id: str) -> Return:
        """One return, or chargeback."""
        if ids.kind_of(return_id) == ids.DISPUTE:
            return disputes.one(ctx, return_id)
        return reading.return_(ctx, return_id)

    def allowed(self, ctx: Context, return_id: str) -> Sequence[ReturnAction]:
        """What the status of the return and its lines allow."""
        if ids.kind_of(return_id) == ids.DISPUTE:
            return disputes.allowed(ctx, return_id)
        return reading.return_as(ctx, return_id, lambda row: deciding.allowed(ctx, row))

    def open(self, ctx: Context, command: OpenReturn) -> Write[Return]:
        """Open a return that is approved."""
        return opening.opening(ctx, command)

    def approve(self, ctx: Context, command: Decision) -> Write[Return]:
        """Agree to a request; or, with a variant, open a return again, let an exchange go out, or tell of a parcel."""
        return deciding.approve(ctx, command)

    def decline(self, ctx: Context, command: Decision) -> Write[Return]:
        """Refuse a request, or call an open return off."""
        return deciding.decline(ctx, command)

    def receive(self, ctx: Context, command: Decision) -> Write[Return]:
        """Process pieces that are back, without money."""
        return receiving.receive(ctx, command)

    def contest(self, ctx: Context, command: Decision) -> Write[Return]:
        """Send evidence against a chargeback."""
        if ids.kind_of(command.return_id) != ids.DISPUTE:
            raise BadInput("Only a chargeback can be contested.", field="return_id")
        return disputes.contest(ctx, command)


def _returns(query: ReturnQuery, capped: str) -> Nested[Return] | Listing[Any, Return]:
    if query.order_id is not None:
        return _of_order(ids.checked(query.order_id, ids.ORDER, "order_id"), capped)
    search = [since(query.updated_since)]
    if query.state is ReturnState.REQUESTED:
        search.append("return_status:return_requested")
    variables = {"query": " ".join(each for each in search if each) or None}
    parents: Listing[Any, Any] = Listing(
        ADMIN.query(documents.ORDERS_WITH_RETURNS, variables, group="lists", cost=60),
        "data.orders.nodes",
        lambda row: (str(row["id"]), bool(row["returns"]["nodes"])),
        ConnectionPages("data.orders", _ORDERS_AT_ONCE),
        applied=frozenset(type(query).model_fields),
        capped=" ".join(each for each in (_OLD, _LINES_CAPPED, capped) if each),
    )
    return Nested(parents, lambda order: [_of_order(order[0])] if order[1] else (), _COSTS)


def _of_order(order_id: str, capped: str = "") -> Listing[Any, Return]:
    variables = {"id": order_id, "lines": documents.RETURN_LINES_IN_LIST}
    return Listing(
        ADMIN.query(documents.RETURNS_OF_ORDER, variables, group="lists", cost=60),
        "data.order.returns.nodes",
        translate.return_,
        ConnectionPages("data.order.returns", _RETURNS_AT_ONCE),
        applied=frozenset({"order_id"}),
        capped=" ".join(each for each in (_LINES_CAPPED, capped) if each),
    )
