"""After and between: what the marketplace shows of a run, and what a person says about it.

`jobs verify`, `jobs show --compare`, `jobs approve` and `jobs settle`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.errors import DONE, FAILED, NotConfirmed, exit_code, show
from sellercare.cli.jobs_found import summary_of, the_store, write_of
from sellercare.cli.output import Column, Table, note
from sellercare.cli.shops import Desk, opened
from sellercare.cli.text import json_line
from sellercare.errors import BadInput, SellercareError, Unauthorized

if TYPE_CHECKING:
    from sellercare.bulk.accounts import Accounts
    from sellercare.store.records import Intent

SHOWN = 20
"""Held rows that are listed before the question; the rest is counted."""


@click.command("verify")
@click.argument("job_id", metavar="ID")
@options.workers
@options.as_json
def verify_job(job_id: str, workers: int, as_json: bool) -> None:
    """Read back what a bulk run has sent, row by row: it agrees, differs (how), or cannot be checked (why).

    Sends nothing. Ends with 1 if a row differs.
    """
    from sellercare.bulk.verify import Agreement, verify

    table = Table([_column(name, cut=name == "why") for name in ("line", "account", "target", "found", "why")])
    counts: Counter[str] = Counter()
    with opened((), True, as_json=as_json) as desk:
        found = summary_of(desk.store, job_id)
        for each in verify(desk.store, _accounts(desk), found.job, workers=workers):
            counts[each.agreement.value] += 1
            plain = {"line": each.row.line, "account": each.row.account, "target": each.row.target}
            plain |= {"found": each.agreement.value, "why": each.why}
            if as_json:
                more = {"native_id": each.native_id, "intent_id": each.row.intent_id}
                click.echo(json_line({"type": "verified"} | plain | more))
            elif each.agreement is not Agreement.AGREES:
                table.add(plain)
        table.flush()
        if as_json:
            click.echo(json_line({"type": "result", "job": found.job.id, "counts": dict(counts)}))
        else:
            note(", ".join(f"{counts[kind.value]:,} {_words(kind.value, counts[kind.value])}" for kind in Agreement))
    click.get_current_context().exit(FAILED if counts[Agreement.DIFFERS.value] else DONE)


def _words(found: str, count: int) -> str:
    plural = {"agrees": "agree", "differs": "differ"}
    return found if count == 1 else plural.get(found, found)


def _column(name: str, *, cut: bool = False) -> Column:
    return Column(name, lambda plain: plain[name], cut=cut)


def _accounts(desk: Desk) -> Accounts:
    from sellercare.bulk.accounts import Accounts

    return Accounts(desk.names, desk.shop)


def compared(job_id: str, *, as_json: bool) -> None:
    """`jobs show --compare`: the rows that are ready whose world has changed since the plan. Sends nothing."""
    from sellercare.bulk.compare import compare

    table = Table([_column("line"), _column("account"), _column("target"), _column("changed", cut=True)])
    rows = 0
    with opened((), True, as_json=as_json) as desk:
        found = summary_of(desk.store, job_id)
        for row, changed in compare(desk.store, _accounts(desk), found.job):
            rows += 1
            plain = {"line": row.line, "account": row.account, "target": row.target, "changed": changed}
            if as_json:
                click.echo(json_line({"type": "compared"} | plain))
            elif changed:
                table.add(plain)
        table.flush()
        if not as_json:
            note(f"{rows - table.count:,} of {rows:,} rows that are ready are as they were planned.")


@click.command("approve")
@click.argument("job_id", metavar="ID")
@click.option(
    "--row", "line", type=click.IntRange(min=1), metavar="LINE", help="Only the row on this line of the file."
)
@click.option("--who", metavar="NAME", help="Who approves; your user name if it is not given.")
@options.yes
@options.as_json
def approve(job_id: str, line: int | None, who: str | None, yes: bool, as_json: bool) -> None:
    """Let rows go that are held: above a limit of yours, or because the world has changed since the plan.

    They are sent by `jobs resume`. Who approved them is kept.
    """
    from sellercare.bulk.approve import approve as let_go
    from sellercare.bulk.report import summary
    from sellercare.cli.bulk_view import things
    from sellercare.shop.shop import user

    with the_store() as store:
        job = summary_of(store, job_id).job
        count = 0
        for row in store.jobs.waiting(job.id, line):
            count += 1
            if count <= SHOWN and not as_json:
                click.echo(f"  line {row.line}  {row.amount or ''} {row.currency or ''}  {row.note}".rstrip())
        if not count:
            raise BadInput("No row of this run waits for an approval.", field="ID" if line is None else "row")
        if count > SHOWN:
            note(f"and {count - SHOWN:,} more: sellercare jobs show {job.id} --state held")
        if not yes and not click.confirm(f"Approve {things(job.verb, count)}?", err=True):
            raise NotConfirmed("You said no.", next_step="They stay held.")
        name = who or user() or "unknown"
        done = let_go(store, job, store.jobs.waiting(job.id, line), name)
        if as_json:
            click.echo(json_line({"type": "job", "approved": done, "who": name} | summary(store, job.id).plain()))
        else:
            note(f"{things(job.verb, done)} approved by {name}: `sellercare jobs resume {job.id}` sends them.")


@click.command("settle")
@click.argument("write", metavar="WRITE", required=False)
@click.option("--landed/--not-landed", default=None, help="What you have seen at the marketplace.")
@click.option("--id", "native_id", metavar="ID", help="The marketplace's id of what landed.")
@click.option("--follow", is_flag=True, help="Ask what became of refunds that were accepted: done, pending or failed.")
@click.option("--who", metavar="NAME", help="Who says so; your user name if it is not given.")
@options.yes
@options.as_json
def settle(
    write: str | None,
    landed: bool | None,
    native_id: str | None,
    follow: bool,
    who: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Say what became of a write whose outcome is unknown, or ask what became of refunds.

    WRITE is JOB:LINE, or the id of an intent. Look at the marketplace first: --landed confirms it, --not-landed makes
    it ready to be sent again, under the same key. Nothing else moves an unknown write without proof, and your word is
    kept with your name and the time. With --follow, WRITE is a bulk run, all refunds of which are asked for, those
    that were paid, too; without one, all refunds that are pending.
    """
    if follow:
        if landed is not None:
            raise click.UsageError("--follow asks the marketplace; it takes neither --landed nor --not-landed.")
        _follow(write, as_json=as_json)
        return
    if write is None or landed is None:
        raise click.UsageError("Name the write, and say --landed or --not-landed; or --follow.")
    if native_id and not landed:
        raise click.UsageError("What did not land has no --id.")
    with opened((), True, as_json=as_json) as desk:
        intent = write_of(desk.store, write)
        what = f"{intent.verb} {intent.target} of {intent.account}, sent {intent.sent_at:%Y-%m-%d %H:%M} UTC"
        says = "landed" if landed else "did not land, so that it may be sent again"
        if not yes and not click.confirm(f"{what}: it {says}?", err=True):
            raise NotConfirmed("You said no.", next_step="It stays unknown.")
        shop = _accounts(desk).shop(intent.account)
        now = shop.settle(intent.id, landed=landed, native_id=native_id, who=who or "")
        if as_json:
            click.echo(json_line({"type": "settled"} | _plain(now) | {"landed": landed}))
        elif landed:
            note("It is confirmed. Nothing is sent.")
        else:
            note("It is ready again: the same key, or `sellercare jobs resume`, sends it once.")


