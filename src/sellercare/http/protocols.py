"""What http needs of the store: tokens that rotate, and budgets of calls that are shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from sellercare.adapter import Allowance


@dataclass(frozen=True, slots=True)
class TokenSet:
    """The tokens of one credential. `expires_at` is aware and in UTC; None: unknown. The tokens are in no repr."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


class Tokens(Protocol):
    """Where the tokens of credentials live."""

    def load(self, credential: str) -> TokenSet | None:
        """The stored tokens, or None."""
        ...

    def save(self, credential: str, tokens: TokenSet) -> None:
        """Store tokens, in place of those that were there."""
        ...

    def refresh(self, credential: str, stale: TokenSet, renew: Callable[[TokenSet], TokenSet]) -> TokenSet:
        """New tokens in place of `stale`, with one refresher at a time across threads, processes and machines.

        If what is stored differs from `stale`, somebody was faster: the stored tokens are returned and `renew` is
        not called. Nothing stored counts as `stale` (a first start with tokens from the settings). What `renew`
        returns is stored before it is returned. `renew` takes at most a minute.
        """
        ...

    def forget(self, credential: str) -> None:
        """Remove the tokens."""
        ...


class Limit(NamedTuple):
    """One limit on calls: `rate` units a second on average, `burst` at once after a quiet time, for all of one scope.

    `estimated`: the rate is a guess, and may be exceeded for as long as nothing is refused.
    """

    scope: str
    rate: float
    burst: int
    estimated: bool = False


class Heard(NamedTuple):
    """What an answer told of a limit, and when, in seconds since 1970."""

    limit: Limit
    allowance: Allowance
    at: float


class Budgets(Protocol):
    """Limits on calls, shared by all who share a scope."""

    def reserve(
        self,
        limits: Sequence[Limit],
        now: float,
        patience: float,
        cost: float = 1.0,
        heard: Sequence[Heard] = (),
        needs: float = 0.0,
    ) -> float:
        """Take the next moment at which all these limits have room; the seconds from `now` (epoch) until then.

        If that is more than `patience` seconds away nothing is taken. `cost` is in units; `needs`, if it is
        more, is how many have to be there although only `cost` are taken. What was `heard` of limits
        since the last time is taken over before, whether anything is taken or not.
        """
        ...

    def refused(self, limit: Limit, now: float, wait: float | None = None, cost: float = 1.0) -> None:
        """The platform refused a call under this limit. Nobody goes before its advice in seconds, if it gave any."""
        ...
