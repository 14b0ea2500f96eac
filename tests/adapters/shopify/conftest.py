"""What the tests of Shopify share: a simulated shop, and Shopify's own schema to hold everything against."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from sellercare.models import Money
from sellercare.simulator import FakeClock, World
from sellercare.simulator.graphql_face import first_field
from sellercare.testing.platform import Platform
from sellercare_adapters.shopify.face_ids import gid


def eur(amount: str) -> Money:
    """An amount."""
    return Money(amount=Decimal(amount), currency="EUR")


def order_id(order: Any) -> str:
    """An order's id as Shopify shows it."""
    return gid("Order", order.id)


def return_id(return_: Any) -> str:
    """A return's id as Shopify shows it."""
    return gid("Return", return_.id)


def line_id(line: Any) -> str:
    """The id of an order's line."""
    return gid("LineItem", line.id)


def sent(platform: Platform, kind: str = "mutation") -> list[str]:
    """The calls of a kind that the face got, without the status."""
    return [call for call, _ in platform.face.log if call.startswith(kind)]


def listen(face: Any) -> None:
    """Keep the bodies of what the face hears (`heard`); do something just before the next mutation (`meanwhile`)."""
    face.heard, face.meanwhile = [], None
    plain = face.handle

    def handle(request: Any) -> Any:
        operation = face.operation(request) if request.path.endswith("/graphql.json") else None
        if operation is not None:
            name = f"{operation.operation.value} {first_field(operation)}"
            face.heard.append((name, request.json()))
            if name.startswith("mutation") and face.meanwhile is not None:
                do, face.meanwhile = face.meanwhile, None
                do()
        return plain(request)

    face.handle = handle


@pytest.fixture
def world() -> World:
    """An empty world whose clock stands still."""
    return World(7, FakeClock())


@pytest.fixture
def order(world: World) -> Any:
    """Two kettles at 20.00, delivered for 5.00, paid with one payment of 45.00."""
    return world.order(lines=[world.line("Kettle", "20.00", 2), world.line("Delivery", "5.00", kind="shipping")])


@pytest.fixture
def make_shop(world: World) -> Any:
    """Makes a shop over the world; settings may be given, and `face` with arguments of the face."""
    made: list[Platform] = []

    def make(**settings: Any) -> Platform:
        made.append(Platform.of("shopify", world, patience=settings.pop("patience", 900.0), **settings))
        listen(made[-1].face)
        return made[-1]

    yield make
    for platform in made:
        platform.shop.close()


@pytest.fixture
def platform(make_shop: Callable[..., Platform]) -> Platform:
    """One shop."""
    return make_shop()


@cache
def _schema(path: Path) -> GraphQLSchema:
    return build_schema(path.read_text("utf-8"))


@pytest.fixture(scope="session")
def schema(specs: Callable[[str], Path]) -> GraphQLSchema:
    """Shopify's own schema; the test is skipped where there is none."""
    return _schema(specs("shopify") / "admin-2026-10-after-sales.graphql")
