"""How calls are authorised: not at all, by fixed headers, or by OAuth 2 with tokens that are renewed when needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from sellercare.adapter import FixedAuth, NoAuth, OAuth2
from sellercare.clock import Clock
from sellercare.errors import SignInNeeded
from sellercare.http.protocols import Tokens, TokenSet
from sellercare.http.redaction import Redactor

_EARLY = timedelta(seconds=30)
"""Tokens are renewed so long before they expire: a call takes time, and clocks differ."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What authorises one call: headers, parameters of the address, others for some bases; and the tokens in them."""

    headers: Mapping[str, str] = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    bases: Mapping[str, Grant] = field(default_factory=dict, repr=False)
    tokens: TokenSet | None = None

    def at(self, base: str) -> Grant:
        """What authorises a call to this base."""
        return self.bases.get(base, self)


class Authorizer(Protocol):
    """What the session asks for before each call, and after a call that was not accepted."""

    def grant(self) -> Grant:
        """What authorises a call now."""
        ...

    def renew(self, used: Grant) -> bool:
        """After 401: whether there is something newer than `used` to try with. Raises SignInNeeded."""
        ...


class FixedHeaders:
    """The same headers for every call, or none."""

    def __init__(self, auth: NoAuth | FixedAuth, redactor: Redactor) -> None:
        self._grant = _fixed(auth, redactor) if isinstance(auth, FixedAuth) else Grant({})

    def grant(self) -> Grant:
        """The headers."""
        return self._grant

    def renew(self, used: Grant) -> bool:
        """There is nothing newer."""
        return False


def _fixed(auth: FixedAuth, redactor: Redactor) -> Grant:
    for value in auth.headers.values():
        redactor.learn(value, value.partition(" ")[2])
    return Grant(auth.headers, auth.params, {base: _fixed(other, redactor) for base, other in auth.bases.items()})


class OAuthTokens:
    """The tokens of one credential: kept here while they are good, renewed through the store, by one at a time."""

    def __init__(
        self,
        auth: OAuth2,
        tokens: Tokens,
        renew: Callable[[TokenSet], TokenSet],
        *,
        credential: str,
        account: str,
        clock: Clock,
        redactor: Redactor,
    ) -> None:
        self._auth = auth
        self._tokens = tokens
        self._renew = renew
        self._credential = credential
        self._account = account
        self._clock = clock
        self._redactor = redactor
        self._lock = threading.Lock()
        self._current: Grant | None = None

    def grant(self) -> Grant:
        """The current tokens; renewed first if they are about to expire."""
        current = self._current or self._load()
        tokens = current.tokens
        if tokens is None or not tokens.refresh or tokens.expires_at is None:
            return current
        if self._clock.now() < tokens.expires_at - _EARLY:
            return current
        self.renew(current)
        return self._current or current

    def renew(self, used: Grant) -> bool:
        """Put new tokens in place of those of `used`, unless another thread has done so."""
        with self._lock:
            if used is not self._current or used.tokens is None:
                return True
            if not used.tokens.refresh:
                stored = self._tokens.load(self._credential)
                if stored is None or stored == used.tokens:
                    raise sign_in_needed(self._account, "the tokens are used up and cannot be renewed")
                self._use(stored)
                return True
            self._use(self._tokens.refresh(self._credential, used.tokens, self._fetch))
            return True

    def _fetch(self, stale: TokenSet) -> TokenSet:
        self._redactor.learn(stale.access, stale.refresh)
        fresh = self._renew(stale)
        self._redactor.learn(fresh.access, fresh.refresh)
        return fresh

    def _load(self) -> Grant:
        with self._lock:
            if self._current is not None:
                return self._current
            tokens = self._tokens.load(self._credential)
            if tokens is None and (self._auth.given_access or self._auth.given_refresh):
                tokens = TokenSet(self._auth.given_access, self._auth.given_refresh)
            if tokens is None:
                raise sign_in_needed(self._account, "there are no tokens yet")
            if not tokens.access:
                tokens = self._tokens.refresh(self._credential, tokens, self._fetch)
            return self._use(tokens)

    def _use(self, tokens: TokenSet) -> Grant:
        self._redactor.learn(tokens.access, tokens.refresh)
        bases = {base: Grant(self._header(prefix, tokens)) for base, prefix in self._auth.prefixes.items()}
        self._current = Grant(self._header(self._auth.prefix, tokens), bases=bases, tokens=tokens)
        return self._current

    def _header(self, prefix: str, tokens: TokenSet) -> Mapping[str, str]:
        return {self._auth.header: f"{prefix}{tokens.access}"}


def sign_in_needed(account: str, why: str) -> SignInNeeded:
    """The seller must grant access, and how that is done."""
    return SignInNeeded(
        f"The account {account!r} is not signed in: {why}.",
        setting="credential",
        next_step=f"Sign in with `sellercare accounts add {account}`; then try again.",
    )
