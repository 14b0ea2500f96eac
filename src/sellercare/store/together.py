"""Transactions of several threads with one commit.

A durable commit waits for the disk, and a file of SQLite has one writer at a time. So what threads want written at the
same moment is written by one of them, in one transaction, while the others sleep: the file is locked only as long as
the statements and one commit take. Nobody goes on before the commit is durable, and what fails in one thread's work
is undone for it alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, takewhile
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as Busy

T = TypeVar("T")

_MOST = 64
"""So many share a commit at most; the first of them waits for the last."""


class Wish:
    """What one thread wants written, and what became of it. Without `work` it wants the turn, to write itself."""

    __slots__ = ("error", "finished", "has_turn", "result", "sleep", "work")

    def __init__(self, work: Callable[[Connection], Any] | None) -> None:
        self.work = work
        self.has_turn = False
        self.finished = False
        self.result: Any = None
        self.error: Exception | None = None
        self.sleep = threading.Lock()
        self.sleep.acquire()


class Together:
    """The writing transactions of one process on one database. `patience` in real seconds.

    Wishes queue up. The thread of the first has the turn; when it is done, it wakes those that it has written for,
    and the one whose turn is next.
    """

    def __init__(self, engine: Engine, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._guard = threading.Lock()
        self._queue: deque[Wish] = deque()
        self._taken = False
        self._kept: Connection | None = None

    def give_up(self) -> None:
        """Give back the connection that is kept."""
        with self.alone():
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    def write(self, work: Callable[[Connection], T]) -> T:
        """Have `work` done in a transaction, maybe by another thread; durable when this returns.

        It may be done twice, the first time undone, when the work of another thread has failed beside it.
        """
        wish = Wish(work)
        try:
            self._await_turn(wish)
            if not wish.finished:
                self._write_for_all(wish)
        except BaseException:
            self._leave(wish)
            raise
        if wish.error is not None:
            raise wish.error
        result: T = wish.result
        return result

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction of this thread's own, durable when the block is left; what the block raises undoes it."""
        with self.alone():
            connection = self._begin()
            try:
                yield connection
            except BaseException:
                self._undo(connection)
                raise
            try:
                self._commit(connection)
            except BaseException:
                self._give_away(connection)
                raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody of this process writes meanwhile: for another connection to the same file."""
        wish = Wish(None)
        try:
            self._await_turn(wish)
            yield
        finally:
            self._leave(wish)

    def _await_turn(self, wish: Wish) -> None:
        """Sleep until the wish is fulfilled, or its turn has come. Raises Busy."""
        with self._guard:
            self._queue.append(wish)
            if not self._taken:
                wish.has_turn = self._taken = True
                return
        if wish.sleep.acquire(timeout=self._patience):
            return
        with self._guard:
            if wish in self._queue and not wish.has_turn:
                self._queue.remove(wish)
                raise Busy("other threads of this process are writing")
        wish.sleep.acquire()  # it is being written at this moment

    def _write_for_all(self, first: Wish) -> None:
        """Fulfil the first wish, and those behind it up to one that wants the turn itself."""
        batch: list[Wish] = []
        try:
            with self._guard:
                batch.extend(takewhile(lambda wish: wish.work is not None, islice(self._queue, _MOST)))
                for _ in batch:
                    self._queue.popleft()
            self._fulfil(batch)
        except BaseException:  # Ctrl-C is this thread's alone; the others only learn that it came between
            with self._guard:
                for wish in (first, *batch):
                    if wish in self._queue:
                        self._queue.remove(wish)
            for wish in batch:
                if not wish.finished and wish.error is None:
                    wish.error = Busy("the thread that wrote for this one was interrupted")
            raise
        finally:
            self._hand_on(first)
            for wish in batch:
                wish.finished = True
                if wish is not first:
                    wish.sleep.release()

    def _leave(self, wish: Wish) -> None:
        """Stand in nobody's way: a thread that has gone, by Ctrl-C, must not be waited for."""
        with self._guard:
            if wish in self._queue:
                self._queue.remove(wish)
        if wish.has_turn:
            self._hand_on(wish)

    def _hand_on(self, wish: Wish) -> None:
        """Give the turn to the next one."""
        with self._guard:
            following = self._queue[0] if self._queue else None
            self._taken = following is not None
            if following is not None:
                following.has_turn = True
                following.sleep.release()
            wish.has_turn = False

    def _fulfil(self, batch: Sequence[Wish]) -> None:
        try:
            connection = self._begin()
        except Exception as error:  # noqa: BLE001 - each of them raises it
            _tell(batch, error)
            return
        try:
            for wish in batch:
                assert wish.work is not None
                wish.result = wish.work(connection)
        except BaseException as error:
            self._undo(connection)
            if not isinstance(error, Exception):
                raise
            if len(batch) == 1:
                batch[0].error = error
                return
            for wish in batch:
                self._fulfil([wish])
            return
        try:
            self._commit(connection)
        except BaseException as error:
            self._give_away(connection)
            if not isinstance(error, Exception):
                raise
            _tell(batch, error)
            return
        for wish in batch:
            wish.finished = True

    def _begin(self) -> Connection:
        connection, self._kept = self._kept or self._engine.connect(), None
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection

    def _commit(self, connection: Connection) -> None:
        connection.commit()
        self._keep(connection)

    def _give_away(self, connection: Connection) -> None:
        """After a commit that failed, or was interrupted before it began: what is open would lock the others out."""
        if connection is not self._kept and not connection.closed:
            _drop(connection)

    def _undo(self, connection: Connection) -> None:
        """Undo what is not committed. Where the database has done so itself (a full disk), it is dropped."""
        try:
            connection.rollback()
        except Exception:  # noqa: BLE001 - what came first is raised
            _drop(connection)
        else:
            self._keep(connection)

    def _keep(self, connection: Connection) -> None:
        """A file's connection serves the next one, too; one to a server goes back to be looked at before it does."""
        if connection.dialect.name == "sqlite":
            self._kept = connection
        else:
            connection.close()


def _drop(connection: Connection) -> None:
    """Close it for good, and with it whatever it has begun."""
    connection.invalidate()
    connection.close()


def _tell(batch: Sequence[Wish], error: Exception) -> None:
    for wish in batch:
        wish.error = error


__all__ = ["Together", "Wish"]
