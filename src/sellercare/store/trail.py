"""The journal as an audit trail: every write with who wanted it, what, when, why, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from sellercare.store.records import Intent, intent_of
from sellercare.store.schema import approvals, intents, words
from sellercare.store.stakes import Approval
from sellercare.store.words import Word

if TYPE_CHECKING:
    from sellercare.store.engine import Store

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One write, who let it go above a limit and when (UTC), and what people said about its unknown outcome."""

    intent: Intent
    approval: Approval | None
    words: tuple[Word, ...]


def trail(store: Store, *, accounts: Sequence[str] = (), since: datetime | None = None) -> Iterator[Entry]:
    """The writes of these accounts (none named: of all), oldest first; with `since`, those wanted or decided then or
    later. Fetched a chunk at a time. Raises StoreError."""
    query = select(intents).order_by(intents.c.created_at, intents.c.id).limit(_CHUNK)
    if accounts:
        query = query.where(intents.c.account.in_(accounts))
    if since is not None:
        query = query.where(func.coalesce(intents.c.decided_at, intents.c.created_at) >= since.timestamp())
    after = None
    while True:
        wanted = query
        if after is not None:
            level = and_(intents.c.created_at == after.created_at, intents.c.id > after.id)
            wanted = query.where(or_(intents.c.created_at > after.created_at, level))
        with store.reading() as db:
            found = db.execute(wanted).all()
            approved, said = _approved(db, found), _said(db, found)
        for row in found:
            yield Entry(intent_of(row), approved.get(_name(row)), tuple(said[row.id]))
        if len(found) < _CHUNK:
            return
        after = found[-1]


def _approved(db: Connection, found: Sequence[Row[Any]]) -> dict[tuple[str, ...], Approval]:
    query = select(approvals).where(approvals.c.key.in_([row.key for row in found]))
    return {_name(row): Approval(row.who, datetime.fromtimestamp(row.approved_at, UTC)) for row in db.execute(query)}


def _name(row: Row[Any]) -> tuple[str, ...]:
    """What an approval is given for: this write, with this content."""
    return (row.account, row.verb, row.key, row.fingerprint)


def _said(db: Connection, found: Sequence[Row[Any]]) -> dict[str, list[Word]]:
    query = select(words).where(words.c.intent_id.in_([row.id for row in found])).order_by(words.c.n)
    said: dict[str, list[Word]] = defaultdict(list)
    for row in db.execute(query):
        said[row.intent_id].append(Word(row.landed, row.native_id, row.who, datetime.fromtimestamp(row.said_at, UTC)))
    return said


__all__ = ["Entry", "trail"]
