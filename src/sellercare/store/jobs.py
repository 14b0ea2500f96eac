"""Bulk jobs and their rows. A job may have a million rows, so rows come and go in batches and never all at once.

A row's state is where it stands in this job. What happened at the marketplace is in the journal, under the row's key;
a row that says `ready` after a crash is therefore safe to take up again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sellercare.calls import Json, parse_json, to_json
from sellercare.store.prepared import Prepared
from sellercare.store.schema import intents, jobs, rows

if TYPE_CHECKING:
    from sellercare.store.engine import Store

BATCH = 1000
"""Rows in one transaction: enough that its cost does not count, few enough that memory does not notice."""


class JobState(StrEnum):
    """Where a job is. PLANNING that stays was interrupted: such a plan is not whole, and cannot be applied."""

    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    STOPPED = "stopped"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class RowState(StrEnum):
    """Where a row is. READY may be sent; HELD and REJECTED are not, and say why; DONE was sent by an earlier run."""

    READY = "ready"
    HELD = "held"
    REJECTED = "rejected"
    DONE = "done"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class WaitsFor(StrEnum):
    """What a person has to do before a row that is held goes on, where a person's word is enough."""

    NOTHING = ""
    APPROVAL = "approval"
    LOOK = "look"


UNFINISHED = (RowState.READY, RowState.UNKNOWN)
"""The states of rows that somebody still has to do something about."""


@dataclass(frozen=True, slots=True)
class Job:
    """One bulk run. `source` is the file; `options` hold what was asked for and what the plan found, as JSON."""

    id: str
    verb: str
    source: str
    state: JobState
    offline: bool
    options: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row. `n` counts from 1 within the job, `line` is its line in the file, `note` says why it is as it is."""

    n: int
    line: int
    account: str
    target: str
    key: str | None
    state: RowState
    content: Json = field(repr=False)
    note: str = ""
    currency: str | None = None
    amount: Decimal | None = None
    intent_id: str | None = None
    waits_for: WaitsFor = WaitsFor.NOTHING
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a row."""

    n: int
    state: RowState
    note: str = ""
    intent_id: str | None = None
    waits_for: WaitsFor = WaitsFor.NOTHING


@dataclass(frozen=True, slots=True)
class Told:
    """A row with what the journal knows of its write: for reports. Times are in UTC."""

    row: JobRow
    native_id: str | None = None
    settlement: str = ""
    attempts: int = 0
    sent_at: datetime | None = None
    decided_at: datetime | None = None
    error: Json = field(default=None, repr=False)


