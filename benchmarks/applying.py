"""One process at work on a stored job: `python -m benchmarks.applying STORE BASE JOB WORKERS RATE BURST ESTIMATED`.

It prints `ready` once everything is loaded, begins when a line comes, and prints its seconds and processor seconds.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.market import Market, with_limit

if TYPE_CHECKING:
    from sellercare.adapter import Adapter
    from sellercare.bulk.accounts import Accounts
    from sellercare.store import Store

TEXT = "Thank you for your message. The parcel left today and you will have it on Thursday."


@dataclass(frozen=True)
class Declared:
    """The limit that the adapter declares, true or not; none at all with rate 0."""

    rate: float = 0.0
    burst: int = 1
    estimated: bool = False

    def adapter(self) -> type[Adapter]:
        """The platform with this limit."""
        return with_limit(self.rate, self.burst, estimated=self.estimated) if self.rate else Market


def accounts_at(bases: dict[str, str], store: Store, declared: Declared, patience: float = 60.0) -> Accounts:
    """Accounts by name, each at an address of its own."""
    from sellercare import registry
    from sellercare.bulk.accounts import Accounts
    from sellercare.shop import Shop, connect

    adapter = declared.adapter()

    def open_one(name: str) -> Shop:
        with registry.registered("market", adapter):
            return connect("market", account=name, store=store, base_url=bases[name], patience=patience)

    return Accounts(list(bases), open_one)


def planned(store: Store, accounts: Accounts, rows: Iterable[tuple[str, str]]) -> str:
    """A stored plan of one answer to each (account, thread); its id."""
    from sellercare.bulk.files import open_rows
    from sellercare.bulk.plan import Order, make_plan

    lines = "".join(f"{account},{thread},{TEXT},{account}-{thread}\n" for account, thread in rows)
    stream = io.BytesIO(f"account,thread_id,text,key\n{lines}".encode())
    stream.name = "rows.csv"
    with open_rows(stream) as opened:
        return make_plan(store, accounts, opened, Order("messages.reply")).id


@dataclass(frozen=True)
class Ran:
    """How long a job took, from the start of all processes to the end of the last, and their processor seconds."""

    seconds: float
    processor: float


def applied(url: str, base: str, job: str, declared: Declared, *, processes: int, workers: int) -> Ran:
    """Apply a job with so many processes of so many workers each."""
    command = [sys.executable, "-m", "benchmarks.applying", url, base, job, str(workers)]
    command += [str(declared.rate), str(declared.burst), str(int(declared.estimated))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(processes)]  # type: ignore[call-overload]
    for each in running:
        if each.stdout.readline() != "ready\n":
            raise SystemExit("a process at work on the job did not start; see its messages above")
    began = time.perf_counter()
    for each in running:
        each.stdin.write("go\n")
        each.stdin.flush()
    used = [float(each.stdout.readline()) for each in running]
    seconds = time.perf_counter() - began
    for each in running:
        each.communicate()
    return Ran(seconds, sum(used))


def main(arguments: Sequence[str], say: Callable[[str], None]) -> None:
    """Apply one job."""
    url, base, job, workers, rate, burst, estimated = arguments
    from sellercare.bulk.apply import apply
    from sellercare.clock import SystemClock
    from sellercare.store import Store

    declared = Declared(float(rate), int(burst), estimated == "1")
    with Store.open(url, clock=SystemClock()) as store:
        accounts = accounts_at({"one": base}, store, declared)
        accounts.shop("one")
        say("ready")
        sys.stdin.readline()
        began = time.process_time()
        apply(store, accounts, store.jobs.get(job), workers=int(workers))
        say(str(time.process_time() - began))


if __name__ == "__main__":
    main(sys.argv[1:], lambda text: print(text, flush=True))
