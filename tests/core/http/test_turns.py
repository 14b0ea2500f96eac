"""Turns against a leaky bucket that knows nothing of them: the declared rate may be wrong, and is found out."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.adapter import Allowance
from sellercare.http import MemoryBudgets
from sellercare.http.protocols import Limit
from sellercare.http.turns import Turns, after, refused, start_of, told

START = 1_772_442_000.0


@dataclass
class Bucket:
    """The platform's limiter, by the rule of nginx's limit_req without delay: `burst` above the rate, then no."""

    rate: float
    burst: int
    excess: float = 0.0
    last: float | None = None

    def lets_in(self, now: float) -> bool:
        if self.last is None:
            self.last = now
            return True
        excess = max(0.0, self.excess - self.rate * (now - self.last) + 1)
        if excess > self.burst:
            return False
        self.excess, self.last = excess, now
        return True


def run(limit: Limit, bucket: Bucket, *, count: int, workers: int = 8, seed: int = 0) -> tuple[float, float]:
    """Send `count` calls with so many workers; the seconds it took, and the part of the calls that was refused."""
    dice, budgets, waiting, refusals, end = random.Random(seed), MemoryBudgets(), count, 0, 0.0
    events = [(START + n / 1e4, n, "turn") for n in range(workers)]
    again: set[int] = set()
    while events:
        now, worker, kind = heapq.heappop(events)
        if kind == "turn":
            if worker not in again:
                if not waiting:
                    continue
                waiting -= 1
            again.discard(worker)
            wait = budgets.reserve([limit], now, 1e9)
            heapq.heappush(events, (now + wait + dice.uniform(0.001, 0.003), worker, "arrive"))
        elif bucket.lets_in(now):
            end = now
            heapq.heappush(events, (now + 0.002, worker, "turn"))
        else:
            refusals += 1
            again.add(worker)
            budgets.refused(limit, now)
            heapq.heappush(events, (now + 0.001, worker, "turn"))
    return end - START, refusals / (count + refusals)


IDEAL = (1000 - 11) / 100
"""Seconds for 1,000 calls that a bucket of 100 a second and 10 at once takes at best."""


@pytest.mark.parametrize("seed", range(4))
def test_a_rate_that_is_declared_right_costs_nothing(seed: int) -> None:
    seconds, refusals = run(Limit("s", 100, 10), Bucket(100, 10), count=1000, seed=seed)
    assert seconds <= 1.01 * IDEAL
    assert refusals <= 0.005


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "limit", [Limit("s", 130, 10), Limit("s", 70, 10, estimated=True), Limit("s", 130, 10, estimated=True)]
)
def test_a_rate_that_is_wrong_is_found_out(limit: Limit, seed: int) -> None:
    seconds, refusals = run(limit, Bucket(100, 10), count=1000, seed=seed)
    assert seconds <= 1.1 * IDEAL
    assert refusals <= 0.03


def test_a_published_rate_is_never_exceeded() -> None:
    seconds, refusals = run(Limit("s", 70, 10), Bucket(100, 10), count=1000)
    assert seconds >= (1000 - 10) / 70
    assert refusals == 0


def test_a_platform_that_gives_half_of_what_it_says() -> None:
    seconds, refusals = run(Limit("s", 100, 10), Bucket(50, 10), count=3000)
    assert seconds <= 1.1 * (3000 - 11) / 50
    assert refusals <= 0.03


def test_a_lowered_rate_grows_back_to_the_declared_one_and_no_further() -> None:
    limit = Limit("s", 100, 1)
    turns = Turns(START, rate=50.0, full_at=START, taken=0.0)
    for _ in range(5000):
        start = start_of(turns, limit, START)
        turns = after(turns, limit, start, waited=True)
    assert turns.rate == 0.0


def test_a_refusal_is_forgotten_after_ten_minutes() -> None:
    limit = Limit("s", 100, 1)
    turns = Turns(START, rate=50.0, full_at=START, taken=20.0)
    assert after(turns, limit, START + 599, waited=False).rate == 50.0
    assert after(turns, limit, START + 601, waited=False).rate == 0.0


@pytest.mark.parametrize("first", ["a call", "a refusal"])
@pytest.mark.parametrize("wait", [None, 1.0])
def test_a_time_in_which_nobody_called_is_no_lesson(first: str, wait: float | None) -> None:
    """A computer was asleep for two minutes: then the platform let little through because nothing came."""
    limit = Limit("s", 10, 10)
    turns = refused(Turns(START), limit, START, wait)
    for n in range(20):
        turns = after(turns, limit, START + 2 + n / 10, waited=True)
    awake = START + 4 + 120
    if first == "a call":
        turns = after(turns, limit, start_of(turns, limit, awake), waited=False)
    assert refused(turns, limit, awake, wait).rate in (0.0, pytest.approx(10, rel=0.2))


@given(
    rate=st.floats(0.01, 1000),
    burst=st.integers(1, 50),
    steps=st.lists(st.tuples(st.sampled_from(["take", "refused", "advised"]), st.floats(0, 100)), max_size=60),
)
def test_the_rate_stays_within_reason_whatever_happens(rate: float, burst: int, steps: list[tuple[str, float]]) -> None:
    limit, turns, now = Limit("s", rate, burst), Turns(), START
    for kind, pause in steps:
        now += pause
        if kind == "take":
            start = start_of(turns, limit, now)
            assert start >= now
            turns = after(turns, limit, start, waited=start > now)
        else:
            turns = refused(turns, limit, now, wait=pause if kind == "advised" else None)
            assert turns.next_at >= now
        assert turns.rate == 0 or rate * 0.001 <= turns.rate <= rate


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20), costs=st.lists(st.floats(0.1, 20), min_size=1, max_size=30))
def test_calls_that_cost_more_take_more_of_the_time(rate: float, burst: int, costs: list[float]) -> None:
    """Whatever the costs are, no call goes before its units are there; one that costs more than the burst goes then."""
    budgets, limit = MemoryBudgets(), Limit("s", rate, burst)
    went = [START + budgets.reserve([limit], START, 1e9, cost) for cost in costs]
    spent = 0.0
    for moment, cost in zip(went, costs, strict=True):
        available = burst + (moment - START) * rate
        assert spent + min(cost, burst) <= available * (1 + 1e-6) + 1e-3
        spent += cost


class TestWhatAnswersTell:
    limit = Limit("s", 10.0, 100)

    def test_the_platforms_own_rate_goes_before_the_declaration(self) -> None:
        assert told(Turns(), self.limit, Allowance(rate=25.0), START).rate == 25.0
        assert told(Turns(rate=25.0), self.limit, Allowance(rate=10.0), START).rate == 0.0

    def test_nothing_left_means_waiting_until_there_is(self) -> None:
        turns = told(Turns(), self.limit, Allowance(remaining=0, resets_in=30.0), START)
        assert start_of(turns, self.limit, START) == START + 30

    def test_what_is_left_is_counted_in_units(self) -> None:
        """Shopify's example: 1,000 points at most, 100 a second; 30 are left, and a query costs 50."""
        shopify = Limit("s", 100.0, 1000)
        turns = told(Turns(), shopify, Allowance(rate=100.0, remaining=30), START)
        assert start_of(turns, shopify, START, 50) == pytest.approx(START + 0.2, abs=1e-5)

    def test_more_than_we_thought_is_not_taken(self) -> None:
        turns = Turns(next_at=START + 5)
        assert told(turns, self.limit, Allowance(remaining=100), START).next_at == START + 5
