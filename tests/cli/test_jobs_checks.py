"""`sellercare jobs` verify, approve, settle, cancel, export and compare: what they say, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from sellercare.simulator.faults import Fault

from .conftest import Platform, Run


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def bulk(run: Run, tmp_path: Path) -> Any:
    """`bulk("refund", header, *lines, options=[…])` runs a file; the result and the job's id."""

    def do(what: str, header: str, *lines: str, options: tuple[str, ...] = ("--yes",)) -> tuple[Result, str]:
        file = tmp_path / f"{what}.csv"
        file.write_text("\n".join([header, *lines, ""]))
        result = run("bulk", what, str(file), "--json", *options)
        return result, str(objects(result)[0]["job"])

    return do


def test_decisions_and_answers_to_reviews_from_files(acme: Platform, bulk: Any) -> None:
    return_, review = acme.world.return_(), acme.world.review()
    decided, _ = bulk("return", "return_id,decision", f"{return_.id},approve")
    assert (decided.exit_code, return_.state) == (0, "approved")
    answered, _ = bulk("review-reply", "review_id,text", f"{review.id},Sorry.")
    assert (answered.exit_code, review.reply) == (0, "Sorry.")


def test_rows_above_a_limit_wait_for_an_approval_with_a_name(acme: Platform, run: Run, bulk: Any) -> None:
    order = acme.world.order()
    options = ("--yes", "--limit-refund", "3 EUR")
    result, job = bulk("refund", "order_id,amount,currency,key", f"{order.id},5,EUR,a", options=options)
    assert result.exit_code == 1
    assert objects(result)[1]["waits_for"] == "approval"
    assert f"sellercare jobs approve {job}" in result.stderr
    assert acme.world.count("refund") == 0
    refused = run("jobs", "approve", job, input="n\n")
    assert refused.exit_code == 1
    assert "5.00 EUR is above the limit of 3.00 EUR for one write" in refused.stdout
    approved = run("jobs", "approve", job, "--row", "2", "--who", "anna", "--yes")
    assert approved.exit_code == 0
    assert "1 refund approved by anna" in approved.stderr
    assert run("jobs", "resume", job, "--yes").exit_code == 0
    assert acme.world.count("refund") == 1
    (line,) = csv.DictReader(io.StringIO(run("jobs", "export", job).stdout))
    assert (line["state"], line["approved_by"], line["settlement"]) == ("confirmed", "anna", "done")
    assert run("jobs", "approve", job, "--yes").exit_code == 2


