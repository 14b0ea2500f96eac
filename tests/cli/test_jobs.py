"""`sellercare jobs`: runs are listed, shown and carried on."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Platform, Run


def planned(acme: Platform, run: Run, folder: Path, count: int = 2, *more: str) -> str:
    """A plan that nobody has sent; its id."""
    file = folder / "rows.csv"
    threads = [acme.world.message().thread_id for _ in range(count)]
    file.write_text("thread_id,text\n" + "".join(f"{thread},x\n" for thread in threads) + "".join(more))
    result = run("bulk", "reply", str(file), "--dry-run", "--json")
    return str(json.loads(result.stdout.splitlines()[0])["job"])


def test_no_runs_yet(home: Path, run: Run) -> None:
    result = run("jobs", "list")
    assert result.exit_code == 0
    assert "no bulk runs yet" in result.stderr


def test_a_plan_is_listed_shown_and_carried_on(acme: Platform, run: Run, tmp_path: Path) -> None:
    job = planned(acme, run, tmp_path)
    listed = run("jobs", "list")
    assert job in listed.stdout
    assert "2 ready" in listed.stdout
    assert json.loads(run("jobs", "list", "--json").stdout)["job"] == job
    shown = run("jobs", "show", job[:-2])
    assert "2 ready" in shown.stdout
    assert "state: planned" in shown.stdout
    resumed = run("jobs", "resume", job, input="y\n")
    assert resumed.exit_code == 0, resumed.output
    assert acme.world.count("message") == 2
    assert "state: applied" in run("jobs", "show", job).stdout
    again = run("jobs", "resume", job)
    assert again.exit_code == 0
    assert "Nothing was sent." in again.stdout
    assert acme.world.count("message") == 2


def test_rows_of_one_state_and_as_json(acme: Platform, run: Run, tmp_path: Path) -> None:
    job = planned(acme, run, tmp_path, 1, "nope,x\n")
    result = run("jobs", "show", job, "--state", "rejected")
    assert "nope" in result.stdout
    assert "ready" not in result.stdout
    lines = [json.loads(line) for line in run("jobs", "show", job, "--json").stdout.splitlines()]
    assert [line["type"] for line in lines] == ["job", "row", "row"]
    report = tmp_path / "report.csv"
    assert run("jobs", "show", job, "--report", str(report)).exit_code == 0
    assert report.read_text("utf-8-sig").splitlines()[0].startswith("line,account,target,key,state")


def test_a_plan_with_bad_rows_is_not_carried_on(acme: Platform, run: Run, tmp_path: Path) -> None:
    job = planned(acme, run, tmp_path, 1, "nope,x\n")
    result = run("jobs", "resume", job, "--yes")
    assert result.exit_code == 2
    assert "line 3" in result.stderr
    assert acme.world.count("message") == 0


def test_an_unknown_run_is_wrong_input(acme: Platform, run: Run, tmp_path: Path) -> None:
    job = planned(acme, run, tmp_path)
    for command in ("show", "resume"):
        result = run("jobs", command, "nothing")
        assert result.exit_code == 2
        assert job in result.stderr
