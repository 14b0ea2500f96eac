"""A platform for tests: an adapter's face over a world, and a shop that talks to it without a socket."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.config import Config
from sellercare.shop import Shop, connect
from sellercare.simulator import Face, InProcess, World

_BASE_URL = "http://platform.test"


def face_of(adapter: type[Adapter]) -> type[Face]:
    """The face of an adapter: the one in the module `face` beside it whose name is the adapter's.

    Raises LookupError for an adapter without one.
    """
    package = adapter.__module__.rpartition(".")[0]
    try:
        module = importlib.import_module(f"{package}.face")
    except ModuleNotFoundError as error:
        raise LookupError(f"the adapter {adapter.name!r} has no module `face` beside it") from error
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, Face) and found is not Face and found.name == adapter.name:
            return found
    raise LookupError(f"{module.__name__} has no face with the name {adapter.name!r}")


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

        `face` are arguments for the face, `settings` those of the adapter. For acme, the key is filled in, and a
        `contract` is given to both sides.
        """
        adapter = _load(name)
        options = dict(face or {})
        if name == "acme":
            options.setdefault("contract", settings.get("contract", "mixed"))
        made: Any = face_of(adapter)(world, **options)
        if name == "acme" and not settings.keys() & {"api_key", "access_token", "refresh_token"}:
            settings["api_key"] = made.api_key
        with registry.registered(name, adapter):  # spares each test a look at all installed packages
            shop = connect(
                name,
                store=store,
                clock=world.clock,
                transport=InProcess(made),
                config=Config(Path(), {}),
                base_url=settings.pop("base_url", _BASE_URL),
                **settings,
            )
        return cls(shop, made, world)
