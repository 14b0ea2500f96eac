"""What all of simulated eBay shares: tokens, prefixes, signatures, errors, pages, ids and amounts.

Written from eBay's contracts and the dossier, not from the adapter. Ids and numbers that eBay writes as digits are made
from the world's.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sellercare.models import Money
from sellercare.simulator import Face, Faults, Refusal, Reply, Request, World, route
from sellercare.translation import instant

T = TypeVar("T")

POST_ORDER = "/post-order/v2"
FULFILLMENT = "/sell/fulfillment/v1"

_SCOPE = "https://api.ebay.com/oauth/api_scope"
_SCOPES = (
    ("/commerce/message", "commerce.message"),
    ("/commerce/feedback", "commerce.feedback"),
    ("/sell/fulfillment/v1/payment_dispute", "sell.payment.dispute"),
    ("/sell/fulfillment/v1/order/{order_id}/issue_refund", "sell.finances"),
    ("/sell/fulfillment", "sell.fulfillment"),
    ("/sell/analytics", "sell.analytics.readonly"),
)
_SIGNED = re.compile(
    r"/sell/fulfillment/v1/order/[^/]+/issue_refund|/post-order/v2/(return/[^/]+/(issue_refund|decide)"
    r"|inquiry/[^/]+/issue_refund|cancellation|cancellation/[^/]+/approve)"
)
_INPUT = re.compile(r'sig1=(\(("[a-z@-]+" ?)+\);created=(\d+))')
_ORDER = re.compile(r"\d{2}-\d{5}-\d{5}")
# Numbers of errors that eBay's gateway gives; 1001, 1100 and 2001 are in the dossier, 2002 to 2004 are from memory.
_GATEWAY = {"rate-limited": 2001, "not-found": 2002, "method-not-allowed": 2002, "malformed": 2004}
_INTERNAL = 2003


class EbayBase(Face):
    """The frame of simulated eBay: one app, one seller, who must sign (`must_sign`), as in the EU and the UK."""

    client_id = "simulated-app"
    client_secret = "simulated-cert"
    seller = "simulated-seller"
    jwe = "simulated.jwe.of.a.public.key"
    verification_token = "simulated-verification-token-0123456789"
    endpoint = "https://seller.example/ebay"
    authorities = ("platform.test", "api.ebay.com")
    """Hosts under which this platform is reached, where a request does not say it."""

    def __init__(self, world: World, faults: Faults | None = None, *, must_sign: bool = True) -> None:
        super().__init__(world, faults)
        self.must_sign = must_sign
        self.tokens.lifetime = 7200.0
        self.grants: dict[str, tuple[str, ...]] = {}
        self._codes: dict[str, datetime] = {}
        self._legacy = False
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"simulated ebay").digest())

    # --- tokens --------------------------------------------------------------------

    def sign_in(self, scopes: tuple[str, ...] = ()) -> dict[str, str]:
        """Tokens as a seller's consent gives them, as settings of the adapter. No scopes named: all of them."""
        pair = self.tokens.issue(scopes)
        self.grants[pair.refresh] = scopes
        return {"access_token": pair.access, "refresh_token": pair.refresh}

    def settings(self) -> dict[str, str]:
        """Settings with which the adapter reaches this platform, tokens and signing key included."""
        private = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        app = {"client_id": self.client_id, "client_secret": self.client_secret, "username": self.seller}
        signing = {"signing_key": base64.b64encode(private).decode(), "signing_jwe": self.jwe}
        pushed = {"verification_token": self.verification_token, "notification_endpoint": self.endpoint}
        return app | signing | pushed | self.sign_in()

    @route("GET", "/oauth2/authorize", open=True)
    def oauth_authorize(self, request: Request) -> Reply:
        """The seller agrees at once; the code lives 299 seconds."""
        code = self.world.new_id("code")
        self._codes[code] = self.world.now() + timedelta(seconds=299)
        back = urlencode({"code": code} | ({"state": request.param("state")} if request.param("state") else {}))
        return Reply(302, {"Location": f"https://seller.example/back?{back}"})

    @route("POST", "/identity/v1/oauth2/token", open=True)
    def oauth_token(self, request: Request) -> Reply:
        """Tokens for a code; a new access token for a refresh token, which stays good."""
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("Authorization", "") != f"Basic {basic}":
            return _oauth_error("invalid_client", "client authentication failed", 401)
        form = request.form()
        if form.get("grant_type") == "authorization_code":
            until = self._codes.pop(form.get("code", ""), None)
            if until is None or self.world.now() > until:
                return _oauth_error("invalid_grant", "the provided authorization grant code is invalid")
            pair = self.tokens.issue()
            self.grants[pair.refresh] = ()
            more = {"refresh_token": pair.refresh, "refresh_token_expires_in": 47_304_000}
            return self._granted(pair.access, more)
        refresh = form.get("refresh_token", "")
        if form.get("grant_type") != "refresh_token" or refresh not in self.grants:
            return _oauth_error("invalid_grant", "the provided refresh token is invalid")
        return self._granted(self.tokens.issue(self.grants[refresh]).access, {})

    def _granted(self, access: str, more: dict[str, Any]) -> Reply:
        return Reply.of(
            {"access_token": access, "expires_in": int(self.tokens.lifetime), "token_type": "User Access Token"} | more
        )

    # --- every call --------------------------------------------------------------------

    def handle(self, request: Request) -> Reply:
        """Post-Order's errors have another form: which one is due is known from the path."""
        with self.world.lock:
            self._legacy = request.path.startswith(POST_ORDER)
            return super().handle(request)

    def authorize(self, request: Request) -> Reply | None:
        """The token behind the right prefix, its scope, Post-Order's marketplace, and the signature."""
        prefix, _, token = request.headers.get("Authorization", "").partition(" ")
        pair = self.tokens.valid(token)
        if pair is None or prefix != ("IAF" if self._legacy else "Bearer"):
            return self.error(401, "1001", "Invalid access token. Check the value of the Authorization HTTP header.")
        scope = self._scope(request)
        if pair.scopes and scope and f"{_SCOPE}/{scope}" not in pair.scopes:
            return self.error(403, "1100", "Insufficient permissions to fulfill the request.")
        if self._legacy and not request.headers.get("X-EBAY-C-MARKETPLACE-ID", "").startswith("EBAY_"):
            return self.error(400, "2004", "The marketplace is missing.")
        if request.method == "POST" and self.must_sign and _SIGNED.fullmatch(request.path):
            return self._unsigned(request)
        return None

    def _scope(self, request: Request) -> str:
        path = re.sub(r"(/order/)[^/]+(/issue_refund)", r"\1{order_id}\2", request.path)
        return next((scope for prefix, scope in _SCOPES if path.startswith(prefix)), "")

    def _unsigned(self, request: Request) -> Reply | None:
        """The refusal of a request that is not signed as eBay wants it (errors 215000 to 215122)."""
        found = _INPUT.fullmatch(request.headers.get("Signature-Input", ""))
        if found is None or request.headers.get("x-ebay-signature-key") != self.jwe:
            return self.error(403, "215000", "The signature is missing.")
        digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        names = re.findall(r'"([a-z@-]+)"', found[1])
        wanted = ["x-ebay-signature-key", "@method", "@path", "@authority"]
        if request.body:
            wanted.insert(0, "content-digest")
        if names != wanted or (request.body and request.headers.get("Content-Digest") != f"sha-256=:{digest}:"):
            return self.error(403, "215001", "The signature does not cover the request.")
        host = request.headers.get("Host")
        signature = base64.b64decode(request.headers.get("Signature", "").removeprefix("sig1=:").removesuffix(":"))
        for authority in [host] if host else self.authorities:
            told = {"@method": request.method, "@path": request.path, "@authority": authority}
            lines = [f'"{name}": {told.get(name) or request.headers[name]}' for name in names]
            try:
                base = "\n".join([*lines, f'"@signature-params": {found[1]}'])
                self._key.public_key().verify(signature, base.encode())
            except InvalidSignature:
                continue
            return None
        return self.error(403, "215002", "The signature is wrong.")

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """A list of errors: `errors` in the REST APIs, `error` in Post-Order."""
        number = int(code) if code.isdecimal() else _GATEWAY.get(code, _INTERNAL)
        kind = "APPLICATION" if status >= 500 else "REQUEST"
        named = [{"name": field, "value": ""}] if field else []
        one: dict[str, Any] = {"errorId": number, "domain": "ACCESS", "category": kind, "message": text or code}
        if self._legacy:
            more = {"severity": "ERROR", "longMessage": text or code, "parameter": named, "httpStatusCode": status}
            return Reply.of({"error": [one | more]}, status)
        return Reply.of({"errors": [one | {"longMessage": text or code, "parameters": named}]}, status)

    def body(self, request: Request) -> dict[str, Any]:
        """The request's JSON object."""
        value = request.json() if request.body else None
        if not isinstance(value, dict):
            raise Refusal(400, "2004", "A JSON object was expected.")
        return value

    # --- the seller's things, as eBay calls them ----------------------------------------------

    def login(self, buyer_id: str) -> str:
        """A buyer's name."""
        return self.world.data.buyers[buyer_id].login

    def order_of(self, shown: str) -> Any:
        """The order of the world that eBay calls so; None if there is none."""
        return next((each for each in self.world.data.orders.values() if order_number(each.id) == shown), None)

    def cases(self, kind: str) -> list[Any]:
        """The world's cases of a kind, newest first."""
        found = [each for each in self.world.data.returns.values() if each.kind == kind]
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    def case(self, kind: str, shown: str, code: str = "2002") -> Any:
        """The case that eBay calls so; 404 if there is none."""
        found = next((each for each in self.cases(kind) if number(each.id) == shown), None)
        if found is None:
            raise Refusal(404, code, "There is no such case.")
        return found


