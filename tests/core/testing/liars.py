"""Adapters that lie about one thing: the reference platform's, with something else in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sellercare_adapters.acme import adapter as acme

Judge = Callable[..., None]
"""Runs one test of the suite on an adapter: `judge("test_…", "messages.reply", adapter=…, face=…)`."""


def lying(**changes: Any) -> Any:
    """Acme's adapter with something else in it. A change of `supports` is by verb."""
    supports = acme.AcmeAdapter.supports | changes.pop("supports", {})
    changes.setdefault("live_supports", staticmethod(lambda ctx: supports))
    return type("LyingAdapter", (acme.AcmeAdapter,), {"supports": supports, **changes})


def contract(verb: str, **changes: Any) -> Any:
    """Acme with another contract for a write, which it does not keep."""
    support = acme.AcmeAdapter.supports[verb]
    assert support.contract is not None
    return lying(supports={verb: replace(support, contract=replace(support.contract, **changes))})


def orders(**methods: Any) -> Any:
    """Acme with other methods for orders."""
    return lying(orders=type("Orders", (acme.Orders,), methods)())
