"""A simulated seller at Rakuten France, and what the tests put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sellercare.simulator import FakeClock, World
from sellercare.simulator import things as of
from sellercare.testing.platform import Platform
from sellercare_adapters.rakuten_fr.face import RakutenFrFace
from sellercare_adapters.rakuten_fr.face_items import SoldItem


@dataclass
class Seller:
    """The shop, the face, the world, and short ways to make things."""

    shop: Any
    face: RakutenFrFace
    world: World

    @property
    def calls(self) -> list[str]:
        """The services that were called, in order."""
        return [call.rpartition("/")[2] for call, _ in self.face.log]

    def sold(self, price: str = "19.90", *, state: str = "paid", login: str = "Acheteur1") -> SoldItem:
        """An item that was sold."""
        order = self.world.order(self.world.buyer("Zoé Martin", login=login), [self.world.line("Théière", price)])
        order.state = state
        return self.face.items.of(order)[0]

    def asks(self, item: SoldItem, text: str = "Où est mon colis ?") -> of.Message:
        """The buyer writes about an item."""
        return self.world.message(item.thread() or self.face.items.talk(item), text)

    def rakuten_asks(self, item: SoldItem, text: str = "Bonjour, merci de répondre.") -> of.Message:
        """Customer service writes about an item."""
        thread = item.thread(of_rakuten=True) or self.face.items.talk(item, of_rakuten=True)
        message = self.world.message(thread, text, author="platform")
        thread.read = False
        return message

    def said(self, item: SoldItem) -> list[str]:
        """What the seller has said to the buyer of an item."""
        thread = item.thread()
        return [each.text for each in (thread.messages if thread else ()) if each.author == "seller"]


@pytest.fixture
def make_seller() -> Iterator[Callable[..., Seller]]:
    """Makes sellers; settings by name."""
    made: list[Platform] = []

    def make(**settings: Any) -> Seller:
        clock = settings.pop("clock", None) or FakeClock()
        platform = Platform.of("rakuten-fr", World(7, clock), **({"patience": 600.0} | settings))
        made.append(platform)
        return Seller(platform.shop, platform.face, platform.world)

    yield make
    for platform in made:
        platform.shop.close()


@pytest.fixture
def rakuten(make_seller: Callable[..., Seller]) -> Seller:
    """One seller."""
    return make_seller()
