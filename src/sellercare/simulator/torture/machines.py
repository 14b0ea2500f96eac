"""What a simulated process is made of: a store, a way to the platform and a clock, each of which may be its end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest import mock

import requests
from sqlalchemy import Connection

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.config import Config
from sellercare.http import session
from sellercare.http.auth import Authorizer, Grant
from sellercare.http.budgets import MemoryBudgets
from sellercare.shop import Shop, connect
from sellercare.simulator.face import Face
from sellercare.simulator.faces import reached_at
from sellercare.simulator.server import InProcess
from sellercare.simulator.torture.scheduler import Scheduler, VirtualClock
from sellercare.store import Store
from sellercare.store.schema import intents, jobs, rows, shifts, steps, tokens

T = TypeVar("T")

ADDRESS = "http://platform.test"
ACCOUNT = "shop"


class PausingStore(Store):
    """A store with a point before and after each transaction, and before each look."""

    clock: VirtualClock

    @classmethod
    def pair(cls, folder: Path) -> tuple[PausingStore, PausingStore]:
        """Two stores over one file, as two processes have them. Not synced: a process dies here, never the power."""
        url = f"sqlite:///{folder / 'journal.db'}"
        with Store.open(url, clock=VirtualClock()) as first:
            place = first.url
        made = [cls(place, VirtualClock(), lock_timeout=1.0, passing=folder) for _ in range(2)]
        return made[0], made[1]

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction, between two points."""
        self.clock.scheduler.point("begins")
        with super().transaction() as connection:
            yield connection
        self.clock.scheduler.point("committed")

    def write(self, work: Callable[[Connection], T]) -> T:
        """A shared transaction, between two points."""
        self.clock.scheduler.point("begins")
        result = super().write(work)
        self.clock.scheduler.point("committed")
        return result

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A look, after a point."""
        if self._current() is None:
            self.clock.scheduler.point("looks")
        with super().reading() as connection:
            yield connection

    @cached_property
    def budgets(self) -> Any:
        """Limits that the other process does not know of: the platform's 429s are part of the torture."""
        return MemoryBudgets()

    def empty(self) -> None:
        """Forget everything, for the next seed."""
        with Store.transaction(self) as connection:
            for table in (steps, intents, tokens, rows, shifts, jobs):
                connection.execute(table.delete())
        for part in ("tokens", "jobs"):
            self.__dict__.pop(part, None)
        self.__dict__.pop("budgets", None)


class PausingWire(InProcess):
    """The way to the platform, with a point before the request leaves and one after its answer came."""

    def __init__(self, face: Face, scheduler: Scheduler) -> None:
        super().__init__(face)
        self._scheduler = scheduler

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        """Hand the request over, if the worker lives to do it."""
        self._scheduler.point("sends")
        try:
            response = super().send(request, *args, **more)
        except requests.RequestException as error:
            self._scheduler.note(f"{self.face.log[-1][0]} {type(error).__name__}")
            self._scheduler.point("heard nothing")
            raise
        self._scheduler.note(f"{self.face.log[-1][0]} {response.status_code}")
        self._scheduler.point("heard")
        return response


class _Undisturbed:
    """The authoriser of a shop: it holds a lock while it renews tokens, so nobody else runs meanwhile."""

    def __init__(self, inner: Authorizer, scheduler: Scheduler) -> None:
        self._inner = inner
        self._scheduler = scheduler

    def grant(self) -> Grant:
        with self._scheduler.quiet():
            return self._inner.grant()

    def renew(self, used: Grant) -> bool:
        with self._scheduler.quiet():
            return self._inner.renew(used)


def shop_of(adapter: type[Adapter], face: Face, store: PausingStore, settings: dict[str, str], patience: float) -> Shop:
    """A shop as a fresh process connects it."""
    scheduler = store.clock.scheduler
    with registry.registered(adapter.name, adapter):
        shop = connect(
            adapter.name,
            account=ACCOUNT,
            store=store,
            clock=store.clock,
            transport=PausingWire(face, scheduler),
            config=Config(Path(), {}),
            patience=patience,
            **settings,
        )
    shop.http._auth = _Undisturbed(shop.http._auth, scheduler)
    return shop


def settings_of(adapter: type[Adapter], face: Face) -> dict[str, str]:
    """The settings of an account at this face."""
    return reached_at(adapter, face, ADDRESS)


@contextmanager
def seeded(seed: int, scheduler: Scheduler) -> Iterator[None]:
    """Nothing is left to the machine: the jitter of retries comes from the seed, and durations are virtual."""
    before = random.getstate()
    random.seed(seed)
    virtual = SimpleNamespace(perf_counter=lambda: scheduler.now)
    try:
        with mock.patch.object(session, "time", virtual):
            yield
    finally:
        random.setstate(before)
