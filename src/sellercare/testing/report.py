"""Running an adapter's suite, and saying what was proved how."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sellercare.adapter import Adapter
from sellercare.errors import BadInput
from sellercare.interfaces import VERBS
from sellercare.support import Level, Proof
from sellercare.testing.checks.scenes import SCENES
from sellercare.testing.plugin import NO_SPECS
from sellercare.testing.suite import AdapterSuite

_NO_DESCRIPTION = NO_SPECS.partition(": ")[2].partition(" with")[0]
"""By which words a test is known that was skipped because its description was not there."""

_PLAIN = """from sellercare.testing.suite import AdapterSuite


class TestAdapter(AdapterSuite):
    adapter = {name!r}
    no_face = {no_face!r}
    proved_in = "the plain suite"
"""


@dataclass
class Count:
    """How many cases passed, failed, or were skipped, and why."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All cases."""
        return self.passed + len(self.failed) + len(self.skipped)


@dataclass
class Report:
    """What a run of the suite has shown about one adapter."""

    adapter: type[Adapter]
    suite: str
    verbs: dict[str, Count] = field(default_factory=dict)
    scenes: dict[str, Count] = field(default_factory=dict)
    besides: dict[str, Count] = field(default_factory=dict)
    held_against: str = ""
    said: str = ""

    def counts(self) -> Iterator[Count]:
        """Everything that was counted."""
        yield from (*self.verbs.values(), *self.scenes.values(), *self.besides.values())

    @property
    def failed(self) -> list[str]:
        """The cases that failed."""
        return [case for count in self.counts() for case in count.failed]

    @property
    def skipped(self) -> dict[str, str]:
        """The cases that were skipped, with the reason."""
        return {case: why for count in self.counts() for case, why in count.skipped.items()}

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(count.passed for count in self.counts())

    def note(self, case: str, outcome: str, why: str) -> None:
        """Count one case (`test_…[messages.reply-slow]`)."""
        test, _, inside = case.partition("[")
        verb = next((part for part in re.split(r"[-\]]", inside) if part in VERBS), "")
        title = test.removeprefix("test_").replace("_", " ")
        if test in SCENES:
            count = self.scenes.setdefault(title, Count())
        elif verb:
            count = self.verbs.setdefault(verb, Count())
        else:
            count = self.besides.setdefault(title, Count())
        if outcome == "passed":
            count.passed += 1
        elif outcome == "failed":
            count.failed.append(case)
        else:
            count.skipped[case] = "the adapter has no such verb" if why.startswith("got empty parameter set") else why

    def next_steps(self) -> list[str]:
        """What is to be done next, the most important first."""
        steps = []
        if self.failed:
            steps.append("Make the failed cases pass, or switch them off in `off` with a reason.")
        if any("no face" in why for why in self.skipped.values()):
            steps.append("Write a face: without one, nothing that is sent can be tried.")
        unwritten = [verb for verb, support in self.adapter.supports.items() if support.level is Level.NOT_YET]
        if unwritten:
            steps.append(f"Write, or call impossible: {', '.join(unwritten)}.")
        if self.held_against and self.adapter.levels() == (Proof.DOSSIER,):
            steps.append("Set `proved_by` in the declaration: more than texts was held against the adapter.")
        if any(_NO_DESCRIPTION in why for why in self.skipped.values()):
            steps.append(
                "Set SELLERCARE_SPECS to the folder that holds the descriptions of platforms, and run it again."
            )
        elif not self.held_against and self.adapter.proved_by is not Proof.OURS:
            steps.append("Hold requests and answers against the platform's description: `described` in the suite.")
        guessed = [verb for verb, s in self.adapter.supports.items() if s.contract and "not known" in s.contract.source]
        if guessed:
            steps.append(f"Find out what these writes do, and say where it is written: {', '.join(guessed)}.")
        return steps


class _Listener:
    """Hears from pytest what became of each case."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.suites: set[type[AdapterSuite]] = set()

    def pytest_sessionfinish(self) -> None:
        self.report.held_against = "; ".join(sorted(suite.held_against for suite in self.suites if suite.held_against))

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        suites = {item.cls for item in items if getattr(item, "cls", None) and issubclass(item.cls, AdapterSuite)}
        mine = {suite for suite in suites if suite.adapter_class().name == self.report.adapter.name}
        items[:] = [item for item in items if getattr(item, "cls", None) in mine]
        self.suites = mine

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        case = report.nodeid.rpartition("::")[2]
        if report.when == "call" or (report.when == "setup" and not report.passed):
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            self.report.note(case, report.outcome, why.removeprefix("Skipped: "))


def find_suite(adapter: type[Adapter], folder: Path) -> Path | None:
    """The suite of an adapter in a project: in `tests/adapters/NAME/`, or in `tests/`. None without one."""
    module = adapter.name.replace("-", "_")
    places = [folder / "tests" / "adapters" / module / "test_suite.py"]
    package = adapter.__module__.partition(".")[0]
    if (folder / "src" / package).is_dir() or (folder / package).is_dir():
        places.append(folder / "tests" / "test_suite.py")
    return next((place for place in places if place.is_file()), None)


def run(adapter: type[Adapter], suite: Path | None = None) -> Report:
    """Run the suite of an adapter, or the plain one, and report. Raises BadInput for a file that has none."""
    if suite is not None:
        return _run(Report(adapter, str(suite)), [str(suite)])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "test_plain_suite.py"
        file.write_text(_PLAIN.format(name=adapter.name, no_face=_no_face(adapter)), "utf-8")
        return _run(Report(adapter, "the plain suite"), [str(file), f"--rootdir={folder}", "-c", folder + "/none.ini"])


def _no_face(adapter: type[Adapter]) -> str:
    from sellercare.simulator.faces import face_of

    try:
        face_of(adapter)
    except LookupError as error:
        return str(error)
    return ""


def _run(report: Report, arguments: Sequence[str]) -> Report:
    out = io.StringIO()
    before = sys.modules.copy()
    if "-c" in arguments:
        Path(arguments[-1]).write_text("[pytest]\n", "utf-8")
    common = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "--import-mode=importlib"]
    with contextlib.redirect_stdout(out):
        pytest.main([*arguments, *common], plugins=[_Listener(report)])
    for name in sys.modules.keys() - before.keys():
        if name.startswith(("tests.", "test_")):
            del sys.modules[name]
    report.said = out.getvalue()
    if not report.passed and not report.failed and not report.skipped:
        raise BadInput(
            f"{report.suite} has no suite of the adapter {report.adapter.name!r}.",
            field="suite",
            next_step="Its class is a subclass of sellercare.testing.suite.AdapterSuite and names the adapter.",
        )
    return report
