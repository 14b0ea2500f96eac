"""Looks that changed something, with the answers as they came. See `sellercare.looks`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.engine import Row

from sellercare.calls import Answer
from sellercare.looks import Look
from sellercare.store.records import IntentState
from sellercare.store.schema import intents, looks

if TYPE_CHECKING:
    from sellercare.store.engine import Store

_CHUNK = 200


class Looks:
    """The looks of one account. Safe for threads and processes; every change is durable when it returns."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account

    def begin(self, thing: str) -> None:
        """Note that a look is about to leave. What an earlier look brought stays until a newer answer is here."""
        self._put(thing, {"begun_at": self._now()})

    def keep(self, thing: str, answer: Answer) -> None:
        """Keep the answer in place of an earlier one."""
        kept = {"kept_at": self._now(), "body": answer.body, "kind": answer.headers.get("Content-Type", "")[:200]}
        self._put(thing, kept)

    def abandon(self, thing: str) -> None:
        """Forget a look that was refused; an answer that is here already stays."""
        with self._store.transaction() as db:
            db.execute(delete(looks).where(self._is(thing), looks.c.kept_at.is_(None)))

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

    def written(self, target: str) -> datetime | None:
        """When this account's last confirmed write to a target was decided."""
        mine = and_(intents.c.account == self._account, intents.c.target == target)
        query = select(func.max(intents.c.decided_at)).where(mine, intents.c.state == IntentState.CONFIRMED.value)
        with self._store.reading() as db:
            moment = db.execute(query).scalar()
        return _utc(moment)

    def _put(self, thing: str, values: dict[str, Any]) -> None:
        with self._store.transaction() as db:
            if db.execute(update(looks).where(self._is(thing)).values(values)).rowcount == 0:
                named = {"account": self._account, "thing": thing, "begun_at": self._now()}
                db.execute(insert(looks).values(named | values))

    def _is(self, thing: str) -> Any:
        return and_(looks.c.account == self._account, looks.c.thing == thing)

    def _now(self) -> float:
        return self._store.clock.now().timestamp()


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
