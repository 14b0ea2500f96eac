"""Sending again what may be sent again, within the caller's patience."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import tenacity

from sellercare.clock import Clock
from sellercare.errors import BadAnswer, RateLimited
from sellercare.http.budgets import Patience
from sellercare.http.problems import Trouble
from sellercare.waiting import wait_for

T = TypeVar("T")

logger = logging.getLogger("sellercare.http")

_jitter = tenacity.wait_exponential(multiplier=0.5, max=30.0) + tenacity.wait_random(0.0, 0.5)


def persist(
    send: Callable[[int], T | Trouble], first: Trouble, patience: Patience, clock: Clock, title: str
) -> T | Trouble:
    """Send until it works, helps no more, or patience is spent. `send` takes the attempt's number, from 2.

    `title` is the platform's name, for who is told what is waited for.

    The server's advice goes before our own guess. Where the advice is longer than what patience is left, there is
    no point in waiting at all.
    """

    numbers = itertools.count(1)
    why = ""

    def attempt() -> T | Trouble:
        number = next(numbers)
        return first if number == 1 else send(number)

    def pause(state: tenacity.RetryCallState) -> float:
        trouble = _trouble(state)
        if trouble.wait is not None:
            return trouble.wait
        return 0.0 if trouble.soon and state.attempt_number == 1 else _jitter(state)

    def enough(state: tenacity.RetryCallState) -> bool:
        tries = _trouble(state).tries
        return (tries is not None and state.attempt_number >= tries) or not patience.allows(state.upcoming_sleep)

    def spend(state: tenacity.RetryCallState) -> None:
        nonlocal why
        why = f"{title} {_why(_trouble(state))}"
        patience.spent += state.upcoming_sleep
        logger.info("again in %.1f s (attempt %d): %s", state.upcoming_sleep, state.attempt_number + 1, _name(state))

    def last(state: tenacity.RetryCallState) -> Any:
        return _trouble(state)

    retrying = tenacity.Retrying(
        sleep=lambda seconds: wait_for(clock, seconds, "pause", why),
        wait=pause,
        stop=enough,
        retry=tenacity.retry_if_result(lambda outcome: type(outcome) is Trouble and outcome.again),
        before_sleep=spend,
        retry_error_callback=last,
    )
    return retrying(attempt)


def _trouble(state: tenacity.RetryCallState) -> Trouble:
    return cast(Trouble, cast(tenacity.Future, state.outcome).result())


def _why(trouble: Trouble) -> str:
    """Why it is asked again, in words."""
    if isinstance(trouble.error, RateLimited):
        return "wants fewer calls"
    return "sent half an answer" if isinstance(trouble.error, BadAnswer) else "cannot be reached, or is busy"


def _name(state: tenacity.RetryCallState) -> str:
    return type(_trouble(state).error).__name__
