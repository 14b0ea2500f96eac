"""The folder where configuration and store live, and files in it that nobody else can read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

HOME_VARIABLE = "SELLERCARE_HOME"
"""The environment variable that moves the home folder."""

STORE_FILE = "store.db"
"""The store's file in the home folder, where no URL names another."""


def home_folder() -> Path:
    """Where configuration and store live: `$SELLERCARE_HOME`, else the user's configuration folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_path("sellercare", appauthor=False))


def make_private_folder(folder: Path) -> None:
    """Make the folder if it is missing, for its owner only. One that exists keeps its mode. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def write_private_file(file: Path, text: str) -> None:
    """Replace the file's content in one step, readable by its owner only. Raises OSError and leaves the old one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
