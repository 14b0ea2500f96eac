"""Personal data is where it is said to be, and gone after a purge; what the journal promises is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import sellercare
from sellercare.bulk.accounts import Accounts
from sellercare.bulk.apply import apply
from sellercare.bulk.files import open_rows
from sellercare.bulk.plan import Order, make_plan
from sellercare.errors import AlreadyDone, Changed, KeyConflict, OutcomeUnknown, Refused
from sellercare.models import Money
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare.store import Store
from sellercare.store.purge import Purged, purge
from sellercare.store.schema import PERSONAL, metadata
from sellercare.store.trail import trail
from sellercare_adapters.acme.face import AcmeFace

SECRET = "Liebe Frau Kowalska"
"""In every text and note that the tests write."""


class Seller:
    """One account over a store, at a platform that gives no way to find a lost write out."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        self.world = World(seed=3, clock=clock)
        self.face = AcmeFace(self.world, contract="blind")
        self.shop = self.connect("acme")

    def connect(self, name: str) -> sellercare.Shop:
        return sellercare.connect(
            "acme",
            account=name,
            store=self.store,
            clock=self.clock,
            transport=InProcess(self.face),
            base_url="http://acme.test",
            api_key=AcmeFace.api_key,
            contract="blind",
        )

    def thread(self) -> str:
        return self.world.message().thread_id

    def reply(self, key: str, text: str = f"{SECRET}!") -> Any:
        return self.shop.messages.reply(self.thread_id, text, key=key)

    def everything(self) -> None:
        """One write of each outcome, and a bulk run with a row of each kind."""
        self.thread_id = self.thread()
        self.reply("confirmed")
        self.face.faults.add(Fault("error_before", on="POST *", status=422))
        with pytest.raises(Refused):
            self.reply("refused")
        self.face.faults.add(Fault("lost_answer", on="POST *"))
        with pytest.raises(OutcomeUnknown):
            self.reply("unknown")
        order = self.world.order()
        amount = Money(amount=order.total.amount, currency="EUR")
        self.shop.refunds.issue(order_id=order.id, amount=amount, note=SECRET, key="refund")
        self.bulk()

    def bulk(self) -> None:
        from io import BytesIO

        lines = [f"{self.thread()},{SECRET} {n}" for n in range(3)] + [f"nowhere,{SECRET}"]
        stream = BytesIO(("thread_id,text\n" + "\n".join(lines) + "\n").encode())
        stream.name = "rows.csv"
        accounts = Accounts(["acme"], self.connect)
        with open_rows(stream) as rows:
            job = make_plan(self.store, accounts, rows, Order("messages.reply", skip_bad=True, workers=1))
        self.face.faults.add(Fault("lost_answer", on="POST *"))
        apply(self.store, accounts, job, workers=1)


@pytest.fixture
def seller(store: Store, clock: FakeClock) -> Iterator[Seller]:
    made = Seller(store, clock)
    yield made
    made.shop.http.close()


def found_in(store: Store, secret: str) -> set[tuple[str, str]]:
    """Every table and column that holds this somewhere."""
    found = set()
    with store.reading() as db:
        for table in metadata.sorted_tables:
            for row in db.execute(select(table)).mappings():
                found |= {(table.name, name) for name, value in row.items() if secret in str(value)}
    return found


def test_personal_data_is_where_it_is_said_to_be(seller: Seller) -> None:
    seller.everything()
    named = {(table.name, column) for table, columns in PERSONAL.items() for column in columns}
    found = found_in(seller.store, SECRET)
    assert found <= named
    assert found >= {("intents", "content"), ("rows", "content")}


def test_what_is_open_keeps_its_data_and_all_else_loses_it(seller: Seller) -> None:
    seller.everything()
    seller.clock.advance(days=31)
    before = seller.clock.now() - timedelta(days=30)
    expected = purge(seller.store, before, dry_run=True)
    assert found_in(seller.store, SECRET)
    assert purge(seller.store, before) == expected == Purged(writes=5, rows=3, open_writes=2, open_rows=1)
    left = {each.intent.state.value for each in trail(seller.store) if each.intent.purged_at is None}
    assert left == {"unknown"}
    assert {name for name, _ in found_in(seller.store, SECRET)} == {"intents", "rows"}
    assert purge(seller.store, before) == Purged(writes=0, rows=0, open_writes=2, open_rows=1)


def test_a_purged_key_sends_nothing_and_says_what_is_known(seller: Seller) -> None:
    seller.everything()
    done = seller.store.intents.find("acme", "messages.reply", "confirmed")
    assert done is not None
    seller.clock.advance(days=31)
    purge(seller.store, seller.clock.now())
    count = seller.world.count("message")
    with pytest.raises(AlreadyDone) as caught:
        seller.reply("confirmed")
    error = caught.value
    assert (error.changed, error.intent_id, error.done_at) == (Changed.YES, done.id, done.decided_at)
    assert f"{done.decided_at:%Y-%m-%d %H:%M}" in str(error)
    with pytest.raises(KeyConflict):
        seller.reply("confirmed", "something else")
    assert seller.world.count("message") == count


def test_a_refused_key_may_be_tried_again_after_a_purge(seller: Seller) -> None:
    seller.everything()
    seller.clock.advance(days=31)
    purge(seller.store, seller.clock.now())
    seller.reply("refused")
    seller.reply("refused")
    intent = seller.store.intents.find("acme", "messages.reply", "refused")
    assert intent is not None
    assert (intent.state.value, intent.purged_at) == ("confirmed", None)


def test_what_somebody_is_at_work_on_is_left_alone(seller: Seller) -> None:
    seller.thread_id = seller.thread()
    seller.reply("confirmed")
    intent = seller.store.intents.find("acme", "messages.reply", "confirmed")
    assert intent is not None
    seller.store.intents.take(intent.id, "somebody", 60.0, alone=False)
    assert purge(seller.store, seller.clock.now() + timedelta(days=1)).writes == 0
