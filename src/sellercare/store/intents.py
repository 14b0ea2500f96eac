"""The journal's tables: one intent for each write that somebody wants, and the steps of it.

Each method is one transaction. What it says happened is durable when it returns.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, insert, select, union, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from sellercare.calls import Json, parse_json, to_json
from sellercare.store.schema import intents, steps

if TYPE_CHECKING:
    from sellercare.store.engine import Store


_LATELY = 3600.0
"""Seconds before a write left within which the proofs of all other writes are told: clocks differ, and lists lag."""


# Made once: to build a statement costs more than to run it.
_BY_ID = select(intents).where(intents.c.id == bindparam("intent_id"))
_BY_KEY = select(intents).where(
    intents.c.account == bindparam("account"), intents.c.verb == bindparam("verb"), intents.c.key == bindparam("key")
)
_STEPS = select(steps).where(steps.c.intent_id == bindparam("intent_id"))
_LEASE = (
    update(intents)
    .where(intents.c.id == bindparam("intent_id"))
    .values(owner=bindparam("owner"), owned_until=bindparam("owned_until"))
)
_OTHERS = (
    select(intents.c.id)
    .where(
        intents.c.account == bindparam("account"),
        intents.c.target == bindparam("target"),
        intents.c.id != bindparam("intent_id"),
        intents.c.owned_until > bindparam("now"),
    )
    .limit(1)
)


class IntentState(StrEnum):
    """Where an intent is. READY: nothing has been committed; SENDING: the committing request may have left."""

    READY = "ready"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is known of one step: `sending` (it may have left), `lost` (no answer came), `done` or `refused`."""

    name: str
    state: str
    kept: Json
    sent_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Intent:
    """One write that somebody wants. Times are in UTC; `content` is the command as JSON, empty once it was purged."""

    id: str
    account: str
    verb: str
    key: str
    fingerprint: str
    target: str
    content: Json = field(repr=False)
    state: IntentState
    before: Json = field(repr=False)
    native_id: str | None
    error: Json = field(repr=False)
    settlement: str
    who: str
    why: str
    attempts: int
    owner: str | None
    owned_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    decided_at: datetime | None
    purged_at: datetime | None = None


