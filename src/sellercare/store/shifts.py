"""Several processes on one job: each works a shift, and has the rows in hand that it claimed.

A claim only shares the work out and keeps the rows of one target in order. That nothing is sent twice is the
journal's promise: a process that was asleep for longer than its claims last finds its writes in other hands.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from sellercare.store.jobs import BATCH, UNFINISHED, JobRow, RowState, row_of
from sellercare.store.schema import rows, shifts

if TYPE_CHECKING:
    from sellercare.store.engine import Store

LASTS = 60.0
"""Seconds after which a process that gave no sign of itself is taken for dead, and its rows are free again."""

_SHARES = 64
"""A process claims one of so many parts of the rows at a time, so that another one that comes finds some too."""


class Shift:
    """One process at work on a job, from `begin` to `end`. For the thread that leads it. Raises StoreError."""

    def __init__(self, store: Store, job_id: str) -> None:
        self.id = str(uuid.uuid4())
        self.passed_over = False
        self._store = store
        self._job_id = job_id
        self._signed_at = 0.0
        self._resting = False
        self._others = and_(shifts.c.job_id == job_id, shifts.c.id != self.id)

    def begin(self) -> None:
        """Sign in."""
        with self._store.transaction() as db:
            self._sign(db, resting=False)
            self._bury(db)

    def end(self) -> None:
        """Give back what was claimed and not finished, and sign out."""
        with self._store.transaction() as db:
            self._free(db, [self.id])

    def beat(self) -> None:
        """Give a sign of life, if the last one is some time ago."""
        if self._sign_is_due:
            with self._store.transaction() as db:
                self._sign(db, resting=False)

    def rest(self) -> None:
        """Nothing more to do but to wait for others: they need not wait for what is left in these hands."""
        with self._store.transaction() as db:
            self._sign(db, resting=True)

    def parts(
        self, *states: RowState, account: str, mine_too: bool = False, least: int = 8
    ) -> Iterator[Sequence[JobRow]]:
        """The account's rows in these states that nobody has in hand, in the order of the file, claimed part by part.

        A row is passed over while an earlier one of its target is unfinished and not in these hands. `mine_too`
        gives the rows again that were given before and are not finished; `least` is the smallest part.
        """
        after, part = 0, self._part(states, account, least)
        while True:
            taken, after = self._claim(states, account, after, part, mine_too=mine_too)
            yield taken
            if not after:
                return

    def is_alone(self) -> bool:
        """Whether nobody else is at this job."""
        with self._store.reading() as db:
            alive = and_(self._others, shifts.c.until > self._now())
            return db.execute(select(shifts.c.id).where(alive).limit(1)).first() is None

    def others_work(self) -> bool:
        """Whether unfinished rows are in the hands of others, the dead among them, who are not resting."""
        working = select(shifts.c.id).where(self._others, ~shifts.c.resting)
        theirs = and_(rows.c.shift.in_(working), rows.c.job_id == self._job_id, _unfinished())
        with self._store.reading() as db:
            return db.execute(select(rows.c.n).where(theirs).limit(1)).first() is not None

    def _part(self, states: Sequence[RowState], account: str, least: int) -> int:
        with self._store.reading() as db:
            count = db.execute(select(func.count()).where(self._wanted(states, account))).scalar_one()
        return max(least, min(BATCH, count // _SHARES))

    def _claim(
        self, states: Sequence[RowState], account: str, after: int, part: int, *, mine_too: bool
    ) -> tuple[Sequence[JobRow], int]:
        """Claim the next rows; they, and where to go on (0: there are no more)."""
        free = or_(rows.c.shift.is_(None), rows.c.shift == self.id) if mine_too else rows.c.shift.is_(None)
        wanted = and_(self._wanted(states, account), rows.c.n > after, free)
        with self._store.transaction() as db:
            if self._sign_is_due:
                self._sign(db, resting=False)
                self._bury(db)
            found = db.execute(select(rows).where(wanted).order_by(rows.c.n).limit(part)).all()
            if not found:
                return [], 0
            waiting = self._waiting(db, account, {row.n for row in found}, {row.target for row in found})
            mine = [row for row in found if waiting.get(row.target, row.n) >= row.n]
            self.passed_over |= len(mine) < len(found)
            numbers = [row.n for row in mine]
            db.execute(update(rows).where(rows.c.job_id == self._job_id, rows.c.n.in_(numbers)).values(shift=self.id))
        return [row_of(row) for row in mine], found[-1].n if len(found) == part else 0

    def _wanted(self, states: Sequence[RowState], account: str) -> ColumnElement[bool]:
        named = rows.c.state.in_([state.value for state in states])
        return and_(rows.c.job_id == self._job_id, rows.c.account == account, named)

    def _waiting(self, db: Connection, account: str, found: set[int], targets: set[str]) -> dict[str, int]:
        """For each of these targets, its first unfinished row that is not in these hands, if it has one."""
        others = or_(rows.c.shift.is_(None), rows.c.shift != self.id)
        theirs = and_(rows.c.job_id == self._job_id, _unfinished(), rows.c.account == account, others)
        first: dict[str, int] = {}
        for n, target in db.execute(select(rows.c.n, rows.c.target).where(theirs, rows.c.n < max(found))):
            if target in targets and n not in found:
                first[target] = min(n, first.get(target, n))
        return first

    @property
    def _sign_is_due(self) -> bool:
        return self._resting or not 0 <= self._now() - self._signed_at < LASTS / 3

    def _sign(self, db: Connection, *, resting: bool) -> None:
        self._signed_at, self._resting = self._now(), resting
        values = {"until": self._signed_at + LASTS, "resting": resting}
        if db.execute(update(shifts).where(shifts.c.id == self.id).values(values)).rowcount == 0:
            db.execute(insert(shifts).values(id=self.id, job_id=self._job_id, **values))

    def _bury(self, db: Connection) -> None:
        """What the dead had in hand is free."""
        dead = and_(self._others, shifts.c.until <= self._now())
        if gone := db.execute(select(shifts.c.id).where(dead)).scalars().all():
            self._free(db, gone)

    def _free(self, db: Connection, gone: Sequence[str]) -> None:
        db.execute(update(rows).where(rows.c.shift.in_(gone)).values(shift=None))
        db.execute(delete(shifts).where(shifts.c.id.in_(gone)))

    def _now(self) -> float:
        return self._store.clock.now().timestamp()


def _unfinished() -> ColumnElement[bool]:
    return rows.c.state.in_([state.value for state in UNFINISHED])


__all__ = ["LASTS", "Shift"]
