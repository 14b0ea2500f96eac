"""What a job says is held against what the marketplace shows, row by row."""

from __future__ import annotations

from sellercare.bulk.verify import Agreement, verify
from sellercare.store.jobs import Job

from .conftest import Seller


def found(seller: Seller, job: Job) -> list[tuple[int, str, str]]:
    return [(each.row.line, each.agreement.value, each.why) for each in verify(seller.store, seller.accounts, job)]


def replies(seller: Seller, count: int) -> tuple[Job, list[str]]:
    threads = [seller.asks().id for _ in range(count)]
    job = seller.plan("thread_id,text\n" + "".join(f"{thread},It left today.\n" for thread in threads))
    seller.apply(job)
    return job, threads


def test_replies_are_found_in_their_threads(seller: Seller) -> None:
    job, threads = replies(seller, 5)
    world = seller.world.data.threads
    world[threads[1]].messages[-1].text = "Something else."
    world[threads[2]].messages.pop()
    world[threads[3]].messages[-1].delivery = "blocked"
    seller.clock.advance(minutes=1)
    seller.world.person_replies(world[threads[4]], "It left today.")
    lines = found(seller, job)
    assert [line[:2] for line in lines] == [
        (2, "agrees"), (3, "differs"), (4, "differs"), (5, "differs"), (6, "differs"),
    ]  # fmt: skip
    assert [why for _, _, why in lines[1:4]] == [
        "its text is not the one that was sent",
        "it is not in the thread",
        "the marketplace does not deliver it",
    ]
    assert lines[4][2].startswith("the same text is there again")
    assert seller.sent() == 5


def test_refunds_are_read_by_their_ids(seller: Seller) -> None:
    orders = [seller.world.order() for _ in range(3)]
    rows = "".join(f"{order.id},5.00,EUR,k{n}\n" for n, order in enumerate(orders))
    job = seller.plan("order_id,amount,currency,key\n" + rows, "refunds.issue")
    seller.apply(job)
    refunds = list(seller.world.data.refunds.values())
    by_order = {refund.order_id: refund for refund in refunds}
    by_order[orders[1].id].state = "failed"
    by_order[orders[2].id].amount = seller.world.money("4.00")
    assert found(seller, job) == [
        (2, "agrees", ""),
        (3, "differs", "the marketplace called it off: the money was not paid back"),
        (4, "differs", "4.00 EUR was paid back, and 5.00 EUR was asked for"),
    ]


def test_decisions_agree_with_the_state_and_what_follows_from_it(seller: Seller) -> None:
    first, second, third = (seller.world.return_() for _ in range(3))
    file = f"return_id,decision,amount,currency\n{first.id},approve,,\n{second.id},approve,,\n{third.id},offer,5,EUR\n"
    job = seller.plan(file, "returns.decide")
    seller.apply(job)
    first.state, second.state = "received", "declined"
    assert found(seller, job) == [
        (2, "agrees", ""),
        (3, "differs", "the return is declined"),
        (4, "cannot be checked", "an offer does not show in the state of a return"),
    ]


def test_a_row_of_unknown_outcome_that_the_marketplace_shows_differs(seller: Seller) -> None:
    seller.face.contract = seller.contract = "blind"
    thread = seller.asks()
    job = seller.plan(f"thread_id,text\n{thread.id},It left today.\n")
    seller.fault("never_arrived", "POST /v1/threads/*/messages")
    seller.apply(job)
    assert seller.states(job) == ["unknown"]
    assert found(seller, job) == [(2, "cannot be checked", "its outcome is unknown: it is not in the thread")]
    seller.world.person_replies(thread, "It left today.")
    ((_, agreement, why),) = found(seller, job)
    assert (agreement, "sellercare jobs settle" in why) == (Agreement.DIFFERS.value, True)
