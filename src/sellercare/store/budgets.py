"""Rate budgets that all who use the store share: one number each, the next moment at which a call may go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from sellercare.http.budgets import next_after, next_start
from sellercare.http.protocols import Limit

if TYPE_CHECKING:
    from sellercare.store.engine import Store

FARTHEST = 2 * 86_400.0
"""Seconds. A next moment farther ahead than this was noted under a clock that was wrong, and is not believed."""

# Reads the number and locks it until the transaction ends, so that the database alone decides who comes first.
_LOCK = text("""
    INSERT INTO budgets (scope, next_at) VALUES (:scope, 0)
    ON CONFLICT (scope) DO UPDATE SET next_at = budgets.next_at
    RETURNING next_at
""")

_TAKE = text("UPDATE budgets SET next_at = :next_at WHERE scope = :scope")

_PUSH_BACK = text("""
    INSERT INTO budgets (scope, next_at) VALUES (:scope, :until)
    ON CONFLICT (scope) DO UPDATE SET next_at = :until WHERE budgets.next_at < :until
""")


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
        with self._store.counting() as connection:
            # In one order, so that two who share several limits never wait for each other.
            marks = {limit: _believed(_mark(connection, limit.scope), now) for limit in sorted(limits)}
            start = max((next_start(mark, limit, now) for limit, mark in marks.items()), default=now)
            if start - now <= patience:
                for limit, mark in marks.items():
                    connection.execute(_TAKE, {"scope": limit.scope, "next_at": next_after(mark, limit, start)})
        return start - now

    def push_back(self, scope: str, until: float) -> None:
        """After the platform asked for it: nobody goes before this moment, in seconds since 1970."""
        with self._store.counting() as connection:
            connection.execute(_PUSH_BACK, {"scope": scope, "until": until})


def _mark(connection: Connection, scope: str) -> float:
    return float(connection.execute(_LOCK, {"scope": scope}).scalar_one())


def _believed(mark: float, now: float) -> float:
    return mark if mark <= now + FARTHEST else 0.0
