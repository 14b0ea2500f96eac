"""Asking whether a write landed after its answer was lost, and what its absence proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sellercare.calls import Json
from sellercare.clock import Clock
from sellercare.errors import PlatformError, StoreError
from sellercare.finding import CLOCK_SKEW
from sellercare.support import Readback, WriteContract
from sellercare.writes import Found, Search, Step


class Verdict(StrEnum):
    """What a read-back says."""

    LANDED = "landed"
    NOTHING_HAPPENED = "nothing_happened"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict, with what was found or why nothing can be told."""

    verdict: Verdict
    found: Found | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """A step whose answer is missing: what is known, since when it can no longer be on its way, when it first left."""

    step: Step
    before: Json
    kept: dict[str, Json]
    sent_at: datetime
    quiet_since: datetime
    first_sent: datetime
    taken: frozenset[str]


def read_back(lost: Lost, contract: WriteContract, clock: Clock, patience: float) -> Reading:
    """Look for a lost step; wait, within `patience` seconds, until its absence would be proof.

    A step that does not commit needs no proof of absence: it is harmless to send again.
    """
    if lost.step.find is None:
        if not lost.step.commits:
            return Reading(Verdict.NOTHING_HAPPENED)
        return Reading(Verdict.CANNOT_TELL, why="this platform gives no way to find out")
    looked_at = clock.now()
    reading = _look(lost)
    if reading.verdict is not Verdict.NOTHING_HAPPENED or not lost.step.commits:
        return reading
    if contract.readback is Readback.BY_KEY and _forgotten(lost, contract, clock):
        return Reading(Verdict.CANNOT_TELL, why="it was not found, but the platform may have forgotten its key by now")
    if contract.absent_after is None:
        return Reading(Verdict.CANNOT_TELL, why="it was not found, but at this platform that proves nothing")
    proof_at = lost.quiet_since + contract.absent_after
    # What counts is when we asked: the answer may have been long on its way, or we stood still with it in hand.
    if looked_at >= proof_at:
        return reading
    wait = (proof_at - clock.now()).total_seconds()
    if wait > patience:
        return Reading(
            Verdict.CANNOT_TELL, why=f"it was not found yet; only at {proof_at:%Y-%m-%d %H:%M} UTC is that proof"
        )
    clock.sleep(wait)
    return _look(lost)


def quiet_since(sent_at: datetime, noted_lost_at: datetime | None, longest: float) -> datetime:
    """From when on a lost request can no longer be under way: when we gave up, or after the time that it had.

    `longest` is how long one call may wait for its turn and then be on its way, in seconds.
    """
    return noted_lost_at or sent_at + timedelta(seconds=longest)


def _forgotten(lost: Lost, contract: WriteContract, clock: Clock) -> bool:
    """Whether the platform may no longer remember the key of the first attempt."""
    key = contract.key
    return (
        key is not None and key.remembered is not None and clock.now() >= lost.first_sent + key.remembered - CLOCK_SKEW
    )


def _look(lost: Lost) -> Reading:
    assert lost.step.find is not None
    search = Search(before=lost.before, kept=lost.kept, sent_at=lost.sent_at, taken=lost.taken)
    try:
        found = lost.step.find(search)
    except StoreError:
        raise
    except PlatformError as error:
        return Reading(Verdict.CANNOT_TELL, why=f"looking for it failed: {error.message}")
    if found is None:
        return Reading(Verdict.NOTHING_HAPPENED)
    return Reading(Verdict.LANDED, found)
