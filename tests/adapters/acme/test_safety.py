"""Nothing is done twice: every write contract against every fault, through the public API only."""

from __future__ import annotations

import itertools

import pytest

from sellercare.errors import OutcomeUnknown, PlatformError
from sellercare.simulator import Fault

CONTRACTS = ("mixed", "keyed", "marker", "difference", "late", "refuses_repeats", "blind")
FAULTS = {
    "the answer is lost": [Fault("lost_answer", "POST *")],
    "two answers are lost": [Fault("lost_answer", "POST *", times=2)],
    "it acts late": [Fault("acts_late", "POST *", seconds=25)],
    "it never arrived": [Fault("never_arrived", "POST *")],
    "503 before": [Fault("error_before", "POST *")],
    "504 after": [Fault("error_after", "POST *", status=504)],
    "half an answer": [Fault("cut_body", "POST *")],
    "a web page": [Fault("html_body", "POST *")],
    "too slow": [Fault("slow", "POST *", seconds=300)],
    "429": [Fault("rate_limited", "POST *", seconds=2)],
    "the key expired": [Fault("expired_token", "POST *")],
    "lost, and reads are stale": [Fault("lost_answer", "POST *"), Fault("stale_read", "GET *", times=3, seconds=20)],
    "lost, and the text is altered": [Fault("lost_answer", "POST *"), Fault("text_altered", "POST *")],
    "lost, and done by hand as well": [Fault("lost_answer", "POST *"), Fault("by_hand", "POST *")],
    "late, and done by hand before": [Fault("acts_late", "POST *", seconds=25), Fault("by_hand", "POST *")],
    "lost, and the clock is wrong": [Fault("lost_answer", "POST *"), Fault("clock_skew", "POST *", seconds=-120)],
}
MATRIX = list(itertools.product(CONTRACTS, FAULTS))


def faults_of(name):
    return [Fault(f.kind, f.on, f.times, f.probability, f.after, f.seconds, f.status) for f in FAULTS[name]]


def patiently(write, clock, times=3):
    """The same call again and again, an hour apart: what a seller does who got no answer."""
    result = error = None
    for _ in range(times):
        try:
            result, error = write(), None
        except PlatformError as problem:
            error = problem
        clock.advance(hours=1)
    return result, error


@pytest.mark.parametrize(("contract", "fault"), MATRIX)
def test_a_buyer_is_never_answered_twice(simulated, fake_clock, contract, fault):
    acme = simulated(contract=contract)
    thread = acme.world.message().thread_id
    acme.face.faults.rules.extend(faults_of(fault))
    result, error = patiently(lambda: acme.shop.messages.reply(thread, "Tomorrow.", key="a"), fake_clock)
    acme.world.settle()
    assert acme.face.faults.injected or (contract, fault) == ("blind", "half an answer")  # a 204 has no body to cut
    assert acme.world.twice() == []
    if error is None:
        assert result.thread_id == thread
        assert acme.world.count("message", thread, by=None) >= 1
    else:
        assert isinstance(error, OutcomeUnknown)
        assert error.look_at


@pytest.mark.parametrize(("contract", "fault"), MATRIX)
def test_a_buyer_is_never_paid_twice(simulated, fake_clock, contract, fault):
    acme = simulated(contract=contract)
    order = acme.world.order(lines=[acme.world.line(price="50.00")])
    acme.face.faults.rules.extend(faults_of(fault))
    _, error = patiently(
        lambda: acme.shop.refunds.issue(order_id=order.id, amount=acme.world.money("12.50"), key="r1"), fake_clock
    )
    acme.world.settle()
    assert acme.world.twice() == []
    assert error is None or isinstance(error, OutcomeUnknown)
    assert acme.world.refunded(order) <= acme.world.money("25.00" if "by hand" in fault else "12.50")


@pytest.mark.parametrize("contract", ["mixed", "keyed", "marker", "difference", "late", "refuses_repeats"])
@pytest.mark.parametrize("fault", ["the answer is lost", "it acts late", "it never arrived", "half an answer"])
def test_with_a_readback_every_answer_arrives_once(simulated, fake_clock, contract, fault):
    acme = simulated(contract=contract)
    thread = acme.world.message().thread_id
    acme.face.faults.rules.extend(faults_of(fault))
    message, error = patiently(lambda: acme.shop.messages.reply(thread, "Tomorrow.", key="a"), fake_clock)
    assert error is None
    assert acme.world.count("message", thread) == 1
    assert message.id == acme.world.data.threads[thread].messages[-1].id


def test_without_a_readback_a_lost_answer_stays_unknown(simulated, fake_clock):
    acme = simulated(contract="blind")
    thread = acme.world.message().thread_id
    acme.face.faults.add(Fault("lost_answer", "POST *"))
    _, error = patiently(lambda: acme.shop.messages.reply(thread, "Tomorrow.", key="a"), fake_clock)
    assert isinstance(error, OutcomeUnknown)
    assert "seller pages of Acme" in error.look_at
    assert acme.world.count("message", thread) == 1


def test_blind_acme_says_yes_without_an_id(simulated):
    acme = simulated(contract="blind")
    thread = acme.world.message().thread_id
    message = acme.shop.messages.reply(thread, "Tomorrow.", key="a")
    assert (message.id, message.text) == (None, "Tomorrow.")
    assert [m.author for m in acme.shop.messages.messages(thread)] == ["buyer"]


