"""`sellercare refunds`: what was paid back, what may be, and paying back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.listing import listed
from sellercare.cli.output import Column, Table, card, note
from sellercare.cli.program import Group
from sellercare.cli.shops import opened_one
from sellercare.cli.text import json_line, moment
from sellercare.cli.writing import How, perform

if TYPE_CHECKING:
    from sellercare.models import Refund, RefundOption

REFUNDS = (
    Column("refund", lambda refund: refund.id),
    Column("amount", lambda refund: refund.amount),
    Column("state", lambda refund: refund.state),
    Column("created (UTC)", lambda refund: moment(refund.created_at)),
    Column("reason", lambda refund: refund.reason, cut=True, optional=True),
    Column("return", lambda refund: refund.return_id, optional=True),
    Column("order", lambda refund: refund.order_id, optional=True),
)


@click.group(cls=Group)
def refunds() -> None:
    """See what was paid back and what may be, and pay back."""


@refunds.command("list")
@options.accounts
@click.option("--order", metavar="ID", help="Only those of this order.")
@click.option("--since", type=options.WHEN, metavar="WHEN", help="Only those made since then: 2025-03-01, 36h, 7d.")
@options.limit
@options.as_json
def list_(
    account: tuple[str, ...],
    all_accounts: bool,
    order: str | None,
    since: datetime | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List refunds. Accepted is not paid: the state tells."""
    listed(
        lambda shop: shop.refunds.list(order_id=order, created_since=since),
        REFUNDS,
        account=account,
        all_accounts=all_accounts,
        limit=limit,
        as_json=as_json,
        nothing="No refunds.",
    )


def _one_target(order: str | None, return_id: str | None) -> None:
    if (order is None) == (return_id is None):
        raise click.UsageError("Say what for: either --order ID or --return ID.")


@refunds.command("quote")
@click.option("--order", metavar="ID", help="For this order.")
@click.option("--return", "return_id", metavar="ID", help="For this return.")
@options.one_account
@options.as_json
def quote(order: str | None, return_id: str | None, account: str | None, as_json: bool) -> None:
    """Show the ways to pay back now, and how much at most. Sends nothing."""
    _one_target(order, return_id)
    with opened_one(account, as_json=as_json) as shop:
        ways = list(shop.refunds.quote(order_id=order, return_id=return_id))
        if as_json:
            for way in ways:
                click.echo(json_line({"account": shop.account_name} | way.model_dump(mode="json")))
            return
        if not ways:
            note("Nothing is left to pay back.")
        for n, way in enumerate(ways):
            if n:
                click.echo()
            _show_way(way)


def _show_way(way: RefundOption) -> None:
    card(
        [
            ("option", way.id),
            ("what", way.title),
            ("through", way.through),
            ("least", way.least),
            ("most", way.most),
            ("how", " ".join(word.meaning for word in way.granularity)),
            ("reasons", "\n".join(f"{choice.code}: {choice.title}" for choice in way.reasons)),
            ("note", way.consequences),
        ]
    )
    if way.lines:
        table = Table(
            (
                Column("line", lambda line: line.order_line_id),
                Column("kind", lambda line: line.kind),
                Column("pieces", lambda line: None if line.quantity is None else f"{line.quantity:f}"),
                Column("up to", lambda line: line.amount),
            )
        )
        for line in way.lines:
            table.add(line)
        table.flush()


def refund_lines(refund: Refund) -> Iterator[tuple[str, object]]:
    """A refund for a person."""
    yield "refund", refund.id
    yield "amount", refund.amount
    yield "state", refund.state.meaning if refund.state != "unknown" else refund.native_state
    yield "order", refund.order_id
    yield "return", refund.return_id
    yield "created (UTC)", moment(refund.created_at)
    yield "page", refund.url


@refunds.command("issue")
@click.option("--order", metavar="ID", help="For this order.")
@click.option("--return", "return_id", metavar="ID", help="For this return.")
@click.option("--option", "option_id", metavar="ID", help="Which way, from `refunds quote`, if there are several.")
@click.option("--amount", type=options.SUM, metavar="MONEY", help="How much, as 12.50 EUR. Without: all that is left.")
@options.lines
@click.option("--reason", metavar="CODE", help="The platform's reason code, from `refunds quote`.")
@click.option("--note", metavar="TEXT", help="A note with it.")
@options.key(required=True)
@options.approve
@options.writes
def issue(
    order: str | None,
    return_id: str | None,
    option_id: str | None,
    amount: Any,
    lines: tuple[Any, ...],
    reason: str | None,
    note: str | None,
    key: str,
    approve: bool,
    account: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Pay back. The key is required: with the same key nothing is ever paid twice."""
    from sellercare.models import IssueRefund

    _one_target(order, return_id)
    if amount is not None and lines:
        raise click.UsageError("Give either --amount or --line, not both.")
    command = IssueRefund(
        order_id=order,
        return_id=return_id,
        option_id=option_id,
        amount=amount,
        lines=lines,
        reason=reason,
        note=note,
    )
    perform("refunds.issue", command, How(account, key, yes, dry_run, as_json, approve), refund_lines)
