"""Problems of the database: what is wrong, that nothing was sent, and what to do."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import make_url

from sellercare.errors import Changed, ConfigError, StoreError
from sellercare.http.protocols import Limit
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store
from sellercare.store.migrations import versions
from sellercare.store.schema import budgets

NOBODY = 65_534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def open_file(file: Path, clock: FakeClock) -> Iterator[Callable[[], Store]]:
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(Store.open(f"sqlite:///{file}", clock=clock, lock_timeout=0.05))


def put(store: Store, scope: str = "a") -> None:
    with store.transaction() as connection:
        connection.execute(insert(budgets).values(scope=scope, next_at=0))


def is_clear(error: StoreError, *words: str) -> None:
    said = str(error)
    for word in words:
        assert word in said
    assert error.changed is Changed.NO
    assert "Nothing was changed at the marketplace." in said
    assert error.next_step.endswith(".")
    assert error.next_step in said


def test_locked(file: Path, open_file: Callable[[], Store]) -> None:
    store = open_file()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        put(store)
    is_clear(caught.value, "locked by another program", str(file), "Wait until")
    with pytest.raises(StoreError):
        store.budgets.reserve([Limit("a", 1, 1)], 0, 1)
    other.execute("ROLLBACK")
    other.close()
    put(store)


def test_disk_full(open_file: Callable[[], Store]) -> None:
    """SQLite gives the same error for a file that may not grow as for a disk that is full."""
    store = open_file()
    with store.transaction() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StoreError) as caught:
        put(store, "x" * 100_000)
    is_clear(caught.value, "disk is full", "Make room")


def test_not_a_database(file: Path, open_file: Callable[[], Store]) -> None:
    content = b"order;text\n1;hello\n" * 100
    file.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        open_file()
    is_clear(caught.value, "not a sellercare database", "left as it is")
    assert file.read_bytes() == content


def test_damaged(file: Path, open_file: Callable[[], Store]) -> None:
    store = open_file()
    for n in range(200):
        put(store, f"{n}" + "x" * 200)
    store.close()
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(StoreError) as caught:
        put(open_file())
    is_clear(caught.value, "is damaged", "restore a backup")


def test_a_newer_schema_is_refused_and_left_alone(url: str, open_store: Callable[[], Store]) -> None:
    with open_store().transaction() as connection:
        connection.execute(update(versions).values(version_num="9999"))
    with pytest.raises(StoreError) as caught:
        open_store()
    is_clear(caught.value, "newer sellercare", "9999", "Upgrade sellercare")


def test_tables_of_another_program(file: Path, open_file: Callable[[], Store]) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE tokens (mine TEXT)")
    with pytest.raises(StoreError) as caught:
        open_file()
    is_clear(caught.value, "tables of another program (tokens)", "a database of its own")


def test_a_folder_in_place_of_the_file(file: Path, open_file: Callable[[], Store]) -> None:
    file.mkdir()
    with pytest.raises(StoreError) as caught:
        open_file()
    is_clear(caught.value, "is a folder", "Name a file")


def test_a_file_in_place_of_the_folder(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "plain").touch()
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{tmp_path}/plain/store.db", clock=clock)
    is_clear(caught.value, "cannot be made", "another place")


def test_a_value_that_the_database_does_not_take(store: Store) -> None:
    if store.url.get_backend_name() == "sqlite":
        pytest.skip("SQLite takes texts of any length")
    with pytest.raises(StoreError) as caught:
        put(store, "x" * 301)
    is_clear(caught.value, "too long", "Shorten")
    assert "xxx" not in str(caught.value)


def test_every_connection_in_use(sqlite_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sellercare.store.connections._THREADS", 0)
    with Store.open(sqlite_url, clock=clock, lock_timeout=0.05) as store, contextlib.ExitStack() as held:
        # The pool keeps five connections by itself.
        for _ in range(5):
            held.enter_context(store.reading())
        with pytest.raises(StoreError) as caught:
            held.enter_context(store.reading())
        is_clear(caught.value, "busy", "fewer threads")


class Child:
    """Runs a function as a user without rights, and brings home what it raised."""

    def run(self, action: Callable[[], object]) -> str:
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if os.geteuid() == 0:
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                action()
                said = "it worked"
            except StoreError as error:
                said = str(error)
            except Exception as error:  # noqa: BLE001 - shown to the parent, which fails
                said = repr(error)
            os.write(write_end, said.encode())
            os._exit(0)
        os.close(write_end)
        with os.fdopen(read_end) as stream:
            said = stream.read()
        os.waitpid(child, 0)
        return said


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach; pytest's own ones are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs another process that shares the test's code")
def test_a_disk_that_takes_nothing(open_folder: Path, clock: FakeClock) -> None:
    """A process whose files may not grow stands for a disk whose writes fail, from the first byte on."""
    resource = pytest.importorskip("resource")

    def make() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        Store.open(f"sqlite:///{open_folder}/store.db", clock=clock)

    open_folder.chmod(0o777)
    said = Child().run(make)
    assert "Nothing was changed at the marketplace." in said
    assert "the disk" in said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs another process that shares the test's code")
def test_a_read_only_folder(open_folder: Path, clock: FakeClock) -> None:
    open_folder.chmod(0o555)
    said = Child().run(lambda: Store.open(f"sqlite:///{open_folder}/store.db", clock=clock))
    assert "Nothing was changed at the marketplace." in said
    assert "Permission denied" in said
    assert "read-only" in said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs another process that shares the test's code")
def test_a_folder_that_became_read_only(open_folder: Path, clock: FakeClock) -> None:
    """The file is the user's own, but SQLite may not make its -wal beside it."""
    file = open_folder / "store.db"
    Store.open(f"sqlite:///{file}", clock=clock).close()
    if os.geteuid() == 0:
        os.chown(file, NOBODY, NOBODY)
    open_folder.chmod(0o555)
    said = Child().run(lambda: put(Store.open(f"sqlite:///{file}", clock=clock)))
    assert "Nothing was changed at the marketplace." in said
    assert "read-only" in said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs another process that shares the test's code")
