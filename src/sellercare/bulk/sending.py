"""One row taken to its outcome, in a worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sellercare.bulk.accounts import Accounts, check_use
from sellercare.bulk.plan import KINDS
from sellercare.bulk.prepared import Kind, Prepared, Wishes, known_state, told, verb_of, verdict
from sellercare.errors import (
    AboveLimit,
    Changed,
    ConfigError,
    InProgress,
    NotAllowedNow,
    NothingSent,
    OutcomeUnknown,
    Refused,
    SellercareError,
    StoreError,
    TryLater,
    Unauthorized,
)
from sellercare.journal import Intent, IntentState, Outcome
from sellercare.shop import Checked, Shop
from sellercare.store import Store
from sellercare.store.jobs import Change, Job, JobRow, RowState, WaitsFor

TO_DO = (RowState.READY, RowState.UNKNOWN)
"""What an applying run takes up. An unknown row is looked up by its key; nothing is sent without proof."""


COMPARED_AFTER = timedelta(minutes=10)
"""How old a plan may be before its rows are compared with now, where that costs a call for each."""


class Compare(StrEnum):
    """Whether a row is compared with the world of now before it is sent.

    AUTO compares where it costs nothing, and where it costs a call once the plan is older than ten minutes: a plan
    that was just made is what it was. It never does where looking changes something, such as marking a thread read.
    """

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class WorldChanged(NotAllowedNow):
    """What was planned is not what would be sent now."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row's result. `later` tells that it stays to be done, because of `error`; without a change it never began."""

    row: JobRow
    change: Change | None
    sent: bool = False
    error: SellercareError | None = None
    later: bool = False

    @property
    def finished(self) -> bool:
        """Whether another row of the same target may follow."""
        return not self.later and self.change is not None and self.change.state is not RowState.UNKNOWN


