"""`sellercare bulk`: answer, decide or pay back many, from a file. The plan is shown first, then asked, then sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sellercare.cli import options
from sellercare.cli.errors import NotConfirmed
from sellercare.cli.jobs_found import foreseen
from sellercare.cli.output import note
from sellercare.cli.program import Group
from sellercare.cli.shops import opened
from sellercare.errors import BadInput

if TYPE_CHECKING:
    from sellercare.bulk.accounts import Accounts
    from sellercare.bulk.files import RowFile
    from sellercare.bulk.plan import Order
    from sellercare.cli.shops import Desk


F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class How:
    """The options that all commands share."""

    account: tuple[str, ...]
    all_accounts: bool
    offline: bool
    dry_run: bool
    yes: bool
    skip_bad: bool
    workers: int
    compare: bool | None
    report: Path | None
    format: str | None
    as_json: bool


def _shared(command: Any) -> Any:
    """The options of a bulk run, and FILE."""
    for option in (
        options.as_json,
        options.report,
        click.option("--format", type=click.Choice(["csv", "jsonl"]), help="What FILE is, if its name does not say."),
        options.workers,
        options.compare,
        click.option("--skip-bad", is_flag=True, help="Leave bad rows out; else one bad row stops all."),
        options.yes,
        options.dry_run,
        options.offline,
        options.accounts,
        click.argument("file", metavar="FILE"),
    ):
        command = option(command)
    return command


@click.group(cls=Group)
def bulk() -> None:
    """Answer, decide or pay back many, from a file.

    FILE is CSV (comma, semicolon or tab, with a header line) or JSON Lines, in UTF-8; `-` is standard input.
    The plan is shown first: what is ready, what is held or rejected and why, the money, the time. Then you are asked.
    The same file again sends nothing that was sent before.
    """


def _template(text: str) -> Callable[[F], F]:
    """`--template FILE`, with an example."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option("--template", type=path, metavar="FILE", help=f"For rows without a text: {text}")


_run_name = click.option(
    "--run",
    metavar="NAME",
    default="",
    help="Make keys for rows without one from NAME and what the row says; also what a limit on a run counts.",
)


@bulk.command("reply")
@_shared
@_template('Hello {{ buyer.name or "there" }}, your order {{ order.number }} …')
@click.option("--even-if-answered", is_flag=True, help="Write to buyers, too, whom the seller has answered already.")
def reply(file: str, template: Path | None, even_if_answered: bool, **shared: Any) -> None:
    """Send the replies in FILE.

    Columns: thread_id, text or template; if you like account, key, answers (the id of the message that is answered),
    to (buyer or platform). Other columns are data for templates, as row.NAME.
    """
    from sellercare.bulk.plan import Order

    order = Order("messages.reply", template=_read(template), even_if_answered=even_if_answered)
    _run(file, order, How(**shared))


@bulk.command("refund")
@_shared
@options.limits
@_run_name
def refund(file: str, run: str, **shared: Any) -> None:
    """Issue the refunds in FILE.

    Columns: order_id or return_id, amount and currency or lines (ID=2|ID), key; if you like account, option, reason,
    note. Every row needs a key of its own, or the run a name: the same key again pays nothing.
    """
    from sellercare.bulk.plan import Order

    limits = options.limits_of(shared)
    _run(file, Order("refunds.issue", run=run.strip(), limits=limits), How(**shared))


@bulk.command("return")
@_shared
@options.limits
@_run_name
def return_(file: str, run: str, **shared: Any) -> None:
    """Decide the returns in FILE.

    Columns: return_id, decision (approve, decline, receive, offer); if you like account, variant, lines (ID=2|ID),
    reason, note, amount and currency, key. A decision that may move money needs a key, or the run a name.
    """
    from sellercare.bulk.plan import Order

    limits = options.limits_of(shared)
    _run(file, Order("returns.decide", run=run.strip(), limits=limits), How(**shared))


@bulk.command("review-reply")
@_shared
@_template("Thank you for your words about {{ row.product }}. Everybody reads it: no data of the buyer.")
def review_reply(file: str, template: Path | None, **shared: Any) -> None:
    """Answer the reviews in FILE, for everybody to read.

    Columns: review_id, text or template; if you like account, replace (yes, to overwrite an answer), key. Templates
    see the row's own columns alone, as row.NAME.
    """
    from sellercare.bulk.plan import Order

    _run(file, Order("reviews.reply", template=_read(template)), How(**shared))


