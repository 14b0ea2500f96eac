"""The journal's tables: one intent for each write that somebody wants, and the steps of it.

Each method is one transaction. What it says happened is durable when it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Float,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from sellercare.calls import Json
from sellercare.store.prepared import Prepared
from sellercare.store.records import (
    Intent,
    IntentState,
    Lease,
    Proof,
    ProofTaken,
    StepRecord,
    intent_of,
    new_id,
    step_of,
    text_of,
    when_of,
)
from sellercare.store.schema import intents, steps

if TYPE_CHECKING:
    from sellercare.store.engine import Store


_LATELY = 3600.0
"""Seconds before a write left within which the proofs of all other writes are told: clocks differ, and lists lag."""


LONGEST_LEASE = 7 * 86_400.0
"""Seconds. A lease that ends farther ahead was taken under a clock that was wrong, and is not believed: it would
keep a write, and all others of its target, waiting until that day."""


def _named(*names: str) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(name) for name in names}


_MINE = and_(intents.c.id == bindparam("intent_id"), intents.c.owner == bindparam("mine"))
_ANYBODYS = intents.c.id == bindparam("intent_id")
_DECIDED = ("state", "native_id", "settlement", "error", "decided_at")
_FREE: dict[str, Any] = {"owner": null(), "owned_until": null()}

_BY_ID = Prepared(select(intents).where(_ANYBODYS))
_BY_KEY = Prepared(
    select(intents).where(
        intents.c.account == bindparam("account"),
        intents.c.verb == bindparam("verb"),
        intents.c.key == bindparam("key"),
    )
)
_STEPS = Prepared(select(steps).where(steps.c.intent_id == bindparam("intent_id")))
_LEASE = Prepared(update(intents).where(_ANYBODYS).values(_named("owner", "owned_until")))
_HOLD = Prepared(update(intents).where(_MINE).values(_named("owned_until")))
_RELEASE = Prepared(update(intents).where(_MINE).values(_FREE))
_NOTE_BEFORE = Prepared(update(intents).where(_MINE).values(_named("before")))
_LEAVES = Prepared(
    update(intents)
    .where(_MINE)
    .values(
        owned_until=bindparam("owned_until"),
        state=IntentState.SENDING.value,
        # The first attempt's time stays for as long as none is known to have done nothing.
        sent_at=case(
            (
                or_(intents.c.state == IntentState.READY.value, intents.c.state == IntentState.REFUSED.value),
                bindparam("sent_at"),
            ),
            else_=func.coalesce(intents.c.sent_at, bindparam("sent_at")),
        ),
        attempts=intents.c.attempts + 1,
    )
)
_DECIDE = Prepared(update(intents).where(_MINE).values(_named("state", "error", "decided_at") | _FREE))
_CONFIRM = Prepared(update(intents).where(_MINE).values(_named(*_DECIDED) | _FREE))
_CONFIRM_ANYBODYS = Prepared(update(intents).where(_ANYBODYS).values(_named(*_DECIDED) | _FREE))
_TWINS = Prepared(
    select(intents).where(
        intents.c.account == bindparam("account"),
        intents.c.target == bindparam("target"),
        intents.c.fingerprint == bindparam("fingerprint"),
        intents.c.id != bindparam("intent_id"),
        or_(intents.c.state == IntentState.SENDING.value, intents.c.state == IntentState.UNKNOWN.value),
    )
)
_OTHERS = Prepared(
    select(intents.c.id)
    .where(
        intents.c.account == bindparam("account"),
        intents.c.target == bindparam("target"),
        intents.c.id != bindparam("intent_id"),
        intents.c.owned_until > bindparam("now"),
        intents.c.owned_until < bindparam("believed"),
    )
    .limit(1)
)


_BLANK: Mapping[str, Any] = {
    "state": IntentState.READY.value,
    "settlement": "",
    "attempts": 0,
    "owner": None,
    "owned_until": None,
    "sent_at": None,
}
"""What a new intent has before anybody is at work on it."""


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
        within: Callable[[Connection, Row[Any], bool], None] | None = None,
        lease: Lease | None = None,
    ) -> Intent:
        """Record a new intent, or return the one that this account, verb and key already have.

        A new one is leased at once, if a lease is given and can be had. `within` is called in the same transaction
        with the intent's row, and whether it is new; what it raises leaves nothing recorded.
        """
        values: dict[str, Any] = {
            "id": new_id(self._now()),
            "account": account,
            "verb": verb,
            "key": key,
            "fingerprint": fingerprint,
            "target": target,
            "content": text_of(content),
            "who": who,
            "why": why,
        }

        def work(db: Connection) -> Sequence[Any]:
            now = self._now()  # not before: it may have waited for the database
            held = lease is not None and not (lease.alone and _target_busy(db, account, target, values["id"], now))
            row = {**_BLANK, **values, **_leased(lease if held else None, now), "created_at": now}
            new = _insert_once(db).run(db, **row).rowcount == 1
            if within is not None:
                within(db, db.execute(select(intents).where(*_same(account, verb, key))).one(), new)
            if not new:
                known: Sequence[Any] = _BY_KEY.run(db, account=account, verb=verb, key=key).fetchone()
                return known
            if row["sent_at"] is not None and lease is not None:
                _put_new_step(db, values["id"], lease.leaving, now)
            return [row.get(column.name) for column in intents.c]

        return intent_of(self._store.write(work))

    def find(self, account: str, verb: str, key: str) -> Intent | None:
        """The intent of this key, if there is one."""
        found = self._store.rows(_BY_KEY, account=account, verb=verb, key=key)
        return intent_of(found[0]) if found else None

    def get(self, intent_id: str) -> Intent:
        """The intent of this id. Raises KeyError."""
        found = self._store.rows(_BY_ID, intent_id=intent_id)
        if not found:
            raise KeyError(intent_id)
        return intent_of(found[0])

    def steps(self, intent_id: str) -> Mapping[str, StepRecord]:
        """The steps that have begun, by name."""
        found = (step_of(row) for row in self._store.rows(_STEPS, intent_id=intent_id))
        return {step.name: step for step in found}

    def take(self, intent_id: str, owner: str, seconds: float, *, alone: bool) -> Intent | None:
        """Lease an intent; None while somebody else works on it or, with `alone`, on another one of its target."""

        def work(db: Connection) -> Intent | None:
            now = self._now()
            intent = intent_of(_BY_ID.run(db, intent_id=intent_id).fetchone())
            if intent.owner not in (None, owner) and leased(intent.owned_until, now):
                return None
            if alone and _target_busy(db, intent.account, intent.target, intent_id, now):
                return None
            _LEASE.run(db, intent_id=intent_id, owner=owner, owned_until=now + seconds)
            return replace(intent, owner=owner, owned_until=when_of(now + seconds))

        return self._store.write(work)

    def release(self, intent_id: str, owner: str) -> None:
        """Give a lease back."""
        self._store.write(lambda db: _RELEASE.run(db, intent_id=intent_id, mine=owner))

    def renew(self, intent_id: str, content: Json) -> Intent:
        """Take over a newly checked content, if nothing of the earlier attempt is left: no step, no lease."""
        begun = select(steps.c.name).where(steps.c.intent_id == intent_id).exists()
        undecided = intents.c.state.in_((IntentState.READY.value, IntentState.REFUSED.value))
        free = and_(intents.c.id == intent_id, undecided, ~begun, intents.c.owner.is_(None))
        with self._store.transaction() as db:
            values = {"content": text_of(content), "state": IntentState.READY.value, "purged_at": None}
            db.execute(update(intents).where(free).values(values))
        return self.get(intent_id)

    def hold(self, intent_id: str, owner: str, seconds: float) -> bool:
        """Renew a lease; False if somebody else has it by now."""
        return self._store.write(
            lambda db: _ours(_HOLD.run(db, intent_id=intent_id, mine=owner, owned_until=self._now() + seconds))
        )

    def note_before(self, intent_id: str, owner: str, before: Json) -> bool:
        """Keep what the platform showed before anything was sent; False if the lease is somebody else's."""
        text = text_of(before)
        return self._store.write(lambda db: _ours(_NOTE_BEFORE.run(db, intent_id=intent_id, mine=owner, before=text)))

    def sending(self, intent_id: str, step: str, *, commits: bool, owner: str, seconds: float) -> bool:
        """Note, durably, that a step is about to leave, and renew the lease; False if it is somebody else's by now.

        The intent's `sent_at` stays that of the first attempt for as long as none is known to have done nothing.
        """

        def work(db: Connection) -> bool:
            now = self._now()  # not before: it may have waited for the database, and what counts is when it leaves
            lease = {"intent_id": intent_id, "mine": owner, "owned_until": now + seconds}
            mine = _ours(_LEAVES.run(db, **lease, sent_at=now) if commits else _HOLD.run(db, **lease))
            if mine:
                _put_step(db, intent_id, step, state="sending", sent_at=now)
            return mine

        return self._store.write(work)

    def step_lost(self, intent_id: str, step: str, owner: str) -> bool:
        """Note that no answer to a step came; False if the lease is somebody else's."""
        return self._note_step(intent_id, step, owner, "lost", None)

    def step_done(self, intent_id: str, step: str, owner: str, kept: Json) -> bool:
        """Keep what a step that does not commit answered; False if the lease is somebody else's."""
        return self._note_step(intent_id, step, owner, "done", kept)

    def _note_step(self, intent_id: str, step: str, owner: str, state: str, kept: Json) -> bool:
        done_at, text = self._now(), text_of(kept)

        def work(db: Connection) -> bool:
            held = _BY_ID.run(db, intent_id=intent_id).fetchone()
            mine = held is not None and intent_of(held).owner == owner
            if mine:
                _put_step(db, intent_id, step, state=state, kept=text, done_at=done_at)
            return mine

        return self._store.write(work)

    def forget_steps(self, intent_id: str, name: str | None = None) -> None:
        """Forget the steps (or one) of an attempt that provably changed nothing, or was taken back."""
        gone = steps.delete().where(steps.c.intent_id == intent_id)
        with self._store.transaction() as db:
            db.execute(gone if name is None else gone.where(steps.c.name == name))

    def confirm(
        self, intent_id: str, step: str, kept: Json, native_id: str | None, settlement: str, found: Proof | None = None
    ) -> bool:
        """The committing step landed: keep what it answered and decide the intent, in one.

        The platform's own answer is the truth whoever has the lease. What was only `found` counts as long as the lease
        is the finder's, else False; raises ProofTaken if it has become another intent's proof since it was looked for.
        """
        now = self._now()
        decided = {
            "intent_id": intent_id,
            "state": IntentState.CONFIRMED.value,
            "native_id": native_id,
            "settlement": settlement,
            "error": None,
            "decided_at": now,
        }
        text = text_of(kept)

        def work(db: Connection) -> bool:
            if found is None:
                mine = _ours(_CONFIRM_ANYBODYS.run(db, **decided))
            else:
                held = intent_of(_BY_ID.run(db, intent_id=intent_id).fetchone())
                if native_id in _taken(db, held.account, held.target, found.since) - found.taken:
                    raise ProofTaken
                mine = _ours(_CONFIRM.run(db, **decided, mine=found.owner))
            if mine:
                _put_step(db, intent_id, step, state="done", kept=text, done_at=now)
            return mine

        return self._store.write(work)

    def decide(self, intent_id: str, owner: str, state: IntentState, error: Json) -> bool:
        """Leave the intent refused, unknown, or ready for another try, with the error that says why.

        False if the lease is somebody else's: then it is theirs to decide.
        """
        decided = {"state": state.value, "error": text_of(error), "decided_at": self._now()}
        return self._store.write(lambda db: _ours(_DECIDE.run(db, intent_id=intent_id, mine=owner, **decided)))

    def set_settlement(self, intent_id: str, settlement: str) -> None:
        """Note what became of a confirmed write later: pending, done or failed."""
        with self._store.transaction() as db:
            db.execute(update(intents).where(intents.c.id == intent_id).values(settlement=settlement))

    def undecided_twins(self, intent: Intent) -> Sequence[Intent]:
        """The other intents of this target that want the same, may have left, and are not decided."""
        found = self._store.rows(
            _TWINS,
            account=intent.account,
            target=intent.target,
            fingerprint=intent.fingerprint,
            intent_id=intent.id,
        )
        return [intent_of(row) for row in found]

    def taken_ids(self, account: str, target: str, since: datetime) -> frozenset[str]:
        """The platform's ids that other intents have been proved by: all on this target, and on others lately.

        What one intent makes may show up at another's target: an answer in a conversation is a message about its
        order, too.
        """
        with self._store.reading() as db:
            return _taken(db, account, target, since)

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


