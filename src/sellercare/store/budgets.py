"""Rate budgets that all who use the store share: one number each, the next moment at which a call may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sellercare.store.engine import Store

FARTHEST = 2 * 86_400.0
"""Seconds. A next moment farther ahead than this was noted under a clock that was wrong, and is not believed."""

# One statement, so that the database alone decides who comes first.
_TAKE = text("""
    INSERT INTO budgets (scope, next_at) VALUES (:scope, :earliest + :gap)
    ON CONFLICT (scope) DO UPDATE SET next_at = :gap + CASE
        WHEN budgets.next_at BETWEEN :earliest AND :farthest THEN budgets.next_at ELSE :earliest END
    RETURNING next_at
""")

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

    def reserve(self, scope: str, rate: float, burst: int, now: float) -> float:
        """Take the next free moment of a scope; the seconds from `now` until then, 0 for at once.

        `rate` is calls a second on average, `burst` how many may go at once after a quiet time, `now` seconds
        since 1970. Raises ValueError for a rate or burst that is not positive, StoreError.
        """
        if rate <= 0 or burst < 1:
            raise ValueError(f"a budget needs a positive rate and burst, not {rate} and {burst}")
        gap = 1.0 / rate
        # A quiet time earns credit for this much and no more.
        earliest = now - (burst - 1) * gap
        values = {"scope": scope, "gap": gap, "earliest": earliest, "farthest": now + FARTHEST}
        with self._store.counting() as connection:
            after = connection.execute(_TAKE, values).scalar_one()
        return max(0.0, float(after) - gap - now)

    def push_back(self, scope: str, until: float) -> None:
        """After the platform asked for it: nobody goes before this moment, in seconds since 1970."""
        with self._store.counting() as connection:
            connection.execute(_PUSH_BACK, {"scope": scope, "until": until})
