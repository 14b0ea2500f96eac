"""Post-Order v2, eBay's legacy service for returns, inquiries and cancellations: how it is called.

Its tokens go behind `IAF` (the base `postorder`), it names its marketplace in a header, writes its times as
`{"value": …}`, and is not in the sandbox. About 29 of its methods were shut down between 2026-01-20 and 2026-03-16; the
adapter uses only those that eBay's portal still listed on 2026-08-29.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from sellercare.calls import Answer, Call, Json, Pages, read, write
from sellercare.errors import BadAnswer
from sellercare.http.windows import DateWindows
from sellercare.interfaces import Context
from sellercare.models import Message, Money, Party
from sellercare.translation import at_path, instant_or_none
from sellercare.writes import Found, Search
from sellercare_adapters.ebay.times import WINDOW, searched

BASE = "postorder"
ROOT = "/post-order/v2"
MARKETPLACE = "X-EBAY-C-MARKETPLACE-ID"

PAGE = 200
"""The most rows of a page."""


def look(ctx: Context, path: str, **more: Any) -> Call:
    """A read of Post-Order."""
    return read(ROOT + path, base=BASE, headers={MARKETPLACE: ctx.site}, **more)


def act(ctx: Context, path: str, body: Json, **more: Any) -> Call:
    """A write of Post-Order. Where there is a body it may not be empty: an empty object is one."""
    return write("POST", ROOT + path, base=BASE, headers={MARKETPLACE: ctx.site}, json=body, **more)


def group_of(resource: str) -> str:
    """The budget of a resource: eBay counts 5,000 calls a day for each."""
    return f"postorder.{resource}"


@dataclass(frozen=True, slots=True)
class CheckedPages:
    """Pages by the number of rows to skip: by eBay's page on PaginationOutput (2.7.7), 10 and 20 give rows 11 to 30.

    Others remember `offset` as the number of a page. So each answer is held against the number of rows that it tells
    itself, and rows that are missing are an error, never left out in silence.
    """

    total: ClassVar[str] = "paginationOutput.totalEntries"

    def first(self, call: Call) -> Call:
        """The first page."""
        return replace(call, params={**call.params, "limit": PAGE, "offset": 0})

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page behind the rows that were read."""
        skipped = call.params["offset"]
        total = at_path(payload, self.total, answer.where)
        if not isinstance(total, int) or count != max(0, min(PAGE, total - skipped)):
            raise BadAnswer(
                f"{answer.where}: behind row {skipped} of {total} came {count} rows, which is not how eBay says that "
                "its pages are counted. Rows may be missing.",
                path="$.paginationOutput",
            )
        following = skipped + PAGE
        return replace(call, params={**call.params, "offset": following}) if following < total else None


def windows(ctx: Context, prefix: str = "") -> DateWindows:
    """All that a search reaches, ninety days at a time."""
    names = (f"{prefix}creation_date_range_from", f"{prefix}creation_date_range_to")
    return searched(ctx, CheckedPages(), names)


def newest_window(ctx: Context, prefix: str = "") -> Pages:
    """What was opened in the last ninety days."""
    found = windows(ctx, prefix)
    return replace(found, since=found.until - WINDOW)


def when(value: Any) -> datetime | None:
    """A time of Post-Order."""
    return instant_or_none((value or {}).get("value"))


def wire_money(money: Money) -> dict[str, Any]:
    """An amount as Post-Order wants it: a number."""
    return {"value": money.amount, "currency": money.currency}


def entry_id(case: str, moment: str, what: str, text: str) -> str:
    """An id for what has none: an entry of a case's history, by its time, kind and words. It never changes."""
    return f"{case}@{moment}/{hashlib.sha256(f'{what} {text}'.encode()).hexdigest()[:12]}"


def must_be_looked_up(answer: Answer) -> Json:
    """What is kept of an answer that says yes and names nothing: nothing, so that the journal looks for it."""
    raise BadAnswer(f"{answer.where}: the answer names nothing that was made.", status=answer.status)


def said(entries: Sequence[Message], text: str, search: Search) -> Found | None:
    """What the seller wrote into a case and nobody else's write is proved by: the oldest new entry of these words."""
    known = set(search.before or ()) | search.taken
    ours = [each for each in entries if each.id not in known and each.author is Party.SELLER and each.text == text]
    if not ours:
        return None
    oldest = min(ours, key=lambda each: str(each.created_at))
    return Found(oldest.id or "", oldest.raw)