class Intents:
    """Reading and moving intents."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(
        self,
        *,
        account: str,
        verb: str,
        key: str,
        fingerprint: str,
        target: str,
        content: Json,
        who: str = "",
        why: str = "",
        within: Callable[[Connection, Row[Any]], None] | None = None,
    ) -> Intent:
        """Record a new intent, or return the one that this account, verb and key already have.

        `within` is called in the same transaction with the intent's row; what it raises leaves nothing recorded.
        """
        row = {
            "id": str(uuid.uuid4()),
            "account": account,
            "verb": verb,
            "key": key,
            "fingerprint": fingerprint,
            "target": target,
            "content": _text(content),
            "state": IntentState.READY.value,
            "who": who,
            "why": why,
            "created_at": self._now(),
        }
        with self._store.transaction() as db:
            db.execute(_insert_once(db, row))
            same = and_(intents.c.account == account, intents.c.verb == verb, intents.c.key == key)
            found = db.execute(select(intents).where(same)).one()
            if within is not None:
                within(db, found)
            return intent_of(found)

    def find(self, account: str, verb: str, key: str) -> Intent | None:
        """The intent of this key, if there is one."""
        with self._store.reading() as db:
            row = db.execute(_BY_KEY, {"account": account, "verb": verb, "key": key}).one_or_none()
        return intent_of(row) if row else None

    def get(self, intent_id: str) -> Intent:
        """The intent of this id. Raises KeyError."""
        with self._store.reading() as db:
            row = db.execute(_BY_ID, {"intent_id": intent_id}).one_or_none()
        if row is None:
            raise KeyError(intent_id)
        return intent_of(row)

    def steps(self, intent_id: str) -> Mapping[str, StepRecord]:
        """The steps that have begun, by name."""
        with self._store.reading() as db:
            rows = db.execute(_STEPS, {"intent_id": intent_id}).all()
        return {row.name: _step(row) for row in rows}

    def take(self, intent_id: str, owner: str, seconds: float, *, alone: bool) -> Intent | None:
        """Lease an intent; None while somebody else works on it or, with `alone`, on another one of its target."""
        with self._store.transaction() as db:
            now = self._now()
            row = db.execute(_BY_ID, {"intent_id": intent_id}).one()
            if row.owner not in (None, owner) and (row.owned_until or 0) > now:
                return None
            if alone and _target_busy(db, row, now):
                return None
            lease = {"owner": owner, "owned_until": now + seconds}
            db.execute(_LEASE, {"intent_id": intent_id} | lease)
        return replace(intent_of(row), owner=owner, owned_until=_when(now + seconds))

    def release(self, intent_id: str, owner: str) -> None:
        """Give a lease back."""
        mine = and_(intents.c.id == intent_id, intents.c.owner == owner)
        with self._store.transaction() as db:
            db.execute(update(intents).where(mine).values(owner=None, owned_until=None))

    def renew(self, intent_id: str, content: Json) -> Intent:
        """Take over a newly checked content, if nothing of the earlier attempt is left: no step, no lease."""
        begun = select(steps.c.name).where(steps.c.intent_id == intent_id).exists()
        undecided = intents.c.state.in_((IntentState.READY.value, IntentState.REFUSED.value))
        free = and_(intents.c.id == intent_id, undecided, ~begun, intents.c.owner.is_(None))
        with self._store.transaction() as db:
            values = {"content": _text(content), "state": IntentState.READY.value, "purged_at": None}
            db.execute(update(intents).where(free).values(values))
        return self.get(intent_id)

    def hold(self, intent_id: str, owner: str, seconds: float) -> bool:
        """Renew a lease; False if somebody else has it by now."""
        with self._store.transaction() as db:
            return _as_owner(db, intent_id, owner, {"owned_until": self._now() + seconds})

    def note_before(self, intent_id: str, owner: str, before: Json) -> bool:
        """Keep what the platform showed before anything was sent; False if the lease is somebody else's."""
        with self._store.transaction() as db:
            return _as_owner(db, intent_id, owner, {"before": _text(before)})

    def sending(self, intent_id: str, step: str, *, commits: bool, owner: str, seconds: float) -> bool:
        """Note, durably, that a step is about to leave, and renew the lease; False if it is somebody else's by now.

        The intent's `sent_at` stays that of the first attempt for as long as none is known to have done nothing.
        """
        with self._store.transaction() as db:
            now = self._now()  # not before: it may have waited for the database, and what counts is when it leaves
            values: dict[str, Any] = {"owned_until": now + seconds}
            if commits:
                anew = intents.c.state.in_((IntentState.READY.value, IntentState.REFUSED.value))
                first = case((anew, now), else_=func.coalesce(intents.c.sent_at, now))
                values |= {"state": IntentState.SENDING.value, "sent_at": first, "attempts": intents.c.attempts + 1}
            mine = _as_owner(db, intent_id, owner, values)
            if mine:
                _put_step(db, intent_id, step, {"state": "sending", "kept": None, "sent_at": now, "done_at": None})
        return mine

    def step_lost(self, intent_id: str, step: str, owner: str) -> bool:
        """Note that no answer to a step came; False if the lease is somebody else's."""
        return self._note_step(intent_id, step, owner, {"state": "lost", "done_at": self._now()})

    def step_done(self, intent_id: str, step: str, owner: str, kept: Json) -> bool:
        """Keep what a step that does not commit answered; False if the lease is somebody else's."""
        return self._note_step(intent_id, step, owner, {"state": "done", "kept": _text(kept), "done_at": self._now()})

    def _note_step(self, intent_id: str, step: str, owner: str, values: Mapping[str, Any]) -> bool:
        with self._store.transaction() as db:
            mine = _as_owner(db, intent_id, owner, {"owner": owner})
            if mine:
                _put_step(db, intent_id, step, values)
        return mine

    def forget_steps(self, intent_id: str, name: str | None = None) -> None:
        """Forget the steps (or one) of an attempt that provably changed nothing, or was taken back."""
        gone = steps.delete().where(steps.c.intent_id == intent_id)
        with self._store.transaction() as db:
            db.execute(gone if name is None else gone.where(steps.c.name == name))

    def confirm(
        self, intent_id: str, step: str, kept: Json, native_id: str | None, settlement: str, owner: str | None = None
    ) -> bool:
        """The committing step landed: keep what it answered and decide the intent, in one.

        The platform's own answer is the truth whoever has the lease. What was only found (`owner` is given) counts
        as long as the lease is the finder's, else False.
        """
        now = self._now()
        decided = {
            "state": IntentState.CONFIRMED.value,
            "native_id": native_id,
            "settlement": settlement,
            "error": None,
            "decided_at": now,
            "owner": None,
            "owned_until": None,
        }
        with self._store.transaction() as db:
            mine = _as_owner(db, intent_id, owner, decided)
            if mine:
                _put_step(db, intent_id, step, {"state": "done", "kept": _text(kept), "done_at": now})
        return mine

    def decide(self, intent_id: str, owner: str, state: IntentState, error: Json) -> bool:
        """Leave the intent refused, unknown, or ready for another try, with the error that says why.

        False if the lease is somebody else's: then it is theirs to decide.
        """
        values = {
            "state": state.value,
            "error": _text(error),
            "decided_at": self._now(),
            "owner": None,
            "owned_until": None,
        }
        with self._store.transaction() as db:
            return _as_owner(db, intent_id, owner, values)

    def set_settlement(self, intent_id: str, settlement: str) -> None:
        """Note what became of a confirmed write later: pending, done or failed."""
        with self._store.transaction() as db:
            db.execute(update(intents).where(intents.c.id == intent_id).values(settlement=settlement))

    def taken_ids(self, account: str, target: str, since: datetime) -> frozenset[str]:
        """The platform's ids that other intents have been proved by: all on this target, and on others lately.

        What one intent makes may show up at another's target: an answer in a conversation is a message about its
        order, too.
        """
        lately = since.timestamp() - _LATELY
        mine = and_(intents.c.account == account, intents.c.native_id.is_not(None))
        on_target = select(intents.c.native_id).where(mine, intents.c.target == target)
        elsewhere = select(intents.c.native_id).where(mine, intents.c.decided_at >= lately)
        with self._store.reading() as db:
            return frozenset(db.execute(union(on_target, elsewhere)).scalars())

    def list(self, *, state: IntentState | None = None, account: str | None = None) -> Iterator[Intent]:
        """Intents, oldest first."""
        query = select(intents).order_by(intents.c.created_at)
        if state is not None:
            query = query.where(intents.c.state == state.value)
        if account is not None:
            query = query.where(intents.c.account == account)
        with self._store.reading() as db:
            for row in db.execute(query):
                yield intent_of(row)

    def _now(self) -> float:
        now: datetime = self._store.clock.now()
        return now.timestamp()