def test_a_plan_says_which_limit_its_rows_meet_and_from_where_on(acme: Platform, run: Run, bulk: Any) -> None:
    with (acme.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write('[accounts.shop.limits]\nrun = "10 EUR"\nday = "100 EUR"\n')
    orders = [acme.world.order() for _ in range(4)]
    rows = [f"{order.id},4,EUR,k{n}" for n, order in enumerate(orders)]
    result, job = bulk("refund", "order_id,amount,currency,key", *rows, options=("--dry-run",))
    assert result.exit_code == 0
    (told,) = objects(result)[0]["at_stake"]
    assert told == {
        "account": "shop",
        "currency": "EUR",
        "money": "16.00",
        "rows": 4,
        "limit": "run",
        "most": "10.00",
        "taken": "0.00",
        "first_line": 4,
        "waiting": 2,
        "waiting_money": "8.00",
    }
    shown = run("jobs", "show", job).stdout
    assert "at stake for shop: 16.00 EUR in 4 rows" in shown
    assert "more than the limit of 10.00 EUR for one run:" in shown
    assert "from line 4 on, 2 rows (8.00 EUR) will wait for an approval" in shown
    assert objects(run("jobs", "show", job, "--json"))[0]["at_stake"] == [told]
    resumed = run("jobs", "resume", job, "--yes")
    assert "from line 4 on" in resumed.stdout
    assert acme.world.count("refund") == 2


def test_limits_of_the_account_hold_single_refunds_too(acme: Platform, run: Run) -> None:
    with (acme.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write('[accounts.shop.limits]\nrefund = "3 EUR"\n')
    order = acme.world.order()
    pay = ("refunds", "issue", "--order", order.id, "--amount", "5 EUR", "--key", "k", "--yes")
    held = run(*pay)
    assert held.exit_code == 1
    assert "above the limit of 3.00 EUR" in held.stderr
    assert "Nothing was changed" in held.stderr
    assert acme.world.count("refund") == 0
    assert run(*pay, "--approve").exit_code == 0
    assert acme.world.count("refund") == 1


def test_what_was_not_sent_is_called_off(acme: Platform, run: Run, bulk: Any) -> None:
    thread = acme.world.message().thread_id
    _, job = bulk("reply", "thread_id,text", f"{thread},x", options=("--dry-run",))
    cancelled = run("jobs", "cancel", job, "--yes")
    assert cancelled.exit_code == 0
    assert "Called off 1 rows" in cancelled.stderr
    resumed = run("jobs", "resume", job, "--yes")
    assert "Nothing was sent." in resumed.stdout
    assert acme.world.count("message") == 0


def test_a_run_is_read_back(acme: Platform, run: Run, bulk: Any) -> None:
    messages = [acme.world.message(), acme.world.message()]
    _, job = bulk("reply", "thread_id,text", *(f"{each.thread_id},Soon." for each in messages))
    agreed = run("jobs", "verify", job)
    assert agreed.exit_code == 0
    assert "2 agree" in agreed.stderr
    acme.world.data.threads[messages[0].thread_id].messages[-1].text = "Other."
    differs = run("jobs", "verify", job, "--json")
    assert differs.exit_code == 1
    first, second, end = objects(differs)
    assert (first["found"], first["why"]) == ("differs", "its text is not the one that was sent")
    assert (second["found"], end["counts"]) == ("agrees", {"differs": 1, "agrees": 1})


def test_a_persons_word_settles_what_is_unknown(acme: Platform, run: Run, bulk: Any) -> None:
    acme.face.contract = "blind"
    acme.account("blind", contract="blind")
    acme.face.faults.add(Fault("never_arrived", on="POST /v1/threads/*"))
    thread = acme.world.message().thread_id
    result, job = bulk("reply", "account,thread_id,text", f"blind,{thread},x", options=("--yes", "-a", "blind"))
    assert result.exit_code == 3
    assert f"jobs settle {job}:LINE" in result.stderr
    assert run("jobs", "settle", f"{job}:2", "--not-landed", input="n\n").exit_code == 1
    said = run("jobs", "settle", f"{job}:2", "--not-landed", "--yes", "--json")
    assert said.exit_code == 0, said.output
    assert (objects(said)[0]["state"], objects(said)[0]["landed"]) == ("ready", False)
    assert run("jobs", "resume", job, "--yes").exit_code == 0
    assert acme.world.count("message") == 1
    for wrong in (("nothing", "--landed"), (f"{job}:9", "--landed"), (f"{job}:2", "--landed"), (f"{job}:2",)):
        assert run("jobs", "settle", *wrong, "--yes").exit_code == 2


def test_refunds_are_followed(acme: Platform, run: Run, bulk: Any) -> None:
    acme.world.settle_after = 3600.0
    orders = [acme.world.order() for _ in range(2)]
    _, job = bulk("refund", "order_id,amount,currency,key", *(f"{each.id},5,EUR,{each.id}" for each in orders))
    assert "2 pending" in run("jobs", "settle", "--follow").stderr
    refunds = list(acme.world.data.refunds.values())
    for refund in refunds:
        refund.state = "done"
    followed = run("jobs", "settle", "--follow", "--json")
    assert followed.exit_code == 0
    assert [(each["was"], each["settlement"]) for each in objects(followed)] == [("pending", "done")] * 2
    refunds[0].state = "failed"
    assert "No refund is pending" in run("jobs", "settle", "--follow").stderr
    failed = run("jobs", "settle", "--follow", job)
    assert failed.exit_code == 1
    assert "failed" in failed.stdout
    assert "accepted and then not paid" in failed.stderr
    assert "1 failed" in run("jobs", "resume", job, "--yes").stdout


def test_an_export_tells_what_was_sent(acme: Platform, run: Run, bulk: Any, tmp_path: Path) -> None:
    thread = acme.world.message().thread_id
    _, job = bulk("reply", "thread_id,text", f"{thread},=1+1")
    (line,) = objects(run("jobs", "export", job, "--jsonl"))
    assert (line["state"], line["attempts"], line["sent"]["text"]) == ("confirmed", 1, "=1+1")
    assert line["native_id"]
    assert line["sent_at"]
    file = tmp_path / "export.csv"
    assert run("jobs", "export", job, "--csv", "-o", str(file)).exit_code == 0
    (row,) = csv.DictReader(file.open(encoding="utf-8-sig"))
    assert row["text"] == "'=1+1"
    assert json.loads(row["sent"])["text"] == "=1+1"


def test_a_plan_is_compared_with_now(acme: Platform, run: Run, bulk: Any) -> None:
    message = acme.world.message(minutes_ago=5)
    _, job = bulk("reply", "thread_id,text", f"{message.thread_id},x", options=("--dry-run",))
    acme.world.message(acme.world.data.threads[message.thread_id], "And?")
    shown = run("jobs", "show", job, "--compare")
    assert shown.exit_code == 0
    assert "the buyer has written again" in shown.stdout
    held = run("jobs", "resume", job, "--yes", "--compare")
    assert held.exit_code == 1
    assert acme.world.count("message") == 0
    assert run("jobs", "resume", job, "--yes", "--no-compare").exit_code == 1
