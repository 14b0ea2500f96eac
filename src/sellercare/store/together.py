"""Transactions of several threads with one commit.

A durable commit waits for the disk, and a file of SQLite has one writer at a time. So threads that write at the same
moment share a commit: each runs its statements in the transaction that is open, one after the other, and the last one
commits for all. Nobody goes on before the commit is durable, and what fails in one thread is undone for it alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as Busy

_MOST = 64
"""So many share a commit at most; the first of them waits for the last."""

_NUDGE = 0.1
"""Real seconds after which a thread looks whether the one that should commit for it is gone."""


class _Group:
    """An open transaction, and how many have written in it."""

    __slots__ = ("connection", "error", "finished", "size")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.size = 0
        self.finished = threading.Event()
        self.error: Exception | None = None


class Together:
    """The writing transactions of one process on one database. `patience` in real seconds."""

    def __init__(self, engine: Engine, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._open: _Group | None = None
        self._kept: Connection | None = None

    def give_up(self) -> None:
        """Give back the connection that is kept."""
        with self.alone():
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction, durable when the block is left; what the block raises undoes its own part."""
        group = self._join()
        try:
            yield group.connection
        except BaseException as error:
            self._undo(group, error)
            raise
        group.size += 1
        self._leave(group)
        while not group.finished.wait(_NUDGE):
            self._commit_if_left(group)
        if group.error is not None:
            raise group.error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody of this process writes meanwhile: for another connection to the same file."""
        self._take_turn()
        try:
            if self._open is not None:
                self._commit(self._open)
            yield
        finally:
            self._turn.release()

    def _join(self) -> _Group:
        """Wait for the turn, and take part in the transaction that is open, or begin one."""
        self._take_turn()
        try:
            if self._open is None:
                connection, self._kept = self._kept or self._engine.connect(), None
                try:
                    connection.begin()
                except BaseException:
                    connection.close()
                    raise
                self._open = _Group(connection)
            else:
                self._open.connection.exec_driver_sql("SAVEPOINT mine")
        except BaseException:
            self._turn.release()
            raise
        return self._open

    def _take_turn(self) -> None:
        with self._counting:
            self._waiting += 1
        try:
            taken = self._turn.acquire(timeout=self._patience)
        finally:
            with self._counting:
                self._waiting -= 1
        if not taken:
            raise Busy("other threads of this process are writing")

    def _undo(self, group: _Group, why: BaseException) -> None:
        """Undo this thread's part, and let the others have theirs.

        Where the database itself has undone all of it (a full disk), the others have the same trouble.
        """
        try:
            if group.size:
                group.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT mine")
            else:
                self._open = None
                group.connection.rollback()
                self._keep(group.connection)
        except Exception as error:  # noqa: BLE001 - what came first is raised; the others learn that theirs is gone
            theirs = isinstance(why, (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error))
            self._break(group, why if theirs and isinstance(why, Exception) else error)
        finally:
            self._leave(group)

    def _leave(self, group: _Group) -> None:
        """Commit for all if nobody waits to take part; hand the turn on."""
        try:
            if self._open is group and group.size and (not self._waiting or group.size >= _MOST):
                self._commit(group)
        finally:
            self._turn.release()

    def _commit(self, group: _Group) -> None:
        """Commit, and let everybody go on. Whoever has the turn may do it."""
        try:
            group.connection.commit()
        except Exception as error:  # noqa: BLE001 - each of the group raises it
            self._break(group, error)
            return
        except BaseException:  # Ctrl-C is this thread's alone; the others only learn that it came between
            self._break(group, Busy("the thread that committed for this one was interrupted"))
            raise
        self._open = None
        self._keep(group.connection)
        group.finished.set()

    def _keep(self, connection: Connection) -> None:
        """A file's connection serves the next one, too; one to a server goes back to be looked at before it does."""
        if connection.dialect.name == "sqlite":
            self._kept = connection
        else:
            connection.close()

    def _break(self, group: _Group, error: Exception) -> None:
        """Nothing of this transaction is there: everybody in it learns why."""
        self._open = None
        group.error = error
        try:
            group.connection.invalidate()
            group.connection.close()
        finally:
            group.finished.set()

    def _commit_if_left(self, group: _Group) -> None:
        """The one that was to write next may have been stopped while it waited."""
        if self._turn.acquire(blocking=False):
            self._leave(group)


__all__ = ["Together"]
