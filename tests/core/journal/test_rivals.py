"""Two lost writes with the same words: what each is proved by, so that the other is still found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sellercare.calls import write
from sellercare.finding import in_rows
from sellercare.journal.readback import Lost, Others, Reading, Rival, Verdict, read_back
from sellercare.simulator.clock import FakeClock
from sellercare.support import Evidence, Readback, Repeat, WriteContract
from sellercare.writes import Found, Search, Step

CONTRACT = WriteContract(Repeat.ACTS_AGAIN, Readback.BY_DIFFERENCE, timedelta(seconds=30), Evidence.ID)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def row(name: str, clock: FakeClock, *, ago: float = 0.0, text: str = "Sorry!") -> dict[str, Any]:
    return {"id": name, "text": text, "created_at": (clock.now() - timedelta(seconds=ago)).isoformat()}


def looked(rows: list[dict[str, Any]], clock: FakeClock, before: list[str], rival: list[str] | None) -> Reading:
    """The read-back of a lost "Sorry!", beside a rival that saw these rows before it was sent."""

    def find(search: Search) -> Found | None:
        newest_first = sorted(rows, key=lambda each: each["created_at"], reverse=True)
        return in_rows(newest_first, search, lambda each: each["text"] == "Sorry!")

    step = Step("send", lambda kept: write("POST", "/messages"), commits=True, find=find)
    now = clock.now()
    rivals = [] if rival is None else [Rival(rival, {}, now)]
    lost = Lost(step, before, {}, now, now, now, lambda: Others(rivals=rivals))
    return read_back(lost, CONTRACT, clock, patience=60)


def test_the_oldest_is_taken_where_nobody_else_wants_it(clock: FakeClock) -> None:
    reading = looked([row("newer", clock), row("older", clock, ago=5)], clock, [], None)
    assert reading.found is not None
    assert reading.found.id == "older"


def test_what_a_rival_saw_before_it_was_sent_is_ours(clock: FakeClock) -> None:
    """The platform's clock jumped back, so what the rival made looks older than ours."""
    rows = [row("ours", clock), row("theirs", clock, ago=160)]
    reading = looked(rows, clock, [], ["ours"])
    assert reading.found is not None
    assert reading.found.id == "ours"


def test_the_rival_takes_what_is_left(clock: FakeClock) -> None:
    rows = [row("ours", clock), row("theirs", clock, ago=160)]
    reading = looked(rows, clock, ["ours"], [])
    assert reading.found is not None
    assert reading.found.id == "theirs"


def test_nothing_is_told_where_ours_may_be_there_altered(clock: FakeClock) -> None:
    """What is found may be the rival's, and what the rival saw may be ours in other words."""
    rows = [row("altered", clock, text="[removed]"), row("theirs", clock, ago=160)]
    assert looked(rows, clock, [], ["altered"]).verdict is Verdict.CANNOT_TELL


def test_two_that_may_have_made_either_take_the_oldest(clock: FakeClock) -> None:
    reading = looked([row("b", clock), row("a", clock, ago=1)], clock, [], [])
    assert reading.found is not None
    assert reading.found.id == "a"
