"""Returns: reports of those that the seller ships, and the External Fulfillment programme. Amazon decides elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import Listing, Listings, Rows, read
from sellercare.errors import NotFound
from sellercare.http.pages import CursorPages
from sellercare.interfaces import Context, Returns
from sellercare.models import Return, ReturnQuery
from sellercare.translation import translated
from sellercare_adapters.amazon import ids, translate
from sellercare_adapters.amazon.reports import fetched, stamp

RETURNS_REPORT = "GET_XML_RETURNS_DATA_BY_RETURN_DATE"
EXTERNAL = "/externalFulfillment/2024-09-11/returns"

_LONGEST = timedelta(days=60)
_OLDEST = timedelta(days=365)
_COSTS = "A report for each 60 days, which Amazon makes in minutes."
_CAPPED = "Amazon reports returns by the day they were asked for; what happened to older ones since is not told."


class AmazonReturns(Returns):
    """Returns."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Returns that were asked for since; without a time, in the last 60 days. Reports reach a year back."""
        now = ctx.clock.now()
        since = max(query.updated_since or now - _LONGEST, now - _OLDEST)
        count = max(1, -(-(now - since) // _LONGEST))
        ends = [now - n * _LONGEST for n in range(count)]
        # Without an end Amazon takes its own now: users saw fewer reports cancelled so (selling-partner-api-docs#1203).
        reports = [_reported(ctx, max(since, end - _LONGEST), end if n else None) for n, end in enumerate(ends)]
        if not ctx.settings.external_fulfillment:
            return reports
        params = {"createdSince": stamp(query.updated_since)} if query.updated_since else {}
        external = Listing(
            read(EXTERNAL, params=params, group="returns.external"),
            items="returns",
            translate=translate.external_return,
            pages=CursorPages("nextToken", "nextToken", limit=100, limit_param="maxResults"),
            capped="External returns are listed by when they were made." if query.updated_since else "",
        )
        return [external, *reports]

    def get(self, ctx: Context, return_id: str) -> Return:
        """One return: directly in the External Fulfillment programme, else by the report of the last 60 days."""
        if return_id.startswith(ids.EXTERNAL):
            id_ = return_id.removeprefix(ids.EXTERNAL)
            row = ctx.read(read(EXTERNAL + "/{returnId}", ids={"returnId": id_}, group="returns.external"))
            return translated(translate.external_return, row, f"GET {EXTERNAL}/{{returnId}}")
        now = ctx.clock.now()
        for row in _rows(ctx, now - _LONGEST, None):
            found = translated(lambda each: translate.reported_return(each, ctx.site), row, "the report of returns")
            if found.id == return_id:
                return found
        raise NotFound(f"Amazon's report of the last 60 days has no return {return_id}.")


def _reported(ctx: Context, since: datetime, until: datetime | None) -> Rows[Any, Return]:
    return Rows(
        fetch=lambda: _rows(ctx, since, until),
        translate=lambda row: translate.reported_return(row, ctx.site),
        where="the report of returns",
        capped=_CAPPED,
        costs=_COSTS,
    )


def _rows(ctx: Context, since: datetime, until: datetime | None) -> Sequence[Mapping[str, Any]]:
    answer = fetched(ctx, RETURNS_REPORT, "the report of returns", since, until)
    return returns_in(answer.xml()) if answer.body.strip() else []


def returns_in(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The returns of a report, those of one RMA joined, wherever they stand in the document.

    Amazon publishes the fields of a return, and no schema that says what is around them.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in _records(document):
        items = row.get("item_details") or []
        items = list(items) if isinstance(items, list) else [items]
        known = found.setdefault(str(row.get("amazon_rma_id") or row["order_id"]), {**row, "item_details": []})
        known["item_details"] = known["item_details"] + items
    return list(found.values())


def _records(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [row for each in value for row in _records(each)]
    if not isinstance(value, Mapping):
        return []
    if "order_id" in value:
        return [value]
    return [row for each in value.values() for row in _records(each)]
