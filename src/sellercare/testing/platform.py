"""A platform for tests: an adapter's face over a world, and a shop that talks to it without a socket."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.config import Config
from sellercare.shop import Shop, connect
from sellercare.simulator import InProcess, World
from sellercare.simulator.faces import face_of, reached_at

_ADDRESS = "http://platform.test"


@cache
def _load(name: str) -> type[Adapter]:
    return registry.load(name)


@dataclass(frozen=True)
class Platform:
    """What a test holds in its hands: the seller's `shop`, the platform's `face`, and the `world` behind it."""

    shop: Shop
    face: Any
    world: World

    @classmethod
    def of(
        cls, name: str, world: World, *, store: Any = "sqlite://", face: dict[str, Any] | None = None, **settings: Any
    ) -> Platform:
        """The platform of an adapter, with a store in memory.

        `face` are arguments for the face; `settings` are those of the adapter that the face does not tell itself,
        and `patience`. Acme's `contract` is given to both sides.
        """
        adapter = _load(name)
        options = dict(face or {})
        if "contract" in settings and name == "acme":
            options["contract"] = settings.pop("contract")
        made: Any = face_of(adapter)(world, **options)
        with registry.registered(name, adapter):  # spares each test a look at all installed packages
            shop = connect(
                name,
                store=store,
                clock=world.clock,
                transport=InProcess(made),
                config=Config(Path(), {}),
                **(reached_at(adapter, made, _ADDRESS) | settings),
            )
        return cls(shop, made, world)
