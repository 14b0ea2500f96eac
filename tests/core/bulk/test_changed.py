"""Rows whose world has changed since they were planned are held, and go by a person's word."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sellercare.bulk.approve import approve
from sellercare.bulk.compare import compare
from sellercare.bulk.sending import Compare
from sellercare.models import Money, Reply
from sellercare.store.jobs import Job, RowState, WaitsFor
from sellercare.support import native
from sellercare_adapters.acme import AcmeAdapter

from .conftest import Seller

READS = "GET /v1/threads/{id}/messages"


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def let_go(seller: Seller, job: Job) -> int:
    return approve(seller.store, job, seller.store.jobs.waiting(job.id), "anna")


def test_a_buyer_who_wrote_again_is_not_answered_with_the_old_text(seller: Seller) -> None:
    thread, other = seller.asks(), seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},Soon.\n{other.id},Soon.\n")
    seller.clock.advance(minutes=20)
    seller.world.buyer_writes(thread, "Forget it, I want to return it.")
    assert seller.apply(job).sent == 1
    row = seller.row(job, 2)
    assert (row.state, row.waits_for) == (RowState.HELD, WaitsFor.LOOK)
    assert row.note.startswith("The world has changed: the buyer has written again since it was planned.")
    assert let_go(seller, job) == 1
    assert seller.row(job, 2).approved_by == "anna"
    assert seller.apply(job).sent == 1
    assert seller.sent(thread) == 1


def test_somebody_who_answered_by_hand_since_is_seen_and_our_own_answers_are_not_somebody(seller: Seller) -> None:
    thread, twice = seller.asks(), seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},Soon.\n{twice.id},One.\n{twice.id},Two.\n")
    seller.clock.advance(minutes=20)
    seller.world.person_replies(thread, "By hand.")
    assert seller.apply(job).sent == 2
    assert "somebody has answered the buyer since" in seller.row(job, 2).note
    assert seller.states(job) == ["held", "confirmed", "confirmed"]


@pytest.mark.parametrize(
    ("minutes", "how", "looks"),
    [(1, Compare.AUTO, 0), (11, Compare.AUTO, 1), (1, Compare.ALWAYS, 1), (11, Compare.NEVER, 0)],
)
def test_looking_costs_a_call_and_is_done_for_plans_that_are_not_fresh(
    seller: Seller, minutes: int, how: Compare, looks: int
) -> None:
    job = seller.plan(f"thread_id,text\n{seller.asks().id},Soon.\n")
    assert job.options["look"]["costs"] == "a call for each row, which reads the thread"
    seller.clock.advance(minutes=minutes)
    before = sum(call == READS for call, _ in seller.face.log)
    seller.apply(job, compare=how)
    # Acme's read-back by difference reads the same list once before it sends.
    assert sum(call == READS for call, _ in seller.face.log) - before == looks + 1
    assert seller.states(job) == ["confirmed"]


def test_where_looking_marks_a_thread_read_nobody_looks_unasked(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = {"messages.messages": native(changes="marks the thread as read")}
    monkeypatch.setattr(AcmeAdapter, "supports", AcmeAdapter.supports | marks)
    thread = seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},Soon.\n")
    assert job.options["look"]["changes"] == "marks the thread as read"
    seller.clock.advance(minutes=20)
    seller.world.buyer_writes(thread, "Hello?")
    assert seller.apply(job, compare=Compare.AUTO).sent == 1


def test_a_row_that_was_sent_before_a_crash_is_not_taken_for_somebody_elses_answer(seller: Seller) -> None:
    thread = seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},Soon.\n")
    row = seller.row(job, 2)
    command = Reply.model_validate(row.content["command"])
    seller.accounts.shop("acme").write("messages.reply", command, key=row.key, why=f"bulk job {job.id}")
    seller.clock.advance(minutes=20)
    seller.apply(job)
    assert seller.states(job) == ["confirmed"]
    assert seller.sent(thread) == 1


def test_a_refundable_sum_that_shrank_is_held_though_it_would_still_do(seller: Seller) -> None:
    order = seller.world.order(lines=[seller.world.line(price="50.00")])
    job = seller.plan(f"order_id,amount,currency,key\n{order.id},5,EUR,k\n", "refunds.issue")
    seller.world.pay_back(order, eur("5.00"))
    seller.world.acts.clear()
    assert seller.apply(job).sent == 0
    row = seller.row(job, 2)
    assert (row.state, row.waits_for) == (RowState.HELD, WaitsFor.LOOK)
    assert "45.00 EUR can be paid back now, and it was 50.00 EUR when it was planned" in row.note
    assert let_go(seller, job) == 1
    assert seller.apply(job).sent == 1


def test_our_own_refunds_do_not_shrink_it(seller: Seller) -> None:
    order = seller.world.order(lines=[seller.world.line(price="50.00")])
    rows = "".join(f"{order.id},{n}.00,EUR,k{n}\n" for n in (5, 6, 7))
    job = seller.plan("order_id,amount,currency,key\n" + rows, "refunds.issue")
    assert seller.apply(job).sent == 3


def test_lines_that_come_to_another_sum_now_are_held(seller: Seller) -> None:
    order = seller.world.order(lines=[seller.world.line(price="10.00", quantity=2)])
    line = order.lines[0]
    job = seller.plan(f"order_id,lines,key\n{order.id},{line.id},k\n", "refunds.issue")
    assert seller.row(job, 2).amount == Decimal("20.00")
    line.price = eur("9.00")
    order.payments[0].amount = eur("18.00")
    seller.apply(job)
    assert "was planned" in seller.row(job, 2).note
    assert seller.paid(order) == 0


def test_a_plan_is_compared_with_now_without_sending(seller: Seller) -> None:
    thread, other = seller.asks(), seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},Soon.\n{other.id},Soon.\n")
    seller.clock.advance(minutes=1)
    seller.world.buyer_writes(thread, "And?")
    found = [(row.line, changed) for row, changed in compare(seller.store, seller.accounts, job)]
    assert found == [(2, "the buyer has written again since it was planned"), (3, "")]
    assert seller.sent() == 0


def test_cancelled_rows_stay_cancelled(seller: Seller) -> None:
    job = seller.plan(f"thread_id,text\n{seller.asks().id},Soon.\n{seller.asks().id},Soon.\n")
    assert seller.store.jobs.cancel(job.id) == 2
    assert seller.apply(seller.store.jobs.get(job.id)).sent == 0
    assert seller.states(job) == ["cancelled", "cancelled"]
    assert seller.store.jobs.get(job.id).state == "cancelled"


def test_a_job_that_is_cancelled_while_it_runs_stops(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sellercare.bulk.apply._SAVE_EVERY", 1)
    job = seller.plan("thread_id,text\n" + "".join(f"{seller.asks().id},Soon.\n" for _ in range(30)))
    say = seller.world.say

    def cancelling(*args: object, **more: object) -> object:
        if len(seller.world.acts) == 3:
            seller.store.jobs.cancel(job.id)
        return say(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(seller.world, "say", cancelling)
    applied = seller.apply(job)
    assert applied.cancelled
    states = seller.states(job)
    assert 3 <= states.count("confirmed") < 12
    assert states.count("confirmed") + states.count("cancelled") == 30
    assert seller.sent() == states.count("confirmed")
