"""One worker runs at a time, and a seed decides who is next: threads that hand each other a baton.

Every place where a real machine could switch, stop or die is a point: before and after each transaction, each request
and each wait. Time is virtual and moves only here. The same seed takes the same way, so a failure can be replayed.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sellercare.simulator.clock import START

LONG_STALLS = frozenset({"begins", "looks", "heard", "heard nothing"})
"""The points at which a process may stand still for longer than any lease."""


class Gone(BaseException):
    """This worker, or its whole process, is dead from here on."""


@dataclass(eq=False)
class Process:
    """A process: once it is dead, nothing that it does reaches the store or the platform."""

    name: str
    dead: bool = False


@dataclass(eq=False)
class Worker:
    """A thread of a process. `wakes_at` is in seconds of virtual time while it waits."""

    name: str
    process: Process
    work: Callable[[], None]
    wakes_at: float = 0.0
    ended: bool = False
    failure: BaseException | None = None
    baton: threading.Lock = field(default_factory=threading.Lock)


class Scheduler:
    """Decides who runs, when time passes and who dies. `deaths` is the chance of a death at each point."""

    def __init__(self, rng: random.Random, *, deaths: float = 0.0, most_deaths: int = 0, stalls: float = 0.0) -> None:
        self.now = 0.0
        self.deaths = deaths
        self.stalls = stalls
        self.stalled = 0
        self.deaths_left = most_deaths
        self.died: list[str] = []
        self.on_death: Callable[[Worker, bool], None] = lambda worker, whole: None
        self.tell: Callable[[str], None] | None = None
        self._random = rng
        self._workers: list[Worker] = []
        self._running: Worker | None = None
        self._quiet = 0
        self._all_ended = threading.Lock()
        self._trace = hashlib.sha256()
        self.points = 0

    @property
    def trace(self) -> str:
        """A hash of the way that was taken so far."""
        return self._trace.hexdigest()[:16]

    def note(self, what: str) -> None:
        """Put something that happened into the trace."""
        line = f"{self.now:.3f} {self._running.name if self._running else '-'} {what}"
        self._trace.update(line.encode())
        if self.tell is not None:
            self.tell(line)

    # --- from outside -------------------------------------------------------------------------------------------

    def start(self, name: str, process: Process, work: Callable[[], None], *, after: float = 0.0) -> None:
        """Add a worker that begins after so many seconds."""
        worker = Worker(name, process, work, self.now + after)
        worker.baton.acquire()
        self._workers.append(worker)
        threading.Thread(target=self._live, args=(worker,), daemon=True).start()

    def run(self) -> None:
        """Let all workers run to their end. Raises what one of them could not deal with."""
        if not self._workers:
            return
        self._all_ended.acquire()
        self._give(self._next(None))
        self._all_ended.acquire()
        self._all_ended.release()
        self._running = None
        ended, self._workers = self._workers, []
        for worker in ended:
            if worker.failure is not None:
                raise worker.failure

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nobody else runs inside: for parts that hold a real lock, such as the renewal of tokens."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    # --- from the workers' threads ------------------------------------------------------------------------------

    def point(self, what: str) -> None:
        """Somebody else may run now, and this worker may die."""
        me = self._running
        if me is None or self._quiet:
            return
        _alive(me)
        self.points += 1
        self.note(what)
        self._perhaps_die(me)
        if self._random.random() < 0.1:
            self.now += self._random.random()
        if self.stalls and self._random.random() < self.stalls:
            self._stall(me, what)
        self._switch(me)

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds of virtual time."""
        me = self._running
        if me is None or self._quiet:
            self.now += max(0.0, seconds)
            return
        _alive(me)
        self.note(f"waits {seconds:.3f}")
        me.wakes_at = self.now + max(0.0, seconds)
        self._switch(me)

    def _stall(self, me: Worker, what: str) -> None:
        """The machine is busy with something else, or asleep: for long, but not between the note and the request.

        Nothing can be done about a process that stands still there for longer than its lease, and then goes on.
        """
        seconds = self._random.choice((5.0, 60.0, 900.0)) if what in LONG_STALLS else self._random.uniform(0, 10)
        self.stalled += 1
        self.note(f"stands still for {seconds:.3f}")
        me.wakes_at = self.now + seconds

    def _perhaps_die(self, me: Worker) -> None:
        if self.deaths_left <= 0 or self._random.random() >= self.deaths:
            return
        self.deaths_left -= 1
        whole = self._random.random() < 0.6
        self.died.append("process" if whole else "worker")
        self.note("the process dies" if whole else "the worker is stopped")
        if whole:
            me.process.dead = True
            for other in self._workers:
                if other.process is me.process:
                    other.wakes_at = min(other.wakes_at, self.now)
        self.on_death(me, whole)
        raise Gone

    def _switch(self, me: Worker) -> None:
        other = self._next(me)
        if other is not me:
            self._give(other)
            me.baton.acquire()
        self._running = me
        _alive(me)

    def _next(self, me: Worker | None) -> Worker:
        waiting = [worker for worker in self._workers if not worker.ended]
        ready = [worker for worker in waiting if worker.wakes_at <= self.now]
        if not ready:
            self.now = min(worker.wakes_at for worker in waiting)
            ready = [worker for worker in waiting if worker.wakes_at <= self.now]
        if me is not None and me in ready and self._random.random() < 0.5:
            return me
        return self._random.choice(ready)

    def _give(self, worker: Worker) -> None:
        self._running = worker
        worker.baton.release()

    def _live(self, worker: Worker) -> None:
        worker.baton.acquire()
        self._running = worker
        try:
            _alive(worker)
            worker.work()
        except Gone:
            pass
        except BaseException as failure:  # noqa: BLE001  # it is raised again in the main thread
            worker.failure = failure
        worker.ended = True
        if all(other.ended for other in self._workers):
            self._running = None
            self._all_ended.release()
        else:
            self._give(self._next(None))


def _alive(worker: Worker) -> None:
    if worker.process.dead:
        raise Gone


class VirtualClock:
    """A clock of one machine: the virtual time, so many seconds apart from it."""

    def __init__(self, scheduler: Scheduler | None = None, apart: float = 0.0) -> None:
        self.scheduler = scheduler or Scheduler(random.Random(0))
        self.apart = apart

    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        return START + timedelta(seconds=self.scheduler.now + self.apart)

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        self.scheduler.sleep(seconds)
