"""The capability tables, from the adapters' own declarations."""

from __future__ import annotations

import json
from pathlib import Path

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
            assert (cells[verb][n].rstrip("*~") in ("yes", "built")) == support.offered


def test_the_table_marks_what_was_proved_by_less(run: Run) -> None:
    rows = {row.split()[0]: row.split()[1:] for row in run("adapters").stdout.splitlines() if row.strip()}
    ebay = registry.names().index("ebay")
    assert rows["reviews.list"][ebay] == "yes", "held against eBay's contract alone"
    assert rows["returns.list"][ebay] == "yes~", "Post-Order has no contract"
    table = run("adapters").stdout
    strongest, less = (table.index(row) for row in ("(proved by)", "(~ proved by)"))
    column = table.splitlines()[0].index("ebay")
    assert table[strongest:].splitlines()[0][column:].startswith("spec")
    assert table[less:].splitlines()[0][column:].startswith("texts")


def test_one_adapter_tells_the_proof_of_each_part(run: Run) -> None:
    shown = run("adapters", "show", "ebay").stdout
    assert "spec (payment disputes), texts (returns, inquiries and cancellations)" in shown
    told = json.loads(run("adapters", "show", "ebay", "--json").stdout)
    assert told["proved_by"] == "description"
    assert told["supports"]["returns.offer"]["proved_by"] == {"dossier": ""}
    assert set(told["supports"]["returns.list"]["proved_by"]) == {"description", "dossier"}
    assert "proved_by" not in told["supports"]["reviews.request"]


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


def test_a_new_adapter_is_written_with_what_to_do_next(run: Run, tmp_path: Path) -> None:
    result = run("adapters", "new", "corner-shop", "--into", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "sellercare-corner-shop" / "src" / "sellercare_corner_shop" / "adapter.py").is_file()
    assert "1. pip install -e" in result.stderr
    assert "sellercare adapters check corner-shop" in result.stderr
    again = run("adapters", "new", "corner-shop", "--into", tmp_path)
    assert (again.exit_code, "there already" in again.stderr) == (2, True)


def test_a_report_says_what_was_proved_and_how(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("adapters", "check", "medusa")
    assert result.exit_code == 0, result.stdout
    assert "live: Tried on a running server" in result.stdout
    assert "no description of the platform" in result.stdout
    assert "not tried: no face" in result.stdout
    assert "Write a face" in result.stderr
    report = json.loads(run("adapters", "check", "medusa", "--json").stdout)
    assert (report["proved_by"], report["failed"]) == ("live", [])
    assert set(report["verbs"]) == set(VERBS)
    assert "two programs refresh one token once: not tried: no face" in result.stdout
    assert report["besides"]["generated answers are read"] is False
    assert report["besides"]["the declaration is whole"] is True


def test_a_report_with_a_failure_ends_with_1(run: Run, tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(
        "from sellercare.testing.suite import AdapterSuite\n\n\n"
        "class TestMedusa(AdapterSuite):\n    adapter = 'medusa'\n    no_face = 'none here'\n"
        "    proved_in = 'the plain suite'\n    off = {'no test': 'x'}\n",
        "utf-8",
    )
    result = run("adapters", "check", "medusa", "--suite", suite)
    assert result.exit_code == 1
    assert "test_what_is_switched_off_exists_and_has_a_reason" in result.stdout
