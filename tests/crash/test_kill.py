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
        while self._open(job):
            self._fill(job, processes)
            while self.running:
                pause = self.random.uniform(0.0, 0.7)
                said = self.nursery.line(pause if self.kills < wanted else 60.0)
                if said:
                    assert said[0] == "ended"
                    self._ended(int(said[1]), int(said[2]))
                elif self.kills < wanted:
                    self._kill(self.random.choice(sorted(self.running)))
                    if self._open(job):
                        self._fill(job, processes)

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

    def check(self, job: str) -> None:
        """Each row of the job is confirmed, and is in the platform's log once, in the order of its thread."""
        rows = list(self.store.jobs.rows(job))
        assert {row.state for row in rows} == {RowState.CONFIRMED}
        acts = [parse_json(line) for line in self.log.read_bytes().splitlines()]
        wanted = [row.content["draft"]["text"] for row in rows if "draft" in row.content] or [
            row.content["command"]["text"] for row in rows
        ]
        texts = Counter(act["detail"] for act in acts if act["kind"] == "message")
        assert {text: texts[text] for text in wanted if texts[text] != 1} == {}
        in_order: dict[str, list[str]] = defaultdict(list)
        for act in acts:
            in_order[act["target"]].append(act["detail"])
        assert [thread for thread, said in in_order.items() if said != sorted(said)] == []


def storm(url: str, folder: Path, kills: int, processes: int, *, rows: int, seed: int, contract: str) -> Storm:
    """Jobs one after the other, until so many processes were killed."""
    origin, log = time.time(), folder / "market.log"
    clock = SharedClock(origin, SPEED)
    pace = (str(origin), str(SPEED))
    with (
        Store.open(url, clock=clock) as store,
        Process.running("market.py", str(log), contract, *pace, str(BUYERS)) as market,
    ):
        (market_url,) = market.line()
        with Process.running("nursery.py", url, market_url, contract, *pace) as nursery:
            raging = Storm(store, market_url, log, contract, nursery, random.Random(seed), rows)
            while raging.kills < kills:
                job = raging.plan()
                raging.rage(job, kills, processes)
                raging.check(job)
    print(f"{raging.kills} kills, {raging.jobs} jobs of {rows} rows, {len(raging.in_flight)} writes seen in flight")
    assert raging.in_flight
    return raging


def test_a_few_kills(sqlite_url: str, tmp_path: Path) -> None:
    storm(sqlite_url, tmp_path, kills=10, processes=1, rows=60, seed=1, contract="difference")


@pytest.mark.live
def test_two_hundred_kills(sqlite_url: str, tmp_path: Path) -> None:
    storm(sqlite_url, tmp_path, kills=200, processes=1, rows=600, seed=2, contract="difference")


@pytest.mark.live
def test_four_processes_on_one_job_killed_at_random(postgres_url: str, tmp_path: Path) -> None:
    storm(postgres_url, tmp_path, kills=200, processes=4, rows=600, seed=3, contract="marker")
