"""Where a run is: speed, time left, money so far, and what it waits for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from sellercare.bulk.report import Summary
from sellercare.cli.bulk_progress import Events, Progress
from sellercare.cli.bulk_waits import LINGERS
from sellercare.errors import RateLimited
from sellercare.store.jobs import Change, Job, JobRow, JobState, RowState
from sellercare.waiting import Wait

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


Workers = Callable[[Callable[[], None]], None]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """`workers(do)` does it in a thread of its own, which stays until the test is over, as a worker that waits does."""
    over = threading.Event()
    with ThreadPoolExecutor(8) as pool:

        def work(do: Callable[[], None]) -> None:
            done = threading.Event()
            pool.submit(lambda: (do(), done.set(), over.wait(60)))
            assert done.wait(60)

        yield work
        over.set()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


LIMIT = Wait("limit", "Allegro takes 1 a second from the seller", 0.8)


def test_it_says_what_it_waits_for_and_how_long(seconds: Seconds) -> None:
    progress = Progress(summary(400, 360.0), 400, seconds)
    assert (progress.waiting, progress.seconds_left) == ("", 360.0)
    progress.waits("shop", LIMIT)
    assert progress.waiting == "Allegro takes 1 a second from the seller; 6 min left"
    for n in range(200):
        seconds.now += 1
        progress.done(row(n), Change(n, RowState.CONFIRMED if n % 2 else RowState.REFUSED))
    progress.waits("shop", None)
    progress.waits("shop", LIMIT)
    assert progress.waiting == "Allegro takes 1 a second from the seller; 3 min left"
    assert progress.plain() == {
        "done": 200,
        "total": 400,
        "counts": {"refused": 100, "confirmed": 100},
        "money": {"EUR": "250.00"},
        "rate": 1.0,
        "seconds_left": 200.0,
        "waiting": "Allegro takes 1 a second from the seller; 3 min left",
        "waits": [
            {
                "account": "shop",
                "kind": "limit",
                "for": "Allegro takes 1 a second from the seller",
                "seconds": 0.8,
                "workers": 1,
            }
        ],
    }


def test_only_what_is_really_waited_for_is_told_and_for_a_moment_longer(seconds: Seconds) -> None:
    """A plan's estimate is no wait: a run that something else keeps busy does not blame the platform's limit."""
    progress = Progress(summary(400, 360.0), 400, seconds)
    progress.waits("shop", LIMIT)
    progress.waits("shop", None)
    assert progress.waiting.startswith("Allegro takes 1 a second")
    seconds.now += LINGERS
    assert progress.waiting == ""
    assert progress.plain()["waits"] == []


def test_a_pause_counts_down_and_is_told_instead_of_a_limit(seconds: Seconds, workers: Workers) -> None:
    progress = Progress(summary(400, 0.0), 400, seconds)
    workers(lambda: progress.waits("shop", Wait("pause", "Acme wants fewer calls", 40.0)))
    workers(lambda: progress.waits("shop", LIMIT))
    seconds.now += 10
    assert progress.waiting == "Acme wants fewer calls; goes on in 30 s"
    assert [each["kind"] for each in progress.plain()["waits"]] == ["pause", "limit"]


def test_equal_waits_are_told_once_and_of_many_accounts_only_two(seconds: Seconds, workers: Workers) -> None:
    found = replace(summary(4, 0.0), accounts={name: {RowState.READY: 1} for name in "abcd"})
    progress = Progress(found, 4, seconds)
    for name in "aabcd":
        workers(partial(progress.waits, name, Wait("pause", "Acme wants fewer calls", 9.0)))
    assert progress.waiting == (
        "a: Acme wants fewer calls; goes on in 9 s · b: Acme wants fewer calls; goes on in 9 s · and 2 more"
    )
    assert [each["workers"] for each in progress.plain()["waits"]] == [2, 1, 1, 1]


def test_how_long_somebody_else_takes_nobody_can_tell(seconds: Seconds) -> None:
    progress = Progress(summary(1, 0.0), 1, seconds)
    progress.waits("shop", Wait("others", "somebody else is at work on the same", None))
    assert progress.waiting == "somebody else is at work on the same"
    assert progress.plain()["waits"][0]["seconds"] is None


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
