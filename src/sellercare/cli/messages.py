"""`sellercare messages`: conversations with buyers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.listing import listed
from sellercare.cli.output import Column, card, heading, plain
from sellercare.cli.program import Group
from sellercare.cli.shops import opened_one, tell_changes
from sellercare.cli.text import clean, json_line, moment, yes_no
from sellercare.cli.writing import How, perform

if TYPE_CHECKING:
    from sellercare.models import Message, Thread

THREADS = (
    Column("thread", lambda thread: thread.id),
    Column("updated (UTC)", lambda thread: moment(thread.updated_at)),
    Column("buyer", lambda thread: buyer_name(thread.buyer), cut=True),
    Column("unanswered", lambda thread: yes_no(thread.awaiting_reply)),
    Column("about", lambda thread: thread.subject, cut=True, optional=True),
    Column("order", lambda thread: thread.order_id, optional=True),
    Column("kind", lambda thread: thread.kind, optional=True),
)


def buyer_name(buyer: Any) -> str:
    """What a person calls the buyer: the name, else the login, else the id; empty where all are withheld."""
    return buyer.name or buyer.login or buyer.id or ""


@click.group(cls=Group)
def messages() -> None:
    """Read conversations with buyers, and answer."""


@messages.command("list")
@options.accounts
@click.option("--awaiting-reply", is_flag=True, help="Only those where the buyer wrote last.")
@options.since
@click.option("--order", metavar="ID", help="Only those about this order.")
@options.limit
@options.as_json
def list_(
    account: tuple[str, ...],
    all_accounts: bool,
    awaiting_reply: bool,
    since: datetime | None,
    order: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List conversations, newest first where the platform can. Nothing is marked as read."""
    listed(
        lambda shop: shop.messages.threads(
            updated_since=since, awaiting_reply=True if awaiting_reply else None, order_id=order
        ),
        THREADS,
        account=account,
        all_accounts=all_accounts,
        limit=limit,
        as_json=as_json,
        nothing="No conversations.",
    )


@messages.command("show")
@click.argument("thread")
@options.one_account
@options.as_json
def show(thread: str, account: str | None, as_json: bool) -> None:
    """Show the conversation THREAD with its messages."""
    with opened_one(account, as_json=as_json) as shop:
        tell_changes(shop, "messages.thread")
        with shop.http.looking_once():
            head, found = shop.messages.thread(thread), list(shop.messages.messages(thread))
        body = sorted(found, key=lambda m: m.created_at.timestamp() if m.created_at else 0.0)
        if as_json:
            whole = plain(shop.account_name, head)
            click.echo(json_line(whole | {"messages": [m.model_dump(mode="json", exclude={"raw"}) for m in body]}))
            return
        card(thread_lines(head))
        for message in body:
            click.echo()
            _message(message)


def _message(message: Message) -> None:
    name = f" ({clean(message.author_name)})" if message.author_name else ""
    waiting = "" if message.delivery in ("delivered", "unknown") else f"  [{message.delivery.meaning}]"
    click.echo(heading(f"{moment(message.created_at)}  {message.author}{name}{waiting}"))
    files = ", ".join(a.filename or a.id for a in message.attachments)
    card([("", message.text or "(no text)"), ("", f"attached: {files}" if files else "")])


def thread_lines(thread: Thread) -> Iterator[tuple[str, object]]:
    """A conversation's head for a person."""
    yield "thread", thread.id
    yield "kind", thread.kind.meaning
    yield "about", thread.subject
    yield "buyer", buyer_name(thread.buyer)
    yield "order", thread.order_id
    yield "return", thread.return_id
    yield "updated (UTC)", moment(thread.updated_at)
    yield "unanswered", yes_no(thread.awaiting_reply)
    yield "closed", yes_no(thread.closed)
    yield "page", thread.url


def message_lines(message: Message) -> Iterator[tuple[str, object]]:
    """A message that was sent, for a person."""
    yield "message", message.id
    yield "thread", message.thread_id
    yield "sent (UTC)", moment(message.created_at)
    if message.delivery != "unknown":
        yield "delivery", message.delivery.meaning


@messages.command("reply")
@click.argument("thread")
@options.text
@options.attachments
@click.option("--to", type=click.Choice(["buyer", "platform"]), default="buyer", help="Whom to write to.")
@click.option("--answers", metavar="ID", help="The message that is answered.")
@options.key()
@options.writes
def reply(
    thread: str,
    text: str | None,
    text_file: Any,
    attach: tuple[Path, ...],
    to: str,
    answers: str | None,
    key: str | None,
    account: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Answer in the conversation THREAD."""
    from sellercare.models import Party, Reply

    command = Reply(
        thread_id=thread,
        text=options.text_of(text, text_file),
        attachments=tuple(map(options.upload, attach)),
        to=Party(to),
        answers=answers,
    )
    perform("messages.reply", command, How(account, key, yes, dry_run, as_json), message_lines)
