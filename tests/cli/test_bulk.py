"""`sellercare bulk`: the plan is shown, then asked, then sent; every end has its exit code."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from sellercare.cli.bulk_progress import duration
from sellercare.simulator.faults import Fault

from .conftest import Platform, Rakuten, Run

REPLY = "POST /v1/threads/*/messages"


@pytest.fixture
def rows(tmp_path: Path) -> Any:
    """`rows(header, *lines)` writes a file and gives its path."""

    def write(header: str, *lines: str, name: str = "rows.csv") -> str:
        file = tmp_path / name
        file.write_text("\n".join([header, *lines, ""]))
        return str(file)

    return write


def asks(acme: Platform) -> str:
    return acme.world.message().thread_id


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_plan_is_shown_asked_and_sent_and_the_second_run_sends_nothing(acme: Platform, run: Run, rows: Any) -> None:
    file = rows("thread_id,text", *(f"{asks(acme)},Soon." for _ in range(3)))
    result = run("bulk", "reply", file, input="y\n")
    assert result.exit_code == 0, result.output
    assert "3 replies from" in result.stdout
    assert "shop  3 ready" in result.stdout
    assert "Send 3 replies?" in result.stderr
    assert "3 replies sent." in result.stdout
    assert acme.world.count("message") == 3
    again = run("bulk", "reply", file)
    assert again.exit_code == 0
    assert "3 done" in again.stdout
    assert "Nothing was sent." in again.stdout
    assert acme.world.count("message") == 3


def test_no_sends_nothing_and_says_how_to_send_it_later(acme: Platform, run: Run, rows: Any) -> None:
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), input="n\n")
    assert result.exit_code == 1
    assert "sellercare jobs resume" in result.stderr
    assert acme.world.count("message") == 0


def test_nobody_to_answer_the_question_is_wrong_usage(acme: Platform, run: Run, rows: Any) -> None:
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), input="")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert acme.world.count("message") == 0


def test_bad_rows_stop_everything_unless_they_are_left_out(acme: Platform, run: Run, rows: Any) -> None:
    file = rows("thread_id,text", f"{asks(acme)},x", "nope,x", f"{asks(acme)},")
    result = run("bulk", "reply", file, "--yes")
    assert result.exit_code == 1
    assert "line 3  There is no thread 'nope'" in result.stdout
    assert "line 4  text is empty." in result.stdout
    assert "2 of 3 rows are bad, so nothing was sent." in result.stderr
    assert "--skip-bad" in result.stderr
    assert acme.world.count("message") == 0
    skipped = run("bulk", "reply", file, "--yes", "--skip-bad")
    assert skipped.exit_code == 1
    assert acme.world.count("message") == 1


def test_a_broken_file_is_wrong_input(acme: Platform, run: Run, rows: Any) -> None:
    for header, line, says in (
        ("text", "x", "the column thread_id is missing"),
        ("thread_id,text", '7,"never closed', "line 2: a quote"),
    ):
        result = run("bulk", "reply", rows(header, line), "--yes")
        assert result.exit_code == 2
        assert says in result.stderr
        assert "Nothing was changed" in result.stderr
    assert run("bulk", "reply", "/nowhere.csv", "--yes").exit_code == 2


def test_dry_run_sends_nothing(acme: Platform, run: Run, rows: Any) -> None:
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), "--dry-run")
    assert result.exit_code == 0
    assert "Dry run: nothing was sent." in result.stderr
    assert acme.world.count("message") == 0


def test_json_is_one_object_a_line(acme: Platform, run: Run, rows: Any) -> None:
    file = rows("thread_id,text", f"{asks(acme)},x", f"{asks(acme)},y")
    result = run("bulk", "reply", file, "--yes", "--json")
    assert result.exit_code == 0
    plan, one, two, end = objects(result)
    assert (plan["type"], plan["counts"]["ready"], plan["rows"]) == ("plan", 2, 2)
    assert [(row["line"], row["state"]) for row in (one, two)] == [(2, "confirmed"), (3, "confirmed")]
    assert (end["type"], end["sent"], end["counts"]["confirmed"]) == ("result", 2, 2)


def test_rows_from_standard_input(acme: Platform, run: Run) -> None:
    line = json.dumps({"thread_id": asks(acme), "text": "x"})
    refused = run("bulk", "reply", "-", input=line)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert run("bulk", "reply", "-", "--yes", input=line).exit_code == 0
    assert acme.world.count("message") == 1


def test_an_offline_plan_says_that_it_asked_nothing(acme: Platform, run: Run, rows: Any) -> None:
    result = run("bulk", "reply", rows("thread_id,text", *(f"t{n},x" for n in range(100))), "--offline", "--dry-run")
    assert result.exit_code == 0
    assert "offline: nothing was asked" in result.stdout
    assert "takes 19 s at least: Acme takes 5 a second" in result.stdout


def test_a_template_file_serves_all_rows(acme: Platform, run: Run, rows: Any, tmp_path: Path) -> None:
    template = tmp_path / "hello.txt"
    template.write_text('Hello {{ buyer.name or "there" }}, {{ row.when }}.')
    thread = asks(acme)
    run("bulk", "reply", rows("thread_id,when", f"{thread},Monday"), "--template", str(template), "--yes")
    buyer = acme.world.data.buyers[acme.world.data.threads[thread].buyer_id]
    assert [act.detail for act in acme.world.acts] == [f"Hello {buyer.name}, Monday."]
    template.write_text("{{ ''.__class__ }}")
    result = run("bulk", "reply", rows("thread_id", asks(acme)), "--template", str(template), "--yes")
    assert result.exit_code == 1
    assert "templates may not do" in result.stdout


def test_an_unknown_outcome_has_its_own_exit_code(acme: Platform, run: Run, rows: Any) -> None:
    acme.face.contract = "blind"
    acme.account("blind", contract="blind")
    acme.face.faults.add(Fault("lost_answer", on=REPLY))
    file = rows("thread_id,text", f"{asks(acme)},x")
    result = run("bulk", "reply", file, "--yes", "-a", "blind")
    assert result.exit_code == 3, result.output
    assert "line 2  the seller pages of Acme" in result.stdout
    assert "never sent again without proof" in result.stderr
    assert run("bulk", "reply", file, "--yes", "-a", "blind").exit_code == 3
    assert acme.world.count("message") == 1


def test_refunds_show_the_money_before_they_ask(acme: Platform, run: Run, rows: Any) -> None:
    one, two = acme.world.order(), acme.world.order()
    file = rows("order_id;amount;currency;key", f"{one.id};5,50;EUR;a", f"{two.id};4;EUR;b")
    result = run("bulk", "refund", file, input="y\n")
    assert result.exit_code == 0, result.output
    assert "money to pay back: 9.50 EUR" in result.stdout
    assert "Send 2 refunds, 9.50 EUR?" in result.stderr
    assert "money paid back: 9.50 EUR" in result.stdout
    assert run("bulk", "refund", file, "--yes").exit_code == 0
    assert acme.world.count("refund") == 2


def test_refunds_need_keys_or_the_name_of_a_run(acme: Platform, run: Run, rows: Any) -> None:
    order = acme.world.order()
    file = rows("order_id,amount,currency", f"{order.id},5,EUR")
    refused = run("bulk", "refund", file, "--yes")
    assert refused.exit_code == 2
    assert "--run NAME" in refused.stderr
    assert run("bulk", "refund", file, "--yes", "--run", "march").exit_code == 0
    assert run("bulk", "refund", file, "--yes", "--run", "march").exit_code == 0
    assert acme.world.count("refund") == 1


def test_several_accounts_in_one_file(acme: Platform, run: Run, rows: Any) -> None:
    acme.account("second")
    thread = asks(acme)
    assert run("bulk", "reply", rows("thread_id,text", f"{thread},x"), "--yes").exit_code == 2
    result = run("bulk", "reply", rows("account,thread_id,text", f"second,{thread},x"), "--yes")
    assert result.exit_code == 0
    assert "second  1 ready" in result.stdout
    limited = run("bulk", "reply", rows("account,thread_id,text", f"second,{asks(acme)},x"), "--yes", "-a", "shop")
    assert limited.exit_code == 1
    assert "not one of this run's" in limited.stdout


def test_ctrl_c_ends_cleanly_and_resume_goes_on(acme: Platform, run: Run, rows: Any) -> None:
    file = rows("thread_id,text", *(f"{asks(acme)},x" for _ in range(9)))
    say = acme.world.say
    lock, hit = threading.Lock(), list[int]()

    def stop(*args: Any, **more: Any) -> Any:
        with lock:
            if len(acme.world.acts) == 3 and not hit:
                hit.append(1)
                os.kill(os.getpid(), signal.SIGINT)
        return say(*args, **more)

    acme.world.say = stop  # type: ignore[method-assign]
    result = run("bulk", "reply", file, "--yes", "--workers", "2")
    assert result.exit_code == 130, result.output
    assert "Stopped by you" in result.stderr
    assert "The marketplace has acted." in result.stderr
    assert "Nothing was changed" not in result.stderr
    sent = acme.world.count("message")
    assert 3 <= sent < 9
    job = result.stderr.split("jobs resume ")[1].split("`")[0]
    resumed = run("jobs", "resume", job, "--yes")
    assert resumed.exit_code == 0, resumed.output
    assert acme.world.count("message") == 9
    assert acme.world.twice() == []


@pytest.mark.parametrize(("end", "code"), [(KeyboardInterrupt, 130), (BrokenPipeError, 130), (RuntimeError, 70)])
def test_what_ends_a_run_in_the_middle_never_says_that_nothing_was_changed(
    acme: Platform, run: Run, rows: Any, monkeypatch: pytest.MonkeyPatch, end: type[BaseException], code: int
) -> None:
    # A second Ctrl-C, or a defect, while rows are on their way.
    def sent_and_stopped(*args: Any, **more: Any) -> Any:
        raise end

    monkeypatch.setattr("sellercare.bulk.apply.apply", sent_and_stopped)
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), "--yes")
    assert result.exit_code == code
    assert "It is not known whether the marketplace acted." in result.stderr
    assert "sellercare jobs resume" in result.stderr


def test_a_report_is_written(acme: Platform, run: Run, rows: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), "--yes", "--report", str(report))
    assert result.exit_code == 0
    assert json.loads(report.read_text())["state"] == "confirmed"


def test_a_wrong_key_stops_before_anything(acme: Platform, run: Run, rows: Any) -> None:
    acme.account("wrong", api_key="no")
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), "--yes", "-a", "wrong")
    assert result.exit_code == 4
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("seconds", "says"), [(0.2, "1 s"), (40, "40 s"), (360, "6 min"), (7500, "2 h 5 min"), (89.6, "90 s")]
)
def test_durations(seconds: float, says: str) -> None:
    assert duration(seconds) == says


def looks(rakuten: Rakuten) -> int:
    return sum("getitem" in call.lower() for call, _ in rakuten.face.log)


def test_where_planning_marks_threads_as_read_it_is_said_and_asked_before(
    rakuten: Rakuten, run: Run, rows: Any
) -> None:
    file = rows("thread_id,text", f"{rakuten.item},Bonjour.")
    no = run("bulk", "reply", file, "--dry-run", input="n\n")
    assert no.exit_code == 1
    assert "At Rakuten France that marks all messages of the item as read." in no.stderr
    assert "--offline" in no.stderr
    assert looks(rakuten) == 0
    yes = run("bulk", "reply", file, "--dry-run", input="y\n")
    assert yes.exit_code == 0, yes.output
    assert looks(rakuten) > 0


def test_an_offline_plan_looks_at_nothing_and_does_not_ask(rakuten: Rakuten, run: Run, rows: Any) -> None:
    result = run("bulk", "reply", rows("thread_id,text", f"{rakuten.item},Bonjour."), "--dry-run", "--offline")
    assert result.exit_code == 0, result.output
    assert "Look at them now?" not in result.stderr
    assert looks(rakuten) == 0


def test_the_report_is_never_written_over_the_rows(acme: Platform, run: Run, rows: Any) -> None:
    file = rows("thread_id,text", f"{asks(acme)},x")
    before = Path(file).read_text()
    result = run("bulk", "reply", file, "--yes", "--report", f"{Path(file).parent}/./{Path(file).name}")
    assert result.exit_code == 2
    assert "over the rows" in result.stderr
    assert Path(file).read_text() == before
    assert acme.world.count("message") == 0


def test_a_report_without_a_place_stops_before_anything_is_sent(
    acme: Platform, run: Run, rows: Any, tmp_path: Path
) -> None:
    file = rows("thread_id,text", f"{asks(acme)},x")
    result = run("bulk", "reply", file, "--yes", "--report", tmp_path / "no" / "report.csv")
    assert result.exit_code == 2
    assert "cannot be written: there is no such folder" in result.stderr
    assert acme.world.count("message") == 0


def test_a_report_that_fails_after_sending_does_not_say_that_nothing_was_changed(
    acme: Platform, run: Run, rows: Any
) -> None:
    result = run("bulk", "reply", rows("thread_id,text", f"{asks(acme)},x"), "--yes", "--report", "/dev/full")
    assert acme.world.count("message") == 1
    assert "The report /dev/full cannot be written" in result.stderr
    assert "The marketplace has acted." in result.stderr


def test_what_is_approved_can_be_read_before(acme: Platform, run: Run, rows: Any, tmp_path: Path) -> None:
    template = tmp_path / "soon.txt"
    template.write_text("Hello {{ buyer.name }}, soon.")
    thread = asks(acme)
    result = run("bulk", "reply", rows("thread_id,text", f"{thread},"), "--template", template, input="n\n")
    hint = next(line for line in result.stderr.splitlines() if "--state ready" in line)
    shown = run(*hint.split("`")[1].split()[1:])
    buyer = acme.world.data.buyers[acme.world.data.threads[thread].buyer_id]
    assert f"Hello {buyer.name}, soon." in shown.stdout
    order = acme.world.order()
    run("bulk", "refund", rows("order_id,amount,currency,key", f"{order.id},1.50,EUR,k"), "--dry-run")
    job = objects(run("jobs", "list", "--limit", "1", "--json"))[0]["job"]
    assert "1.50 EUR" in run("jobs", "show", job, "--state", "ready").stdout


def test_columns_that_mean_nothing_for_money_are_named(acme: Platform, run: Run, rows: Any) -> None:
    order = acme.world.order()
    file = rows("order_id,lines,quantity,key", f"{order.id},{order.lines[0].id},1,k")
    assert "Not used: quantity." in run("bulk", "refund", file, "--dry-run").stderr
    assert "Not used" not in run("bulk", "reply", rows("thread_id,text,colour", f"{asks(acme)},x,red")).stderr
