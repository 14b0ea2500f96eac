"""Finding a lost write in a list that the platform shows: what most platforms' read-backs have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sellercare.errors import OutcomeUnknown
from sellercare.translation import instant
from sellercare.writes import Found, Search

Row = Mapping[str, Any]

CLOCK_SKEW = timedelta(minutes=10)
"""By how much a platform's clock and ours may differ."""


def in_rows(
    rows: list[Any], search: Search, same: Callable[[Any], bool], *, sure: bool = False, time: str = "created_at"
) -> Found | None:
    """The row that a lost write made: one that was not there `before`, is not `taken`, not older, and `same`.

    Rows are newest first, with an `id`. Without a sure sign (`sure`: a marker of ours came back), a new row that is
    not the same raises OutcomeUnknown: it may be ours, altered by the platform, and absence would be no proof.
    """
    known = search.taken | set(search.before or ())
    since = search.sent_at - CLOCK_SKEW
    new = [row for row in rows if row["id"] not in known and instant(row[time]) >= since]
    ours = [row for row in new if same(row)]
    if ours:
        return Found(ours[-1]["id"], ours[-1])
    if new and not sure:
        raise OutcomeUnknown("something new is there that differs from what was sent: it may be ours, altered")
    return None
