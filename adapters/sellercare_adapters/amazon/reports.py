"""Reports: asked for, waited for, fetched from Amazon's storage, and read as tables or documents.

Amazon keeps reports for 90 days. One that was begun lately for the same (by an earlier call, by another program, by a
schedule) serves as well: asking again costs a quota that is small, and a second one of the same is cancelled.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import Answer, Json, read, stored
from sellercare.errors import BadAnswer, TryLater
from sellercare.interfaces import Context
from sellercare.translation import at_path, identity, instant, translated
from sellercare.work import Work
from sellercare_adapters.amazon import wire
from sellercare_adapters.amazon.sites import marketplace

REPORTS = "/reports/2021-06-30/reports"

_UNDER_WAY = ("IN_QUEUE", "IN_PROGRESS")
_CANCELLED = (
    "Amazon cancels a report mostly where there is nothing to report, and sometimes for no reason that it tells. "
    "Ask again in an hour, or for a longer time."
)
_FATAL = "Amazon could not make it; ask again in an hour. It limits some kinds of reports to a few a day."


def stamp(moment: datetime) -> str:
    """A time as Amazon wants it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fetched(
    ctx: Context, kind: str, title: str, since: datetime | None = None, until: datetime | None = None
) -> Answer:
    """The file of a report of this kind about the account's marketplace, waited for if need be.

    Raises StillWorking, and TryLater where Amazon cancelled it or failed.
    """
    report = ctx.wait(_work(ctx, kind, title, since, until))
    return document(ctx, "/reports/2021-06-30/documents/{reportDocumentId}", report, "reports.document")


def document(ctx: Context, path: str, row: Mapping[str, Any], group: str) -> Answer:
    """The file that a report or feed came to: its address first, which is good for five minutes, then its bytes."""
    name = path[path.index("{") + 1 : -1]
    field = "reportDocumentId" if "reportDocumentId" in row else "resultFeedDocumentId"
    id_ = translated(lambda found: _text(found[field]), row, f"the {name}")
    about = ctx.read(read(path, ids={name: id_}, group=group))
    url = translated(lambda found: _text(found["url"]), about, f"GET {path}")
    packed = translated(lambda found: found.get("compressionAlgorithm") == "GZIP", about, f"GET {path}")
    return ctx.http.read(stored("read", url, packed="gzip" if packed else ""))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    if not value:
        raise ValueError("an empty text leads nowhere")
    return value


def _work(ctx: Context, kind: str, title: str, since: datetime | None, until: datetime | None) -> Work[wire.Report]:
    place = marketplace(ctx)
    asked: dict[str, Json] = {"reportType": kind, "marketplaceIds": [place]}
    if since is not None:
        asked["dataStartTime"] = stamp(since)
    if until is not None:
        asked["dataEndTime"] = stamp(until)

    def earlier() -> str | None:
        lately = ctx.clock.now() - timedelta(seconds=ctx.settings.report_age)
        params = {"reportTypes": kind, "marketplaceIds": place, "createdSince": stamp(lately), "pageSize": 100}
        rows = at_path(ctx.read(read(REPORTS, params=params, group="reports.list")), "reports", f"GET {REPORTS}")
        return translated(lambda found: _serving(found, kind, since, until), rows, f"GET {REPORTS}", "$.reports")

    def over(report: wire.Report) -> wire.Report | None:
        status = report["processingStatus"]
        if status in _UNDER_WAY:
            return None
        if status == "DONE":
            return report
        raise TryLater(
            f"Amazon did not make {title}: {status}.",
            native_code=status,
            next_step=_CANCELLED if status == "CANCELLED" else _FATAL,
        )

    return Work(
        name=title,
        start=read(REPORTS, method="POST", json=asked, group="reports.create"),
        handle=lambda payload: identity(payload["reportId"]),
        look=lambda handle: read(REPORTS + "/{reportId}", ids={"reportId": handle}, group="reports.get"),
        over=over,
        earlier=earlier,
        pause=15,
        ceiling=ctx.settings.report_wait,
    )


def _serving(rows: Sequence[wire.Report], kind: str, since: datetime | None, until: datetime | None) -> str | None:
    """The newest report of this kind that is under way or done, and covers what is wanted."""
    good = [
        row
        for row in rows
        if row["reportType"] == kind
        and row["processingStatus"] in (*_UNDER_WAY, "DONE")
        and _covers(row.get("dataStartTime"), since, before=True)
        and _covers(row.get("dataEndTime"), until, before=False)
    ]
    newest = max(good, key=lambda row: instant(row["createdTime"]), default=None)
    return identity(newest["reportId"]) if newest else None


_CLOSE = timedelta(hours=1)
"""Two calls a little apart ask about windows a little apart; what is made serves both, as far as it is fresh."""


def _covers(has: str | None, wanted: datetime | None, *, before: bool) -> bool:
    if wanted is None or not has:
        return wanted is None
    return instant(has) <= wanted if before else instant(has) >= wanted - _CLOSE


def text_of(answer: Answer, site: str) -> str:
    """A text file. Amazon does not tell its encoding: UTF-8 where it is, else what the marketplace's computers use."""
    for encoding in ("utf-8-sig", "cp932" if site == "JP" else "cp1252"):
        try:
            return answer.body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadAnswer("The report's encoding is unknown.")


def table(text: str, *columns: str) -> list[dict[str, str]]:
    """A tab-separated file as rows by column; the columns' names without case and white space.

    BadAnswer for a file without one of these columns (a web page in its place), and for a row that has more cells than
    there are columns: it would be read wrongly. An empty file has no rows.
    """
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    heads = [_plain(cell) for cell in next(lines, [])]
    if heads and not heads.count("") == len(heads) and not set(columns) <= set(heads):
        raise BadAnswer("The report has other columns than those that are known.")
    rows = []
    for number, cells in enumerate(lines, 2):
        if not any(cells):
            continue
        if len(cells) > len(heads):
            raise BadAnswer(f"The report's line {number} has more cells than the report has columns.")
        rows.append(dict(zip(heads, cells, strict=False)))
    return rows


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
