"""The parts of the promise, each of which can be switched off here to see that the torture then finds it broken.

Nothing in the library knows of these switches: they replace functions for the time of a `with` block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

from sqlalchemy import select, update

from sellercare.journal import journal
from sellercare.journal.readback import Lost, Reading, Verdict, read_back
from sellercare.shop import settling
from sellercare.store.intents import Intents
from sellercare.store.records import Intent, Lease
from sellercare.store.schema import intents
from sellercare.support import WriteContract


@contextmanager
def without_durable_intent() -> Iterator[None]:
    """Nothing is noted before a request leaves."""
    begin = Intents.begin

    def unnoted(self: Intents, *, lease: Lease | None = None, **what: Any) -> Intent:
        return begin(self, lease=lease and replace(lease, leaving=""), **what)

    with mock.patch.object(Intents, "sending", return_value=True), mock.patch.object(Intents, "begin", unnoted):
        yield


@contextmanager
def without_read_back() -> Iterator[None]:
    """A lost answer is taken for proof that nothing happened."""
    with mock.patch.object(journal, "read_back", return_value=Reading(Verdict.NOTHING_HAPPENED)):
        yield


@contextmanager
def without_absent_after() -> Iterator[None]:
    """What is not there at the first look is taken for never to come."""

    def at_once(lost: Lost, contract: WriteContract, *more: Any) -> Reading:
        impatient = contract.absent_after and replace(contract, absent_after=timedelta(0))
        return read_back(lost, impatient or contract, *more)

    with mock.patch.object(journal, "read_back", at_once), mock.patch.object(journal, "CLOCKS_APART", timedelta(0)):
        yield


@contextmanager
def without_lease() -> Iterator[None]:
    """Everybody may work on everything."""

    def take(self: Intents, intent_id: str, owner: str, seconds: float, *, alone: bool) -> Intent:
        mine = {"owner": owner, "owned_until": self._now() + seconds}
        with self._store.transaction() as db:
            db.execute(update(intents).where(intents.c.id == intent_id).values(mine))
        return self.get(intent_id)

    sending = Intents.sending

    def leaving(self: Intents, intent_id: str, step: str, *, owner: str, **more: Any) -> Any:
        with self._store.reading() as db:
            present = db.execute(select(intents.c.owner).where(intents.c.id == intent_id)).scalar_one()
        return sending(self, intent_id, step, owner=present or owner, **more)

    with mock.patch.object(Intents, "take", take), mock.patch.object(Intents, "sending", leaving):
        yield


@contextmanager
def without_before_picture() -> Iterator[None]:
    """What was there before anything was sent is not remembered."""
    with mock.patch.object(Intents, "note_before", return_value=True):
        yield


@contextmanager
def without_following() -> Iterator[None]:
    """What was accepted is taken for paid, or for what was last heard of it."""
    with mock.patch.object(settling, "follow", lambda shop, intent: intent.settlement):
        yield


MUTATIONS: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "durable-intent": without_durable_intent,
    "read-back": without_read_back,
    "absent-after": without_absent_after,
    "lease": without_lease,
    "before-picture": without_before_picture,
    "following": without_following,
}
"""The parts that can be switched off, by name."""
