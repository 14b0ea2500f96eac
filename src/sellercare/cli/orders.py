"""`sellercare orders`: see them, and call one off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.listing import listed
from sellercare.cli.messages import buyer_name
from sellercare.cli.output import Column, card, plain
from sellercare.cli.program import Group
from sellercare.cli.shops import opened_one, tell_changes
from sellercare.cli.text import json_line, moment
from sellercare.cli.writing import How, perform

if TYPE_CHECKING:
    from sellercare.models import Order, OrderLine

ORDERS = (
    Column("order", lambda order: order.id),
    Column("number", lambda order: order.number if order.number != order.id else None, optional=True),
    Column("state", lambda order: order.state if order.state != "unknown" else order.native_state),
    Column("buyer", lambda order: buyer_name(order.buyer), cut=True),
    Column("total", lambda order: order.total),
    Column("goods", lambda order: ", ".join(line.title or line.id for line in order.lines), cut=True),
    Column("created (UTC)", lambda order: moment(order.created_at), optional=True),
)


@click.group(cls=Group)
def orders() -> None:
    """Orders: see them, and call one off."""


@orders.command("list")
@options.accounts
@options.since
@options.limit
@options.as_json
def list_(
    account: tuple[str, ...], all_accounts: bool, since: datetime | None, limit: int | None, as_json: bool
) -> None:
    """List orders."""
    listed(
        lambda shop: shop.orders.list(updated_since=since),
        ORDERS,
        account=account,
        all_accounts=all_accounts,
        limit=limit,
        as_json=as_json,
        nothing="No orders.",
    )


@orders.command("show")
@click.argument("order_id", metavar="ORDER")
@click.option("--number", is_flag=True, help="ORDER is the number that people use, not the platform's id.")
@options.one_account
@options.as_json
def show(order_id: str, number: bool, account: str | None, as_json: bool) -> None:
    """Show ORDER."""
    with opened_one(account, as_json=as_json) as shop:
        tell_changes(shop, "orders.find" if number else "orders.get")
        order = shop.orders.find(order_id) if number else shop.orders.get(order_id)
        if as_json:
            click.echo(json_line(plain(shop.account_name, order)))
        else:
            card(order_lines(order))


@orders.command("cancel")
@click.argument("order_id", metavar="ORDER")
@options.lines
@click.option("--reason", metavar="TEXT", help="Why; some platforms show it to the buyer.")
@options.key()
@options.approve
@options.writes
def cancel(
    order_id: str,
    lines: tuple[Any, ...],
    reason: str | None,
    key: str | None,
    approve: bool,
    account: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Call ORDER off. What follows from it is shown before it asks."""
    from sellercare.models import CancelOrder

    command = CancelOrder(order_id=order_id, lines=lines, reason=reason)
    perform("orders.cancel", command, How(account, key, yes, dry_run, as_json, approve), order_lines)


def order_lines(order: Order) -> Iterator[tuple[str, object]]:
    """An order for a person."""
    yield "order", order.id if order.number in (None, order.id) else f"{order.id} (number {order.number})"
    yield "state", order.state if order.state != "unknown" else order.native_state
    yield "buyer", buyer_name(order.buyer)
    yield "lines", "\n".join(map(_line, order.lines))
    yield "total", order.total
    yield "paid", order.paid
    yield "paid back", order.refunded
    yield "created (UTC)", moment(order.created_at)
    yield "page", order.url


def _line(line: OrderLine) -> str:
    price = f" at {line.price}" if line.price else ""
    return f"{line.id}: {line.quantity:f} × {line.title or line.sku or line.kind}{price}"
