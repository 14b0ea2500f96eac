"""Two processes with one key at the same moment: one sends, the other gets the recorded outcome."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import sellercare
from sellercare.clock import SystemClock
from sellercare.simulator import Fault, World, serve
from sellercare_adapters.acme.face import AcmeFace

ORDERS = tuple(f"ord_{n}" for n in range(8))


class Busy(AcmeFace):
    """Without limits: nobody is to wait for anything but the other one."""

    limits = ()


def market(contract: str) -> Busy:
    """Orders to pay back, and answers that take a moment, so that the other one comes meanwhile."""
    world = World(seed=1, clock=SystemClock())
    for order in ORDERS:
        world.order(id=order)
    face = Busy(world, contract=contract)
    face.faults.add(Fault("slow", on="POST *", times=None, seconds=0.1))
    return face


@pytest.mark.parametrize("contract", ["difference", "keyed"])
def test_two_processes_with_one_key(url: str, tmp_path: Path, contract: str) -> None:
    face = market(contract)
    script = str(Path(__file__).with_name("one_key.py"))
    sellercare.Store.open(url, clock=SystemClock()).close()
    with serve(face) as base_url:
        told = [
            subprocess.Popen(
                [sys.executable, script, url, base_url, contract, str(tmp_path), me, other, *ORDERS],
                stdout=subprocess.PIPE,
                text=True,
            )
            for me, other in (("one", "two"), ("two", "one"))
        ]
        said = [process.communicate(timeout=100)[0] for process in told]
    assert [process.returncode for process in told] == [0, 0]
    one, two = ([line.split() for line in lines.splitlines()] for lines in said)
    assert [refund for refund, _ in one] == [refund for refund, _ in two]
    assert [sorted(pair) for pair in zip((how for _, how in one), (how for _, how in two), strict=True)] == [
        ["repeated", "sent"]
    ] * len(ORDERS)
    assert [face.world.count("refund", order) for order in ORDERS] == [1] * len(ORDERS)


def test_many_threads_with_one_key(tmp_path: Path) -> None:
    face = market("difference")
    at_once = threading.Barrier(6)
    amount = sellercare.Money(amount=face.world.data.orders["ord_1"].total.amount, currency="EUR")
    with (
        serve(face) as base_url,
        sellercare.connect(
            "acme",
            store=f"sqlite:///{tmp_path}/store.db",
            base_url=base_url,
            api_key=face.api_key,
            contract="difference",
        ) as shop,
        ThreadPoolExecutor(6) as pool,
    ):

        def pay(_: int) -> str:
            at_once.wait(20)
            return shop.refunds.issue(order_id="ord_1", amount=amount, key="rma-1").id

        refunds = set(pool.map(pay, range(6)))
    assert len(refunds) == 1
    assert face.world.count("refund") == 1
