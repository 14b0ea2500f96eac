"""A stored plan sent: several workers for each account, rows of one target in order, one result for each row.

What is sent is in the journal before it leaves, under the row's key. The rows here only follow, so a run that was
stopped anywhere, by Ctrl-C or by pulling the plug, is resumed by going over the same rows again: a key that the
journal knows is looked up and not sent.

Several processes may apply one job: each has its own rows in hand, and waits at the end for those of the others.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from sellercare.bulk.accounts import Accounts
from sellercare.bulk.following import Following
from sellercare.bulk.lanes import Lane
from sellercare.bulk.plan import WORKERS
from sellercare.bulk.sending import TO_DO, Compare, Result, Sender
from sellercare.errors import BadInput, Changed, InProgress, SellercareError, StoreError, TryLater, UnknownAccount
from sellercare.store import Store
from sellercare.store.jobs import Change, Job, JobRow, JobState, RowState
from sellercare.store.shifts import Shift
from sellercare.waiting import told_to, wait_for

MORE_TURNS = 3
"""How often rows that the marketplace had no time for are tried again in one run."""

GIVE_UP = 5
"""So many rows in a row that the marketplace was not there for, and the account's other rows wait for another day."""

_SAVE_EVERY = 50
_SAVE_SECONDS = 1.0

_LOOK_AGAIN = 1.0
"""Seconds between looks at what others do, and between signs of life."""

_FIRST_PAUSE = 0.05
"""Seconds before the first such look: others are nearly always done at the same moment."""


@dataclass(slots=True)
class Applied:
    """What became of the rows that were taken up. `stopped` says for each account why it was not finished."""

    counts: Counter[RowState] = field(default_factory=Counter)
    sent: int = 0
    interrupted: bool = False
    cancelled: bool = False
    stopped: dict[str, SellercareError] = field(default_factory=dict)


def apply(
    store: Store,
    accounts: Accounts,
    job: Job,
    *,
    workers: int = WORKERS,
    watch: Following | None = None,
    compare: Compare = Compare.AUTO,
) -> Applied:
    """Send the rows of a plan that are ready, and look up those whose outcome is unknown.

    A row whose world has changed since it was planned is held; `compare` says when that is asked.

    Ctrl-C ends it cleanly: what is in flight finishes and is recorded, the rest stays ready. Raises BadInput for a
    plan that may not be applied, and StoreError; then, too, everything that was sent is in the journal.
    """
    check_job(store, job)
    run = _Run(store, accounts, job, workers, watch or Following(), compare)
    if job.state is not JobState.CANCELLED:
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
    """Note how the job was left, unless others are still at it."""
    if not Shift(store, job.id).is_alone():
        return
    if store.jobs.get(job.id).state is JobState.CANCELLED:
        return
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


