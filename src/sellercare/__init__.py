"""One after-sales interface over marketplaces and storefronts.

    import sellercare

    shop = sellercare.connect("allegro", ...)
    for thread in shop.messages.threads(awaiting_reply=True):
        ...

Importing this loads nothing heavy: each public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sellercare import errors, models
    from sellercare.adapter import Adapter, Settings
    from sellercare.config import Config
    from sellercare.errors import SellercareError
    from sellercare.models import LineQuantity, Money, Upload
    from sellercare.shop import Shop, connect
    from sellercare.store import Store

__version__ = "0.1.0"

_WHERE = {
    "Adapter": "sellercare.adapter",
    "Config": "sellercare.config",
    "LineQuantity": "sellercare.models",
    "Money": "sellercare.models",
    "SellercareError": "sellercare.errors",
    "Settings": "sellercare.adapter",
    "Shop": "sellercare.shop",
    "Store": "sellercare.store",
    "Upload": "sellercare.models",
    "connect": "sellercare.shop",
    "errors": "sellercare.errors",
    "models": "sellercare.models",
}

__all__ = [
    "Adapter",
    "Config",
    "LineQuantity",
    "Money",
    "SellercareError",
    "Settings",
    "Shop",
    "Store",
    "Upload",
    "__version__",
    "connect",
    "errors",
    "models",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module 'sellercare' has no attribute {name!r}")
    module = import_module(_WHERE[name])
    return module if name in ("errors", "models") else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
