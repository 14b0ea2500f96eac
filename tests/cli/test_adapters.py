"""The capability tables, from the adapters' own declarations."""

from __future__ import annotations

import json

import pytest

from sellercare import registry
from sellercare.interfaces import VERBS

from .conftest import Platform, Run


def test_the_table_has_every_verb_of_every_adapter(run: Run) -> None:
    result = run("adapters")
    assert result.exit_code == 0, result.stderr
    head, *rows = result.stdout.splitlines()
    assert head.split() == ["verb", *registry.names()]
    assert [row.split()[0] for row in rows[: len(VERBS)]] == list(VERBS)
    assert rows[len(VERBS)].startswith("(proved by)"), "nobody sees what was tried on the real platform"
    cells = {row.split()[0]: row.split()[1:] for row in rows[: len(VERBS)]}
    for n, name in enumerate(registry.names()):
        for verb, support in registry.load(name).supports.items():
            assert (cells[verb][n].rstrip("*") in ("yes", "built")) == support.offered


def test_a_narrow_terminal_gets_blocks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")
    result = run("adapters")
    assert sum(line.startswith("verb") for line in result.stdout.splitlines()) == len(registry.names())
    assert max(map(len, result.stdout.splitlines())) <= 33


def test_the_table_for_programs(run: Run) -> None:
    rows = [json.loads(line) for line in run("adapters", "--json").stdout.splitlines()]
    assert [row["adapter"] for row in rows] == registry.names()
    assert all(set(row["supports"]) == set(VERBS) for row in rows)


@pytest.mark.parametrize("how", [("show", "allegro"), ("allegro",)])
def test_one_adapter_gives_reasons(run: Run, how: tuple[str, ...]) -> None:
    result = run("adapters", *how)
    assert result.exit_code == 0, result.stderr
    text = " ".join(result.stdout.split())
    for verb, support in registry.load("allegro").supports.items():
        assert verb in text
        assert " ".join(support.text.split()) in text


def test_what_an_account_can_do_is_asked_of_the_platform(run: Run, acme: Platform) -> None:
    result = run("adapters", "show", "--account", "shop", "--json")
    assert json.loads(result.stdout)["adapter"] == "acme"


@pytest.mark.parametrize(
    ("args", "code", "why"),
    [
        (("show", "alegro"), 4, "Did you mean 'allegro'?"),
        (("show",), 2, "Name an adapter (acme"),
        (("shw",), 2, "Did you mean 'show'?"),
        (("medua",), 2, "Did you mean 'medusa'?"),
    ],
)
def test_a_wrong_name_is_said(run: Run, args: tuple[str, ...], code: int, why: str) -> None:
    result = run("adapters", *args)
    assert (result.exit_code, why in result.stderr) == (code, True), result.stderr


def test_an_adapter_that_cannot_be_loaded_does_not_stop_the_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    original = registry.load

    def load(name: str) -> object:
        if name == "acme":
            raise registry.ConfigError("The adapter 'acme' is installed but cannot be loaded (X).")
        return original(name)

    monkeypatch.setattr(registry, "load", load)
    result = run("adapters")
    assert result.exit_code == 4
    assert "allegro" in result.stdout
    assert "cannot be loaded" in result.stderr
