"""Writes the generated parts of README and docs, so that one fact is written down once: in the code.

    python docs/generate.py            write them
    python docs/generate.py --check    say which are stale, and end with 1 if any is

A generated part stands between `<!-- begin generated: NAME -->` and `<!-- end generated -->`; the rest of a page is
written by people and left alone.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import click
from pydantic.fields import FieldInfo

from sellercare import errors, models, registry, support
from sellercare.adapter import Adapter, Budget
from sellercare.cli import cli
from sellercare.cli.adapters import LEGEND, MARKS, PROOFS, levels_of, proof_of
from sellercare.interfaces import INTERFACES, VERBS
from sellercare.models import Vocabulary
from sellercare.support import Proof, Support, WriteContract

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- begin generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end generated -->)", re.DOTALL)


def adapters() -> list[type[Adapter]]:
    """The adapters of this distribution, by name."""
    ours = [registry.load(name) for name in registry.names()]
    return [adapter for adapter in ours if adapter.__module__.startswith("sellercare_adapters.")]


# ---- capabilities


def cell(answer: Support) -> str:
    """One word about a verb; a star where a condition decides."""
    return MARKS[answer.level] + ("\\*" if answer.condition else "")


def overview() -> Iterator[str]:
    """The table of the README: how many verbs of each interface an adapter offers."""
    yield from table(
        ["Adapter", "Proved by", *INTERFACES],
        (
            [f"[{adapter.title}](docs/adapters/{adapter.name}.md)", levels_of(adapter), *shares(adapter)]
            for adapter in adapters()
        ),
    )


def proved_cell(adapter: type[Adapter], verb: str) -> str:
    """One word about a verb; with its own levels of proof, where the verbs of its interface differ."""
    answer = adapter.supports[verb]
    interface = verb.partition(".")[0]
    if not answer.offered or len(adapter.levels(interface)) == 1:
        return cell(answer)
    return f"{cell(answer)} ({', '.join(PROOFS[each] for each in adapter.proofs(verb))})"


def shares(adapter: type[Adapter]) -> Iterator[str]:
    """`4 of 9` for each interface; `all` and `–` at the ends."""
    for interface in INTERFACES:
        verbs = [answer for name, answer in adapter.supports.items() if name.partition(".")[0] == interface]
        offered = sum(answer.offered for answer in verbs)
        yield "all" if offered == len(verbs) else f"{offered} of {len(verbs)}" if offered else "–"


def capabilities() -> Iterator[str]:
    """One table an interface, then everything that there is to say about each adapter's verbs."""
    yield from (LEGEND.replace("*:", "\\*:") + " ✎: it changes something.", "")
    yield from (f"**{PROOFS[proof]}**: {proof.meaning}" + "  " for proof in Proof)
    yield ""
    for interface, declared in INTERFACES.items():
        verbs = [name for name in VERBS if name.partition(".")[0] == interface]
        yield from (f"## {interface}", "", sentence(declared.__doc__), "")
        heads = [f"`{name.partition('.')[2]}`{' ✎' if VERBS[name].is_write else ''}" for name in verbs]
        yield from table(
            ["Adapter", "Proved by", *heads],
            (
                [
                    f"[{adapter.title}](#{adapter.name})",
                    levels_of(adapter, interface) if any(adapter.supports[v].offered for v in verbs) else "–",
                    *(proved_cell(adapter, v) for v in verbs),
                ]
                for adapter in adapters()
            ),
        )
        yield ""
    for adapter in adapters():
        yield from in_full(adapter)


def in_full(adapter: type[Adapter]) -> Iterator[str]:
    """An adapter's answers in its own words."""
    yield from (f"## {adapter.title} {{ #{adapter.name} }}", "", f"Proved by {levels_of(adapter)}: {adapter.proof}", "")
    differ = len(adapter.levels()) > 1
    yield from table(
        ["Verb", "", *["Proved by"] * differ, "In words"],
        (
            [f"`{name}`", cell(answer), *[proof_of(adapter, name) if answer.offered else "–"] * differ, words(answer)]
            for name, answer in ((name, adapter.supports[name]) for name in VERBS)
            if differ or words(answer) or not answer.offered
        ),
    )
    contracts = {name: answer.contract for name, answer in adapter.supports.items() if answer.contract}
    if contracts:
        yield from ("", f"### What a write does at {adapter.title}", "")
        yield from table(
            [
                "Write",
                "The same again",
                "Platform's key",
                "Read-back",
                "Absence is proof",
                "Money",
                "Settles",
                "Undone",
            ],
            ([f"`{name}`", *promises(contract)] for name, contract in contracts.items()),
        )
    if adapter.budgets:
        yield from ("", f"### Limits of {adapter.title}", "")
        yield from table(["Calls", "A second", "At once", "Shared by"], map(limits, adapter.budgets))
    yield ""


