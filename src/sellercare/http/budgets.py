"""Limits on calls: every call takes its place in the declared budgets before it leaves."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from sellercare.adapter import EVERY_CALL, Adapter, Budget
from sellercare.calls import Call
from sellercare.clock import Clock
from sellercare.errors import RateLimited
from sellercare.http.protocols import Budgets, Limit

_LONGEST_ADVICE = 86_400.0
"""A platform's advice is believed up to a day; a longer one is more likely a mistake in a unit."""


def next_start(next_at: float, limit: Limit, now: float) -> float:
    """Virtual scheduling with one number, the next moment: when the next call may go."""
    return max(now, next_at)


def next_after(next_at: float, limit: Limit, start: float) -> float:
    """The number after a call that goes at `start`: quiet time before it has earned up to `burst` calls at once."""
    return max(next_at, start - (limit.burst - 1) / limit.rate) + 1.0 / limit.rate


class MemoryBudgets:
    """Budgets of one process, safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def reserve(self, limits: Sequence[Limit], now: float, patience: float) -> float:
        """Take the next moment at which all limits have room, unless it is farther away than `patience` seconds."""
        with self._lock:
            start = max((next_start(self._next.get(limit.scope, 0.0), limit, now) for limit in limits), default=now)
            if start - now <= patience:
                for limit in limits:
                    self._next[limit.scope] = next_after(self._next.get(limit.scope, 0.0), limit, start)
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
        self._groups: dict[str, list[Limit]] = {}
        for budget in adapter.budgets:
            limit = Limit(_scope(adapter.name, budget, names), budget.rate, budget.burst)
            self._groups.setdefault(budget.group, []).append(limit)
        self._all = self._groups.pop(EVERY_CALL, [])
        self._default = self._groups.get("default", [])

    def take_turn(self, call: Call, patience: Patience) -> None:
        """Wait until all budgets of the call's group have a slot; RateLimited if that takes too long."""
        shared = self._shared_by(call)
        if not shared:
            return
        left = max(0.0, patience.total - patience.spent)
        wait = self._budgets.reserve(shared, self._clock.now().timestamp(), left)
        if wait <= 0:
            return
        if wait > left:
            raise RateLimited(
                f"{call.method} {call.path}: the limit of {self._title} leaves no room for {wait:.0f} s.",
                wait=wait,
                status=None,
                next_step="Try again later, or allow more patience.",
            )
        patience.spent += wait
        self._clock.sleep(wait)

    def _shared_by(self, call: Call) -> list[Limit]:
        return self._groups.get(call.group, self._default) + self._all

    def push_back(self, call: Call, wait: float | None) -> None:
        """The platform wants fewer calls: hold back all who share the budgets, as long as it advised."""
        until = self._clock.now().timestamp()
        for limit in self._shared_by(call):
            pause = 1.0 / limit.rate if wait is None else min(wait, _LONGEST_ADVICE)
            self._budgets.push_back(limit.scope, until + pause)


def _scope(adapter: str, budget: Budget, names: Mapping[str, str]) -> str:
    """One text a limit: two limits of one group (a second, a day) are counted apart."""
    return f"{adapter}:{budget.scope}:{names[budget.scope]}:{budget.group}:{budget.rate:g}/{budget.burst}"
