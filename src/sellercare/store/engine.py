"""The store: one database, its transactions, and the parts that keep things in it."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from sellercare.clock import Clock
from sellercare.errors import StoreError
from sellercare.http.turns import Turns
from sellercare.store.connections import engine_for
from sellercare.store.counting import Counters, counted_on, counters
from sellercare.store.migrations import bring_up_to_date
from sellercare.store.places import default_url, file_of, parse_url, prepare_file
from sellercare.store.prepared import Prepared
from sellercare.store.problems import explain, replaced
from sellercare.store.together import Together

if TYPE_CHECKING:
    from sellercare.store.budgets import Budgets
    from sellercare.store.intents import Intents
    from sellercare.store.jobs import Jobs
    from sellercare.store.looks import Looks
    from sellercare.store.stakes import Stakes
    from sellercare.store.tokens import Tokens
    from sellercare.store.words import Words

T = TypeVar("T")

LOCK_TIMEOUT = 10.0
"""Seconds that one transaction waits for another program's, in real time."""


class Store:
    """One database with everything that must outlive a process. Safe to share between threads and processes.

    A file of SQLite holds buyers' texts and the tokens of accounts as they are: what protects them is the file's
    mode, which lets its owner alone read it. Open it with `Store.open` and close it, or use it in a `with`.
    """

    def __init__(self, url: URL, clock: Clock, *, lock_timeout: float, passing: Path | None) -> None:
        self.url = url
        self.clock = clock
        durable = passing is None
        self._writing = engine_for(url, purpose="write", lock_timeout=lock_timeout, durable=durable)
        self._reading = engine_for(url, purpose="read", lock_timeout=lock_timeout, durable=durable)
        self._counting = engine_for(url, purpose="count", lock_timeout=lock_timeout, durable=durable)
        self._together = Together(self._writing, lock_timeout)
        self._patience = lock_timeout
        self._lookers: list[PoolProxiedConnection] = []
        self._counters: list[PoolProxiedConnection] = []
        self._mine = threading.local()
        self._remove = weakref.finalize(self, shutil.rmtree, passing, ignore_errors=True) if passing else None
        self._file: tuple[int, int] | None = None
        _OPEN.add(self)

    @classmethod
    def open(cls, url: str | None = None, *, clock: Clock, lock_timeout: float = LOCK_TIMEOUT) -> Self:
        """Open a store, and make or upgrade its tables.

        `url` is `sqlite:///path`, `postgresql+psycopg://…`, or `sqlite://` for one that is gone when it is closed
        (a private temporary file); None is the file in the home folder. Every date in the store is the clock's.
        `lock_timeout` is in real seconds. Raises ConfigError for a URL that is none, StoreError if it is locked,
        cannot be reached or written, is damaged, or was made by a newer sellercare.
        """
        place = default_url() if url is None else parse_url(url)
        passing = None
        if place.get_backend_name() == "sqlite":
            if place.database is None:
                passing = Path(tempfile.mkdtemp(prefix="sellercare-"))
                place = place.set(database=str(passing / "store.db"))
            prepare_file(Path(place.database or ""))
        store = cls(place, clock, lock_timeout=lock_timeout, passing=passing)
        try:
            with store._explained():
                bring_up_to_date(store._writing, store._reading)
            if place.get_backend_name() == "sqlite":
                store._file = file_of(place.database)
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that writes, one at a time over all processes; durable when the block is left.

        An exception undoes the block. Raises StoreError for problems of the database; IntegrityError passes as it is.
        Transactions do not nest: the inner one would be undone by the outer one after it was called durable.
        """
        self._outside()
        with self._explained(), self._together.transaction() as connection:
            self._mine.connection = connection
            try:
                yield connection
            finally:
                self._mine.connection = None

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in such a transaction, with one commit for all threads that do so at the same moment.

        Another thread may do it, and do it again after it was undone: `work` changes nothing but the database.
        """
        self._outside()

        def seen(connection: Connection) -> T:
            self._mine.connection = connection
            try:
                return work(connection)
            finally:
                self._mine.connection = None

        with self._explained():
            return self._together.write(seen)

    def _outside(self) -> None:
        if self._current() is not None:
            raise RuntimeError("a transaction of this store is already open in this thread")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view for reading. Inside a transaction of this thread, that transaction's own view."""
        mine = self._current()
        if mine is not None:
            with self._explained():
                yield mine
            return
        with self._explained(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def counting(self) -> Iterator[Counters]:
        """A short writing transaction for rate budgets, which the last moments before a power cut may lose."""
        with (
            self._explained(),
            self._undisturbed(),
            counters(self._counting, self._patience, self._counters) as numbers,
        ):
            yield numbers

    def count_on(self, scope: str, before: Turns, turns: Turns) -> bool:
        """Note new turns of a rate budget, if the old ones still stand there; False if not, or if it would wait."""
        with self._explained():
            return counted_on(self._counting, self._counters, scope, before, turns)

    def rows(self, statement: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        """What one look finds, at once: a single statement, that sees what was committed before it.

        Inside a transaction of this thread it sees that one's own view.
        """
        mine = self._current()
        with self._explained():
            if mine is not None:
                return list(statement.run(mine, **values).fetchall())
            with self._looker() as cursor:
                return list(statement.run_on(cursor, self._reading.dialect, values).fetchall())

    def close(self) -> None:
        """Close the connections. A store that was not to stay is removed."""
        self._together.give_up()
        for kept in (self._lookers, self._counters):
            while kept:
                kept.pop().close()
        for engine in self._engines():
            engine.dispose()
        if self._remove is not None:
            self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.place})"

    @property
    def place(self) -> str:
        """Where the store is, for people: a path, or a URL that hides its password."""
        if self.url.get_backend_name() == "sqlite":
            return str(self.url.database)
        return self.url.set(query={}).render_as_string()

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens of credentials."""
        from sellercare.store.tokens import Tokens

        return Tokens(self)

    @cached_property
    def budgets(self) -> Budgets:
        """The rate budgets that all processes share."""
        from sellercare.store.budgets import Budgets

        return Budgets(self)

    @cached_property
    def intents(self) -> Intents:
        """The journal's intents and their steps."""
        from sellercare.store.intents import Intents

        return Intents(self)

    @cached_property
    def stakes(self) -> Stakes:
        """What writes move, held against limits, and who let one go above."""
        from sellercare.store.stakes import Stakes

        return Stakes(self)

    @cached_property
    def words(self) -> Words:
        """What people said about writes of unknown outcome."""
        from sellercare.store.words import Words

        return Words(self)

    def looks(self, account: str) -> Looks:
        """The looks of an account that changed something, with what they showed."""
        from sellercare.store.looks import Looks

        return Looks(self, account)

    @cached_property
    def jobs(self) -> Jobs:
        """Bulk jobs and their rows."""
        from sellercare.store.jobs import Jobs

        return Jobs(self)

    @contextmanager
    def _looker(self) -> Iterator[Any]:
        """A cursor for one look. A file's connections are kept aside: the pool costs more than the look."""
        try:
            driver = self._lookers.pop()
        except IndexError:
            driver = self._reading.raw_connection()
        try:
            yield driver.cursor()
        except BaseException:
            driver.close()
            raise
        if self._reading.dialect.name == "sqlite":
            self._lookers.append(driver)
        else:
            driver.close()

    def _undisturbed(self) -> AbstractContextManager[None]:
        """A file has one writer: two connections of one process would wait for each other in SQLite's slow way."""
        return self._together.alone() if self.url.get_backend_name() == "sqlite" else nullcontext()

    def _leave_to_parent(self) -> None:
        """After a fork: connections and a passing file are the parent's; this process makes connections of its own."""
        for engine in self._engines():
            engine.dispose(close=False)
        _PARENTS.append((self._together, self._lookers, self._counters))
        self._together = Together(self._writing, self._patience)
        self._lookers, self._counters = [], []
        self._mine = threading.local()
        if self._remove is not None:
            self._remove.detach()

    def _engines(self) -> tuple[Engine, ...]:
        return (self._writing, self._reading, self._counting)

    def _current(self) -> Connection | None:
        connection: Connection | None = getattr(self._mine, "connection", None)
        return connection

    def _check_file(self) -> None:
        """Raise StoreError if the file that was opened is not the one at its place any more."""
        if self._file is not None and self._file != file_of(self.url.database):
            raise replaced(self.place)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        self._check_file()
        try:
            yield
            self._check_file()  # what was written into a file that nobody will find again was not recorded
        except StoreError:
            raise
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise explain(error, self.place) from error
        except self._writing.dialect.loaded_dbapi.Error as error:
            raise explain(DBAPIError("", None, error), self.place) from error


_PARENTS: list[object] = []
"""Connections that a fork brought along. To close one, or to forget it, would take the parent's locks away."""

_OPEN: weakref.WeakSet[Store] = weakref.WeakSet()


def _after_fork() -> None:
    for store in list(_OPEN):
        store._leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
