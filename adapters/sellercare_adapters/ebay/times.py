"""Times as eBay's filters want them, and searches that only look through so many days at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sellercare.calls import Pages
from sellercare.http.windows import DateWindows
from sellercare.interfaces import Context

WINDOW = timedelta(days=90) - timedelta(hours=1)
BACK = timedelta(days=545)
"""Searches reach 18 months back, 90 days at a time. A search without an end looks through 90 days from its beginning:
the hour is for clocks that differ. Two days less than 18 months, since months differ as well."""

CAPPED = "eBay finds those of the last 18 months."
"""What every one of these searches leaves out; the same words are said once."""


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond, never later than the moment."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def searched(ctx: Context, pages: Pages, names: tuple[str, str]) -> DateWindows:
    """Windows of dates under these names. The newest has no end: clocks differ, and what came just now is in it."""
    now = ctx.clock.now()

    def params(since: datetime, until: datetime) -> Mapping[str, str]:
        return {names[0]: stamp(since)} | ({names[1]: stamp(until)} if until < now else {})

    return DateWindows(pages, now - BACK, now, WINDOW, params)
