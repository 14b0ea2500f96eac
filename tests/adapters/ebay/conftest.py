"""What the tests of eBay share: a simulated seller, and eBay's own contracts to hold everything against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import sellercare
from sellercare.config import Config
from sellercare.simulator import FakeClock, InProcess, World
from sellercare_adapters.ebay.face import EbayFace
from sellercare_adapters.ebay.face_base import number, order_number

PREFIXES = {"chargeback": "dispute", "dispute": "case"}
"""What begins our ids of the world's kinds of return, where it is another word."""


@dataclass
class Ebay:
    """A seller at simulated eBay: the shop, the face, the world, and the clock of all of them."""

    face: EbayFace
    world: World
    clock: FakeClock
    shop: Any

    def order(self, **more: Any) -> tuple[Any, str]:
        """An order of two lines, and its number at eBay."""
        lines = [self.world.line("Kettle", "50.00", 2), self.world.line("Delivery", "4.99", kind="shipping")]
        order = self.world.order(lines=lines, **more)
        return order, order_number(order.id)

    def case(self, kind: str, state: str = "requested", **more: Any) -> tuple[Any, str]:
        """A case, and our id of it."""
        order, _ = self.order(state="paid" if kind == "cancellation" else "delivered")
        case = self.world.return_(order, kind=kind, state=state, **more)
        return case, f"{PREFIXES.get(kind, kind)}:{number(case.id)}"

    def calls(self, method: str = "POST") -> list[str]:
        """What was called, the sign-in apart."""
        return [call for call, _ in self.face.log if call.startswith(method) and "oauth2" not in call]


@pytest.fixture
def make_ebay(tmp_path: Any) -> Iterator[Callable[..., Ebay]]:
    """Makes sellers. `transport` wraps the face's; `face` are options of it; other names are settings."""
    made = []

    def make(
        transport: Callable[[Any], Any] = lambda plain: plain,
        scopes: tuple[str, ...] = (),
        patience: float = 600.0,
        face: dict[str, Any] | None = None,
        without: tuple[str, ...] = (),
        **more: Any,
    ) -> Ebay:
        clock = FakeClock()
        world = World(7, clock)
        simulated = EbayFace(world, **(face or {}))
        settings: dict[str, Any] = simulated.settings() | simulated.sign_in(scopes) | more
        site = settings.pop("site", "EBAY_DE")
        shop = sellercare.connect(
            "ebay",
            store="sqlite://",
            clock=clock,
            transport=transport(InProcess(simulated)),
            patience=patience,
            site=site,
            config=Config(tmp_path, {}),
            **{name: value for name, value in settings.items() if name not in without},
        )
        made.append(shop)
        return Ebay(simulated, world, clock, shop)

    yield make
    for shop in made:
        shop.close()


@pytest.fixture
def ebay(make_ebay: Callable[..., Ebay]) -> Ebay:
    """One seller, who must sign."""
    return make_ebay()
