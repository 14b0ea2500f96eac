"""`sellercare adapters`: what each platform can do, how, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from sellercare.cli import options
from sellercare.cli.adapters_author import check, new
from sellercare.cli.errors import DONE, exit_code, show, worst
from sellercare.cli.output import Column, Table, card, heading, note, terminal_width
from sellercare.cli.program import Group, suggestion
from sellercare.cli.shops import opened_one
from sellercare.cli.text import json_line
from sellercare.errors import SellercareError

if TYPE_CHECKING:
    from sellercare.adapter import Adapter
    from sellercare.support import Proof, Support

MARKS = {"native": "yes", "emulated": "built", "impossible": "-", "not_yet": "later"}
"""The words of the capability table."""

PROOFS = {
    "live": "live",
    "description": "spec",
    "samples": "samples",
    "dossier": "texts",
    "ours": "itself",
}
"""What an adapter's claims were held against, in a word."""

PARTLY = "~"
"""What stands behind a verb of which something was proved by less than the adapter's strongest level."""

PROOF_LEGEND = (
    "Proved by: live: a real server. spec: the platform's own description. samples: answers that it recorded or "
    "published. texts: what is said about it. itself: the platform is ours. Only live ones were ever tried there. "
    "~: proved by less, all or a part of it, as the last row says; show NAME tells what."
)

LEGEND = (
    "yes: the platform has it. built: put together from other calls. later: not written yet. "
    "-: the platform has no such thing. *: a plan, role or plugin decides."
)


PROVED, PROVED_LESS = "(proved by)", "(~ proved by)"
"""The last rows of the table: the strongest level of an adapter, and the others."""


class AdapterGroup(Group):
    """`sellercare adapters allegro` is `sellercare adapters show allegro`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or take the name of an adapter for it."""
        from sellercare import registry

        if args[0] in registry.names():
            args = ["show", *args]
        elif args[0] not in self.commands and not args[0].startswith("-"):
            known = [*self.commands, *registry.names()]
            ctx.fail(f"There is no adapter {args[0]!r}." + suggestion(args[0], known))
        return super().resolve_command(ctx, args)


@click.group(cls=AdapterGroup, invoke_without_command=True)
@options.as_json
@click.pass_context
def adapters(ctx: click.Context, as_json: bool) -> None:
    """Show what each platform can do, verb by verb."""
    if ctx.invoked_subcommand is not None:
        return
    loaded, code = _load_all(as_json)
    if as_json:
        for adapter in loaded:
            click.echo(json_line(_plain(adapter, adapter.supports)))
    else:
        _matrix(loaded)
    ctx.exit(code)


def _load_all(as_json: bool) -> tuple[list[type[Adapter]], int]:
    """Every adapter that can be loaded. One that cannot is told, and does not stop the others."""
    from sellercare import registry

    loaded, codes = [], [DONE]
    for name in registry.names():
        try:
            loaded.append(registry.load(name))
        except SellercareError as error:
            show(error, as_json=as_json)
            codes.append(exit_code(error))
    return loaded, worst(codes)


def _mark(support: Support) -> str:
    return MARKS[support.level] + ("*" if support.condition else "")


def _matrix(loaded: Sequence[type[Adapter]]) -> None:
    """The table of all, cut into as many adapters side by side as the width allows."""
    from sellercare.interfaces import VERBS

    if not loaded:
        note("No adapter is installed that can be used.")
        return
    first = max(map(len, VERBS))
    width = terminal_width() or 120
    block: list[type[Adapter]] = []
    blocks = [block]
    used = first
    for adapter in loaded:
        wide = 2 + max(len(adapter.name), *(len(PROOFS[level]) for level in adapter.levels()), 6)
        used += wide
        if block and used > width:
            block = []
            blocks.append(block)
            used = first + wide
        block.append(adapter)
    for n, some in enumerate(blocks):
        if n:
            click.echo()
        table = Table([Column("verb", str), *(_column(adapter) for adapter in some)])
        for verb in VERBS:
            table.add(verb)
        table.add(PROVED)
        if any(len(adapter.levels()) > 1 for adapter in some):
            table.add(PROVED_LESS)
        table.flush()
    click.echo()
    click.echo(click.wrap_text(LEGEND, width))
    click.echo(click.wrap_text(PROOF_LEGEND, width))
    click.echo(click.wrap_text("Reasons, limits and write contracts: sellercare adapters show NAME", width))


def _column(adapter: type[Adapter]) -> Column:
    strongest, *less = adapter.levels()

    def cell(verb: str) -> str:
        if verb in (PROVED, PROVED_LESS):
            return ", ".join(PROOFS[level] for level in ([strongest] if verb == PROVED else less))
        support = adapter.supports[verb]
        weaker = support.offered and tuple(adapter.proofs(verb)) != (strongest,)
        return _mark(support) + PARTLY * weaker

    return Column(adapter.name.ljust(max(len(PROOFS[level]) for level in adapter.levels())), cell)


