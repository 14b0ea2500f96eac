"""Returns: Amazon's reports, the External Fulfillment programme, and buyers' wishes to cancel. Amazon decides
elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sellercare.calls import Listing, Listings, Rows, read
from sellercare.errors import ConfigError, NotFound
from sellercare.http.pages import CursorPages
from sellercare.interfaces import Context, Returns
from sellercare.models import Return, ReturnKind, ReturnQuery
from sellercare.translation import translated
from sellercare_adapters.amazon import ids, translate
from sellercare_adapters.amazon.reports import stamp
from sellercare_adapters.amazon.return_reports import LONGEST, Source, sources, sources_of
from sellercare_adapters.amazon.wishes import wish_of, wishes

EXTERNAL = "/externalFulfillment/2024-09-11/returns"

_OLDEST = timedelta(days=365)


class AmazonReturns(Returns):
    """Returns."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Returns since; without a time, of the last 60 days. Reports reach a year back. The settings say which."""
        since = max(query.updated_since or ctx.clock.now() - LONGEST, ctx.clock.now() - _OLDEST)
        if query.kind is ReturnKind.CANCELLATION:
            return wishes(ctx, since, query.order_id)  # no report has any, and each takes minutes
        found = [*_external(ctx, query), *_reported(ctx, since, _far(query, since))]
        if ctx.settings.cancellation_wishes and query.kind is None:
            found = [*wishes(ctx, since, query.order_id), *found]
        if not found:
            raise ConfigError(
                "All kinds of returns are switched off for this account.",
                setting="seller_returns",
                next_step="Switch on seller_returns, fba_returns, prime_returns or external_fulfillment.",
            )
        return found

    def get(self, ctx: Context, return_id: str) -> Return:
        """One return: directly where Amazon has a call for it, else by the report of the last 60 days, or of the 60
        days around the time that its id tells."""
        if return_id.startswith(ids.WISH):
            return wish_of(ctx, return_id)
        if return_id.startswith(ids.EXTERNAL):
            id_ = return_id.removeprefix(ids.EXTERNAL)
            row = ctx.read(read(EXTERNAL + "/{returnId}", ids={"returnId": id_}, group="returns.external"))
            return translated(translate.external_return, row, f"GET {EXTERNAL}/{{returnId}}")
        since, until = _around(ctx.clock.now(), return_id)
        for source in sources_of(ctx, return_id):
            for row in source.rows(ctx, since, until):
                found = source.translated(ctx, row)
                if found.id == return_id:
                    return found
        raise NotFound(f"Amazon's reports of these 60 days have no return {return_id}.")


def _around(now: datetime, return_id: str) -> tuple[datetime, datetime | None]:
    """The days that a report has to cover to tell of a return."""
    at = ids.fba_time(return_id) if return_id.startswith(ids.FBA) else None
    if at is None or at >= now - LONGEST:
        return now - LONGEST, None
    return at - LONGEST / 2, at + LONGEST / 2


def _external(ctx: Context, query: ReturnQuery) -> Listings[Return]:
    if not ctx.settings.external_fulfillment:
        return []
    params = {"createdSince": stamp(query.updated_since)} if query.updated_since else {}
    return [
        Listing(
            read(EXTERNAL, params=params, group="returns.external"),
            items="returns",
            translate=translate.external_return,
            pages=CursorPages("nextToken", "nextToken", limit=100, limit_param="maxResults"),
            capped="External returns are listed by when they were made." if query.updated_since else "",
        )
    ]


def _far(query: ReturnQuery, since: datetime) -> str:
    """How far back the reports reach, in a sentence, where that is not as far as was asked."""
    if query.updated_since is None:
        return " Without a time, those of the last 60 days are listed."
    return "" if since == query.updated_since else " Those of more than a year ago are left out."


def _reported(ctx: Context, since: datetime, far: str) -> list[Rows[translate.Row, Return]]:
    """A report for each 60 days and each kind of report, those of the seller's own returns first."""
    now = ctx.clock.now()
    count = max(1, -(-(now - since) // LONGEST))
    ends = [now - n * LONGEST for n in range(count)]
    told: list[set[str]] = []
    # Without an end Amazon takes its own now: users saw fewer reports cancelled so (selling-partner-api-docs#1203).
    return [
        _listing(ctx, replace(source, capped=source.capped + far), max(since, end - LONGEST), end if n else None, told)
        for source in sources(ctx)
        for n, end in enumerate(ends)
    ]


def _listing(
    ctx: Context, source: Source, since: datetime, until: datetime | None, told: list[set[str]]
) -> Rows[translate.Row, Return]:
    """The rows of one report. A return that a report before it has told of too is listed once."""
    mine, before = set[str](), tuple(told)
    told.append(mine)

    def fetch() -> list[translate.Row]:
        rows = source.rows(ctx, since, until)
        mine.clear()  # whoever lists a second time starts anew
        mine.update(source.key(row, ctx.site) for row in rows)
        return [row for row in rows if not any(source.key(row, ctx.site) in each for each in before)]

    return Rows(
        fetch=fetch,
        translate=lambda row: source.as_return(row, ctx.site),
        where=source.title,
        capped=source.capped,
        costs="A report for each 60 days, which Amazon makes in minutes.",
    )
