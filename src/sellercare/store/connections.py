"""Engines as the store needs them: SQLite durable and with one writer at a time, PostgreSQL with the same promise."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext
from sqlalchemy.pool import QueuePool

from sellercare.errors import ConfigError

_ONE_WRITER = 0x5E11E9
"""The number of the PostgreSQL advisory lock that lets one writing transaction in at a time, as SQLite does."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.005
"""Seconds between two tries to get a file's write lock."""

_THREADS = 64
"""Connections that one process may hold at once; they are made when they are needed."""


def engine_for(url: URL, *, purpose: str, lock_timeout: float, durable: bool = True) -> Engine:
    """An engine for one purpose: `write`, `read` (which cannot write), or `count` (writes that may be lost).

    Parameters of statements never get into errors: they hold texts to buyers and tokens.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, purpose, lock_timeout, durable)
    return _postgres(url, purpose, lock_timeout)


def _sqlite(url: URL, purpose: str, lock_timeout: float, durable: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        max_overflow=_THREADS,
        pool_timeout=lock_timeout,
        connect_args={"check_same_thread": False, "timeout": lock_timeout, "isolation_level": None},
    )
    # NORMAL is safe beside FULL in one file: it leaves out the sync of a commit, never that of a checkpoint.
    # OFF is only for a store that goes away with the process.
    synchronous = "OFF" if not durable else "NORMAL" if purpose == "count" else "FULL"

    def set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        if purpose == "write":
            _use_wal(cursor, lock_timeout)
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        # Who writes waits in its own way, before it begins; in WAL nothing has to be waited for after that.
        cursor.execute("PRAGMA query_only=ON" if purpose == "read" else "PRAGMA busy_timeout=0")
        cursor.close()

    def start(connection: Connection) -> None:
        # By the driver: each write begins a transaction, and SQLAlchemy's way around costs as much as the statement.
        driver = connection.connection.driver_connection
        assert driver is not None
        if purpose == "read":
            driver.execute("BEGIN")
        else:
            begin_writing(driver, lock_timeout)

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", start)
    return engine


def begin_writing(driver: Any, lock_timeout: float) -> None:
    """Wait for the write lock of a file of SQLite, in real seconds.

    SQLite itself would sleep a millisecond and then ever longer, while others hold the lock for a fraction of one:
    two processes that write all the time then stand still for nearly half of it (measured 2026-11-22).
    """
    until, pause = monotonic() + lock_timeout, _FIRST_PAUSE
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        else:
            return


def _use_wal(cursor: Any, lock_timeout: float) -> None:
    """Let readers read while somebody writes. The file remembers it.

    While another program sets it on a new file, SQLite says at once that the file is locked, whatever the time-out.
    """
    until = monotonic() + lock_timeout
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)


def _postgres(url: URL, purpose: str, lock_timeout: float) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            max_overflow=_THREADS,
            pool_timeout=lock_timeout,
            connect_args={
                "connect_timeout": max(1, round(lock_timeout)),
                "options": _options(url, f"-c lock_timeout={round(lock_timeout * 1000)}"),
            },
        )
    except ModuleNotFoundError:
        raise ConfigError(
            "A store on PostgreSQL needs a driver that is not installed.",
            setting="store",
            next_step="Run `pip install 'sellercare[postgres]'`.",
        ) from None
    event.listen(engine, "handle_error", _without_values)
    if purpose == "read":
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    if purpose == "write":

        def start(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})")

        event.listen(engine, "begin", start)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL shows the failing row in the details of its errors; a row holds texts to buyers."""
    original = context.original_exception
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    if primary is not None:
        original.args = (primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (primary,)


def _options(url: URL, ours: str) -> str:
    """The server options of the URL, such as a search path, and ours before them."""
    given = url.query.get("options", "")
    return " ".join([ours, *([given] if isinstance(given, str) else given)]).strip()
