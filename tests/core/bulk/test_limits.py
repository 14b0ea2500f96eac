"""Limits on money in bulk: rows above wait for an approval, which is recorded with who gave it."""

from __future__ import annotations

from sellercare.bulk.approve import approve
from sellercare.store.jobs import Job, RowState, WaitsFor
from sellercare.store.limits import Limits

from .conftest import Seller, eur, refunds_of

VERB = "refunds.issue"


def let_go(seller: Seller, job: Job, line: int | None = None) -> int:
    return approve(seller.store, job, seller.store.jobs.waiting(job.id, line), "anna")


def test_a_refund_above_the_limit_is_held_in_the_plan_and_goes_after_an_approval(seller: Seller) -> None:
    job = seller.plan(refunds_of(seller, "5", "15"), VERB, limits=Limits.of(refund=[eur("10")]))
    row = seller.row(job, 3)
    assert (row.state, row.waits_for) == (RowState.HELD, WaitsFor.APPROVAL)
    assert "15.00 EUR is above the limit of 10.00 EUR for one write" in row.note
    assert let_go(seller, job, line=2) == 0
    assert let_go(seller, job, line=3) == 1
    seller.apply(job)
    assert seller.states(job) == ["confirmed", "confirmed"]
    assert seller.row(job, 3).approved_by == "anna"
    with seller.store.reading() as db:
        assert db.exec_driver_sql("SELECT key, who FROM approvals").all() == [(row.key, "anna")]


def test_an_offline_plan_keeps_what_waits_whole(seller: Seller) -> None:
    job = seller.plan(refunds_of(seller, "15"), VERB, limits=Limits.of(refund=[eur("10")]), offline=True)
    assert seller.states(job) == ["held"]
    assert let_go(seller, job) == 1
    assert seller.apply(job).sent == 1


def test_a_run_stops_at_its_limit_and_the_rest_waits(seller: Seller) -> None:
    job = seller.plan(refunds_of(seller, "4", "4", "4", "2"), VERB, limits=Limits.of(run=[eur("10")]))
    assert seller.states(job) == ["ready"] * 4
    seller.apply(job, workers=1)
    assert seller.states(job) == ["confirmed", "confirmed", "held", "confirmed"]
    assert seller.row(job, 4).waits_for is WaitsFor.APPROVAL
    assert let_go(seller, job) == 1
    seller.apply(job)
    assert seller.paid() == 4


def test_the_limits_of_a_plan_hold_when_it_is_resumed(seller: Seller) -> None:
    job = seller.plan(refunds_of(seller, "4"), VERB, limits=Limits.of(day=[eur("10")]))
    seller.apply(seller.plan(refunds_of(seller, "8"), VERB, run="other"))
    seller.apply(seller.store.jobs.get(job.id))
    assert seller.states(job) == ["held"]


def test_an_approval_holds_for_the_sum_that_was_seen(seller: Seller) -> None:
    order = seller.world.order(lines=[seller.world.line(price="20.00", quantity=1)])
    line = order.lines[0]
    job = seller.plan(f"order_id,lines,key\n{order.id},{line.id},k\n", VERB, limits=Limits.of(refund=[eur("10")]))
    assert seller.states(job) == ["held"]
    assert let_go(seller, job) == 1
    line.price = eur("40.00")
    order.payments[0].amount = eur("40.00")
    assert seller.apply(job).sent == 0
    assert seller.row(job, 2).state is RowState.HELD
