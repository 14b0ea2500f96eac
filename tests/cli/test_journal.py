"""`sellercare journal`: who did what, when and why; and what is left of it after a purge."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sellercare.calls import Answer
from sellercare.simulator import FakeClock
from sellercare.store import Store

from .conftest import Platform, Run


def reply(acme: Platform, run: Run, text: str, key: str, *more: str) -> Any:
    thread = next(iter(acme.world.data.threads), None) or acme.world.message().thread_id
    return run("messages", "reply", thread, "--text", text, "--key", key, "--yes", *more)


def exported(run: Run, *more: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("journal", "export", "--json", *more).stdout.splitlines()]


@pytest.fixture
def aged(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets days pass for the commands that follow."""

    def pass_days(days: int) -> None:
        from sellercare import clock

        class Later(clock.SystemClock):
            def now(self) -> datetime:
                return datetime.now(UTC) + timedelta(days=days)

        monkeypatch.setattr(clock, "SystemClock", Later)

    return pass_days


def test_an_empty_journal(home: Path, run: Run) -> None:
    result = run("journal", "export")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing was written" in result.stderr


def test_who_did_what_when_why_and_what_came_of_it(acme: Platform, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    reply(acme, run, "Yes, today.", "ticket-1")
    (line,) = exported(run)
    (act,) = acme.world.acts
    assert (line["who"], line["account"], line["verb"], line["target"]) == (
        "ada", "shop", "messages.reply", f"thread:{act.target}",
    )  # fmt: skip
    assert (line["what"]["text"], line["outcome"], line["attempts"], line["key"]) == (
        "Yes, today.", "confirmed", 1, "ticket-1",
    )  # fmt: skip
    (thread,) = acme.world.data.threads.values()
    assert line["platform_id"] == thread.messages[-1].id
    assert datetime.now(UTC) - datetime.fromisoformat(line["decided_at"]) < timedelta(minutes=1)
    table = run("journal", "export").stdout
    for word in ("ada", "confirmed", "Yes, today.", f"thread:{act.target}"):
        assert word in table


def test_a_bulk_run_is_its_own_why(acme: Platform, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"thread_id,text\n{acme.world.message().thread_id},Hello\n")
    job = json.loads(run("bulk", "reply", str(file), "--yes", "--json").stdout.splitlines()[0])["job"]
    (line,) = exported(run)
    assert line["why"] == f"bulk job {job}"


def test_a_refusal_says_why(acme: Platform, run: Run) -> None:
    acme.world.message()
    assert reply(acme, run, "x" * 1999, "ok").exit_code == 0
    thread = next(iter(acme.world.data.threads.values()))
    acme.face.faults.add(_refusal())
    reply(acme, run, "again", "no")
    line = exported(run)[-1]
    assert (line["key"], line["outcome"]) == ("no", "refused")
    assert line["error"]
    assert thread.closed is False


def _refusal() -> Any:
    from sellercare.simulator import Fault

    return Fault("error_before", on="POST *", status=422)


def test_a_spreadsheet_takes_no_text_for_a_formula(acme: Platform, run: Run) -> None:
    reply(acme, run, "Hello", "=1+1")
    result = run("journal", "export", "--csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["key"] == "'=1+1"
    assert json.loads(row["what"])["text"] == "Hello"


def test_one_form_at_a_time(home: Path, run: Run) -> None:
    assert run("journal", "export", "--csv", "--json").exit_code == 2


def test_only_some_accounts_and_only_lately(acme: Platform, run: Run, aged: Any) -> None:
    reply(acme, run, "one", "k1")
    assert exported(run, "--account", "other") == []
    assert len(exported(run, "--account", "shop", "--account", "other")) == 1
    assert len(exported(run, "--since", "1h")) == 1
    assert exported(run, "--since", "2100-01-01") == []


class TestPurge:
    def test_what_is_gone_and_what_stays(self, acme: Platform, run: Run, aged: Any) -> None:
        reply(acme, run, "A very private text.", "ticket-1")
        before = exported(run)[0]
        aged(31)
        result = run("journal", "purge", "--older-than", "30d", "--yes")
        assert result.exit_code == 0, result.output
        assert "1 writes and 0 rows" in result.stdout
        (line,) = exported(run)
        assert line["purged_at"]
        assert line | {"what": before["what"], "purged_at": None} == before
        assert "(purged" in run("journal", "export").stdout
        for file in acme.home.glob("store.db*"):
            assert b"A very private text." not in file.read_bytes()

    def test_a_repeated_key_sends_nothing_and_says_when_it_was_done(self, acme: Platform, run: Run, aged: Any) -> None:
        reply(acme, run, "A very private text.", "ticket-1")
        (line,) = exported(run)
        aged(31)
        run("journal", "purge", "--older-than", "30d", "--yes")
        again = reply(acme, run, "A very private text.", "ticket-1")
        assert again.exit_code == 0
        assert "nothing was sent now" in again.stdout
        assert line["decided_at"][:10] in again.stderr
        assert line["platform_id"] in again.stderr
        told = json.loads(reply(acme, run, "A very private text.", "ticket-1", "--json").stdout)
        assert (told["state"], told["repeated"], told["result"]) == ("confirmed", True, None)
        other = reply(acme, run, "Another text.", "ticket-1")
        assert other.exit_code == 2
        assert "was already used" in other.stderr
        assert acme.world.count("message") == 1

    def test_what_is_young_stays(self, acme: Platform, run: Run, aged: Any) -> None:
        reply(acme, run, "young", "k")
        aged(29)
        assert "0 writes" in run("journal", "purge", "--older-than", "30d", "--yes").stdout
        assert exported(run)[0]["what"]["text"] == "young"

    def test_it_asks_first_and_a_dry_run_only_counts(self, acme: Platform, run: Run, aged: Any) -> None:
        reply(acme, run, "text", "k")
        aged(31)
        assert "Would remove the personal data of 1 writes" in run(
            "journal", "purge", "--older-than", "30d", "--dry-run"
        ).stdout  # fmt: skip
        refused = run("journal", "purge", "--older-than", "30d", input="n\n")
        assert refused.exit_code == 1
        assert exported(run)[0]["what"]["text"] == "text"
        told = json.loads(run("journal", "purge", "--older-than", "30d", "--yes", "--json").stdout)
        assert (told["writes"], told["rows"], told["dry_run"]) == (1, 0, False)

    def test_rows_of_bulk_runs_too(self, acme: Platform, run: Run, tmp_path: Path, aged: Any) -> None:
        file = tmp_path / "rows.csv"
        threads = [acme.world.message().thread_id for _ in range(2)]
        file.write_text("thread_id,text\n" + "".join(f"{thread},Private words.\n" for thread in threads))
        run("bulk", "reply", str(file), "--yes")
        aged(31)
        assert "2 writes and 2 rows" in run("journal", "purge", "--older-than", "30d", "--yes").stdout
        for each in acme.home.glob("store.db*"):
            assert b"Private words." not in each.read_bytes()
        again = run("bulk", "reply", str(file), "--yes", "--even-if-answered")
        assert again.exit_code == 0, again.output
        assert acme.world.count("message") == 2

    @pytest.mark.parametrize("age", ["30", "d", "-1d", "a month"])
    def test_an_age_that_is_none(self, home: Path, run: Run, age: str) -> None:
        result = run("journal", "purge", f"--older-than={age}")
        assert result.exit_code == 2
        assert re.search("30d", result.stderr)

    def test_a_store_that_others_read_is_told(
        self, acme: Platform, run: Run, aged: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(Store.open.__func__.__kwdefaults__, "lock_timeout", 0.3)  # ten real seconds otherwise
        reply(acme, run, "text", "k")
        aged(31)
        from sellercare.clock import SystemClock

        with (
            Store.open(f"sqlite:///{acme.home / 'store.db'}", clock=SystemClock()) as other,
            other.reading() as db,
        ):
            db.exec_driver_sql("SELECT count(*) FROM intents").scalar()
            result = run("journal", "purge", "--older-than", "30d", "--yes")
        assert result.exit_code == 5
        assert "other program" in result.stderr
        assert run("journal", "purge", "--older-than", "30d", "--yes").exit_code == 0


def test_a_purge_tells_of_looks(run: Run, home: Path) -> None:
    """What a look has shown is a buyer's, too."""
    old = FakeClock(datetime(2020, 1, 1, tzinfo=UTC))
    with Store.open(f"sqlite:///{home / 'store.db'}", clock=old) as store:
        looks = store.looks("shop")
        looks.keep(looks.begin("item-1"), Answer(200, {}, b"<item/>"))
    result = run("journal", "purge", "--older-than", "30d", "--yes", "--json")
    assert json.loads(result.stdout)["looks"] == 1, result.stderr
    assert json.loads(run("journal", "purge", "--older-than", "30d", "--yes", "--json").stdout)["looks"] == 0