class Sender:
    """Takes one row to its outcome, in a worker."""

    def __init__(self, store: Store, accounts: Accounts, job: Job, compare: Compare = Compare.AUTO) -> None:
        self._store = store
        self._accounts = accounts
        self._job = job
        self._compare = compare
        self._kind: Kind = KINDS[job.verb]
        self._wishes = Wishes.of(job)
        self._new: set[int] = set()

    def rows_of(self, parts: Iterable[Sequence[JobRow]]) -> Iterator[JobRow]:
        """The rows of these parts, after the journal was asked for all keys of a part at once.

        What it does not know is not asked for again: who uses such a key meanwhile is met when the intent is recorded.
        """
        for part in parts:
            keys = {row.n: (row.account, verb_of(self._kind, row.content), row.key) for row in part if row.key}
            known = self._store.jobs.known_keys(keys.values())
            self._new.difference_update(keys)
            self._new.update(n for n, key in keys.items() if key not in known)
            yield from part

    def one(self, row: JobRow) -> Result:
        """The row's result. Raises what concerns all rows: the store, and defects."""
        try:
            ready = self._completed(row)
            if isinstance(ready, Change):
                return Result(row, ready)
            return self._write(ready)
        except StoreError:
            raise
        except (ConfigError, InProgress, Unauthorized, TryLater) as error:
            return _later(row, error)
        except SellercareError as error:
            return self._stopped(row, error)

    def _completed(self, row: JobRow) -> JobRow | Change:
        """A row of an offline plan is matched and checked now, by the rules of an online one."""
        shop = self._accounts.shop(row.account)
        check_use(shop)
        if "draft" not in row.content:
            return row
        prepared = self._kind.prepare(shop, self._kind.draft(row), self._wishes)
        if prepared.state is RowState.DONE and (sent := self._sent_by_this_job(row, prepared)) is not None:
            return Change(row.n, RowState.CONFIRMED, row.note, sent.id)
        if prepared.state not in TO_DO:
            return Change(row.n, prepared.state, prepared.note)
        money = prepared.money
        whole = replace(
            row,
            target=prepared.target,
            key=prepared.key,
            content=prepared.content,
            currency=money.currency if money else None,
            amount=money.amount if money else None,
        )
        twin = self._store.jobs.complete(self._job.id, whole)
        if twin is not None:
            return Change(row.n, RowState.REJECTED, f"the same {self._kind.noun} is already on line {twin}.")
        return whole

    def _sent_by_this_job(self, row: JobRow, prepared: Prepared) -> Intent | None:
        """The intent of a row that another process of this job has sent meanwhile."""
        verb = verb_of(self._kind, prepared.content)
        intent = self._store.intents.find(row.account, verb, prepared.key or "")
        return intent if intent is not None and intent.why == self._why else None

    def _write(self, row: JobRow) -> Result:
        new = row.n in self._new
        self._new.discard(row.n)  # a set of all rows of a run would grow with it
        shop = self._accounts.shop(row.account)
        command = self._kind.command.model_validate(row.content["command"])
        verb = verb_of(self._kind, row.content)
        if self._may_look(shop, verb, row):
            _hold(self._kind.look(shop, self._job, row))

        def agree(checked: Checked) -> None:
            if self._compare is not Compare.NEVER:
                _hold(self._kind.agrees(shop, self._job, row, checked))

        outcome = shop.write(
            verb,
            command,
            key=row.key,
            why=self._why,
            run=self._wishes.run or self._job.id,
            limits=self._wishes.limits,
            agree=agree,
            consent=True,  # the plan shows what follows, and it was approved
            new=new,
        )
        return self._told(row, outcome)

    def _may_look(self, shop: Shop, verb: str, row: JobRow) -> bool:
        """Whether this row is worth the call that tells whether the world has changed. What was sent is not."""
        if row.state is not RowState.READY or not self._kind.look_costs(shop.adapter):
            return False
        if self._compare is Compare.AUTO:
            old = shop.clock.now() - self._job.created_at > COMPARED_AFTER
            wanted = old and not self._kind.look_changes(shop.adapter)
        else:
            wanted = self._compare is Compare.ALWAYS
        if not wanted or not row.content.get("seen"):
            return False
        known = self._store.intents.find(row.account, verb, row.key or "")
        return known is None or known.state in (IntentState.READY, IntentState.REFUSED)

    @property
    def _why(self) -> str:
        return f"bulk job {self._job.id}"

    def _told(self, row: JobRow, outcome: Outcome[object]) -> Result:
        error = outcome.error
        if outcome.state == "confirmed":
            return Result(row, self._confirmed(row, outcome), sent=not outcome.repeated)
        if outcome.state == "unknown":
            look_at = getattr(error, "look_at", "") or "look at it at the marketplace"
            return Result(row, Change(row.n, RowState.UNKNOWN, look_at, outcome.intent_id), sent=True, error=error)
        if error is not None and not isinstance(error, Refused):
            return _later(row, error, outcome.intent_id)
        return Result(row, Change(row.n, RowState.REFUSED, told(error) if error else "", outcome.intent_id))

    def _confirmed(self, row: JobRow, outcome: Outcome[object]) -> Change:
        intent = self._store.intents.get(outcome.intent_id) if outcome.repeated else None
        if intent is None or intent.why == self._why:
            return Change(row.n, RowState.CONFIRMED, row.note, outcome.intent_id)
        return Change(row.n, *known_state(intent), outcome.intent_id)

    def _stopped(self, row: JobRow, error: SellercareError) -> Result:
        if error.changed is Changed.YES:
            return Result(row, Change(row.n, RowState.CONFIRMED, told(error)), sent=True)
        if error.changed is Changed.UNKNOWN or isinstance(error, OutcomeUnknown):
            return Result(row, Change(row.n, RowState.UNKNOWN, told(error)), sent=True, error=error)
        if not isinstance(error, NothingSent | Refused):
            return _later(row, error)
        state, note = verdict(error)
        waits_for = WaitsFor.LOOK if isinstance(error, WorldChanged) else WaitsFor.NOTHING
        if isinstance(error, AboveLimit):
            waits_for = WaitsFor.APPROVAL
        return Result(row, Change(row.n, state, note, waits_for=waits_for))


def _hold(changed: str) -> None:
    """Raise WorldChanged, if something has."""
    if changed:
        raise WorldChanged(
            f"The world has changed: {changed}.",
            next_step="Look at it; `sellercare jobs approve` sends it all the same.",
        )


def _later(row: JobRow, error: SellercareError, intent_id: str | None = None) -> Result:
    """Provably nothing happened, and it may work another time: the row stays to be done."""
    state = RowState.UNKNOWN if row.state is RowState.UNKNOWN else RowState.READY
    return Result(row, Change(row.n, state, told(error), intent_id), error=error, later=True)


__all__ = ["COMPARED_AFTER", "TO_DO", "Compare", "Result", "Sender", "WorldChanged"]