class Jobs:
    """Reading and moving jobs. Each method is one transaction, or one for each batch; problems raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, *, verb: str, source: str, offline: bool, options: Mapping[str, Any]) -> Job:
        """Begin a job. It is `planning` until `move` says otherwise."""
        now = self._store.clock.now()
        job_id = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
        values = {
            "id": job_id,
            "verb": verb,
            "source": source[:500],
            "state": JobState.PLANNING.value,
            "offline": offline,
            "options": to_json(options).decode(),
            "created_at": now.timestamp(),
            "changed_at": now.timestamp(),
        }
        with self._store.transaction() as db:
            db.execute(insert(jobs).values(values))
        return self.get(job_id)

    def move(self, job_id: str, state: JobState, options: Mapping[str, Any] | None = None) -> None:
        """Note where a job is, and new options with it."""
        values: dict[str, Any] = {"state": state.value, "changed_at": self._store.clock.now().timestamp()}
        if options is not None:
            values["options"] = to_json(options).decode()
        with self._store.transaction() as db:
            db.execute(update(jobs).where(jobs.c.id == job_id).values(values))

    def get(self, job_id: str) -> Job:
        """The job of this id, or of the only one that begins so. Raises KeyError."""
        with self._store.reading() as db:
            found = db.execute(select(jobs).where(jobs.c.id.startswith(job_id, autoescape=True)).limit(2)).all()
        exact = [row for row in found if row.id == job_id] or found
        if len(exact) != 1 or not job_id:
            raise KeyError(job_id)
        return _job(exact[0])

    def list(self, limit: int | None = None) -> Sequence[Job]:
        """Jobs, newest first."""
        with self._store.reading() as db:
            found = db.execute(select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)).all()
        return [_job(row) for row in found]

    def remove(self, job_id: str) -> None:
        """Forget a job and its rows. What the journal knows stays."""
        with self._store.transaction() as db:
            db.execute(delete(rows).where(rows.c.job_id == job_id))
            db.execute(delete(jobs).where(jobs.c.id == job_id))

    def add(self, job_id: str, batch: Sequence[JobRow]) -> Mapping[int, int]:
        """Add rows, in one transaction. A row whose key an earlier row of its account has is not added: it comes
        back as its `n` with the line of that earlier row."""
        if not batch:
            return {}
        values = [_values(job_id, row) for row in batch]
        numbers = [row.n for row in batch]
        with self._store.transaction() as db:
            db.execute(_insert_new(db), values)
            mine = and_(rows.c.job_id == job_id, rows.c.n.between(min(numbers), max(numbers)))
            added = db.execute(select(func.count()).where(mine)).scalar_one()
            if added == len(batch):
                return {}
            there = set(db.execute(select(rows.c.n).where(mine)).scalars())
            return {row.n: self._line_of(db, job_id, row) or 0 for row in batch if row.n not in there}

    def known_keys(self, wanted: Iterable[tuple[str, str, str]]) -> Set[tuple[str, str, str]]:
        """Those of these accounts, verbs and keys that the journal has an intent for."""
        found: set[tuple[str, str, str]] = set()
        by_verb: dict[tuple[str, str], list[str]] = {}
        for account, verb, key in wanted:
            by_verb.setdefault((account, verb), []).append(key)
        with self._store.reading() as db:
            for (account, verb), keys in by_verb.items():
                same = and_(intents.c.account == account, intents.c.verb == verb, intents.c.key.in_(keys))
                found.update((account, verb, key) for key in db.execute(select(intents.c.key).where(same)).scalars())
        return found

    def rows(
        self, job_id: str, *states: RowState, account: str | None = None, after: int = 0, chunk: int = BATCH
    ) -> Iterator[JobRow]:
        """The rows in these states (none named: all), in the order of the file. Fetched a chunk at a time, so rows
        may change while you iterate."""
        where = [rows.c.job_id == job_id]
        if states:
            where.append(rows.c.state.in_([state.value for state in states]))
        if account is not None:
            where.append(rows.c.account == account)
        query = select(rows).where(*where).order_by(rows.c.n).limit(chunk)
        for row in self._chunks(query, after, chunk):
            yield row_of(row)

    def noted(self, job_id: str, state: RowState, limit: int) -> Sequence[JobRow]:
        """The first rows in this state that have a note."""
        where = and_(rows.c.job_id == job_id, rows.c.state == state.value, rows.c.note != "")
        with self._store.reading() as db:
            found = db.execute(select(rows).where(where).order_by(rows.c.n).limit(limit)).all()
        return [row_of(row) for row in found]

    def told(self, job_id: str, *states: RowState, numbers: Sequence[int] = ()) -> Iterator[Told]:
        """The rows with what the journal knows of their writes, in the order of the file; of `numbers`, if given."""
        names = ("native_id", "settlement", "attempts", "sent_at", "decided_at", "error")
        known = [intents.c[name] for name in names]
        where = [rows.c.job_id == job_id]
        if states:
            where.append(rows.c.state.in_([state.value for state in states]))
        if numbers:
            where.append(rows.c.n.in_(numbers))
        joined = rows.outerjoin(intents, rows.c.intent_id == intents.c.id)
        query = select(rows, *known).select_from(joined).where(*where).order_by(rows.c.n).limit(BATCH)
        for row in self._chunks(query, 0, BATCH):
            yield _told(row)

    def counts(self, job_id: str) -> Mapping[tuple[str, RowState], int]:
        """How many rows there are, by account and state."""
        query = (
            select(rows.c.account, rows.c.state, func.count())
            .where(rows.c.job_id == job_id)
            .group_by(rows.c.account, rows.c.state)
        )
        with self._store.reading() as db:
            return {(account, RowState(state)): count for account, state, count in db.execute(query)}

    def money(self, job_id: str, *states: RowState) -> Mapping[tuple[str, str], Decimal]:
        """What rows in these states move, by account and currency. Summed exactly, which SQL on text would not."""
        query = (
            select(rows.c.n, rows.c.account, rows.c.currency, rows.c.amount)
            .where(rows.c.job_id == job_id, rows.c.currency.is_not(None))
            .where(rows.c.state.in_([state.value for state in states]))
            .order_by(rows.c.n)
            .limit(BATCH)
        )
        total: dict[tuple[str, str], Decimal] = {}
        for row in self._chunks(query, 0, BATCH):
            at = (row.account, row.currency)
            total[at] = total.get(at, Decimal(0)) + Decimal(row.amount)
        return total

    def finish(self, job_id: str, changes: Iterable[Change]) -> None:
        """Note what became of rows, in one transaction. A change without an intent keeps the one that is there.

        A row that was cancelled meanwhile does not become ready again.
        """
        values = [
            {
                "at": each.n,
                "to": each.state.value,
                "why": each.note,
                "by": each.intent_id,
                "open": each.state in UNFINISHED,
                "for": each.waits_for.value,
                "again": each.state is RowState.READY,
            }
            for each in changes
        ]
        if not values:
            return
        statement = (
            update(rows)
            .where(rows.c.job_id == job_id, rows.c.n == bindparam("at"))
            .where(or_(rows.c.state != RowState.CANCELLED.value, ~bindparam("again", type_=Boolean)))
            .values(
                state=bindparam("to"),
                waits_for=bindparam("for"),
                note=bindparam("why"),
                intent_id=func.coalesce(bindparam("by"), rows.c.intent_id),
                shift=case((bindparam("open", type_=Boolean), rows.c.shift), else_=None),
            )
        )
        with self._store.transaction() as db:
            db.execute(statement, values)

    def cancel(self, job_id: str) -> int:
        """Call off what was not sent: the job, and its rows that are ready or held. Returns how many rows."""
        open_rows = (RowState.READY.value, RowState.HELD.value)
        mine = and_(rows.c.job_id == job_id, rows.c.state.in_(open_rows))
        now = self._store.clock.now().timestamp()
        with self._store.transaction() as db:
            called_off = {"state": JobState.CANCELLED.value, "changed_at": now}
            db.execute(update(jobs).where(jobs.c.id == job_id).values(called_off))
            values = {"state": RowState.CANCELLED.value, "waits_for": "", "shift": None}
            return db.execute(update(rows).where(mine).values(values)).rowcount

    def approve(self, job_id: str, row: JobRow, who: str) -> bool:
        """A held row may go, by somebody's word, with the content that the row has; False if it was not held."""
        mine = and_(rows.c.job_id == job_id, rows.c.n == row.n, rows.c.state == RowState.HELD.value)
        values = {
            "state": RowState.READY.value,
            "note": f"approved by {who}",
            "waits_for": "",
            "approved_by": who[:200],
            "content": to_json(row.content).decode(),
        }
        with self._store.transaction() as db:
            return db.execute(update(rows).where(mine).values(values)).rowcount == 1

    def waiting(self, job_id: str, line: int | None = None) -> Iterator[JobRow]:
        """The held rows that a person's word lets go; with `line`, only that of this line."""
        where = [rows.c.job_id == job_id, rows.c.state == RowState.HELD.value, rows.c.waits_for != ""]
        if line is not None:
            where.append(rows.c.line == line)
        for row in self._chunks(select(rows).where(*where).order_by(rows.c.n).limit(BATCH), 0, BATCH):
            yield row_of(row)

    def at_line(self, job_id: str, line: int) -> JobRow | None:
        """The row of a line of the file."""
        where = and_(rows.c.job_id == job_id, rows.c.line == line)
        with self._store.reading() as db:
            found = db.execute(select(rows).where(where)).one_or_none()
        return row_of(found) if found else None

    def settlements(self, job_id: str) -> Mapping[str, int]:
        """How many confirmed rows there are by settlement (pending, done, failed)."""
        joined = rows.join(intents, rows.c.intent_id == intents.c.id)
        where = and_(rows.c.job_id == job_id, rows.c.state == RowState.CONFIRMED.value, intents.c.settlement != "")
        query = select(intents.c.settlement, func.count()).select_from(joined).where(where)
        with self._store.reading() as db:
            return {row[0]: row[1] for row in db.execute(query.group_by(intents.c.settlement))}

    def complete(self, job_id: str, row: JobRow) -> int | None:
        """Keep the key, content and sum that a row planned offline was given. If another row of the account has the
        key, nothing is kept, and that row's line comes back."""
        values = _values(job_id, row)
        kept = {name: values[name] for name in _COMPLETED}
        with self._store.transaction() as db:
            if (twin := self._line_of(db, job_id, row)) is not None:
                return twin
            _COMPLETE.run(db, of=job_id, at=row.n, **kept)
        return None

    def _chunks(self, query: Select[Any], after: int, chunk: int) -> Iterator[Row[Any]]:
        while True:
            with self._store.reading() as db:
                found = db.execute(query.where(rows.c.n > after)).all()
            yield from found
            if len(found) < chunk:
                return
            after = found[-1].n

    @staticmethod
    def _line_of(db: Connection, job_id: str, row: JobRow) -> int | None:
        """The line of another row of the account that has the key."""
        found = _TWIN.run(db, of=job_id, account=row.account, key=row.key, at=row.n).fetchone()
        return found[0] if found else None


