"""The desk where a simulated platform hands out tokens: access tokens that expire, refresh tokens for one use."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sellercare.simulator.messages import Reply, Request
from sellercare.simulator.world import World


@dataclass
class Pair:
    """An access token and the refresh token that came with it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...] = ()


class TokenDesk:
    """Tokens of one platform. `lifetime` of access tokens is in seconds; `reused` counts used-up refresh tokens;
    `issued` are all pairs there ever were."""

    def __init__(self, world: World, lifetime: float = 3600.0) -> None:
        self.world = world
        self.lifetime = lifetime
        self.refreshed = 0
        self.reused = 0
        self._by_access: dict[str, Pair] = {}
        self._by_refresh: dict[str, Pair] = {}
        self._used: set[str] = set()
        self.issued: list[Pair] = []

    def issue(self, scopes: tuple[str, ...] = ()) -> Pair:
        """A new pair."""
        expires = self.world.now() + timedelta(seconds=self.lifetime)
        pair = Pair(self.world.new_id("at"), self.world.new_id("rt"), expires, scopes)
        self._by_access[pair.access] = self._by_refresh[pair.refresh] = pair
        self.issued.append(pair)
        return pair

    def refresh(self, refresh: str) -> Pair | None:
        """A new pair for a refresh token, which is used up by it; None if it is not valid (any more)."""
        pair = self._by_refresh.pop(refresh, None)
        if pair is None:
            self.reused += refresh in self._used
            return None
        self._used.add(refresh)
        self._by_access.pop(pair.access, None)
        self.refreshed += 1
        return self.issue(pair.scopes)

    def valid(self, access: str) -> Pair | None:
        """The pair of an access token that may be used now."""
        pair = self._by_access.get(access)
        return pair if pair and pair.expires_at > self.world.now() else None

    def expire(self) -> None:
        """Make all access tokens invalid; refresh tokens stay good."""
        self._by_access.clear()

    def endpoint(self, request: Request, client_id: str, client_secret: str) -> Reply:
        """A token endpoint (RFC 6749, section 6) that renews pairs; the client comes with HTTP Basic."""
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {basic}":
            return Reply.of({"error": "invalid_client"}, 401)
        form = request.form()
        pair = self.refresh(form.get("refresh_token", "")) if form.get("grant_type") == "refresh_token" else None
        if pair is None:
            return Reply.of({"error": "invalid_grant", "error_description": "Used or unknown refresh token"}, 400)
        answer = {"access_token": pair.access, "refresh_token": pair.refresh, "token_type": "bearer"}
        return Reply.of(answer | {"expires_in": int(self.lifetime), "scope": " ".join(pair.scopes)})
