"""`sellercare journal`: every write that was ever asked for, as an audit trail; and removing personal data from it."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.output import Column, Table, note
from sellercare.cli.program import Group
from sellercare.cli.text import json_line, moment

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sellercare.store import Store
    from sellercare.store.trail import Entry

FIELDS = (
    "wanted_at",
    "account",
    "verb",
    "target",
    "what",
    "who",
    "why",
    "outcome",
    "settlement",
    "decided_at",
    "attempts",
    "approved_by",
    "said",
    "platform_id",
    "key",
    "error",
    "purged_at",
    "intent_id",
)
"""The columns of an export, in their order. Times are in UTC."""


@click.group(cls=Group)
def journal() -> None:
    """Every write: who, what, when, why, and what came of it."""


@journal.command()
@click.option("-a", "--account", multiple=True, metavar="NAME", help="Only this account; may be given several times.")
@click.option(
    "--since", type=options.WHEN, metavar="WHEN", help="Only what was wanted or decided since: 2025-03-01, 7d."
)
@click.option("--csv", "as_csv", is_flag=True, help="CSV, for spreadsheets.")
@options.as_json
def export(account: tuple[str, ...], since: datetime | None, as_csv: bool, as_json: bool) -> None:
    """Show the audit trail, oldest first.

    One line for each write that was asked for: by whom, what, when, why, and what came of it. With --csv or --json
    nothing is cut, and texts are whole unless they were purged.
    """
    if as_csv and as_json:
        raise click.UsageError("Give --csv or --json, not both.")
    from sellercare.store.trail import trail

    show = _as_csv if as_csv else _as_json if as_json else _as_table
    with _store() as store:
        show(line(entry) for entry in trail(store, accounts=account, since=since))


def line(entry: Entry) -> dict[str, Any]:
    """One write as a line of the export."""
    intent, approval = entry.intent, entry.approval
    error = intent.error if isinstance(intent.error, dict) else {}
    return {
        "wanted_at": _iso(intent.created_at),
        "account": intent.account,
        "verb": intent.verb,
        "target": intent.target,
        "what": None if intent.purged_at else intent.content,
        "who": intent.who,
        "why": intent.why,
        "outcome": intent.state.value,
        "settlement": intent.settlement,
        "decided_at": _iso(intent.decided_at),
        "attempts": intent.attempts,
        "approved_by": f"{approval.who}, {_iso(approval.at)}" if approval else None,
        "said": "; ".join(
            f"{word.who}, {_iso(word.said_at)}: {'landed' if word.landed else 'not landed'}" for word in entry.words
        ),
        "platform_id": intent.native_id,
        "key": intent.key,
        "error": error.get("message"),
        "purged_at": _iso(intent.purged_at),
        "intent_id": intent.id,
    }


def _as_json(lines: Iterator[dict[str, Any]]) -> None:
    for each in lines:
        click.echo(json_line({"type": "write"} | each))


def _as_csv(lines: Iterator[dict[str, Any]]) -> None:
    from sellercare.bulk.report import safe_cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in lines:
        what = "" if each["what"] is None else json.dumps(each["what"], ensure_ascii=False)
        writer.writerow([safe_cell(value) for value in (each | {"what": what}).values()])


def _as_table(lines: Iterator[dict[str, Any]]) -> None:
    table = Table(
        [
            Column("when", lambda each: each["wanted_at"][:16].replace("T", " ")),
            Column("account", lambda each: each["account"]),
            Column("verb", lambda each: each["verb"]),
            Column("target", lambda each: each["target"]),
            Column("outcome", _outcome),
            Column("who", lambda each: each["who"]),
            Column("why", _why, optional=True),
            Column("what", _in_short, cut=True, optional=True),
            Column("key", lambda each: each["key"], cut=True, optional=True),
        ]
    )
    for each in lines:
        table.add(each)
    table.flush()
    if not table.count:
        note("Nothing was written in this time.")


def _outcome(each: dict[str, Any]) -> str:
    return f"{each['outcome']}, {each['settlement']}" if each["settlement"] else str(each["outcome"])


def _why(each: dict[str, Any]) -> str:
    """The reason, who approved it, and what people said of its outcome."""
    approved = f"approved by {each['approved_by'].rpartition(',')[0]}" if each["approved_by"] else ""
    return "; ".join(filter(None, (each["why"], approved, each["said"])))


def _in_short(each: dict[str, Any]) -> str:
    """The amount and the text of a write: what a person looks for."""
    if each["what"] is None:
        return f"(purged {each['purged_at'][:10]})"
    amount = each["what"].get("amount") or {}
    sum_ = f"{amount.get('amount')} {amount.get('currency')}" if amount else ""
    return " ".join(filter(None, (sum_, each["what"].get("text") or each["what"].get("note"))))


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


@journal.command()
@click.option(
    "--older-than", type=options.AGE, required=True, metavar="AGE", help="30d: decided thirty days ago or earlier."
)
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask, remove.")
@options.as_json
def purge(older_than: timedelta, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove personal data from what is long done.

    Texts, amounts and the marketplace's answers go. Who wrote what kind of thing when, with which key, to which id, and
    what came of it stays, so that a repeated key still sends nothing. What is not decided yet is kept whole.
    """
    from sellercare.cli.errors import NotConfirmed
    from sellercare.store.purge import purge as remove

    with _store() as store:
        before = store.clock.now() - older_than
        found = remove(store, before, dry_run=True)
        if not dry_run:
            question = f"Remove the personal data of {found.writes:,} writes and {found.rows:,} rows for good?"
            if not yes and not click.confirm(question, err=True):
                raise NotConfirmed("You said no.", next_step="Nothing was removed.")
            found = remove(store, before)
    if as_json:
        click.echo(
            json_line(
                {
                    "type": "purge",
                    "before": before.isoformat(),
                    "dry_run": dry_run,
                    "writes": found.writes,
                    "rows": found.rows,
                    "open_writes": found.open_writes,
                    "open_rows": found.open_rows,
                    "looks": found.looks,
                }
            )
        )
        return
    done = "Would remove" if dry_run else "Removed"
    click.echo(
        f"{done} the personal data of {found.writes:,} writes and {found.rows:,} rows of bulk runs "
        f"from before {moment(before)} UTC."
    )
    if found.looks:
        note(f"{done} what {found.looks:,} looks at marketplaces had shown.")
    if found.open_writes or found.open_rows:
        note(
            f"Kept whole, because their outcome is open: {found.open_writes:,} writes and {found.open_rows:,} rows. "
            "`sellercare jobs list` shows the runs."
        )


@contextmanager
def _store() -> Iterator[Store]:
    """The store alone: this needs no account."""
    from sellercare.clock import SystemClock
    from sellercare.config import Config
    from sellercare.store import Store

    with Store.open(Config.load().store_url, clock=SystemClock()) as store:
        yield store


__all__ = ["FIELDS", "journal", "line"]
