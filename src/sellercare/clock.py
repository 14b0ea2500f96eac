"""Time as something that is handed in, so that tests never sleep and a simulated day takes a second."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the library asks about time. Every part that waits or dates something takes one."""

    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait this many seconds of this clock's time."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait this many real seconds."""
        if seconds > 0:
            time.sleep(seconds)
