"""What the tests of WooCommerce share: a simulated shop, and the answers of a real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sellercare.simulator import FakeClock, World
from sellercare.testing.platform import Platform
from sellercare_adapters.woocommerce.face import WooCommerceFace


@dataclass
class Woo:
    """A seller at a simulated shop: the shop, the face and the world behind it."""

    platform: Platform

    @property
    def shop(self) -> Any:
        return self.platform.shop

    @property
    def face(self) -> WooCommerceFace:
        face: WooCommerceFace = self.platform.face
        return face

    @property
    def world(self) -> World:
        return self.platform.world

    def id(self, thing: Any) -> str:
        """WordPress's id of a thing of the world."""
        return str(self.face.number(thing.id))

    def taxed(self, *lines: tuple[str, int, str, dict[str, str]], **more: Any) -> Any:
        """An order of lines, each with its kind, pieces, net sum and taxes by rate."""
        made = [self.world.line(kind=kind, quantity=pieces) for kind, pieces, _, _ in lines]
        for line, (_, _, net, taxes) in zip(made, lines, strict=True):
            line.extra |= {"net": Decimal(net), "taxes": {rate: Decimal(tax) for rate, tax in taxes.items()}}
        return self.world.order(lines=made, **more)


@pytest.fixture
def make_woo() -> Iterator[Callable[..., Woo]]:
    """Makes shops. Names are settings of the adapter; an empty text takes away one that the face tells."""
    made: list[Platform] = []

    def make(**settings: Any) -> Woo:
        world = World(7, FakeClock(), currency=settings.pop("currency", "EUR"))
        made.append(Platform.of("woocommerce", world, **({"patience": 600.0} | settings)))
        return Woo(made[-1])

    yield make
    for platform in made:
        platform.shop.close()


@pytest.fixture
def woo(make_woo: Callable[..., Woo]) -> Woo:
    """One shop."""
    return make_woo()


class Recordings:
    """Requests to a server of 11.0.1 and its answers, by the names that FINDINGS.md calls them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.names = sorted(path.stem for path in directory.glob("*.json"))

    def __getitem__(self, name: str) -> Any:
        """A whole recording: request, status, headers and response; fractions are read as Decimal."""
        return json.loads((self.directory / f"{name}.json").read_text("utf-8"), parse_float=Decimal)

    def answer(self, name: str) -> Any:
        """What the server said."""
        return self[name]["response"]


@pytest.fixture(scope="session")
def recorded(specs: Callable[[str], Path]) -> Recordings:
    """The recorded answers; the test is skipped where there are none."""
    return Recordings(specs("woocommerce") / "recorded-11.0.1")
