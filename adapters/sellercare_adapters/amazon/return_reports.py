"""The reports that tell of returns: of those that the seller ships, of its Prime orders, of those that Amazon ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import Answer
from sellercare.interfaces import Context
from sellercare.models import Return
from sellercare.translation import translated
from sellercare_adapters.amazon import ids, translate
from sellercare_adapters.amazon.reports import fetched, table, text_of

RETURNS_REPORT = "GET_XML_RETURNS_DATA_BY_RETURN_DATE"
PRIME_REPORT = "GET_XML_MFN_PRIME_RETURNS_REPORT"
FBA_REPORT = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"

LONGEST = timedelta(days=60)
"""So much one report may tell ("Returns Reports" of Amazon's guide). Nothing is said of Amazon's own returns."""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of report: the setting that switches it on, how its file is read, and what its rows are."""

    kind: str
    setting: str
    title: str
    capped: str
    reader: Callable[[Answer, str], Sequence[translate.Row]]
    as_return: Callable[[translate.Row, str], Return]
    key: Callable[[translate.Row, str], str]

    def rows(self, ctx: Context, since: datetime, until: datetime | None) -> Sequence[translate.Row]:
        """The report's rows, waited for if need be. Raises StillWorking, and TryLater where Amazon made none."""
        answer = fetched(ctx, self.kind, self.title, since, until)
        return self.reader(answer, ctx.site) if answer.body.strip() else []

    def translated(self, ctx: Context, row: translate.Row) -> Return:
        """A row as a return; BadAnswer with its place where it is none."""
        return translated(lambda each: self.as_return(each, ctx.site), row, self.title)


def sources(ctx: Context) -> Sequence[Source]:
    """The kinds of reports that are switched on."""
    return [each for each in _SOURCES if getattr(ctx.settings, each.setting)]


def sources_of(ctx: Context, return_id: str) -> Sequence[Source]:
    """The kinds of reports that can tell of a return, whatever is listed: its id says whose it is."""
    if return_id.startswith(ids.FBA):
        return [each for each in _SOURCES if each.kind == FBA_REPORT]
    return [
        each
        for each in _SOURCES
        if each.kind == RETURNS_REPORT or (each.kind == PRIME_REPORT and ctx.settings.prime_returns)
    ]


def returns_in(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The returns of an XML report, those of one RMA joined, wherever they stand in the document.

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


def _in_xml(answer: Answer, _: str) -> Sequence[translate.Row]:
    return returns_in(answer.xml())


def units_in(answer: Answer, site: str) -> Sequence[translate.Row]:
    """The units in the report of returns to Amazon. Rows that nothing tells apart are joined.

    Columns: Amazon's "FBA Customer Concessions reports attributes", github.com/abuzuhri/Amazon-SP-API-CSharp
    (ReturnFBAOrderReport.cs at 0bb16a2b) and Fivetran's fba_returns_report, all seen 2026-11-22. What they mean: Seller
    Central's "FBA customer returns report (overview)", which calls the order's column amazon-order-id but for Japan.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for row in table(text_of(answer, site), *_FBA_COLUMNS):
        same = found.setdefault(translate.fba_id(row, site), [])
        # A plate is on one unit, which is one however often it is told. Without a plate each row is a unit.
        if not (same and row.get("licenseplatenumber")):
            same.append(row)
    return [{"units": units} for units in found.values()]


_FBA_COLUMNS = ("returndate", "orderid", "sku", "quantity", "reason", "status", "licenseplatenumber")

_SOURCES = (
    Source(
        kind=RETURNS_REPORT,
        setting="seller_returns",
        title="the report of returns",
        capped="Amazon reports returns by the day they were asked for; what happened to older ones since is not told.",
        reader=_in_xml,
        as_return=translate.reported_return,
        key=translate.reported_id,
    ),
    Source(
        kind=PRIME_REPORT,
        setting="prime_returns",
        title="the report of Prime returns",
        capped="Amazon reports Prime returns by the day they were asked for.",
        reader=_in_xml,
        as_return=translate.reported_return,
        key=translate.reported_id,
    ),
    Source(
        kind=FBA_REPORT,
        setting="fba_returns",
        title="the report of returns to Amazon",
        capped="Of orders that Amazon ships, it reports what has come back to it, not what was only asked for.",
        reader=units_in,
        as_return=translate.fba_return,
        key=lambda row, site: translate.fba_id(row["units"][0], site),
    ),
)