def _oauth_error(word: str, text: str, status: int = 400) -> Reply:
    return Reply.of({"error": word, "error_description": text}, status)


def number(world_id: str, digits: int = 10) -> str:
    """A number made from an id of the world, always the same."""
    if world_id.isdecimal():
        return world_id
    raw = zlib.crc32(world_id.encode()) * 7919 + zlib.adler32(world_id.encode())
    return str(10 ** (digits - 1) + raw % (9 * 10 ** (digits - 1)))


def order_number(world_id: str) -> str:
    """An order's number as eBay writes it."""
    if _ORDER.fullmatch(world_id):
        return world_id
    plain = number(world_id, 12)
    return f"{plain[:2]}-{plain[2:7]}-{plain[7:]}"


def item_of(line: Any) -> str:
    """The listing of an order's line."""
    return number(line.product_id or line.id, 12)


def text_time(moment: datetime | None) -> str | None:
    """A time as eBay writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def dated(moment: datetime | None) -> dict[str, Any] | None:
    """A time as Post-Order writes it."""
    return {"value": text_time(moment)} if moment else None


def amount(money: Money) -> dict[str, str]:
    """An amount as the REST APIs write it."""
    return {"value": money.plain(), "currency": money.currency}


def legacy_amount(money: Money) -> dict[str, Any]:
    """An amount as Post-Order writes it: a number."""
    return {"value": money.amount, "currency": money.currency}


def paid(told: Any, code: str) -> Money:
    """An amount of a request; refuses what is not positive and within two decimals."""
    value = Decimal(str(told["value"]))
    if value <= 0 or value != value.quantize(Decimal("0.01")):
        raise Refusal(400, code, "The amount value must be positive and within two decimals.")
    return Money(amount=value, currency=told["currency"])


def without_nothing(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the fields that have no value: eBay leaves them out."""
    return {name: value for name, value in row.items() if value is not None}


def page_of(request: Request, rows: Sequence[T], *, size: int, most: int, least: int = 1, code: str) -> Sequence[T]:
    """The rows that `limit` and `offset` ask for."""
    limit, offset = int(request.param("limit") or size), int(request.param("offset") or 0)
    if not least <= limit <= most or offset < 0:
        raise Refusal(400, code, f"The limit must be between {least} and {most}.", "limit")
    return rows[offset : offset + limit]


def between(request: Request, names: tuple[str, str], rows: Iterable[T], at: Any, now: datetime) -> list[T]:
    """The rows made within the dates of the request: at most 90 days, also where no end is named, 18 months back."""
    since, until = (instant(text) if (text := request.param(name)) else None for name in names)
    if since and until is None:
        until = since + timedelta(days=90)
    if since and until and until - since > timedelta(days=90):
        raise Refusal(400, "2004", "The date range is longer than 90 days.", names[0])
    if since and now - since > timedelta(days=546):
        raise Refusal(400, "2004", "The date range begins more than 18 months ago.", names[0])
    return [row for row in rows if (since is None or at(row) >= since) and (until is None or at(row) <= until)]
