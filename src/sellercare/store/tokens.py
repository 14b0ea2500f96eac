"""The tokens of credentials, and their renewal by one at a time.

Many platforms kill a refresh token when it is used. So whoever renews takes a lease first, and stores the new set
before anybody uses it; the others wait and get that set. This holds across threads, processes and machines.

The column `sealed` holds the token set as JSON, as it is: there is no key of ours that could be kept any safer than
the store's file, which its owner alone can read.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from sellercare.errors import SellercareError, StoreError
from sellercare.http.protocols import TokenSet
from sellercare.store.schema import tokens
from sellercare.waiting import wait_for

if TYPE_CHECKING:
    from sellercare.store.engine import Store

LEASE = 75.0
"""Seconds of the store's clock after which somebody else renews; `renew` takes at most a minute."""

LOOK_AGAIN = 0.1
"""Seconds of the store's clock between two looks at a lease that somebody else holds."""


@dataclass(frozen=True, slots=True)
class _Lease:
    """Ours, taken at this version of the row."""

    owner: str
    version: int


@dataclass(frozen=True, slots=True)
class _Held:
    """Somebody else's: who, and until when by their clock."""

    owner: str
    until: float


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """A renewed set that could not be stored; whoever took the lease `owner` for it still holds it."""

    stale: TokenSet
    fresh: TokenSet
    owner: str


