"""Where a run is: speed, time left, money so far, and what it waits for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sellercare.bulk.report import Summary
from sellercare.cli.bulk_progress import Events, Progress
from sellercare.errors import RateLimited
from sellercare.store.jobs import Change, Job, JobRow, JobState, RowState

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def summary(ready: int, seconds: float) -> Summary:
    says = "Allegro takes 1 a second from the seller"
    return Summary(
        job=Job("j", "refunds.issue", "x.csv", JobState.PLANNED, False, {}, NOW, NOW),
        counts={RowState.READY: ready},
        accounts={"shop": {RowState.READY: ready}},
        money={},
        moved={},
        unknown_money={},
        settlements={},
        consequences={},
        seconds=seconds,
        pace=({"account": "shop", "seconds": seconds, "says": says, "rows": ready},),
    )


def row(n: int) -> JobRow:
    return JobRow(n, n + 1, "shop", "t", "k", RowState.READY, {}, currency="EUR", amount=Decimal("2.50"))


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_it_says_what_it_waits_for_and_how_long(seconds: Seconds) -> None:
    progress = Progress(summary(400, 360.0), 400, seconds)
    assert progress.waiting == "Allegro takes 1 a second from the seller; 6 min left"
    assert progress.seconds_left == 360.0
    for n in range(200):
        seconds.now += 1
        progress.done(row(n), Change(n, RowState.CONFIRMED if n % 2 else RowState.REFUSED))
    assert progress.waiting == "Allegro takes 1 a second from the seller; 3 min left"
    assert progress.plain() == {
        "done": 200,
        "total": 400,
        "counts": {"refused": 100, "confirmed": 100},
        "money": {"EUR": "250.00"},
        "rate": 1.0,
        "seconds_left": 200.0,
        "waiting": "Allegro takes 1 a second from the seller; 3 min left",
    }


def test_a_marketplace_without_time_is_told_for_a_while(seconds: Seconds) -> None:
    progress = Progress(summary(400, 0.0), 400, seconds)
    assert (progress.waiting, progress.seconds_left) == ("", None)
    progress.postponed(row(1), RateLimited("slow down"))
    assert progress.waiting == "shop: the marketplace wants fewer calls"
    seconds.now += 31
    assert progress.waiting == ""


def test_events_tell_where_it_is_once_a_second(seconds: Seconds, capsys: Any) -> None:
    class NoStore:
        jobs: Any = None

    events = Events(NoStore(), summary(3, 3.0), 3, seconds)  # type: ignore[arg-type]
    events.tick()
    seconds.now += 1.5
    events.done(row(1), Change(1, RowState.CONFIRMED))
    events.tick()
    events.tick()
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["type"], told["done"], told["total"]) == ("progress", 1, 3)
