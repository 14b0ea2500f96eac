"""The way to the platforms: sessions, sign-in, retries, budgets of calls, pages, and keeping secrets secret.

The names below are loaded when they are used: requests is not needed to read a journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sellercare.http.budgets import MemoryBudgets as MemoryBudgets
    from sellercare.http.oauth import DeviceCode as DeviceCode
    from sellercare.http.oauth import OAuthClient as OAuthClient
    from sellercare.http.oauth import new_state as new_state
    from sellercare.http.pages import CursorPages as CursorPages
    from sellercare.http.pages import FromId as FromId
    from sellercare.http.pages import OffsetPages as OffsetPages
    from sellercare.http.pages import OnePage as OnePage
    from sellercare.http.pages import PageNumbers as PageNumbers
    from sellercare.http.pages import walk as walk
    from sellercare.http.protocols import Budgets as Budgets
    from sellercare.http.protocols import Tokens as Tokens
    from sellercare.http.protocols import TokenSet as TokenSet
    from sellercare.http.session import Http as Http

_HOMES = {
    "Budgets": "protocols",
    "CursorPages": "pages",
    "DeviceCode": "oauth",
    "FromId": "pages",
    "Http": "session",
    "MemoryBudgets": "budgets",
    "OAuthClient": "oauth",
    "OffsetPages": "pages",
    "OnePage": "pages",
    "PageNumbers": "pages",
    "TokenSet": "protocols",
    "Tokens": "protocols",
    "new_state": "oauth",
    "walk": "pages",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
