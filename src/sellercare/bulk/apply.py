"""A stored plan sent: several workers for each account, rows of one target in order, one result for each row.

What is sent is in the journal before it leaves, under the row's key. The rows here only follow, so a run that was
stopped anywhere, by Ctrl-C or by pulling the plug, is resumed by going over the same rows again: a key that the
journal knows is looked up and not sent.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from sellercare.bulk.accounts import Accounts, check_use
from sellercare.bulk.plan import KINDS, WORKERS
from sellercare.bulk.prepared import Kind, Watch, Wishes, known_state, told, unwatched, verdict
from sellercare.errors import (
    BadInput,
    Changed,
    ConfigError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    SellercareError,
    StoreError,
    TryLater,
    Unauthorized,
    UnknownAccount,
)
from sellercare.journal import Outcome
from sellercare.store import Store
from sellercare.store.jobs import Change, Job, JobRow, JobState, RowState

TO_DO = (RowState.READY, RowState.UNKNOWN)
"""What an applying run takes up. An unknown row is looked up by its key; nothing is sent without proof."""

GIVE_UP = 5
"""So many rows in a row that the marketplace was not there for, and the account's other rows wait for another day."""

_SAVE_EVERY = 50
_SAVE_SECONDS = 1.0


@dataclass(slots=True)
class Applied:
    """What became of the rows that were taken up. `stopped` says for each account why it was not finished."""

    counts: Counter[RowState] = field(default_factory=Counter)
    sent: int = 0
    interrupted: bool = False
    stopped: dict[str, SellercareError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Result:
    """One row's result. `later` tells that it stays to be done, because of `error`."""

    row: JobRow
    change: Change
    sent: bool = False
    error: SellercareError | None = None
    later: bool = False


def apply(store: Store, accounts: Accounts, job: Job, *, workers: int = WORKERS, watch: Watch = unwatched) -> Applied:
    """Send the rows of a plan that are ready, and look up those whose outcome is unknown.

    Ctrl-C ends it cleanly: what is in flight finishes and is recorded, the rest stays ready. Raises BadInput for a
    plan that may not be applied, and StoreError; then, too, everything that was sent is in the journal.
    """
    check_job(store, job)
    run = _Run(store, accounts, job, workers, watch)
    store.jobs.move(job.id, JobState.APPLYING)
    try:
        run.go()
    except BaseException:
        with suppress(StoreError):  # the first error says more than that its job could not be marked either
            _mark(store, job)
        raise
    _mark(store, job)
    return run.applied


def _mark(store: Store, job: Job) -> None:
    left = next(store.jobs.rows(job.id, RowState.READY, chunk=1), None)
    store.jobs.move(job.id, JobState.STOPPED if left else JobState.APPLIED)


def check_job(store: Store, job: Job) -> None:
    """Raise BadInput for a job that may not be applied: an unfinished plan, or one with bad rows."""
    if job.state is JobState.PLANNING:
        raise BadInput(
            f"The plan {job.id} was never finished: its file was not read to the end.",
            next_step="Plan the file again.",
        )
    if job.options.get("asked", {}).get("skip_bad"):
        return
    bad = next(store.jobs.rows(job.id, RowState.REJECTED, chunk=1), None)
    if bad is not None:
        raise BadInput(
            f"The plan {job.id} has bad rows; the first is line {bad.line}: {bad.note}",
            line=bad.line,
            file=job.source,
            next_step="Correct the file and plan it again, or leave bad rows out with --skip-bad.",
        )


class _Lane:
    """One account's rows on their way: a few ahead, and never two of one target at a time.

    A target whose row could not be finished is blocked: what follows for it would overtake. Those rows are `left`.
    """

    def __init__(self, account: str, rows: Iterator[JobRow], workers: int) -> None:
        self.account = account
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix=f"bulk-{account}")
        self.under_way = 0
        self.misses = 0
        self.left: list[Change] = []
        self._open = True
        self._rows = rows
        self._room = workers * 2
        self._parked = 0
        self._behind: dict[str, deque[JobRow]] = {}
        self._blocked: dict[str, int] = {}

    def next(self) -> JobRow | None:
        """The next row that may start now, while there is room."""
        while self._open and self.under_way + self._parked < self._room:
            row = next(self._rows, None)
            if row is None:
                self._open = False
            elif row.target in self._blocked:
                self._leave(row)
            elif row.target in self._behind:
                self._behind[row.target].append(row)
                self._parked += 1
            else:
                self._behind[row.target] = deque()
                return row
        return None

    def done(self, row: JobRow, *, finished: bool) -> JobRow | None:
        """A row has its result: the next one of its target that may start now, if there is one."""
        behind = self._behind[row.target]
        if finished and behind and self._open_to_parked:
            self._parked -= 1
            return behind.popleft()
        del self._behind[row.target]
        self._parked -= len(behind)
        if not finished:
            self._blocked[row.target] = row.line
            for each in behind:
                self._leave(each)
        return None

    _open_to_parked = True

    def shut(self) -> None:
        """Start nothing more."""
        self._open = False
        self._open_to_parked = False

    def _leave(self, row: JobRow) -> None:
        why = f"waits for line {self._blocked[row.target]}, which is about the same and is not finished"
        self.left.append(Change(row.n, row.state, why))