def levels_of(adapter: type[Adapter], *interfaces: str) -> str:
    """The levels of proof of an adapter, or of some interfaces of it, in words, the strongest first (`spec, texts`)."""
    return ", ".join(PROOFS[level] for level in adapter.levels(*interfaces))


def proof_of(adapter: type[Adapter], verb: str) -> str:
    """How a verb was proved (`spec (payment disputes), texts (returns)`)."""
    parts = adapter.proofs(verb).items()
    return ", ".join(PROOFS[level] + (f" ({part})" if part else "") for level, part in parts)


@adapters.command("show")
@click.argument("name", required=False)
@click.option("-a", "--account", metavar="ACCOUNT", help="What this account can do, asked of the platform.")
@options.as_json
def show_one(name: str | None, account: str | None, as_json: bool) -> None:
    """Show everything the adapter NAME says about each verb: how, why not, and what a write does."""
    from sellercare import registry

    if (name is None) == (account is None):
        known = ", ".join(registry.names())
        raise click.UsageError(f"Name an adapter ({known}), or an account with --account.")
    if account is not None:
        with opened_one(account, as_json=as_json) as shop:
            _show(shop.adapter, shop.supports(), as_json)
    elif name is not None:
        adapter = registry.load(name)
        _show(adapter, adapter.supports, as_json)


def _show(adapter: type[Adapter], supports: Mapping[str, Support], as_json: bool) -> None:
    if as_json:
        click.echo(json_line(_plain(adapter, supports)))
        return
    from sellercare.interfaces import VERBS

    card(
        [
            ("adapter", adapter.name),
            ("platform", adapter.title),
            ("kind", adapter.kind),
            ("proved by", levels_of(adapter)),
            ("", adapter.proof),
        ]
    )
    if adapter.sites:
        card([("sites", ", ".join(adapter.sites))])
    click.echo()
    for verb in VERBS:
        click.echo(f"{heading(verb)}  {_mark(supports[verb])}")
        differs = supports[verb].offered and len(adapter.levels()) > 1
        proved = proof_of(adapter, verb) if differs else ""
        card((f"  {label}", value) for label, value in [*_support_lines(supports[verb]), ("proved by", proved)])


def _support_lines(support: Support) -> Iterator[tuple[str, object]]:
    yield ("why" if not support.offered else "how"), support.text
    yield "lost", support.lost
    yield "costs", support.costs
    yield "if", support.condition
    yield "by hand", support.by_hand
    yield "wants", "\n".join(f"{name}: {why}" for name, why in support.wants.items())
    yield "reasons", "\n".join(f"{code}: {meaning}" for code, meaning in support.reasons.items())
    yield "takes no", "\n".join(f"{name}: {why}" for name, why in support.refuses.items())
    contract = support.contract
    if contract is None:
        return
    yield "same again", contract.repeat.replace("_", " ")
    proof = (
        "" if contract.absent_after is None else f"; not there after {_span(contract.absent_after)}: nothing happened"
    )
    yield "read-back", contract.readback.replace("_", " ") + proof
    yield "money", contract.money if contract.money != "no" else ""
    yield "settles", contract.settles if contract.settles != "now" else ""
    yield "buyer", "is told" if contract.notifies_buyer else ""
    yield "look at", contract.by_hand


def _span(time: timedelta) -> str:
    """A span of time in its largest whole unit."""
    seconds = int(time.total_seconds())
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _plain(adapter: type[Adapter], supports: Mapping[str, Support]) -> dict[str, object]:
    return {
        "adapter": adapter.name,
        "title": adapter.title,
        "kind": adapter.kind,
        "proof": adapter.proof,
        "proved_by": adapter.proved_by,
        "sites": list(adapter.sites),
        "supports": {
            verb: _plain_support(support, adapter.proofs(verb)) if support.offered else _plain_support(support, {})
            for verb, support in supports.items()
        },
    }


def _plain_support(support: Support, proofs: Mapping[Proof, str]) -> dict[str, object]:
    plain: dict[str, object] = {"level": support.level} | ({"proved_by": dict(proofs)} if proofs else {})
    for name in ("text", "lost", "costs", "condition", "by_hand"):
        if getattr(support, name):
            plain[name] = getattr(support, name)
    for name in ("wants", "refuses", "reasons"):
        if getattr(support, name):
            plain[name] = dict(getattr(support, name))
    if support.contract is not None:
        contract = support.contract
        plain["contract"] = {
            "repeat": contract.repeat,
            "readback": contract.readback,
            "absent_after_seconds": None if contract.absent_after is None else contract.absent_after.total_seconds(),
            "evidence": contract.evidence,
            "native_key": contract.key is not None,
            "money": contract.money,
            "settles": contract.settles,
            "notifies_buyer": contract.notifies_buyer,
            "reversible": contract.reversible,
        }
    return plain


adapters.add_command(new)
adapters.add_command(check)
