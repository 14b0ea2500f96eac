"""Limits on calls: every call takes its place in the declared budgets before it leaves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sellercare.adapter import EVERY_CALL, Adapter, Budget
from sellercare.calls import Answer, Call
from sellercare.clock import Clock
from sellercare.errors import RateLimited, StoreError
from sellercare.http.addresses import where
from sellercare.http.protocols import Budgets, Heard, Limit
from sellercare.http.turns import Turns, after, refused, start_of, told
from sellercare.waiting import Kind, wait_for

_REPEAT = 60.0
"""Seconds after which a rate that a platform tells in each answer is noted again: others may have noted another."""

logger = logging.getLogger("sellercare.http")


class MemoryBudgets:
    """Budgets of one process, safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, Turns] = {}

    def reserve(
        self,
        limits: Sequence[Limit],
        now: float,
        patience: float,
        cost: float = 1.0,
        heard: Sequence[Heard] = (),
        needs: float = 0.0,
    ) -> float:
        """Take the next moment at which all limits have room, unless it is farther away than `patience` seconds."""
        with self._lock:
            for limit, allowance, at in heard:
                self._turns[limit.scope] = told(self._turns.get(limit.scope, Turns()), limit, allowance, at)
            known = {limit: self._turns.get(limit.scope, Turns()) for limit in limits}
            start, taken = reserved(known, now, patience, cost, needs)
            self._turns.update({limit.scope: turns for limit, turns in taken.items()})
        return start - now

    def refused(self, limit: Limit, now: float, wait: float | None = None, cost: float = 1.0) -> None:
        """The platform refused a call."""
        with self._lock:
            self._turns[limit.scope] = refused(self._turns.get(limit.scope, Turns()), limit, now, wait, cost)


def reserved(
    known: Mapping[Limit, Turns], now: float, patience: float, cost: float, needs: float = 0.0
) -> tuple[float, Mapping[Limit, Turns]]:
    """The next moment at which all limits have room, and what is known of them once it is taken.

    Nothing is taken if it is farther away than `patience` seconds.
    """
    starts = {limit: start_of(turns, limit, now, max(needs, cost)) for limit, turns in known.items()}
    start = max(starts.values(), default=now)
    if start - now > patience:
        return start, {}
    return start, {limit: after(turns, limit, start, starts[limit] > now, cost) for limit, turns in known.items()}


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
        self._told = adapter.told if adapter.told is not Adapter.told else None
        self._asked: dict[str, float] = {}
        self._prices: dict[str, tuple[float, float]] = {}
        self._heard: dict[str, tuple[float | None, float]] = {}
        self._untold: dict[str, Heard] = {}
        names = {"app": app, "credential": credential, "account": account}
        groups: dict[str, list[Budget]] = {}
        for budget in adapter.budgets:
            groups.setdefault(budget.group, []).append(budget)
        everywhere = groups.pop(EVERY_CALL, [])
        groups.setdefault("default", [])
        self._groups = {
            group: [_limit(adapter.name, budget, names) for budget in own + everywhere] for group, own in groups.items()
        }
        self._says = {
            group: f"{adapter.title} takes {' and '.join(budget.says for budget in own + everywhere)}"
            for group, own in groups.items()
        }
        self._narrowest = {
            group: _limit(adapter.name, min(own + everywhere, key=_breadth), names)
            for group, own in groups.items()
            if own or everywhere
        }

    def take_turn(self, call: Call, patience: Patience) -> None:
        """Wait until all budgets of the call's group have a slot; RateLimited if that takes too long."""
        shared = self._groups.get(call.group) or self._groups["default"]
        if not shared:
            return
        left = max(0.0, patience.total - patience.spent)
        cost, needs = self._prices.get(where(call), (call.cost, 0.0)) if self._prices else (call.cost, 0.0)
        wait = self._budgets.reserve(shared, self._clock.now().timestamp(), left, cost, self._news(), needs)
        if wait <= 0:
            return
        if wait > left:
            raise RateLimited(
                f"{where(call)}: the limit of {self._title} leaves no room for {wait:.0f} s.",
                wait=wait,
                status=None,
                next_step="Try again later, or allow more patience.",
            )
        patience.spent += wait
        wait_for(self._clock, wait, *self._why(call, shared))

    def _why(self, call: Call, shared: Sequence[Limit]) -> tuple[Kind, str]:
        """What a call waits for: a limit, or the end of a pause that the platform asked for."""
        now = self._clock.now().timestamp()
        if any(self._asked.get(limit.scope, 0.0) > now for limit in shared):
            return "pause", f"{self._title} wants fewer calls"
        return "limit", self._says.get(call.group) or self._says["default"]

    def refused(self, call: Call, wait: float | None) -> bool:
        """The platform wants fewer calls: hold back those who share its limit, as long as it advised.

        Which of several limits was met is not told: the narrowest is taken, so that a seller who is held back does
        not hold back others. False where the call counts against none.
        """
        limit = self._limit_of(call)
        if limit is None:
            return False
        now = self._clock.now().timestamp()
        self._budgets.refused(limit, now, wait, call.cost)
        if wait is not None:
            self._asked[limit.scope] = now + wait
        return True

    def learn(self, call: Call, answer: Answer) -> None:
        """Take what an answer tells of the limit, where the platform tells it."""
        limit = self._limit_of(call) if self._told is not None else None
        if limit is None or self._told is None:
            return
        try:
            allowance = self._told(call, answer)
        except Exception as error:  # noqa: BLE001 - the adapter's promise: it may raise anything, and told nothing
            logger.debug("%s: what it tells of its limit could not be read (%s)", answer.where, type(error).__name__)
            return
        if allowance is None:
            return
        if allowance.asked is not None:
            self._prices[where(call)] = (call.cost if allowance.took is None else allowance.took, allowance.asked)
        now = self._clock.now().timestamp()
        enough = max(limit.burst / 2, allowance.asked or 0.0)
        few = allowance.remaining is not None and allowance.remaining <= enough
        rate, at = self._heard.get(limit.scope, (None, 0.0))
        if few or allowance.rate != rate or now - at > _REPEAT:
            self._heard[limit.scope] = (allowance.rate, now)
            self._untold[limit.scope] = Heard(limit, allowance, now)

    def tell(self) -> None:
        """Share what was heard since the last call, where no other may come. It is a hint: a store that cannot take it
        is no error."""
        if news := self._news():
            with suppress(StoreError):
                self._budgets.reserve((), self._clock.now().timestamp(), 0.0, heard=news)

    def _news(self) -> list[Heard]:
        """What was heard since the last call. The next one shares it: a transaction of its own would cost more."""
        news = [self._untold.pop(scope, None) for scope in list(self._untold)] if self._untold else []
        return [each for each in news if each is not None]

    def _limit_of(self, call: Call) -> Limit | None:
        return self._narrowest.get(call.group) or self._narrowest.get("default")


_BREADTH = {"account": 0, "credential": 1, "app": 2}


def _breadth(budget: Budget) -> tuple[int, float]:
    return _BREADTH[budget.scope], -budget.rate


def _limit(adapter: str, budget: Budget, names: Mapping[str, str]) -> Limit:
    """One text a limit: two limits of one group (a second, a day) are counted apart."""
    scope = f"{adapter}:{budget.scope}:{names[budget.scope]}:{budget.group}:{budget.rate:g}/{budget.burst}"
    return Limit(scope, budget.rate, budget.burst, budget.estimated)
