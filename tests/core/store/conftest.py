"""The same tests on SQLite and, where SELLERCARE_TEST_POSTGRES holds the URL of a database, on PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from sellercare.simulator.clock import FakeClock
from sellercare.store import Store

POSTGRES = "SELLERCARE_TEST_POSTGRES"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'kept' / 'store.db'}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A schema of its own in the database that the variable names; it is dropped afterwards."""
    given = os.environ.get(POSTGRES)
    if not given:
        pytest.skip(f"no PostgreSQL: {POSTGRES} holds no URL")
    url = make_url(given).set(drivername="postgresql+psycopg")
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


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
