"""Rate budgets that all who use the store share: what is known of each limit, in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sellercare.http.budgets import reserved
from sellercare.http.protocols import Heard, Limit
from sellercare.http.turns import Turns, after, refused, start_of, told

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
        self._ours: dict[str, tuple[Turns, bool]] = {}
        """What this process has noted last, and whether it came then upon its own last note: it is alone, it seems."""

    def reserve(
        self,
        limits: Sequence[Limit],
        now: float,
        patience: float,
        cost: float = 1.0,
        heard: Sequence[Heard] = (),
        needs: float = 0.0,
    ) -> float:
        """Take the next moment at which all these limits have room; the seconds from `now` until then, 0 for at once.

        `now` is in seconds since 1970, `cost` in units; if it `needs` more, it goes when those are there. If the moment
        is more than `patience` seconds away nothing is taken. What was `heard` is taken over before. Raises ValueError
        for a rate or burst that is not positive, and StoreError.
        """
        for limit in limits:
            if limit.rate <= 0 or limit.burst < 1:
                raise ValueError(f"a budget needs a positive rate and burst, not {limit.rate} and {limit.burst}")
        if len(limits) == 1 and (start := self._alone(limits[0], now, patience, cost, heard, needs)) is not None:
            return start - now
        news = {each.limit: each for each in heard}
        with self._store.counting() as counters:
            # In one order, so that two who share several limits never wait for each other.
            read = {limit: counters.read(limit.scope) for limit in sorted({*limits, *news})}
            start, noted = _taken(read, limits, news, now, patience, cost, needs)
            for limit, turns in noted.items():
                counters.write(limit.scope, turns)
        for limit, turns in noted.items():
            self._noted(limit.scope, read[limit], turns)
        return start - now

    def refused(self, limit: Limit, now: float, wait: float | None = None, cost: float = 1.0) -> None:
        """The platform refused a call under this limit. Nobody goes before its advice in seconds, if it gave any."""
        with self._store.counting() as counters:
            read = counters.read(limit.scope)
            turns = refused(_believed(read, now), limit, now, wait, cost)
            counters.write(limit.scope, turns)
        self._noted(limit.scope, read, turns)

    def _alone(
        self, limit: Limit, now: float, patience: float, cost: float, heard: Sequence[Heard], needs: float
    ) -> float | None:
        """The same in one statement instead of four, where nobody else uses the limit; None where somebody might.

        It notes the new turns if the old ones are still those that this process has noted.
        """
        ours, alone = self._ours.get(limit.scope, _NOTHING)
        if not alone:
            return None
        turns = _believed(ours, now)
        for each in heard:
            if each.limit != limit:
                return None
            turns = told(turns, limit, each.allowance, each.at)
        start = start_of(turns, limit, now, max(needs, cost))
        if start - now > patience:
            return None
        turns = after(turns, limit, start, start > now, cost)
        if not self._store.count_on(limit.scope, ours, turns):
            return None
        self._ours[limit.scope] = turns, True
        return start

    def _noted(self, scope: str, before: Turns, turns: Turns) -> None:
        self._ours[scope] = turns, self._ours.get(scope, _NOTHING)[0] == before


_NOTHING = (Turns(), False)


def _taken(
    read: Mapping[Limit, Turns],
    limits: Sequence[Limit],
    news: Mapping[Limit, Heard],
    now: float,
    patience: float,
    cost: float,
    needs: float,
) -> tuple[float, Mapping[Limit, Turns]]:
    """When a call may go, and what has to be noted of the limits then."""
    known = {limit: _believed(turns, now) for limit, turns in read.items()}
    known |= {limit: told(known[limit], limit, each.allowance, each.at) for limit, each in news.items()}
    start, taken = reserved({limit: known[limit] for limit in limits}, now, patience, cost, needs)
    return start, {limit: known[limit] for limit in news} | dict(taken)


def _believed(turns: Turns, now: float) -> Turns:
    return turns if turns.next_at <= now + FARTHEST else Turns()
