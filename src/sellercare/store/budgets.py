"""Rate budgets that all who use the store share: one number each, the next moment at which a call may go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sellercare.http.budgets import next_after, next_start
from sellercare.http.protocols import Limit

if TYPE_CHECKING:
    from sellercare.store.engine import Store

FARTHEST = 2 * 86_400.0
"""Seconds. A next moment farther ahead than this was noted under a clock that was wrong, and is not believed."""


class Budgets:
    """Virtual scheduling: each call takes the next free moment, and the caller waits until then.

    A moment that was taken and not used is lost. After a power cut the last moments taken may be forgotten.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def reserve(self, limits: Sequence[Limit], now: float, patience: float) -> float:
        """Take the next moment at which all these limits have room; the seconds from `now` until then, 0 for at once.

        `now` is in seconds since 1970. If the moment is more than `patience` seconds away nothing is taken. Raises
        ValueError for a rate or burst that is not positive, StoreError.
        """
        for limit in limits:
            if limit.rate <= 0 or limit.burst < 1:
                raise ValueError(f"a budget needs a positive rate and burst, not {limit.rate} and {limit.burst}")
        with self._store.counting() as counters:
            # In one order, so that two who share several limits never wait for each other.
            marks = {limit: _believed(counters.read(limit.scope), now) for limit in sorted(limits)}
            start = max((next_start(mark, limit, now) for limit, mark in marks.items()), default=now)
            if start - now <= patience:
                for limit, mark in marks.items():
                    counters.write(limit.scope, next_after(mark, limit, start))
        return start - now

    def push_back(self, scope: str, until: float) -> None:
        """After the platform asked for it: nobody goes before this moment, in seconds since 1970."""
        with self._store.counting() as counters:
            if counters.read(scope) < until:
                counters.write(scope, until)


def _believed(mark: float, now: float) -> float:
    return mark if mark <= now + FARTHEST else 0.0
