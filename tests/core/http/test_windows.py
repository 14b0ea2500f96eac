"""Windows of dates: every row between two times, once, newest window first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare import calls
from sellercare.calls import Answer, Call, Listing, to_json
from sellercare.errors import BadAnswer
from sellercare.http import CursorPages, OffsetPages, walk
from sellercare.http.windows import DateWindows

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MOST = timedelta(days=90)


class Platform:
    """Rows made so many hours ago. It refuses windows over 90 days; its bounds are included."""

    def __init__(self, hours: list[int], limit: int = 2) -> None:
        self.rows = [{"id": n, "at": NOW - timedelta(hours=each)} for n, each in enumerate(sorted(hours))]
        self.limit = limit
        self.asked: list[Call] = []

    def read(self, call: Call) -> Answer:
        self.asked.append(call)
        assert len(self.asked) < 1000
        since, until = (datetime.fromisoformat(call.params[name]) for name in ("from", "to"))
        assert until - since <= MOST
        rows = [row for row in self.rows if since <= row["at"] <= until]
        start = int(call.params.get("offset") or call.params.get("cursor") or 0)
        page = rows[start : start + self.limit]
        more = str(start + self.limit) if start + self.limit < len(rows) else None
        return Answer(200, {}, to_json({"rows": [row["id"] for row in page], "total": len(rows), "next": more}), "GET")


def listing(pages: Any, since: datetime) -> Listing[Any, Any]:
    def params(start: datetime, end: datetime) -> dict[str, str]:
        return {"from": start.isoformat(), "to": end.isoformat()}

    windows = DateWindows(pages, since, NOW, MOST, params)
    return Listing(calls.read("/rows", params={"kind": "x"}), items="rows", translate=lambda row: row, pages=windows)


PAGES = {"offset": OffsetPages(limit=2, total="total"), "cursor": CursorPages(next="next", param="cursor")}


@pytest.mark.parametrize("pages", PAGES)
@given(days=st.lists(st.integers(0, 540 * 24), max_size=30, unique=True), back=st.integers(1, 540))
def test_every_row_comes_once_whatever_the_windows(pages: str, days: list[int], back: int) -> None:
    # No row lies on the moment between two windows: that one is for the next test.
    platform = Platform([each for each in days if each % (90 * 24)])
    found = list(walk(platform, listing(PAGES[pages], NOW - timedelta(days=back))))
    assert found == [row["id"] for row in platform.rows if row["at"] >= NOW - timedelta(days=back)]
    assert {call.params["kind"] for call in platform.asked} == {"x"}


def test_a_row_between_two_windows_is_never_lost() -> None:
    platform = Platform([1, 90 * 24, 91 * 24])
    assert list(walk(platform, listing(PAGES["offset"], NOW - timedelta(days=180)))) == [0, 1, 1, 2]


def test_a_row_between_two_windows_that_have_no_other_is_no_page_that_came_twice() -> None:
    platform = Platform([90 * 24])
    assert list(walk(platform, listing(PAGES["offset"], NOW - timedelta(days=180)))) == [0, 0]


def test_a_page_that_comes_twice_within_a_window_is_found_out(monkeypatch: Any) -> None:
    platform = Platform([1, 2, 3, 4])
    plain = platform.read
    # A platform that ignores the offset.
    monkeypatch.setattr(platform, "read", lambda call: plain(replace(call, params={**call.params, "offset": 0})))
    with pytest.raises(BadAnswer, match="twice"):
        list(walk(platform, listing(PAGES["offset"], NOW - timedelta(days=90))))


def test_windows_are_asked_for_only_when_their_rows_are() -> None:
    platform = Platform([1, 100 * 24, 200 * 24])
    rows = walk(platform, listing(PAGES["offset"], NOW - timedelta(days=540)))
    assert [next(rows), len(platform.asked)] == [0, 1]
    assert [next(rows), len(platform.asked)] == [1, 2]


def test_a_time_within_one_window_costs_one_call() -> None:
    platform = Platform([1])
    assert list(walk(platform, listing(PAGES["offset"], NOW - timedelta(days=90)))) == [0]
    assert len(platform.asked) == 1