def leased(until: datetime | None, now: float) -> bool:
    """Whether a lease that ends then holds now."""
    return until is not None and now < until.timestamp() < now + LONGEST_LEASE


def _same(account: str, verb: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return intents.c.account == account, intents.c.verb == verb, intents.c.key == key


def _taken(db: Connection, account: str, target: str, since: datetime) -> frozenset[str]:
    mine = and_(intents.c.account == account, intents.c.native_id.is_not(None))
    on_target = select(intents.c.native_id).where(mine, intents.c.target == target)
    elsewhere = select(intents.c.native_id).where(mine, intents.c.decided_at >= since.timestamp() - _LATELY)
    return frozenset(db.execute(union(on_target, elsewhere)).scalars())


def _target_busy(db: Connection, account: str, target: str, intent_id: str, now: float) -> bool:
    """Whether somebody is at work on another intent of this target, whatever became of that one so far."""
    soon = {"now": now, "believed": now + LONGEST_LEASE}
    others = _OTHERS.run(db, account=account, target=target, intent_id=intent_id, **soon)
    return others.fetchone() is not None


_NEW = _named(
    *("id", "account", "verb", "key", "fingerprint", "target", "content", "state", "who", "why"),
    *("settlement", "attempts", "created_at", "owner", "owned_until", "sent_at"),
)
_INSERTS = {
    kind.dialect.name: Prepared(kind.insert(intents).values(_NEW).on_conflict_do_nothing())
    for kind in (postgresql, sqlite)
}


def _insert_once(db: Connection) -> Prepared:
    """The unique key decides between two at once: the second insert does nothing."""
    return _INSERTS[db.dialect.name]


def _ours(cursor: Any) -> bool:
    """Whether a change hit its row: the lease is still that of who asked for it."""
    return bool(cursor.rowcount)


_CHANGE_STEP = Prepared(
    update(steps)
    .where(steps.c.intent_id == bindparam("of"), steps.c.name == bindparam("called"))
    .values(
        state=bindparam("state"),
        kept=bindparam("kept"),
        sent_at=func.coalesce(bindparam("sent_at", type_=Float), steps.c.sent_at),
        done_at=bindparam("done_at"),
    )
)
_NEW_STEP = Prepared(insert(steps).values(_named("intent_id", "name", "state", "kept", "sent_at", "done_at")))


def _leased(lease: Lease | None, now: float) -> dict[str, Any]:
    """What a lease makes of a new intent: it has an owner, and is sending already if its step leaves next."""
    if lease is None:
        return {}
    held = {"owner": lease.owner, "owned_until": now + lease.seconds}
    return held | {"state": IntentState.SENDING.value, "sent_at": now, "attempts": 1} if lease.leaving else held


def _put_new_step(db: Connection, intent_id: str, name: str, sent_at: float) -> None:
    _NEW_STEP.run(db, intent_id=intent_id, name=name, state="sending", kept=None, sent_at=sent_at, done_at=None)


def _put_step(
    db: Connection,
    intent_id: str,
    name: str,
    *,
    state: str,
    kept: str | None = None,
    sent_at: float | None = None,
    done_at: float | None = None,
) -> None:
    """Note a step; when it left stays, unless it leaves again."""
    values = {"state": state, "kept": kept, "sent_at": sent_at, "done_at": done_at}
    if _CHANGE_STEP.run(db, of=intent_id, called=name, **values).rowcount == 0:
        _NEW_STEP.run(db, intent_id=intent_id, name=name, **values)


__all__ = [
    "LONGEST_LEASE",
    "Intent",
    "IntentState",
    "Intents",
    "Lease",
    "Proof",
    "ProofTaken",
    "StepRecord",
    "intent_of",
    "leased",
]
