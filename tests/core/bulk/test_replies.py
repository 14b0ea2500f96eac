"""Replies in bulk: planned against the platform, sent once, and not again."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from sellercare.bulk.apply import GIVE_UP, check_job
from sellercare.bulk.report import lines, summary, write
from sellercare.errors import BadInput, Changed, RateLimited, StoreError, Unauthorized, UnknownAccount
from sellercare.journal.fingerprint import fingerprint
from sellercare.models import Reply
from sellercare.store.jobs import JobState, RowState
from sellercare_adapters.acme import AcmeAdapter

from .conftest import Seller

REPLY = "POST /v1/threads/*/messages"


def csv_of(*rows: tuple[str, str]) -> str:
    return "thread_id,text\n" + "".join(f"{thread},{text}\n" for thread, text in rows)


def test_every_row_is_sent_once_and_a_second_run_sends_nothing(seller: Seller) -> None:
    threads = [seller.asks() for _ in range(6)]
    file = csv_of(*((thread.id, "It left today.") for thread in threads))
    applied = seller.apply(seller.plan(file))
    assert applied.sent == 6
    assert [seller.sent(thread) for thread in threads] == [1] * 6

    again = seller.plan(file)
    assert seller.states(again) == ["done"] * 6
    assert seller.row(again, 2).note.startswith("sent before on 2026-03-02")
    assert seller.apply(again).sent == 0
    assert seller.sent() == 6


def test_lost_answers_and_429s_are_neither_lost_nor_doubled(seller: Seller) -> None:
    threads = [seller.asks() for _ in range(12)]
    file = csv_of(*((thread.id, "It left today.") for thread in threads))
    job = seller.plan(file)
    seller.fault("lost_answer", REPLY, times=4)
    seller.fault("rate_limited", REPLY, times=3, after=5)
    # One worker: two would move one clock, and a moment that one has read is long past for the other.
    seller.apply(job, workers=1)
    assert seller.face.faults.injected == {"lost_answer": 4, "rate_limited": 3}
    assert seller.states(job) == ["confirmed"] * 12
    assert [seller.sent(thread) for thread in threads] == [1] * 12
    assert seller.world.twice() == []
    assert seller.states(seller.plan(file)) == ["done"] * 12


def test_our_own_answer_does_not_change_the_key_and_the_buyers_next_message_does(seller: Seller) -> None:
    thread = seller.asks()
    file = csv_of((thread.id, "Soon."))
    first = seller.plan(file)
    seller.apply(first)
    assert seller.row(seller.plan(file), 2).key == seller.row(first, 2).key

    seller.clock.advance(minutes=5)
    seller.world.buyer_writes(thread, "Thank you, and when?")
    new = seller.row(seller.plan(csv_of((thread.id, "On Monday."))), 2)
    assert (new.state, new.key == seller.row(first, 2).key) == (RowState.READY, False)
    same = seller.row(seller.plan(file), 2)
    assert same.state is RowState.HELD
    assert "very text" in same.note


def test_the_answers_column_fixes_the_message_that_is_answered(seller: Seller) -> None:
    thread = seller.asks()
    asked = thread.messages[0].id
    file = f"thread_id,text,answers\n{thread.id},Soon.,{asked}\n"
    seller.apply(seller.plan(file))
    seller.clock.advance(minutes=5)
    seller.world.buyer_writes(thread, "Thanks!")
    assert seller.states(seller.plan(file)) == ["done"]


def test_a_thread_that_somebody_answered_by_hand_is_held(seller: Seller) -> None:
    thread = seller.asks()
    seller.clock.advance(minutes=1)
    seller.world.person_replies(thread, "Already on its way.")
    file = csv_of((thread.id, "It left today."))
    held = seller.row(seller.plan(file), 2)
    assert held.state is RowState.HELD
    assert "--even-if-answered" in held.note
    job = seller.plan(file, even_if_answered=True)
    assert seller.apply(job).sent == 1


def test_another_text_for_an_answered_thread_is_held(seller: Seller) -> None:
    thread = seller.asks()
    seller.apply(seller.plan(csv_of((thread.id, "It left today."))))
    assert seller.states(seller.plan(csv_of((thread.id, "It left to-day.")))) == ["held"]


def test_bad_rows_have_their_line_and_stop_everything(seller: Seller) -> None:
    good, closed = seller.asks(), seller.asks()
    closed.closed = True
    file = (
        "thread_id,text,key\n"
        f"{good.id},fine,k1\n"
        f"{good.id},,k2\n"
        f"{good.id},   ,k3\n"
        "1.15E+18,x,k4\n"
        "nothing-like-it,x,k5\n"
        f"{good.id},{'x' * 2001},k6\n"
        f"{good.id},x,k1\n"
        f"{good.id},x\n"
        f'{closed.id},"over\ntwo lines",k9\n'
    )
    job = seller.plan(file)
    assert {row.line: row.state.value for row in seller.rows(job)} == {
        2: "ready", 3: "rejected", 4: "rejected", 5: "rejected", 6: "rejected", 7: "rejected", 8: "rejected",
        9: "rejected", 10: "held",
    }  # fmt: skip
    notes = {row.line: row.note for row in seller.rows(job)}
    assert notes[3] == "text is empty."
    assert "spreadsheet has rounded the id" in notes[5]
    assert notes[6] == "There is no thread 'nothing-like-it' at Acme for the account 'acme'."
    assert "2001 characters; here the platform takes 2000" in notes[7]
    assert notes[8] == "the key 'k1' is already on line 2; each reply needs its own."
    assert notes[9] == "it has 2 fields, the header has 3 fields."
    assert "closed" in notes[10]
    with pytest.raises(BadInput) as caught:
        seller.apply(job)
    assert caught.value.line == 3
    assert seller.sent() == 0

    applied = seller.apply(seller.plan(file, skip_bad=True))
    assert applied.sent == 1
    assert seller.sent() == seller.sent(good) == 1


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("text", "column thread_id is missing"),
        ("thread_id", "column text or template"),
        ("thread_id,text,acount", "'acount' is not known; did you mean 'account'"),
        ("thread_id,text,thread_id", "twice"),
    ],
)
def test_a_header_that_cannot_serve(seller: Seller, header: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        seller.plan(f"{header}\n")
    assert caught.value.line == 1
    assert list(seller.store.jobs.list()) == []


def test_an_id_that_lost_its_leading_zeros(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AcmeAdapter, "id_patterns", {"thread_id": "[0-9]{6}"}, raising=True)
    job = seller.plan(csv_of(("000123", "x"), ("123", "x"), ("12345x", "x")), offline=True)
    assert seller.states(job) == ["ready", "rejected", "rejected"]
    assert "leading zeros" in seller.row(job, 3).note
    assert "not how this platform writes the id" in seller.row(job, 4).note


def test_a_file_that_breaks_in_the_middle_leaves_no_plan(seller: Seller) -> None:
    thread = seller.asks()
    with pytest.raises(BadInput, match="line 4: it is not UTF-8"):
        seller.plan(f"thread_id,text\n{thread.id},a\n{thread.id},b\n{thread.id},caf".encode() + b"\xe9\n")
    assert list(seller.store.jobs.list()) == []


def test_a_file_without_rows(seller: Seller) -> None:
    with pytest.raises(BadInput, match="no rows"):
        seller.plan("thread_id,text\n\n")


def test_the_same_reply_twice_in_one_file(seller: Seller) -> None:
    thread = seller.asks()
    job = seller.plan(csv_of((thread.id, "Soon."), (thread.id, "Soon.")))
    assert seller.row(job, 3).note == "the same reply about the same is already on line 2."


def test_a_key_of_the_file_that_was_used_for_another_text(seller: Seller) -> None:
    thread = seller.asks()
    seller.apply(seller.plan(f"thread_id,text,key\n{thread.id},Soon.,k1\n"))
    row = seller.row(seller.plan(f"thread_id,text,key\n{thread.id},Later.,k1\n"), 2)
    assert row.state is RowState.REJECTED
    assert "already used" in row.note


def test_rows_of_one_thread_go_out_in_their_order(seller: Seller) -> None:
    thread, other = seller.asks(), seller.asks()
    texts = [f"part {n}" for n in range(8)]
    job = seller.plan(csv_of(*((thread.id, text) for text in texts), (other.id, "x")))
    seller.apply(job, workers=8)
    assert [act.detail for act in seller.world.acts if act.target == thread.id] == texts


def test_what_follows_an_unknown_outcome_in_one_thread_waits(tmp_path: Path) -> None:
    seller = Seller(tmp_path, "acme", contract="blind")
    thread, other = seller.asks(), seller.asks()
    job = seller.plan(csv_of((thread.id, "one"), (thread.id, "two"), (other.id, "x")))
    seller.fault("lost_answer", REPLY)
    seller.apply(job, workers=1)
    assert seller.states(job) == ["unknown", "ready", "confirmed"]
    assert "waits for line 2" in seller.row(job, 3).note
    assert "seller pages of Acme" in seller.row(job, 2).note
    assert seller.store.jobs.get(job.id).state is JobState.STOPPED
    seller.apply(job)
    assert seller.states(job) == ["unknown", "ready", "confirmed"]
    assert seller.sent(thread) == 1
    assert seller.states(
        seller.plan(
            csv_of((thread.id, "one")),
        )
    ) == ["unknown"]


def test_templates_are_rendered_into_the_plan(seller: Seller) -> None:
    known = seller.asks()
    withheld = seller.asks(buyer=seller.nameless())
    template = 'Hello {{ buyer.name or ""there"" }}, order {{ order.number }}: {{ row.carrier }}'
    file = f'thread_id,template,carrier\n{known.id},"{template}",DHL\n{withheld.id},"{template}",GLS\n'
    job = seller.plan(file)
    orders = seller.world.data.orders
    name = seller.world.data.buyers[known.buyer_id].name
    texts = [row.content["command"]["text"] for row in seller.rows(job)]
    assert texts == [
        f"Hello {name}, order {orders[known.order_id or ''].number}: DHL",
        f"Hello there, order {orders[withheld.order_id or ''].number}: GLS",
    ]
    seller.apply(job)
    assert sorted(act.detail for act in seller.world.acts) == sorted(texts)


def test_one_template_serves_rows_without_a_text(seller: Seller) -> None:
    one, two = seller.asks(), seller.asks()
    job = seller.plan(f"thread_id,text\n{one.id},own\n{two.id},\n", template="for {{ row.thread_id }}")
    assert [row.content["command"]["text"] for row in seller.rows(job)] == ["own", f"for {two.id}"]


def test_a_gap_in_a_text_is_said(seller: Seller) -> None:
    thread = seller.asks(buyer=seller.nameless())
    row = seller.row(seller.plan(f"thread_id,template\n{thread.id},Hello {{{{ buyer.name }}}}!\n"), 2)
    assert (row.state, row.note) == (
        RowState.READY,
        "the text has a gap where the marketplace withholds buyer.name",
    )


@pytest.mark.parametrize("template", ["{{ buyer.nmae }}", "{{ row.nothing }}", "{{ ''.__class__ }}"])
def test_a_template_that_fails_rejects_its_row(seller: Seller, template: str) -> None:
    thread = seller.asks()
    row = seller.row(seller.plan(f"thread_id,template\n{thread.id},{template}\n"), 2)
    assert row.state is RowState.REJECTED
    assert row.note.startswith("The template, line 1:")


def test_a_public_answer_takes_no_buyers_data(seller: Seller) -> None:
    thread = seller.world.thread(seller.world.order(), kind="public_question")
    seller.world.message(thread)
    row = seller.row(seller.plan(f"thread_id,template\n{thread.id},Hello {{{{ buyer.name }}}}\n"), 2)
    assert row.state is RowState.REJECTED
    assert "Everybody reads" in row.note


def test_offline_asks_nothing_and_the_rest_is_checked_when_applied(seller: Seller) -> None:
    threads = [seller.asks() for _ in range(3)]
    gone = "no-such-thread"
    file = "thread_id,template\n" + "".join(
        f'{name},"Hello {{{{ buyer.name or ""there"" }}}}"\n' for name in [*(thread.id for thread in threads), gone]
    )
    handled: list[Any] = []
    handle = seller.face.handle
    seller.face.handle = lambda request: handled.append(request) or handle(request)  # type: ignore[method-assign,func-returns-value]
    job = seller.plan(file, offline=True)
    assert handled == []
    assert seller.states(job) == ["ready"] * 4
    seller.apply(job)
    assert seller.states(job) == ["confirmed"] * 3 + ["rejected"]
    assert seller.states(seller.plan(file)) == ["done"] * 3 + ["rejected"]
    offline = seller.plan(file, offline=True)
    seller.apply(offline)
    assert seller.states(offline) == ["done"] * 3 + ["rejected"]
    assert seller.sent() == 3


def test_offline_finds_bad_rows_and_twins_all_the_same(seller: Seller) -> None:
    job = seller.plan("thread_id,text\na,x\na,x\na,\n####,x\na,{{ no template }}\n", offline=True)
    assert seller.states(job) == ["ready", "rejected", "rejected", "rejected", "rejected"]
    bad = seller.plan("thread_id,template\na,{{ row.nothing }}\na,{{ ''.__class__ }}\na,{{ x\n", offline=True)
    assert seller.states(bad) == ["rejected"] * 3


def test_accounts_are_matched_row_by_row(tmp_path: Path) -> None:
    seller = Seller(tmp_path, "east", "west")
    east, west = (face.world for face in seller.faces.values())
    one, two = east.message().thread_id, west.message().thread_id
    job = seller.plan(f"account,thread_id,text\neast,{one},a\nwest,{two},b\nwset,{two},c\n,{two},d\n", skip_bad=True)
    assert seller.states(job) == ["ready", "ready", "rejected", "rejected"]
    assert "did you mean 'west'" in seller.row(job, 4).note
    assert "account is empty" in seller.row(job, 5).note
    seller.apply(job)
    assert (east.count("message"), west.count("message")) == (1, 1)
    found = summary(seller.store, job.id)
    assert found.accounts["east"] == {RowState.CONFIRMED: 1}
    with pytest.raises(BadInput, match="column account"):
        seller.plan("thread_id,text\na,b\n")


def test_an_account_that_is_gone_stops_a_resumed_job_before_anything_is_sent(seller: Seller) -> None:
    job = seller.plan(csv_of((seller.asks().id, "x")))
    seller.faces = {"other": seller.face}
    with pytest.raises(UnknownAccount, match="acme"):
        seller.apply(job)
    assert seller.sent() == 0


def test_a_credential_that_is_not_accepted_any_more_stops_its_account(seller: Seller) -> None:
    job = seller.plan(csv_of(*((seller.asks().id, "x") for _ in range(9))))
    seller.face.authorize = lambda request: seller.face.error(401, "unauthorized", "no")  # type: ignore[method-assign]
    applied = seller.apply(job, workers=1)
    assert isinstance(applied.stopped["acme"], Unauthorized)
    assert seller.states(job) == ["ready"] * 9
    assert seller.sent() == 0


def test_a_platform_that_only_says_429_is_left_alone_after_a_while(seller: Seller) -> None:
    job = seller.plan(csv_of(*((seller.asks().id, "x") for _ in range(12))))
    seller.fault("rate_limited", REPLY, times=None)
    applied = seller.apply(job, workers=1)
    assert isinstance(applied.stopped["acme"], RateLimited)
    assert summary(seller.store, job.id).count(RowState.READY) == 12
    assert seller.sent() == 0
    assert GIVE_UP < 12


def test_a_refusal_is_that_rows_result(seller: Seller) -> None:
    closed, fine = seller.asks(), seller.asks()
    job = seller.plan(csv_of((closed.id, "x"), (fine.id, "x")))
    closed.closed = True
    seller.apply(job)
    assert seller.states(job) == ["held", "confirmed"]


def test_ctrl_c_finishes_what_is_under_way_and_a_resume_sends_the_rest(seller: Seller) -> None:
    threads = [seller.asks() for _ in range(10)]
    job = seller.plan(csv_of(*((thread.id, "x") for thread in threads)))
    say = seller.world.say
    lock, hit = threading.Lock(), list[int]()

    def stop_after_five(*args: Any, **more: Any) -> Any:
        with lock:
            if seller.sent() == 5 and not hit:  # a second one, by the other worker, would interrupt at once
                hit.append(1)
                os.kill(os.getpid(), signal.SIGINT)
        return say(*args, **more)

    seller.world.say = stop_after_five  # type: ignore[method-assign]
    before = signal.getsignal(signal.SIGINT)
    applied = seller.apply(job, workers=2)
    assert applied.interrupted
    assert signal.getsignal(signal.SIGINT) is before
    sent = seller.sent()
    assert 5 <= sent < 10
    assert seller.states(job).count("confirmed") == sent
    assert seller.states(job).count("ready") == 10 - sent
    assert seller.store.jobs.get(job.id).state is JobState.STOPPED

    seller.world.say = say  # type: ignore[method-assign]
    seller.apply(job)
    assert seller.states(job) == ["confirmed"] * 10
    assert [seller.sent(thread) for thread in threads] == [1] * 10


def test_rows_that_were_sent_but_not_marked_are_looked_up_not_sent(seller: Seller) -> None:
    """What a kill between the journal and the row leaves behind."""
    job = seller.plan(csv_of(*((seller.asks().id, "x") for _ in range(5))))
    seller.apply(job)
    with seller.store.transaction() as db:
        db.exec_driver_sql("UPDATE rows SET state = 'ready', intent_id = NULL")
    applied = seller.apply(job)
    assert (applied.sent, seller.sent()) == (0, 5)
    assert seller.states(job) == ["confirmed"] * 5


@pytest.mark.parametrize(
    ("spoiled", "well", "says"),
    [("query_only=ON", "query_only=OFF", "read-only"), ("max_page_count=1", "max_page_count=1000000", "disk is full")],
)
def test_a_journal_that_cannot_be_written_sends_nothing(seller: Seller, spoiled: str, well: str, says: str) -> None:
    """SQLite answers as it does on a read-only file, and on a full disk."""
    job = seller.plan(csv_of(*((seller.asks().id, "x" * 1900) for _ in range(10))))

    def make(pragma: str) -> None:
        seller.store._together.give_up()
        with seller.store._writing.connect() as connection:  # the only one there is
            connection.connection.driver_connection.execute(f"PRAGMA {pragma}")

    make(spoiled)
    with pytest.raises(StoreError, match=says) as caught:
        seller.apply(job)
    assert seller.sent() == 0 if "query_only" in spoiled else seller.sent() < 10
    assert (caught.value.changed is Changed.NO) == (seller.sent() == 0)
    make(well)
    seller.apply(job, workers=1)
    assert seller.states(job) == ["confirmed"] * 10
    assert seller.world.twice() == []


def test_a_journal_that_gives_out_in_the_middle_does_not_say_that_nothing_was_changed(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = seller.plan(csv_of(*((seller.asks().id, "x") for _ in range(5))))
    begin, begun = seller.store.intents.begin, list[int]()

    def until_the_third(**what: Any) -> Any:
        begun.append(1)
        if len(begun) == 3:
            raise StoreError("The disk is full.")
        return begin(**what)

    monkeypatch.setattr(seller.store.intents, "begin", until_the_third)
    with pytest.raises(StoreError) as caught:
        seller.apply(job, workers=1)
    assert 0 < seller.sent() < 5
    assert caught.value.changed is Changed.YES
    assert f"sellercare jobs resume {job.id}" in caught.value.next_step


def test_a_write_that_another_process_has_in_its_hands_is_left_to_it(seller: Seller) -> None:
    job = seller.plan(csv_of((seller.asks().id, "x"), (seller.asks().id, "x")))
    mine = next(row for row in seller.rows(job) if row.line == 2)
    command = Reply(**mine.content["command"])
    intent = seller.store.intents.begin(
        account="acme",
        verb="messages.reply",
        key=mine.key or "",
        fingerprint=fingerprint("messages.reply", command),
        target=command.target,
        content=command.model_dump(mode="json"),
    )
    seller.store.intents.take(intent.id, "another process", 1e5, alone=False)
    seller.patience = 1.0
    seller.apply(job, workers=1)
    assert seller.states(job) == ["ready", "confirmed"]
    assert "Another process is at work" in seller.row(job, 2).note
    seller.store.intents.release(intent.id, "another process")
    seller.apply(job)
    assert seller.states(job) == ["confirmed", "confirmed"]


def test_an_unfinished_plan_is_not_applied(seller: Seller) -> None:
    job = seller.store.jobs.create(verb="messages.reply", source="x.csv", offline=False, options={})
    with pytest.raises(BadInput, match="never finished"):
        check_job(seller.store, job)


def test_the_plan_says_how_long_it_takes_under_the_platforms_limit(seller: Seller) -> None:
    job = seller.plan(csv_of(*((f"t{n}", "x") for n in range(505))), offline=True)
    found = summary(seller.store, job.id)
    assert found.seconds == 100  # docs/adapters/acme.md: five messages a second, five at once
    assert found.pace[0]["says"] == "Acme takes 5 a second from the account"


def test_the_report_has_a_line_for_each_row(seller: Seller) -> None:
    thread = seller.asks()
    job = seller.plan(csv_of((thread.id, "=cmd()"), ("nope", "x")), skip_bad=True)
    seller.apply(job)
    first, second = lines(seller.store, job.id)
    assert first["state"] == "confirmed"
    assert first["native_id"] == thread.messages[-1].id
    assert (first["attempts"], first["text"], first["line"]) == (1, "=cmd()", 2)
    assert (second["state"], second["native_id"]) == ("rejected", None)
    write(seller.store, job.id, seller.folder / "report.csv")
    text = (seller.folder / "report.csv").read_text("utf-8-sig")
    assert "'=cmd()" in text
    write(seller.store, job.id, seller.folder / "report.jsonl")
    assert (seller.folder / "report.jsonl").read_text().count("\n") == 2
    with pytest.raises(BadInput, match="cannot be written"):
        write(seller.store, job.id, seller.folder / "no" / "report.csv")


@pytest.mark.parametrize("said", ["Hello {{ buyer.name }}", "{% if order %}yes{% endif %}"])
def test_a_placeholder_in_a_text_never_reaches_the_buyer(seller: Seller, said: str) -> None:
    thread = seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},{said}\n")
    assert seller.states(job) == ["rejected"]
    assert "write it as template" in seller.row(job, 2).note
