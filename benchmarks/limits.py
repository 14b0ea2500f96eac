"""A thousand writes against a limiter that nobody here wrote: how long, how many refused, how many lost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests
import tenacity

from benchmarks import nginx
from benchmarks.applying import TEXT, Declared, accounts_at, applied, planned

COUNT = 1000
WORKERS = 8
IDEAL = (COUNT - 1 - nginx.BURST) / nginx.RATE
"""Seconds: the first and a burst at once, the rest in step."""


@dataclass(frozen=True)
class Way:
    """One way of sending them, and its goals: times the ideal, and percent refused."""

    name: str
    send: Callable[[nginx.Nginx], float]
    slowest: float | None = None
    refused: float | None = None


def _ours(declared: Declared, processes: int = 1) -> Callable[[nginx.Nginx], float]:
    def send(server: nginx.Nginx) -> float:
        from sellercare.clock import SystemClock
        from sellercare.store import Store

        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'store.db'}"
            with Store.open(url, clock=SystemClock()) as store:
                accounts = accounts_at({"one": server.limited}, store, declared)
                job = planned(store, accounts, (("one", f"t{n}") for n in range(COUNT)))
            workers = max(2, WORKERS // processes)
            return applied(url, server.limited, job, declared, processes=processes, workers=workers).seconds

    return send


def _each(post: Callable[[requests.Session, str], object], workers: int) -> Callable[[nginx.Nginx], float]:
    """A loop, or a pool of threads with a session each."""

    def send(server: nginx.Nginx) -> float:
        import threading

        mine = threading.local()

        def one(n: int) -> None:
            if not hasattr(mine, "session"):
                mine.session = requests.Session()
            post(mine.session, f"{server.limited}/threads/t{n}/messages")

        began = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, range(COUNT)))
        return time.perf_counter() - began

    return send


def _once(session: requests.Session, url: str) -> None:
    session.post(url, json={"text": TEXT}, timeout=30)


def _until_taken(session: requests.Session, url: str) -> None:
    session.post(url, json={"text": TEXT}, timeout=30).raise_for_status()


_patiently = tenacity.retry(
    retry=tenacity.retry_if_exception_type(requests.HTTPError),
    wait=tenacity.wait_random_exponential(multiplier=0.1, max=5),
    stop=tenacity.stop_after_delay(60),
)


def _behind(take_turn: Callable[[], object]) -> Callable[[nginx.Nginx], float]:
    """Threads that take a turn at a published limiter before each attempt, with tenacity behind it."""

    def post(session: requests.Session, url: str) -> None:
        take_turn()
        _until_taken(session, url)

    return _each(_patiently(post), WORKERS)


def _pyrate() -> Callable[[], object]:
    """pyrate-limiter with the algorithm that fits the server's: GCRA, in memory."""
    from pyrate_limiter import GCRA, Duration, Limiter, Rate, StateBucket

    limiter = Limiter(StateBucket([Rate(nginx.RATE, Duration.SECOND, burst=nginx.BURST)], GCRA()))
    return lambda: limiter.try_acquire("writes", blocking=True)


def _throttled() -> Callable[[], object]:
    """throttled-py with GCRA, in memory."""
    from throttled import RateLimiterType, Throttled, rate_limiter

    quota = rate_limiter.per_sec(nginx.RATE, burst=nginx.BURST)
    limiter = Throttled(using=RateLimiterType.GCRA.value, quota=quota, timeout=60)
    return lambda: limiter.limit("writes")


def _ways() -> list[Way]:
    right = Declared(nginx.RATE, nginx.BURST)
    return [
        Way("sellercare, declared right", _ours(right), 1.01, 0.5),
        Way("sellercare, declared 30 % too high", _ours(Declared(1.3 * nginx.RATE, nginx.BURST)), 1.1, 3.0),
        Way("sellercare, estimated 30 % too low", _ours(Declared(0.7 * nginx.RATE, nginx.BURST, True)), 1.1, 3.0),
        Way("sellercare, four processes", _ours(right, 4), 1.1, 3.0),
        Way("requests in a loop", _each(_once, 1)),
        Way("8 threads", _each(_once, WORKERS)),
        Way("8 threads, tenacity", _each(_patiently(_until_taken), WORKERS)),
        Way("8 threads, tenacity, pyrate-limiter", _behind(_pyrate())),
        Way("8 threads, tenacity, throttled-py", _behind(_throttled())),
    ]


def measure() -> bool:
    """Print the table; whether the goals were met."""
    print(
        f"\n{COUNT:,} writes against nginx limit_req, {nginx.RATE} a second, burst {nginx.BURST} (ideal {IDEAL:.2f} s)"
    )
    print(f"  {'':<40}{'seconds':>9}{'ideal':>8}{'refused':>9}{'lost':>7}{'twice':>7}   goal")
    met = True
    with nginx.running() as server:
        for way in _ways():
            server.rest()
            server.forget()
            seconds = way.send(server)
            counts = server.counts("limited")
            twice = server.twice("limited")
            lost = COUNT - (counts["201"] - twice)
            refused = 100 * counts["429"] / max(1, counts.total())
            verdict = ""
            if way.slowest is not None and way.refused is not None:
                good = seconds <= way.slowest * IDEAL and refused <= way.refused and not lost and not twice
                met &= good
                verdict = f"≤ {way.slowest} ×, ≤ {way.refused} % {'met' if good else 'MISSED'}"
            row = f"{seconds:>9.2f}{seconds / IDEAL:>7.3f}×{refused:>7.2f} %{lost:>7,}{twice:>7,}"
            print(f"  {way.name:<40}{row}   {verdict}".rstrip())
    return met
