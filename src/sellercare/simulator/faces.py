"""Finding the face of an adapter."""

from __future__ import annotations

import importlib
import inspect

from sellercare.adapter import Adapter
from sellercare.simulator.face import Face


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


def reached_at(adapter: type[Adapter], face: Face, address: str) -> dict[str, str]:
    """Settings for an account at this face: every address of the adapter is `address`, the rest is the face's."""
    return {name: address for name in adapter.settings.model_fields if name.endswith("_url")} | face.settings()
