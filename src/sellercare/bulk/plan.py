"""From a file to a stored plan: every row ready, held or rejected with the reason, money totalled, time estimated.

Planning sends no write. A plan that was interrupted is removed, so that no half of a file is ever applied.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sellercare.bulk.accounts import Accounts, check_use
from sellercare.bulk.answers import Answers
from sellercare.bulk.columns import Asked, BadRow, Draft, check_header
from sellercare.bulk.decisions import Decisions
from sellercare.bulk.files import RawRow, RowFile
from sellercare.bulk.pace import paces
from sellercare.bulk.prepared import (
    Kind,
    Prepared,
    Tally,
    Watch,
    Wishes,
    state_of,
    unwatched,
    verb_of,
    verdict,
)
from sellercare.bulk.refunds import Refunds
from sellercare.bulk.replies import Replies
from sellercare.bulk.templates import template
from sellercare.errors import BadInput, SellercareError, StoreError, TryLater
from sellercare.store import Store
from sellercare.store.jobs import BATCH, Job, JobRow, JobState, RowState
from sellercare.store.limits import Limits

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Replies(), Refunds(), Decisions(), Answers())}
"""What can be done in bulk, by the job's verb."""

WORKERS = 4
"""Threads that look or send at once for one account: they hide waiting, they do not add speed."""

LOOKS = 3
"""How often a row is looked at while the marketplace is not there, before it is held."""

_ONLINE_BATCH = 100

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Order:
    """What a bulk run is asked to do. `template` serves rows without a text, `run` names keys where money moves.

    `limits` on money are held beside the accounts' own, for this run.
    """

    verb: str
    offline: bool = False
    template: str = ""
    run: str = ""
    even_if_answered: bool = False
    skip_bad: bool = False
    workers: int = WORKERS
    limits: Limits = field(default_factory=Limits)

    @property
    def wishes(self) -> Wishes:
        """The part that concerns single rows."""
        return Wishes(self.run, self.even_if_answered, self.limits)

    def plain(self) -> dict[str, Any]:
        """As it is kept with the job."""
        return {
            "run": self.run,
            "even_if_answered": self.even_if_answered,
            "skip_bad": self.skip_bad,
            "workers": self.workers,
            "limits": self.limits.plain(),
        }


def make_plan(store: Store, accounts: Accounts, file: RowFile, order: Order, watch: Watch = unwatched) -> Job:
    """Plan every row of a file and store the plan.

    Raises BadInput for a file that is broken, and SellercareError for what concerns all rows (the store, a sign-in);
    then no plan is kept. What is wrong with a row is in the row.
    """
    comma = file.delimiter in (";", "\t")
    asked = Asked(account=accounts.only, template=order.template, run=order.run, comma=comma)
    kind = KINDS[order.verb]
    check_header(file, kind.columns, lambda columns: kind.missing(columns, asked), asked)
    if order.template:
        template(order.template)
    job = store.jobs.create(verb=order.verb, source=file.name, offline=order.offline, options={"asked": order.plain()})
    try:
        plan_row = _planner(accounts, order, asked)
        planned = in_order(plan_row, enumerate(file.rows, 1), 1 if order.offline else order.workers)
        tally = _fill(store, accounts, job, planned, watch)
        found = {"asked": order.plain(), "consequences": tally.seen, "pace": _pace(accounts, tally)}
        found["look"] = _look(accounts, kind, tally)
        store.jobs.move(job.id, JobState.PLANNED, found)
    except BaseException:
        with suppress(StoreError):  # what stays is a plan that says it was never finished
            store.jobs.remove(job.id)
        raise
    return store.jobs.get(job.id)


def _pace(accounts: Accounts, tally: Tally) -> list[dict[str, Any]]:
    """The time that each account's rows take at least, as it is kept with the job."""
    return [pace.plain() for pace in paces({name: accounts.shop(name) for name in tally.verbs}, tally.verbs)]


def _look(accounts: Accounts, kind: Kind, tally: Tally) -> dict[str, str]:
    """What it costs, and changes, to find out later whether the world is still as it was planned for."""
    adapters = [accounts.shop(name).adapter for name in tally.verbs]
    costs = {kind.look_costs(adapter) for adapter in adapters} - {""}
    changes = {kind.look_changes(adapter) for adapter in adapters} - {""}
    return {"costs": "; ".join(sorted(costs)), "changes": "; ".join(sorted(changes))}


