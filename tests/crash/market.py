"""The platform, in a process that nobody kills: Acme on a loopback port. Each of its acts is a line of its own log."""

from __future__ import annotations

import sys
from pathlib import Path

from clock import SharedClock

from sellercare.calls import to_json
from sellercare.simulator import Fault, World, serve
from sellercare.simulator.things import Act
from sellercare_adapters.acme.face import AcmeFace


class LoggedWorld(World):
    """A world that notes each act in a file, at the moment of it."""

    def __init__(self, log: Path, clock: SharedClock) -> None:
        super().__init__(seed=1, clock=clock)
        self._log = log.open("ab", buffering=0)

    def act(self, kind: str, target: str, detail: str = "") -> Act:
        """Note it, then do as always."""
        if self.by == "api":
            self._log.write(to_json({"kind": kind, "target": target, "detail": detail}) + b"\n")
        return super().act(kind, target, detail)


class BusyAcme(AcmeFace):
    """Without limits: the processes are to be killed at work, not while they wait for their turn."""

    limits = ()


def main(log: Path, contract: str, origin: float, speed: float, buyers: int) -> None:
    """Serve until standard input ends."""
    world = LoggedWorld(log, SharedClock(origin, speed))
    for n in range(buyers):
        order = world.order(id=f"ord_{n}")
        world.message(world.thread(order, id=f"thr_{n}"), "Where is my parcel?")
    face = BusyAcme(world, contract=contract)
    # A slow answer is a longer time to die in. Seconds are the clock's.
    face.faults.add(Fault("slow", on="POST *", times=None, probability=0.3, seconds=speed * 0.02))
    face.faults.add(Fault("lost_answer", on="POST *", times=None, probability=0.02))
    with serve(face) as url:
        print(url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
