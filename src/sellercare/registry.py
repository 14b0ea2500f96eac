"""Finding adapters: by the entry-point group `sellercare.adapters`, ours exactly as anybody's.

Nothing is imported before it is used, and an adapter that cannot be loaded does not stop the others.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from sellercare.errors import ConfigError, UnknownAdapter

if TYPE_CHECKING:
    from sellercare.adapter import Adapter

GROUP = "sellercare.adapters"

_by_hand: dict[str, type[Adapter]] = {}


def names() -> list[str]:
    """The names of all adapters that are installed, in order."""
    return sorted({point.name for point in _installed()} | _by_hand.keys())


def load(name: str) -> type[Adapter]:
    """The adapter of this name. Raises UnknownAdapter (with a suggestion), or ConfigError if it cannot be used."""
    if name in _by_hand:
        return _valid(name, _by_hand[name])
    points = [point for point in _installed() if point.name == name]
    if not points:
        raise _unknown(name)
    claimants = sorted({point.value for point in points})
    if len(claimants) > 1:
        raise ConfigError(
            f"Two installed packages claim the adapter {name!r}: {' and '.join(claimants)}.",
            next_step="Uninstall one of them.",
        )
    return _valid(name, _imported(points[0]))


@contextmanager
def registered(name: str, adapter: type[Adapter]) -> Iterator[None]:
    """Have this adapter under this name for a while, before an installed one: for tests and notebooks."""
    earlier = _by_hand.get(name)
    _by_hand[name] = adapter
    try:
        yield
    finally:
        if earlier is None:
            del _by_hand[name]
        else:
            _by_hand[name] = earlier


@cache
def _installed() -> tuple[metadata.EntryPoint, ...]:
    """All installed adapters' entry points: reading every package's metadata takes some 20 ms, so it is done once."""
    return tuple(metadata.entry_points(group=GROUP))


def _imported(point: metadata.EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:
        raise ConfigError(
            f"The adapter {point.name!r} is installed but cannot be loaded ({type(error).__name__}: {error}).",
            next_step="Reinstall the package that brings it, or report this to its authors.",
        ) from error


def _valid(name: str, adapter: object) -> type[Adapter]:
    from sellercare.adapter import INTERFACE_VERSION, Adapter

    if not (isinstance(adapter, type) and issubclass(adapter, Adapter)):
        raise ConfigError(f"What is installed as the adapter {name!r} is not a sellercare adapter.")
    if adapter.interface_version != INTERFACE_VERSION:
        raise ConfigError(
            f"The adapter {name!r} was written for version {adapter.interface_version} of the interface; "
            f"this sellercare has version {INTERFACE_VERSION}.",
            next_step="Install matching versions of both.",
        )
    return adapter


def _unknown(name: str) -> UnknownAdapter:
    close = difflib.get_close_matches(name, names(), n=1)
    known = ", ".join(names()) or "none"
    return UnknownAdapter(
        f"There is no adapter {name!r}." + (f" Did you mean {close[0]!r}?" if close else ""),
        setting="adapter",
        next_step=f"Installed adapters: {known}.",
    )
