"""Makes processes that apply a job. Each is a fork of this one, which has everything imported: it is at work at once.

A line on standard input is the id of a job; its answer is `began PID`. When a process ends, `ended PID CODE` follows,
with the negative number of the signal that killed it.
"""

from __future__ import annotations

import os
import select
import sys
import traceback

from clock import SharedClock

import sellercare
from sellercare.bulk.accounts import Accounts
from sellercare.bulk.apply import apply
from sellercare.store import Store
from sellercare.store.intents import Intents
from sellercare_adapters.acme.face import AcmeFace

WORKERS = 4
PATIENCE = 20.0
TIMEOUT = 5.0
"""Seconds of the clock; the lease of an intent is twice the sum of the two."""


def work(job_id: str, store_url: str, market_url: str, contract: str, clock: SharedClock) -> None:
    """What a process that applies a job does."""
    with Store.open(store_url, clock=clock) as store:

        def connect(name: str) -> sellercare.Shop:
            return sellercare.connect(
                "acme",
                account=name,
                store=store,
                clock=clock,
                patience=PATIENCE,
                base_url=market_url,
                api_key=AcmeFace.api_key,
                contract=contract,
                timeout=TIMEOUT,
            )

        apply(store, Accounts(["acme"], connect), store.jobs.get(job_id), workers=WORKERS)


def begin(job_id: str, *where: str) -> None:
    """Make a process for a job."""
    store_url, market_url, contract, origin, speed, _ = where
    pid = os.fork()
    if pid:
        print(f"began {pid}", flush=True)
        return
    code = 1
    try:
        work(job_id, store_url, market_url, contract, SharedClock(float(origin), float(speed)))
        code = 0
    except BaseException:  # noqa: BLE001 - this is the end of the process
        traceback.print_exc()
    finally:
        os._exit(code)


def main(*where: str) -> None:
    """Make processes and tell of their ends, until standard input ends."""
    if where[-1] == "forgetful":
        Intents.sending = lambda self, *what, **more: True  # to be found out
    waiting = b""
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.01)
        if readable:
            got = os.read(sys.stdin.fileno(), 4096)
            if not got:
                return
            *jobs, waiting = (waiting + got).split(b"\n")
            for job in jobs:
                begin(job.decode(), *where)
        tell_the_ended()


def tell_the_ended() -> None:
    """Tell of each process that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        print(f"ended {pid} {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
