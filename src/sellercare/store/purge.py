"""Removing personal data that is no longer needed. Keys, fingerprints and outcomes stay, so nothing is sent again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select, tuple_, update

from sellercare.errors import StoreError
from sellercare.store.jobs import JobState, RowState
from sellercare.store.records import IntentState
from sellercare.store.schema import PERSONAL, intents, jobs, looks, rows, steps

if TYPE_CHECKING:
    from sellercare.store.engine import Store

_BATCH = 1000

_OPEN_ROWS = (RowState.READY, RowState.HELD, RowState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge emptied, or would. What is still open keeps its data, or nobody could bring it to its end."""

    writes: int
    rows: int
    open_writes: int
    open_rows: int
    looks: int = 0


def purge(store: Store, before: datetime, *, dry_run: bool = False) -> Purged:
    """Empty the personal columns of writes decided, of rows of jobs last worked on, and of looks, before this moment.

    A store on SQLite is then written anew, so that nothing stays in its free pages. Raises StoreError.
    """
    moment = before.timestamp()
    done, closed = _done_writes(moment), _closed_rows(moment)
    with store.reading() as db:
        found = Purged(
            writes=_count(db, intents, done),
            rows=_count(db, rows, closed),
            open_writes=_count(db, intents, and_(_old_writes(moment), intents.c.state == IntentState.UNKNOWN.value)),
            open_rows=_count(db, rows, and_(_rows_of_old_jobs(moment), _is_open())),
            looks=_count(db, looks, _old_looks(moment)),
        )
    if dry_run:
        return found
    while _empty_writes(store, done):
        pass
    while _empty_rows(store, closed):
        pass
    with store.transaction() as db:
        db.execute(update(looks).where(_old_looks(moment)).values(_emptied(looks)))
    _write_anew(store)
    return found


def _old_writes(moment: float) -> ColumnElement[bool]:
    return and_(intents.c.purged_at.is_(None), func.coalesce(intents.c.decided_at, intents.c.created_at) < moment)


def _done_writes(moment: float) -> ColumnElement[bool]:
    """Decided for good, or never begun; and in nobody's hands."""
    begun = select(steps.c.name).where(steps.c.intent_id == intents.c.id).exists()
    never_left = intents.c.state.in_((IntentState.READY.value, IntentState.REFUSED.value))
    done = or_(intents.c.state == IntentState.CONFIRMED.value, and_(never_left, ~begun))
    return and_(_old_writes(moment), done, intents.c.owner.is_(None))


def _old_looks(moment: float) -> ColumnElement[bool]:
    return and_(looks.c.body.is_not(None), looks.c.kept_at < moment)


def _rows_of_old_jobs(moment: float) -> ColumnElement[bool]:
    return rows.c.job_id.in_(select(jobs.c.id).where(jobs.c.changed_at < moment))


def _is_open() -> ColumnElement[bool]:
    """A row that may still be sent or looked up. Those of a plan that was never finished cannot be."""
    whole = rows.c.job_id.in_(select(jobs.c.id).where(jobs.c.state != JobState.PLANNING.value))
    return and_(whole, rows.c.state.in_([state.value for state in _OPEN_ROWS]))


def _closed_rows(moment: float) -> ColumnElement[bool]:
    full = or_(*(rows.c[name] != _empty(rows, name) for name in PERSONAL[rows]))
    return and_(_rows_of_old_jobs(moment), ~_is_open(), full)


def _empty_writes(store: Store, done: ColumnElement[bool]) -> bool:
    """Empty some; whether there were any."""
    with store.transaction() as db:
        ids = db.execute(select(intents.c.id).where(done).limit(_BATCH)).scalars().all()
        now = store.clock.now().timestamp()
        db.execute(update(intents).where(intents.c.id.in_(ids)).values(**_emptied(intents), purged_at=now))
        db.execute(update(steps).where(steps.c.intent_id.in_(ids)).values(**_emptied(steps)))
    return bool(ids)


def _empty_rows(store: Store, closed: ColumnElement[bool]) -> bool:
    with store.transaction() as db:
        ids = db.execute(select(rows.c.job_id, rows.c.n).where(closed).limit(_BATCH)).all()
        which = tuple_(rows.c.job_id, rows.c.n).in_([tuple(each) for each in ids])
        db.execute(update(rows).where(which).values(**_emptied(rows)))
    return bool(ids)


def _emptied(table: Table) -> dict[str, str | None]:
    return {name: _empty(table, name) for name in PERSONAL[table]}


def _empty(table: Table, name: str) -> str | None:
    """What a column holds when it holds nothing: JSON that must be there is an empty object."""
    if table.c[name].nullable:
        return None
    return "" if table.c[name].server_default is not None else "{}"


def _count(db: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def _write_anew(store: Store) -> None:
    """SQLite leaves what was overwritten in free pages and in its log until both are written anew."""
    if store.url.get_backend_name() != "sqlite":
        return
    with store._explained(), closing(store._writing.raw_connection()) as connection:  # neither works in a transaction
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, *_), *_ = cursor.fetchall()
    if busy:
        raise StoreError(
            f"The personal data is removed, but other programs still read the store {store.place}: parts of it stay in "
            "its files for now.",
            next_step="Run the same thing again when no other program uses the store.",
        )


__all__ = ["Purged", "purge"]