class _Run:
    """One applying of a job, led by the calling thread, which alone writes the rows."""

    def __init__(
        self, store: Store, accounts: Accounts, job: Job, workers: int, watch: Following, compare: Compare
    ) -> None:
        self.applied = Applied()
        self._store = store
        self._accounts = accounts
        self._job = job
        self._watch = watch
        self._results: queue.SimpleQueue[tuple[Lane, Result | BaseException] | None] = queue.SimpleQueue()
        self._unsaved: list[Change] = []
        self._done: list[int] = []
        self._saved_at = time.monotonic()
        self._fatal: BaseException | None = None
        self._again = False
        self._last_look = False
        self._pause = _FIRST_PAUSE
        self._workers = workers
        self._lanes: list[Lane] = []
        self._sender = Sender(store, accounts, job, compare)
        self._shift = Shift(store, job.id)
        for name in self._names(TO_DO):
            if name not in accounts.names:
                raise UnknownAccount(
                    f"The job {job.id} has rows of the account {name!r}, which is not configured any more.",
                    setting=name,
                    next_step="Add the account again with `sellercare accounts add`.",
                )

    def go(self) -> None:
        """Run to the end, or until Ctrl-C, after which nothing more is started.

        Rows that the marketplace had no time for get another turn when the others are done.
        """
        self._shift.begin()
        try:
            with _on_interrupt(lambda: self._results.put(None)):
                self._turn(TO_DO)
                while self._fatal is None and not self._ended and self._more():
                    self._turn(TO_DO)
        except SellercareError as error:
            self._end(error)
        finally:
            self._end_shift()
        if self._fatal is not None:
            raise self._told(self._fatal)

    def _told(self, fatal: BaseException) -> BaseException:
        """The error that ended the run. Where rows were sent before, it does not say that nothing was changed."""
        if isinstance(fatal, SellercareError):
            if self.applied.sent and fatal.changed is Changed.NO:
                fatal.changed = Changed.YES
            go_on = f"`sellercare jobs resume {self._job.id}` goes on; what was sent is not sent again."
            fatal.next_step = f"{fatal.next_step} {go_on}".strip()
        return fatal

    def _end(self, error: BaseException) -> None:
        """Stop for this error. Of several, one that says that the marketplace has acted is told."""
        known, acted = self._fatal, isinstance(error, SellercareError) and error.changed is not Changed.NO
        if known is None or (acted and isinstance(known, SellercareError) and known.changed is Changed.NO):
            self._fatal = error

    def _more(self) -> bool:
        """Another turn for rows that the marketplace had no time for; then wait for what others have in hand.

        Then there may be something of theirs to take up.
        """
        for _ in range(MORE_TURNS):
            if not self._again:
                break
            self._turn((RowState.READY,), mine_too=True)
        if self._fatal is not None or self._ended:
            return False
        passed_over, self._shift.passed_over = self._shift.passed_over, False
        self._shift.rest()
        if not self._shift.others_work():
            # Others may wait for what is in these hands: one more look, or they would wait for each other.
            again, self._last_look = passed_over and not self._last_look, True
            return again
        with told_to(partial(self._watch.waits, "")):
            wait_for(self._store.clock, self._pause, "others", "others have rows of this run in hand", known=False)
        self._watch.tick()
        self._pause = min(2 * self._pause, _LOOK_AGAIN)
        try:
            return self._results.get_nowait() is None and self._interrupt()
        except queue.Empty:
            return True

    @property
    def _ended(self) -> bool:
        """Whether somebody has ended it: at this keyboard, or by cancelling the job."""
        return self.applied.interrupted or self.applied.cancelled

    def _interrupt(self) -> bool:
        self.applied.interrupted = True
        self._halt()
        return False

    def _end_shift(self) -> None:
        try:
            self._shift.end()
        except StoreError as error:
            self._end(error)

    def _turn(self, states: tuple[RowState, ...], *, mine_too: bool = False) -> None:
        """Take up all rows in these states once, the accounts beside each other."""
        self._again = False
        least = self._workers * 2
        self._lanes = []
        for name in self._names(states):
            if name not in self.applied.stopped:
                parts = self._shift.parts(*states, account=name, mine_too=mine_too, least=least)
                self._lanes.append(Lane(name, self._sender.rows_of(parts), self._workers))
        try:
            self._loop()
        finally:
            for lane in self._lanes:
                lane.pool.shutdown(wait=True, cancel_futures=True)
            self._save_last()

    def _names(self, states: tuple[RowState, ...]) -> list[str]:
        return sorted({account for account, state in self._store.jobs.counts(self._job.id) if state in states})

    def _loop(self) -> None:
        while True:
            for lane in self._lanes:
                while (row := lane.next()) is not None:
                    self._start(lane, row)
                self._leave(lane)
            if not any(lane.under_way for lane in self._lanes):
                return
            self._shift.beat()
            self._watch.tick()
            with suppress(queue.Empty):
                came = self._results.get(timeout=_LOOK_AGAIN)
                if came is None:
                    self._interrupt()
                else:
                    self._took(*came)

    def _leave(self, lane: Lane) -> None:
        self._unsaved.extend(lane.left)
        lane.left.clear()

    def _start(self, lane: Lane, row: JobRow) -> None:
        lane.under_way += 1
        lane.pool.submit(self._work, lane, row)

    def _work(self, lane: Lane, row: JobRow) -> None:
        """In a worker: whatever happens, a result comes back, or the leading thread would wait for ever."""
        result: Result | BaseException
        try:
            with told_to(partial(self._watch.waits, lane.account)):
                result = Result(row, None, later=True) if lane.is_shut else self._sender.one(row)
        except BaseException as error:  # noqa: BLE001 - handed to the leading thread, which raises it
            result = error
        self._results.put((lane, result))

    def _took(self, lane: Lane, result: Result | BaseException) -> None:
        lane.under_way -= 1
        if isinstance(result, BaseException):
            self._end(result)
            self._halt()
            return
        if result.change is not None:
            self._note(lane, result, result.change)
        following = lane.done(result.row, finished=result.finished)
        if following is not None:
            self._start(lane, following)

    def _note(self, lane: Lane, result: Result, change: Change) -> None:
        self._unsaved.append(change)
        if result.later:
            self._postpone(lane, result)
        else:
            lane.misses = 0
            self.applied.counts[change.state] += 1
            self.applied.sent += result.sent
            self._done.append(change.n)
            self._watch.done(result.row, change)
        if len(self._unsaved) >= _SAVE_EVERY or time.monotonic() - self._saved_at > _SAVE_SECONDS:
            self._save()

    def _postpone(self, lane: Lane, result: Result) -> None:
        """Nothing happened: another turn, unless the account's other rows would fare no better."""
        self._watch.postponed(result.row, result.error)
        # That somebody else is at a row is no sign of trouble at the marketplace.
        lane.misses += not isinstance(result.error, InProgress)
        if isinstance(result.error, TryLater | InProgress) and lane.misses < GIVE_UP:
            self._again = True
        elif result.error is not None:
            self.applied.stopped[lane.account] = result.error
            lane.shut()

    def _halt(self) -> None:
        self._again = False
        for lane in self._lanes:
            lane.shut()

    def _save_last(self) -> None:
        try:
            self._save()
        except StoreError as error:
            self._end(error)

    def _save(self) -> None:
        changes, self._unsaved = self._unsaved, []
        self._store.jobs.finish(self._job.id, changes)
        done, self._done = self._done, []
        if done:
            self._watch.saved(done)
        if self._store.jobs.get(self._job.id).state is JobState.CANCELLED and self._job.state is not JobState.CANCELLED:
            self.applied.cancelled = True
            self._halt()
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


__all__ = ["GIVE_UP", "TO_DO", "Applied", "apply", "check_job"]
