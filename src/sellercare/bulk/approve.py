"""A person's word for rows that are held: above a limit, or planned for a world that has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sellercare.bulk.plan import KINDS
from sellercare.bulk.prepared import Wishes, verb_of
from sellercare.journal.fingerprint import fingerprint
from sellercare.models import Money
from sellercare.store import Store
from sellercare.store.jobs import Job, JobRow, WaitsFor
from sellercare.store.stakes import Stake


def approve(store: Store, job: Job, rows: Iterable[JobRow], who: str) -> int:
    """Let held rows go; they are ready then. Returns how many. Who approved is kept with the row and in the journal.

    What is approved is this content and this sum: a row that would move more by the time it is sent is held again.
    """
    kind = KINDS[job.verb]
    count = 0
    for row in rows:
        command = kind.whole(row) if row.content else None
        if command is None:
            continue
        if row.waits_for is WaitsFor.APPROVAL:
            money = Money(amount=row.amount, currency=row.currency) if row.amount and row.currency else None
            verb = verb_of(kind, row.content)
            mark = fingerprint(verb, command)
            stake = Stake(row.account, verb, row.key or "", mark, money, Wishes.of(job).limits)
            store.stakes.approve(stake, who)
        else:
            # Somebody has looked at what has changed: it is not compared again.
            row = replace(row, content={name: kept for name, kept in row.content.items() if name != "seen"})
        count += store.jobs.approve(job.id, row, who)
    return count


__all__ = ["approve"]
