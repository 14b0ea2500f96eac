"""The program itself: it starts light, suggests names, and ends with documented codes."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sellercare import errors
from sellercare.cli import cli
from sellercare.cli import errors as ends
from sellercare.cli.program import COMMANDS

from .conftest import Run

HEAVY = ("requests", "pydantic", "sqlalchemy", "rich", "alembic", "jinja2", "tomlkit", "urllib3")


def python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60, check=False)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom sellercare.cli import cli\n"
        "try:\n    cli(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "print(','.join(sys.modules), file=sys.stderr)"
    )
    done = python(code)
    loaded = set(done.stderr.strip().split(","))
    assert not loaded & set(HEAVY)
    # Of our own, only the program: no command was imported to print the list of them.
    assert {name for name in loaded if name.startswith("sellercare")} == {
        "sellercare",
        "sellercare.cli",
        "sellercare.cli.program",
    }
    for name, (_, text) in COMMANDS.items():
        assert name in done.stdout
        assert text in done.stdout


def test_importing_the_library_loads_nothing_heavy() -> None:
    done = python("import sys, sellercare; print(','.join(sys.modules))")
    assert not set(done.stdout.strip().split(",")) & {*HEAVY, "click"}


def test_python_dash_m_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sellercare", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("sellercare ")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("mesages", "messages"), ("refund", "refunds"), ("adaptors", "adapters"), ("acounts", "accounts")],
)
def test_a_mistyped_command_gets_a_suggestion(run: Run, typed: str, meant: str) -> None:
    result = run(typed)
    assert result.exit_code == 2
    assert f"Did you mean '{meant}'?" in result.stderr
    assert "Nothing was changed at the marketplace." in result.stderr


def test_a_mistyped_subcommand_gets_a_suggestion(run: Run) -> None:
    result = run("messages", "replay")
    assert result.exit_code == 2
    assert "Did you mean 'reply'?" in result.stderr


def test_a_mistyped_option_gets_a_suggestion(run: Run) -> None:
    result = run("messages", "list", "--acount", "x")
    assert result.exit_code == 2
    assert "--account" in result.stderr
    assert "sellercare messages list -h" in result.stderr


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(command: click.Command, path: tuple[str, ...]) -> None:
        if path:
            found.append(path)
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                walk(child, (*path, name))

    ctx = click.Context(cli)
    for name in COMMANDS:
        if name in ("bulk", "jobs", "demo"):
            continue
        command = cli.get_command(ctx, name)
        assert command is not None
        walk(command, (name,))
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_command_and_option_is_explained(run: Run, path: tuple[str, ...]) -> None:
    assert run(*path, "-h").output == run(*path, "--help").output
    command: click.Command | None = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    assert command.help
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, f"{path}: {param.name} has no help"


class Broken(Exception):
    pass


def test_no_traceback_reaches_a_person(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        buyer = "the secret of a buyer"
        raise Broken(buyer)

    monkeypatch.setattr("sellercare.config.Config.load", broken)
    result = run("messages", "list")
    assert result.exit_code == 70
    assert "Traceback" not in result.output
    assert "sellercare itself has a defect (Broken)." in result.stderr
    assert "Nothing was changed at the marketplace." in result.stderr
    [file] = (home / "defects").iterdir()
    assert str(file) in result.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text()
    assert "in broken" in written
    assert "the secret of a buyer" not in written.replace('buyer = "the secret of a buyer"', "")


def test_a_defect_is_told_even_where_nothing_can_be_written(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("SELLERCARE_HOME", str(home / "file"))
    monkeypatch.setattr("sellercare.config.Config.load", lambda *_: 1 / 0)
    result = run("messages", "list")
    assert result.exit_code == 70
    assert "ZeroDivisionError" in result.stderr


def test_a_defect_is_one_object_for_programs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sellercare.config.Config.load", lambda *_: 1 / 0)
    result = run("messages", "list", "--json")
    assert result.exit_code == 70
    assert json.loads(result.stderr)["error"] == "defect"
    assert result.stdout == ""


CODES = [
    (errors.BadInput("x"), 2),
    (errors.RuleBroken("x", rule="r"), 2),
    (errors.KeyConflict("x", before={}, now={}), 2),
    (errors.UnknownAccount("x"), 4),
    (errors.UnknownAdapter("x"), 4),
    (errors.SignInNeeded("x"), 4),
    (errors.Unauthorized("x"), 4),
    (errors.Impossible("x", verb="v", reason="r"), 1),
    (errors.NotAllowedNow("x"), 1),
    (errors.StoreError("x"), 5),
    (errors.NotFound("x"), 1),
    (errors.RateLimited("x"), 1),
    (errors.Unavailable("x"), 1),
    (errors.BadAnswer("x"), 1),
    (errors.OutcomeUnknown("x"), 3),
    (errors.Unavailable("x", changed=errors.Changed.UNKNOWN), 3),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=lambda value: getattr(value, "code", str(value)))
def test_exit_codes_are_as_documented(error: errors.SellercareError, code: int) -> None:
    assert ends.exit_code(error) == code


def test_the_exit_code_of_several() -> None:
    assert ends.worst([]) == 0
    assert ends.worst([0, 0]) == 0
    assert ends.worst([0, 4, 4]) == 4
    assert ends.worst([2, 4]) == 1
    assert ends.worst([2, 3, 5]) == 3


def test_an_error_says_what_happened_whether_anything_changed_and_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise errors.OutcomeUnknown(
            "No answer\x1b[2J came.", look_at="Look at the order.", next_step="Settle it.", request_id="r-1"
        )

    monkeypatch.setattr("sellercare.config.Config.load", unknown)
    result = run("messages", "list")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        "Error: No answer came.",
        "  It is not known whether the marketplace acted.",
        "  Look at the order.",
        "  Settle it.",
        "  The platform's support may ask for this id: r-1",
    ]


def test_a_person_is_spared_the_call_that_a_program_gets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise errors.NotFound("GET /v1/threads/{id}: Acme has no such thing.")

    monkeypatch.setattr("sellercare.config.Config.load", missing)
    assert run("messages", "list").stderr.startswith("Error: Acme has no such thing.\n")
    assert json.loads(run("messages", "list", "--json").stderr)["message"].startswith("GET /v1/threads/{id}: ")


def test_ctrl_c_is_an_ordinary_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sellercare.config.Config.load", interrupted)
    result = run("messages", "list")
    assert result.exit_code == 130
    assert "Stopped by you." in result.stderr
    assert "Nothing was changed at the marketplace." in result.stderr


@pytest.mark.parametrize("args", [(), ("messages",), ("bulk",)])
def test_no_command_shows_the_help_as_it_is(run: Run, args: tuple[str, ...]) -> None:
    done, asked = run(*args), run(*args, "--help")
    assert done.exit_code == 2
    assert done.stderr.strip() == asked.stdout.strip()