class _Run:
    """One applying of a job, led by the calling thread, which alone writes the rows."""

    def __init__(self, store: Store, accounts: Accounts, job: Job, workers: int, watch: Watch) -> None:
        self.applied = Applied()
        self._store = store
        self._accounts = accounts
        self._job = job
        self._watch = watch
        self._results: queue.SimpleQueue[tuple[_Lane, _Result | BaseException] | None] = queue.SimpleQueue()
        self._unsaved: list[Change] = []
        self._saved_at = time.monotonic()
        self._fatal: BaseException | None = None
        names = sorted({account for account, state in store.jobs.counts(job.id) if state in TO_DO})
        for name in names:
            if name not in accounts.names:
                raise UnknownAccount(
                    f"The job {job.id} has rows of the account {name!r}, which is not configured any more.",
                    setting=name,
                    next_step="Add the account again with `sellercare accounts add`.",
                )
        self._lanes = [_Lane(name, store.jobs.rows(job.id, *TO_DO, account=name), workers) for name in names]
        self._sender = _Sender(store, accounts, job)

    def go(self) -> None:
        """Run to the end, or until Ctrl-C, after which nothing more is started."""
        try:
            with _on_interrupt(lambda: self._results.put(None)):
                self._loop()
        finally:
            for lane in self._lanes:
                lane.pool.shutdown(wait=True, cancel_futures=True)
            self._save_last()
        if self._fatal is not None:
            raise self._fatal

    def _loop(self) -> None:
        while True:
            for lane in self._lanes:
                while (row := lane.next()) is not None:
                    self._start(lane, row)
                self._leave(lane)
            if not any(lane.under_way for lane in self._lanes):
                return
            came = self._results.get()
            if came is None:
                self.applied.interrupted = True
                self._halt()
            else:
                self._took(*came)

    def _leave(self, lane: _Lane) -> None:
        for change in lane.left:
            self._watch(change.state)
            self.applied.counts[change.state] += 1
            self._unsaved.append(change)
        lane.left.clear()

    def _start(self, lane: _Lane, row: JobRow) -> None:
        lane.under_way += 1
        lane.pool.submit(self._work, lane, row)

    def _work(self, lane: _Lane, row: JobRow) -> None:
        """In a worker: whatever happens, a result comes back, or the leading thread would wait for ever."""
        result: _Result | BaseException
        try:
            result = self._sender.one(row)
        except BaseException as error:  # noqa: BLE001 - handed to the leading thread, which raises it
            result = error
        self._results.put((lane, result))

    def _took(self, lane: _Lane, result: _Result | BaseException) -> None:
        lane.under_way -= 1
        if isinstance(result, BaseException):
            self._fatal = self._fatal or result
            self._halt()
            return
        self._note(lane, result)
        finished = not result.later and result.change.state is not RowState.UNKNOWN
        following = lane.done(result.row, finished=finished)
        if following is not None:
            self._start(lane, following)

    def _note(self, lane: _Lane, result: _Result) -> None:
        self.applied.counts[result.change.state] += 1
        self.applied.sent += result.sent
        self._unsaved.append(result.change)
        self._watch(result.change.state)
        lane.misses = lane.misses + 1 if result.later else 0
        hopeless = not isinstance(result.error, TryLater) or lane.misses >= GIVE_UP
        if result.later and result.error is not None and hopeless:
            self.applied.stopped[lane.account] = result.error
            lane.shut()
        if len(self._unsaved) >= _SAVE_EVERY or time.monotonic() - self._saved_at > _SAVE_SECONDS:
            self._save()

    def _halt(self) -> None:
        for lane in self._lanes:
            lane.shut()

    def _save_last(self) -> None:
        try:
            self._save()
        except StoreError as error:
            self._fatal = self._fatal or error

    def _save(self) -> None:
        changes, self._unsaved = self._unsaved, []
        self._store.jobs.finish(self._job.id, changes)
        self._saved_at = time.monotonic()