def _target_busy(db: Connection, row: Row[Any], now: float) -> bool:
    """Whether somebody is at work on another intent of this target, whatever became of that one so far."""
    about = {"account": row.account, "target": row.target, "intent_id": row.id, "now": now}
    return db.execute(_OTHERS, about).first() is not None


def _insert_once(db: Connection, row: Mapping[str, Any]) -> Insert:
    """The unique key decides between two at once: the second insert does nothing."""
    if db.dialect.name == "postgresql":
        return postgresql.insert(intents).values(**row).on_conflict_do_nothing()
    return sqlite.insert(intents).values(**row).on_conflict_do_nothing()


def _as_owner(db: Connection, intent_id: str, owner: str | None, values: Mapping[str, Any]) -> bool:
    """Change an intent as the one who has its lease (None: whoever has it); False if that is somebody else by now."""
    mine = intents.c.id == intent_id
    if owner is not None:
        mine = and_(mine, intents.c.owner == owner)
    return bool(db.execute(update(intents).where(mine).values(**values)).rowcount)


def _put_step(db: Connection, intent_id: str, name: str, values: Mapping[str, Any]) -> None:
    where = and_(steps.c.intent_id == intent_id, steps.c.name == name)
    if db.execute(update(steps).where(where).values(**values)).rowcount == 0:
        db.execute(insert(steps).values(intent_id=intent_id, name=name, **values))


def _text(value: Json) -> str | None:
    return None if value is None else to_json(value).decode()


def _json(text: str | None) -> Json:
    return None if text is None else parse_json(text)


def _when(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _step(row: Row[Any]) -> StepRecord:
    return StepRecord(row.name, row.state, _json(row.kept), _when(row.sent_at), _when(row.done_at))


def intent_of(row: Row[Any]) -> Intent:
    """An intent as the tables have it."""
    values = dict(row._mapping)
    for name in ("content", "before", "error"):
        values[name] = _json(values[name])
    for name in ("owned_until", "created_at", "sent_at", "decided_at", "purged_at"):
        values[name] = _when(values[name])
    values["state"] = IntentState(values["state"])
    return Intent(**values)
