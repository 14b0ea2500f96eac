"""Real servers for the live tests: installed, seeded and started once a session, on ports and with data of their own.

`make live` runs these tests; any other run leaves them out. Where a server cannot be had they fail and say why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cache import CannotServe

import sellercare

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the recipes are plain modules beside the tests

from medusa.seed import Shop  # noqa: E402 - found through the line above
from medusa.server import Medusa  # noqa: E402
from proxy import Proxy  # noqa: E402


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything here as live, and leave it out unless live tests were asked for."""
    mine = [item for item in items if HERE in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.live)
    if mine and "live" not in config.option.markexpr:
        config.hook.pytest_deselected(items=mine)
        items[:] = [item for item in items if item not in mine]


@pytest.fixture(scope="session")
def medusa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Medusa]:
    """A running Medusa with the reviews plugin."""
    try:
        running = Medusa(tmp_path_factory.mktemp("medusa"))
    except CannotServe as error:
        pytest.fail(f"There is no real Medusa to test against: {error}", pytrace=False)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def bare_url(medusa: Medusa) -> str:
    """The same shop, served without the reviews plugin."""
    return medusa.start(reviews=False).base_url


@pytest.fixture(scope="session")
def staff(medusa: Medusa) -> Shop:
    """Buyers and staff at work by hand."""
    return medusa.shop


@pytest.fixture
def proxy(medusa: Medusa) -> Iterator[Proxy]:
    """Stands between the library and the server, and must have been used as planned."""
    with Proxy(medusa.server.port) as running:
        yield running
        assert running.unused() == []


@pytest.fixture
def connect(medusa: Medusa, proxy: Proxy, tmp_path: Path) -> Callable[..., sellercare.Shop]:
    """Connects to the shop through the proxy, with a journal of the test's own; settings may be added."""

    def connected(**more: Any) -> sellercare.Shop:
        wanted = {
            "base_url": proxy.base_url,
            "secret_key": medusa.facts.secret_key,
            "store": f"sqlite:///{tmp_path}/journal.db",
        }
        return sellercare.connect("medusa", **wanted | more)

    return connected


@pytest.fixture
def shop(connect: Callable[..., sellercare.Shop]) -> sellercare.Shop:
    """The account under test."""
    return connect()


@pytest.fixture
def database(medusa: Medusa) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Medusa's own database, to see what really happened."""
    with psycopg.connect(medusa.database_url, autocommit=True) as connection:
        yield connection
