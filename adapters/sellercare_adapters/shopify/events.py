"""What Shopify pushes: webhooks, signed with the app's client secret. Their payloads are only a reason to look."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sellercare.calls import parse_json
from sellercare.errors import BadAnswer
from sellercare.interfaces import Context, Events
from sellercare.models import Event, EventRequest, Handled, Trust
from sellercare.translation import instant_or_none
from sellercare_adapters.shopify import ids

_TOPICS: Mapping[str, tuple[str, str]] = {
    "returns": ("returns.get", ids.RETURN),
    "refunds": ("refunds.get", ids.REFUND),
    "orders": ("orders.get", ids.ORDER),
    "disputes": ("returns.get", ids.DISPUTE),
}
"""By the first word of a topic: the read that shows what it is about, and the kind of the id."""

_MYSHOPIFY = ".myshopify.com"


class ShopifyEvents(Events):
    """Webhooks over HTTPS, in the older form (`X-Shopify-…`) and the newer one (`shopify-…`)."""

    def handle(self, ctx: Context, request: EventRequest, keys: Mapping[str, str]) -> Handled:
        """The event of a webhook. The key `client_secret` (or that of the settings) proves that it is Shopify's.

        Webhooks made by hand in the shop's admin are signed with another secret and are not believed. One of another
        shop of the same app has no event here.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        secret = keys.get("client_secret") or ctx.settings.client_secret.get_secret_value()
        if not _signed(secret, request.body, _header(headers, "hmac-sha256")):
            return Handled(trust=Trust.UNSIGNED, status=401)
        if _of_another_shop(ctx, _header(headers, "shop-domain")):
            return Handled(trust=Trust.SIGNED)
        try:
            payload = parse_json(request.body)
        except ValueError:
            raise BadAnswer("The webhook is signed by Shopify, but is no JSON document.") from None
        event = _event(headers, payload if isinstance(payload, dict) else {})
        return Handled(events=(event,) if event else (), trust=Trust.SIGNED)


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}", "")


def _signed(secret: str, body: bytes, given: str) -> bool:
    ours = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return bool(secret) and hmac.compare_digest(ours, given.encode())


def _of_another_shop(ctx: Context, domain: str) -> bool:
    ours = urlsplit(ctx.settings.base_url).hostname or ""
    return ours.endswith(_MYSHOPIFY) and bool(domain) and domain.lower() != ours.lower()


def _event(headers: Mapping[str, str], payload: Mapping[str, Any]) -> Event | None:
    """The event, or None for a topic that no verb shows. Topics are written `returns/request` or `RETURNS_REQUEST`."""
    topic = _header(headers, "topic").lower().replace("/", "_")
    known = _TOPICS.get(topic.partition("_")[0])
    if known is None:
        return None
    verb, kind = known
    subject = _subject(headers, payload, kind)
    if subject is None:
        return None
    moment = _header(headers, "triggered-at")
    event_id = _header(headers, "event-id") or _header(headers, "webhook-id")
    return Event(
        id=event_id or None, verb=verb, subject_id=subject, happened_at=instant_or_none(moment), raw=dict(payload)
    )


def _subject(headers: Mapping[str, str], payload: Mapping[str, Any], kind: str) -> str | None:
    """The id of what it is about: the payload's own, or that of the newer header, or made from the number."""
    for given in (payload.get("admin_graphql_api_id"), _header(headers, "resource-id")):
        if isinstance(given, str) and ids.kind_of(given) == kind:
            return given
    number = payload.get("id")
    return ids.made(kind, number) if isinstance(number, int) and not isinstance(number, bool) else None
