"""One write of a person: checked, shown, confirmed, sent, and told what became of it.

The check sends no write. What is shown is the checked command, as the platform's options complete it; what is
handed on is the command as it was asked for, so that the same words with the same key mean the same write. A write
without `--key` gets a fresh key, which is told where the outcome is open, so that a person can ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli.errors import Interrupted, NotConfirmed, WhileSending, exit_code, show
from sellercare.cli.output import card, heading, note, plain, waiting
from sellercare.cli.shops import opened_one
from sellercare.cli.text import json_line
from sellercare.errors import AlreadyDone, Changed, SellercareError

if TYPE_CHECKING:
    from sellercare.journal import Outcome
    from sellercare.models import Model
    from sellercare.shop import Shop
    from sellercare.shop.draft import Checked


_PUBLIC = frozenset({"reviews.reply"})
_LATER = {"yes": "moves", "maybe": "may move", "later": "moves later, if the buyer accepts"}
_AGAIN = "Run it again with --key {key}: it is looked up first and never sent twice."
_LOOKED_UP = "was used before and its outcome is open: the marketplace is asked first, nothing is sent twice"


@dataclass(frozen=True, slots=True)
class How:
    """The options of a write."""

    account: str | None
    key: str | None
    yes: bool
    dry_run: bool
    as_json: bool
    approve: bool = False


def perform(verb: str, command: Model, how: How, tell: Callable[[Any], Iterator[tuple[str, object]]]) -> None:
    """Do one write, or show it. `tell` makes the lines that show the result to a person."""
    from sellercare.shop.shop import user

    with opened_one(how.account, as_json=how.as_json) as shop:
        checked = shop.check(verb, command, key=how.key)
        if how.dry_run:
            _rehearse(shop, verb, checked, how)
            return
        if checked.above is not None and not how.approve:
            raise checked.above
        if not how.yes and not _is_done(checked):
            _ask(shop, verb, checked)
        outcome = _send(shop, verb, command, checked.key, approved_by=(user() or "unknown") if how.approve else "")
        try:
            _tell(shop, verb, checked.key, outcome, how, tell)
        except (SellercareError, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:  # the write has left: that its result cannot be shown changes nothing about it
            raise WhileSending(_AGAIN.format(key=checked.key)) from error


def _is_done(checked: Checked) -> bool:
    """Whether the key's write was already confirmed, so that nothing will be sent."""
    return checked.known is not None and checked.known.state == "confirmed"


def _ask(shop: Shop, verb: str, checked: Checked) -> None:
    click.echo(heading(f"This will be sent: {verb}"), err=True)
    card(_shown(shop, verb, checked), err=True)
    if not click.confirm("Send it?", err=True):
        raise NotConfirmed("You said no.", next_step="Nothing was sent. Ask again when you are ready.")


def _rehearse(shop: Shop, verb: str, checked: Checked, how: How) -> None:
    if how.as_json:
        click.echo(
            json_line(
                {
                    "account": shop.account_name,
                    "verb": verb,
                    "key": how.key,
                    "dry_run": True,
                    "repeated": _is_done(checked),
                    "command": checked.command.model_dump(mode="json", exclude_none=True),
                    "money": None if checked.money is None else checked.money.model_dump(mode="json"),
                    "consequences": list(checked.consequences),
                    "above": None if checked.above is None else checked.above.details(),
                }
            )
        )
        return
    click.echo(heading(f"This would be sent: {verb}"))
    card(_shown(shop, verb, checked))
    note("Dry run: nothing was sent.")


def _shown(shop: Shop, verb: str, checked: Checked) -> Iterator[tuple[str, object]]:
    """What will be sent, as a person reads it."""
    contract = shop.supports(verb).contract
    yield "account", f"{shop.account_name} ({shop.adapter.title}{', ' + shop.site if shop.site else ''})"
    for name in type(checked.command).model_fields:
        yield from _field(name, getattr(checked.command, name))
    yield "money", checked.money or _LATER.get(contract.money if contract else "")
    if verb in _PUBLIC:
        yield "note", "Everybody will be able to read this."
    if contract and contract.notifies_buyer:
        yield "buyer", "is told by the marketplace"
    for consequence in checked.consequences:
        yield "note", consequence
    if checked.above is not None:
        yield "limit", checked.above.message
    if checked.known is not None:
        yield "this key", "was confirmed before: nothing will be sent" if _is_done(checked) else _LOOKED_UP


def _field(name: str, value: Any) -> Iterator[tuple[str, object]]:
    label = name.removesuffix("_id").replace("_", " ")
    if value is None or value == () or value is False:
        return
    if name == "option":
        yield "through", getattr(value, "title", value)
    elif name == "option_id":
        return
    elif name == "lines":
        yield label, "\n".join(map(line_text, value))
    elif name == "attachments":
        yield label, "\n".join(f"{file.filename} ({len(file.data):,} bytes)" for file in value)
    else:
        yield label, "yes" if value is True else value


def line_text(line: Any) -> str:
    """A line of a command as a person reads it: its id, and how much of it."""
    if line.amount is not None:
        return f"{line.id}: {line.amount}"
    return f"{line.id}: {'all of it' if line.quantity is None else f'{line.quantity:f} ×'}"


def _send(shop: Shop, verb: str, command: Model, key: str, *, approved_by: str) -> Outcome[Any]:
    again = _AGAIN.format(key=key)
    try:
        with waiting(f"Sending to {shop.adapter.title}"):
            return shop.write(verb, command, key=key, approved_by=approved_by, consent=True)  # it was shown
    except SellercareError:
        raise
    except KeyboardInterrupt:
        raise Interrupted("Stopped while sending.", changed=Changed.UNKNOWN, next_step=again) from None
    except Exception as error:
        raise WhileSending(again) from error


def _tell(
    shop: Shop,
    verb: str,
    key: str,
    outcome: Outcome[Any],
    how: How,
    tell: Callable[[Any], Iterator[tuple[str, object]]],
) -> None:
    if outcome.error is not None and not isinstance(outcome.error, AlreadyDone):
        error = outcome.error
        show(error, as_json=how.as_json, key=key if error.changed is Changed.UNKNOWN else "")
        click.get_current_context().exit(exit_code(error))
    if how.as_json:
        click.echo(json_line(_outcome(shop, verb, key, outcome)))
        return
    click.echo(heading("Sent before; nothing was sent now." if outcome.repeated else "Done."))
    if outcome.error is not None:
        note(outcome.error.message)
    if outcome.model is not None:
        card(tell(outcome.model))
    if outcome.settlement == "pending":
        note("The marketplace has accepted it and does it later.")
    if outcome.settlement == "failed":
        note("The marketplace accepted it and then did not do it.")


def _outcome(shop: Shop, verb: str, key: str, outcome: Outcome[Any]) -> dict[str, Any]:
    result = None if outcome.model is None else plain(shop.account_name, outcome.model)
    return {
        "account": shop.account_name,
        "verb": verb,
        "key": key,
        "intent_id": outcome.intent_id,
        "state": outcome.state,
        "repeated": outcome.repeated,
        "settlement": outcome.settlement,
        "result": result,
    }


__all__ = ["How", "line_text", "perform"]
