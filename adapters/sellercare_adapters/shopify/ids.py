"""Shopify's ids: `gid://shopify/Return/123`. The word in the middle says what a thing is."""

from __future__ import annotations

import re

from sellercare.errors import BadInput

_GID = re.compile(r"gid://shopify/(\w+)/(\d+)(\?\S*)?")

ORDER = "Order"
RETURN = "Return"
REFUND = "Refund"
DISPUTE = "ShopifyPaymentsDispute"

LINE = "LineItem"
"""A line of an order: what refunds name."""

FULFILLED = "FulfillmentLineItem"
"""A line of a parcel: what a return is opened with."""

RETURNED = "ReturnLineItem"
"""A line of a return: what is processed."""

DUTY = "Duty"
"""Customs of a line of an order."""


def kind_of(gid: str) -> str:
    """What an id stands for; empty for a text that is no id of Shopify's."""
    found = _GID.fullmatch(gid)
    return found[1] if found else ""


def checked(gid: str, kind: str, field: str) -> str:
    """The id, if it is one of this kind; BadInput before anything is asked, because Shopify would only say null."""
    if kind_of(gid) != kind:
        raise BadInput(
            f"{gid!r} is not the id of a {kind} at Shopify.",
            field=field,
            next_step=f"Ids look like gid://shopify/{kind}/123; the number that people see is another one.",
        )
    return gid


def made(kind: str, number: object) -> str:
    """The id of the thing with this number, as webhooks and REST write it."""
    return f"gid://shopify/{kind}/{number}"
