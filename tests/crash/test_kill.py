"""kill -9 at random moments: whatever dies, the platform's own log has each write exactly once.

The market and the workers are processes of their own over a real database. They share a clock that is twenty times
as fast as the wall's, so that leases run out and absence becomes proof in seconds.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import select as select_rows

import sellercare
from sellercare.bulk.accounts import Accounts
from sellercare.bulk.files import open_rows
from sellercare.bulk.plan import Order, make_plan
from sellercare.calls import parse_json
from sellercare.store import Store
from sellercare.store.jobs import UNFINISHED, RowState
from sellercare.store.schema import intents
from sellercare_adapters.acme.face import AcmeFace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the programs of the other processes are plain modules beside this one

from clock import SharedClock  # noqa: E402 - found through the line above

SPEED = 20.0
BUYERS = 100
"""Fewer than rows: several rows are about one thread, and go in order."""


@dataclass
class Process:
    """A program with a line to it and from it."""

    program: subprocess.Popen[bytes]

    @classmethod
    @contextmanager
    def running(cls, script: str, *arguments: str) -> Iterator[Process]:
        """A program of this folder; it ends when nobody talks to it any more."""
        command = [sys.executable, str(HERE / script), *arguments]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            try:
                yield cls(program)
            finally:
                assert program.stdin is not None
                program.stdin.close()
                program.wait(30)

    @property
    def _out(self) -> IO[bytes]:
        assert self.program.stdout is not None
        return self.program.stdout

    def line(self, seconds: float = 60.0) -> list[str]:
        """The words of the next line; none if there is none within this time."""
        ready, _, _ = select.select([self._out], [], [], seconds)
        if not ready:
            return []
        said = b""
        while not said.endswith(b"\n"):
            got = os.read(self._out.fileno(), 1)
            assert got, "the program is gone"
            said += got
        return said.decode().split()

    def tell(self, text: str) -> None:
        """Send it a line."""
        assert self.program.stdin is not None
        self.program.stdin.write(text.encode() + b"\n")
        self.program.stdin.flush()


@dataclass
class Storm:
    """Jobs that are applied while processes are killed."""

    store: Store
    market_url: str
    log: Path
    contract: str
    nursery: Process
    random: random.Random
    rows: int
    kills: int = 0
    in_flight: set[str] = field(default_factory=set)
    running: set[int] = field(default_factory=set)
    jobs: int = 0

    def plan(self) -> str:
        """A job of rows that nobody asked for before; its id."""
        self.jobs += 1
        rows = "".join(f"thr_{n % BUYERS},Row {self.jobs}-{n:04d}.\n" for n in range(self.rows))
        stream = BytesIO(b"thread_id,text\n" + rows.encode())
        stream.name = f"rows-{self.jobs}.csv"
        accounts = Accounts(["acme"], lambda name: sellercare.connect(
            "acme", account=name, store=self.store, clock=self.store.clock, base_url=self.market_url,
            api_key=AcmeFace.api_key, contract=self.contract))  # fmt: skip
        with open_rows(stream) as file:
            return make_plan(
                self.store, accounts, file, Order("messages.reply", offline=True, even_if_answered=True)
            ).id

    def rage(self, job: str, wanted: int, processes: int) -> None:
        """Apply a job by so many processes, and kill them, until it is done."""
        for _ in range(10):
            if not self._open(job):
                return
            self._fill(job, processes)
            while self.running:
                pause = self.random.uniform(0.0, 0.7)
                said = self.nursery.line(pause if self.kills < wanted else 300.0)
                if said:
                    self._ended(int(said[1]), int(said[2]))
                else:
                    assert self.kills < wanted, "the job never comes to its end"
                    self._kill(self.random.choice(sorted(self.running)))
                    if self._open(job):
                        self._fill(job, processes)
        raise AssertionError("the job is never done")

    def _fill(self, job: str, processes: int) -> None:
        for _ in range(processes - len(self.running)):
            self.nursery.tell(job)
            while (said := self.nursery.line())[0] != "began":
                self._ended(int(said[1]), int(said[2]))
            self.running.add(int(said[1]))

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        while pid in self.running:
            said = self.nursery.line()
            killed = self._ended(int(said[1]), int(said[2]), victim=pid)
            self.kills += killed
        self.in_flight |= self._sending()

    def _ended(self, pid: int, code: int, victim: int = 0) -> bool:
        self.running.remove(pid)
        assert code == 0 or (pid == victim and code == -signal.SIGKILL), f"a process ended with {code}"
        return code != 0

    def _open(self, job: str) -> bool:
        return any(state in UNFINISHED for _, state in self.store.jobs.counts(job))

    def _sending(self) -> set[str]:
        with self.store.reading() as db:
            return set(db.execute(select_rows(intents.c.id).where(intents.c.state == "sending")).scalars())

    def acts(self) -> list[dict[str, str]]:
        """What the platform did, as it says itself."""
        return [parse_json(line) for line in self.log.read_bytes().splitlines()]

    def wrong(self, job: str) -> dict[str, int]:
        """The rows of the job that the platform did not do exactly once, with how often."""
        asked = [(row.content.get("draft") or row.content["command"])["text"] for row in self.store.jobs.rows(job)]
        done = Counter(act["detail"] for act in self.acts() if act["kind"] == "message")
        return {text: done[text] for text in asked if done[text] != 1}

    def out_of_order(self) -> list[str]:
        """The threads in which a later row came before an earlier one."""
        said: dict[str, list[str]] = defaultdict(list)
        for act in self.acts():
            said[act["target"]].append(act["detail"])
        return [thread for thread, texts in said.items() if texts != sorted(texts)]

    def check(self, job: str) -> None:
        """Each row is confirmed, and done once, and in the order of its thread."""
        assert {row.state for row in self.store.jobs.rows(job)} == {RowState.CONFIRMED}
        assert self.wrong(job) == {}
        assert self.out_of_order() == []


@contextmanager
def storm(url: str, folder: Path, *, rows: int, seed: int, contract: str, broken: str = "") -> Iterator[Storm]:
    """A market, a store and a nursery. `broken` switches off a part of the promise."""
    origin, log = time.time(), folder / "market.log"
    clock = SharedClock(origin, SPEED)
    pace = (str(origin), str(SPEED))
    with (
        Store.open(url, clock=clock) as store,
        Process.running("market.py", str(log), contract, *pace, str(BUYERS)) as market,
    ):
        (market_url,) = market.line()
        with Process.running("nursery.py", url, market_url, contract, *pace, broken) as nursery:
            yield Storm(store, market_url, log, contract, nursery, random.Random(seed), rows)


def survive(storm: Storm, kills: int, processes: int) -> None:
    """Jobs one after the other, each checked, until so many processes were killed."""
    while storm.kills < kills:
        job = storm.plan()
        storm.rage(job, kills, processes)
        storm.check(job)
    print(f"{storm.kills} kills, {storm.jobs} jobs of {storm.rows} rows, {len(storm.in_flight)} writes seen in flight")
    assert storm.in_flight or kills < 100  # a few kills may all have come between two writes


def test_a_few_kills(sqlite_url: str, tmp_path: Path) -> None:
    with storm(sqlite_url, tmp_path, rows=60, seed=1, contract="difference") as raging:
        survive(raging, kills=10, processes=1)


@pytest.mark.live
def test_two_hundred_kills(sqlite_url: str, tmp_path: Path) -> None:
    with storm(sqlite_url, tmp_path, rows=400, seed=2, contract="difference") as raging:
        survive(raging, kills=200, processes=1)


@pytest.mark.live
def test_four_processes_on_one_job_killed_at_random(postgres_url: str, tmp_path: Path) -> None:
    with storm(postgres_url, tmp_path, rows=400, seed=3, contract="marker") as raging:
        survive(raging, kills=200, processes=4)


@pytest.mark.live
def test_a_journal_that_forgets_what_it_sends_is_found_out(sqlite_url: str, tmp_path: Path) -> None:
    """The proof can fail: without the durable note before sending, what was in flight is sent again."""
    with storm(sqlite_url, tmp_path, rows=150, seed=4, contract="difference", broken="forgetful") as raging:
        job = raging.plan()
        raging.rage(job, 60, processes=1)
        assert 2 in raging.wrong(job).values()
