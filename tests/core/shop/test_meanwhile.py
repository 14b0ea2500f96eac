"""Another worker writes under the same key while this one checks: this one gets what the other's write came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

import sellercare
from sellercare.errors import KeyConflict, NotAllowedNow
from sellercare.models import Money
from sellercare.shop import Shop
from sellercare.simulator import FakeClock, InProcess, World
from sellercare.store import Store
from sellercare_adapters.acme.face import AcmeFace


class Interrupted(InProcess):
    """Does something once, just before the next question about refunds reaches the platform."""

    meanwhile: Callable[[], object] | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        if "refund-options" in (request.url or "") and self.meanwhile is not None:
            do, self.meanwhile = self.meanwhile, None
            do()
        return super().send(request, *args, **more)


class Desk:
    """Two workers over one store, and an order to pay back."""

    def __init__(self, store: Store) -> None:
        self.world = World(seed=1, clock=store.clock)
        self.wire = Interrupted(AcmeFace(self.world))
        self.order = self.world.order()
        self.one, self.two = (
            sellercare.connect(
                "acme",
                account="shop",
                store=store,
                clock=store.clock,
                transport=self.wire,
                base_url="http://acme.test",
                api_key=AcmeFace.api_key,
            )
            for _ in range(2)
        )

    def pay(self, shop: Shop, amount: Money | None = None) -> str:
        refund = shop.refunds.issue(order_id=self.order.id, amount=amount or self.order.total, key="rma-1")
        return refund.id


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Store.open("sqlite://", clock=FakeClock()) as store:
        yield Desk(store)


def test_both_get_the_one_refund(desk: Desk) -> None:
    paid: list[str] = []
    desk.wire.meanwhile = lambda: paid.append(desk.pay(desk.one))
    assert [desk.pay(desk.two)] == paid
    assert desk.world.count("refund") == 1


def test_another_content_is_a_conflict(desk: Desk) -> None:
    desk.wire.meanwhile = lambda: desk.pay(desk.one)
    with pytest.raises(KeyConflict):
        desk.pay(desk.two, Money(amount=desk.order.total.amount - 1, currency="EUR"))
    assert desk.world.count("refund") == 1


def test_what_somebody_did_under_another_key_stays_an_error(desk: Desk) -> None:
    desk.wire.meanwhile = lambda: desk.one.refunds.issue(order_id=desk.order.id, key="rma-2")
    with pytest.raises(NotAllowedNow, match="nothing left"):
        desk.pay(desk.two)
    assert desk.world.count("refund") == 1
