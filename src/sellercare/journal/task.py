"""What the journal is asked to do, what comes of it, and for how long who does it holds it."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sellercare.calls import Answer, Call
from sellercare.errors import AlreadyDone, SellercareError
from sellercare.models import Refund, RefundState
from sellercare.store.intents import LONGEST_LEASE
from sellercare.store.records import Intent, Lease
from sellercare.support import Settles, WriteContract
from sellercare.writes import Write

M = TypeVar("M")

_SETTLEMENT = {RefundState.DONE: "done", RefundState.FAILED: "failed"}


class Writer(Protocol):
    """What `http` offers to the journal: one write, sent once; and reads, for steps that only look."""

    def read(self, call: Call) -> Answer:
        """Send a read. Raises PlatformError."""
        ...

    def write(self, call: Call, contract: WriteContract) -> Answer:
        """Send a write once. Raises OutcomeUnknown unless the platform provably did not act."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome(Generic[M]):
    """What became of one write.

    `state` is confirmed, refused (nothing happened; `error` says why) or unknown. `repeated` tells that this call
    sent nothing because the key was already settled. `settlement` is pending, done, failed, or empty. A confirmed one
    whose details were purged has no `model` but an `error`, AlreadyDone.
    """

    intent_id: str
    state: str
    model: M | None = None
    error: SellercareError | None = None
    settlement: str = ""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Task(Generic[M]):
    """One write to be done: the adapter's steps, the contract, a way to send, and how long a call may take."""

    write: Write[M]
    contract: WriteContract
    writer: Writer
    timeout: float
    patience: float


# --- who does it -----------------------------------------------------------------------------------------------------


def lease_for(task: Task[Any]) -> Lease:
    """The lease for a new intent. A single step that needs no look before it is noted as leaving with it."""
    steps = task.write.steps
    leaving = steps[0].name if len(steps) == 1 and task.write.before is None else ""
    seconds = lease_seconds(task.timeout, task.patience)
    return Lease(owner_name(), seconds, task.contract.serialize_by is not None, leaving)


def lease_seconds(timeout: float, patience: float) -> float:
    """Longer than one call and one wait may take, so that a lease only runs out when its owner is gone."""
    return min(2 * (timeout + patience), LONGEST_LEASE / 2)


def owner_name() -> str:
    """A name for one attempt of this worker that no other has, and that a person can read."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 10**6}:{uuid.uuid4().hex[:8]}"


# --- what is told afterwards -----------------------------------------------------------------------------------------


def purged(intent: Intent) -> Outcome[Any]:
    """The outcome of a confirmed intent whose details were purged: what is still known of it, as an error."""
    when = f" on {intent.decided_at:%Y-%m-%d %H:%M} UTC" if intent.decided_at else ""
    known_as = f", as {intent.native_id}" if intent.native_id else ""
    error = AlreadyDone(
        f"{intent.verb} with the key {intent.key!r} was done{when}{known_as}. Nothing was sent now; its details are "
        "not kept any more.",
        intent_id=intent.id,
        native_id=intent.native_id,
        done_at=intent.decided_at,
    )
    return Outcome(intent.id, intent.state.value, error=error, settlement=intent.settlement, repeated=True)


def settlement_of(model: object, contract: WriteContract) -> str:
    """What is known of the settlement now: a refund says it itself, else the contract does."""
    if isinstance(model, Refund) and model.state in _SETTLEMENT:
        return _SETTLEMENT[model.state]
    return first_settlement(contract)


def first_settlement(contract: WriteContract) -> str:
    """What is known of the settlement of a write that was just confirmed."""
    return "pending" if contract.settles is Settles.LATER else ""
