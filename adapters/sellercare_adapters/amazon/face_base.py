"""What all of simulated Amazon shares: tokens, errors, ids, limits and the storage service beside it.

Written from Amazon's published models (2026-08-05) and its guides, not from the adapter.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sellercare.models import Money
from sellercare.simulator import Face, Faults, Refusal, Reply, Request, World, route
from sellercare.simulator.face import Limit

STORAGE = "https://simulated-documents.s3.amazonaws.com"
_ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")


def limits(*rows: tuple[str, float, int]) -> tuple[Limit, ...]:
    """Buckets of one operation each: method and path, rate a second, burst."""
    return tuple(Limit(match, rate, burst, match=match) for match, rate, burst in rows)


class AmazonBase(Face):
    """The frame of simulated Amazon: one app, one seller, one marketplace.

    `marketplace` is the id of the marketplace that the world's orders were made in; `region` that of its host.
    """

    client_id = "amzn1.application-oa2-client.simulated"
    client_secret = "simulated-secret"
    refresh_token = "Atzr|simulated-refresh-token"
    seller_id = "A3TH9S8BH6GOGM"
    marketplace = "ATVPDKIKX0DER"
    region = "na"
    request_id_header = "x-amzn-RequestId"

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        super().__init__(world, faults)
        if world.settle_after == 0:
            world.settle_after = 600.0  # a feed takes minutes

    def settings(self) -> dict[str, str]:
        """Settings with which the adapter reaches this platform, the refresh token included."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "seller_id": self.seller_id,
            "region": self.region,
        }

    # --- tokens ------------------------------------------------------------------------------------

    @route("POST", "/auth/o2/token", open=True)
    def lwa_token(self, request: Request) -> Reply:
        """Login with Amazon: an access token for the refresh token, which stays."""
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return self._lwa_error("invalid_client", "Client authentication failed", 401)
        if form.get("grant_type") != "refresh_token":
            return self._lwa_error("unsupported_grant_type", "The grant type is not supported")
        if form.get("refresh_token") != self.refresh_token:
            return self._lwa_error("invalid_grant", "The request has an invalid grant parameter : refresh_token")
        pair = self.tokens.issue()
        self.tokens.refreshed += 1
        answer = {"access_token": pair.access, "refresh_token": self.refresh_token, "token_type": "bearer"}
        return Reply.of(answer | {"expires_in": int(self.tokens.lifetime)})

    def _lwa_error(self, word: str, text: str, status: int = 400) -> Reply:
        return Reply.of({"error": word, "error_description": text}, status)

    # --- every call ------------------------------------------------------------------------------------

    def authorize(self, request: Request) -> Reply | None:
        """A valid access token in its own header; an old one is a 403 like any other that is not allowed."""
        if self.tokens.valid(request.headers.get("x-amz-access-token", "")):
            return None
        text = "Access to requested resource is denied."
        return self._errors(403, "Unauthorized", text, "The access token you provided has expired.")

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """Amazon's list of errors. Its codes are words of its own."""
        word = {400: "InvalidInput", 404: "NotFound", 405: "InvalidInput", 429: "QuotaExceeded"}.get(status, code)
        word = {500: "InternalFailure", 503: "ServiceUnavailable"}.get(status, word)
        return self._errors(status, code if code[:1].isupper() else word, text or word, field)

    def _errors(self, status: int, code: str, text: str, details: str = "") -> Reply:
        return Reply.of({"errors": [{"code": code, "message": text, "details": details}]}, status)

    def too_many(self, wait: float) -> Reply:
        """429 without a word about how long to wait: none is documented."""
        return self.error(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")

    def finish(self, request: Request, reply: Reply) -> Reply:
        """The request's id, and the rate of the operation where there is one."""
        reply = super().finish(request, reply)
        if request.path.startswith(("/messaging/", "/solicitations/")) and "json" in reply.headers.get(
            "Content-Type", ""
        ):
            reply = replace(reply, headers={**reply.headers, "Content-Type": "application/hal+json"})
        found, _ = self._find(request)
        rate = next((limit.rate for limit in self.limits if found and limit.match == found.call), None)
        return replace(reply, headers={**reply.headers, "x-amzn-RateLimit-Limit": str(rate)}) if rate else reply

    def for_here(self, request: Request, name: str = "marketplaceIds") -> None:
        """Refuse a call about another marketplace, or about several."""
        if request.param(name) != self.marketplace:
            raise Refusal(400, "InvalidInput", f"{name} is not a marketplace of this seller.")

    def body(self, request: Request) -> dict[str, Any]:
        """The request's JSON object."""
        value = request.json()
        if not isinstance(value, dict):
            raise Refusal(400, "InvalidInput", "An object was expected.")
        return value

    def of_us(self, order_id: str) -> Any:
        """The world's order that Amazon shows so."""
        for order in self.world.data.orders.values():
            if as_order_id(order.id) == order_id:
                return order
        raise Refusal(404, "NotFound", "The requested order was not found.")

    # --- the storage service ------------------------------------------------------------------------------------

    @property
    def documents(self) -> dict[str, dict[str, Any]]:
        """The documents in the storage service, by id."""
        found: dict[str, dict[str, Any]] = self.world.data.extra.setdefault("documents", {})
        return found

    def place(self, request: Request, id_: str) -> str:
        """A signed address in the storage service, good for five minutes. On a loopback port it is the same server."""
        served = request.headers.get("Host", "")
        host = f"http://{served}" if served.startswith("127.0.0.1") else STORAGE
        until = int((self.world.now() + timedelta(minutes=5)).timestamp())
        signed = {"X-Amz-Expires": "300", "until": str(until), "X-Amz-Signature": sign(id_, until)}
        return f"{host}/storage/{id_}?{urlencode(signed)}"

    def keep(self, kind: str, data: bytes = b"", *, packed: bool = False, **more: Any) -> str:
        """A new document; its id."""
        id_ = f"amzn1.{kind}.4.{self.world.new_uuid()}"
        self.documents[id_] = {"data": gzip.compress(data, mtime=0) if packed else data, "packed": packed, **more}
        return id_

    @route("GET", "/storage/{id}", open=True)
    def storage_get(self, request: Request, id: str) -> Reply:
        """The bytes of a document, for whoever has the address."""
        document = self._signed(request, id)
        if isinstance(document, Reply):
            return document
        return Reply(200, {"Content-Type": "application/octet-stream"}, document["data"])

    @route("PUT", "/storage/{id}", open=True)
    def storage_put(self, request: Request, id: str) -> Reply:
        """The bytes of a document come, of the type that was declared."""
        document = self._signed(request, id)
        if isinstance(document, Reply):
            return document
        if request.headers.get("Content-Type") != document.get("type"):
            return _storage_error("SignatureDoesNotMatch")
        document["data"] = request.body
        return Reply(200)

    def _signed(self, request: Request, id_: str) -> dict[str, Any] | Reply:
        if "x-amz-access-token" in request.headers or "Authorization" in request.headers:
            return _storage_error("InvalidRequest", 400)
        until = int(request.param("until") or 0)
        if request.param("X-Amz-Signature") != sign(id_, until) or id_ not in self.documents:
            return _storage_error("SignatureDoesNotMatch")
        if self.world.now().timestamp() > until:
            return _storage_error("AccessDenied")
        return self.documents[id_]


def _storage_error(code: str, status: int = 403) -> Reply:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return Reply(status, {"Content-Type": "application/xml"}, body.encode())


def sign(id_: str, until: int) -> str:
    """A signature that nobody takes for a real one."""
    return f"simulated-{sum(id_.encode()) * 31 + until:x}"


def as_order_id(world_id: str) -> str:
    """An id as Amazon writes it: the world's own if it has the form, else one made from it, always the same."""
    if _ORDER_ID.fullmatch(world_id):
        return world_id
    digits = f"{int.from_bytes(world_id.encode()) % 10**14:014d}"
    return f"902-{digits[:7]}-{digits[7:]}"


def as_item_id(world_id: str) -> str:
    """The id of an order's item: a number of fourteen digits."""
    if world_id.isdecimal():
        return world_id
    return f"{int.from_bytes(world_id.encode()) % 10**14:014d}"


def text_time(moment: datetime) -> str:
    """A time as Amazon writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def amount(money: Money) -> dict[str, str]:
    """An amount of the Orders API."""
    return {"amount": money.plain(), "currencyCode": money.currency}


def since(request: Request, name: str) -> datetime | None:
    """A time of the query; 400 for one that is none."""
    text = request.param(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "InvalidInput", "Invalid Input", "Invalid Input") from None
    if moment.tzinfo is None:
        raise Refusal(400, "InvalidInput", f"{name} is not in ISO 8601 format")
    return moment


def csv_param(request: Request, name: str) -> list[str]:
    """A list of the query, its values parted by commas."""
    return [each for each in request.param(name).split(",") if each]
