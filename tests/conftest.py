"""What all tests share: where the platforms' own descriptions are, and what happens when they are demanded.

`SELLERCARE_SPECS` names the directory of the descriptions (default: `../shared/specs` beside the project). Without
it the contract tests are skipped, visibly. `SELLERCARE_DEMAND=contract` turns that around: a run in which a contract
test was skipped, or in which none ran, fails.

`SELLERCARE_TEST_POSTGRES` is the URL of a PostgreSQL database for the tests that need one. Without it they are
skipped, visibly, except in `make live`, which installs PostgreSQL if it is missing (as root) and starts its own.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cache import CannotServe
from postgres import Postgres
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = "SELLERCARE_TEST_POSTGRES"
DEMANDED = frozenset(os.environ.get("SELLERCARE_DEMAND", "").replace(",", " ").split())


def specs_directory() -> Path:
    """Where the platforms' descriptions should be; relative paths start at the project's root."""
    return ROOT / os.environ.get("SELLERCARE_SPECS", "../shared/specs")


@pytest.fixture(scope="session")
def specs() -> Callable[[str], Path]:
    """`specs("allegro")` is the directory of that platform's own description; skips the test where there is none."""

    def directory(platform: str) -> Path:
        path = (specs_directory() / platform).resolve()
        if not path.is_dir():
            pytest.skip(f"no description of {platform} under SELLERCARE_SPECS ({specs_directory()})")
        return path

    return directory


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test ever sees, or writes to, the configuration of the person who runs it."""
    os.environ["SELLERCARE_HOME"] = str(tmp_path_factory.mktemp("home"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for PostgreSQL by name; tests that run on both databases mark that half themselves."""
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database: the one that the variable names, or in `make live` one of our own, fresh."""
    given = os.environ.get(POSTGRES)
    if given:
        yield given
        return
    asked = re.sub(r"not \w+", "", str(request.config.option.markexpr))
    if "live" not in asked and "postgres" not in asked:
        pytest.skip(f"no PostgreSQL: {POSTGRES} holds no URL; `make live` starts one")
    try:
        server = Postgres()
    except CannotServe as error:
        pytest.skip(f"no PostgreSQL: {error}")
    yield server.url("postgres")
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A schema of its own in that database; it is dropped afterwards."""
    url = make_url(postgres_server).set(drivername="postgresql+psycopg")
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path / 'kept' / 'store.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind, one after the other."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


class Demand:
    """Counts the tests of a demanded marker, and says at the end whether all of them ran."""

    def __init__(self, marker: str) -> None:
        self.marker = marker
        self.ran = 0
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.marker not in report.keywords:
            return
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)
        elif report.when == "call":
            self.ran += 1

    @property
    def complaint(self) -> str:
        """A sentence where the demand was not met, else nothing."""
        if self.skipped:
            return (
                f"{len(self.skipped)} {self.marker} tests were skipped, but SELLERCARE_DEMAND wants all of them to run"
            )
        if not self.ran:
            return f"no {self.marker} test ran, but SELLERCARE_DEMAND wants them"
        return ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.complaint and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.complaint:
            terminalreporter.section("demanded")
            terminalreporter.line(f"{self.complaint}: is SELLERCARE_SPECS ({specs_directory()}) the right directory?")
            for name in self.skipped:
                terminalreporter.line(f"  {name}")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    for marker in sorted(DEMANDED):
        config.pluginmanager.register(Demand(marker), f"demand-{marker}")