@contextmanager
def _on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first Ctrl-C; the second one interrupts as usual. Only the main thread is told of it."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return

    def asked(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, usual)
        stop()

    signal.signal(signal.SIGINT, asked)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


class _Sender:
    """Takes one row to its outcome, in a worker."""

    def __init__(self, store: Store, accounts: Accounts, job: Job) -> None:
        self._store = store
        self._accounts = accounts
        self._job = job
        self._kind: Kind = KINDS[job.verb]
        asked = job.options.get("asked", {})
        self._wishes = Wishes(asked.get("run", ""), asked.get("even_if_answered", False))

    def one(self, row: JobRow) -> _Result:
        """The row's result. Raises what concerns all rows: the store, and defects."""
        try:
            ready = self._completed(row)
            if isinstance(ready, Change):
                return _Result(row, ready)
            return self._write(ready)
        except StoreError:
            raise
        except (ConfigError, Unauthorized, TryLater) as error:
            return _later(row, error)
        except SellercareError as error:
            return self._stopped(row, error)

    def _completed(self, row: JobRow) -> JobRow | Change:
        """A row of an offline plan is matched and checked now, by the rules of an online one."""
        shop = self._accounts.shop(row.account)
        check_use(shop)
        if "draft" not in row.content:
            return row
        prepared = self._kind.prepare(shop, self._kind.draft(row.content), self._wishes)
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

    def _write(self, row: JobRow) -> _Result:
        shop = self._accounts.shop(row.account)
        command = self._kind.command.model_validate(row.content["command"])
        outcome = shop.write(self._job.verb, command, key=row.key, why=self._why)
        return self._told(row, outcome)

    @property
    def _why(self) -> str:
        return f"bulk job {self._job.id}"

    def _told(self, row: JobRow, outcome: Outcome[object]) -> _Result:
        error = outcome.error
        if outcome.state == "confirmed":
            return _Result(row, self._confirmed(row, outcome), sent=not outcome.repeated)
        if outcome.state == "unknown":
            look_at = getattr(error, "look_at", "") or "look at it at the marketplace"
            return _Result(row, Change(row.n, RowState.UNKNOWN, look_at, outcome.intent_id), sent=True, error=error)
        if error is not None and not isinstance(error, Refused):
            return _later(row, error, outcome.intent_id)
        return _Result(row, Change(row.n, RowState.REFUSED, told(error) if error else "", outcome.intent_id))

    def _confirmed(self, row: JobRow, outcome: Outcome[object]) -> Change:
        intent = self._store.intents.get(outcome.intent_id) if outcome.repeated else None
        if intent is None or intent.why == self._why:
            return Change(row.n, RowState.CONFIRMED, row.note, outcome.intent_id)
        return Change(row.n, *known_state(intent), outcome.intent_id)

    def _stopped(self, row: JobRow, error: SellercareError) -> _Result:
        if error.changed is Changed.YES:
            return _Result(row, Change(row.n, RowState.CONFIRMED, told(error)), sent=True)
        if error.changed is Changed.UNKNOWN or isinstance(error, OutcomeUnknown):
            return _Result(row, Change(row.n, RowState.UNKNOWN, told(error)), sent=True, error=error)
        if not isinstance(error, NothingSent | Refused):
            return _later(row, error)
        state, note = verdict(error)
        return _Result(row, Change(row.n, state, note))


def _later(row: JobRow, error: SellercareError, intent_id: str | None = None) -> _Result:
    """Provably nothing happened, and it may work another time: the row stays to be done."""
    state = RowState.UNKNOWN if row.state is RowState.UNKNOWN else RowState.READY
    return _Result(row, Change(row.n, state, told(error), intent_id), error=error, later=True)


__all__ = ["GIVE_UP", "TO_DO", "Applied", "apply", "check_job"]
