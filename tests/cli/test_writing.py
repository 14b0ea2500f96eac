"""Writes: shown before they are sent, sent once, and told honestly."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sellercare.simulator.faults import Fault

from .conftest import Platform, Run


def test_an_answer_is_shown_asked_about_and_sent(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    result = run("messages", "reply", thread, "--text", "On its way.", input="y\n")
    assert result.exit_code == 0, result.stderr
    assert "This will be sent: messages.reply" in result.stderr
    assert "On its way." in result.stderr
    assert "shop (Acme)" in result.stderr
    assert result.stdout.startswith("Done.")
    assert acme.world.count("message", thread) == 1


def test_no_is_no(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    result = run("messages", "reply", thread, "--text", "x", input="n\n")
    assert result.exit_code == 1
    assert "You said no." in result.stderr
    assert not acme.world.acts


def test_nobody_to_ask_is_a_sentence(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    result = run("messages", "reply", thread, "--text", "x")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert not acme.world.acts


def test_a_dry_run_sends_nothing(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    result = run("messages", "reply", thread, "--text", "On its way.", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "On its way." in result.stdout
    assert "Dry run: nothing was sent." in result.stderr
    plain = json.loads(run("messages", "reply", thread, "--text", "x", "--dry-run", "--json").stdout)
    assert plain["dry_run"] is True
    assert plain["command"]["thread_id"] == thread
    assert not acme.world.acts


def test_the_same_key_sends_nothing_twice(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    args = ("messages", "reply", thread, "--text", "On its way.", "--key", "t-17", "--yes")
    first, second = run(*args, "--json"), run(*args, "--json")
    assert (first.exit_code, second.exit_code) == (0, 0), first.stderr + second.stderr
    one, two = json.loads(first.stdout), json.loads(second.stdout)
    assert (one["repeated"], two["repeated"]) == (False, True)
    assert one["result"]["id"] == two["result"]["id"]
    assert run(*args).stdout.startswith("Sent before; nothing was sent now.")
    assert acme.world.count("message", thread) == 1


def test_the_same_key_for_another_text_shows_both(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    run("messages", "reply", thread, "--text", "one", "--key", "k", "--yes")
    result = run("messages", "reply", thread, "--text", "two", "--key", "k", "--yes")
    assert result.exit_code == 2
    assert '"one"' in result.stderr
    assert '"two"' in result.stderr
    assert acme.world.count("message", thread) == 1


def test_the_text_from_a_file_and_from_standard_input(run: Run, acme: Platform, tmp_path: object) -> None:
    thread = acme.world.message().thread_id
    result = run("messages", "reply", thread, "--text-file", "-", "--yes", input="Zażółć\ngęślą\n")
    assert result.exit_code == 0, result.stderr
    assert acme.world.data.threads[thread].messages[-1].text == "Zażółć\ngęślą"


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ((), "--text"),
        (("--text", "  "), "The text is empty."),
        (("--text", "x", "--text-file", "-"), "--text"),
    ],
)
def test_a_text_that_is_missing(run: Run, acme: Platform, args: tuple[str, ...], why: str) -> None:
    result = run("messages", "reply", "t", *args, "--yes")
    assert result.exit_code == 2
    assert why in result.stderr
    assert not acme.face.log


def test_an_unknown_conversation(run: Run, acme: Platform) -> None:
    result = run("messages", "reply", "nope", "--text", "x", "--yes")
    assert result.exit_code == 1
    assert "Nothing was changed at the marketplace." in result.stderr


def test_a_lost_answer_is_looked_up(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    acme.face.faults.add(Fault("lost_answer", on="POST /v1/threads/*"))
    result = run("messages", "reply", thread, "--text", "On its way.", "--yes")
    assert result.exit_code == 0, result.stderr
    assert acme.world.count("message", thread) == 1


def test_an_outcome_that_stays_unknown_says_what_to_do(run: Run, acme: Platform) -> None:
    acme.face.contract = "blind"
    acme.account("blind")
    thread = acme.world.message().thread_id
    acme.face.faults.add(Fault("lost_answer", on="POST /v1/threads/*"))
    args = ("messages", "reply", thread, "-a", "blind", "--text", "On its way.", "--yes")
    result = run(*args)
    assert result.exit_code == 3
    assert "It is not known whether the marketplace acted." in result.stderr
    assert "Traceback" not in result.output
    key = result.stderr.partition("--key ")[2].split()[0]
    again = run(*args, "--key", key)
    assert again.exit_code == 3
    assert acme.world.count("message", thread) == 1


def test_ctrl_c_while_sending_names_the_key(run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = acme.world.message().thread_id

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sellercare.http.Http.write", interrupted)
    result = run("messages", "reply", thread, "--text", "x", "--key", "k-1", "--yes")
    assert result.exit_code == 130
    assert "It is not known whether the marketplace acted." in result.stderr
    assert "--key k-1" in result.stderr


def test_a_defect_while_sending_names_the_key(run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = acme.world.message().thread_id
    monkeypatch.setattr("sellercare.http.Http.write", lambda *_, **__: 1 / 0)
    result = run("messages", "reply", thread, "--text", "x", "--key", "k-1", "--yes")
    assert result.exit_code == 70
    assert "It is not known whether the marketplace acted." in result.stderr
    assert "--key k-1" in result.stderr


def test_a_refund_shows_its_money_and_is_paid_once(run: Run, acme: Platform) -> None:
    order = acme.world.order(lines=[acme.world.line("Kettle", "30.00")])
    args = ("refunds", "issue", "--order", order.id, "--amount", "12.50 EUR", "--key", "r-1")
    asked = run(*args, input="n\n")
    assert "12.50 EUR" in asked.stderr
    done = run(*args, "--yes")
    assert done.exit_code == 0, done.stderr
    assert "12.50 EUR" in done.stdout
    run(*args, "--yes")
    assert str(acme.world.refunded(order)) == "12.50 EUR"
    assert "12.50 EUR" in run("refunds", "list", "--order", order.id).stdout


def test_a_refund_without_an_amount_shows_all_that_is_left(run: Run, acme: Platform) -> None:
    order = acme.world.order(lines=[acme.world.line("Kettle", "30.00")])
    result = run("refunds", "issue", "--order", order.id, "--key", "r", input="n\n")
    assert "30.00 EUR" in result.stderr


BAD_REFUNDS = [
    (("--amount", "30.01 EUR"), 1, "30.00 EUR"),
    (("--amount", "0 EUR"), 2, "more than zero"),
    (("--amount", "-1 EUR"), 2, "more than zero"),
    (("--amount", "1 PLN"), 2, "EUR"),
    (("--amount", "1.005 EUR"), 2, "more decimals"),
    (("--amount", "1,50 EUR"), 2, "1234.50 EUR"),
    (("--amount", "10"), 2, "currency"),
    (("--amount", "1 EUR", "--line", "x"), 2, "not both"),
    (("--line", "no-such-line"), 2, "no-such-line"),
]


@pytest.mark.parametrize(("args", "code", "why"), BAD_REFUNDS, ids=lambda value: str(value))
def test_a_refund_that_cannot_be_right(run: Run, acme: Platform, args: tuple[str, ...], code: int, why: str) -> None:
    order = acme.world.order(lines=[acme.world.line("Kettle", "30.00")])
    result = run("refunds", "issue", "--order", order.id, "--key", "r", "--yes", *args)
    assert (result.exit_code, why in result.stderr) == (code, True), result.stderr
    assert "Nothing was changed at the marketplace." in result.stderr
    assert not acme.world.acts


def test_a_refund_needs_a_key_and_one_target(run: Run, acme: Platform) -> None:
    order = acme.world.order()
    assert "--key" in run("refunds", "issue", "--order", order.id, "--yes").stderr
    assert "either --order ID or --return ID" in run("refunds", "issue", "--key", "k", "--yes").stderr
    unknown = run("refunds", "issue", "--order", "nope", "--key", "k", "--yes")
    assert unknown.exit_code == 1
    assert "Nothing was changed at the marketplace." in unknown.stderr
    assert not acme.world.acts


def test_a_return_from_approval_to_receipt(run: Run, acme: Platform) -> None:
    one = acme.world.return_()
    approved = run("returns", "approve", one.id, "--yes")
    assert approved.exit_code == 0, approved.stderr
    assert "approved" in approved.stdout
    assert run("returns", "receive", one.id, "--yes").exit_code == 0
    refused = run("returns", "approve", one.id, "--yes")
    assert refused.exit_code == 1
    assert "Nothing was changed at the marketplace." in refused.stderr


def test_a_return_is_opened_with_its_lines(run: Run, acme: Platform) -> None:
    order = acme.world.order()
    line = order.lines[0].id
    missing = run("returns", "open", "--order", order.id, "--yes")
    assert missing.exit_code == 2
    assert "--line" in missing.stderr
    result = run("returns", "open", "--order", order.id, "--line", f"{line}=1", "--reason", "damaged", "--yes")
    assert result.exit_code == 0, result.stderr
    assert acme.world.count("return.open") == 1 or len(acme.world.data.returns) == 1


def test_a_review_is_answered(run: Run, acme: Platform) -> None:
    review = acme.world.review()
    result = run("reviews", "reply", review.id, "--text", "We are sorry.", "--yes")
    assert result.exit_code == 0, result.stderr
    assert "We are sorry." in result.stdout
    asked = run("reviews", "reply", acme.world.review().id, "--text", "Sorry.", input="n\n")
    assert "Everybody will be able to read this." in asked.stderr


@pytest.mark.parametrize(
    ("redirect", "code", "says"),
    [
        ("> /dev/full", 1, "The output cannot be written: the disk is full."),
        ("--json > /dev/full", 1, "The output cannot be written: the disk is full."),
        (">&-", 0, ""),
        ("--json >&-", 0, ""),
    ],
)
def test_a_result_that_cannot_be_shown_was_sent_all_the_same(
    acme: Platform, redirect: str, code: int, says: str
) -> None:
    thread = acme.world.message().thread_id
    line = f"{sys.executable} -m sellercare messages reply {thread} --text Soon. --key t-1 --yes {redirect}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert acme.world.count("message", thread) == 1
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert says in done.stderr
    if code:
        assert "Nothing was changed" not in done.stderr
        assert "--key t-1" in done.stderr


def test_a_terminal_that_is_closed_cannot_be_asked(acme: Platform) -> None:
    thread = acme.world.message().thread_id
    line = f"{sys.executable} -m sellercare messages reply {thread} --text Soon. <&-"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "There is nobody to answer the question." in done.stderr
    assert acme.world.count("message", thread) == 0
