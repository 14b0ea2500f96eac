"""What happens with an error that nobody foresaw: its details go to a file, a sentence goes to the seller."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

# The interpreter writes these messages about code. Other messages may quote a buyer's text or a secret.
_ABOUT_CODE = (AttributeError, ImportError, NameError)


def report(error: BaseException) -> tuple[str, str]:
    """Write the details to a file of the home folder; what happened, and what to do next, as sentences."""
    happened = f"sellercare itself has a defect ({type(error).__name__})."
    try:
        file = _write("\n".join(_details(error)) + "\n")
    except OSError as trouble:
        return happened, f"The details could not be written ({trouble.strerror}): {_place(error)}. Please report it."
    return happened, f"The details are in {file}, without texts, amounts or passwords. Please report it with this file."


def _home() -> Path:
    from sellercare.home import home_folder

    return home_folder()


def _write(text: str) -> Path:
    folder = _home() / "defects"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-", suffix=".txt", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:  # mkstemp makes it readable by its owner only
        file.write(text)
    return Path(name)


def _details(error: BaseException) -> Iterator[str]:
    yield f"sellercare {version('sellercare')}, Python {platform.python_version()}, {sys.platform}"
    seen: BaseException | None = error
    while seen is not None:
        yield ""
        yield from (line.rstrip("\n") for line in traceback.format_tb(seen.__traceback__))
        yield f"{type(seen).__qualname__}{f': {seen}' if isinstance(seen, _ABOUT_CODE) else ''}"
        seen = seen.__cause__ or seen.__context__


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].filename}:{frames[-1].lineno}" if frames else type(error).__name__