def test_a_read_only_file(open_folder: Path, clock: FakeClock) -> None:
    file = open_folder / "store.db"
    Store.open(f"sqlite:///{file}", clock=clock).close()
    file.chmod(0o400)
    if os.geteuid() == 0:
        os.chown(file, NOBODY, NOBODY)
        os.chown(open_folder, NOBODY, NOBODY)
    said = Child().run(lambda: put(Store.open(f"sqlite:///{file}", clock=clock)))
    assert "Nothing was changed at the marketplace." in said
    assert "read-only" in said


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can make a file of somebody else")
def test_a_store_of_another_user(open_folder: Path, clock: FakeClock) -> None:
    file = open_folder / "store.db"
    Store.open(f"sqlite:///{file}", clock=clock).close()
    said = Child().run(lambda: Store.open(f"sqlite:///{file}", clock=clock))
    assert "Permission denied" in said
    assert "who owns the file" in said


def test_a_server_that_cannot_be_reached(clock: FakeClock) -> None:
    """Port 1 of this machine answers nobody."""
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://ann:hunter2@127.0.0.1:1/shop?sslpassword=hunter3", clock=clock, lock_timeout=1)
    is_clear(caught.value, "postgresql+psycopg://ann:***@127.0.0.1:1/shop", "cannot be reached", "server runs")
    assert "hunter" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


def test_a_database_that_is_not_there(postgres_url: str, clock: FakeClock) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open(make_url(postgres_url).set(database="nowhere").render_as_string(False), clock=clock)
    is_clear(caught.value, "no database of this name", "Create the database")


def test_a_wrong_password(postgres_url: str, clock: FakeClock) -> None:
    """A user whom the server does not know; a server that trusts everybody accepts any password."""
    wrong = make_url(postgres_url).set(username="nobody_here", password="hunter2")
    with pytest.raises(StoreError) as caught:
        Store.open(wrong.render_as_string(False), clock=clock)
    is_clear(caught.value, "user or password")
    assert "hunter2" not in f"{caught.value} {caught.value.__cause__}"


def test_a_transaction_that_waits_too_long_for_another(postgres_url: str, clock: FakeClock) -> None:
    with Store.open(postgres_url, clock=clock) as one, Store.open(postgres_url, clock=clock, lock_timeout=0.1) as other:
        with one.transaction(), pytest.raises(StoreError) as caught:
            put(other)
        is_clear(caught.value, "locked")
        put(other)
        with one.reading() as connection:
            assert connection.execute(select(budgets.c.scope)).scalars().all() == ["a"]


def test_a_missing_driver_says_what_to_install(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"sellercare\[postgres\]"):
        Store.open("postgresql://ann@127.0.0.1:1/shop", clock=clock)
