"""Looks that changed something, with the answers as they came. See `sellercare.looks`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, delete, insert, select, update
from sqlalchemy.engine import Row

from sellercare.calls import Answer, Json
from sellercare.looks import Begun, Look
from sellercare.store.records import IntentState
from sellercare.store.schema import intents, looks

if TYPE_CHECKING:
    from sellercare.store.engine import Store

_CHUNK = 200
_BEFORE = 0.001
"""Seconds before a look began, so that what is kept of it counts as older: floats since 1970 tell them apart."""
_MARKS = "messages.mark_read"


class Looks:
    """The looks of one account. Safe for threads and processes; every change is durable when it returns."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account

    def begin(self, thing: str) -> Begun:
        """Note that a look is about to leave. What an earlier look brought stays until a newer answer is here."""
        now = self._now()
        with self._store.transaction() as db:
            known = db.execute(select(looks.c.begun_at, looks.c.kept_at).where(self._is(thing))).one_or_none()
            if known is None:
                db.execute(insert(looks).values(account=self._account, thing=thing, begun_at=now))
                return Begun(thing, now)
            # Not before an earlier one, whatever the clocks of two machines say.
            begun_at = max(now, known.begun_at)
            db.execute(update(looks).where(self._is(thing)).values(begun_at=begun_at))
        return Begun(thing, begun_at, known.begun_at, known.kept_at)

    def keep(self, begun: Begun, answer: Answer) -> None:
        """Keep the answer in place of an earlier one.

        Where another look was under way at the same time, nobody knows which of the answers is the newer one: then the
        look counts as one whose answer is not here, so that somebody looks again.
        """
        body, kind = answer.body, answer.headers.get("Content-Type", "")[:200]
        alone = and_(self._is(begun.thing), *_untouched(begun))
        with self._store.transaction() as db:
            kept_at = max(self._now(), begun.begun_at)
            if db.execute(update(looks).where(alone).values(kept_at=kept_at, body=body, kind=kind)).rowcount:
                return
            unsure = {"kept_at": looks.c.begun_at - _BEFORE, "body": body, "kind": kind}
            db.execute(update(looks).where(self._is(begun.thing)).values(unsure))

    def abandon(self, begun: Begun) -> None:
        """Forget a look that was refused; what an earlier or another one left stays."""
        alone = and_(self._is(begun.thing), *_untouched(begun))
        with self._store.transaction() as db:
            if begun.earlier is None:
                db.execute(delete(looks).where(alone))
            else:
                db.execute(update(looks).where(alone).values(begun_at=begun.earlier))

    def last(self, thing: str) -> Look | None:
        """The newest look at a thing."""
        with self._store.reading() as db:
            row = db.execute(select(looks).where(self._is(thing))).one_or_none()
        return None if row is None else _look(row)

    def all(self) -> Iterator[Look]:
        """The newest look at each thing, the latest first; fetched a chunk at a time."""
        query = select(looks).where(looks.c.account == self._account).order_by(looks.c.begun_at.desc(), looks.c.thing)
        seen = 0
        while True:
            with self._store.reading() as db:
                rows = db.execute(query.limit(_CHUNK).offset(seen)).all()
            yield from map(_look, rows)
            if len(rows) < _CHUNK:
                return
            seen += len(rows)

    def written(self, targets: Collection[str]) -> Mapping[tuple[str, str], datetime]:
        """When this account's last confirmed writes to targets left, by target and option."""
        mine = and_(intents.c.account == self._account, intents.c.target.in_(targets))
        # To mark as read is to look, which comes after the write has begun. What was said is as old as its leaving:
        # that it arrived may be found out days later, and what came in between is not answered by it.
        moment = case((intents.c.verb == _MARKS, intents.c.decided_at), else_=intents.c.sent_at)
        query = select(intents.c.target, intents.c.content, moment)
        with self._store.reading() as db:
            rows = db.execute(query.where(mine, intents.c.state == IntentState.CONFIRMED.value)).all()
        found: dict[tuple[str, str], datetime] = {}
        for target, content, left in rows:
            at, which = _utc(left), (target, json.loads(content).get("option") or "")
            if at is not None and at >= found.get(which, at):
                found[which] = at
        return found

    def unnamed(self, targets: Collection[str], since: datetime) -> Sequence[tuple[str, Json]]:
        """Confirmed writes to targets, with their content, of which the platform told no id; those that left since."""
        mine = and_(intents.c.account == self._account, intents.c.target.in_(targets))
        landed = and_(intents.c.state == IntentState.CONFIRMED.value, intents.c.native_id.is_(None))
        query = select(intents.c.target, intents.c.content).where(mine, landed)
        with self._store.reading() as db:
            rows = db.execute(query.where(intents.c.sent_at >= since.timestamp())).all()
        return [(target, json.loads(content)) for target, content in rows]

    def _is(self, thing: str) -> Any:
        return and_(looks.c.account == self._account, looks.c.thing == thing)

    def _now(self) -> float:
        return self._store.clock.now().timestamp()


def _untouched(begun: Begun) -> tuple[ColumnElement[bool], ...]:
    """No other look has begun or brought its answer since this one began."""
    kept = looks.c.kept_at.is_(None) if begun.kept_at is None else looks.c.kept_at == begun.kept_at
    return looks.c.begun_at == begun.begun_at, kept


def _look(row: Row[Any]) -> Look:
    answer = (
        None if row.body is None else Answer(200, {"Content-Type": row.kind}, bytes(row.body), "a look that was kept")
    )
    begun_at = _utc(row.begun_at)
    assert begun_at is not None
    return Look(row.thing, begun_at, _utc(row.kept_at), answer)


def _utc(moment: float | None) -> datetime | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


__all__ = ["Looks"]
