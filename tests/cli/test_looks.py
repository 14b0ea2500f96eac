"""What a look changes at the marketplace is said before, and nobody looks unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Platform, Rakuten, Run

MARKS = "marks all messages of the item as read"


@pytest.fixture
def item(rakuten: Rakuten) -> str:
    """An item whose buyer waits, with a claim."""
    sold = rakuten.face.items.one(rakuten.item)
    assert sold is not None
    rakuten.world.message(rakuten.face.items.talk(sold), "Où est mon colis ?")
    rakuten.world.return_(sold.order, kind="claim")
    return rakuten.item


def looks(rakuten: Rakuten) -> int:
    return sum(call.endswith("getiteminfos") for call, _ in rakuten.face.log)


@pytest.mark.parametrize("group", ["messages", "returns"])
def test_a_look_says_what_it_changes_and_is_made_once(run: Run, rakuten: Rakuten, item: str, group: str) -> None:
    shown = run(group, "show", item)
    assert shown.exit_code == 0, shown.stderr
    assert MARKS in shown.stderr
    assert looks(rakuten) == 1


def test_where_nothing_changes_nothing_is_said(run: Run, acme: Platform) -> None:
    thread = acme.world.thread(acme.world.order())
    acme.world.message(thread, "Where is my parcel?")
    shown = run("messages", "show", thread.id)
    assert shown.exit_code == 0, shown.stderr
    assert "look" not in shown.stderr


def test_what_is_decided_elsewhere_is_not_called_nothing(run: Run, rakuten: Rakuten, item: str) -> None:
    shown = " ".join(run("returns", "show", item).stdout.split())
    assert "Nothing is to be decided" not in shown
    assert "through the services" in shown
    assert "Order tracking, the item, its claim" in shown


@pytest.mark.parametrize("answer", ["n", "y"])
def test_a_bulk_plan_asks_before_it_looks(run: Run, rakuten: Rakuten, item: str, tmp_path: Path, answer: str) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(f"thread_id,text\n{item},Demain.\n", "utf-8")
    result = run("bulk", "reply", str(file), "--dry-run", input=f"{answer}\n")
    said = " ".join(result.stderr.split())
    assert MARKS in said
    assert "looked at once, and again when it is sent" in said
    assert looks(rakuten) == (1 if answer == "y" else 0)
