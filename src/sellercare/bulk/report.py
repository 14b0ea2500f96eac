"""What a job comes to: counts and money for people, one line a row for files and programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from sellercare.calls import to_json
from sellercare.errors import BadInput
from sellercare.models import Money
from sellercare.store import Store
from sellercare.store.jobs import Job, RowState, Told

COLUMNS = (
    "line",
    "account",
    "target",
    "key",
    "state",
    "settlement",
    "native_id",
    "amount",
    "currency",
    "decided_at",
    "attempts",
    "text",
    "note",
    "intent_id",
    "verb",
    "sent_at",
    "approved_by",
    "sent",
)
"""The columns of a report, in their order."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A job in numbers. `money` is what the rows that are ready would move, `moved` what those confirmed have moved,
    both by currency."""

    job: Job
    counts: Mapping[RowState, int]
    accounts: Mapping[str, Mapping[RowState, int]]
    money: Mapping[str, Money]
    moved: Mapping[str, Money]
    unknown_money: Mapping[str, Money]
    settlements: Mapping[str, int]
    consequences: Mapping[str, int]
    seconds: float
    pace: tuple[Mapping[str, Any], ...]

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.counts.values())

    def count(self, *states: RowState) -> int:
        """How many rows are in these states."""
        return sum(self.counts.get(state, 0) for state in states)

    def plain(self) -> dict[str, Any]:
        """As one JSON object."""
        return {
            "job": self.job.id,
            "verb": self.job.verb,
            "source": self.job.source,
            "state": self.job.state.value,
            "offline": self.job.offline,
            "created_at": self.job.created_at.isoformat(),
            "rows": self.rows,
            "counts": {state.value: self.counts.get(state, 0) for state in RowState},
            "accounts": {
                name: {state.value: count for state, count in sorted(counts.items())}
                for name, counts in self.accounts.items()
            },
            "money": _plain_money(self.money),
            "moved": _plain_money(self.moved),
            "unknown_money": _plain_money(self.unknown_money),
            "settlements": dict(self.settlements),
            "consequences": dict(self.consequences),
            "seconds": self.seconds,
            "pace": list(self.pace),
        }


def summary(store: Store, job_id: str) -> Summary:
    """The numbers of a job as they are now. Raises KeyError for no such job."""
    job = store.jobs.get(job_id)
    counts: dict[RowState, int] = {}
    accounts: dict[str, dict[RowState, int]] = {}
    for (account, state), count in sorted(store.jobs.counts(job.id).items()):
        counts[state] = counts.get(state, 0) + count
        accounts.setdefault(account, {})[state] = count
    pace = tuple({**each, "seconds": float(each["seconds"])} for each in job.options.get("pace", ()))
    return Summary(
        job=job,
        counts=counts,
        accounts=accounts,
        money=_money(store, job, RowState.READY),
        moved=_money(store, job, RowState.CONFIRMED),
        unknown_money=_money(store, job, RowState.UNKNOWN),
        settlements=store.jobs.settlements(job.id),
        consequences=job.options.get("consequences", {}),
        seconds=max((each["seconds"] for each in pace), default=0.0),
        pace=pace,
    )


def _money(store: Store, job: Job, state: RowState) -> dict[str, Money]:
    total: dict[str, Decimal] = {}
    for (_, currency), amount in store.jobs.money(job.id, state).items():
        total[currency] = total.get(currency, Decimal(0)) + amount
    return {currency: Money(amount=amount, currency=currency) for currency, amount in sorted(total.items())}


def _plain_money(money: Mapping[str, Money]) -> dict[str, str]:
    return {currency: each.plain() for currency, each in money.items()}


def lines(store: Store, job_id: str, *states: RowState) -> Iterator[dict[str, Any]]:
    """One plain object for each row, in the order of the file."""
    for told in store.jobs.told(job_id, *states):
        yield line(told)


def line(told: Told) -> dict[str, Any]:
    """A row of the report: what it was, what became of it, and what was sent."""
    row = told.row
    content = row.content or {}
    command = content.get("command") or content.get("draft") or {}
    return {
        "line": row.line,
        "account": row.account,
        "target": row.target,
        "key": row.key,
        "state": row.state.value,
        "settlement": told.settlement,
        "native_id": told.native_id,
        "amount": None if row.amount is None else str(row.amount),
        "currency": row.currency,
        "decided_at": told.decided_at.isoformat() if told.decided_at else None,
        "attempts": told.attempts,
        "text": command.get("text") or command.get("note"),
        "note": row.note,
        "intent_id": row.intent_id,
        "verb": content.get("verb"),
        "sent_at": told.sent_at.isoformat() if told.sent_at else None,
        "approved_by": row.approved_by,
        "sent": content.get("command"),
        "waits_for": row.waits_for.value,
    }


def write(store: Store, job_id: str, file: Path) -> None:
    """Write the report: CSV, or JSON Lines where the file's name says so. Raises BadInput if it cannot be written."""
    as_csv = file.suffix.lower() not in (".jsonl", ".ndjson", ".json")
    try:
        # Spreadsheets know UTF-8 by its mark.
        with file.open("w", encoding="utf-8-sig" if as_csv else "utf-8", newline="") as text:
            export(store, job_id, text, as_csv=as_csv)
    except OSError as error:
        raise BadInput(
            f"The report {file} cannot be written: {error.strerror or error}.",
            field="report",
            next_step=f"Nothing of the job is lost: write it again with `sellercare jobs export {job_id}`.",
        ) from None


def export(store: Store, job_id: str, text: TextIO, *, as_csv: bool) -> None:
    """Write a line for each row into an open file, as CSV or JSON Lines."""
    if not as_csv:
        for each in lines(store, job_id):
            text.write(to_json(each).decode() + "\n")
        return
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for each in lines(store, job_id):
        writer.writerow([safe_cell(_flat(each[name])) for name in COLUMNS])


def _flat(value: object) -> object:
    """What was sent is a document; in a cell it is written as JSON."""
    return to_json(value).decode() if isinstance(value, dict) else value


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: texts of buyers and platforms are untrusted."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def worst(found: Summary) -> RowState | None:
    """The state that decides how the run ended: unknown, else the first that was not done, else None."""
    order = (RowState.UNKNOWN, RowState.REFUSED, RowState.REJECTED, RowState.HELD, RowState.READY)
    return next((state for state in order if found.count(state)), None)


__all__ = ["COLUMNS", "Summary", "export", "line", "lines", "safe_cell", "summary", "worst", "write"]
