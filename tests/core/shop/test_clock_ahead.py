"""The machine's clock is an hour ahead of the platform's: what it sent looks older than the moment it was sent at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest

import sellercare
from sellercare.errors import OutcomeUnknown
from sellercare.models import Money
from sellercare.shop import Shop
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare.store import Store
from sellercare_adapters.acme.face import AcmeFace


@pytest.fixture(params=["difference", "mixed", "marker"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Shop, AcmeFace, FakeClock]]:
    theirs, ours = FakeClock(), FakeClock()
    ours.advance(hours=1)
    face = AcmeFace(World(seed=3, clock=theirs), contract=request.param)
    with Store.open("sqlite://", clock=ours) as store:
        shop = sellercare.connect(
            "acme",
            account="shop",
            store=store,
            clock=ours,
            transport=InProcess(face),
            base_url="http://acme.test",
            api_key=AcmeFace.api_key,
            contract=face.contract,
        )
        yield shop, face, ours


def test_nothing_is_sent_twice(place: tuple[Shop, AcmeFace, FakeClock]) -> None:
    shop, face, ours = place
    thread = face.world.thread(face.world.order())
    face.world.message(thread, "Where is my parcel?")
    for write, what in ((_reply, "message"), (_refund, "refund")):
        face.faults.add(Fault("lost_answer", on="POST *"))
        for _ in range(3):
            with suppress(OutcomeUnknown):
                write(shop, face, thread.id)
            ours.advance(hours=5)
            face.world.advance(5 * 3600)
        assert face.world.count(what) == 1


def _reply(shop: Shop, face: AcmeFace, thread_id: str) -> None:
    shop.messages.reply(thread_id, "It left today.", key="k")


def _refund(shop: Shop, face: AcmeFace, thread_id: str) -> None:
    order = next(iter(face.world.data.orders.values()))
    shop.refunds.issue(order_id=order.id, amount=Money(amount=Decimal("1.00"), currency="EUR"), key="k")
