"""Bulk runs under torture: a stored plan of the wishes, whose rows the workers of two processes claim and send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sellercare.bulk.accounts import Accounts
from sellercare.bulk.decisions import DECISIONS
from sellercare.bulk.plan import KINDS
from sellercare.bulk.sending import TO_DO, Sender
from sellercare.shop import Shop
from sellercare.simulator.torture.machines import ACCOUNT, PausingStore
from sellercare.simulator.torture.scheduler import Scheduler
from sellercare.simulator.torture.wishes import Wish
from sellercare.store.jobs import Job, JobRow, JobState, RowState
from sellercare.store.records import Intent, IntentState
from sellercare.store.shifts import Shift


def planned(store: PausingStore, wishes: Sequence[Wish]) -> list[Job]:
    """A stored plan of the wishes that can be had in bulk, one for each kind of them."""
    jobs = []
    for kind in KINDS.values():
        mine = [wish for wish in wishes if _kind_of(wish) == kind.name]
        if mine:
            job = store.jobs.create(verb=kind.name, source="torture", offline=False, options={"asked": {}})
            store.jobs.add(job.id, [_row(number, wish) for number, wish in enumerate(mine, 1)])
            store.jobs.move(job.id, JobState.PLANNED)
            jobs.append(store.jobs.get(job.id))
    return jobs


def in_bulk(wish: Wish) -> bool:
    """Whether there is a bulk run of this kind."""
    return _kind_of(wish) in KINDS


def apply(store: PausingStore, shop: Shop, jobs: Sequence[Job], scheduler: Scheduler) -> None:
    """What a worker of a process at work on these jobs does: claim a row, send it, save what became of it."""
    accounts = Accounts([ACCOUNT], lambda _: shop)
    for job in jobs:
        shift, sender = Shift(store, job.id), Sender(store, accounts, job)
        shift.begin()
        for row in sender.rows_of(shift.parts(*TO_DO, account=ACCOUNT, least=1)):
            scheduler.note(f"row {row.key}")
            result = sender.one(row)
            if result.change is not None:
                store.jobs.finish(job.id, [result.change])
                scheduler.note(f"row {row.key}: {result.change.state} {result.change.note}")
        shift.end()


def untrue(store: PausingStore, jobs: Sequence[Job], intents: Mapping[tuple[str, str], Intent]) -> list[str]:
    """Rows that say another thing than the journal knows."""
    found = []
    for job in jobs:
        for row in store.jobs.rows(job.id):
            intent = intents.get((str(row.content["verb"]), row.key or ""))
            state = intent.state if intent is not None else None
            if row.state is RowState.CONFIRMED and state is not IntentState.CONFIRMED:
                found.append(f"row {row.key} is confirmed, its intent {state}")
    return found


def _kind_of(wish: Wish) -> str:
    group, _, name = wish.verb.partition(".")
    return "returns.decide" if group == "returns" and name in DECISIONS else wish.verb


def _row(number: int, wish: Wish) -> JobRow:
    command = wish.command.model_dump(mode="json", exclude_defaults=True)
    return JobRow(
        n=number,
        line=number + 1,
        account=ACCOUNT,
        target=str(getattr(wish.command, "target", "")),
        key=wish.key,
        state=RowState.READY,
        content={"command": command, "verb": wish.verb},
    )


__all__ = ["apply", "in_bulk", "planned", "untrue"]