def _read(template: Path | None) -> str:
    if template is None:
        return ""
    try:
        text = template.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise BadInput(f"The template {template} cannot be read: {reason}.", field="template") from None
    if not text.strip():
        raise BadInput(f"The template {template} is empty.", field="template")
    return text


def _run(file: str, order: Order, how: How) -> None:
    if file == "-" and not (how.yes or how.dry_run):
        raise BadInput(
            "The rows come from standard input, so nobody can be asked there.",
            next_step="Add --yes, or --dry-run to look first.",
        )
    _check_report(file, how.report)
    from sellercare.bulk.accounts import Accounts

    order = replace(order, offline=how.offline, skip_bad=how.skip_bad, workers=how.workers)
    with opened(how.account, how.all_accounts or not how.account, as_json=how.as_json) as desk:
        code = _planned(file, order, how, Accounts(desk.names, desk.shop), desk)
    click.get_current_context().exit(code)


def _check_report(file: str, report: Path | None) -> None:
    """Raise BadInput, before anything is sent, where the report has no place or would be written over the rows."""
    if report is not None and not report.parent.is_dir():
        raise BadInput(f"The report {report} cannot be written: there is no such folder.", field="report")
    if report is not None and file != "-" and Path(file).exists() and report.exists() and report.samefile(file):
        raise BadInput(
            f"The report would be written over the rows in {file}.",
            field="report",
            next_step="Give the report a name of its own.",
        )


def _ask_to_look(desk: Desk, order: Order, *, yes: bool) -> None:
    """Where planning changes something at a marketplace, it is said before, and nobody does it unasked."""
    from sellercare import registry
    from sellercare.bulk.plan import KINDS

    adapters = {registry.load(desk.config.account(name).adapter) for name in desk.names}
    looks = {adapter.title: KINDS[order.verb].look_changes(adapter) for adapter in adapters}
    for title, changes in sorted(looks.items()):
        if changes:
            note("To plan this, each row's thread is looked at once, and again when it is sent.")
            note(f"At {title} that {changes}.")
    if any(looks.values()) and not yes and not click.confirm("Look at them now?", err=True):
        raise NotConfirmed(
            "You said no.", next_step="Add --offline: then a row is looked at only when its turn to be sent comes."
        )


def _tell_unused(rows: RowFile, verb: str) -> None:
    """Say which columns mean nothing here: a `quantity` beside `lines` is no quantity. Templates read all columns."""
    from sellercare.bulk.plan import KINDS

    known = KINDS[verb].columns
    unused = [column for column in rows.columns if column and column not in known]
    if unused and "template" not in known:
        note(f"Not used: {', '.join(unused)}. Known columns: {', '.join(known)}.")


def _planned(file: str, order: Order, how: How, accounts: Accounts, desk: Desk) -> int:
    from sellercare.bulk.files import open_rows
    from sellercare.bulk.plan import make_plan
    from sellercare.bulk.report import summary, write
    from sellercare.cli import bulk_view as view
    from sellercare.cli.text import json_line
    from sellercare.store.jobs import RowState

    store = desk.store
    kind: Any = how.format
    if not order.offline:
        _ask_to_look(desk, order, yes=how.yes)
    with open_rows(file, format=kind) as rows, view.bar("Planning", None) as watch:
        _tell_unused(rows, order.verb)
        job = make_plan(store, accounts, rows, order, watch)
    found = summary(store, job.id)
    money = foreseen(store, job, desk.config)
    if how.as_json:
        click.echo(json_line({"type": "plan"} | found.plain() | money.plain()))
    else:
        view.show_plan(store, found, money)
    bad = found.count(RowState.REJECTED)
    blocked = bad > 0 and not order.skip_bad
    if not blocked and not how.dry_run:
        return view.send(
            store,
            accounts,
            job.id,
            yes=how.yes,
            workers=order.workers,
            report=how.report,
            as_json=how.as_json,
            compare=how.compare,
        )
    if how.as_json:
        view.print_rows(store, job.id)
    if how.report is not None:
        write(store, job.id, how.report)
    if blocked:
        return view.refuse_bad(found, as_json=how.as_json)
    note(f"Dry run: nothing was sent. `sellercare jobs resume {job.id}` sends this plan.")
    view.tell_rows(found)
    view.tell_looking(found)
    return 1 if bad else 0


__all__ = ["bulk"]
