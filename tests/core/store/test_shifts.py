"""Several processes share the rows of one job, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice

import pytest

from sellercare.simulator.clock import FakeClock
from sellercare.store import Store
from sellercare.store.jobs import Change, JobRow, RowState
from sellercare.store.shifts import LASTS, Shift

READY = RowState.READY


def fill(store: Store, targets: Sequence[str]) -> str:
    """A job with one row for each of these targets."""
    job = store.jobs.create(verb="messages.reply", source="x.csv", offline=True, options={})
    store.jobs.add(job.id, [JobRow(n, n + 1, "acme", to, f"k{n}", READY, {}) for n, to in enumerate(targets, 1)])
    return job.id


def shift(store: Store, job: str) -> Shift:
    made = Shift(store, job)
    made.begin()
    return made


def numbers(worker: Shift, most: int | None = None, *, mine_too: bool = False) -> list[int]:
    parts = worker.parts(*(READY, RowState.UNKNOWN), account="acme", least=2, mine_too=mine_too)
    found = chain.from_iterable(parts)
    return [row.n for row in islice(found, most)]


def test_each_row_is_in_one_hand_only(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    job = fill(one, [f"t{n}" for n in range(10)])
    first, second = shift(one, job), shift(other, job)
    assert numbers(first, 2) == [1, 2]
    assert numbers(second, 3) == [3, 4, 5]  # in parts of two: 6 is claimed, too
    assert numbers(first) == [7, 8, 9, 10]
    assert numbers(second) == []


def test_rows_that_are_not_finished_come_again_to_who_has_them(store: Store) -> None:
    job = fill(store, ["a", "b", "c"])
    mine = shift(store, job)
    assert numbers(mine) == [1, 2, 3]
    store.jobs.finish(job, [Change(1, RowState.CONFIRMED), Change(2, RowState.UNKNOWN)])
    assert numbers(mine) == []
    assert numbers(mine, mine_too=True) == [2, 3]


def test_what_the_dead_had_in_hand_is_free_after_a_while(store: Store, clock: FakeClock) -> None:
    job = fill(store, ["a", "b"])
    numbers(shift(store, job))
    heir = shift(store, job)
    assert (numbers(heir), heir.others_work(), heir.is_alone()) == ([], True, False)
    clock.advance(LASTS)
    assert (numbers(heir), heir.is_alone()) == ([1, 2], True)


def test_who_gives_a_sign_of_life_keeps_the_rows(store: Store, clock: FakeClock) -> None:
    job = fill(store, ["a"])
    slow, other = shift(store, job), shift(store, job)
    numbers(slow)
    for _ in range(5):
        clock.advance(LASTS / 2)
        slow.beat()
    assert numbers(other) == []


def test_the_end_of_a_shift_gives_back_what_is_left(store: Store) -> None:
    job = fill(store, ["a", "b"])
    first, second = shift(store, job), shift(store, job)
    numbers(first)
    first.end()
    assert (second.is_alone(), numbers(second)) == (True, [1, 2])


def test_a_target_is_in_the_hands_of_one_in_the_order_of_the_file(store: Store) -> None:
    job = fill(store, ["a", "b", "c", "a", "d"])
    first, second = shift(store, job), shift(store, job)
    assert numbers(first, 2) == [1, 2]
    assert numbers(second) == [3, 5]
    assert second.passed_over
    store.jobs.finish(job, [Change(1, RowState.CONFIRMED)])
    assert numbers(second) == [4]


def test_a_row_does_not_overtake_one_that_somebody_left(store: Store) -> None:
    job = fill(store, ["a", "b", "c", "d", "a"])
    first, second = shift(store, job), shift(store, job)
    assert numbers(first, 2) == [1, 2]
    left = chain.from_iterable(second.parts(READY, account="acme", least=2))
    assert next(left).n == 3
    first.end()
    assert [row.n for row in left] == [4]
    assert numbers(second) == [1, 2, 5]


@pytest.mark.parametrize("resting", [True, False])
def test_nobody_waits_for_who_only_waits(store: Store, resting: bool) -> None:
    job = fill(store, ["a"])
    first, second = shift(store, job), shift(store, job)
    numbers(first)
    if resting:
        first.rest()
    assert second.others_work() is not resting
