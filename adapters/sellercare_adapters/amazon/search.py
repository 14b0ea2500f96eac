"""Looking for a refund whose answer was lost: in the finances, and among the feeds.

The finances show what was paid, up to 48 hours later. The list of feeds shows that something was sent, but neither for
which order nor how much. So a refund that is not in the finances is only absent once no feed of that moment can still
pay it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, read
from sellercare.errors import OutcomeUnknown
from sellercare.finding import CLOCK_SKEW
from sellercare.http.pages import walk
from sellercare.interfaces import Context
from sellercare.models import Money
from sellercare.translation import instant, translated
from sellercare.writes import Found, Search
from sellercare_adapters.amazon import ids, translate, wire
from sellercare_adapters.amazon.feeds import ADJUSTMENT, FEEDS
from sellercare_adapters.amazon.reports import stamp
from sellercare_adapters.amazon.sites import marketplace

LAG = timedelta(hours=48)
"""So long the finances may lag behind (finances 2024-06-19)."""


def look_before(ctx: Context, rows: Sequence[wire.Transaction]) -> Json:
    """What is there before a refund is sent: the refunds of the order, and the feeds that ours could be taken for."""
    feeds = _feeds(ctx, ctx.clock.now() - 2 * CLOCK_SKEW)
    refunds = translated(lambda found: [[row["transactionId"], _amount(row)] for row in found], rows)
    return {"refunds": refunds, "feeds": [feed["feedId"] for feed in feeds]}


def lost_refund(
    ctx: Context, order_id: str, amount: Money, search: Search, rows: Sequence[wire.Transaction]
) -> Found | None:
    """The refund in the finances; None if it is not there and nothing can pay it any more.

    Raises OutcomeUnknown while a feed of that moment may still pay it, and for a new refund of another amount.
    """
    before: Mapping[str, Any] = search.before or {"refunds": [], "feeds": []}
    taken = [sent for sent in map(ids.FeedRefund.of, search.taken) if sent is not None]
    found = translated(lambda all_: _new_refund(all_, order_id, amount, search, before["refunds"], taken), rows)
    if found is not None:
        return Found(ids.refund_id(order_id, found["transactionId"]), found)
    known = {*before["feeds"], *(sent.feed_id for sent in taken)}
    others = [feed for feed in _feeds(ctx, search.sent_at - CLOCK_SKEW) if feed["feedId"] not in known]
    translated(lambda all_: _may_pay(all_, ctx.clock.now()), others, f"GET {FEEDS}")
    return None


def _new_refund(
    rows: Sequence[wire.Transaction],
    order_id: str,
    amount: Money,
    search: Search,
    before: Sequence[Sequence[str]],
    taken: Sequence[ids.FeedRefund],
) -> wire.Transaction | None:
    """A refund of this amount that was not there before and is no other intent's.

    Refunds of ours that went out earlier may come into the finances only now: they are accounted for by their amount.
    """
    seen = {id_ for id_, _ in before}
    since = search.sent_at - CLOCK_SKEW
    unseen = [
        row
        for row in rows
        if row["transactionId"] not in seen and ids.refund_id(order_id, row["transactionId"]) not in search.taken
    ]
    new = [row for row in unseen if instant(row["postedDate"]) >= since]
    others = Counter(str(sent.amount) for sent in taken if sent.order_id == order_id)
    others -= Counter(each for _, each in before)
    unexplained = Counter(_amount(row) for row in new) - others
    if unexplained[str(amount)]:
        return next(row for row in new if _amount(row) == str(amount))
    if unexplained:
        raise OutcomeUnknown("the finances show a new refund of this order with another amount: it may be ours")
    if any(_amount(row) == str(amount) for row in new):
        raise OutcomeUnknown("the finances show a new refund of this amount: it may be this one or an earlier one")
    older = Counter(_amount(row) for row in unseen if row not in new) - others
    if older[str(amount)]:
        raise OutcomeUnknown(
            "the finances show a refund of this amount that is older than what was sent and was not seen before: a "
            "clock may be wrong"
        )
    return None


def _amount(row: wire.Transaction) -> str:
    return str(translate.paid_back(row) or "")


def _may_pay(feeds: Sequence[wire.Feed], now: datetime) -> None:
    """Raise OutcomeUnknown while one of these feeds may be ours and may still pay."""
    for feed in feeds:
        status = feed["processingStatus"]
        if status in ("FATAL", "CANCELLED"):
            continue
        if status != "DONE":
            raise OutcomeUnknown(f"the feed {feed['feedId']} of that moment is still under way, and may be ours")
        until = instant(feed.get("processingEndTime") or feed["createdTime"]) + LAG
        if now < until:
            raise OutcomeUnknown(
                f"the feed {feed['feedId']} of that moment was done, and may be ours: what it paid may show up "
                f"until {until:%Y-%m-%d %H:%M} UTC"
            )


@dataclass(frozen=True, slots=True)
class _TokenAlone:
    """Pages of feeds: "include this token as the only parameter" (feeds 2021-06-30)."""

    def first(self, call: Call) -> Call:
        """The first page."""
        return call

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page that the token leads to."""
        token = payload.get("nextToken")
        return replace(call, params={"nextToken": token}) if token else None


def _feeds(ctx: Context, since: datetime) -> list[wire.Feed]:
    """The adjustment feeds since a time."""
    params = {
        "feedTypes": ADJUSTMENT,
        "marketplaceIds": marketplace(ctx),
        "createdSince": stamp(since),
        "pageSize": 100,
    }
    call = read(FEEDS, params=params, group="feeds.list")
    rows: Iterator[wire.Feed] = walk(ctx.http, Listing(call, "feeds", lambda row: row, _TokenAlone()))
    return [feed for feed in rows if translated(lambda row: row["feedType"] == ADJUSTMENT, feed, f"GET {FEEDS}")]
