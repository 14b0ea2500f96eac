"""A million rows planned and applied against the simulator: memory that does not grow, time that grows with the rows.

`python -m benchmarks.million plan|apply STORE BASE ROWS|JOB` is one process of it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import requests

from benchmarks import simulated
from benchmarks.applying import TEXT, Declared, accounts_at

FEW, MANY = 10_000, 1_000_000
GOAL = 1.2
WORKERS = 8


class _Rows(io.RawIOBase):
    """The file of rows, made while it is read."""

    name = "rows.csv"

    def __init__(self, count: int) -> None:
        self._lines = self._all(count)
        self._rest = b""

    @staticmethod
    def _all(count: int) -> Iterator[bytes]:
        yield b"account,thread_id,text,key\n"
        for number in range(count):
            yield f"one,thread-{number},{TEXT},row-{number}\n".encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(self._rest) < len(buffer):
            line = next(self._lines, None)
            if line is None:
                break
            self._rest += line
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _plan(url: str, base: str, count: int) -> None:
    from sellercare.bulk.files import open_rows
    from sellercare.bulk.plan import Order, make_plan
    from sellercare.clock import SystemClock
    from sellercare.store import Store

    with Store.open(url, clock=SystemClock()) as store:
        accounts = accounts_at({"one": base}, store, Declared())
        with open_rows(io.BufferedReader(_Rows(count))) as rows:
            print(make_plan(store, accounts, rows, Order("messages.reply", offline=True)).id)


def _apply(url: str, base: str, job: str) -> None:
    from sellercare.bulk.apply import apply
    from sellercare.bulk.following import Following
    from sellercare.clock import SystemClock
    from sellercare.store import Store

    began = time.perf_counter()

    class Steps(Following):
        """Prints rows, seconds and processor seconds, twenty times."""

        def __init__(self, every: int) -> None:
            self.every, self.count = every, 0

        def saved(self, numbers: Sequence[int]) -> None:
            before = self.count // self.every
            self.count += len(numbers)
            if self.count // self.every > before:
                print(self.count, time.perf_counter() - began, time.process_time(), flush=True)

    with Store.open(url, clock=SystemClock()) as store:
        rows = sum(store.jobs.counts(job).values())
        accounts = accounts_at({"one": base}, store, Declared())
        apply(store, accounts, store.jobs.get(job), workers=WORKERS, watch=Steps(max(1, rows // 20)))


def _run(*arguments: str) -> tuple[str, float, float]:
    """One process: what it printed, its peak memory in MiB, its seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.million", *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(arguments[:1])} failed; see its messages above")
    return said, usage.ru_maxrss / 1024, time.perf_counter() - began


def _fit(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Least squares of a straight line: microseconds a row, and the largest deviation as a part of the whole."""
    n, mean_x, mean_y = len(points), sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    worst = max(abs(y - mean_y - slope * (x - mean_x)) for x, y in points)
    return slope * 1e6, worst / max(y for _, y in points) if n else 0.0


def measure() -> bool:
    """Print the table; whether the goal was met."""
    print("\nRows planned offline and applied against the simulator")
    print(f"  {'rows':>9}{'plan, MiB':>11}{'apply, MiB':>11}{'plan, s':>9}{'apply, s':>10}{'bytes a row':>13}")
    peaks = {}
    for count in (FEW, MANY):
        with tempfile.TemporaryDirectory() as folder, simulated.running() as base:
            path = Path(folder) / "store.db"
            url = f"sqlite:///{path}"
            job, planned, plan_seconds = _run("plan", url, base, str(count))
            before = path.stat().st_size
            steps, used, seconds = _run("apply", url, base, job.strip())
            taken = requests.get(f"{base}/taken", timeout=30).json()["taken"]
            if taken != count:
                raise SystemExit(f"the simulator took {taken} of {count} writes")
            size = path.stat().st_size
            peaks[count] = (planned, used)
            figures = f"{planned:>11.1f}{used:>11.1f}{plan_seconds:>9.1f}{seconds:>10.1f}{size / count:>13.0f}"
            print(f"  {count:>9,}{figures}   ({(size - before) / count:.0f} of them the journal's)", flush=True)
    points = [tuple(map(float, line.split())) for line in steps.splitlines()]
    for name, column in (("by the clock", 1), ("of processor time", 2)):
        slope, worst = _fit([(point[0], point[column]) for point in points])
        print(
            f"  a straight line fits {len(points)} points {name}: {slope:.0f} µs a row, at most {worst:.1%} beside it"
        )
    ratios = [peaks[MANY][part] / peaks[FEW][part] for part in (0, 1)]
    met = max(ratios) <= GOAL
    verdict = "met" if met else "MISSED"
    print(f"  memory: {ratios[0]:.2f} × and {ratios[1]:.2f} × that of {FEW:,} rows   ≤ {GOAL} {verdict}")
    return met


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "plan":
        _plan(rest[0], rest[1], int(rest[2]))
    else:
        _apply(*rest)
