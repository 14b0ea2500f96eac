"""The program `sellercare`: its commands by name, each imported when it is used, and one place where errors end.

Exit codes are documented in `sellercare.cli.errors`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, NoReturn

import click

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

COMMANDS: dict[str, tuple[str, str]] = {
    "accounts": ("accounts", "Sign in accounts, list, check and remove them."),
    "orders": ("orders", "Orders: see them, and call one off."),
    "messages": ("messages", "Read conversations with buyers, and answer."),
    "returns": ("returns", "Returns, claims and disputes: see them and decide."),
    "refunds": ("refunds", "See what was paid back and what may be, and pay back."),
    "reviews": ("reviews", "Read reviews, and answer."),
    "scores": ("scores", "How the marketplace judges the seller."),
    "bulk": ("bulk", "Answer, decide or pay back many, from a file."),
    "jobs": ("jobs", "Bulk runs: list, look into, carry on, check."),
    "journal": ("journal", "The audit trail of all writes, and purging it."),
    "adapters": ("adapters", "What each platform can do, and why not."),
    "demo": ("demo", "A tour on simulated platforms; nothing real is touched."),
}
"""The commands in the order of the help: the module of `sellercare.cli` that holds one, and its short help.

Each module has a click command of the same name as the command.
"""


class Group(click.Group):
    """A group of commands that keeps the order they were written in, and suggests a name for a mistyped one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which they were added."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a mistyped name is an error with a suggestion."""
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            ctx.fail(f"There is no command {name!r}." + suggestion(name, known))
        return super().resolve_command(ctx, args)


def suggestion(name: str, known: Sequence[str]) -> str:
    """` Did you mean …?` if a known name is close, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


class Program(Group):
    """The whole program. Its help comes from the table above, so that it loads no command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"sellercare.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their short help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and turn every way to end into an exit code and plain sentences."""
        given = list(args) if args is not None else sys.argv[1:]
        if not standalone_mode:
            return super().main(given, prog_name, complete_var, False, **extra)
        try:
            code = super().main(given, prog_name, complete_var, False, **extra)
        except BrokenPipeError:
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place where an error can be explained
            from sellercare.cli.errors import end

            sys.exit(end(error, given))
        sys.exit(code if isinstance(code, int) else 0)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"sellercare {version('sellercare')}")
        ctx.exit()


@click.command(cls=Program, context_settings=CONTEXT)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def cli() -> None:
    """After-sales work over marketplaces and storefronts: messages, returns, refunds, reviews, scores.

    Add an account with `sellercare accounts add`, or look around with `sellercare demo`.
    Exit codes: 0 done, 1 something failed or was refused, 2 wrong input, 3 an outcome is unknown,
    4 settings or sign-in, 5 the store, 130 interrupted.
    """


def main() -> NoReturn:
    """Run `sellercare` with the arguments of the process."""
    # A stream that the caller has closed is None: what is written there is for nobody, and nobody answers.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 - for as long as the process lives
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no ż shows a question mark
    cli(prog_name="sellercare")
    sys.exit(0)


__all__ = ["COMMANDS", "CONTEXT", "Group", "Program", "cli", "main", "suggestion"]
