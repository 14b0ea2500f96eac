"""Intent → steps → outcome → settlement: how a write is sent once, whatever happens.

The order of things is the promise. Before the first byte of a step leaves, the journal says durably that it may have
left. Only the answer, a read-back, or the contract's proof of absence moves it on from there. Nothing else does:
without proof an intent stays `unknown`, and is not sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sellercare.calls import Answer, Call, Json, parse_json, to_json
from sellercare.clock import Clock
from sellercare.errors import (
    BadAnswer,
    Changed,
    InProgress,
    KeyConflict,
    NotFound,
    NothingSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    SellercareError,
    StoreError,
    Unavailable,
)
from sellercare.finding import CLOCK_SKEW
from sellercare.journal.readback import Lost, Others, Reading, Rival, Verdict, quiet_since, read_back
from sellercare.journal.task import Outcome, Task, first_settlement, lease_seconds, owner_name, purged, settlement_of
from sellercare.store.intents import Intents
from sellercare.store.records import Intent, IntentState, Lease, Proof, ProofTaken, StepRecord
from sellercare.support import Evidence, Readback, WriteContract
from sellercare.translation import translated
from sellercare.waiting import wait_for
from sellercare.writes import Step, Write

M = TypeVar("M")

_ATTEMPTS = 3
"""How often one call may send a committing step after proof that the attempt before did nothing."""

CLOCKS_APART = timedelta(seconds=30)
"""By how much the clocks of machines that share a store may differ."""


@dataclass(frozen=True, slots=True)
class _Away:
    """A step without an answer: when it left, since when it can no longer be on its way, and when it first left."""

    sent_at: datetime
    quiet_since: datetime
    first_sent: datetime


@dataclass(slots=True)
class _Run(Generic[M]):
    """One attempt to bring an intent to its outcome. `left` is the step that was noted as sending when it began.

    `changed` is what is known of it at the marketplace so far: whatever stops us later must not say less.
    """

    intent: Intent
    task: Task[M]
    owner: str
    left: str = ""
    kept: dict[str, Json] = field(default_factory=dict)
    native_id: str | None = None
    changed: Changed = Changed.NO

    def __post_init__(self) -> None:
        if self.intent.state in (IntentState.SENDING, IntentState.UNKNOWN) and not self.left:
            self.changed = Changed.UNKNOWN


def _asked(before: Json, now: Json) -> Json:
    """What was asked for before, without what the checks filled in: what nobody asks for now is empty there, too.

    The chosen option of a refund says how much is left and through what; beside it the other amount is hard to see.
    """
    if not isinstance(before, dict) or not isinstance(now, dict) or not isinstance(before.get("option"), dict):
        return before
    return before if now.get("option") else {**before, "option": None}


class Journal:
    """Records intents and brings them to their outcome. Safe to use from several threads and processes."""

    def __init__(self, intents: Intents, clock: Clock) -> None:
        self._intents = intents
        self._clock = clock

    def known(self, account: str, verb: str, key: str, fingerprint: str, content: Json) -> Intent | None:
        """The intent of this key, if there is one. Raises KeyConflict if its content was another."""
        intent = self._intents.find(account, verb, key)
        if intent is not None and intent.fingerprint != fingerprint:
            raise KeyConflict(
                f"The key {key!r} was already used for another {verb} of account {account!r}.",
                before=_asked(intent.content, content),
                now=content,
            )
        return intent

    def record(self, lease: Lease | None = None, **what: Any) -> Intent:
        """Record an intent, durably, or return the one that the key already has. See `Intents.begin`.

        With a lease a new one is leased at once, if nobody forbids it: then `settle` it with the same lease.
        """
        intent = self._intents.begin(**what, lease=lease)
        if intent.fingerprint != what["fingerprint"]:
            raise KeyConflict(
                f"The key {intent.key!r} was used for another {intent.verb} at the same moment.",
                before=_asked(intent.content, what["content"]),
                now=what["content"],
            )
        newly = intent.state is IntentState.READY and intent.content == what["content"]
        if intent.state in (IntentState.READY, IntentState.REFUSED) and not newly:
            return self._intents.renew(intent.id, what["content"])
        return intent

    def settle(self, intent: Intent, task: Task[M], lease: Lease | None = None) -> Outcome[M]:
        """Bring an intent to its outcome, sending what was not sent. A decided one is only told again.

        `lease` is the one that it was recorded with just now: then nobody else can have begun it.
        """
        if intent.state is IntentState.CONFIRMED:
            return self._told_again(intent, task)
        fresh = lease is not None and intent.owner == lease.owner
        owner = lease.owner if lease is not None and fresh else owner_name()
        taken = intent if fresh else self._take(intent.id, owner, task)
        if taken.state is IntentState.CONFIRMED:
            self._intents.release(taken.id, owner)
            return self._told_again(taken, task)
        run = _Run(taken, task, owner, lease.leaving if lease is not None and fresh else "")
        try:
            if taken.content != intent.content:
                raise _taken_over()  # the steps were made of another content: the option of a refund has changed
            return self._advance(run, {} if fresh else self._intents.steps(taken.id))
        except BaseException as error:  # a decision gives the lease back; whatever else ends this must too
            if isinstance(error, SellercareError) and error.changed is Changed.NO:
                error.changed = run.changed
            with suppress(StoreError):  # the lease runs out by itself; what came first says more
                self._intents.release(taken.id, owner)
            raise

    def _take(self, intent_id: str, owner: str, task: Task[M]) -> Intent:
        """Wait for the lease: somebody else may be at this intent, or at another one of its target."""
        waited, pause = 0.0, 0.05
        while True:
            alone = task.contract.serialize_by is not None
            taken = self._intents.take(intent_id, owner, lease_seconds(task.timeout, task.patience), alone=alone)
            if taken is not None:
                return taken
            if waited >= task.patience:
                raise InProgress(
                    "Another process is at work on this write, or on another one for the same target.",
                    next_step="Wait for it, then ask again with the same key.",
                )
            wait_for(self._clock, pause, "others", "somebody else is at work on the same", known=False)
            waited, pause = waited + pause, min(1.0, 2 * pause)

    def _advance(self, run: _Run[M], records: Mapping[str, StepRecord]) -> Outcome[M]:
        if not records and run.task.write.before is not None:
            self._note_before(run)
        ended = self._left_under_another_name(run, records)
        if ended is not None:
            return ended
        for step in run.task.write.steps:
            record = records.get(step.name)
            if record is not None and record.state == "done":
                run.kept[step.name] = record.kept
                continue
            outcome = self._do(run, step, None if record is None else self._away(run, record))
            if outcome is not None:
                return outcome
        return self._confirmed(run)

    def _away(self, run: _Run[M], record: StepRecord) -> _Away | None:
        """Where a step is of which an earlier attempt left a record."""
        if record.sent_at is None:
            return None
        quiet = quiet_since(record.sent_at, record.done_at, run.task.timeout + run.task.patience)
        return _Away(record.sent_at, quiet + CLOCKS_APART, run.intent.sent_at or record.sent_at)

    def _left_under_another_name(self, run: _Run[M], records: Mapping[str, StepRecord]) -> Outcome[M] | None:
        """The outcome of a write that an earlier version of the adapter sent, whose steps had other names.

        Its committing step would look like one that never left, and be sent a second time. None where there is no
        such record, or where it is proved that it did nothing: then the write begins anew.
        """
        names = {step.name for step in run.task.write.steps}
        strangers = [each for each in records.values() if each.name not in names and each.state != "done"]
        if not strangers or run.changed is not Changed.UNKNOWN:
            return None
        *_, commit = run.task.write.steps
        away = self._away(run, max(strangers, key=lambda each: each.sent_at or run.intent.created_at))
        if away is None or commit.name in records:
            return None
        reading = self._find(run, commit, away)
        if reading.verdict is Verdict.LANDED:
            return self._confirmed(run)
        if reading.verdict is Verdict.CANNOT_TELL:
            return self._unknown(run, commit, reading.why)
        _ours(self._intents.hold(run.intent.id, run.owner, lease_seconds(run.task.timeout, run.task.patience)))
        for stranger in strangers:
            self._intents.forget_steps(run.intent.id, stranger.name)
        return None

    def _note_before(self, run: _Run[M]) -> None:
        assert run.task.write.before is not None
        before = parse_json(to_json(run.task.write.before()))
        _ours(self._intents.note_before(run.intent.id, run.owner, before))
        run.intent = replace(run.intent, before=before)

    def _do(self, run: _Run[M], step: Step, away: _Away | None) -> Outcome[M] | None:
        """Send one step until it is done; an Outcome if the write ends here."""
        for _ in range(_ATTEMPTS):
            in_doubt = False
            if away is not None:
                reading = self._find(run, step, away)
                if reading.verdict is Verdict.LANDED:
                    return None
                if reading.verdict is Verdict.CANNOT_TELL and not self._key_holds(run.task.contract, away):
                    return self._unknown(run, step, reading.why)
                in_doubt = reading.verdict is Verdict.CANNOT_TELL
                run.changed = Changed.UNKNOWN if in_doubt else Changed.NO
            sent = self._send(run, step, away, in_doubt=in_doubt)
            if not isinstance(sent, _Away):
                return sent
            away = sent
        return self._unknown(run, step, f"{_ATTEMPTS} attempts were answered by nothing")

    def _key_holds(self, contract: WriteContract, away: _Away) -> bool:
        """Whether the platform still remembers its own key, so that sending again is the read-back."""
        if contract.key is None:
            return False
        remembered = contract.key.remembered
        if remembered is None:
            return True
        # What left in the future left under a clock that was wrong: how long ago that was, nobody can tell.
        since = self._clock.now() - away.first_sent
        return -CLOCKS_APART <= since < remembered - CLOCK_SKEW

    def _send(self, run: _Run[M], step: Step, earlier: _Away | None, *, in_doubt: bool) -> Outcome[M] | _Away | None:
        """Send a step once: None if it is done, an Outcome if it was refused, or since when it is away.

        `in_doubt`: an earlier attempt may have landed, and this repeats it under the platform's own key. That this
        one is refused then says nothing about that one.
        """
        call = self._leaving(run, step)
        sent_at = self._clock.now()
        first_sent = earlier.first_sent if earlier else sent_at
        try:
            answer = self._sent(run.task, call)
            kept = translated(step.keep, answer, answer.where)
            native_id = translated(step.native_id, kept, answer.where)
        except (OutcomeUnknown, BadAnswer):
            self._intents.step_lost(run.intent.id, step.name, run.owner)
            return _Away(sent_at, self._clock.now(), first_sent)
        except PlatformError as error:
            if in_doubt:
                self._intents.step_lost(run.intent.id, step.name, run.owner)
                return self._unknown(run, step, f"asking again under its key was of no use: {error.message}")
            return self._refused(run, step, error)
        except NothingSent as error:
            if in_doubt:
                self._intents.step_lost(run.intent.id, step.name, run.owner)
            else:
                self._refused(run, step, error)
            raise
        except BaseException:  # stopped from outside, as by Ctrl-C: whatever left has left by now
            with suppress(StoreError):  # the step stays noted as leaving, which says the same
                self._intents.step_lost(run.intent.id, step.name, run.owner)
            raise
        if step.commits and step.find is not None and run.task.contract.evidence is Evidence.NOTHING:
            return self._looked_after(run, step, kept, _Away(sent_at, self._clock.now(), first_sent))
        try:
            self._done(run, step, kept, native_id)
        except StoreError as error:
            raise StoreError(
                f"The marketplace accepted the write, but that could not be recorded: {error.message}",
                changed=Changed.YES,
                next_step=f"{error.next_step} Then repeat it with the same key: it is looked up, not sent again.",
            ) from error
        return None

    def _leaving(self, run: _Run[M], step: Step) -> Call:
        """The call, which the journal says durably by now may have left."""
        noted, run.left = run.left == step.name, ""
        try:
            call = step.call(run.kept)
        except BaseException:
            if noted:
                self._intents.forget_steps(run.intent.id)
                self._intents.decide(run.intent.id, run.owner, IntentState.READY, None)
            raise
        if not noted:
            seconds = lease_seconds(run.task.timeout, run.task.patience)
            _ours(
                self._intents.sending(run.intent.id, step.name, commits=step.commits, owner=run.owner, seconds=seconds)
            )
        if step.commits:
            run.changed = Changed.UNKNOWN
        return call

    def _sent(self, task: Task[M], call: Call) -> Answer:
        return task.writer.read(call) if call.act == "read" else task.writer.write(call, task.contract)

    def _looked_after(self, run: _Run[M], step: Step, kept: Json, away: _Away) -> Outcome[M] | None:
        """The platform said yes and showed nothing for it: a yes that is looked at is a yes, or none."""
        self._intents.step_lost(run.intent.id, step.name, run.owner)
        reading = self._find(run, step, away)
        if reading.verdict is Verdict.LANDED:
            return None
        if reading.verdict is Verdict.CANNOT_TELL:
            return self._unknown(run, step, reading.why)
        nothing_came = Refused(
            f"{run.intent.verb} was accepted, but nothing came of it.",
            next_step="Look at it at the marketplace before you repeat it.",
        )
        return self._refused(run, step, nothing_came)

    def _find(self, run: _Run[M], step: Step, away: _Away) -> Reading:
        """Read a lost step back, and keep what was found, unless it has become another write's proof meanwhile."""
        for _ in range(_ATTEMPTS):
            reading = self._read_back(run, step, away)
            if reading.found is None or reading.verdict is not Verdict.LANDED:
                return reading
            try:
                self._done(
                    run, step, reading.found.kept, reading.found.id, Proof(run.owner, away.first_sent, reading.taken)
                )
            except ProofTaken:
                continue
            return reading
        return Reading(Verdict.CANNOT_TELL, why="other writes with the same content were proved by what was found")

    def _read_back(self, run: _Run[M], step: Step, away: _Away) -> Reading:
        intent = run.intent
        by_difference = run.task.contract.readback is Readback.BY_DIFFERENCE

        def others() -> Others:
            twins = self._intents.undecided_twins(intent) if by_difference else []
            taken = self._intents.taken_ids(intent.account, intent.target, away.first_sent)
            return Others(taken, [self._rival(twin) for twin in twins])

        kept = dict(run.kept)
        lost = Lost(step, intent.before, kept, away.sent_at, away.quiet_since, away.first_sent, others)
        reading = read_back(lost, run.task.contract, self._clock, run.task.patience)
        if reading.verdict is Verdict.LANDED and by_difference and self._twin_on_its_way(intent):
            # Its worker may have the answer in its hands already: what we found would then be counted twice.
            return Reading(Verdict.CANNOT_TELL, why="what was found may be of another write with the same content")
        return reading

    def _rival(self, twin: Intent) -> Rival:
        kept = {name: step.kept for name, step in self._intents.steps(twin.id).items() if step.state == "done"}
        return Rival(twin.before, kept, twin.sent_at or twin.created_at)

    def _twin_on_its_way(self, intent: Intent) -> bool:
        return any(twin.state is IntentState.SENDING for twin in self._intents.undecided_twins(intent))

    def _done(self, run: _Run[M], step: Step, kept: Json, native_id: str | None, found: Proof | None = None) -> None:
        """Keep what a step answered, or what was `found` of it. Raises ProofTaken."""
        if step.commits:
            settlement = first_settlement(run.task.contract)
            _ours(self._intents.confirm(run.intent.id, step.name, kept, native_id, settlement, found))
            run.native_id, run.changed = native_id, Changed.YES
        else:
            _ours(self._intents.step_done(run.intent.id, step.name, run.owner, kept))
        run.kept[step.name] = kept

    def _confirmed(self, run: _Run[M]) -> Outcome[M]:
        model = self._result(run.task.write, run.kept)
        settlement = settlement_of(model, run.task.contract)
        if settlement != first_settlement(run.task.contract):
            self._intents.set_settlement(run.intent.id, settlement)
        return Outcome(run.intent.id, IntentState.CONFIRMED.value, model, settlement=settlement)

    def _told_again(self, intent: Intent, task: Task[M]) -> Outcome[M]:
        if intent.purged_at is not None:
            return purged(intent)
        kept = {name: record.kept for name, record in self._intents.steps(intent.id).items()}
        model = self._result(task.write, kept)
        return Outcome(intent.id, intent.state.value, model, settlement=intent.settlement, repeated=True)

    def _result(self, write: Write[M], kept: dict[str, Json]) -> M:
        try:
            return translated(write.result, kept, "The write landed, but its answer is not as expected")
        except BadAnswer as error:
            raise BadAnswer(error.message, path=error.path, changed=Changed.YES) from error

    def _refused(self, run: _Run[M], refused: Step, error: SellercareError) -> Outcome[M]:
        """The buyer felt nothing: take back what earlier steps left, and say why."""
        run.changed = Changed.NO
        _ours(self._intents.hold(run.intent.id, run.owner, lease_seconds(run.task.timeout, run.task.patience)))
        self._intents.forget_steps(run.intent.id, refused.name)
        stuck = self._undo(run)
        if stuck is None:
            self._intents.forget_steps(run.intent.id)
        else:
            error.changed = Changed.UNKNOWN
            error.next_step = (
                f"What was begun could not be taken back ({stuck.message}). "
                "Repeat it with the same key: it goes on where it stopped."
            )
        final = isinstance(error, Refused) and stuck is None
        state = IntentState.REFUSED if final else IntentState.READY
        _ours(self._intents.decide(run.intent.id, run.owner, state, error.details()))
        return Outcome(run.intent.id, IntentState.REFUSED.value, error=error)

    def _undo(self, run: _Run[M]) -> PlatformError | None:
        """Take back the steps that were done, last first; the error that stopped it, if one did."""
        for step in reversed(run.task.write.steps):
            if step.name in run.kept and step.undo is not None:
                try:
                    run.task.writer.write(step.undo(run.kept), run.task.contract)
                except NotFound:
                    pass  # it is gone already
                except PlatformError as error:
                    return error
                self._intents.forget_steps(run.intent.id, step.name)
        return None

    def _unknown(self, run: _Run[M], step: Step, why: str) -> Outcome[M]:
        """Nobody can tell whether the step landed. Only a committing one leaves the write itself unknown."""
        lost = f"The answer to {run.intent.verb} ({step.name}) was lost, and {why}."
        if not step.commits:
            unavailable = Unavailable(lost, next_step="Repeat it with the same key: it goes on where it stopped.")
            _ours(self._intents.decide(run.intent.id, run.owner, IntentState.READY, unavailable.details()))
            return Outcome(run.intent.id, IntentState.REFUSED.value, error=unavailable)
        by_hand = run.task.contract.by_hand or "at the marketplace"
        error = OutcomeUnknown(
            lost, intent_id=run.intent.id, look_at=by_hand, next_step=f"Look at it by hand: {by_hand}."
        )
        _ours(self._intents.decide(run.intent.id, run.owner, IntentState.UNKNOWN, error.details()))
        return Outcome(run.intent.id, IntentState.UNKNOWN.value, error=error)


def _ours(held: bool) -> None:
    """Raise InProgress if the lease went to somebody else while we were away: the write is theirs now."""
    if not held:
        raise _taken_over()


def _taken_over() -> InProgress:
    return InProgress(
        "Another process has taken this write over.",
        changed=Changed.UNKNOWN,
        next_step="Wait for it, then ask again with the same key.",
    )
