"""Rows that are there all at once, after a report was waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sellercare.calls import Rows
from sellercare.errors import BadAnswer
from sellercare.models import Thread, ThreadQuery
from sellercare.shop.results import Results

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Report:
    """A report of threads, each an hour older than the one before. `made` counts how often it was asked for."""

    def __init__(self, count: int) -> None:
        self.made = 0
        self.read = 0
        self.lines = [
            {"id": str(n), "at": (NOW - timedelta(hours=n)).isoformat(), "order": "odd" if n % 2 else "even"}
            for n in range(count)
        ]

    def fetch(self) -> list[dict[str, Any]]:
        self.made += 1
        return self.lines

    def thread(self, row: dict[str, Any]) -> Thread:
        self.read += 1
        return Thread(id=row["id"], updated_at=datetime.fromisoformat(row["at"]), order_id=row["order"])

    def results(self, query: ThreadQuery | None = None, **more: Any) -> Results[Thread]:
        rows = Rows(self.fetch, self.thread, where="the report", costs="A report, which takes minutes.", **more)
        return Results(None, [rows], query or ThreadQuery())  # type: ignore[arg-type] # nothing is sent


def test_nothing_is_fetched_before_a_row_is_asked_for() -> None:
    report = Report(5)
    results = report.results()
    assert results.costs == "A report, which takes minutes."
    assert report.made == 0
    assert next(iter(results)).id == "0"
    assert (report.made, report.read) == (1, 1)


def test_filters_hold() -> None:
    since = ThreadQuery(order_id="even", updated_since=NOW - timedelta(hours=3))
    assert [thread.id for thread in Report(8).results(since)] == ["0", "2"]


def test_it_stops_where_rows_are_too_old() -> None:
    report = Report(100)
    list(report.results(ThreadQuery(updated_since=NOW - timedelta(hours=3)), newest_first="updated_at"))
    assert report.read == 5


def test_a_bad_row_is_named() -> None:
    report = Report(3)
    del report.lines[2]["id"]
    with pytest.raises(BadAnswer, match=r"the report.*\$\[2\]\.id"):
        list(report.results())


def test_what_is_left_out_is_said() -> None:
    assert Report(1).results(capped="The last 60 days.").capped == "The last 60 days."