def words(answer: Support) -> str:
    """All that an answer says, in sentences."""
    parts = [
        answer.text,
        f"Only with {answer.condition}" if answer.condition else "",
        f"Lost: {answer.lost}" if answer.lost else "",
        f"Costs: {answer.costs}" if answer.costs else "",
        f"By hand: {answer.by_hand}" if answer.by_hand else "",
        *(f"Wants `{name}`: {why}" for name, why in answer.wants.items()),
        *(f"No `{name}`: {why}" for name, why in answer.refuses.items()),
        f"Reasons: {', '.join(f'`{code}`' for code in answer.reasons)}" if answer.reasons else "",
    ]
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def promises(contract: WriteContract) -> list[str]:
    """A write contract as one row."""
    key = contract.key
    remembered = f"for {span(key.remembered)}" if key and key.remembered else "yes"
    return [
        plain(contract.repeat),
        remembered if key else "none",
        plain(contract.readback),
        f"after {span(contract.absent_after)}" if contract.absent_after is not None else "never",
        plain(contract.money),
        plain(contract.settles),
        "yes" if contract.reversible else "no",
    ]


def limits(budget: Budget) -> list[str]:
    """A rate budget as one row."""
    return [budget.group, f"{budget.rate:g}", str(budget.burst), budget.scope]


