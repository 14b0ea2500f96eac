"""Waiting for what a platform does later: reports, exports, feeds, processes.

It is started, asked about until it is over, and then fetched. Adapters describe it as a `Work`; the one loop is here,
with a ceiling, progress for those who watch, and a handle to go on with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sellercare.calls import Call, Json, Sender, to_json
from sellercare.clock import Clock
from sellercare.errors import NotFound, StillWorking
from sellercare.translation import translated
from sellercare.waiting import wait_for

T = TypeVar("T")

_SLOWER = 1.5
"""Each pause between two looks is so much longer than the one before."""


def _no_earlier_one() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """Something that a platform does later.

    `name` is what people call it. `start` begins it (a read: the work changes nothing that anybody feels); `handle`
    takes the platform's id of it out of the answer. `look` asks about it; `over` says what it came to, or None while
    it is under way, and raises a PlatformError where it failed. `earlier` finds one at the platform that serves as
    well: begun by an earlier call, by another program, or by a schedule. Times are in seconds: the first pause
    between two looks, the longest one, and the ceiling for all waiting of one call.
    """

    name: str
    start: Call
    handle: Callable[[Json], str]
    look: Callable[[str], Call]
    over: Callable[[Json], T | None]
    earlier: Callable[[], str | None] = _no_earlier_one
    pause: float = 5.0
    longest_pause: float = 60.0
    ceiling: float = 900.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a work is: the platform's id of it, and for how many seconds this call has waited."""

    name: str
    handle: str
    waited: float


class Works:
    """The works of one account. Safe for threads.

    `watch` is called after each look at a work that is still under way. What outlasts the ceiling of a call is
    remembered: the next call for the same goes on with it.
    """

    def __init__(self, watch: Callable[[Progress], None] | None = None) -> None:
        self.watch = watch
        self._lock = threading.Lock()
        self._going: dict[tuple[str, bytes], str] = {}

    @property
    def under_way(self) -> Mapping[str, str]:
        """The platform's ids of works that were begun here and not seen over, by name."""
        with self._lock:
            return {name: handle for (name, _), handle in self._going.items()}

    def wait(self, sender: Sender, clock: Clock, work: Work[T]) -> T:
        """Begin a work, or go on with one that is under way, and wait for what it comes to.

        Raises StillWorking, with the handle, where it takes longer than the ceiling; and whatever `over` raises.
        """
        which = (work.name, _content(work.start))
        handle, remembered = self._handle(sender, work, which)
        waited, pause = 0.0, work.pause
        while True:
            try:
                answer = sender.read(work.look(handle))
            except NotFound:
                self._forget(which)
                if not remembered:
                    raise
                handle, remembered = self._handle(sender, work, which)
                continue
            outcome = self._outcome(work, which, answer.json(), answer.where)
            if outcome is not None:
                return outcome
            if waited + pause > work.ceiling:
                raise StillWorking(
                    f"{work.name} is not ready after {waited:.0f} s.",
                    work=work.name,
                    handle=handle,
                )
            if self.watch is not None:
                self.watch(Progress(work.name, handle, waited))
            wait_for(clock, pause, "work", f"the marketplace is at work on {work.name}", known=False)
            waited, pause = waited + pause, min(work.longest_pause, pause * _SLOWER)

    def _handle(self, sender: Sender, work: Work[T], which: tuple[str, bytes]) -> tuple[str, bool]:
        """The id of the work, and whether it was begun by an earlier call of ours."""
        with self._lock:
            known = self._going.get(which)
        if known is not None:
            return known, True

        def leads_somewhere(given: str) -> str:
            # What is remembered is asked for again and again: an id that leads nowhere would never be forgotten.
            work.look(given).full_path()
            return given

        handle = work.earlier()
        if handle is None:
            answer = sender.read(work.start)
            handle = translated(lambda payload: leads_somewhere(work.handle(payload)), answer.json(), answer.where)
        else:
            translated(leads_somewhere, handle, f"the id of {work.name}")
        with self._lock:
            self._going[which] = handle
        return handle, False

    def _outcome(self, work: Work[T], which: tuple[str, bytes], payload: Json, where: str) -> T | None:
        try:
            outcome = translated(work.over, payload, where)
        except BaseException:
            self._forget(which)
            raise
        if outcome is not None:
            self._forget(which)
        return outcome

    def _forget(self, which: tuple[str, bytes]) -> None:
        with self._lock:
            self._going.pop(which, None)


def _content(call: Call) -> bytes:
    """What tells two works of one name apart: all that their beginning says."""
    params = sorted((name, str(value)) for name, value in call.params.items())
    return to_json([call.method, call.path, dict(call.ids), params, call.json]) + (call.body or b"")
