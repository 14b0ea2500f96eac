"""What all of simulated Allegro shares: tokens, headers, media types, errors, paging and ids.

Written from Allegro's OpenAPI description and from what its users report (#n), not from the adapter.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from sellercare.models import Money
from sellercare.simulator import Face, Faults, Refusal, Reply, Request, World, route

T = TypeVar("T")

PUBLIC = "application/vnd.allegro.public.v1+json"
BETA = "application/vnd.allegro.beta.v1+json"
FILE_TYPES = frozenset({"image/png", "image/gif", "image/bmp", "image/tiff", "image/jpeg", "application/pdf"})

_AGENT = re.compile(r"\S+/\d+(\.\d+)* \(\+https?://\S+\)")
_GRACE = 60.0
_SCOPES: Sequence[tuple[str, str, str, str]] = (
    ("/messaging", "messaging", "", ""),
    ("/sale/issues", "disputes", "", ""),
    ("/sale/user-ratings", "ratings", "", ""),
    ("/sale/quality", "profile:read", "", ""),
    ("/users", "profile:read", "", ""),
    ("/me", "profile:read", "", ""),
    ("/sale/offers", "sale:offers:read", "", ""),
    ("/order", "orders", ":read", ":write"),
    ("/payments", "payments", ":read", ":write"),
)


class AllegroBase(Face):
    """The frame of simulated Allegro: one app, one seller. `seller` is the seller's login."""

    client_id = "simulated-app"
    client_secret = "simulated-secret"
    seller = "simulated-seller"
    seller_id = "46968690"
    app_agent = ""
    """The User-Agent's name that is registered for the app; empty: any honest one."""

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        super().__init__(world, faults)
        self.tokens.lifetime = 43_199.0
        if world.settle_after == 0:
            # Refunds are asynchronous at Allegro.
            world.settle_after = 30.0
        self._codes: dict[str, datetime] = {}
        self._devices: dict[str, bool] = {}
        self._used: dict[str, datetime] = {}

    # --- tokens --------------------------------------------------------------------

    def sign_in(self, scopes: tuple[str, ...] = ()) -> dict[str, str]:
        """Tokens as a seller's consent gives them, as settings of the adapter. No scopes named: all of them."""
        pair = self.tokens.issue(scopes)
        return {"access_token": pair.access, "refresh_token": pair.refresh}

    def settings(self) -> dict[str, str]:
        """Settings with which the adapter reaches this platform, tokens included."""
        app = {"client_id": self.client_id, "client_secret": self.client_secret}
        return app | {"user_agent": "Simulated/1.0.0 (+https://example.com/simulated)"} | self.sign_in()

    def agree(self, device_code: str) -> None:
        """The seller agrees to a sign-in with a device code."""
        self._devices[device_code] = True

    @route("GET", "/auth/oauth/authorize", open=True)
    def oauth_authorize(self, request: Request) -> Reply:
        """The seller agrees at once, and the browser is sent back with a code."""
        code = self.world.new_id("code")
        self._codes[code] = self.world.now()
        back = urlencode({"code": code} | ({"state": request.param("state")} if request.param("state") else {}))
        return Reply(302, {"Location": f"{request.param('redirect_uri')}?{back}"})

    @route("POST", "/auth/oauth/device", open=True)
    def oauth_device(self, request: Request) -> Reply:
        """A code that the seller types somewhere else."""
        if not self._is_app(request):
            return self._oauth_error("invalid_client", status=401)
        code = self.world.new_id("device")
        self._devices[code] = False
        return Reply.of(
            {
                "device_code": code,
                "user_code": self.world.new_id()[:9],
                "verification_uri": "https://allegro.pl/skojarz-aplikacje",
                "verification_uri_complete": f"https://allegro.pl/skojarz-aplikacje?code={code}",
                "expires_in": 3600,
                "interval": 5,
            }
        )

    @route("POST", "/auth/oauth/token", open=True)
    def oauth_token(self, request: Request) -> Reply:
        """Tokens for a code, a device code or a refresh token."""
        if not self._is_app(request):
            return self._oauth_error("invalid_client", status=401)
        form = request.form()
        grant = form.get("grant_type", "")
        if grant == "authorization_code":
            known = self._codes.pop(form.get("code", ""), None)
            return self._pair() if known else self._oauth_error("invalid_grant", "Invalid authorization code")
        if grant == "urn:ietf:params:oauth:grant-type:device_code":
            return self._for_device(form.get("device_code", ""))
        if grant == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        return self._oauth_error("unsupported_grant_type")

    def _for_device(self, code: str) -> Reply:
        if code not in self._devices:
            return self._oauth_error("invalid_grant", "Invalid device code")
        if not self._devices[code]:
            return self._oauth_error("authorization_pending")
        del self._devices[code]
        return self._pair()

    def _refresh(self, token: str) -> Reply:
        """A refresh token works once; for about 60 seconds its reuse was seen to work all the same (#9045)."""
        pair = self.tokens.refresh(token)
        if pair is None:
            used = self._used.get(token)
            if used is None or self.world.now() > used + timedelta(seconds=_GRACE):
                return self._oauth_error("invalid_grant", f"Invalid refresh token: {token[:3]}...")
            pair = self.tokens.issue()
        self._used[token] = self.world.now()
        return self._granted(pair.access, pair.refresh, pair.scopes)

    def _pair(self) -> Reply:
        pair = self.tokens.issue()
        return self._granted(pair.access, pair.refresh, pair.scopes)

    def _granted(self, access: str, refresh: str, scopes: tuple[str, ...]) -> Reply:
        return Reply.of(
            {
                "access_token": access,
                "token_type": "bearer",
                "refresh_token": refresh,
                "expires_in": int(self.tokens.lifetime),
                "scope": " ".join(scopes),
                "allegro_api": True,
            }
        )

    def _is_app(self, request: Request) -> bool:
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return request.headers.get("Authorization", "") == f"Basic {basic}"

    def _oauth_error(self, word: str, text: str = "", status: int = 400) -> Reply:
        return Reply.of({"error": word, "error_description": text or word}, status)

    # --- every call --------------------------------------------------------------------

    def authorize(self, request: Request) -> Reply | None:
        """Token, User-Agent, scope and media types, in this order."""
        pair = self.tokens.valid(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if pair is None:
            return self.error(401, "invalid_token", "Access token expired")
        agent = request.headers.get("User-Agent", "")
        if not _AGENT.fullmatch(agent) or not agent.startswith(self.app_agent):
            return self.error(403, "BlockedUserAgent", "The User-Agent does not name a registered application.")
        scope = self._scope(request)
        if pair.scopes and scope and f"allegro:api:{scope}" not in pair.scopes:
            return self.error(403, "AccessDenied", f"The token lacks the scope allegro:api:{scope}.")
        return self._media(request)

    def _scope(self, request: Request) -> str:
        for prefix, scope, reading, writing in _SCOPES:
            if request.path.startswith(prefix):
                return scope + (reading if request.method == "GET" else writing)
        return ""

    def _media(self, request: Request) -> Reply | None:
        wanted = media_type(request.path)
        accept = request.headers.get("Accept", "")
        if accept not in (wanted, "*/*"):
            return self.error(406, "NotAcceptableException", f"Accept should be {wanted}")
        if request.method in ("POST", "PUT"):
            sent = request.headers.get("Content-Type", "")
            is_file = request.method == "PUT" and "attachments/" in request.path
            if sent not in FILE_TYPES if is_file else sent != wanted:
                return self.error(415, "UnsupportedMediaTypeException", f"{sent} is not supported here")
        return None

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """Two documents: one of the authorisation layer, one of the resources."""
        if status == 401:
            return Reply.of({"error": code, "error_description": text}, status)
        message = text or code
        problem: dict[str, Any] = {"code": code, "message": message, "details": None, "path": field or None}
        return Reply.of({"errors": [problem | {"userMessage": message, "metadata": {}}]}, status)

    def finish(self, request: Request, reply: Reply) -> Reply:
        """The media type of the resource, and the trace id that Allegro's support asks for."""
        headers = dict(reply.headers)
        if headers.get("Content-Type") == "application/json" and not request.path.startswith("/auth/"):
            headers["Content-Type"] = media_type(request.path)
        return replace(reply, headers=headers | {"trace-id": self.world.new_id()})

    # --- ids, addresses, pages --------------------------------------------------------------------

    def login_of(self, buyer_id: str) -> str:
        """A buyer's login."""
        return self.world.data.buyers[buyer_id].login

    def address(self, request: Request, path: str, host: str = "api.allegro.pl") -> str:
        """An address on one of Allegro's hosts; on a loopback port, all of them are one."""
        served = request.headers.get("Host", "")
        return f"http://{served}{path}" if served.startswith("127.0.0.1") else f"https://{host}{path}"

    def body(self, request: Request) -> dict[str, Any]:
        """The request's JSON object."""
        value = request.json()
        if not isinstance(value, dict):
            raise Refusal(422, "MessageNotReadableException", "An object was expected.")
        return value


def media_type(path: str) -> str:
    """The media type of a resource."""
    return BETA if path.startswith(("/sale/issues", "/order/customer-returns")) else PUBLIC


def as_uuid(world_id: str) -> str:
    """An id as Allegro writes it: the world's own if it is a UUID, else one made from it, always the same."""
    return world_id if is_uuid(world_id) else str(uuid.uuid5(uuid.NAMESPACE_OID, world_id))


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def found(things: Mapping[str, T], shown: str, status: int = 404, what: str = "resource") -> T:
    """The thing whose id Allegro shows so; refuses if there is none."""
    for own, thing in things.items():
        if own == shown or as_uuid(own) == shown:
            return thing
    raise Refusal(status, "NotFoundException", f"There is no such {what}.")


def text_time(moment: datetime | None) -> str | None:
    """A time as Allegro writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def price(money: Money) -> dict[str, str]:
    """An amount as Allegro writes it."""
    return {"amount": money.plain(), "currency": money.currency}


def since(request: Request, name: str) -> Callable[[datetime | None], bool]:
    """Whether a time passes the filters `name.gte` and `name.lte`."""
    least, most = request.param(f"{name}.gte"), request.param(f"{name}.lte")
    from_ = datetime.fromisoformat(least) if least else None
    to = datetime.fromisoformat(most) if most else None
    return lambda at: at is not None and (from_ is None or at >= from_) and (to is None or at <= to)


def page(request: Request, rows: Sequence[T], *, limit: int, most: int, most_offset: int | None = None) -> Sequence[T]:
    """The rows that `offset` and `limit` ask for; 422 outside of their range."""
    start, size = number(request, "offset", 0), number(request, "limit", limit)
    if not 1 <= size <= most:
        raise Refusal(422, "ConstraintViolationException", f"limit must be between 1 and {most}", "limit")
    if start < 0 or (most_offset is not None and start > most_offset):
        raise Refusal(422, "ConstraintViolationException", "offset is out of range", "offset")
    return rows[start : start + size]


def number(request: Request, name: str, default: int) -> int:
    """A whole number of the query."""
    try:
        return int(request.param(name) or default)
    except ValueError:
        raise Refusal(422, "ConstraintViolationException", f"{name} must be a number", name) from None
