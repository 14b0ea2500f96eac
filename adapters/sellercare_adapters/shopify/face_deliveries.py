"""Telling simulated Shopify of parcels that come back.

Refusals are as a live shop's of 2026-07 (answers recorded in the project shopify-draft-proxy): about lines they have no
code. Whether pieces in earlier parcels count against a new one is not recorded; here they do.
"""

from __future__ import annotations

from typing import Any

from sellercare.simulator.things import Return, ReturnLine
from sellercare_adapters.shopify.face_parcels import (
    Delivery,
    delivery_row,
    line_id,
    order_id,
    packed,
    places,
    reverse_row,
)
from sellercare_adapters.shopify.face_rows import STATUS
from sellercare_adapters.shopify.face_writes import ShopifyWrites

_HAS_A_PAGE = {"1Z": ("UPS", "https://www.ups.com/track?tracknum={}")}
"""Beginnings of numbers by which the simulated shop knows the carrier: Shopify knows more of them."""


class ShopifyDeliveries(ShopifyWrites):
    """Parcels that come back."""

    def reverse_order(self, info: Any, **asked: Any) -> Any:
        """A reverse fulfillment order by its id."""
        self.need("read_returns")
        found = self._place(asked["id"])
        return reverse_row(*found, STATUS.get(found[0].state, "OPEN")) if found else None

    def delivery_create(self, info: Any, **asked: Any) -> Any:
        """A parcel with some pieces, or with all of a place where none are named."""
        self.need("write_returns")
        found = self._place(asked["reverseFulfillmentOrderId"])
        if found is None:
            field = ["reverseFulfillmentOrderId"]
            error = {"code": "NOT_FOUND", "field": field, "message": "Reverse fulfillment order was not found."}
            return {"reverseDelivery": None, "userErrors": [error]}
        return_, place = found
        tracking = asked.get("trackingInput") or {}
        pieces, errors = _pieces(places(return_)[place], return_, asked["reverseDeliveryLineItems"])
        if not tracking:
            errors.append({"code": None, "field": None, "message": "must receive return_label_file or tracking_info"})
        if errors:
            return {"reverseDelivery": None, "userErrors": errors}
        number = tracking.get("number")
        carrier, page = _HAS_A_PAGE.get((number or "")[:2], (None, ""))
        url = tracking.get("url") or page.format(number) or None
        made = Delivery(carrier, number, self.world.new_id("rvd"), url, place, pieces)
        return_.parcels.append(made)
        self.world.act("return.parcel", return_.id, f"{number} {sorted(pieces.items())}")
        return {"reverseDelivery": delivery_row(return_, made), "userErrors": []}

    def _place(self, shown: str) -> tuple[Return, str] | None:
        for return_ in self.world.data.returns.values():
            if return_.kind == "return" and STATUS.get(return_.state, "OPEN") in ("OPEN", "CLOSED"):
                for place in places(return_):
                    if order_id(return_, place) == shown:
                        return return_, place
        return None


def _pieces(
    lines: list[ReturnLine], return_: Return, asked: list[dict[str, Any]]
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The pieces of a parcel by the return's line, and what is wrong with them."""
    shown = {line_id(line): line for line in lines}
    pieces: dict[str, int] = {}
    errors = []
    for number, each in enumerate(
        asked
        or [{"reverseFulfillmentOrderLineItemId": name, "quantity": line.quantity} for name, line in shown.items()]
    ):
        line = shown.get(each["reverseFulfillmentOrderLineItemId"])
        where = ["reverseDeliveryLineItems", str(number)]
        if line is None:
            field = [*where, "reverseFulfillmentOrderLineItemId"]
            errors.append({"code": None, "field": field, "message": "must exist"})
            continue
        pieces[line.id] = pieces.get(line.id, 0) + each["quantity"]
        if pieces[line.id] + packed(return_, line) > line.quantity:
            message = "cannot deliver more items than are returned"
            errors.append({"code": None, "field": [*where, "quantity"], "message": message})
    return pieces, errors
