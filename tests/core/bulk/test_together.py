"""Several processes on one job: they share its rows, wait for each other at the end, and inherit from the dead."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import sellercare
from sellercare.bulk.accounts import Accounts
from sellercare.bulk.apply import Applied, apply
from sellercare.bulk.sending import Sender
from sellercare.simulator import InProcess
from sellercare.store import Store
from sellercare.store.intents import Intents
from sellercare.store.jobs import Job, JobState, RowState
from sellercare.store.records import Intent
from sellercare.store.shifts import LASTS, Shift
from sellercare_adapters.acme.face import AcmeFace

from .conftest import Seller


def job_of(seller: Seller, count: int, *, threads: int = 0) -> Job:
    """A plan of answers, each to a thread of its own unless there are fewer."""
    asked = [seller.asks().id for _ in range(threads or count)]
    rows = "".join(f"{asked[n % len(asked)]},Answer {n:02d}.\n" for n in range(count))
    return seller.plan(f"thread_id,text\n{rows}", offline=True, even_if_answered=True)


def another_process(seller: Seller, job: Job) -> Applied:
    """Applies the job over connections of its own."""
    with Store.open(f"sqlite:///{seller.folder / 'store.db'}", clock=seller.clock) as store:

        def connect(name: str) -> sellercare.Shop:
            return sellercare.connect(
                "acme",
                account=name,
                store=store,
                clock=seller.clock,
                transport=InProcess(seller.face),
                base_url="http://acme.test",
                api_key=AcmeFace.api_key,
                contract=seller.contract,
            )

        return apply(store, Accounts(["acme"], connect), store.jobs.get(job.id), workers=2)


def test_three_processes_share_a_job(seller: Seller) -> None:
    job = job_of(seller, 40, threads=15)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: another_process(seller, job), range(3)))
    assert {row.state for row in seller.rows(job)} == {RowState.CONFIRMED}
    assert seller.sent() == 40
    # A claim may run out while another process waits: time jumps for all of them here. Then both count the row.
    assert sum(each.sent for each in done) >= 40
    assert seller.store.jobs.get(job.id).state is JobState.APPLIED
    for thread in seller.world.data.threads.values():
        said = [message.text for message in thread.messages if message.author == "seller"]
        assert said == sorted(said)


def test_a_row_that_another_process_of_the_job_has_sent_is_confirmed(seller: Seller) -> None:
    """A process that was asleep for longer than its claims last still has its old copy of the row."""
    job = job_of(seller, 1)
    (stale,) = seller.rows(job)
    seller.apply(job)
    result = Sender(seller.store, seller.accounts, job).one(stale)
    assert result.change is not None
    assert (result.change.state, result.sent) == (RowState.CONFIRMED, False)
    assert result.change.intent_id == seller.rows(job)[0].intent_id
    assert seller.sent() == 1


def test_what_a_dead_process_had_in_hand_is_done_by_the_next_one(seller: Seller) -> None:
    job = job_of(seller, 6)
    dead = Shift(seller.store, job.id)
    dead.begin()
    assert sum(map(len, dead.parts(RowState.READY, account="acme"))) == 6
    before = seller.clock.now()
    seller.apply(job)
    assert set(seller.states(job)) == {"confirmed"}
    assert (seller.clock.now() - before).total_seconds() >= LASTS


def test_a_process_that_ends_first_leaves_the_job_to_the_other(seller: Seller) -> None:
    job = job_of(seller, 2)
    other = Shift(seller.store, job.id)
    other.begin()
    other.rest()
    seller.apply(job)
    assert seller.store.jobs.get(job.id).state is JobState.APPLYING
    other.end()
    seller.apply(job)
    assert seller.store.jobs.get(job.id).state is JobState.APPLIED


def test_nothing_is_left_in_anybodys_hands(seller: Seller) -> None:
    job = job_of(seller, 3)
    seller.fault("error_before", "POST *", times=None)
    seller.apply(job)
    assert set(seller.states(job)) == {"unknown"}
    with seller.store.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM rows WHERE shift IS NOT NULL").scalar() == 0
        assert db.exec_driver_sql("SELECT count(*) FROM shifts").scalar() == 0


def test_the_journal_is_asked_for_the_keys_of_a_part_at_once(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    job = seller.plan("thread_id,text\n" + "".join(f"{seller.asks().id},Soon.\n" for _ in range(6)))
    shift, sender = Shift(seller.store, job.id), Sender(seller.store, seller.accounts, job)
    shift.begin()
    asked: list[str] = []
    find = Intents.find

    def counted(self: Intents, account: str, verb: str, key: str) -> Intent | None:
        asked.append(key)
        return find(self, account, verb, key)

    monkeypatch.setattr(Intents, "find", counted)
    sent = [sender.one(row).sent for row in sender.rows_of(shift.parts(RowState.READY, account="acme"))]
    assert (sent, asked) == ([True] * 6, [])
    assert not sender._new  # it must not grow with the run


def test_a_key_that_somebody_uses_after_it_was_asked_for_sends_nothing_again(seller: Seller) -> None:
    job = job_of(seller, 2)
    shift, sender = Shift(seller.store, job.id), Sender(seller.store, seller.accounts, job)
    shift.begin()
    claimed = list(sender.rows_of(shift.parts(RowState.READY, account="acme")))
    other = Sender(seller.store, seller.accounts, job)
    assert [other.one(row).sent for row in claimed] == [True, True]
    results = [sender.one(row) for row in claimed]
    assert [(result.sent, result.change and result.change.state) for result in results] == [
        (False, RowState.CONFIRMED)
    ] * 2
    assert seller.sent() == 2
