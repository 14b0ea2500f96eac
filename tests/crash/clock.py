"""One clock for all processes of a test, faster than the wall's: minutes of a contract pass in seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SharedClock:
    """All who know the same origin (seconds since 1970) and speed agree on the time."""

    def __init__(self, origin: float, speed: float) -> None:
        self.origin, self.speed = origin, speed

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.origin + (time.time() - self.origin) * self.speed, UTC)

    def sleep(self, seconds: float) -> None:
        """Wait so many of its seconds."""
        if seconds > 0:
            time.sleep(seconds / self.speed)
