"""Listings and single things, as a person and as a program read them, from a real (simulated) platform."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from .conftest import Platform, Run


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_conversations_as_a_table(run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    order = acme.world.order(acme.world.buyer("Ada Novak"))
    thread = acme.world.thread(order, subject="Where is it?")
    acme.world.message(thread, "Where is my parcel?")
    result = run("messages", "list")
    assert result.exit_code == 0, result.stderr
    head, row = result.stdout.splitlines()
    assert head.split()[:2] == ["thread", "updated"]
    for shown in (thread.id, "Ada Novak", "yes", order.id):
        assert shown in row


def test_conversations_for_programs(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    [row] = objects(run("messages", "list", "--json").stdout)
    assert (row["account"], row["id"], row["awaiting_reply"]) == ("shop", thread, True)
    assert "raw" not in row


def test_only_those_that_wait(run: Run, acme: Platform) -> None:
    waiting = acme.world.message().thread_id
    answered = acme.world.thread(acme.world.order())
    acme.world.message(answered)
    acme.world.message(answered, "On its way.", author="seller")
    rows = objects(run("messages", "list", "--awaiting-reply", "--json").stdout)
    assert [row["id"] for row in rows] == [waiting]


def test_a_limit_stops_early(run: Run, acme: Platform) -> None:
    for _ in range(5):
        acme.world.message()
    assert len(objects(run("messages", "list", "--limit", "2", "--json").stdout)) == 2


def test_nothing_to_list_is_said(run: Run, acme: Platform) -> None:
    result = run("messages", "list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No conversations.\n")
    assert run("messages", "list", "--json").output == ""


def test_a_conversation_with_its_messages(run: Run, acme: Platform) -> None:
    thread = acme.world.thread(acme.world.order(), subject="Parcel")
    acme.world.message(thread, "Hello\nwhere is it?", minutes_ago=10)
    acme.world.message(thread, "On its way.", author="seller")
    result = run("messages", "show", thread.id)
    assert result.exit_code == 0, result.stderr
    assert "Hello" in result.stdout
    assert result.stdout.index("where is it?") < result.stdout.index("On its way.")
    [whole] = objects(run("messages", "show", thread.id, "--json").stdout)
    assert [message["text"] for message in whole["messages"]] == ["Hello\nwhere is it?", "On its way."]  # type: ignore[attr-defined, index]


def test_a_buyer_cannot_steer_the_terminal(run: Run, acme: Platform) -> None:
    order = acme.world.order(acme.world.buyer("Eve\x1b]0;owned\x07\x1b[2J"))
    thread = acme.world.thread(order, subject="\x1b[31mred\u202e")
    acme.world.message(thread, "first\x1b[1A\x1b[2Koverwritten\r\x9b2J")
    review = acme.world.review(1, "bad\x1b[8m hidden", order=order)
    for args in (("messages", "list"), ("messages", "show", thread.id), ("reviews", "list")):
        for more in ((), ("--json",)):
            result = run(*args, *more)
            assert result.exit_code == 0, result.stderr
            assert not set(result.output) & {"\x1b", "\x9b", "\x07", "\r", "\u202e"}
    assert review.id in run("reviews", "list").stdout


def test_returns_and_what_may_be_decided(run: Run, acme: Platform) -> None:
    one = acme.world.return_()
    result = run("returns", "list", "--state", "requested")
    assert one.id in result.stdout
    assert run("returns", "list", "--state", "refunded").stderr == "No returns.\n"
    shown = run("returns", "show", one.id)
    assert shown.exit_code == 0, shown.stderr
    offered = shown.stdout.partition("returns decline")[2].partition("returns offer")[0]
    assert re.search(r"needs +--reason\n", offered), offered
    assert re.search(r"takes +--note, --attach\n", offered)
    assert re.search(r"reasons +damaged: damaged\n +not_as_described: not as described\n", offered)
    [plain] = objects(run("returns", "show", one.id, "--json").stdout)
    assert {"approve", "decline"} <= {action["verb"] for action in plain["allowed"]}  # type: ignore[attr-defined, index]


def test_what_may_be_paid_back(run: Run, acme: Platform) -> None:
    order = acme.world.order(lines=[acme.world.line("Kettle", "30.00")])
    result = run("refunds", "quote", "--order", order.id)
    assert result.exit_code == 0, result.stderr
    assert "30.00 EUR" in result.stdout
    [way] = objects(run("refunds", "quote", "--order", order.id, "--json").stdout)
    assert way["most"] == {"amount": "30.00", "currency": "EUR"}


def test_reviews_by_rating(run: Run, acme: Platform) -> None:
    bad, good = acme.world.review(1), acme.world.review(5, "Lovely.")
    rows = objects(run("reviews", "list", "--rating-max", "2", "--json").stdout)
    assert [row["id"] for row in rows] == [bad.id]
    assert good.id in run("reviews", "list").stdout


def test_the_score(run: Run, acme: Platform) -> None:
    acme.world.score_day(value=430, most=500)
    result = run("scores")
    assert result.exit_code == 0, result.stderr
    assert "430 of 500" in result.stdout
    assert objects(run("scores", "--json").stdout)[0]["value"] == "430"
    assert "430 of 500" in run("scores", "--since", "30d").stdout


def test_two_accounts_have_a_column(run: Run, acme: Platform) -> None:
    acme.account("second")
    acme.world.message()
    result = run("messages", "list", "--all")
    head, *rows = result.stdout.splitlines()
    assert head.startswith("account")
    assert [row.split()[0] for row in rows] == ["shop", "second"]
    assert len(run("messages", "list", "-a", "second").stdout.splitlines()) == 2


def test_the_failure_of_one_account_does_not_stop_the_others(run: Run, acme: Platform) -> None:
    acme.account("broken", api_key="wrong")
    acme.account("second")
    acme.world.message()
    result = run("messages", "list", "--all")
    assert result.exit_code == 4
    assert [row.split()[0] for row in result.stdout.splitlines()[1:]] == ["shop", "second"]
    assert "Error: broken: " in result.stderr
    [error] = objects(run("messages", "list", "--all", "--json").stderr)
    assert (error["account"], error["error"]) == ("broken", "unauthorized")


def test_a_pipe_that_closes_is_no_error(acme: Platform) -> None:
    for _ in range(60):
        acme.world.message()
    done = subprocess.run(
        f"{sys.executable} -m sellercare messages list | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith("thread")
    assert done.stderr == ""


def test_the_table_fits_a_terminal_of_80(run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    thread = acme.world.thread(acme.world.order(), subject="A very long subject " * 5, id="x" * 36)
    acme.world.message(thread)
    result = run("messages", "list")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert thread.id in result.stdout


def test_what_a_filter_costs_is_told_before_and_what_is_capped_after(
    run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("sellercare.shop.results.Results.costs", property(lambda _: "It costs a call for each row."))
    monkeypatch.setattr("sellercare.shop.results.Results.capped", property(lambda _: "Only 90 days are listed."))
    monkeypatch.setattr("sellercare.cli.listing.note", lambda text: told.append(f"{text} [{len(acme.face.log)} calls]"))
    acme.world.message()
    assert run("messages", "list", "--awaiting-reply").exit_code == 0
    assert told[0] == "shop: It costs a call for each row. [0 calls]"
    assert told[1].startswith("shop: Only 90 days are listed.")


def test_a_terminal_without_the_letters_still_shows_the_rest(acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.world.message(acme.world.thread(acme.world.order(acme.world.buyer("Żaneta 您"))))
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    program = [sys.executable, "-m", "sellercare", "messages", "list"]
    people = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert (people.returncode, "?aneta ?" in people.stdout) == (0, True), people.stderr
    programs = subprocess.run([*program, "--json"], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(programs.stdout)["buyer"]["name"] == "Żaneta 您"