_COMPLETED = ("key", "content", "target", "currency", "amount")
_COMPLETE = Prepared(
    update(rows)
    .where(rows.c.job_id == bindparam("of"), rows.c.n == bindparam("at"))
    .values({name: bindparam(name) for name in _COMPLETED})
)
_TWIN = Prepared(
    select(rows.c.line).where(
        rows.c.job_id == bindparam("of"),
        rows.c.account == bindparam("account"),
        rows.c.key == bindparam("key"),
        rows.c.n != bindparam("at"),
    )
)


def _insert_new(db: Connection) -> Any:
    """The unique index on job, account and key decides which rows are new."""
    kind = postgresql if db.dialect.name == "postgresql" else sqlite
    return kind.insert(rows).on_conflict_do_nothing(index_elements=["job_id", "account", "key"])


def _values(job_id: str, row: JobRow) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "n": row.n,
        "line": row.line,
        "account": row.account,
        "target": row.target,
        "key": row.key,
        "state": row.state.value,
        "content": to_json(row.content).decode(),
        "note": row.note,
        "currency": row.currency,
        "amount": None if row.amount is None else str(row.amount),
        "intent_id": row.intent_id,
        "waits_for": row.waits_for.value,
        "approved_by": row.approved_by,
    }


def row_of(row: Row[Any]) -> JobRow:
    """A row as the tables have it."""
    return JobRow(
        n=row.n,
        line=row.line,
        account=row.account,
        target=row.target,
        key=row.key,
        state=RowState(row.state),
        content=parse_json(row.content),
        note=row.note,
        currency=row.currency,
        amount=None if row.amount is None else Decimal(row.amount),
        intent_id=row.intent_id,
        waits_for=WaitsFor(row.waits_for),
        approved_by=row.approved_by,
    )


def _told(row: Row[Any]) -> Told:
    return Told(
        row=row_of(row),
        native_id=row.native_id,
        settlement=row.settlement or "",
        attempts=row.attempts or 0,
        sent_at=None if row.sent_at is None else datetime.fromtimestamp(row.sent_at, UTC),
        decided_at=None if row.decided_at is None else datetime.fromtimestamp(row.decided_at, UTC),
        error=None if row.error is None else parse_json(row.error),
    )


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        verb=row.verb,
        source=row.source,
        state=JobState(row.state),
        offline=row.offline,
        options=parse_json(row.options),
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        changed_at=datetime.fromtimestamp(row.changed_at, UTC),
    )


__all__ = ["BATCH", "UNFINISHED", "Change", "Job", "JobRow", "JobState", "Jobs", "RowState", "Told", "row_of"]
