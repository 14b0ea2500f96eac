"""What a run really waits for, out of what its workers tell: in a sentence for people, as objects for programs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sellercare.cli.text import clean
from sellercare.waiting import Kind, Wait

if TYPE_CHECKING:
    from rich.progress import Progress

LINGERS = 1.5
"""Seconds for which a wait is shown after it is over: at a limit they come one after the other."""

_SHOWN = 2
"""Waits that are told in one sentence; the others are counted."""

_ORDER: tuple[Kind, ...] = ("pause", "proof", "others", "work", "limit")
"""What is told first."""


def duration(seconds: float) -> str:
    """`40 s`, `6 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What some workers of one account wait for; for so many `seconds` yet, or nobody can tell (None)."""

    account: str
    kind: Kind
    what: str
    seconds: float | None
    workers: int

    def plain(self) -> dict[str, Any]:
        """As one JSON object."""
        seconds = None if self.seconds is None else round(self.seconds, 1)
        return {
            "account": self.account or None,
            "kind": self.kind,
            "for": self.what,
            "seconds": seconds,
            "workers": self.workers,
        }


class Waits:
    """Who waits for what, now. Safe for threads; each tells its own waits. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._now: dict[int, tuple[str, Wait, float]] = {}
        self._over: dict[tuple[str, Kind, str], float] = {}

    def told(self, account: str, wait: Wait | None) -> None:
        """The calling thread waits for this, or no more."""
        me = threading.get_ident()
        with self._lock:
            if wait is not None:
                self._now[me] = (account, wait, self._clock())
            elif me in self._now:
                account, over, _ = self._now.pop(me)
                self._over[account, over.kind, over.what] = self._clock()

    def shown(self) -> list[Waiting]:
        """The waits of now and of a moment ago, each account's equal ones together, in the order of telling."""
        now = self._clock()
        with self._lock:
            self._over = {which: at for which, at in self._over.items() if now - at < LINGERS}
            found: dict[tuple[str, Kind, str], list[float | None]] = {which: [] for which in self._over}
            for account, wait, since in self._now.values():
                left = None if wait.seconds is None else max(0.0, since + wait.seconds - now)
                found.setdefault((account, wait.kind, wait.what), []).append(left)
        waits = [
            Waiting(*which, max((each for each in left if each is not None), default=None), len(left))
            for which, left in found.items()
        ]
        return sorted(waits, key=lambda each: (_ORDER.index(each.kind), -(each.seconds or 0), each.account))

    def sentence(self, run_left: float | None, *, name_accounts: bool) -> str:
        """The waits in one line. That there is a limit is only told where nothing else is waited for, and then how long
        the whole run takes yet, if that is known."""
        waits = self.shown()
        waits = [each for each in waits if each.kind != "limit"] or waits
        parts = [_said(each, run_left, name_accounts=name_accounts) for each in waits[:_SHOWN]]
        if len(waits) > _SHOWN:
            parts.append(f"and {len(waits) - _SHOWN} more")
        return " · ".join(parts)


@contextmanager
def beneath(bar: Progress, sentence: Callable[[], str]) -> Iterator[None]:
    """Show a bar and, on a line under it, this sentence: it is asked anew ten times a second, while nothing happens,
    too."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    over = False

    def shown() -> Group:
        said = "" if over else clean(sentence())
        return Group(bar, Text(f"  {said}", overflow="ellipsis", no_wrap=True)) if said else Group(bar)

    with Live(console=bar.console, get_renderable=shown, refresh_per_second=10):
        try:
            yield
        finally:
            over = True


def _said(wait: Waiting, run_left: float | None, *, name_accounts: bool) -> str:
    whose = f"{wait.account}: " if name_accounts and wait.account else ""
    if wait.kind == "limit":
        left = f"; {duration(run_left)} left" if run_left else ""
        return f"{whose}{wait.what}{left}"
    goes_on = f"; goes on in {duration(wait.seconds)}" if wait.seconds is not None and wait.seconds >= 1 else ""
    return f"{whose}{wait.what}{goes_on}"


__all__ = ["LINGERS", "Waiting", "Waits", "beneath", "duration"]
