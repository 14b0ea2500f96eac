"""A seller at the reference platform, over a transport without a socket, and files of rows."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sellercare
from sellercare.bulk.accounts import Accounts
from sellercare.bulk.apply import Applied, apply
from sellercare.bulk.files import open_rows
from sellercare.bulk.plan import Order, make_plan
from sellercare.models import Money
from sellercare.shop import Shop
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare.simulator.things import Order as WorldOrder
from sellercare.simulator.things import Thread
from sellercare.store import Store
from sellercare.store.jobs import Job, JobRow, RowState
from sellercare_adapters.acme.face import AcmeFace


class Seller:
    """One or more accounts at simulated platforms, over one store."""

    def __init__(self, folder: Path, *names: str, contract: str = "mixed") -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store = Store.open(f"sqlite:///{folder / 'store.db'}", clock=self.clock)
        self.faces = {name: AcmeFace(World(seed=7, clock=self.clock), contract=contract) for name in names}
        self.contract = contract
        self.patience = 60.0
        self.calls: Counter[str] = Counter()

    def connect(self, name: str) -> Shop:
        self.calls["connect"] += 1
        return sellercare.connect(
            "acme",
            account=name,
            store=self.store,
            clock=self.clock,
            patience=self.patience,
            transport=InProcess(self.faces[name]),
            base_url="http://acme.test",
            api_key=AcmeFace.api_key,
            contract=self.contract,
        )

    @property
    def accounts(self) -> Accounts:
        return Accounts(list(self.faces), self.connect)

    @property
    def face(self) -> AcmeFace:
        return next(iter(self.faces.values()))

    @property
    def world(self) -> World:
        return self.face.world

    def asks(self, text: str = "Where is my parcel?", **more: Any) -> Thread:
        """A buyer who waits for an answer."""
        order = self.world.order(**more)
        thread = self.world.thread(order)
        self.world.message(thread, text)
        return thread

    def nameless(self) -> Any:
        """A buyer whose name the platform withholds."""
        buyer = self.world.buyer()
        buyer.name = None
        return buyer

    def fault(self, kind: Any, on: str, **more: Any) -> None:
        self.face.faults.add(Fault(kind, on=on, **more))

    def plan(self, text: str | bytes, verb: str = "messages.reply", **order: Any) -> Job:
        data = text.encode() if isinstance(text, str) else text
        stream = io.BytesIO(data)
        stream.name = "rows.csv"
        with open_rows(stream) as rows:
            return make_plan(self.store, self.accounts, rows, Order(verb, **{"workers": 1} | order))

    def rows(self, job: Job, *states: RowState) -> list[JobRow]:
        return list(self.store.jobs.rows(job.id, *states))

    def row(self, job: Job, line: int) -> JobRow:
        return next(row for row in self.rows(job) if row.line == line)

    def states(self, job: Job) -> list[str]:
        return [row.state.value for row in self.rows(job)]

    def apply(self, job: Job, **more: Any) -> Applied:
        return apply(self.store, self.accounts, job, **{"workers": 2} | more)

    def sent(self, thread: Thread | None = None) -> int:
        """How many messages the platform took from us."""
        return self.world.count("message", thread.id if thread else None)

    def paid(self, order: WorldOrder | None = None) -> int:
        """How many refunds the platform took from us."""
        return self.world.count("refund", order.id if order else None)


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    """A seller with one account, `acme`."""
    made = Seller(tmp_path, "acme")
    yield made
    made.store.close()


def eur(amount: str) -> Money:
    """So many euros."""
    return Money(amount=Decimal(amount), currency="EUR")


def refunds_of(seller: Seller, *amounts: str) -> str:
    """A file of refunds, each of an order of its own."""
    orders = [seller.world.order() for _ in amounts]
    rows = (f"{order.id},{amount},EUR,k-{order.id}\n" for order, amount in zip(orders, amounts, strict=True))
    return "order_id,amount,currency,key\n" + "".join(rows)
