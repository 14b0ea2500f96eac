"""Where installed servers are kept between sessions, and what to say when one cannot be had."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class CannotServe(Exception):
    """A real server cannot be had here; the message says what is missing."""


def cache_directory(name: str) -> Path:
    """The directory of one server under $XDG_CACHE_HOME, or ~/.cache."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = base / "sellercare-live" / name
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Only one session at a time installs into a directory."""
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def run(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """The output of a program; CannotServe with the end of what it said if it fails."""
    try:
        done = subprocess.run(
            command, cwd=cwd, env=env, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except FileNotFoundError:
        raise CannotServe(f"there is no {command[0]} on this machine") from None
    except subprocess.CalledProcessError as error:
        said = "\n".join(str(error.output).splitlines()[-20:])
        raise CannotServe(f"{' '.join(command)} failed ({error.returncode}):\n{said}") from None
    return done.stdout
