"""A bulk run by the beginning of its id, and a row or write of it by what a person types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sellercare.errors import BadInput

if TYPE_CHECKING:
    from sellercare.bulk.foresight import Foresight
    from sellercare.bulk.report import Summary
    from sellercare.config import Config
    from sellercare.store import Store
    from sellercare.store.jobs import Job
    from sellercare.store.records import Intent


def summary_of(store: Store, job_id: str) -> Summary:
    """The numbers of a job; BadInput names the newest ones if there is none of this id."""
    from sellercare.bulk.report import summary

    try:
        return summary(store, job_id)
    except KeyError:
        known = ", ".join(job.id for job in store.jobs.list(5)) or "none yet"
        raise BadInput(
            f"There is no bulk run {job_id!r}, or several begin so.",
            field="ID",
            next_step=f"The newest: {known}.",
        ) from None


def foreseen(store: Store, job: Job, config: Config) -> Foresight:
    """What a plan's money comes to against the limits of the accounts as they are configured now."""
    from sellercare.bulk.foresight import foresee
    from sellercare.store.limits import Limits

    def own(account: str) -> Limits:
        known = config.accounts.get(account)
        return Limits.read(account, known.limits) if known else Limits()

    return foresee(store, job, own)


@contextmanager
def the_store() -> Iterator[Store]:
    """The store alone: looking at runs needs no account."""
    from sellercare.clock import SystemClock
    from sellercare.config import Config
    from sellercare.store import Store

    with Store.open(Config.load().store_url, clock=SystemClock()) as store:
        yield store


def write_of(store: Store, name: str) -> Intent:
    """The write that `JOB:LINE` or the id of an intent names. Raises BadInput."""
    job_id, colon, line = name.rpartition(":")
    intent_id: str | None = name
    if colon:
        job = summary_of(store, job_id).job
        row = store.jobs.at_line(job.id, int(line)) if line.isdigit() else None
        if row is None:
            raise BadInput(f"The bulk run {job.id} has no row on line {line}.", field="WRITE")
        intent_id = row.intent_id
    try:
        return store.intents.get(intent_id or "")
    except KeyError:
        raise BadInput(
            f"There is no write {name!r}." if not colon else f"Line {line} was never sent.",
            field="WRITE",
            next_step="Name it as JOB:LINE, or by its intent_id, which `sellercare jobs export JOB` shows.",
        ) from None


__all__ = ["foreseen", "summary_of", "the_store", "write_of"]
