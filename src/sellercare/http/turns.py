"""When the next call may go: virtual scheduling with one number, and what the platform's answers teach about it.

The number is the next moment at which one unit is free. Quiet time before it has earned up to `burst` units at once.

The declared rate may be wrong: the platform's page is old, or others use the same allowance. Each refusal (429) tells
one thing exactly: just then the platform's bucket was full. What went through between two such moments is what the
bucket let through, so their quotient is the true rate, whatever the platform's own numbers are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sellercare.http.protocols import Limit

if TYPE_CHECKING:
    from sellercare.adapter import Allowance

_ENOUGH = 8.0
"""Units between two refusals from which on their quotient says something about the rate."""

_WINDOW = 200.0
"""Units after which the rate is measured afresh: it may have changed."""

_PAUSE = 2.0
"""Units of rest after a refusal without advice, so that the next call does not meet a full bucket again."""

_SLOWER = 0.5
"""The most that one refusal takes from the rate."""

_FASTER = 0.0005
"""By so much a lowered rate grows with each unit that had to wait: about one refusal in 250 calls finds the limit."""

_FIRST_FASTER = 0.005
"""The same for an estimated rate that was never refused."""

_FARTHEST = 10.0
"""How many times faster than its estimate a limit may turn out to be."""

_LEAST = 0.001
"""The least part of the declared rate that is left: a platform that refuses for ever is still asked now and then."""

_BELIEVED = 600.0
"""Seconds after which the lessons of a refusal are forgotten."""

_WAS_TOLD = -1.0

_LONGEST_ADVICE = 86_400.0
"""Seconds. A platform's advice is believed up to a day; a longer one is more likely a mistake in a unit."""


class Turns(NamedTuple):
    """What is known of one limit. Moments are in seconds since 1970, 0 for never.

    `rate` is what was learned, in units a second; 0 while the declared one is believed. `full_at` is when the
    platform's bucket was last seen full, or -1 where the platform has told its rate; `taken` the units that went since,
    or could have gone.
    """

    next_at: float = 0.0
    rate: float = 0.0
    full_at: float = 0.0
    taken: float = 0.0


def start_of(turns: Turns, limit: Limit, now: float, units: float = 1.0) -> float:
    """When there are so many units, for a call that wants to see them."""
    return max(now, turns.next_at + (min(units, limit.burst) - 1.0) / (turns.rate or limit.rate))


def after(turns: Turns, limit: Limit, start: float, waited: bool, cost: float = 1.0) -> Turns:
    """What is known after a call that goes at `start`. `waited`: it could have gone earlier but for this limit."""
    if turns.full_at > 0 and start - turns.full_at > _BELIEVED:
        turns = Turns(turns.next_at)
    rate = turns.rate or limit.rate
    taken = turns.taken + _unused(turns, limit, rate, start) + cost
    if waited and turns.full_at != _WAS_TOLD:
        rate = _faster(turns, limit, rate, cost)
    next_at = max(turns.next_at, start - (limit.burst - 1) / rate) + cost / rate
    return Turns(next_at, _learned(rate, limit), turns.full_at, taken)


def refused(turns: Turns, limit: Limit, now: float, wait: float | None = None, cost: float = 1.0) -> Turns:
    """What is known after the platform refused a call, with its advice in seconds, if it gave any."""
    rate = turns.rate or limit.rate
    rest = _PAUSE / rate if wait is None else min(wait, _LONGEST_ADVICE)
    next_at = max(turns.next_at, now) + rest if wait is None else max(turns.next_at, now + rest)
    if turns.full_at <= 0 or now <= turns.full_at:
        return Turns(next_at, turns.rate, now, 0.0)
    passed, taken = now - turns.full_at, max(0.0, turns.taken - cost) + _unused(turns, limit, rate, now)
    if taken >= _ENOUGH or (wait is None and passed * rate >= _ENOUGH):
        rate = min(rate, max(taken / passed, rate * _SLOWER, limit.rate * _LEAST))
    if taken >= _WINDOW:
        return Turns(next_at, _learned(rate, limit), now, 0.0)
    return Turns(next_at, _learned(rate, limit), turns.full_at, taken)


def told(turns: Turns, limit: Limit, allowance: Allowance, now: float) -> Turns:
    """What is known after the platform said in an answer what it allows: its own words go before the declaration."""
    rate = allowance.rate if allowance.rate is not None and allowance.rate > 0 else turns.rate or limit.rate
    next_at = turns.next_at
    if allowance.remaining is not None:
        left = max(0.0, allowance.remaining)
        if left < 1 and allowance.resets_in is not None:
            next_at = max(next_at, now + min(max(0.0, allowance.resets_in), _LONGEST_ADVICE))
        else:
            next_at = max(next_at, now - (left - 1.0) / rate)
    if allowance.rate is None:
        return turns._replace(next_at=next_at)
    return Turns(next_at, _learned(rate, limit), _WAS_TOLD)


def _faster(turns: Turns, limit: Limit, rate: float, cost: float) -> float:
    """A rate that grows: back to the declared one, or above an estimate, until the platform refuses."""
    if limit.estimated:
        step = _FASTER if turns.full_at else _FIRST_FASTER
        return min(rate * (1 + step * cost), limit.rate * _FARTHEST)
    return min(rate * (1 + _FASTER * cost), limit.rate) if rate < limit.rate else rate


def _unused(turns: Turns, limit: Limit, rate: float, now: float) -> float:
    """The units that could have gone and did not, because nobody wanted them: a pause of ours is no lesson."""
    if turns.full_at <= 0:
        return 0.0
    return max(0.0, now - (limit.burst - 1) / rate - turns.next_at) * rate


def _learned(rate: float, limit: Limit) -> float:
    return 0.0 if rate == limit.rate else rate
