"""Parcels that come back at simulated Shopify: places that expect goods, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sellercare.simulator.graphql_face import connection_of
from sellercare.simulator.things import Parcel, Return, ReturnLine
from sellercare_adapters.shopify.face_ids import gid


@dataclass
class Delivery(Parcel):
    """A parcel with `pieces` by the id of the return's line, to one `place`. They are in `Return.parcels`, where plain
    ones hold every piece."""

    id: str = ""
    url: str | None = None
    place: str = ""
    pieces: dict[str, int] = field(default_factory=dict)
    label_only: bool = False


def places(return_: Return) -> dict[str, list[ReturnLine]]:
    """The lines of a return by the place that they come back to: one, or as `places` of its `extra` says by line."""
    found: dict[str, list[ReturnLine]] = {}
    for line in return_.lines:
        found.setdefault(return_.extra.get("places", {}).get(line.id, ""), []).append(line)
    return found


def order_id(return_: Return, place: str) -> str:
    """The id of the reverse fulfillment order for a place."""
    return gid("ReverseFulfillmentOrder", f"{return_.id}{place}")


def line_id(line: ReturnLine) -> str:
    """The id of a line that is expected back."""
    return gid("ReverseFulfillmentOrderLineItem", line.id)


def reverse_rows(return_: Return, status: str) -> list[dict[str, Any]]:
    """The reverse fulfillment orders of a return: made when it is approved."""
    if status not in ("OPEN", "CLOSED"):
        return []
    return [reverse_row(return_, place, status) for place in places(return_)]


def reverse_row(return_: Return, place: str, status: str) -> dict[str, Any]:
    """The reverse fulfillment order for one place; `reverse` in the return's `extra` says which have another status."""
    status = return_.extra.get("reverse", {}).get(place, status)
    lines = [_line_row(return_, each) for each in places(return_)[place]]
    parcels = [delivery_row(return_, each) for each in deliveries(return_, place)]
    return {
        "id": order_id(return_, place),
        "status": status,
        "lineItems": lambda info, **asked: connection_of(lines, asked.get("first"), None),
        "reverseDeliveries": lambda info, **asked: connection_of(parcels, asked.get("first"), asked.get("after")),
    }


def deliveries(return_: Return, place: str) -> Iterator[Delivery]:
    """The parcels to one place."""
    for number, parcel in enumerate(return_.parcels):
        if not isinstance(parcel, Delivery):
            pieces = {each.id: each.quantity for each in places(return_)[place]}
            yield Delivery(parcel.carrier, parcel.number, f"{return_.id}-{place}-{number}", None, place, pieces)
        elif parcel.place == place:
            yield parcel


def packed(return_: Return, line: ReturnLine) -> int:
    """How many pieces of a line are in parcels."""
    place = return_.extra.get("places", {}).get(line.id, "")
    return sum(each.pieces.get(line.id, 0) for each in deliveries(return_, place))


def delivery_row(return_: Return, parcel: Delivery) -> dict[str, Any]:
    """A parcel."""
    lines = {each.id: each for each in return_.lines}
    rows = [
        {"quantity": count, "reverseFulfillmentOrderLineItem": _line_row(return_, lines[line])}
        for line, count in parcel.pieces.items()
    ]
    tracking = {"carrierName": parcel.carrier, "number": parcel.number, "url": parcel.url}
    return {
        "id": gid("ReverseDelivery", parcel.id),
        "deliverable": {
            "__typename": "ReverseDeliveryShippingDeliverable",
            "tracking": None if parcel.label_only else tracking,
        },
        "reverseDeliveryLineItems": lambda info, **asked: connection_of(rows, asked.get("first"), None),
    }


def _line_row(return_: Return, line: ReturnLine) -> dict[str, Any]:
    gone = return_.extra.get("disposed", {}).get(line.id)
    bare = return_.extra.get("unverified")
    return {
        "id": line_id(line),
        "totalQuantity": line.quantity,
        "fulfillmentLineItem": None if bare else {"id": gid("FulfillmentLineItem", line.line_id)},
        "dispositions": [{"quantity": gone}] if gone else [],
    }