def _plain(intent: Intent) -> dict[str, Any]:
    return {
        "intent_id": intent.id,
        "account": intent.account,
        "verb": intent.verb,
        "target": intent.target,
        "key": intent.key,
        "state": intent.state.value,
        "native_id": intent.native_id,
        "settlement": intent.settlement,
    }


def _follow(job_id: str | None, *, as_json: bool) -> None:
    from sellercare.shop.settling import FOLLOWED
    from sellercare.store.jobs import RowState
    from sellercare.store.trail import trail

    table = Table([_column(name) for name in ("intent_id", "account", "target", "native_id", "was", "settlement")])
    counts: Counter[str] = Counter()
    with opened((), True, as_json=as_json) as desk:
        accounts = _accounts(desk)
        if job_id is None:
            wanted = (each.intent for each in trail(desk.store) if each.intent.settlement == "pending")
        else:
            rows = desk.store.jobs.rows(summary_of(desk.store, job_id).job.id, RowState.CONFIRMED)
            wanted = (desk.store.intents.get(row.intent_id) for row in rows if row.intent_id)
        for intent in wanted:
            if intent.verb != FOLLOWED or intent.account not in accounts.names:
                continue
            now = _settlement(desk, accounts, intent)
            counts[now or "not told"] += 1
            plain = _plain(intent) | {"was": intent.settlement, "settlement": now}
            if as_json:
                click.echo(json_line({"type": "settlement"} | plain))
            elif now != intent.settlement or now == "failed":
                table.add(plain)
        table.flush()
        if not as_json:
            note(", ".join(f"{count:,} {name}" for name, count in counts.items()) or "No refund is pending.")
        if counts["failed"]:
            note("What failed was accepted and then not paid: look at it at the marketplace.")
            desk.noted(FAILED)


def _settlement(desk: Desk, accounts: Accounts, intent: Intent) -> str:
    """What the platform makes of it now; an account that cannot be asked is told, and stays as it is."""
    try:
        return accounts.shop(intent.account).follow(intent.id)
    except Unauthorized:
        raise
    except SellercareError as error:
        show(error, account=intent.account)
        desk.noted(exit_code(error))
        return intent.settlement


__all__ = ["approve", "compared", "settle", "verify_job"]
