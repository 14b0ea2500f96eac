"""Writing an adapter to begin with, and reporting on one: what ran, what was skipped and why, what is to be done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sellercare import registry
from sellercare.errors import BadInput
from sellercare.support import Proof
from sellercare.testing import generate
from sellercare.testing.plugin import NO_SPECS
from sellercare.testing.report import Report, find_suite, run

SUITE = """
from sellercare.testing.suite import AdapterSuite


class TestMedusa(AdapterSuite):
    adapter = "medusa"
    no_face = "it is tried on a real server"
    proved_in = "the plain suite"
    off = {off!r}
"""


@pytest.mark.parametrize("name", ["corner", "corner-shop"])
def test_what_is_written_is_tidy_and_named(tmp_path: Path, name: str) -> None:
    files = generate.write(name, tmp_path)
    inside = {str(file.relative_to(tmp_path)) for file in files}
    module = name.replace("-", "_")
    for part in ("adapter", "translate", "wire", "contracts", "face", "__init__"):
        assert f"sellercare-{name}/src/sellercare_{module}/{part}.py" in inside
    assert {f"sellercare-{name}/docs/{name}.md", f"sellercare-{name}/pyproject.toml"} <= inside
    assert not [file for file in files if "mymarket" in file.read_text("utf-8").lower()]
    config = Path(__file__).resolve().parents[3] / "pyproject.toml"
    checked = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", config, "."]
    said = subprocess.run(checked, cwd=tmp_path / f"sellercare-{name}", capture_output=True, check=False)
    assert said.returncode == 0, said.stdout.decode()


@pytest.mark.parametrize("name", ["Corner", "1st", "a_b", "a--b", "-a", "a/b", ""])
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be the name"):
        generate.write(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    generate.write("corner", tmp_path)
    with pytest.raises(BadInput, match="there already"):
        generate.write("corner", tmp_path)


def test_a_suite_is_found_where_it_belongs(tmp_path: Path) -> None:
    medusa = registry.load("medusa")
    assert find_suite(medusa, tmp_path) is None
    place = tmp_path / "tests" / "adapters" / "medusa" / "test_suite.py"
    place.parent.mkdir(parents=True)
    place.write_text(SUITE.format(off={}), "utf-8")
    assert find_suite(medusa, tmp_path) == place


def test_what_is_switched_off_shows_with_its_reason(tmp_path: Path) -> None:
    reason = "nobody could ever look at these limits"
    place = tmp_path / "test_suite.py"
    place.write_text(SUITE.format(off={"test_limits_and_rules_have_sources": reason}), "utf-8")
    report = run(registry.load("medusa"), place)
    assert report.failed == []
    assert report.skipped["test_limits_and_rules_have_sources"] == f"switched off: {reason}"
    assert report.skipped["test_pages_go_on_to_the_end"] == "no face: it is tried on a real server"
    assert any("Write a face" in step for step in report.next_steps())


def test_a_description_that_was_not_there_is_looked_for_not_written(tmp_path: Path) -> None:
    report = Report(registry.load("allegro"), "a suite")
    report.note("test_requests_and_answers_are_as_described[whole]", "skipped", NO_SPECS.format(platform="allegro"))
    steps = report.next_steps()
    assert any("SELLERCARE_SPECS" in step for step in steps)
    assert not any("`described`" in step for step in steps)


@pytest.mark.parametrize(
    ("off", "says"),
    [
        ({"test_that_never_was": "it was never there at all"}, "are no tests"),
        ({"test_limits_and_rules_have_sources": "no"}, "without a reason"),
    ],
)
def test_what_is_switched_off_must_exist_and_say_why(tmp_path: Path, off: dict[str, str], says: str) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE.format(off=off), "utf-8")
    report = run(registry.load("medusa"), tmp_path / "test_suite.py")
    assert report.failed == ["test_what_is_switched_off_exists_and_has_a_reason"]
    assert says in report.said


def test_a_file_without_the_suite_is_said(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text("def test_nothing(): pass\n", "utf-8")
    with pytest.raises(BadInput, match="has no suite of the adapter"):
        run(registry.load("medusa"), tmp_path / "test_suite.py")


def test_every_level_of_proof_has_its_sentence() -> None:
    assert all(len(level.meaning.split()) > 5 for level in Proof)
    assert "never tried" in Proof.SAMPLES.meaning
