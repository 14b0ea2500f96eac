"""The journal as an audit trail: every write with who wanted it, what, when, why, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from sellercare.store.intents import Intent, intent_of
from sellercare.store.schema import intents

if TYPE_CHECKING:
    from sellercare.store.engine import Store

_CHUNK = 1000


def trail(store: Store, *, accounts: Sequence[str] = (), since: datetime | None = None) -> Iterator[Intent]:
    """The intents of these accounts (none named: of all), oldest first; with `since`, what was wanted or decided then
    or later. Fetched a chunk at a time. Raises StoreError."""
    query = select(intents).order_by(intents.c.created_at, intents.c.id).limit(_CHUNK)
    if accounts:
        query = query.where(intents.c.account.in_(accounts))
    if since is not None:
        query = query.where(func.coalesce(intents.c.decided_at, intents.c.created_at) >= since.timestamp())
    after = None
    while True:
        wanted = query
        if after is not None:
            same = and_(intents.c.created_at == after.created_at, intents.c.id > after.id)
            wanted = query.where(or_(intents.c.created_at > after.created_at, same))
        with store.reading() as db:
            found = db.execute(wanted).all()
        yield from map(intent_of, found)
        if len(found) < _CHUNK:
            return
        after = found[-1]


__all__ = ["trail"]
