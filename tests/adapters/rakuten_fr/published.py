"""What is published of Rakuten France, and how its parts are named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

UNUSED = {
    "acceptsale": "accepting a sale comes before what follows one: no common verb",
    "confirmpreorder": "the same for a sale ordered before its release",
    "getbillinginformation": "commissions of the seller: no common verb",
    "getshippinginformation": "addresses and labels: carrier booking is none of our business",
    "settrackingpackageinfos": "tracking numbers: no common verb",
    "importitemshippingstatus": "tracking numbers of many items, as a file: no common verb",
}
"""Services that the adapter does not use."""

SAMPLES = {
    "getitemtodolist": "getitemtodolist",
    "getiteminfos": "getiteminfos",
    "getnewsales": "getnewsales",
    "getcurrentsales": "getcurrentsales",
    "contactuseraboutitem": "contactuser",
    "contactusaboutitem": "contactus",
    "cancelitem": "cancelitem",
    "getoperations": "getoperations",
    "getcompensationdetails": "getcompensationdetails",
    "listing": "listing",
}
"""The sample of each service."""


ALSO = {"listing": "listing_scope_pricing_trimmed"}
"""A second sample of a service: what it tells with another scope."""


def names(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all elements; rows of a list are one element."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"{path}.{name}"
            yield from names(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from names(each, path)
