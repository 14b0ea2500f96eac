"""`sellercare jobs`: bulk runs, planned, stopped or done: list them, look into them, carry on, call off, export."""

from __future__ import annotations

import sys
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sellercare.cli import options
from sellercare.cli.jobs_checks import approve, compared, settle, verify_job
from sellercare.cli.jobs_found import foreseen, summary_of, the_store
from sellercare.cli.output import Column, Table, note
from sellercare.cli.program import Group
from sellercare.cli.shops import opened
from sellercare.cli.text import json_line, moment
from sellercare.errors import BadInput

if TYPE_CHECKING:
    from sellercare.bulk.report import Summary

_ROWS = (
    *(Column(name, itemgetter(name)) for name in ("line", "account", "target", "state")),
    Column("money", lambda line: f"{line['amount']} {line['currency']}" if line["amount"] else ""),
    Column("text", itemgetter("text"), cut=True),
    Column("note", itemgetter("note")),
)
"""What of each row is shown to people: also what will be said and paid, which is what they approve."""

STATES = ("ready", "held", "rejected", "done", "confirmed", "refused", "unknown", "cancelled")


@click.group(cls=Group)
def jobs() -> None:
    """Bulk runs: list, look into, and carry on."""


@jobs.command("list")
@options.limit
@options.as_json
def list_jobs(limit: int | None, as_json: bool) -> None:
    """List bulk runs, newest first."""
    from sellercare.bulk.report import summary

    table = Table(
        [
            Column("id", lambda found: found.job.id),
            Column("when", lambda found: moment(found.job.created_at)),
            Column("what", lambda found: found.job.verb),
            Column("state", lambda found: found.job.state.value),
            Column("rows", _rows),
            Column("file", lambda found: found.job.source, cut=True, optional=True),
        ]
    )
    with the_store() as store:
        for job in store.jobs.list(limit):
            found = summary(store, job.id)
            if as_json:
                click.echo(json_line({"type": "job"} | found.plain()))
            else:
                table.add(found)
    table.flush()
    if not as_json and not table.count:
        note("There are no bulk runs yet: `sellercare bulk reply FILE` makes one.")


def _rows(found: Summary) -> str:
    return ", ".join(f"{count} {state.value}" for state, count in found.counts.items())


@jobs.command("show")
@click.argument("job_id", metavar="ID")
@click.option("--state", type=click.Choice(STATES), multiple=True, help="List all rows in this state.")
@click.option("--compare", is_flag=True, help="Ask the marketplace what has changed since the plan, row by row.")
@options.report
@options.as_json
def show_job(job_id: str, state: tuple[str, ...], compare: bool, report: Path | None, as_json: bool) -> None:
    """Show one bulk run: its plan, and what became of the rows. ID may be cut short."""
    if compare:
        compared(job_id, as_json=as_json)
        return
    from sellercare.bulk.report import lines, write
    from sellercare.cli import bulk_view as view
    from sellercare.config import Config
    from sellercare.store.jobs import RowState

    with the_store() as store:
        found = summary_of(store, job_id)
        states = [RowState(each) for each in state]
        if as_json:
            click.echo(json_line({"type": "job"} | found.plain() | foreseen(store, found.job, Config.load()).plain()))
            view.print_rows(store, found.job.id, *states)
        elif states:
            table = Table(_ROWS)
            for line in lines(store, found.job.id, *states):
                table.add(line)
            table.flush()
        else:
            view.show_plan(store, found, foreseen(store, found.job, Config.load()))
            if found.count(RowState.READY):
                view.tell_looking(found)
            click.echo(f"  state: {found.job.state.value}, {moment(found.job.changed_at)} UTC")
        if report is not None:
            write(store, found.job.id, report)
            note(f"The report is in {report}.")


@jobs.command("resume")
@click.argument("job_id", metavar="ID")
@options.workers
@options.report
@options.compare
@options.yes
@options.as_json
def resume(job_id: str, workers: int, report: Path | None, compare: bool | None, yes: bool, as_json: bool) -> None:
    """Carry on with a bulk run: send what is still ready, look up what is unknown. Nothing is sent twice."""
    from sellercare.bulk.accounts import Accounts
    from sellercare.bulk.apply import check_job
    from sellercare.cli import bulk_view as view

    with opened((), True, as_json=as_json) as desk:
        found = summary_of(desk.store, job_id)
        check_job(desk.store, found.job)
        money = foreseen(desk.store, found.job, desk.config)
        if as_json:
            click.echo(json_line({"type": "plan"} | found.plain() | money.plain()))
        else:
            view.show_plan(desk.store, found, money)
        code = view.send(
            desk.store,
            Accounts(desk.names, desk.shop),
            found.job.id,
            yes=yes,
            workers=workers,
            report=report,
            as_json=as_json,
            compare=compare,
        )
    click.get_current_context().exit(code)


@jobs.command()
@click.argument("job_id", metavar="ID")
@options.yes
@options.as_json
def cancel(job_id: str, yes: bool, as_json: bool) -> None:
    """Call off what was not sent of a bulk run. What was sent stays; what is on its way finishes."""
    from sellercare.cli.errors import NotConfirmed
    from sellercare.store.jobs import JobState, RowState

    with the_store() as store:
        found = summary_of(store, job_id)
        left = found.count(RowState.READY, RowState.HELD)
        if found.job.state is JobState.APPLIED and not left:
            raise BadInput("Nothing is left to call off: all of it was sent or refused.", field="ID")
        if not yes and not click.confirm(f"Call off {left:,} of {found.rows:,} rows?", err=True):
            raise NotConfirmed("You said no.", next_step="Nothing was called off.")
        count = store.jobs.cancel(found.job.id)
        if as_json:
            click.echo(json_line({"type": "job", "cancelled": count} | summary_of(store, found.job.id).plain()))
        else:
            note(f"Called off {count:,} rows. They are not sent, unless the file is planned again.")


@jobs.command("export")
@click.argument("job_id", metavar="ID")
@click.option("--csv", "form", flag_value="csv", default="csv", help="CSV, for spreadsheets.")
@click.option("--jsonl", "form", flag_value="jsonl", help="JSON Lines, for programs.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Into this file.")
def export_job(job_id: str, form: str, output: Path | None) -> None:
    """Write a line for each row: outcome, settlement, the platform's id, times, attempts, what was sent."""
    from sellercare.bulk.report import export

    with the_store() as store:
        found = summary_of(store, job_id)
        if output is None:
            export(store, found.job.id, sys.stdout, as_csv=form == "csv")
            return
        try:
            with output.open("w", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="") as text:
                export(store, found.job.id, text, as_csv=form == "csv")
        except OSError as error:
            raise BadInput(f"{output} cannot be written: {error.strerror or error}.", field="output") from None
        note(f"The export is in {output}.")


jobs.add_command(approve)
jobs.add_command(settle)
jobs.add_command(verify_job)

__all__ = ["jobs"]
