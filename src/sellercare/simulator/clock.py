"""Clocks for simulated platforms: one that tests move by hand, and one that runs faster than the wall's."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where simulated time begins unless told otherwise: a Monday morning."""


class FakeClock:
    """A clock that stands still until somebody waits for it or moves it. Safe between threads.

    `sleep` returns at once and moves the time; `slept` adds up the seconds that were waited.
    """

    def __init__(self, start: datetime = START) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a time with a zone")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()
        self.slept = 0.0

    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move the time on by this many seconds, at once."""
        if seconds > 0:
            with self._lock:
                self._now += timedelta(seconds=seconds)
                self.slept += seconds

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> None:
        """Let time pass without anybody waiting."""
        with self._lock:
            self._now += timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)


class FastClock:
    """A clock that runs `speed` times as fast as the machine's: a simulated hour in a few seconds."""

    def __init__(self, speed: float = 60.0, start: datetime | None = None) -> None:
        if speed <= 0:
            raise ValueError("a clock only runs forward")
        self.speed = speed
        self._start = start or datetime.now(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The simulated moment, aware and in UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    def sleep(self, seconds: float) -> None:
        """Wait this many simulated seconds."""
        if seconds > 0:
            time.sleep(seconds / self.speed)
