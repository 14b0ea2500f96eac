"""Threads that write at the same moment share a commit, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import OperationalError

from sellercare.errors import StoreError
from sellercare.store import Store
from sellercare.store.schema import budgets


def scopes(store: Store) -> list[str]:
    with store.reading() as db:
        return sorted(db.execute(select(budgets.c.scope)).scalars())


def at_once(count: int, work: Callable[[int], None]) -> None:
    """Run it in so many threads that begin together."""
    start = threading.Barrier(count)

    def go(n: int) -> None:
        start.wait()
        work(n)

    threads = [threading.Thread(target=go, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)


@pytest.fixture
def commits(store: Store) -> Iterator[list[int]]:
    """How often the writing connection commits; each commit is slow, as a disk is."""
    seen: list[int] = []

    def slow(_connection: object) -> None:
        seen.append(1)
        threading.Event().wait(0.005)

    event.listen(store._writing, "commit", slow)
    yield seen
    event.remove(store._writing, "commit", slow)


def test_many_threads_share_few_commits_and_all_is_there(store: Store, commits: list[int]) -> None:
    def work(n: int) -> None:
        for turn in range(10):
            with store.transaction() as db:
                db.execute(insert(budgets).values(scope=f"{n}-{turn}", next_at=n))
            assert f"{n}-{turn}" in scopes(store)  # whoever goes on finds it committed

    at_once(8, work)
    assert len(scopes(store)) == 80
    assert len(commits) <= 50


def test_who_is_alone_waits_for_nobody(store: Store, commits: list[int]) -> None:
    for n in range(3):
        with store.transaction() as db:
            db.execute(insert(budgets).values(scope=str(n), next_at=n))
    assert len(commits) == 3


def test_what_one_raises_undoes_its_own_part_alone(store: Store, commits: list[int]) -> None:
    def work(n: int) -> None:
        for turn in range(10):
            with suppress(ZeroDivisionError), store.transaction() as db:
                db.execute(insert(budgets).values(scope=f"{n}-{turn}", next_at=n))
                if n % 2:
                    raise ZeroDivisionError

    at_once(8, work)
    assert scopes(store) == sorted(f"{n}-{turn}" for n in (0, 2, 4, 6) for turn in range(10))


def test_a_commit_that_fails_is_told_to_everybody_in_it(store: Store) -> None:
    told: list[StoreError] = []

    def broken(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(store._writing, "commit", broken)

    def work(n: int) -> None:
        try:
            with store.transaction() as db:
                db.execute(insert(budgets).values(scope=str(n), next_at=n))
        except StoreError as error:
            told.append(error)

    at_once(6, work)
    event.remove(store._writing, "commit", broken)
    assert len(told) == 6
    assert scopes(store) == []
    with store.transaction() as db:
        db.execute(insert(budgets).values(scope="after", next_at=0))
    assert scopes(store) == ["after"]


def test_ctrl_c_in_a_commit_is_told_to_its_thread_alone(store: Store) -> None:
    told: list[BaseException] = []

    def interrupted(_connection: object) -> None:
        raise KeyboardInterrupt

    event.listen(store._writing, "commit", interrupted)

    def work(n: int) -> None:
        try:
            with store.transaction() as db:
                db.execute(insert(budgets).values(scope=str(n), next_at=n))
                threading.Event().wait(0.01)  # so that the others come while it writes
        except BaseException as error:  # noqa: BLE001 - it is what is looked at
            told.append(error)

    at_once(6, work)
    event.remove(store._writing, "commit", interrupted)
    kinds = {type(error) for error in told}
    assert len(told) == 6
    assert kinds <= {KeyboardInterrupt, StoreError}
    assert sum(type(error) is KeyboardInterrupt for error in told) < 6
    assert scopes(store) == []


def test_one_that_was_to_commit_for_others_and_is_stopped_leaves_nobody_waiting(store: Store) -> None:
    """A thread in the queue that never comes: the others commit without it."""
    together = store._together
    with together._counting:
        together._waiting += 1
    try:
        with store.transaction() as db:
            db.execute(insert(budgets).values(scope="a", next_at=0))
            together._waiting = 1
            threading.Timer(0.05, lambda: setattr(together, "_waiting", 0)).start()
    finally:
        together._waiting = 0
    assert scopes(store) == ["a"]


def test_a_budget_is_counted_between_two_commits(store: Store) -> None:
    from sellercare.http.protocols import Limit

    waits: list[float] = []

    def work(n: int) -> None:
        with store.transaction() as db:
            db.execute(insert(budgets).values(scope=f"row-{n}", next_at=n))
        waits.append(store.budgets.reserve([Limit("s", 1, 1)], 1_772_442_000.0, 1e9))

    at_once(8, work)
    assert sorted(round(wait) for wait in waits) == list(range(8))
    assert len(scopes(store)) == 9