def span(length: timedelta) -> str:
    """A length of time for people."""
    seconds = int(length.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "0 seconds"


def proofs() -> Iterator[str]:
    """The adapters, what they are and how their claims were proved."""
    yield from table(
        ["Adapter", "What it is", "Sites", "Proved by", "How its claims were proved"],
        (
            [f"[{one.title}]({one.name}.md)", one.kind, ", ".join(one.sites) or "one", levels_of(one), one.proof]
            for one in adapters()
        ),
    )


# ---- words, errors, commands


def vocabularies() -> Iterator[str]:
    """The closed lists of words, each value with its sentence."""
    for name in models.__all__:
        listed = getattr(models, name)
        if isinstance(listed, type) and issubclass(listed, Vocabulary) and listed is not Vocabulary:
            yield from (f"### {name}", "", sentence(listed.__doc__), "")
            yield from table(["Word", "Meaning"], ([f"`{word}`", word.meaning] for word in listed))
            yield ""


def model_fields() -> Iterator[str]:
    """The common models with their fields, by room."""
    shown = {getattr(models, name) for name in models.__all__}
    kinds = [kind for kind in shown if isinstance(kind, type) and issubclass(kind, models.Model)]
    rooms = ("money", "orders", "messages", "returns", "refunds", "reviews", "scores", "events", "account")
    for room in rooms:
        module = import_module(f"sellercare.models.{room}")
        yield from (f"## {room.capitalize()}", "", sentence(module.__doc__), "")
        for kind in vars(module).values():
            if kind in kinds and kind.__module__ == module.__name__:
                yield from (f"### {kind.__name__}", "", " ".join((kind.__doc__ or "").split()), "")
                yield from table(
                    ["Field", "Type", "Default"],
                    (field_row(name, kind.model_fields[name]) for name in kind.model_fields if name != "raw"),
                )
                yield ""


def field_row(name: str, field: FieldInfo) -> list[str]:
    """A field: its name, its type, and what it is if nobody says."""
    kind = field.annotation
    shown = kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__origin__") else str(kind)
    shown = re.sub(r"\b(?:\w+\.)+(?=\w)", "", shown).replace("NoneType", "None")
    if field.is_required():
        return [f"`{name}`", code(shown), "required"]
    default = field.get_default(call_default_factory=True)
    plain_default = str(default) if isinstance(default, StrEnum) else "empty" if default in ((), {}, b"") else default
    return [f"`{name}`", code(shown), "" if default is None else code(str(plain_default))]


def contract_words() -> Iterator[str]:
    """The words of a write contract."""
    for listed in (support.Repeat, support.Readback, support.Evidence, support.MovesMoney, support.Settles):
        yield f"- **{listed.__name__}**: {', '.join(f'`{word}`' for word in listed)}. {sentence(listed.__doc__)}"


def error_table() -> Iterator[str]:
    """Every error code, what it means and whether anything changed."""
    yield from table(
        ["Code", "Class", "Meaning", "Did the marketplace act?"],
        (
            [f"[`{kind.code}`](#{kind.code})", f"`{kind.__name__}`", sentence(kind.__doc__), str(kind.changed)]
            for kind in error_kinds()
        ),
    )


def error_kinds() -> Iterator[type[errors.SellercareError]]:
    """Every error with a code of its own, the tree's order first, those of the command line last."""
    import_module("sellercare.cli.errors")
    waiting: list[type[errors.SellercareError]] = [errors.SellercareError]
    while waiting:
        kind = waiting.pop(0)
        if "code" in vars(kind):
            yield kind
        waiting[:0] = kind.__subclasses__()


def commands() -> Iterator[str]:
    """The command line, from click's own knowledge of it."""
    yield from command_page(cli, click.Context(cli, info_name="sellercare"), 2)


def command_page(command: click.Command, ctx: click.Context, depth: int) -> Iterator[str]:
    """A command with its options, then its subcommands."""
    yield from (f"{'#' * depth} `{ctx.command_path}`", "", help_text(command), "")
    yield from ("```text", ctx.command.get_usage(ctx).removeprefix("Usage: "), "```", "")
    options = (option for option in command.get_params(ctx) if isinstance(option, click.Option))
    rows = [row for option in options if (row := option_row(option, ctx))]
    if rows:
        yield from table(["Option", "Meaning"], rows)
        yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            if child is not None and not child.hidden:
                inner = click.Context(child, info_name=name, parent=ctx)
                yield from command_page(child, inner, min(depth + 1, 5))


def option_row(option: click.Option, ctx: click.Context) -> list[str]:
    """An option as click's help shows it."""
    record = option.get_help_record(ctx)
    return [code(record[0]), record[1]] if record and "--help" not in option.opts else []


def help_text(command: click.Command) -> str:
    """The help of a command, unwrapped: click's `\\b` marks paragraphs that keep their lines."""
    paragraphs = (command.help or command.short_help or "").split("\n\n")
    return "\n\n".join(
        "```text\n" + part.replace("\b", "").strip("\n") + "\n```" if "\b" in part else " ".join(part.split())
        for part in paragraphs
    )


# ---- examples


def example(name: str) -> Callable[[], Iterator[str]]:
    """A program of examples/ without its trial run at the end."""

    def block() -> Iterator[str]:
        source = (ROOT / "examples" / f"{name}.py").read_text("utf-8")
        _, _, rest = source.partition("from __future__ import annotations\n")
        yield from ("```python", rest.partition("\ndef main(")[0].strip(), "```")

    return block


# ---- pages


def table(heads: list[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(text.split()) for text in row)} |"


def code(text: str) -> str:
    """A piece of code in a cell, where a bar would end the cell; GitHub and mkdocs escape bars differently."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>" if "|" in text else f"`{text}`"


def sentence(doc: str | None) -> str:
    """A docstring's first paragraph as one line."""
    return " ".join((doc or "").strip().split("\n\n")[0].split())


def plain(word: StrEnum) -> str:
    """A word of a vocabulary for people."""
    return str(word).replace("_", " ")


BLOCKS: Mapping[str, Callable[[], Iterator[str]]] = {
    "overview": overview,
    "capabilities": capabilities,
    "adapters": proofs,
    "vocabularies": vocabularies,
    "models": model_fields,
    "contract-words": contract_words,
    "errors": error_table,
    "commands": commands,
    "django": example("django_refund"),
    "celery": example("celery_reply"),
}


def generated(text: str) -> str:
    """The page with its generated parts made again."""

    def block(match: re.Match[str]) -> str:
        lines = "\n".join(BLOCKS[match["name"]]()).strip()
        return f"{match[1]}\n{lines}\n\n{match[3]}"

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Write, or with `--check` only compare; the exit code says whether anything was stale."""
    stale = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        before = page.read_text("utf-8")
        after = generated(before)
        if after == before:
            continue
        stale.append(page.relative_to(ROOT))
        if "--check" not in arguments:
            page.write_text(after, "utf-8")
    for page in stale:
        print(f"{page}: {'is stale: run `make generate`' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
