"""Notifications (Commerce Notification v1): the challenge of an endpoint, and what eBay pushes, signed with ECDSA."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sellercare.calls import parse_json, read, to_json
from sellercare.errors import ConfigError, NotFound, Refused
from sellercare.interfaces import Context, Events
from sellercare.models import Event, EventRequest, Handled, Trust
from sellercare.translation import instant_or_none, translated
from sellercare_adapters.ebay import ids

_KEY = "/commerce/notification/v1/public_key/{public_key_id}"
_KEY_LIVES = timedelta(hours=1)
"""How long eBay wants a public key to be kept, rather than asked for with each notification."""

_KID = re.compile(r"[A-Za-z0-9-]{1,64}")
_REJECTED = Handled(status=412)

# Topic: the read that shows what happened, where eBay has the id of it under `data`, and how our id is made. The places
# are those of eBay's AsyncAPI contracts of 2026-09-30, as far as they are at hand: those of BUYER_QUESTION, FEEDBACK_*
# and the account's topics are not. Where no id is found, the list is to be read.
_TOPICS: Mapping[str, tuple[str, str, str]] = {
    "NEW_MESSAGE": ("messages.thread", "conversationId", ""),
    "BUYER_QUESTION": ("messages.thread", "conversationId", ""),
    "FEEDBACK_RECEIVED": ("reviews.list", "feedbackId", ""),
    "FEEDBACK_LEFT": ("reviews.list", "feedbackId", ""),
    "ORDER_CONFIRMATION": ("orders.get", "order.orderId", ""),
    "ITEM_MARKED_SHIPPED": ("orders.get", "orderId", ""),
    "ORDER_RETURN_ACTIVITY": ("returns.get", "orderReturn.returnId", ids.RETURN),
    "ORDER_INQUIRY_ACTIVITY": ("returns.get", "orderInquiry.inquiryId", ids.INQUIRY),
    "ORDER_CANCELLATION_ACTIVITY": ("returns.get", "orderCancellation.cancellationId", ids.CANCELLATION),
    "SELLER_STANDARDS_PROFILE_METRICS": ("scores.current", "", ""),
    "SELLER_CUSTOMER_SERVICE_METRIC_RATING": ("scores.current", "", ""),
    "MARKETPLACE_ACCOUNT_DELETION": ("account.check", "userId", ""),
    "AUTHORIZATION_REVOCATION": ("account.check", "userId", ""),
}
_LISTS = {"messages.thread": "messages.threads", "returns.get": "returns.list", "orders.get": "orders.list"}


class EbayEvents(Events):
    """What eBay pushes."""

    def handle(self, ctx: Context, request: EventRequest, keys: Mapping[str, str]) -> Handled:
        """Answer a challenge, or check a notification and tell what happened.

        `keys` may hold `verification_token` and `endpoint` (else the settings are taken), and public keys by eBay's id
        of them; one that is not there is fetched and kept for an hour. A bad signature is answered with 412, which
        makes eBay send again.
        """
        if request.method == "GET":
            return _challenged(ctx, request, keys)
        header = {name.lower(): value for name, value in request.headers.items()}.get("x-ebay-signature", "")
        if not _signed(ctx, request.body, header, keys):
            return _REJECTED
        return Handled(
            events=(translated(_event, parse_json(request.body), "POST notification"),), trust=Trust.SIGNED, status=204
        )


def _challenged(ctx: Context, request: EventRequest, keys: Mapping[str, str]) -> Handled:
    """eBay asks whether the endpoint is ours: a hash of its code, our token and our address."""
    code = (parse_qs(urlsplit(request.url).query).get("challenge_code") or [""])[0]
    if not code:
        return Handled(status=400)
    token = keys.get("verification_token") or ctx.settings.verification_token.get_secret_value()
    endpoint = keys.get("endpoint") or ctx.settings.notification_endpoint
    if not token or not endpoint:
        raise ConfigError(
            "eBay asks for the endpoint of notifications, and its token or address is not set.",
            setting="verification_token",
            next_step="Set `verification_token` and `notification_endpoint` as they were registered at eBay.",
        )
    answer = hashlib.sha256(f"{code}{token}{endpoint}".encode()).hexdigest()
    body = to_json({"challengeResponse": answer})
    return Handled(trust=Trust.UNSIGNED, headers={"Content-Type": "application/json"}, body=body)


def _signed(ctx: Context, body: bytes, header: str, keys: Mapping[str, str]) -> bool:
    """Whether eBay signed this body. Its own library signs the document written anew: that form counts as well."""
    try:
        told = parse_json(base64.b64decode(header, validate=True))
        kid, signature = str(told["kid"]), base64.b64decode(told["signature"], validate=True)
    except (ValueError, TypeError, KeyError):
        return False
    if not _KID.fullmatch(kid):
        return False
    key, digest = _key(ctx, kid, keys)
    if not key:
        return False
    forms = [body]
    try:
        forms.append(to_json(parse_json(body)))
    except ValueError:
        return False
    return any(_verified(key, digest, signature, form) for form in forms)


def _key(ctx: Context, kid: str, keys: Mapping[str, str]) -> tuple[str, str]:
    """A public key and its digest, from the caller or from eBay; empty where eBay knows no such key."""
    if kid in keys:
        return keys[kid], "SHA1"
    try:
        found = ctx.read(read(_KEY, ids={"public_key_id": kid}, group="events"), good_for=_KEY_LIVES)
    except (NotFound, Refused):
        return "", ""
    return translated(lambda row: (str(row["key"]), str(row.get("digest") or "SHA1")), found, f"GET {_KEY}")


def _verified(key: str, digest: str, signature: bytes, body: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
        from cryptography.hazmat.primitives.serialization import load_der_public_key
    except ImportError as error:
        raise ConfigError(
            "Checking eBay's notifications needs the library `cryptography`.",
            next_step="Install it with `pip install 'sellercare[ebay]'`.",
        ) from error
    known = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}
    algorithm = known.get(digest.upper().replace("-", ""))
    if algorithm is None:
        return False
    try:
        # eBay writes the lines of PEM into one.
        public = load_der_public_key(base64.b64decode("".join(re.sub("-----[A-Z ]+-----", "", key).split())))
        if not isinstance(public, EllipticCurvePublicKey):
            return False
        public.verify(signature, body, ECDSA(algorithm()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _event(document: Any) -> Event:
    """What happened, and the read that shows it. eBay sends up to three times: `id` tells repeats."""
    topic = document["metadata"]["topic"]
    notification = document["notification"]
    data = notification.get("data") or {}
    verb, place, prefix = _TOPICS.get(topic, ("account.check", "", ""))
    native = _native(data, place)
    if native and prefix:
        native = ids.case_id(prefix, native)
    elif native and verb == "messages.thread":
        native = ids.conversation_id(native, data.get("conversationType") or "FROM_MEMBERS")
    return Event(
        id=notification["notificationId"],
        verb=verb if native else _LISTS.get(verb, verb),
        subject_id=native,
        happened_at=instant_or_none(notification.get("eventDate")),
        raw=document,
    )


def _native(data: Any, place: str) -> str:
    """The id at a dotted place; empty where there is none."""
    for name in place.split(".") if place else ():
        data = data.get(name) if isinstance(data, dict) else None
    return str(data) if place and data else ""