class Tokens:
    """Loading, storing and renewing token sets."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clock = store.clock
        self._guard = threading.Lock()
        self._renewing: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._unsaved: dict[str, _Unsaved] = {}

    def load(self, credential: str) -> TokenSet | None:
        """The stored set; None if there is none. Raises StoreError."""
        with self._store.reading() as connection:
            row = _row(connection, credential)
        return None if row is None else _opened(row.sealed)

    def save(self, credential: str, tokens: TokenSet) -> None:
        """Store a set in place of any other, durably. Raises StoreError."""
        with self._store.transaction() as connection:
            self._store_set(connection, credential, tokens)

    def forget(self, credential: str) -> None:
        """Remove what is stored, if anything. Raises StoreError."""
        with self._store.transaction() as connection:
            connection.execute(delete(tokens).where(tokens.c.credential == credential))
        self._unsaved.pop(credential, None)

    def refresh(self, credential: str, stale: TokenSet, renew: Callable[[TokenSet], TokenSet]) -> TokenSet:
        """A set that is newer than `stale`.

        What is stored, if it differs from `stale`; else what `renew(stale)` returns, stored durably before this
        returns. One caller renews at a time; the others wait. Raises what `renew` raises, unless somebody else has
        stored a set meanwhile; StoreError.
        """
        # Threads of one process wait here, and only one of them asks the database.
        with self._guard:
            one_at_a_time = self._renewing[credential]
        with one_at_a_time:
            lease = self._take_lease(credential, stale)
            if isinstance(lease, TokenSet):
                return lease
            return self._renew(credential, stale, lease, renew)

    def _take_lease(self, credential: str, stale: TokenSet) -> _Lease | TokenSet:
        unsaved = self._unsaved.get(credential)
        owner = unsaved.owner if unsaved else f"{os.getpid()}-{uuid.uuid4()}"
        waited, seen = 0.0, None
        while True:
            found = self._try_lease(credential, stale, owner, taking_over=seen if waited > LEASE else None)
            if not isinstance(found, _Held):
                return found
            if found != seen:
                waited, seen = 0.0, found
            wait_for(self._clock, LOOK_AGAIN, "others", "somebody else renews the sign-in", known=False)
            waited += LOOK_AGAIN

    def _try_lease(
        self, credential: str, stale: TokenSet, owner: str, taking_over: _Held | None
    ) -> _Lease | _Held | TokenSet:
        """One look: the stored set if it is another, our lease if it is free, else who holds it.

        A lease is free when its time is over by our clock, or when we have watched it (`taking_over`) for longer
        than any lease lasts: the clock of another machine may be ahead.
        """
        now = self._clock.now().timestamp()
        with self._store.transaction() as connection:
            row = _row(connection, credential)
            if row is None:
                connection.execute(
                    insert(tokens).values(
                        credential=credential,
                        sealed=b"",
                        version=0,
                        owner=owner,
                        owned_until=now + LEASE,
                        stored_at=now,
                    )
                )
                return _Lease(owner, 0)
            stored = _opened(row.sealed)
            if stored is not None and not _same(stored, stale):
                return stored
            held = _Held(row.owner, row.owned_until) if row.owner not in (None, owner) else None
            if held is not None and held.until > now and held != taking_over:
                return held
            connection.execute(
                update(tokens).where(tokens.c.credential == credential).values(owner=owner, owned_until=now + LEASE)
            )
            return _Lease(owner, row.version)

    def _renew(
        self, credential: str, stale: TokenSet, lease: _Lease, renew: Callable[[TokenSet], TokenSet]
    ) -> TokenSet:
        unsaved = self._unsaved.get(credential)
        try:
            fresh = unsaved.fresh if unsaved and _same(unsaved.stale, stale) else renew(stale)
        except BaseException as error:
            stored = self._give_back(credential, lease)
            if isinstance(error, SellercareError) and stored is not None and not _same(stored, stale):
                return stored
            raise
        return self._keep(credential, stale, lease, fresh)

    def _keep(self, credential: str, stale: TokenSet, lease: _Lease, fresh: TokenSet) -> TokenSet:
        """Store the new set, unless another was stored meanwhile: then that one counts."""
        try:
            with self._store.transaction() as connection:
                row = _row(connection, credential)
                stored = None if row is None else _opened(row.sealed)
                if row is not None and stored is not None and row.version != lease.version:
                    return stored
                self._store_set(connection, credential, fresh)
        except StoreError as error:
            # The old refresh token may be dead by now: this process stores the set when it is asked again.
            self._unsaved[credential] = _Unsaved(stale, fresh, lease.owner)
            raise StoreError(
                f"The account's access was renewed but could not be stored. {error.message}",
                next_step=f"{error.next_step} If this program ends before that, the seller may have to sign in again.",
            ) from error
        self._unsaved.pop(credential, None)
        return fresh

    def _give_back(self, credential: str, lease: _Lease) -> TokenSet | None:
        """Release our lease after a failure; what is stored now."""
        mine = (tokens.c.credential == credential) & (tokens.c.owner == lease.owner)
        with self._store.transaction() as connection:
            connection.execute(update(tokens).where(mine).values(owner=None, owned_until=None))
            row = _row(connection, credential)
        return None if row is None else _opened(row.sealed)

    def _store_set(self, connection: Connection, credential: str, new: TokenSet) -> None:
        values = {
            "sealed": _sealed(new),
            "owner": None,
            "owned_until": None,
            "stored_at": self._clock.now().timestamp(),
        }
        changed = connection.execute(
            update(tokens).where(tokens.c.credential == credential).values(version=tokens.c.version + 1, **values)
        )
        if changed.rowcount == 0:
            connection.execute(insert(tokens).values(credential=credential, version=1, **values))


def _row(connection: Connection, credential: str) -> Row[Any] | None:
    return connection.execute(select(tokens).where(tokens.c.credential == credential)).one_or_none()


def _same(one: TokenSet, other: TokenSet) -> bool:
    return (one.access, one.refresh) == (other.access, other.refresh)


def _sealed(held: TokenSet) -> bytes:
    expires_at = held.expires_at.astimezone(UTC).isoformat() if held.expires_at else None
    return json.dumps(
        {
            "access": held.access,
            "refresh": held.refresh,
            "expires_at": expires_at,
            "scopes": list(held.scopes),
        }
    ).encode()


def _opened(sealed: bytes) -> TokenSet | None:
    """The set in a row; None for a row that so far holds only the lease of a first renewal."""
    if not sealed:
        return None
    try:
        held = json.loads(bytes(sealed))
        expires_at = datetime.fromisoformat(held["expires_at"]) if held["expires_at"] else None
        return TokenSet(held["access"], held["refresh"], expires_at, tuple(held["scopes"]))
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            "The stored tokens of the account cannot be read.",
            next_step="Sign in again with `sellercare accounts add`.",
        ) from None
