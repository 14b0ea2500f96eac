"""What the journal's tables hold, as values: intents, their steps, and the lease that a new one is recorded with."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sellercare.calls import Json, parse_json, to_json
from sellercare.store.schema import intents


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


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease that a new intent is recorded with: whose it is, and for how many seconds.

    `alone`: only if nobody is at work on another intent of its target. `leaving` names the committing step, if it
    leaves next: then it is noted as sending with the same commit.
    """

    owner: str
    seconds: float
    alone: bool = False
    leaving: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a write counts under its `owner`'s lease alone, and if no other write was proved by it.

    `since` is when the write first left, and `taken` the ids that others were proved by when it was looked for: where
    one of them was found all the same, such as the id of a return that has two decisions, it proves both.
    """

    owner: str
    since: datetime
    taken: frozenset[str] = frozenset()


class ProofTaken(Exception):
    """What was found has become the proof of another write meanwhile. Nothing was kept."""


def new_id(now: float) -> str:
    """An id for what begins at this moment, in seconds since 1970: a UUID of version 7 (RFC 9562).

    It begins with the time, so what is written together lies together in the database's indexes: a commit of many
    intents then touches few pages, however many there are already.
    """
    fields = (int(now * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    fields = fields & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=fields & ~(3 << 62) | 2 << 62))


def text_of(value: Json) -> str | None:
    """JSON as a table keeps it."""
    return None if value is None else to_json(value).decode()


def _json(text: str | None) -> Json:
    return None if text is None else parse_json(text)


def when_of(seconds: float | None) -> datetime | None:
    """A moment as a table keeps it, in seconds since 1970, as an aware one in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def step_of(row: Sequence[Any]) -> StepRecord:
    """A step as its table has it, column by column."""
    _intent_id, name, state, kept, sent_at, done_at = row
    return StepRecord(name, state, _json(kept), when_of(sent_at), when_of(done_at))


_COLUMNS = tuple(column.name for column in intents.c)


def intent_of(row: Sequence[Any]) -> Intent:
    """An intent as its table has it, column by column."""
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in ("content", "before", "error"):
        values[name] = _json(values[name])
    for name in ("owned_until", "created_at", "sent_at", "decided_at", "purged_at"):
        values[name] = when_of(values[name])
    values["state"] = IntentState(values["state"])
    return Intent(**values)


__all__ = [
    "Intent",
    "IntentState",
    "Lease",
    "Proof",
    "ProofTaken",
    "StepRecord",
    "intent_of",
    "new_id",
    "step_of",
    "text_of",
    "when_of",
]
