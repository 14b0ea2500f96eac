"""What all tests share: where the platforms' own descriptions are, and what happens when they are demanded.

`SELLERCARE_SPECS` names the directory of the descriptions (default: `../shared/specs` beside the project). Without
it the contract tests are skipped, visibly. `SELLERCARE_DEMAND=contract` turns that around: a run in which a contract
test was skipped, or in which none ran, fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
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
