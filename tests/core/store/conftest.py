"""The same tests on SQLite and on PostgreSQL: whatever asks for `url`, or a store, runs on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sellercare.simulator.clock import FakeClock
from sellercare.store import Store


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def open_store(url: str, clock: FakeClock) -> Iterator[Callable[[], Store]]:
    """Opens the same database again and again, as other processes would."""
    stores: list[Store] = []

    def open_another() -> Store:
        stores.append(Store.open(url, clock=clock))
        return stores[-1]

    yield open_another
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()
