"""The platform of `benchmarks.market` on the simulator's face kit, served on a loopback port by a process of its own.

`python -m benchmarks.simulated` prints its address and serves until its standard input is closed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sellercare.simulator.face import Face, Reply, Request, route
from sellercare.simulator.server import serve
from sellercare.simulator.world import World


class MarketFace(Face):
    """Takes every message, and counts them."""

    name = "market"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.taken = 0

    @route("POST", "/threads/{thread_id}/messages", open=True)
    def send(self, request: Request, thread_id: str) -> Reply:
        """An id for the message."""
        self.taken += 1
        self.log.clear()  # a million lines of it would be kept
        return Reply.of({"id": f"m{self.taken}"}, 201)

    @route("GET", "/taken", open=True)
    def count(self, request: Request) -> Reply:
        """How many there were."""
        return Reply.of({"taken": self.taken})


@contextmanager
def running() -> Iterator[str]:
    """Start it in another process; the base URL."""
    command = [sys.executable, "-m", "benchmarks.simulated"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def main() -> None:
    """Serve until standard input is closed."""
    with serve(MarketFace(World())) as address:
        print(address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
