"""Budgets: every call takes its place, and all who share a scope share the waiting."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from sellercare import calls
from sellercare.adapter import Allowance
from sellercare.calls import Answer, Call
from sellercare.errors import RateLimited, StoreError
from sellercare.http import MemoryBudgets
from sellercare.http.protocols import Limit
from sellercare.waiting import Wait, told_to

from .market import BASE, LimitedMarket

MESSAGES = calls.read("/threads", group="messages")
OTHER = calls.read("/threads", group="something else")


def take(budgets, scope, rate, burst, now):
    return budgets.reserve([Limit(scope, rate, burst)], now, patience=1e9)


@pytest.fixture(autouse=True)
def platform():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{BASE}/threads", json=[])
        yield mock


@given(
    rate=st.floats(0.01, 100),
    burst=st.integers(1, 20),
    arrivals=st.lists(st.floats(0, 1000), min_size=1, max_size=60),
)
def test_no_window_ever_holds_more_than_the_limit(rate, burst, arrivals):
    budgets = MemoryBudgets()
    starts = sorted(now + take(budgets, "s", rate, burst, now) for now in sorted(arrivals))
    for i, start in enumerate(starts):
        for j in range(i, len(starts)):
            assert j - i + 1 <= burst + rate * (starts[j] - start) + 1e-6


def test_a_burst_goes_at_once_and_the_rest_in_step():
    budgets = MemoryBudgets()
    assert [round(take(budgets, "s", 2.0, 3, 100.0), 6) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]


def test_scopes_do_not_starve_each_other():
    budgets = MemoryBudgets()
    for _ in range(10):
        take(budgets, "a", 1.0, 1, 100.0)
    assert take(budgets, "b", 1.0, 1, 100.0) == 0.0


def test_nobody_goes_before_the_moment_that_was_pushed_back():
    budgets = MemoryBudgets()
    limit = Limit("s", 2.0, 5)
    budgets.refused(limit, 100.0, wait=60.0)
    budgets.refused(limit, 100.0, wait=30.0)
    assert [take(budgets, "s", 2.0, 5, 100.0) for _ in range(2)] == [60.0, 60.5]


def test_threads_take_different_slots():
    budgets, waits = MemoryBudgets(), []
    threads = [
        threading.Thread(target=lambda: waits.extend(take(budgets, "s", 10.0, 1, 0.0) for _ in range(50)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({round(wait, 3) for wait in waits}) == 200


def test_calls_wait_for_their_turn(market, clock):
    http = market(LimitedMarket)
    for _ in range(3):
        http.read(MESSAGES)
    assert clock.slept == pytest.approx([0.5, 0.5])


def test_a_group_without_a_budget_counts_against_the_default_one(market, clock):
    http = market(LimitedMarket)
    for _ in range(4):
        http.read(OTHER)
    assert clock.slept == pytest.approx([0.1, 0.1])


def test_accounts_have_their_own_budgets_and_share_those_of_the_app(market, clock):
    budgets = MemoryBudgets()
    one, two = (market(LimitedMarket, budgets=budgets, account=name) for name in ("shop-1", "shop-2"))
    one.read(MESSAGES)
    two.read(MESSAGES)
    assert clock.slept == []
    for http in (one, two, one):
        http.read(OTHER)
    assert clock.slept == pytest.approx([0.1])


def test_waiting_longer_than_patience_is_told_at_once(market, clock, platform):
    http = market(LimitedMarket, patience=0.2)
    http.read(MESSAGES)
    with pytest.raises(RateLimited) as caught:
        http.read(MESSAGES)
    assert caught.value.wait == pytest.approx(0.5)
    assert clock.slept == []
    assert len(platform.calls) == 1


def test_after_429_all_who_share_the_budget_wait(market, clock, platform):
    platform.reset()
    platform.get(f"{BASE}/threads", status=429, headers={"Retry-After": "20"})
    platform.get(f"{BASE}/threads", json=[])
    budgets = MemoryBudgets()
    with pytest.raises(RateLimited):
        market(LimitedMarket, budgets=budgets, patience=1.0).read(MESSAGES)
    market(LimitedMarket, budgets=budgets).read(MESSAGES)
    assert clock.slept == pytest.approx([20.0])


def test_after_429_one_call_never_waits_longer_than_its_patience(market, clock, platform):
    platform.reset()
    platform.get(f"{BASE}/threads", status=429, headers={"Retry-After": "20"})
    with pytest.raises(RateLimited):
        market(LimitedMarket, patience=50.0).read(MESSAGES)
    assert sum(clock.slept) <= 50.0
    assert len(platform.calls) == 3


def test_a_whole_day_is_the_longest_advice_that_is_believed(market, clock, platform):
    platform.reset()
    platform.get(f"{BASE}/threads", status=429, headers={"Retry-After": "99999999"})
    budgets = MemoryBudgets()
    with pytest.raises(RateLimited):
        market(LimitedMarket, budgets=budgets).read(MESSAGES)
    with pytest.raises(RateLimited) as caught:
        market(LimitedMarket, budgets=budgets).read(MESSAGES)
    assert caught.value.wait == pytest.approx(86_400.0)


def test_it_is_told_which_limits_a_call_waits_for(market, clock):
    heard = []
    http = market(LimitedMarket)
    with told_to(heard.append):
        for _ in range(2):
            http.read(MESSAGES)
        for _ in range(3):
            http.read(OTHER)
    told = [wait for wait in heard if wait is not None]
    title = LimitedMarket.title
    assert told[0] == Wait("limit", f"{title} takes 2 a second from the account", pytest.approx(0.5))
    assert told[-1] == Wait("limit", f"{title} takes 10 a second from your app", pytest.approx(0.1))


def test_a_turn_after_the_platform_asked_for_a_pause_is_told_as_one(market, clock, platform):
    platform.reset()
    platform.get(f"{BASE}/threads", status=429, headers={"Retry-After": "20"})
    heard = []
    http = market(LimitedMarket, patience=30.0)
    for _ in range(2):
        with told_to(heard.append), pytest.raises(RateLimited):
            http.read(MESSAGES)
    assert {wait.kind for wait in heard if wait is not None} == {"pause"}
    assert {wait.what for wait in heard if wait is not None} == {f"{LimitedMarket.title} wants fewer calls"}


class ToldMarket(LimitedMarket):
    """Its answers say that only one call is left."""

    @staticmethod
    def told(call: Call, answer: Answer) -> Allowance:
        return Allowance(remaining=0.0)


def test_what_an_answer_tells_counts_for_the_next_call(market, clock):
    http = market(ToldMarket)
    http.read(OTHER)  # by the declared burst of two the next one might go at once
    http.read(OTHER)
    assert clock.slept == pytest.approx([0.1])


class PricedMarket(LimitedMarket):
    """Its answers say that such a call is let in by both units of the burst, and takes one."""

    @staticmethod
    def told(call: Call, answer: Answer) -> Allowance:
        return Allowance(asked=2.0, took=1.0)


def test_a_call_waits_until_what_the_last_one_asked_for_is_there(market, clock):
    http = market(PricedMarket)
    for _ in range(3):
        http.read(OTHER)
    assert clock.slept == pytest.approx([0.1, 0.1])


def test_what_was_told_last_is_shared_when_the_shop_is_closed(market, clock):
    budgets = MemoryBudgets()
    one, two = (market(ToldMarket, budgets=budgets, account=name) for name in ("shop-1", "shop-2"))
    one.read(OTHER)
    one.close()
    two.read(OTHER)
    assert clock.slept == pytest.approx([0.1])


def test_a_store_that_cannot_take_what_was_told_keeps_nobody_from_closing(market, monkeypatch):
    budgets = MemoryBudgets()
    http = market(ToldMarket, budgets=budgets)
    http.read(OTHER)

    def broken(*_args: Any, **_more: Any) -> float:
        raise StoreError("It is locked.")

    monkeypatch.setattr(budgets, "reserve", broken)
    http.close()
