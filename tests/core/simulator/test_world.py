"""The simulated account: the same seed, the same world; people and time; what is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sellercare.simulator import FakeClock, FastClock, World


def test_the_same_seed_makes_the_same_world():
    first, second, other = World(5), World(5), World(6)
    ids = [[world.message(world.thread(world.order())).id for _ in range(3)] for world in (first, second, other)]
    assert ids[0] == ids[1]
    assert ids[0] != ids[2]


def test_an_order_is_paid_in_full_with_money_that_is_exact():
    world = World()
    order = world.order(lines=[world.line(price="19.90", quantity=3), world.line(price="4.99", kind="shipping")])
    assert str(order.total) == "64.69 EUR"
    assert [payment.amount for payment in order.payments] == [order.total]


def test_what_is_due_happens_at_its_own_moment_and_in_order():
    world = World()
    thread = world.message().thread_id
    start = world.now()
    world.buyer_writes(world.data.threads[thread], "Second", after=20)
    world.buyer_writes(world.data.threads[thread], "First", after=10)
    world.advance(60)
    texts = [(message.text, message.created_at - start) for message in world.data.threads[thread].messages[1:]]
    assert texts == [("First", timedelta(seconds=10)), ("Second", timedelta(seconds=20))]


def test_a_person_who_answers_by_hand_is_not_counted_as_the_api():
    world = World()
    thread = world.data.threads[world.message().thread_id]
    world.person_replies(thread, "By hand")
    assert world.count("message", thread.id) == 0
    assert world.count("message", thread.id, by="person") == 1
    assert not thread.awaiting_reply


def test_doing_the_same_twice_is_seen():
    world = World()
    thread = world.data.threads[world.message().thread_id]
    world.say(thread, "Hello")
    assert world.twice() == []
    world.say(thread, "Hello")
    assert world.twice() == [("message", thread.id, "Hello")]


def test_a_failed_refund_gives_its_amount_back():
    world = World()
    order = world.order(lines=[world.line(price="10.00")])
    refund = world.pay_back(order, world.money("4.00"))
    assert str(world.refunded(order)) == "4.00 EUR"
    world.settle_refund(refund, "failed", after=5)
    world.advance(5)
    assert str(world.refunded(order)) == "0.00 EUR"


def test_a_refund_settles_later_where_the_world_says_so():
    world = World()
    world.settle_after = 30
    refund = world.pay_back(world.order(), world.money("1.00"))
    world.advance(29)
    assert refund.state == "pending"
    world.advance(1)
    assert refund.state == "done"


def test_the_past_can_be_shown_as_long_as_it_is_kept():
    world = World()
    world.keep_past = 60
    thread = world.data.threads[world.message().thread_id]
    world.remember()
    world.say(thread, "Now")
    asked = world.clock.now() - timedelta(seconds=30)
    with world.as_of(asked):
        assert len(world.data.threads[thread.id].messages) == 1
    assert len(world.data.threads[thread.id].messages) == 2


def test_the_fake_clock_moves_only_when_told():
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.sleep(2)
    clock.advance(hours=1)
    assert clock.now() == datetime(2026, 1, 1, 1, 0, 2, tzinfo=UTC)
    assert clock.slept == 2


def test_a_clock_wants_a_zone():
    with pytest.raises(ValueError, match="zone"):
        FakeClock(datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake is the point


def test_the_fast_clock_runs_ahead_of_the_real_one():
    clock = FastClock(3600, start=datetime(2026, 1, 1, tzinfo=UTC))
    clock.sleep(36)
    passed = clock.now() - datetime(2026, 1, 1, tzinfo=UTC)
    assert passed >= timedelta(seconds=36)
