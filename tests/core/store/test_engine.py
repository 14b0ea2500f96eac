"""Opening a store, its transactions, and what its files may show to others."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from sellercare.clock import SystemClock
from sellercare.errors import ConfigError, StoreError
from sellercare.home import STORE_FILE
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store
from sellercare.store.schema import budgets, intents, steps


def put(store: Store, scope: str, next_at: float = 0.0) -> None:
    with store.transaction() as connection:
        connection.execute(insert(budgets).values(scope=scope, next_at=next_at))


def scopes(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(select(budgets.c.scope).order_by(budgets.c.scope)).scalars())


def test_what_a_transaction_wrote_is_seen_by_everybody_once_it_is_left(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    with one.transaction() as connection:
        connection.execute(insert(budgets).values(scope="a", next_at=1))
        assert scopes(other) == []
    assert scopes(other) == ["a"]


def test_an_exception_undoes_a_transaction(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as connection:
        {}[connection.execute(insert(budgets).values(scope="a", next_at=1)).rowcount]
    assert scopes(store) == []


def test_transactions_do_not_nest(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="already open"), store.transaction():
        pass
    put(store, "the store works on")
    assert scopes(store) == ["the store works on"]


def test_reading_inside_a_transaction_sees_what_it_wrote(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(insert(budgets).values(scope="a", next_at=1))
        assert scopes(store) == ["a"]


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="read-only"), store.reading() as connection:
        connection.execute(insert(budgets).values(scope="a", next_at=1))
    assert scopes(store) == []


def test_one_view_for_a_whole_reading(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    with one.reading() as connection:
        assert connection.execute(select(func.count()).select_from(budgets)).scalar_one() == 0
        put(other, "meanwhile")
        assert connection.execute(select(func.count()).select_from(budgets)).scalar_one() == 0


def test_one_writer_at_a_time(open_store: Callable[[], Store]) -> None:
    """Reading a number and writing it plus one loses nothing, from two stores and four threads."""
    stores = [open_store(), open_store()]
    put(stores[0], "n", 0)

    def count(store: Store) -> None:
        for _ in range(10):
            with store.transaction() as connection:
                n = connection.execute(select(budgets.c.next_at)).scalar_one()
                connection.execute(update(budgets).values(next_at=n + 1))

    threads = [threading.Thread(target=count, args=(store,)) for store in stores * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].reading() as connection:
        assert connection.execute(select(budgets.c.next_at)).scalar_one() == 40


def test_the_other_tables_of_a_row_are_kept_whole(store: Store) -> None:
    with pytest.raises(IntegrityError), store.transaction() as connection:
        connection.execute(insert(steps).values(intent_id="nobody", name="send", state="done"))


def test_integrity_errors_pass_as_they_are(store: Store) -> None:
    put(store, "a")
    with pytest.raises(IntegrityError):
        put(store, "a")


def test_errors_never_show_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught, store.transaction() as connection:
        connection.execute(insert(intents).values(id="x", content="Dear Ann Buyer"))
    assert "Ann Buyer" not in str(caught.value)
    with pytest.raises(StoreError) as problem, store.transaction() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:value)"), {"value": "Dear Ann Buyer"})
    assert "Ann Buyer" not in f"{problem.value} {problem.value.__cause__}"


def test_sqlite_is_as_durable_as_it_can_be(sqlite_url: str, clock: FakeClock) -> None:
    with Store.open(sqlite_url, clock=clock) as store, store.transaction() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    # https://www.sqlite.org/pragma.html#pragma_synchronous: 2 is FULL, 1 is NORMAL.
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_writer_waits_for_another_program(sqlite_url: str, clock: FakeClock) -> None:
    with Store.open(sqlite_url, clock=clock) as store, closing(sqlite3.connect(str(store.url.database))) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        done = threading.Thread(target=put, args=(store, "a"))
        done.start()
        done.join(timeout=0.05)
        assert done.is_alive()
        other.execute("COMMIT")
        done.join(timeout=30)
        assert scopes(store) == ["a"]


def test_budgets_spare_the_disk_but_not_the_file(sqlite_url: str, clock: FakeClock) -> None:
    """NORMAL, never OFF: a checkpoint without a sync could lose what other connections made durable."""
    with Store.open(sqlite_url, clock=clock) as store, store._counting.begin() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 1


def test_what_was_committed_survives_the_death_of_the_process(url: str, clock: FakeClock) -> None:
    script = (
        "import os, sys; from sellercare.store import Store; from sellercare.clock import SystemClock\n"
        "from sqlalchemy import text\n"
        "store = Store.open(sys.argv[1], clock=SystemClock())\n"
        "with store.transaction() as c: c.execute(text(\"INSERT INTO budgets (scope, next_at) VALUES ('a', 1)\"))\n"
        "with store.transaction() as c:\n"
        "    c.execute(text(\"INSERT INTO budgets (scope, next_at) VALUES ('b', 1)\"))\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, url], check=False, timeout=60).returncode == 9
    with Store.open(url, clock=clock) as store:
        assert scopes(store) == ["a"]


@pytest.fixture
def open_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_nobody_else_can_read_the_files(tmp_path: Path, clock: FakeClock) -> None:
    folder = tmp_path / "new"
    with Store.open(f"sqlite:///{folder / 'store.db'}", clock=clock) as store:
        put(store, "a")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path, clock: FakeClock) -> None:
    file = tmp_path / "store.db"
    file.touch(0o644)
    file.chmod(0o644)
    Store.open(f"sqlite:///{file}", clock=clock).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_url_the_store_is_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.setenv("SELLERCARE_HOME", str(tmp_path / "home"))
    with Store.open(clock=clock) as store:
        assert store.place == str(tmp_path / "home" / STORE_FILE)
    assert (tmp_path / "home" / STORE_FILE).exists()


def test_a_relative_path_and_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    with Store.open("sqlite:///here.db", clock=clock) as store:
        assert store.place == str(tmp_path / "here.db")
    with Store.open("sqlite:///~/there.db", clock=clock) as store:
        assert store.place == str(tmp_path / "me" / "there.db")


def test_a_passing_store_works_in_all_threads_and_is_gone_when_closed(clock: FakeClock) -> None:
    store = Store.open("sqlite://", clock=clock)
    thread = threading.Thread(target=put, args=(store, "from another thread"))
    thread.start()
    thread.join()
    assert scopes(store) == ["from another thread"]
    folder = Path(store.place).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    store.close()
    assert not folder.exists()


def test_passing_stores_are_strangers(clock: FakeClock) -> None:
    with Store.open("sqlite://", clock=clock) as one, Store.open("sqlite://", clock=clock) as other:
        put(one, "a")
        assert scopes(other) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_makes_connections_of_its_own(store: Store) -> None:
    put(store, "parent")
    assert store._writing.pool.checkedin() + store._writing.pool.checkedout() == 1
    child = os.fork()
    if child == 0:
        try:
            if store._writing.pool.checkedin() or store._together._kept is not None:
                os._exit(2)
            put(store, "child")
            store.close()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    put(store, "parent again")
    assert scopes(store) == ["child", "parent", "parent again"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_does_not_remove_its_parents_passing_store(clock: FakeClock) -> None:
    with Store.open("sqlite://", clock=clock) as store:
        put(store, "parent")
        child = os.fork()
        if child == 0:
            store.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert Path(store.place).exists()
        assert scopes(store) == ["parent"]


@pytest.mark.parametrize("wrong", ["no url", "mysql://user:hunter2@host/db", "sqlite://user:hunter2@@/x:y:z", ""])
def test_what_is_no_store_is_said_without_the_password(wrong: str, clock: FakeClock) -> None:
    with pytest.raises(ConfigError) as caught:
        Store.open(wrong, clock=clock)
    assert caught.value.setting == "store"
    assert "sqlite:///" in caught.value.next_step
    assert "hunter2" not in f"{caught.value!r} {caught.value}"


def test_every_date_is_the_clocks(clock: FakeClock) -> None:
    with Store.open("sqlite://", clock=clock) as store:
        assert store.clock is clock


def test_opening_needs_no_alembic_and_no_requests(tmp_path: Path) -> None:
    script = (
        "import sys; from sellercare.store import Store; from sellercare.clock import SystemClock\n"
        "Store.open(sys.argv[1], clock=SystemClock()).close()\n"
        "Store.open(sys.argv[1], clock=SystemClock()).close()\n"
        "print([name for name in ('alembic', 'requests', 'pydantic') if name in sys.modules])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, f"sqlite:///{tmp_path}/store.db"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.strip() == "[]"


def test_the_system_clock_serves(url: str) -> None:
    with Store.open(url, clock=SystemClock()) as store:
        put(store, "a")
        assert scopes(store) == ["a"]
