"""`sellercare adapters new` and `check`: for people who write an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sellercare.cli import options
from sellercare.cli.output import Column, Table, card, heading, note
from sellercare.cli.text import json_line
from sellercare.errors import ConfigError

if TYPE_CHECKING:
    from sellercare.testing.report import Count, Report


@click.command("new")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write into; default: this one.",
)
def new(name: str, into: Path) -> None:
    """Write an adapter to begin with: a distribution of its own, in a new folder sellercare-NAME.

    It has a declaration, a translation, a face, rules, a test suite that passes, and a page of documentation.
    """
    from sellercare.testing import generate

    files = generate.write(name, into)
    folder = into / f"sellercare-{name}"
    for file in files:
        click.echo(str(file))
    note("")
    note("What to do next:")
    for number, step in enumerate(generate.NEXT_STEPS, start=1):
        note(f"{number}. {step.format(folder=folder, name=name)}")


@click.command("check")
@click.argument("name")
@click.option(
    "--suite",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with the adapter's suite; default: the one in tests/, else the suite as it is.",
)
@click.option("--verbose", is_flag=True, help="Show what the failed cases say.")
@options.as_json
@click.pass_context
def check(ctx: click.Context, name: str, suite: Path | None, verbose: bool, as_json: bool) -> None:
    """Run the conformance suite on the adapter NAME, and report what was proved, and how.

    Nothing is sent to a real platform: the adapter talks to its face. Ends with 1 if anything failed.
    """
    from sellercare import registry

    try:
        from sellercare.testing import report as reports
    except ModuleNotFoundError as error:
        if error.name not in ("pytest", "_pytest"):
            raise
        raise ConfigError(
            "The conformance suite needs pytest.", next_step="Install it with: pip install 'sellercare[testing]'"
        ) from None
    adapter = registry.load(name)
    report = reports.run(adapter, suite or reports.find_suite(adapter, Path.cwd()))
    if as_json:
        click.echo(json_line(_plain(report)))
    else:
        _show(report, verbose)
    ctx.exit(1 if report.failed else 0)


def _show(report: Report, verbose: bool) -> None:
    from sellercare.cli.adapters import PROOFS

    adapter = report.adapter
    totals = f"{report.passed} passed, {len(report.failed)} failed, {len(report.skipped)} skipped"
    card(
        [
            ("adapter", adapter.name),
            *(("proved by", f"{PROOFS[level]}: {level.meaning}") for level in adapter.levels()),
            ("", adapter.proof),
            ("held against", report.held_against or "no description of the platform"),
            ("suite", f"{report.suite}: {totals}"),
        ]
    )
    click.echo()
    _verbs(report)
    click.echo()
    _done("Scenes", report.scenes)
    click.echo()
    _done("Of all verbs together", report.besides)
    _cases("Switched off", {case: why for case, why in report.skipped.items() if why.startswith("switched off")})
    _cases("Could not be tried", _untried(report))
    _cases("Failed", dict.fromkeys(report.failed, ""))
    if verbose and report.failed:
        click.echo(report.said)
    steps = report.next_steps()
    if steps:
        note("")
        note("What to do next:")
        for step in steps:
            note(f"- {step}")


def _verbs(report: Report) -> None:
    from sellercare.cli.adapters import MARKS, proof_of

    supports = report.adapter.supports
    by = Column("proved by", lambda verb: proof_of(report.adapter, verb) if supports[verb].offered else "")
    table = Table(
        [
            Column("verb", str),
            Column("declared", lambda verb: MARKS[supports[verb].level]),
            Column("cases passed", lambda verb: _told(report.verbs.get(verb))),
            *([by] if len(report.adapter.levels()) > 1 else []),
        ]
    )
    for verb in supports:
        table.add(verb)
    table.flush()


def _told(count: Count | None) -> str:
    """The cases of one verb, in words."""
    if count is None:
        return "nothing"
    parts = [f"{count.passed} of {count.total}"]
    off = sum(why.startswith("switched off") for why in count.skipped.values())
    parts += [f"{len(count.failed)} failed"] if count.failed else []
    parts += [f"{off} switched off"] if off else []
    parts += [f"{len(count.skipped) - off} could not be tried"] if len(count.skipped) > off else []
    return ", ".join(parts)


def _done(title: str, counts: Mapping[str, Count]) -> None:
    """What passed, what failed, and what was left, with the reason."""
    click.echo(heading(title))
    for name, count in counts.items():
        why = next(iter(count.skipped.values()), "")
        click.echo(f"  {name}: {'failed' if count.failed else 'passed' if count.passed else f'not tried: {why}'}")


def _untried(report: Report) -> dict[str, str]:
    """The cases of single verbs that could not be tried, with the reason; others show theirs in their own line."""
    untried = {case: why for count in report.verbs.values() for case, why in count.skipped.items()}
    return {case: why for case, why in untried.items() if not why.startswith(("switched off", "no face"))}


def _cases(title: str, cases: dict[str, str]) -> None:
    if cases:
        click.echo()
        click.echo(heading(title))
        for case, why in cases.items():
            click.echo(f"  {case}" + (f"\n    {why.removeprefix('switched off: ')}" if why else ""))


def _plain(report: Report) -> dict[str, object]:
    return {
        "adapter": report.adapter.name,
        "proved_by": report.adapter.proved_by,
        "proof": report.adapter.proof,
        "proofs": {
            verb: dict(report.adapter.proofs(verb))
            for verb, support in report.adapter.supports.items()
            if support.offered
        },
        "held_against": report.held_against,
        "suite": report.suite,
        "passed": report.passed,
        "failed": report.failed,
        "skipped": report.skipped,
        "verbs": {
            verb: {"passed": count.passed, "failed": len(count.failed), "skipped": len(count.skipped)}
            for verb, count in report.verbs.items()
        },
        "scenes": {scene: bool(count.passed and not count.failed) for scene, count in report.scenes.items()},
        "besides": {title: bool(count.passed and not count.failed) for title, count in report.besides.items()},
        "next": report.next_steps(),
    }