def _planner(
    accounts: Accounts, order: Order, asked: Asked
) -> Callable[[tuple[int, RawRow]], tuple[JobRow, tuple[str, ...]]]:
    kind = KINDS[order.verb]

    def plan_row(numbered: tuple[int, RawRow]) -> tuple[JobRow, tuple[str, ...]]:
        n, row = numbered
        account = ""
        try:
            draft = kind.read(row, asked, accounts.patterns)
            account = draft.account
            prepared = _prepared(kind, accounts, draft, order)
        except BadRow as bad:
            prepared = Prepared("", None, RowState.REJECTED, {}, f"{bad}.")
        money = prepared.money
        planned = JobRow(
            n=n,
            line=row.line,
            account=account,
            target=prepared.target,
            key=prepared.key,
            state=prepared.state,
            content=prepared.content,
            note=prepared.note,
            currency=money.currency if money else None,
            amount=money.amount if money else None,
            waits_for=prepared.waits_for,
        )
        return planned, prepared.consequences

    return plan_row


def _prepared(kind: Kind, accounts: Accounts, draft: Draft, order: Order) -> Prepared:
    shop = accounts.shop(draft.account)
    look = kind.sketch if order.offline else kind.prepare
    for attempt in range(1, LOOKS + 1):
        try:
            check_use(shop)
            return look(shop, draft, order.wishes)
        except SellercareError as error:
            if attempt < LOOKS and isinstance(error, TryLater):
                continue
            state, note = verdict(error)
            return Prepared("", draft.key or None, state, {}, note)
    raise AssertionError("the last look returns")


def _fill(
    store: Store,
    accounts: Accounts,
    job: Job,
    planned: Iterable[tuple[JobRow, tuple[str, ...]]],
    watch: Watch,
) -> Tally:
    """Store the planned rows, a batch at a time; the consequences of those that are ready."""
    tally = Tally()
    size = BATCH if job.offline else _ONLINE_BATCH
    batch: list[tuple[JobRow, tuple[str, ...]]] = []
    any_row = False
    for each in planned:
        any_row = True
        batch.append(each)
        if len(batch) >= size:
            _add(store, accounts, job, batch, tally, watch)
            batch = []
    _add(store, accounts, job, batch, tally, watch)
    if not any_row:
        raise BadInput(f"{job.source} has no rows.", file=job.source)
    return tally


def _add(
    store: Store,
    accounts: Accounts,
    job: Job,
    planned: list[tuple[JobRow, tuple[str, ...]]],
    tally: Tally,
    watch: Watch,
) -> None:
    """Add rows. The database's unique index finds a key that an earlier row has."""
    kind = KINDS[job.verb]
    batch = [row for row, _ in planned]
    if job.offline:
        batch = _recalled(store, accounts, job, batch)
    twins = store.jobs.add(job.id, batch)
    again = [
        replace(row, key=None, state=RowState.REJECTED, note=_twin(row, twins[row.n], kind.noun))
        for row in batch
        if row.n in twins
    ]
    store.jobs.add(job.id, again)
    for row, (_, consequences) in zip(batch, planned, strict=True):
        if row.state is RowState.READY and row.n not in twins:
            tally.add(row.account, verb_of(kind, row.content), consequences)
        watch(RowState.REJECTED if row.n in twins else row.state)


def _recalled(store: Store, accounts: Accounts, job: Job, batch: list[JobRow]) -> list[JobRow]:
    """The rows of an offline plan, those marked whose key the journal knows. It is asked once for all of them."""
    kind = KINDS[job.verb]
    names = [(row.account, verb_of(kind, row.content), row.key or "") for row in batch]
    known = store.jobs.known_keys(name for name in names if name[2])
    return [
        _told_by_journal(accounts, kind, row) if name in known else row for row, name in zip(batch, names, strict=True)
    ]


def _told_by_journal(accounts: Accounts, kind: Kind, row: JobRow) -> JobRow:
    if row.state is not RowState.READY or (command := kind.whole(row)) is None:
        return row
    try:
        verb = verb_of(kind, row.content)
        checked = accounts.shop(row.account).check(verb, command, key=row.key, offline=True)
        state, note, _ = state_of(checked)
    except SellercareError as error:
        state, note = verdict(error)
    return replace(row, state=state, note=note)


def _twin(row: JobRow, line: int, noun: str) -> str:
    if row.key and row.key.startswith(("reply-", "planned-", "decision-", "answer-")):
        return f"the same {noun} about the same is already on line {line}."
    return f"the key {row.key!r} is already on line {line}; each {noun} needs its own."


def in_order(work: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """`map` over threads: results in the order of the items, a few ahead, never all at once.

    Who is told of waits here is told of theirs, too.
    """
    if workers <= 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="plan")
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(copy_context().run, work, item))
            if len(waiting) >= workers * 2:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


__all__ = ["KINDS", "WORKERS", "Order", "in_order", "make_plan"]
