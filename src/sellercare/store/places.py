"""Where a store is: its URL read and checked, and its files made for their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from sellercare.errors import ConfigError, StoreError
from sellercare.home import STORE_FILE, home_folder, make_private_folder

_HOW = (
    "Write `sqlite:///folder/store.db` for a file on this machine, "
    "or `postgresql+psycopg://user@host/database` for a server that several machines share."
)


def default_url() -> URL:
    """The store in the home folder."""
    return URL.create("sqlite", database=str(home_folder() / STORE_FILE))


def parse_url(text: str) -> URL:
    """The URL of a store. Raises ConfigError, which never shows the URL: it may hold a password."""
    wrong = ConfigError("The store's address is not a URL of a store.", setting="store", next_step=_HOW)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise wrong from None
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        if url.host or url.username or url.password or url.port:
            raise wrong
        return _sqlite(url)
    raise ConfigError(f"A store cannot be kept in {backend!r}.", setting="store", next_step=_HOW)


def _sqlite(url: URL) -> URL:
    name = url.database or ""
    if name in ("", ":memory:"):
        return url.set(drivername="sqlite", database=None)
    return url.set(drivername="sqlite", database=str(Path(name).expanduser().absolute()))


def prepare_file(file: Path) -> None:
    """Make the database file and its folder if they are missing; take other users' rights on the file away.

    SQLite gives its -wal and -shm files the mode of the database file.
    """
    try:
        make_private_folder(file.parent)
    except OSError as error:
        raise StoreError(
            f"The folder {file.parent} of the store cannot be made: {error.strerror}.",
            next_step="Give the store another place, or make the folder yourself.",
        ) from error
    if file.is_dir():
        raise StoreError(f"The store {file} is a folder.", next_step="Name a file in it.")
    _make_or_tighten(file)


def _make_or_tighten(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDONLY, 0o600))
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            file.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"The store {file} cannot be opened for this user alone: {error.strerror}.",
            next_step="Check who owns the file and its folder, whether they are read-only, and if the disk is full.",
        ) from error


def file_of(path: str | None) -> tuple[int, int] | None:
    """Which file is at a path now, as the system tells files apart; None if there is none, or nobody can tell."""
    try:
        found = os.stat(path or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino
