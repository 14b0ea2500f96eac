"""What a platform does when the same request comes twice: it knows a key, it refuses, or it acts again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sellercare.simulator.messages import Reply, Request
from sellercare.simulator.world import World


class Repeats:
    """The memory of answered requests. It belongs to the world's data, so that stale reads do not see it either.

    Keys are forgotten a day after they were first used (`remembered`, in seconds).
    """

    remembered = 86_400.0

    def __init__(self, world: World) -> None:
        self.world = world

    def keyed(self, key: str | None, request: Request, do: Callable[[], Reply]) -> Reply | None:
        """Do it once for each key (without one: every time). None if the key was used for another request."""
        if not key:
            return do()
        known = self._remembered(key)
        if known is None:
            reply = do()
            if reply.status < 300:
                self.world.data.extra.setdefault("answered", {})[key] = (request.body, reply, self.world.now())
            return reply
        first, reply = known
        return reply if first == request.body else None

    def answered(self, key: str) -> Reply | None:
        """What was answered under a key."""
        known = self._remembered(key)
        return known[1] if known else None

    def _remembered(self, key: str) -> tuple[bytes, Reply] | None:
        known: dict[str, tuple[bytes, Reply, datetime]] = self.world.data.extra.get("answered", {})
        body, reply, at = known.get(key, (b"", None, self.world.now()))
        if reply is None or self.world.now() - at >= timedelta(seconds=self.remembered):
            return None
        return body, reply

    def again(self, request: Request, within: float) -> bool:
        """Whether the same request, to the letter, did something within the last so many seconds."""
        seen = self.world.data.extra.get("seen", {})
        last = seen.get((request.path, request.body))
        return last is not None and self.world.now() - last < timedelta(seconds=within)

    def note(self, request: Request) -> None:
        """Remember that this request did something."""
        self.world.data.extra.setdefault("seen", {})[request.path, request.body] = self.world.now()
