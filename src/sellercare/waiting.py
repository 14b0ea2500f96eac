"""Waiting that is told: for a turn under a limit, for a platform that wants a pause, for somebody else at the same.

Whoever shows a progress wants to say what it really waits for. What waits says so here, in the thread that waits, and
knows nothing of who listens. Where nobody does, it only sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from sellercare.clock import Clock

Kind = Literal["limit", "pause", "others", "proof", "work"]
"""A turn under a limit on calls; a platform that wants fewer calls, or is not there; somebody else who is at the same;
until the absence of a lost write is proof; work that the platform does."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait: `what` for, in words without a full stop, and for how many `seconds`; None where nobody can tell."""

    kind: Kind
    what: str
    seconds: float | None


Listener = Callable[[Wait | None], None]
"""Told of a wait as it begins, and of None when it is over, by the thread that waits. It may not raise."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell this listener of every wait of this thread (of this context, in truth) meanwhile."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def wait_for(clock: Clock, seconds: float, kind: Kind, what: str, *, known: bool = True) -> None:
    """Sleep, and tell who listens. `known` is False where this is only the pause between two looks."""
    listener = _listener.get()
    if listener is None or seconds <= 0:
        clock.sleep(seconds)
        return
    listener(Wait(kind, what, seconds if known else None))
    try:
        clock.sleep(seconds)
    finally:
        listener(None)


__all__ = ["Kind", "Listener", "Wait", "told_to", "wait_for"]
