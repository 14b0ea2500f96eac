"""Asking whether a write landed after its answer was lost, and what its absence proves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sellercare.calls import Json
from sellercare.clock import Clock
from sellercare.errors import NothingSent, OutcomeUnknown, PlatformError, StoreError
from sellercare.finding import CLOCK_SKEW
from sellercare.support import Readback, WriteContract
from sellercare.translation import UNREADABLE
from sellercare.waiting import wait_for
from sellercare.writes import Found, Search, Step


class Verdict(StrEnum):
    """What a read-back says."""

    LANDED = "landed"
    NOTHING_HAPPENED = "nothing_happened"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict, with what was found or why nothing can be told. `taken` is what was others' proof when it looked."""

    verdict: Verdict
    found: Found | None = None
    why: str = ""
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rival:
    """Another write of the same content, undecided too: what is found may be its instead. As in `Search`."""

    before: Json
    kept: Mapping[str, Json]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Others:
    """Other writes at this moment: the ids that they have been proved by, and the rivals among them."""

    taken: frozenset[str] = frozenset()
    rivals: Sequence[Rival] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """A step whose answer is missing: what is known, since when it can no longer be on its way, when it first left.

    `others` is asked for each look: while we wait, they go on.
    """

    step: Step
    before: Json
    kept: dict[str, Json]
    sent_at: datetime
    quiet_since: datetime
    first_sent: datetime
    others: Callable[[], Others] = Others


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
    wait_for(clock, wait, "proof", "an answer was lost, so what was sent is looked up again")
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
    others = lost.others()
    search = Search(before=lost.before, kept=lost.kept, sent_at=lost.sent_at, taken=others.taken)
    try:
        found = lost.step.find(search)
        if found is not None and others.rivals:
            found = _least_wanted(lost.step.find, search, found, others.rivals)
    except StoreError:
        raise
    except (PlatformError, NothingSent) as error:  # a sign-in that is needed by now says nothing about what has left
        return Reading(Verdict.CANNOT_TELL, why=f"looking for it failed: {error.message}")
    except UNREADABLE:
        return Reading(Verdict.CANNOT_TELL, why="what the marketplace shows could not be read")
    if found is None:
        return Reading(Verdict.NOTHING_HAPPENED)
    return Reading(Verdict.LANDED, found, taken=others.taken)


_Find = Callable[[Search], Found | None]


def _least_wanted(find: _Find, search: Search, first: Found, rivals: Sequence[Rival]) -> Found:
    """Of all that may be ours, the one that no rival can have made; else the first.

    Or ours would be proved by what a rival made, and what we made, which was there before the rival sent, would be
    left over: the rival would find nothing and send again. For the same reason nothing is proved by what a rival may
    have made while something else may be ours, altered by the platform: raises OutcomeUnknown.
    """
    theirs: set[str] = set()
    for rival in rivals:
        look = Search(before=rival.before, kept=rival.kept, sent_at=rival.sent_at, taken=search.taken)
        found, _ = _all(find, look)
        theirs.update(each.id for each in found)
    ours, altered = _all(find, search)
    for each in ours:
        if each.id not in theirs:
            return each
    if altered is not None:
        raise altered
    return first


def _all(find: _Find, search: Search) -> tuple[Sequence[Found], OutcomeUnknown | None]:
    """Everything that a search may mean, one after the other; and what it says if something else may be meant."""
    everything: list[Found] = []
    while True:
        try:
            found = find(search)
        except OutcomeUnknown as altered:
            return everything, altered
        if found is None or found.id in search.taken:
            return everything, None
        everything.append(found)
        search = replace(search, taken=search.taken | {found.id})
