"""Threads that write at the same moment share a commit, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import OperationalError

from sellercare.errors import StoreError
from sellercare.store import Store
from sellercare.store.schema import budgets
from sellercare.store.together import Wish


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


def note(store: Store, name: str, then: Callable[[], None] = lambda: None) -> None:
    """Write a row by this name in a shared transaction."""

    def work(db: Connection) -> None:
        db.execute(insert(budgets).values(scope=name, next_at=0))
        then()

    store.write(work)


def test_many_threads_share_few_commits_and_all_is_there(store: Store, commits: list[int]) -> None:
    def work(n: int) -> None:
        for turn in range(10):
            note(store, f"{n}-{turn}")
            assert f"{n}-{turn}" in scopes(store)  # whoever goes on finds it committed

    at_once(8, work)
    assert len(scopes(store)) == 80
    assert len(commits) <= 50


def test_each_gets_the_result_of_its_own_work(store: Store, commits: list[int]) -> None:
    results: dict[int, int] = {}

    def work(n: int) -> None:
        results[n] = store.write(lambda _db: n * n)

    at_once(8, work)
    assert results == {n: n * n for n in range(8)}


def test_who_is_alone_waits_for_nobody(store: Store, commits: list[int]) -> None:
    for n in range(3):
        note(store, str(n))
    assert len(commits) == 3


def test_what_one_raises_undoes_its_own_part_alone(store: Store, commits: list[int]) -> None:
    def stumble() -> None:
        raise ZeroDivisionError

    def work(n: int) -> None:
        for turn in range(10):
            if n % 2:
                with pytest.raises(ZeroDivisionError):
                    note(store, f"{n}-{turn}", stumble)
            else:
                note(store, f"{n}-{turn}")

    at_once(8, work)
    assert scopes(store) == sorted(f"{n}-{turn}" for n in (0, 2, 4, 6) for turn in range(10))


def test_one_with_a_transaction_of_its_own_takes_its_turn_among_the_others(store: Store, commits: list[int]) -> None:
    def work(n: int) -> None:
        for turn in range(5):
            if n % 2:
                note(store, f"{n}-{turn}")
                continue
            with suppress(ZeroDivisionError), store.transaction() as db:
                db.execute(insert(budgets).values(scope=f"{n}-{turn}", next_at=n))
                if turn == 4:
                    raise ZeroDivisionError

    at_once(8, work)
    assert len(scopes(store)) == 4 * 5 + 4 * 4


def test_a_commit_that_fails_is_told_to_everybody_in_it(store: Store) -> None:
    told: list[StoreError] = []

    def broken(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(store._writing, "commit", broken)

    def work(n: int) -> None:
        try:
            note(store, str(n))
        except StoreError as error:
            told.append(error)

    at_once(6, work)
    event.remove(store._writing, "commit", broken)
    assert len(told) == 6
    assert scopes(store) == []
    note(store, "after")
    assert scopes(store) == ["after"]


def test_ctrl_c_in_a_commit_is_told_to_its_thread_alone(store: Store) -> None:
    told: list[BaseException] = []
    turn = threading.Event()

    def interrupted(_connection: object) -> None:
        raise KeyboardInterrupt

    def work(n: int) -> None:
        try:
            note(store, str(n), lambda: turn.wait(0.01) and None)  # so that the others come while it writes
        except BaseException as error:  # noqa: BLE001 - it is what is looked at
            told.append(error)

    event.listen(store._writing, "commit", interrupted)
    at_once(6, work)
    event.remove(store._writing, "commit", interrupted)
    kinds = [type(error) for error in told]
    assert len(told) == 6
    assert set(kinds) == {KeyboardInterrupt, StoreError}
    assert scopes(store) == []
    note(store, "after")
    assert scopes(store) == ["after"]


class Waiting:
    """Threads that wait while this one has the turn."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.threads: list[threading.Thread] = []

    def start(self, work: Callable[[], None]) -> None:
        """Begin one, and come back when it is in the queue."""
        there = len(self._store._together._queue)
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()
        for _ in range(2000):
            if len(self._store._together._queue) > there:
                return
            threading.Event().wait(0.001)
        raise AssertionError("it never queued up")

    def end(self) -> None:
        for thread in self.threads:
            thread.join(timeout=30)
        assert not any(thread.is_alive() for thread in self.threads)


@pytest.mark.parametrize("moment", ["while it waits", "when its turn has come"])
def test_one_that_goes_away_leaves_nobody_waiting(store: Store, monkeypatch: Any, moment: str) -> None:
    """Ctrl-C comes as an exception out of the lock that it sleeps on."""
    waiting, together, comes = Waiting(store), store._together, threading.Event()

    class Interrupted:
        """The lock, with Ctrl-C."""

        def acquire(self, timeout: float = -1) -> bool:
            comes.wait(timeout)
            raise KeyboardInterrupt

        def release(self) -> None:
            comes.set()

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            note(store, "never")

    made = Wish.__init__

    def make(wish: Wish, work: Any) -> None:
        made(wish, work)
        if threading.current_thread() in waiting.threads[:1]:
            wish.sleep = Interrupted()  # type: ignore[assignment]  # it has what is used of one

    monkeypatch.setattr(Wish, "__init__", make)
    with together.alone():
        waiting.start(interrupted)
        waiting.start(lambda: note(store, "behind"))
        if moment == "while it waits":
            comes.set()
            waiting.threads[0].join(timeout=30)
    waiting.end()
    assert scopes(store) == ["behind"]
    note(store, "after")
    assert scopes(store) == ["after", "behind"]


def test_who_waits_in_vain_is_told_so_and_nothing_of_it_is_written(store: Store) -> None:
    told: list[StoreError] = []
    store._together._patience = 0.05

    def impatient() -> None:
        with pytest.raises(StoreError, match="is busy") as raised:
            note(store, "never")
        told.append(raised.value)

    waiting = Waiting(store)
    with store._together.alone():
        waiting.start(impatient)
        waiting.end()
    assert len(told) == 1
    note(store, "after")
    assert scopes(store) == ["after"]


def test_a_shared_transaction_does_not_nest(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="already open"):
        store.write(lambda _db: None)
    with pytest.raises(RuntimeError, match="already open"):
        store.write(lambda _db: store.write(lambda _db: None))


def test_a_budget_is_counted_between_two_commits(store: Store) -> None:
    from sellercare.http.protocols import Limit

    waits: list[float] = []

    def work(n: int) -> None:
        note(store, f"row-{n}")
        waits.append(store.budgets.reserve([Limit("s", 1, 1)], 1_772_442_000.0, 1e9))

    at_once(8, work)
    assert sorted(round(wait) for wait in waits) == list(range(8))
    assert len(scopes(store)) == 9
