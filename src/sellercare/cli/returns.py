"""`sellercare returns`: returns, cancellations, claims, disputes, and the decisions about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.listing import listed
from sellercare.cli.messages import buyer_name
from sellercare.cli.output import Column, card, heading, plain
from sellercare.cli.program import Group
from sellercare.cli.shops import opened_one, tell_changes
from sellercare.cli.text import json_line, moment
from sellercare.cli.writing import How, perform

if TYPE_CHECKING:
    from sellercare.models import Return, ReturnAction, ReturnLine

KINDS = ("return", "cancellation", "claim", "dispute", "inquiry", "chargeback")
STATES = (
    "requested",
    "approved",
    "in_transit",
    "partly_received",
    "received",
    "refunded",
    "declined",
    "cancelled",
    "escalated",
    "closed",
)

RETURNS = (
    Column("return", lambda one: one.id),
    Column("kind", lambda one: one.kind),
    Column("state", lambda one: one.state),
    Column("due (UTC)", lambda one: moment(one.due)),
    Column("asked", lambda one: one.asked),
    Column("buyer", lambda one: buyer_name(one.buyer), cut=True),
    Column("reason", lambda one: one.reason, cut=True, optional=True),
    Column("created (UTC)", lambda one: moment(one.created_at), optional=True),
    Column("order", lambda one: one.order_id, optional=True),
)


def action_lines(action: ReturnAction) -> Iterator[tuple[str, object]]:
    """A decision that may be taken, for a person: what it does, and the options that it wants and takes."""
    yield "what", action.title
    yield "then", action.consequences
    yield "needs", ", ".join(_needs(action))
    yield "takes", ", ".join(option for part, option in _OPTIONS.items() if part in action.accepted - _wanted(action))
    yield "reasons", "\n".join(f"{choice.code}: {choice.title}" for choice in action.reasons)
    yield "money", _money(action)
    yield "until", f"{moment(action.due)} (UTC)" if action.due else None


def _money(action: ReturnAction) -> str | None:
    if action.moves_money == "no":
        return None
    return action.moves_money.value + (f", up to {action.most}" if action.most else "")


def _needs(action: ReturnAction) -> Iterator[str]:
    if action.variant:
        yield f"--variant {action.variant}"
    yield from (_OPTIONS[part] for part in _OPTIONS if part in _wanted(action))


def _wanted(action: ReturnAction) -> frozenset[str]:
    """What has to come with a decision."""
    wanted = {
        "reason": bool(action.reasons),
        "note": action.note_required,
        "attachments": action.evidence_required,
        "amount": action.amount_required,
    }
    return frozenset(part for part, is_wanted in wanted.items() if is_wanted)


_OPTIONS = {
    "lines": "--line",
    "reason": "--reason",
    "note": "--note",
    "amount": "--amount",
    "attachments": "--attach",
    "parcel": "--carrier and --tracking",
}


@click.group(cls=Group)
def returns() -> None:
    """Returns, claims and disputes: see them and decide."""


@returns.command("list")
@options.accounts
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--kind", type=click.Choice(KINDS), help="Only those of this kind.")
@click.option("--order", metavar="ID", help="Only those of this order.")
@options.since
@options.limit
@options.as_json
def list_(
    account: tuple[str, ...],
    all_accounts: bool,
    state: str | None,
    kind: str | None,
    order: str | None,
    since: datetime | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List returns, claims and disputes."""
    from sellercare.models import ReturnKind, ReturnState

    listed(
        lambda shop: shop.returns.list(
            updated_since=since,
            state=None if state is None else ReturnState(state),
            kind=None if kind is None else ReturnKind(kind),
            order_id=order,
        ),
        RETURNS,
        account=account,
        all_accounts=all_accounts,
        limit=limit,
        as_json=as_json,
        nothing="No returns.",
    )


@returns.command("show")
@click.argument("return_id", metavar="RETURN")
@options.one_account
@options.as_json
def show(return_id: str, account: str | None, as_json: bool) -> None:
    """Show RETURN, and what may be decided about it now."""
    with opened_one(account, as_json=as_json) as shop:
        tell_changes(shop, "returns.get")
        one, allowed = shop.returns.get(return_id), shop.supports("returns.allowed")
        actions = list(shop.returns.allowed(return_id)) if allowed.offered else []
        if as_json:
            may = [action.model_dump(mode="json") for action in actions]
            click.echo(json_line(plain(shop.account_name, one) | {"allowed": may}))
            return
        card(return_lines(one))
        click.echo()
        if not allowed.offered:
            click.echo(f"Nothing can be decided from here: {allowed.text}.")
            card([("by hand", allowed.by_hand)])
            return
        if not actions:
            click.echo("Nothing is to be decided now.")
            return
        for action in actions:
            click.echo(heading(f"returns {action.verb}"))
            card((f"  {name}", value) for name, value in action_lines(action))


