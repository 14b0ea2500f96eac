"""One row taken to its outcome, in a worker."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sellercare.bulk.accounts import Accounts, check_use
from sellercare.bulk.plan import KINDS
from sellercare.bulk.prepared import Kind, Wishes, known_state, told, verdict
from sellercare.errors import (
    Changed,
    ConfigError,
    InProgress,
    NothingSent,
    OutcomeUnknown,
    Refused,
    SellercareError,
    StoreError,
    TryLater,
    Unauthorized,
)
from sellercare.journal import Outcome
from sellercare.store import Store
from sellercare.store.jobs import Change, Job, JobRow, RowState

TO_DO = (RowState.READY, RowState.UNKNOWN)
"""What an applying run takes up. An unknown row is looked up by its key; nothing is sent without proof."""


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

    def __init__(self, store: Store, accounts: Accounts, job: Job) -> None:
        self._store = store
        self._accounts = accounts
        self._job = job
        self._kind: Kind = KINDS[job.verb]
        asked = job.options.get("asked", {})
        self._wishes = Wishes(asked.get("run", ""), asked.get("even_if_answered", False))

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

    def _write(self, row: JobRow) -> Result:
        shop = self._accounts.shop(row.account)
        command = self._kind.command.model_validate(row.content["command"])
        outcome = shop.write(self._job.verb, command, key=row.key, why=self._why)
        return self._told(row, outcome)

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
        return Result(row, Change(row.n, state, note))


def _later(row: JobRow, error: SellercareError, intent_id: str | None = None) -> Result:
    """Provably nothing happened, and it may work another time: the row stays to be done."""
    state = RowState.UNKNOWN if row.state is RowState.UNKNOWN else RowState.READY
    return Result(row, Change(row.n, state, told(error), intent_id), error=error, later=True)


__all__ = ["TO_DO", "Result", "Sender"]
