"""Limits on calls: every call takes its place in the declared budgets before it leaves."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sellercare.adapter import Adapter, Budget
from sellercare.calls import Call
from sellercare.clock import Clock
from sellercare.errors import RateLimited
from sellercare.http.protocols import Budgets

_LONGEST_ADVICE = 86_400.0
"""A platform's advice is believed up to a day; a longer one is more likely a mistake in a unit."""


def next_slot(next_at: float, rate: float, burst: int, now: float) -> tuple[float, float]:
    """Virtual scheduling with one number: when the next call may go, and what that number is after it.

    `next_at` is the earliest moment for the next call. Unused time gathers up to `burst` calls at once.
    """
    each = 1.0 / rate
    start = max(now, next_at)
    return start, max(next_at, start - (burst - 1) * each) + each


class MemoryBudgets:
    """Budgets of one process, safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def reserve(self, scope: str, rate: float, burst: int, now: float) -> float:
        """Take the next free slot; the seconds to wait until it."""
        with self._lock:
            start, self._next[scope] = next_slot(self._next.get(scope, 0.0), rate, burst, now)
        return start - now

    def push_back(self, scope: str, until: float) -> None:
        """Nobody goes before this moment (epoch seconds)."""
        with self._lock:
            self._next[scope] = max(self._next.get(scope, 0.0), until)


class Patience:
    """How long one call may still wait, for its turn, for advice to pass and in vain, in seconds."""

    __slots__ = ("spent", "total")

    def __init__(self, total: float) -> None:
        self.total = total
        self.spent = 0.0

    def allows(self, seconds: float) -> bool:
        """Whether there are so many seconds left."""
        return self.spent + seconds <= self.total


class Throttle:
    """The budgets of one adapter, for one account."""

    def __init__(
        self, adapter: type[Adapter], budgets: Budgets, clock: Clock, *, app: str, credential: str, account: str
    ) -> None:
        self._budgets = budgets
        self._clock = clock
        self._title = adapter.title
        names = {"app": app, "credential": credential, "account": account}
        self._groups: dict[str, list[tuple[str, Budget]]] = {}
        for budget in adapter.budgets:
            scope = _scope(adapter.name, budget, names)
            self._groups.setdefault(budget.group, []).append((scope, budget))
        self._default = self._groups.get("default", [])

    def take_turn(self, call: Call, patience: Patience) -> None:
        """Wait until all budgets of the call's group have a slot; RateLimited if that takes too long."""
        shared = self._groups.get(call.group, self._default)
        if not shared:
            return
        now = self._clock.now().timestamp()
        wait = max(self._budgets.reserve(scope, budget.rate, budget.burst, now) for scope, budget in shared)
        if wait <= 0:
            return
        if not patience.allows(wait):
            raise RateLimited(
                f"{call.method} {call.path}: the limit of {self._title} leaves no room for {wait:.0f} s.",
                wait=wait,
                status=None,
                next_step="Try again later, or allow more patience.",
            )
        patience.spent += wait
        self._clock.sleep(wait)

    def push_back(self, call: Call, wait: float | None) -> None:
        """The platform wants fewer calls: hold back all who share the budgets, as long as it advised."""
        until = self._clock.now().timestamp()
        for scope, budget in self._groups.get(call.group, self._default):
            pause = 1.0 / budget.rate if wait is None else min(wait, _LONGEST_ADVICE)
            self._budgets.push_back(scope, until + pause)


def _scope(adapter: str, budget: Budget, names: Mapping[str, str]) -> str:
    """One text a limit: two limits of one group (a second, a day) are counted apart."""
    return f"{adapter}:{budget.scope}:{names[budget.scope]}:{budget.group}:{budget.rate:g}/{budget.burst}"
