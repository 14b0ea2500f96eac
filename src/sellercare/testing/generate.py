"""Writing a new adapter: a distribution of its own that works, on a platform that is not there yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sellercare.errors import BadInput

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

NEXT_STEPS = (
    "pip install -e {folder}[testing], then run pytest in {folder}: everything passes.",
    "face.py: replace the example routes by what the platform's own description says. Note the source of each fact.",
    "wire.py, translate.py: the payloads as they are sent, and what they mean.",
    "adapter.py: the settings, the sign-in and the limits, then verb by verb: native, emulated, impossible or not_yet.",
    "contracts.py: what each write does. Keep the cautious word where nobody knows.",
    "rules.toml: what may be written, and what the platform lets software do.",
    "tests/test_suite.py: name the description, so that requests and answers are held against it. That needs the extra "
    "sellercare[contract], and SELLERCARE_SPECS to name the folder that has the description in a folder {name}.",
    "sellercare adapters check {name}: what was proved, and how.",
)
"""What is to be done after `write`, in this order."""


def write(name: str, into: Path) -> list[Path]:
    """Write the distribution of an adapter into a new folder `sellercare-NAME`; gives the files.

    Raises BadInput for a name that cannot be one, and for a folder that is there already.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} cannot be the name of an adapter.",
            field="name",
            next_step="Use small letters, digits and single hyphens, such as my-market.",
        )
    folder = into / f"sellercare-{name}"
    if folder.exists():
        raise BadInput(f"{folder} is there already.", field="name", next_step="Choose another folder with --into.")
    template = resources.files("sellercare.testing") / "template"
    written = []
    for path, text in _files(template, ""):
        target = folder / _named(path.removesuffix(".tmpl"), name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_named(text, name), "utf-8")
        written.append(target)
    return sorted(written)


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for each in folder.iterdir():
        inside = f"{path}/{each.name}".lstrip("/")
        if each.is_dir():
            yield from _files(each, inside)
        elif each.name.endswith(".tmpl"):
            yield inside, each.read_text("utf-8")


def _named(text: str, name: str) -> str:
    """The template's text for an adapter of this name. Python's names have no hyphens."""
    words = name.split("-")
    module, title = "_".join(words), " ".join(word.capitalize() for word in words)
    for old, new in (
        ("sellercare_mymarket", f"sellercare_{module}"),
        ("MyMarket", "".join(word.capitalize() for word in words)),
        ("My Market", title),
        ("mymarket", name),
    ):
        text = text.replace(old, new)
    return text
