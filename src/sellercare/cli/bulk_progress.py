"""What a run shows while it goes on: how far, how fast, how long yet, what it waits for, and the money so far."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sellercare.bulk.following import Following
from sellercare.cli.bulk_waits import Waits, beneath, duration
from sellercare.cli.text import json_line
from sellercare.errors import RateLimited, SellercareError
from sellercare.models import Money
from sellercare.store.jobs import Change, JobRow, RowState
from sellercare.waiting import Wait

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from sellercare.bulk.report import Summary
    from sellercare.store import Store

_WINDOW = 60.0
"""Seconds over which the speed is measured: what it was an hour ago says little."""

_RECENT = 30.0
"""Seconds for which it is told that a marketplace wanted fewer calls."""


class Progress(Following):
    """Where a run is, in numbers. `clock` is in seconds, for tests."""

    def __init__(self, found: Summary, todo: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = todo
        self.counts: Counter[str] = Counter()
        self.money: dict[str, Money] = {}
        self._left = Counter({name: _open(counts) for name, counts in found.accounts.items()})
        self._pace = {each["account"]: each for each in found.pace if each["seconds"] >= 1 and each.get("rows")}
        self._clock = clock
        self._times: deque[float] = deque([clock()])
        self._held_back: tuple[float, str] | None = None
        self.waited_for = Waits(clock)

    def done(self, row: JobRow, change: Change) -> None:
        """One more row."""
        self.counts[change.state.value] += 1
        self._left[row.account] -= 1
        if change.state is RowState.CONFIRMED and row.amount is not None and row.currency:
            amount = Money(amount=row.amount, currency=row.currency)
            self.money[row.currency] = self.money[row.currency] + amount if row.currency in self.money else amount
        now = self._clock()
        self._times.append(now)
        while len(self._times) > 2 and now - self._times[0] > _WINDOW:
            self._times.popleft()

    def postponed(self, row: JobRow, error: SellercareError | None) -> None:
        """Remember that the marketplace had no time for a row."""
        if error is not None:
            what = "wants fewer calls" if isinstance(error, RateLimited) else "cannot be reached, or is busy"
            self._held_back = (self._clock(), f"{row.account}: the marketplace {what}")

    def waits(self, account: str, wait: Wait | None) -> None:
        """A worker waits, or no more."""
        self.waited_for.told(account, wait)

    @property
    def finished(self) -> int:
        """How many rows have their outcome."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float:
        """Rows a second, lately."""
        span = self._clock() - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long yet: at the speed of lately, and not less than the platforms' limits allow."""
        left = self.total - self.finished
        if left <= 0:
            return 0.0
        least = self._slowest()
        if len(self._times) < 2:
            return least or None
        return max(least, left / self.rate) if self.rate > 0 else least or None

    @property
    def waiting(self) -> str:
        """What the run really waits for, in a sentence; a moment ago counts, and that a platform had no time."""
        sentence = self.waited_for.sentence(self.seconds_left, name_accounts=len(self._left) > 1)
        if not sentence and self._held_back is not None and self._clock() - self._held_back[0] < _RECENT:
            return self._held_back[1]
        return sentence

    def _slowest(self) -> float:
        """How many seconds the platforms' limits keep the slowest account yet, at least."""
        found = (pace["seconds"] * max(0, self._left[name]) / pace["rows"] for name, pace in self._pace.items())
        return max(found, default=0.0)

    def plain(self) -> dict[str, Any]:
        """As one JSON object."""
        left = self.seconds_left
        return {
            "done": self.finished,
            "total": self.total,
            "counts": dict(self.counts),
            "money": {currency: money.plain() for currency, money in sorted(self.money.items())},
            "rate": round(self.rate, 2),
            "seconds_left": None if left is None else round(left, 1),
            "waiting": self.waiting,
            "waits": [each.plain() for each in self.waited_for.shown()],
        }


def _open(counts: Any) -> int:
    return sum(count for state, count in counts.items() if state in (RowState.READY, RowState.UNKNOWN))


class Events(Progress):
    """One JSON object a line: each row once its outcome is durable, and where the run is, once a second."""

    def __init__(self, store: Store, found: Summary, todo: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(found, todo, clock)
        self._store = store
        self._job_id = found.job.id
        self._told_at = clock()

    def saved(self, numbers: Sequence[int]) -> None:
        """Tell these rows."""
        from sellercare.bulk.report import line

        for told in self._store.jobs.told(self._job_id, numbers=numbers):
            click.echo(json_line({"type": "row"} | line(told)))
        self.tick()

    def tick(self) -> None:
        """Tell where the run is, if that was some time ago."""
        if self._clock() - self._told_at >= 1.0:
            self._told_at = self._clock()
            click.echo(json_line({"type": "progress", "job": self._job_id} | self.plain()))


class Bar(Progress):
    """A bar on standard error, moved ten times a second at most. See `beneath` for what is under it."""

    def __init__(self, bar: RichProgress, found: Summary, todo: int) -> None:
        super().__init__(found, todo)
        self._bar = bar
        self._task = bar.add_task("Sending", total=todo, told="")
        self._shown = 0.0

    def done(self, row: JobRow, change: Change) -> None:
        """Move the bar."""
        super().done(row, change)
        if self._clock() - self._shown > 0.1:
            self.tick()

    def tick(self) -> None:
        """Show where the run is."""
        self._shown = self._clock()
        left = self.seconds_left
        told = [f"{self.rate:.1f}/s"]
        told += [f"{duration(left)} left"] if left else []
        told += [f"{name} {count}" for name, count in self.counts.items()]
        told += [f"paid back {money}" for _, money in sorted(self.money.items())]
        self._bar.update(self._task, completed=self.finished, told=" · ".join(told))


@contextmanager
def following(store: Store, found: Summary, todo: int, *, as_json: bool) -> Iterator[Following]:
    """Show a run as it goes on: events for programs, a bar for people, nothing where nobody looks."""
    if as_json:
        yield Events(store, found, todo)
        return
    if not sys.stderr.isatty():
        yield Following()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
    )
    shown = RichProgress(*columns, console=Console(stderr=True))
    bar = Bar(shown, found, todo)
    with beneath(shown, lambda: bar.waiting):
        try:
            yield bar
        finally:
            bar.tick()


__all__ = ["Bar", "Events", "Progress", "duration", "following"]
