"""`sellercare jobs`: bulk runs, planned, stopped or done: list them, look into them, and carry on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sellercare.cli import options
from sellercare.cli.output import Column, Table, note
from sellercare.cli.program import Group
from sellercare.cli.shops import opened
from sellercare.cli.text import json_line, moment
from sellercare.errors import BadInput

if TYPE_CHECKING:
    from sellercare.bulk.report import Summary
    from sellercare.store import Store

STATES = ("ready", "held", "rejected", "done", "confirmed", "refused", "unknown")


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
    with _store() as store:
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
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a line for each row to FILE: CSV, or JSON Lines if it ends in .jsonl.",
)
@options.as_json
def show_job(job_id: str, state: tuple[str, ...], report: Path | None, as_json: bool) -> None:
    """Show one bulk run: its plan, and what became of the rows. ID may be cut short."""
    from sellercare.bulk.report import lines, write
    from sellercare.cli import bulk_view as view
    from sellercare.store.jobs import RowState

    with _store() as store:
        found = _summary(store, job_id)
        states = [RowState(each) for each in state]
        if as_json:
            click.echo(json_line({"type": "job"} | found.plain()))
            view.print_rows(store, found.job.id, *states)
        elif states:
            table = Table([Column(name, itemgetter(name)) for name in ("line", "account", "target", "state", "note")])
            for line in lines(store, found.job.id, *states):
                table.add(line)
            table.flush()
        else:
            view.show_plan(store, found)
            click.echo(f"  state: {found.job.state.value}, {moment(found.job.changed_at)} UTC")
        if report is not None:
            write(store, found.job.id, report)
            note(f"The report is in {report}.")


@jobs.command("resume")
@click.argument("job_id", metavar="ID")
@click.option(
    "--workers",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    metavar="N",
    help="Calls at once for each account.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a line for each row to FILE: CSV, or JSON Lines if it ends in .jsonl.",
)
@options.yes
@options.as_json
def resume(job_id: str, workers: int, report: Path | None, yes: bool, as_json: bool) -> None:
    """Carry on with a bulk run: send what is still ready, look up what is unknown. Nothing is sent twice."""
    from sellercare.bulk.accounts import Accounts
    from sellercare.bulk.apply import check_job
    from sellercare.cli import bulk_view as view

    with opened((), True, as_json=as_json) as desk:
        found = _summary(desk.store, job_id)
        check_job(desk.store, found.job)
        if as_json:
            click.echo(json_line({"type": "plan"} | found.plain()))
        else:
            view.show_plan(desk.store, found)
        code = view.send(
            desk.store,
            Accounts(desk.names, desk.shop),
            found.job.id,
            yes=yes,
            workers=workers,
            report=report,
            as_json=as_json,
        )
    click.get_current_context().exit(code)


def _summary(store: Store, job_id: str) -> Summary:
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


@contextmanager
def _store() -> Iterator[Store]:
    """The store alone: looking at runs needs no account."""
    from sellercare.clock import SystemClock
    from sellercare.config import Config
    from sellercare.store import Store

    with Store.open(Config.load().store_url, clock=SystemClock()) as store:
        yield store


__all__ = ["jobs"]
