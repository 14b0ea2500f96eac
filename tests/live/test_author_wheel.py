"""The way of an outside author, from the wheel: a clean environment, a generated adapter, and its suite in there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def typed(*command: str | Path, cwd: Path) -> str:
    """What a command says, in an environment that knows nothing of this repository."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    clean |= {"SELLERCARE_HOME": str(cwd / "home"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clean environment in which the built wheel is installed, and nothing else."""
    folder = tmp_path_factory.mktemp("author")
    typed(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    wheel = next(folder.glob("sellercare-*.whl"))
    venv.create(folder / "env", with_pip=True)
    typed(folder / "env/bin/python", "-m", "pip", "install", "--quiet", f"{wheel}[testing]", cwd=folder)
    return folder


def test_an_adapter_is_generated_installed_and_judged(author: Path) -> None:
    bin_ = author / "env/bin"
    said = typed(bin_ / "sellercare", "adapters", "new", "corner-shop", cwd=author)
    assert "sellercare-corner-shop/src/sellercare_corner_shop/adapter.py" in said
    typed(bin_ / "python", "-m", "pip", "install", "--quiet", "--no-deps", "./sellercare-corner-shop", cwd=author)
    project = author / "sellercare-corner-shop"
    ran = typed(bin_ / "python", "-m", "pytest", "-q", cwd=project).splitlines()[-1]
    assert " passed" in ran
    assert "failed" not in ran
    assert "corner-shop" in typed(bin_ / "sellercare", "adapters", cwd=author), "it is not found by its entry point"
    report = json.loads(typed(bin_ / "sellercare", "adapters", "check", "corner-shop", "--json", cwd=project))
    assert (report["proved_by"], report["failed"], report["held_against"]) == ("dossier", [], "")
    assert report["passed"] > 100
    assert report["suite"].endswith("test_suite.py")
    assert report["next"]


def test_our_own_adapters_are_judged_from_the_wheel(author: Path) -> None:
    """The suite that is in the wheel needs nothing of this repository."""
    report = json.loads(typed(author / "env/bin/sellercare", "adapters", "check", "medusa", "--json", cwd=author))
    assert (report["proved_by"], report["failed"]) == ("live", [])
    assert report["suite"] == "the plain suite"
