"""Sending a document as a feed: a place for it, its bytes, and the feed itself, which alone commits."""

from __future__ import annotations

from collections.abc import Callable

from sellercare.calls import Call, Json, read, stored, write
from sellercare.writes import Found, Kept, Search, Step, nothing

FEEDS = "/feeds/2021-06-30/feeds"
DOCUMENTS = "/feeds/2021-06-30/documents"

ADJUSTMENT = "POST_PAYMENT_ADJUSTMENT_DATA"
"""Pays buyers back."""

ACKNOWLEDGEMENT = "POST_ORDER_ACKNOWLEDGEMENT_DATA"
"""Says that an order is taken, or that it cannot be: that cancels it."""

CONTENT_TYPE = "text/xml; charset=UTF-8"


def feed_steps(
    kind: str,
    place: str,
    body: Callable[[Kept], bytes],
    *,
    find: Callable[[Search], Found | None],
    native_id: Callable[[Json], str | None],
) -> tuple[Step, Step, Step]:
    """The three steps of a feed of this kind, for the marketplace `place`. `body` makes the document."""

    def put(kept: Kept) -> Call:
        headers = {"Content-Type": CONTENT_TYPE}
        return stored("write", kept["document"]["url"], method="PUT", body=body(kept), headers=headers)

    def feed(kept: Kept) -> Call:
        asked = {"feedType": kind, "marketplaceIds": [place]}
        asked["inputFeedDocumentId"] = kept["document"]["feedDocumentId"]
        return write("POST", FEEDS, json=asked, group="feeds.create")

    declare = write("POST", DOCUMENTS, json={"contentType": CONTENT_TYPE}, group="feeds.document")
    return (
        Step("document", lambda kept: declare),
        Step("upload", put, nothing),
        Step("feed", feed, commits=True, find=find, native_id=native_id),
    )


def feed_call(feed_id: str) -> Call:
    """A feed: how far it is."""
    return read(FEEDS + "/{feedId}", ids={"feedId": feed_id}, group="feeds.get")
