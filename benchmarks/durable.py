"""Writes without a limit, each durable before and after: against a loop that records nothing, and against the disk."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from benchmarks import nginx
from benchmarks.applying import TEXT, Declared, accounts_at, applied, planned

COUNT = 8000
GOAL = 0.8
SHAPES = ((1, 8), (2, 4), (2, 8), (3, 8))
"""Processes, and workers in each."""


def _plain(server: nginx.Nginx) -> float:
    """What anybody would write first: one session, one after the other, nothing recorded."""
    began = time.perf_counter()
    with requests.Session() as session:
        for n in range(COUNT):
            url = f"{server.open}/threads/t{n}/messages"
            session.post(url, json={"text": TEXT}, timeout=30).raise_for_status()
    return time.perf_counter() - began


def _ours(server: nginx.Nginx, processes: int, workers: int) -> float:
    """A stored plan, applied: intent before, outcome after, both synced to the disk."""
    from sellercare.clock import SystemClock
    from sellercare.store import Store

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        with Store.open(url, clock=SystemClock()) as store:
            job = planned(
                store, accounts_at({"one": server.open}, store, Declared()), (("one", f"t{n}") for n in range(COUNT))
            )
        return applied(url, server.open, job, Declared(), processes=processes, workers=workers).seconds


def _two_commits(count: int) -> float:
    """SQLite's own floor on this disk: two bare commits a row, fully synced, by the standard module."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE rows (n INTEGER PRIMARY KEY, text TEXT, state TEXT)")
        began = time.perf_counter()
        for n in range(count):
            database.execute("INSERT INTO rows VALUES (?, ?, 'sending')", (n, TEXT))
            database.execute("UPDATE rows SET state = 'confirmed' WHERE n = ?", (n,))
        seconds = time.perf_counter() - began
        database.close()
    return seconds


def _journal(count: int, threads: int) -> float:
    """The journal alone: an intent recorded and confirmed for each row, by so many threads."""
    from sellercare.clock import SystemClock
    from sellercare.store import Store
    from sellercare.store.records import Lease

    clock = SystemClock()
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{Path(folder) / 's.db'}", clock=clock) as store,
    ):
        intents = store.intents

        def one(n: int) -> None:
            intent = intents.begin(
                account="one",
                verb="messages.reply",
                key=str(n),
                fingerprint="f",
                target=f"thread:{n}",
                content={"thread_id": str(n), "text": TEXT},
                lease=Lease(f"owner-{n}", 60, leaving="send"),
            )
            intents.confirm(intent.id, "send", {"id": "m"}, "m", "")

        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(count)))
        return time.perf_counter() - began


def measure(rounds: int = 3) -> bool:
    """Print both tables; whether the goal was met."""
    best: dict[str, float] = {}
    with nginx.running() as server:
        ways: dict[str, Callable[[], float]] = {"requests in a loop, nothing recorded": lambda: _plain(server)}
        for processes, workers in SHAPES:
            many = "process" if processes == 1 else "processes"
            name = f"sellercare, {processes} {many} of {workers} workers"
            ways[name] = lambda processes=processes, workers=workers: _ours(server, processes, workers)  # type: ignore[misc]
        for _ in range(rounds):
            for name, way in ways.items():
                server.forget()
                seconds = way()
                if (taken := server.counts("open")["201"]) != COUNT or server.twice("open"):
                    raise SystemExit(f"{name}: {taken} of {COUNT} writes were taken, {server.twice('open')} twice")
                best[name] = min(seconds, best.get(name, seconds))
    plain = best["requests in a loop, nothing recorded"]
    print(f"\n{COUNT:,} writes without a limit, each recorded durably before and after (best of {rounds})")
    print(f"  {'':<40}{'a second':>9}{'ms each':>9}{'ratio':>8}")
    for name, seconds in best.items():
        print(f"  {name:<40}{COUNT / seconds:>9.0f}{seconds / COUNT * 1000:>9.2f}{plain / seconds:>7.2f}×")
    ratio = max(plain / seconds for name, seconds in best.items() if name.startswith("sellercare"))
    verdict = "met" if ratio >= GOAL else "MISSED"
    print(f"  goal: at least {GOAL} × with the concurrency that serves best: {ratio:.2f} × {verdict}")
    _show_disk(rounds)
    return ratio >= GOAL


def _show_disk(rounds: int) -> None:
    count = 1000
    ways: dict[str, Callable[[], float]] = {
        "sqlite3, two bare commits a row": lambda: _two_commits(count),
        "the journal, 1 thread": lambda: _journal(count, 1),
        "the journal, 8 threads": lambda: _journal(count, 8),
        "the journal, 32 threads": lambda: _journal(count, 32),
    }
    best = {name: min(way() for _ in range(rounds)) for name, way in ways.items()}
    floor = best["sqlite3, two bare commits a row"]
    print("\nWhat the journal costs on this disk (intent and outcome, fully synced)")
    for name, seconds in best.items():
        print(f"  {name:<40}{seconds / count * 1000:>9.3f} ms a row{seconds / floor:>8.2f}×")
