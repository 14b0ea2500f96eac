"""Rate budgets: one number a scope, shared by all who use the store."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellercare.adapter import Allowance
from sellercare.http.budgets import MemoryBudgets
from sellercare.http.protocols import Budgets, Heard, Limit
from sellercare.http.turns import Turns
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store

NOW = 1_772_442_000.0


def take(budgets: Budgets, scope: str, rate: float, burst: int, now: float) -> float:
    return budgets.reserve([Limit(scope, rate, burst)], now, patience=1e9)


def near(*seconds: float) -> object:
    """Seconds since 1970 leave a double about a microsecond."""
    return pytest.approx(list(seconds), abs=1e-5)


def test_a_quiet_budget_lets_a_burst_go_and_then_spaces_the_calls(store: Store) -> None:
    waits = [take(store.budgets, "allegro:app", 2, 3, NOW) for _ in range(6)]
    assert waits == near(0, 0, 0, 0.5, 1.0, 1.5)


def test_without_a_burst_the_second_call_waits(store: Store) -> None:
    assert [take(store.budgets, "s", 10, 1, NOW) for _ in range(3)] == near(0, 0.1, 0.2)


def test_quiet_time_earns_no_more_than_a_burst(store: Store) -> None:
    take(store.budgets, "s", 1, 2, NOW)
    later = NOW + 3600
    assert [take(store.budgets, "s", 1, 2, later) for _ in range(4)] == near(0, 0, 1, 2)


def test_a_budget_fills_up_again_as_time_passes(store: Store) -> None:
    for _ in range(2):
        take(store.budgets, "s", 1, 2, NOW)
    assert take(store.budgets, "s", 1, 2, NOW + 1) == pytest.approx(0, abs=1e-5)
    assert take(store.budgets, "s", 1, 2, NOW + 1.25) == pytest.approx(0.75, abs=1e-5)


def test_scopes_do_not_starve_each_other(store: Store) -> None:
    for _ in range(100):
        take(store.budgets, "one", 1, 1, NOW)
    assert take(store.budgets, "other", 1, 1, NOW) == 0


def test_nobody_goes_before_the_moment_that_the_platform_named(store: Store) -> None:
    take(store.budgets, "s", 1, 5, NOW)
    store.budgets.refused(Limit("s", 1, 5), NOW, 30)
    assert [take(store.budgets, "s", 1, 5, NOW) for _ in range(3)] == near(30, 31, 32)


def test_a_budget_that_nobody_used_yet_can_be_pushed_back(store: Store) -> None:
    store.budgets.refused(Limit("s", 1, 5), NOW, 30)
    assert take(store.budgets, "s", 1, 5, NOW) == pytest.approx(30, abs=1e-5)


def test_pushing_back_never_brings_forward(store: Store) -> None:
    store.budgets.refused(Limit("s", 1, 5), NOW, 30)
    store.budgets.refused(Limit("s", 1, 5), NOW, 10)
    assert take(store.budgets, "s", 1, 1, NOW) == pytest.approx(30, abs=1e-5)


def test_a_moment_noted_under_a_wrong_clock_is_not_believed(store: Store) -> None:
    year = 365 * 86_400
    take(store.budgets, "s", 1, 1, NOW + year)
    assert take(store.budgets, "s", 1, 1, NOW) == 0


def test_all_processes_share_one_budget(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    waits = [take(store.budgets, "s", 1, 1, NOW) for store in (one, other, one)]
    assert waits == near(0, 1, 2)


def test_no_two_threads_get_the_same_moment(open_store: Callable[[], Store]) -> None:
    stores = [open_store(), open_store()]
    waits: list[float] = []

    def work(store: Store) -> None:
        for _ in range(25):
            waits.append(take(store.budgets, "s", 1, 1, NOW))

    threads = [threading.Thread(target=work, args=(store,)) for store in stores * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == near(*range(100))


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_budget_that_is_none(store: Store, rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        take(store.budgets, "s", rate, burst, NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.floats(0.5, 200),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 5), min_size=1, max_size=40),
    scope=st.uuids(),
)
def test_never_more_calls_than_rate_and_burst_allow(
    passing: Store, rate: float, burst: int, pauses: list[float], scope: object
) -> None:
    """In any window of time no more calls go than the burst and the rate allow together."""
    now, went = NOW, []
    for pause in pauses:
        now += pause
        went.append(now + take(passing.budgets, str(scope), rate, burst, now))
    assert went == sorted(went)
    for first, start in enumerate(went):
        for last in range(first, len(went)):
            assert last - first + 1 <= burst + (went[last] - start) * rate + 1e-3


@pytest.fixture
def passing(clock: FakeClock) -> object:
    with Store.open("sqlite://", clock=clock) as store:
        yield store


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(
        st.tuples(st.integers(0, 1), st.floats(0, 3), st.sampled_from([1.0, 3.0]), st.sampled_from("cccccnrh")),
        min_size=1,
        max_size=40,
    ),
)
def test_processes_take_turns_as_one_process_does(
    two: tuple[Store, Store], calls: list[tuple[int, float, float, str]]
) -> None:
    """Whoever calls, and however often the same one: the moments are those of one that does all of it in memory."""
    one_process, limit, now = MemoryBudgets(), Limit(str(uuid.uuid4()), 2, 4), NOW
    for caller, pause, cost, what in calls:
        now += pause
        moments = []
        for budgets in (one_process, two[caller].budgets):
            if what == "r":
                budgets.refused(limit, now, None, cost)
            else:
                heard = [Heard(limit, Allowance(rate=3.0, remaining=2.0), now)] if what == "h" else []
                needs = 4.0 if what == "n" else 0.0
                moments.append(budgets.reserve([limit], now, 20, cost, heard, needs))
        assert moments[:1] == moments[1:]


@pytest.fixture
def two(clock: FakeClock, tmp_path: Path) -> object:
    url = f"sqlite:///{tmp_path / 'two.db'}"
    with Store.open(url, clock=clock) as one, Store.open(url, clock=clock) as other:
        yield one, other


def test_who_is_alone_needs_one_statement_a_turn(
    open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = open_store(), open_store()
    for store in (other, one, one):
        take(store.budgets, "s", 1, 1, NOW)
    whole = []
    monkeypatch.setattr(Store, "counting", lambda store: whole.append(store) or transaction(store))
    assert [take(one.budgets, "s", 1, 1, NOW) for _ in range(3)] == near(3, 4, 5)
    assert whole == []
    assert [take(store.budgets, "s", 1, 1, NOW) for store in (other, one)] == near(6, 7)
    assert whole == [other, one]


transaction = Store.counting


def test_a_file_that_another_program_writes_is_waited_for(sqlite_url: str, clock: FakeClock) -> None:
    with Store.open(sqlite_url, clock=clock) as store:
        take(store.budgets, "s", 1, 1, NOW)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            assert store.count_on("s", Turns(), Turns(NOW)) is False
        assert [take(store.budgets, "s", 1, 1, NOW) for _ in range(2)] == near(1, 2)


def test_a_call_may_need_more_than_it_takes(store: Store) -> None:
    """A bucket of ten, one a second: a call that is let in by eight and takes three."""
    limit = Limit("s", 1, 10)
    waits = [store.budgets.reserve([limit], NOW, 60, 3.0, (), 8.0) for _ in range(3)]
    assert waits == near(0, 1, 4)


def test_limits_that_count_together_count_from_when_the_call_goes(store: Store) -> None:
    """A call that waits for one limit is later for the other, too: the next one keeps its distance from that."""
    slow, busy = Limit("a second", 1, 1), Limit("the app", 100, 1)
    store.budgets.refused(busy, NOW, 0.75)
    assert store.budgets.reserve([slow, busy], NOW, 60) == pytest.approx(0.75, abs=1e-5)
    assert store.budgets.reserve([slow], NOW + 1, 60) == pytest.approx(0.75, abs=1e-5)


def test_who_has_no_patience_takes_nobodys_place(store: Store) -> None:
    store.budgets.reserve([Limit("s", 1, 1)], NOW, 60)
    assert store.budgets.reserve([Limit("s", 1, 1)], NOW, 0.5) == pytest.approx(1, abs=1e-5)
    assert store.budgets.reserve([Limit("s", 1, 1)], NOW, 60) == pytest.approx(1, abs=1e-5)


def test_what_was_learned_is_shared_by_all_processes(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    limit = Limit("s", 10, 1)
    one.budgets.reserve([], NOW, 0, heard=[Heard(limit, Allowance(rate=2.0), NOW)])
    assert [other.budgets.reserve([limit], NOW, 60) for _ in range(3)] == near(0, 0.5, 1.0)


def test_what_is_left_is_believed(store: Store) -> None:
    limit = Limit("s", 10, 100)
    assert store.budgets.reserve([limit], NOW, 60, heard=[Heard(limit, Allowance(remaining=2), NOW)]) == 0
    assert [store.budgets.reserve([limit], NOW, 60) for _ in range(2)] == near(0, 0.1)
