"""What a listing verb returns: a lazy iterator that says what it costs and what the platform leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from sellercare.calls import Listing, Listings, Nested, Rows, Sender
from sellercare.errors import BadAnswer, PlatformError, RateLimited, Refused, StillWorking, TryLater, Unavailable
from sellercare.http.pages import all_at_once, walk
from sellercare.models import Model
from sellercare.shop.filters import Filter, filters_for

M = TypeVar("M", bound=Model)


class Results(Generic[M]):
    """Rows that are fetched while you iterate; each iteration starts anew.

    `capped` is a sentence if the platform lists only a part. `costs` is a sentence if a filter that you asked for
    costs a call for each row. Raises PlatformError while iterating. Where one of several lists of a platform cannot be
    told (a report that it cancelled, a role that is missing), the others are told first, and then it is said.
    """

    def __init__(self, sender: Sender, listings: Listings[M], query: Model) -> None:
        self._sender = sender
        self._query = query
        self._listings = listings

    @property
    def capped(self) -> str:
        """What the platform never lists, in sentences, each once; empty if nothing."""
        own = (each.parents if isinstance(each, Nested) else each for each in self._listings)
        sentences = dict.fromkeys(each.rstrip(".") for listing in own for each in listing.capped.split(". ") if each)
        return "".join(f"{each}. " for each in sentences).rstrip()

    @property
    def costs(self) -> str:
        """What the asked-for filters cost beyond the pages themselves, in a sentence; empty if nothing."""
        return " ".join(dict.fromkeys(filter(None, map(self._costs_of, self._listings))))

    def _costs_of(self, listing: Listing[Any, M] | Nested[M] | Rows[Any, M]) -> str:
        if isinstance(listing, Nested | Rows):
            return listing.costs
        detail = listing.detail
        asked = filters_for(self._query, listing.applied)
        return detail.costs if detail is not None and any(each.field in detail.fills for each in asked) else ""

    def __iter__(self) -> Iterator[M]:
        failed: list[PlatformError] = []
        for listing in self._listings:
            try:
                yield from self._rows([listing])
            except PlatformError as error:
                failed.append(error)
                if not isinstance(error, _OF_ONE_LIST) or isinstance(error, _OF_ALL_LISTS):
                    break
        if failed:
            raise _together(failed)

    def _rows(self, listings: Listings[M]) -> Iterator[M]:
        for listing in listings:
            if isinstance(listing, Nested):
                for parent in walk(self._sender, listing.parents):
                    yield from self._rows(listing.children(parent))
            else:
                yield from _filtered(self._sender, listing, filters_for(self._query, listing.applied))


_OF_ONE_LIST = (Refused, BadAnswer, TryLater)
_OF_ALL_LISTS = (RateLimited, StillWorking, Unavailable)
"""What the next list would meet as well, or what has been waited for long enough."""


def _together(failed: list[PlatformError]) -> PlatformError:
    """The first of these errors, which says that it was not the only one, if it was not."""
    first, *more = failed
    if more:
        first.message += f" {len(more)} more of the platform's lists could not be told: {more[0].message}"
    return first


def _filtered(sender: Sender, listing: Listing[Any, M] | Rows[Any, M], filters: list[Filter]) -> Iterator[M]:
    """The rows of one listing that pass, each once, though a page may show a row again while others come in."""
    stop = next((each for each in filters if each.since and each.field == listing.newest_first), None)
    older: set[str] = set()
    newer: set[str] = set()
    for row in all_at_once(listing) if isinstance(listing, Rows) else walk(sender, listing):
        row_id = getattr(row, "id", None)
        if row_id is not None:
            if row_id in newer or row_id in older:
                continue
            newer.add(row_id)
            if len(newer) >= _REMEMBERED:
                older, newer = newer, set()
        if not filters:
            yield row
            continue
        if stop is not None and stop.passes(row) is False:
            return
        fetched = _passing(row, listing, filters)
        if fetched is not None:
            yield fetched


_REMEMBERED = 1000
"""How many rows a repeated one is looked for in, twice: the largest page that a platform here serves."""


def _passing(row: M, listing: Listing[Any, M] | Rows[Any, M], filters: list[Filter]) -> M | None:
    """The row if it passes all filters, with its detail if a filter needed it. Free filters are tried first."""
    unsure: list[Filter] = []
    for each in filters:
        verdict = each.passes(row)
        if verdict is False:
            return None
        if verdict is None:
            unsure.append(each)
    if not unsure:
        return row
    detail = listing.detail
    if detail is not None and any(each.field in detail.fills for each in unsure):
        row = detail.fetch(row)
    gone = any(each.passes(row) is False or each.rejects_unsure(row) for each in unsure)
    return None if gone else row
