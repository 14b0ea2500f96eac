"""Orders on the command line; calling one off shows what follows, and asks."""

from __future__ import annotations

import json

from .conftest import Platform, Rakuten, Run


def test_they_are_listed_and_shown(run: Run, acme: Platform) -> None:
    order = acme.world.order(lines=[acme.world.line("Kettle", "19.90")], state="paid")
    listed = run("orders", "list")
    assert listed.exit_code == 0, listed.stderr
    assert "Kettle" in listed.stdout
    assert json.loads(run("orders", "list", "--json").stdout)["id"] == order.id
    for asked in ([order.id], [order.number, "--number"]):
        shown = run("orders", "show", *asked)
        assert "1 × Kettle at 19.90 EUR" in shown.stdout, shown.stderr


def test_one_is_called_off_once(run: Run, acme: Platform) -> None:
    order = acme.world.order(state="paid")
    for _ in range(2):
        result = run("orders", "cancel", order.id, "--key", "c-1", "--yes")
        assert result.exit_code == 0, result.stderr
    assert acme.world.count("order.cancel", order.id) == 1


def test_what_follows_is_shown_before_it_asks(run: Run, rakuten: Rakuten) -> None:
    asked = ("orders", "cancel", rakuten.item, "--reason", "Plus en stock", "--key", "c-1")
    no = run(*asked, input="n\n")
    assert no.exit_code == 1
    assert "delivery included" in " ".join(no.stderr.split())
    assert rakuten.world.data.refunds == {}
    yes = run(*asked, input="y\n")
    assert yes.exit_code == 0, yes.stderr
    assert len(rakuten.world.data.refunds) == 1


def test_a_dry_run_tells_programs_what_follows(run: Run, rakuten: Rakuten) -> None:
    result = run("orders", "cancel", rakuten.item, "--reason", "x", "--key", "c-1", "--dry-run", "--json")
    assert "cancelled for good" in json.loads(result.stdout)["consequences"][0]
    assert rakuten.world.data.refunds == {}


def test_money_is_not_moved_without_a_key(run: Run, rakuten: Rakuten) -> None:
    result = run("orders", "cancel", rakuten.item, "--reason", "x", "--yes")
    assert result.exit_code == 2
    assert "needs a key" in result.stderr
    assert rakuten.world.data.refunds == {}
