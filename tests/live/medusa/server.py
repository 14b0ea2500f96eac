"""Installing, seeding and starting Medusa. The seeded database is kept as a dump: later sessions start in seconds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests
from cache import CannotServe, alone, cache_directory, free_port, run
from postgres import Postgres

from medusa.seed import Facts, Shop, seed

HERE = Path(__file__).resolve().parent
EMAIL = "seller@example.com"
PASSWORD = "only-for-tests-1"
DATABASE = "medusa"
_BOOT_SECONDS = 120


def install() -> Path:
    """The directory with the installed server: some 700 MB from npm, once."""
    _demand_node()
    directory = cache_directory("medusa")
    with alone(directory):
        for name in ("package.json", "medusa-config.js"):
            shutil.copyfile(HERE / name, directory / name)
        done = directory / "node_modules" / ".installed"
        wanted = (HERE / "package.json").read_text("utf-8")
        if not done.is_file() or done.read_text("utf-8") != wanted:
            print("installing Medusa from npm, which takes some minutes the first time")
            # The plugin names older peers than the server that it runs in.
            run(["npm", "install", "--no-audit", "--no-fund", "--legacy-peer-deps", "--loglevel=error"], cwd=directory)
            done.write_text(wanted, "utf-8")
    return directory


def _demand_node() -> None:
    found = re.match(r"v(\d+)", run(["node", "--version"]))
    if found is None or int(found[1]) < 20:
        raise CannotServe("Medusa needs node 20 or newer")


@dataclass
class Process:
    """One running server on a port of the loopback."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def base_url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        """Raise CannotServe with the end of its log if it does not come up."""
        until = time.monotonic() + _BOOT_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if requests.get(f"{self.base_url}/health", timeout=5).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.2)
        said = "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-20:])
        self.stop()
        raise CannotServe(f"Medusa did not start:\n{said}")

    def stop(self) -> None:
        """End it, kindly first."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Medusa:
    """A shop with fresh data: its server, its database, and what was seeded."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.directory = install()
        self.postgres = Postgres()
        self._running: list[Process] = []
        try:
            self.postgres.sql("postgres", "-c", f"create database {DATABASE}")
            self.server, self.facts = self._start_seeded()
        except BaseException:
            self.stop()
            raise
        self.shop = Shop(self.base_url, self.facts, EMAIL, PASSWORD)

    @property
    def base_url(self) -> str:
        """Where the shop is."""
        return self.server.base_url

    @property
    def database_url(self) -> str:
        """Where its database is."""
        return self.postgres.url(DATABASE)

    def start(self, *, reviews: bool = True) -> Process:
        """A server over the database. A second one may run beside the first."""
        log = self._logs / f"medusa-{len(self._running)}.log"
        port = free_port()
        with log.open("wb") as file:
            process = self._node(["start", "-H", "127.0.0.1", "-p", str(port)], file, reviews=reviews)
        running = Process(port, process, log)
        self._running.append(running)
        running.wait_until_ready()
        return running

    def stop(self) -> None:
        """End everything that was started."""
        for each in self._running:
            each.stop()
        self.postgres.stop()

    def _start_seeded(self) -> tuple[Process, Facts]:
        recipe = b"".join((HERE / name).read_bytes() for name in ("package.json", "medusa-config.js", "seed.py"))
        stem = hashlib.sha256(recipe).hexdigest()[:16]
        dump, known = self.directory / f"{stem}.sql", self.directory / f"{stem}.json"
        with alone(self.directory):
            if known.is_file():
                self.postgres.sql(DATABASE, "-f", str(dump))
                return self.start(), Facts(**json.loads(known.read_text("utf-8")))
            self._once(["db:migrate"])
            self._once(["user", "-e", EMAIL, "-p", PASSWORD])
            server = self.start()
            facts = seed(server.base_url, EMAIL, PASSWORD)
            self.postgres.dump(DATABASE, dump)
            known.write_text(json.dumps(facts.plain()), "utf-8")
            return server, facts

    def _once(self, arguments: list[str]) -> None:
        log = self._logs / f"medusa-{arguments[0].replace(':', '-')}.log"
        with log.open("wb") as file:
            code = self._node(arguments, file).wait()
        if code != 0:
            said = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
            raise CannotServe(f"medusa {arguments[0]} failed ({code}):\n{said}")

    def _node(self, arguments: list[str], log: IO[bytes], *, reviews: bool = True) -> subprocess.Popen[bytes]:
        settings = {
            "DATABASE_URL": self.database_url,
            "LIVE_REVIEWS": "yes" if reviews else "no",
            "MEDUSA_DISABLE_TELEMETRY": "true",
            "NODE_ENV": "production",
        }
        command = ["node", "node_modules/.bin/medusa", *arguments]
        # A session of its own: a Ctrl-C for the tests ends the server through its fixture, not before.
        return subprocess.Popen(
            command, cwd=self.directory, env=os.environ | settings, stdout=log, stderr=log, start_new_session=True
        )
