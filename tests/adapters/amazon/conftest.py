"""What the tests of Amazon share: a simulated seller, and helpers to look at what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

import sellercare
from sellercare.models import Money
from sellercare.simulator import FakeClock, InProcess, World
from sellercare_adapters.amazon.face import AmazonFace

ORDER = "903-1671087-0812628"
ITEM = "60407000000001"


@dataclass
class Seller:
    """A seller at simulated Amazon: the shop, the face, the world, and the clock of all of them."""

    face: AmazonFace
    world: World
    clock: FakeClock
    shop: Any

    def order(self, state: str = "shipped", **more: Any) -> Any:
        """An order with two pieces of one item, its shipping, and a tax of 10 on top."""
        item = self.world.line("Kettle", "50.00", 2, id=more.pop("item", ITEM))
        item.extra["tax"] = more.pop("tax", Decimal("10.00"))
        lines = [item, self.world.line("Courier", "3.49", kind="shipping")]
        return self.world.order(lines=lines, state=state, id=more.pop("id", ORDER), **more)

    def usd(self, amount: str) -> Money:
        """An amount in the order's currency."""
        return Money(amount=Decimal(amount), currency="USD")


@pytest.fixture
def make_amazon() -> Iterator[Callable[..., Seller]]:
    """Makes sellers. `transport` wraps the face's; other names are settings."""
    made = []

    def make(transport: Callable[[InProcess], Any] = lambda plain: plain, patience: float = 600.0, **more: Any) -> Any:
        clock = FakeClock()
        world = World(7, clock, currency="USD")
        face = AmazonFace(world)
        settings = face.settings() | more
        store = settings.pop("store", "sqlite://")
        shop = sellercare.connect(
            "amazon", store=store, clock=clock, transport=transport(InProcess(face)), patience=patience, **settings
        )
        made.append(shop)
        return Seller(face, world, clock, shop)

    yield make
    for shop in made:
        shop.close()


@pytest.fixture
def amazon(make_amazon: Callable[..., Seller]) -> Seller:
    """One seller."""
    return make_amazon()
