"""The house is tidy: one name finds an adapter in code, tests, docs and metadata, and no file outgrows its reader."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ADAPTERS = ROOT / "adapters" / "sellercare_adapters"
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *ADAPTERS.rglob("*.py")])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

LONGEST_FILE = 500
"""Lines that a person reads in one sitting."""

DUMPS = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
"""Names that say nothing about what is inside."""


def folder_of(name: str) -> str:
    """An adapter's folder: its name, with the underscore that Python wants in place of a dash (`rakuten-fr`)."""
    return name.replace("-", "_")


def folders(parent: Path) -> set[str]:
    """The adapters' folders; a name with an underscore in front is shared by a family."""
    return {path.name for path in parent.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}


@pytest.fixture(scope="module")
def entry_points() -> dict[str, str]:
    return dict(PROJECT["entry-points"]["sellercare.adapters"])


def test_every_adapter_folder_is_an_entry_point_and_the_other_way_round(entry_points: dict[str, str]) -> None:
    assert folders(ADAPTERS) == set(map(folder_of, entry_points))
    for name, target in entry_points.items():
        assert target.startswith(f"sellercare_adapters.{folder_of(name)}:"), f"{name} points to {target}"


def test_every_adapter_has_its_tests_and_nothing_else_has(entry_points: dict[str, str]) -> None:
    tests = ROOT / "tests" / "adapters"
    assert folders(tests) == set(map(folder_of, entry_points))
    for name in map(folder_of, entry_points):
        assert list((tests / name).glob("test_*.py")), f"tests/adapters/{name} has no test"


def test_every_adapter_has_its_page_and_nothing_else_has(entry_points: dict[str, str]) -> None:
    pages = {path.stem for path in (ROOT / "docs" / "adapters").glob("*.md")} - {"index"}
    assert pages == set(entry_points)


@pytest.mark.parametrize("part", ["__init__.py", "adapter.py", "translate.py"])
def test_every_adapter_is_cut_into_the_same_files(entry_points: dict[str, str], part: str) -> None:
    assert {name for name in entry_points if not (ADAPTERS / folder_of(name) / part).is_file()} == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_outgrows_its_reader(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


def test_no_module_is_a_dump() -> None:
    assert [path for path in SOURCES if path.stem in DUMPS or path.parent.name in DUMPS] == []


def test_the_reference_platform_stays_small() -> None:
    """An integrator reads it whole: at most 300 lines of adapter, in all its files, and 300 of face."""
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in (ADAPTERS / "acme").glob("*.py")}
    assert lines.pop("face.py") <= 300
    assert sum(lines.values()) <= 300
