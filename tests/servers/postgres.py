"""A PostgreSQL of the tests' own: Debian's package, a fresh cluster in a temporary directory, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from pathlib import Path

from cache import CannotServe, free_port, run

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
"""The data lives for one session, so nothing needs to survive a power cut."""


def binaries() -> Path:
    """The directory of initdb and its like, after installing Debian's package if they are missing."""
    found = _newest()
    if found is None:
        if os.geteuid() != 0:
            raise CannotServe("PostgreSQL is missing; as root: apt-get install postgresql")
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], env=quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"], env=quiet)
        found = _newest()
    if found is None:
        raise CannotServe("Debian's postgresql package brought no initdb under /usr/lib/postgresql")
    return found


def _newest() -> Path | None:
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return max(found, key=lambda path: float(path.parts[4])).parent if found else None


class Postgres:
    """A running cluster on a free port of the loopback. Everybody on this machine may sign in."""

    user = "sellercare"

    def __init__(self) -> None:
        self._bin = binaries()
        self.port = free_port()
        self._directory = Path(tempfile.mkdtemp(prefix="sellercare-pg-"))
        # initdb refuses to run as root.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            owner = pwd.getpwnam("postgres")
            os.chown(self._directory, owner.pw_uid, owner.pw_gid)
        self._data = str(self._directory / "data")
        self._run("initdb", "-D", self._data, "-U", self.user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = [f"-p {self.port}", f"-k {self._directory}", "-c listen_addresses=127.0.0.1"]
        options += [f"-c {each}" for each in _FAST]
        log = str(self._directory / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", " ".join(options), "start")

    def _run(self, program: str, *arguments: str) -> None:
        # The output of a server that stays would keep a pipe open, so pg_ctl's goes nowhere.
        command = [*self._as, str(self._bin / program), *arguments]
        if program == "pg_ctl":
            command = ["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", *command]
        run(command, cwd=self._directory)

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgres://{self.user}@127.0.0.1:{self.port}/{database}"

    def sql(self, database: str, *arguments: str) -> None:
        """Run psql in a database."""
        run([str(self._bin / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", self.url(database), *arguments])

    def dump(self, database: str, file: Path) -> None:
        """Write a whole database into a file."""
        run([str(self._bin / "pg_dump"), "--no-owner", "-f", str(file), self.url(database)])

    def stop(self) -> None:
        """Stop it and remove its data."""
        try:
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)
