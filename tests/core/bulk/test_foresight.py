"""A plan says beforehand which limit its rows together meet, and from which row on they will wait."""

from __future__ import annotations

import gc
import tracemalloc
from decimal import Decimal
from pathlib import Path

from sellercare.bulk.approve import approve
from sellercare.bulk.foresight import Foreseen, Foresight, foresee
from sellercare.models import Money
from sellercare.store.jobs import Job, JobRow, JobState, RowState
from sellercare.store.limits import Limits

from .conftest import Seller, eur, refunds_of

VERB = "refunds.issue"


def seen(seller: Seller, job: Job, own: Limits | None = None) -> Foresight:
    return foresee(seller.store, seller.store.jobs.get(job.id), lambda _: own or Limits())


def only(seller: Seller, job: Job, own: Limits | None = None) -> Foreseen:
    (found,) = seen(seller, job, own).sums
    return found


def test_what_is_foreseen_is_what_happens(seller: Seller) -> None:
    """The third row is above the run's limit; the fourth is small enough for what is left."""
    job = seller.plan(refunds_of(seller, "4", "4", "4", "2"), VERB, limits=Limits.of(run=[eur("10")]))
    found = only(seller, job)
    assert (found.money, found.rows) == (eur("14"), 4)
    assert (found.limit, found.most, found.taken) == ("run", eur("10"), eur("0"))
    assert (found.first_line, found.waiting, found.waiting_money) == (4, 1, eur("4"))
    assert seller.states(job) == ["ready"] * 4
    seller.apply(job, workers=1)
    assert seller.states(job) == ["confirmed", "confirmed", "held", "confirmed"]


def test_within_its_limits_a_plan_is_only_added_up(seller: Seller) -> None:
    job = seller.plan(refunds_of(seller, "4", "6"), VERB, limits=Limits.of(run=[eur("10")]))
    assert only(seller, job) == Foreseen("acme", eur("10"), 2)


def test_what_is_left_of_today_counts_for_a_plan_with_what_is_of_unknown_outcome(tmp_path: Path) -> None:
    seller = Seller(tmp_path, "acme", contract="blind")
    before = seller.plan(refunds_of(seller, "5", "3"), VERB, run="before")
    seller.fault("lost_answer", "POST /v1/orders/{id}/refunds", times=1)
    seller.apply(before, workers=1)
    assert sorted(seller.states(before)) == ["confirmed", "unknown"]
    job = seller.plan(refunds_of(seller, "1", "2"), VERB, limits=Limits.of(run=[eur("10")]))
    found = only(seller, job, Limits.of(day=[eur("9")]))
    assert (found.limit, found.most, found.taken) == ("day", eur("9"), eur("8"))
    assert (found.first_line, found.waiting) == (3, 1)
    seller.store.close()


def test_another_day_has_its_own_room(seller: Seller) -> None:
    seller.apply(seller.plan(refunds_of(seller, "8"), VERB, run="before"))
    job = seller.plan(refunds_of(seller, "4"), VERB)
    day = Limits.of(day=[eur("10")])
    assert only(seller, job, day).limit == "day"
    seller.clock.advance(hours=24)
    assert only(seller, job, day).limit == ""


def test_a_named_run_goes_on_where_it_stopped(seller: Seller) -> None:
    limits = Limits.of(run=[eur("10")])
    seller.apply(seller.plan(refunds_of(seller, "8"), VERB, run="easter", limits=limits))
    assert only(seller, seller.plan(refunds_of(seller, "2"), VERB, run="easter", limits=limits)).limit == ""
    found = only(seller, seller.plan(refunds_of(seller, "2", "2"), VERB, run="easter", limits=limits))
    assert (found.taken, found.first_line) == (eur("8"), 3)


def test_money_that_is_only_offered_counts_and_a_decision_that_moves_none_does_not(seller: Seller) -> None:
    offered, declined = seller.world.return_(), seller.world.return_()
    job = seller.plan(
        "return_id,decision,reason,amount,currency,key\n"
        f"{offered.id},offer,,6,EUR,k1\n{declined.id},decline,goodwill,,,k2\n",
        "returns.decide",
        limits=Limits.of(run=[eur("5")]),
    )
    assert seller.states(job) == ["ready", "ready"]
    found = only(seller, job)
    assert (found.money, found.rows, found.limit, found.first_line) == (eur("6"), 1, "run", 2)


def test_a_currency_that_the_limit_does_not_name_waits(seller: Seller) -> None:
    job = seller.plan(refunds_of(seller, "4"), VERB)
    found = only(seller, job, Limits.of(run=[Money(amount=Decimal(10), currency="PLN")]))
    assert (found.limit, found.most, found.first_line) == ("run", eur("0"), 2)


def test_what_is_approved_waits_no_more_and_takes_its_room(seller: Seller) -> None:
    limits = Limits.of(run=[eur("10")], refund=[eur("7")])
    job = seller.plan(refunds_of(seller, "8", "4"), VERB, limits=limits)
    approve(seller.store, job, seller.store.jobs.waiting(job.id), "anna")
    found = only(seller, job)
    assert (found.money, found.first_line, found.waiting_money) == (eur("12"), 3, eur("4"))


def test_rows_that_began_already_are_not_counted_twice(seller: Seller) -> None:
    """Their intents are recorded, and count, but nothing left: the marketplace wants fewer calls."""
    limits = Limits.of(run=[eur("10")])
    job = seller.plan(refunds_of(seller, "6", "4"), VERB, limits=limits)
    seller.patience = 0.0
    seller.fault("rate_limited", "POST /v1/orders/{id}/refunds", times=None, seconds=900)
    seller.apply(job, workers=1)
    assert seller.states(job) == ["ready", "ready"]
    assert only(seller, job) == Foreseen("acme", eur("10"), 2)


def test_offline_rows_by_lines_are_told_as_not_known(seller: Seller) -> None:
    order = seller.world.order()
    text = f"order_id,lines,key\n{order.id},{order.lines[0].id},k\n"
    found = seen(seller, seller.plan(text, VERB, offline=True), Limits.of(run=[eur("10")]))
    assert found == Foresight((), 1, True)
    assert seen(seller, seller.plan(text, VERB)).sums == (Foreseen("acme", order.total, 1),)


def test_replies_have_nothing_to_add_up(seller: Seller) -> None:
    job = seller.plan(f"thread_id,text\n{seller.asks().id},Hello\n")
    assert seen(seller, job) == Foresight()


def test_memory_does_not_grow_with_the_rows(seller: Seller) -> None:
    def peak(count: int) -> int:
        jobs = seller.store.jobs
        job = jobs.create(verb=VERB, source="x", offline=True, options={"asked": {}})
        row = {"account": "acme", "target": "order:x", "state": RowState.READY, "currency": "EUR"}
        for start in range(1, count, 1000):
            batch = [
                JobRow(n=n, line=n + 1, key=f"{job.id}-{n}", content={}, amount=Decimal(1), **row)  # type: ignore[arg-type]
                for n in range(start, start + 1000)
            ]
            jobs.add(job.id, batch)
        jobs.move(job.id, JobState.PLANNED)
        gc.collect()
        tracemalloc.start()
        found = foresee(seller.store, jobs.get(job.id), lambda _: Limits.of(run=[eur("100")]))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (found.sums[0].rows, found.sums[0].waiting) == (count, count - 100)
        return most

    few = max(peak(3000) for _ in range(2))
    assert peak(12000) < 1.2 * few
