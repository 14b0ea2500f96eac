"""A stored plan against the world of now: which rows would be held if it were applied."""

from __future__ import annotations

from collections.abc import Iterator

from sellercare.bulk.accounts import Accounts
from sellercare.bulk.plan import KINDS, WORKERS, in_order
from sellercare.bulk.prepared import told
from sellercare.errors import ConfigError, SellercareError, StoreError, Unauthorized
from sellercare.store import Store
from sellercare.store.jobs import Job, JobRow, RowState


def compare(store: Store, accounts: Accounts, job: Job, *, workers: int = WORKERS) -> Iterator[tuple[JobRow, str]]:
    """The rows that are ready, each with what has changed since the plan (empty: nothing). Sends and changes nothing.

    An offline plan has seen nothing that could have changed. Raises what concerns all rows.
    """
    kind = KINDS[job.verb]

    def one(row: JobRow) -> tuple[JobRow, str]:
        if not row.content or "command" not in row.content:
            return row, ""
        try:
            return row, kind.look(accounts.shop(row.account), job, row)
        except (StoreError, ConfigError, Unauthorized):
            raise
        except SellercareError as error:
            return row, told(error)

    yield from in_order(one, store.jobs.rows(job.id, RowState.READY), workers)


__all__ = ["compare"]
