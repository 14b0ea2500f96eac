"""Rate budgets that all who use the store share: what is known of each limit, in one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sellercare.http.budgets import reserved
from sellercare.http.protocols import Heard, Limit
from sellercare.http.turns import Turns, refused, told

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

    def reserve(
        self, limits: Sequence[Limit], now: float, patience: float, cost: float = 1.0, heard: Sequence[Heard] = ()
    ) -> float:
        """Take the next moment at which all these limits have room; the seconds from `now` until then, 0 for at once.

        `now` is in seconds since 1970, `cost` in units. If the moment is more than `patience` seconds away nothing is
        taken. What was `heard` is taken over before. Raises ValueError for a rate or burst that is not positive, and
        StoreError.
        """
        for limit in limits:
            if limit.rate <= 0 or limit.burst < 1:
                raise ValueError(f"a budget needs a positive rate and burst, not {limit.rate} and {limit.burst}")
        news = {each.limit: each for each in heard}
        with self._store.counting() as counters:
            # In one order, so that two who share several limits never wait for each other.
            known = {limit: _believed(counters.read(limit.scope), now) for limit in sorted({*limits, *news})}
            known |= {limit: told(known[limit], limit, each.allowance, each.at) for limit, each in news.items()}
            start, taken = reserved({limit: known[limit] for limit in limits}, now, patience, cost)
            for limit, turns in known.items():
                if limit in taken or limit in news:
                    counters.write(limit.scope, taken.get(limit, turns))
        return start - now

    def refused(self, limit: Limit, now: float, wait: float | None = None, cost: float = 1.0) -> None:
        """The platform refused a call under this limit. Nobody goes before its advice in seconds, if it gave any."""
        with self._store.counting() as counters:
            turns = _believed(counters.read(limit.scope), now)
            counters.write(limit.scope, refused(turns, limit, now, wait, cost))


def _believed(turns: Turns, now: float) -> Turns:
    return turns if turns.next_at <= now + FARTHEST else Turns()