@pytest.mark.parametrize("contract", ["marker", "keyed"])
def test_an_altered_text_is_still_known_by_its_sign(simulated, contract):
    acme = simulated(contract=contract)
    thread = acme.world.message().thread_id
    acme.face.faults.rules.extend(faults_of("lost, and the text is altered"))
    assert acme.shop.messages.reply(thread, "Tomorrow.", key="a").text == "Tomorrow. [edited]"


def test_an_altered_text_without_a_sign_is_left_to_a_person(simulated):
    acme = simulated(contract="difference")
    thread = acme.world.message().thread_id
    acme.face.faults.rules.extend(faults_of("lost, and the text is altered"))
    with pytest.raises(OutcomeUnknown, match="altered"):
        acme.shop.messages.reply(thread, "Tomorrow.", key="a")


def test_two_intents_with_one_text_are_two_messages(simulated):
    acme = simulated(contract="difference")
    thread = acme.world.message().thread_id
    first = acme.shop.messages.reply(thread, "Yes.", key="a")
    acme.face.faults.add(Fault("lost_answer", "POST *"))
    second = acme.shop.messages.reply(thread, "Yes.", key="b")
    assert first.id != second.id
    assert acme.world.count("message", thread) == 2


def test_a_keyed_refund_is_sent_again_under_its_key_and_paid_once(simulated):
    acme = simulated()
    order = acme.world.order()
    acme.face.faults.add(Fault("lost_answer", "POST /v1/refunds"))
    acme.face.faults.add(Fault("error_before", "GET /v1/requests/*", times=None))
    refund = acme.shop.refunds.issue(order_id=order.id, key="r1")
    assert acme.world.count("refund", order.id) == 1
    assert refund.amount == order.total


STATES = {
    "returns.approve": lambda shop, ids: shop.returns.approve(ids["return"], key="k"),
    "returns.decline": lambda shop, ids: shop.returns.decline(ids["return"], reason="goodwill", key="k"),
    "returns.contest": lambda shop, ids: shop.returns.contest(ids["return"], key="k"),
    "orders.cancel": lambda shop, ids: shop.orders.cancel(ids["order"], key="k"),
    "reviews.reply": lambda shop, ids: shop.reviews.reply(ids["review"], "Sorry.", key="k"),
    "reviews.request": lambda shop, ids: shop.reviews.request(ids["order"], key="k"),
    "reviews.dispute": lambda shop, ids: shop.reviews.dispute(ids["review"], text="Not ours.", key="k"),
    "messages.mark_read": lambda shop, ids: shop.messages.mark_read(ids["thread"], key="k"),
    "messages.close": lambda shop, ids: shop.messages.close(ids["thread"], key="k"),
}


@pytest.mark.parametrize(
    ("verb", "fault"), list(itertools.product(STATES, ["lost_answer", "never_arrived", "acts_late"]))
)
def test_states_are_set_once(acme, verb, fault):
    world = acme.world
    order = world.order(state="paid")
    ids = {
        "order": order.id,
        "return": world.return_(order).id,
        "review": world.review(order=order).id,
        "thread": world.message(world.thread(order)).thread_id,
    }
    acme.face.faults.add(Fault(fault, "POST *", seconds=25))
    STATES[verb](acme.shop, ids)
    world.advance(3600)
    assert acme.face.faults.injected[fault] == 1
    assert len(world.acts) == 1


def test_an_answer_to_a_review_that_was_altered_is_not_called_refused(acme):
    """Acme would refuse a second answer, though the first is there."""
    review = acme.world.review()
    acme.face.faults.rules.extend(faults_of("lost, and the text is altered"))
    with pytest.raises(OutcomeUnknown, match="changed since"):
        acme.shop.reviews.reply(review.id, "Sorry.", key="k")
    assert acme.world.count("review.reply", review.id) == 1


def test_a_state_that_has_moved_on_is_not_set_again(acme):
    """Ours landed, somebody replaced it, and then we look."""
    review = acme.world.review()
    acme.face.faults.add(Fault("lost_answer", "POST *"))
    acme.face.faults.add(Fault("error_before", "GET *", after=1, times=None))
    with pytest.raises(OutcomeUnknown):
        acme.shop.reviews.reply(review.id, "Sorry.", replace=True, key="a")
    acme.face.faults.clear()
    acme.shop.reviews.reply(review.id, "We have sent it again.", replace=True, key="b")
    with pytest.raises(OutcomeUnknown):
        acme.shop.reviews.reply(review.id, "Sorry.", replace=True, key="a")
    assert review.reply == "We have sent it again."


def test_a_refund_is_not_paid_again_when_acme_has_forgotten_its_key(simulated, fake_clock):
    """Keys are remembered for a day."""
    acme = simulated(contract="keyed")
    order = acme.world.order(lines=[acme.world.line(price="50.00")])
    acme.face.faults.add(Fault("lost_answer", "POST *"))
    acme.face.faults.add(Fault("error_before", "* /v1/*", after=2, times=None))
    amount = acme.world.money("12.50")
    with pytest.raises(OutcomeUnknown):
        acme.shop.refunds.issue(order_id=order.id, amount=amount, key="r1")
    acme.face.faults.clear()
    fake_clock.advance(days=3)
    with pytest.raises(OutcomeUnknown, match="forgotten"):
        acme.shop.refunds.issue(order_id=order.id, amount=amount, key="r1")
    assert acme.world.count("refund", order.id) == 1
