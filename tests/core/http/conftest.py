"""Fixtures of the tests of http."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sellercare.adapter import Adapter
from sellercare.http import Http, MemoryBudgets

from .market import Market, MarketSettings, MemoryTokens, TestClock


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def market(clock: TestClock) -> Callable[..., Http]:
    """Makes an Http of the small platform; settings by name."""

    def make(
        adapter: type[Adapter] = Market,
        *,
        tokens: Any = None,
        budgets: Any = None,
        patience: float = 60.0,
        transport: Any = None,
        log_bodies: bool = False,
        account: str = "shop-1",
        **settings: Any,
    ) -> Http:
        return Http(
            adapter,
            MarketSettings(**settings),
            account=account,
            credential="seller-1",
            app="app-1",
            clock=clock,
            tokens=tokens or MemoryTokens(),
            budgets=budgets or MemoryBudgets(),
            patience=patience,
            transport=transport,
            log_bodies=log_bodies,
        )

    return make
