"""Webhooks: signed with HMAC-SHA256 over the raw bytes, about orders and their refunds."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from sellercare.calls import parse_json
from sellercare.interfaces import Context, Events
from sellercare.models import Event, EventRequest, Handled, Trust
from sellercare.translation import translated
from sellercare_adapters.woocommerce import translate

KEY = "webhook_secret"
_REFUNDED = "action.woocommerce_order_refunded"


class WooCommerceEvents(Events):
    """Webhooks of orders. WooCommerce has none for notes and reviews."""

    def handle(self, ctx: Context, request: EventRequest, keys: Mapping[str, str]) -> Handled:
        """Check the signature, under the key `webhook_secret`, before anything of the body is read.

        The ping that a new webhook sends (`webhook_id=1`, a form) is answered with 200 and is no event. Anything
        else without a right signature is answered with 401; after five such answers the shop switches the webhook off.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        given, secret = headers.get("x-wc-webhook-signature", ""), keys.get(KEY, "")
        if _is_ping(request.body) and not given:
            return Handled(trust=Trust.UNSIGNED)
        wanted = base64.b64encode(hmac.new(secret.encode(), request.body, hashlib.sha256).digest())
        if not (secret and hmac.compare_digest(wanted, given.encode())):
            return Handled(trust=Trust.UNSIGNED, status=401)
        topic = headers.get("x-wc-webhook-topic", "")
        delivery = headers.get("x-wc-webhook-delivery-id") or None
        return Handled(events=_events(topic, delivery, request.body), trust=Trust.SIGNED)


def _is_ping(body: bytes) -> bool:
    name, _, value = body.strip().partition(b"=")
    return name == b"webhook_id" and value.isdigit()


def _events(topic: str, delivery: str | None, body: bytes) -> tuple[Event, ...]:
    """The events of a signed delivery; none for topics that no verb shows. Raises BadAnswer."""
    if topic == _REFUNDED:
        hook = translated(parse_json, body, "webhook")
        order_id = translated(_argument, hook, "webhook")
        return (Event(id=delivery, verb="refunds.list", subject_id=order_id, raw=hook),)
    if topic.partition(".")[0] == "order":
        row = translated(parse_json, body, "webhook")
        return (translated(lambda order: _order_event(order, delivery), row, "webhook"),)
    return ()


def _argument(body: Any) -> str:
    """The order of a hook's payload, which is its first argument, alone or as `arg` (neither form was recorded)."""
    return str(int(body["arg"] if isinstance(body, dict) else body))


def _order_event(row: dict[str, Any], delivery: str | None) -> Event:
    changed = row.get("date_modified_gmt")
    return Event(
        id=delivery,
        verb="orders.get",
        subject_id=str(row["id"]),
        happened_at=translate.moment_or_none(changed),
        raw=row,
    )