def return_lines(one: Return) -> Iterator[tuple[str, object]]:
    """A return for a person."""
    yield "return", one.id if one.number in (None, one.id) else f"{one.id} (number {one.number})"
    yield "kind", one.kind if one.kind != "unknown" else one.native_kind
    yield "state", one.state if one.state != "unknown" else one.native_state
    yield "order", one.order_id
    yield "conversation", one.thread_id
    yield "buyer", buyer_name(one.buyer)
    yield "lines", "\n".join(map(_line, one.lines))
    yield "reason", one.reason
    yield "note", one.note
    yield "wants", ", ".join(one.wants)
    yield "asked", one.asked
    yield "created (UTC)", moment(one.created_at)
    yield "due (UTC)", moment(one.due)
    yield "files", ", ".join(file.filename or file.id for file in one.attachments)
    yield "parcels", ", ".join(" ".join(filter(None, (parcel.carrier, parcel.number))) for parcel in one.parcels)
    yield "page", one.url


def _line(line: ReturnLine) -> str:
    parts = [f"{line.quantity:f} × {line.title or line.order_line_id or line.id}"]
    if line.received is not None:
        parts.append(f"{line.received:f} received")
    if line.price is not None:
        parts.append(f"at {line.price}")
    if line.reason:
        parts.append(line.reason)
    return f"{line.id}: {', '.join(parts)}"


@returns.command("open")
@click.option("--order", required=True, metavar="ID", help="The order.")
@options.lines
@click.option("--kind", type=click.Choice(KINDS), default="return", help="What it is.")
@click.option("--variant", metavar="NAME", help="Which way, where the platform has several.")
@click.option("--reason", metavar="CODE", help="The platform's reason code.")
@click.option("--note", metavar="TEXT", help="A note with it.")
@click.option("--return-shipping", metavar="ID", help="The platform's id of the way back.")
@options.key()
@options.writes
def open_(
    order: str,
    lines: tuple[Any, ...],
    kind: str,
    variant: str | None,
    reason: str | None,
    note: str | None,
    return_shipping: str | None,
    key: str | None,
    account: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Open a return for an order, on the seller's side."""
    from sellercare.models import OpenReturn, ReturnKind

    if not lines:
        raise click.UsageError("Say which lines come back with --line ID, or --line ID=2 for two pieces.")
    command = OpenReturn(
        order_id=order,
        lines=lines,
        kind=ReturnKind(kind),
        variant=variant,
        reason=reason,
        note=note,
        return_shipping=return_shipping,
    )
    perform("returns.open", command, How(account, key, yes, dry_run, as_json), return_lines)


def _decision(name: str, help_text: str) -> Callable[..., None]:
    """The command of one decision; all have the same options."""

    @returns.command(name, help=help_text)
    @click.argument("return_id", metavar="RETURN")
    @click.option("--variant", metavar="NAME", help="Which way, from `returns show`.")
    @options.lines
    @click.option("--reason", metavar="CODE", help="A reason code, from `returns show`.")
    @click.option("--note", metavar="TEXT", help="A note with it.")
    @click.option("--amount", type=options.SUM, metavar="MONEY", help="A sum, as 12.50 EUR.")
    @options.attachments
    @click.option("--carrier", metavar="NAME", help="Who carries the parcel.")
    @click.option("--tracking", metavar="NUMBER", help="The number that the parcel is followed by.")
    @options.key()
    @options.approve
    @options.writes
    def decide(
        return_id: str,
        variant: str | None,
        lines: tuple[Any, ...],
        reason: str | None,
        note: str | None,
        amount: Any,
        attach: tuple[Path, ...],
        carrier: str | None,
        tracking: str | None,
        key: str | None,
        approve: bool,
        account: str | None,
        yes: bool,
        dry_run: bool,
        as_json: bool,
    ) -> None:
        from sellercare.models import Decision, Parcel

        command = Decision(
            return_id=return_id,
            variant=variant,
            lines=lines,
            reason=reason,
            note=note,
            amount=amount,
            attachments=tuple(map(options.upload, attach)),
            parcel=Parcel(carrier=carrier, number=tracking) if carrier or tracking else None,
        )
        perform(f"returns.{name}", command, How(account, key, yes, dry_run, as_json, approve), return_lines)

    return decide


approve = _decision("approve", "Agree to RETURN. Where that moves money, it says so before it asks.")
decline = _decision("decline", "Say no to RETURN.")
receive = _decision("receive", "Confirm that the goods of RETURN are back.")
offer = _decision("offer", "Offer the buyer of RETURN another outcome.")
contest = _decision("contest", "Disagree with RETURN before the marketplace or the bank, with evidence.")
