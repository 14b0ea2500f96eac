"""Another program of the same seller: a process of its own, over the same store, at a platform on a loopback port.

Run as a module this is that program. It is told on standard input what it is, a JSON document in one line; for each
further line it makes one cheap read, and tells in one line what came of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.config import Config
from sellercare.errors import SellercareError
from sellercare.shop import Shop, connect

CHEAP = ("account.check", "orders.list", "messages.threads", "returns.list", "reviews.list", "refunds.list")
"""Reads that need nothing but a sign-in; the first that is offered is made."""

LONGEST = 60.0
"""Seconds that a program may take for everything, before it is ended."""


class Program:
    """A program that is a process of its own. `read` begins a read, `said` waits for what came of it ("" if well)."""

    def __init__(self, adapter: type[Adapter], settings: Mapping[str, Any], *, store: str, account: str) -> None:
        command = [sys.executable, "-m", "sellercare.testing.checks.programs"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._process = subprocess.Popen(command, text=True, **pipes)
        self._end = threading.Timer(LONGEST, self._process.kill)
        self._end.start()
        told = {"path": sys.path, "module": adapter.__module__, "adapter": adapter.__qualname__}
        self._tell(json.dumps(told | {"settings": dict(settings), "store": store, "account": account}))

    def read(self) -> None:
        """Make one cheap read."""
        self._tell("read")

    def said(self) -> str:
        """What came of the read: nothing, or the error. RuntimeError for a program that broke down."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            raise RuntimeError(f"a program broke down: {self._process.stderr.read()[-2000:]}")
        return str(json.loads(line))

    def end(self) -> None:
        """End it, whatever it does."""
        self._end.cancel()
        self._process.kill()
        self._process.communicate()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def cheap_read(shop: Shop) -> str:
    """Make the cheap read of a shop. The error, or nothing if all went well."""
    cheap = next(verb for verb in CHEAP if shop.adapter.supports[verb].offered)
    group, _, name = cheap.partition(".")
    try:
        found = getattr(getattr(shop, group), name)()
        if cheap != "account.check":
            next(iter(found), None)
    except SellercareError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def shop_of(adapter: type[Adapter], settings: Mapping[str, Any], *, store: str, account: str) -> Shop:
    """A shop as a program on its own has it: by the machine's clock, over a real connection."""
    with registry.registered(adapter.name, adapter):
        return connect(adapter.name, account=account, store=store, config=Config(Path(), {}), **settings)


def can_be_named(adapter: type[Adapter]) -> bool:
    """Whether another process finds this class by its name."""
    found: Any = sys.modules.get(adapter.__module__)
    for name in adapter.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is adapter


def main() -> None:
    """One program: what it is, and then a read a line."""
    told = json.loads(sys.stdin.readline())
    sys.path[:] = told["path"]
    __import__(told["module"])
    adapter: Any = sys.modules[told["module"]]
    for name in told["adapter"].split("."):
        adapter = getattr(adapter, name)
    with shop_of(adapter, told["settings"], store=told["store"], account=told["account"]) as shop:
        for _ in sys.stdin:
            print(json.dumps(cheap_read(shop)), flush=True)


if __name__ == "__main__":
    main()
