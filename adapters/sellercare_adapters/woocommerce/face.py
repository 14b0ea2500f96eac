"""WooCommerce's API over a simulated world: the shop whole, and the webhooks that it sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from sellercare.calls import to_json
from sellercare.models import EventRequest
from sellercare_adapters.woocommerce.face_words import WordsFace


class WooCommerceFace(WordsFace):
    """A WooCommerce shop, as recorded from a server of 11.0.1 and, where nothing was recorded, as documented."""

    name = "woocommerce"
    webhook_secret = "simulated webhook secret"

    def webhook(self, topic: str, payload: Any) -> EventRequest:
        """A delivery as the shop sends it, signed over its raw bytes."""
        body = to_json(payload)
        digest = hmac.new(self.webhook_secret.encode(), body, hashlib.sha256).digest()
        resource, _, event = topic.partition(".")
        headers = {
            "Content-Type": "application/json",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(digest).decode("ascii"),
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": self.world.new_id(),
        }
        return EventRequest(method="POST", url="https://example.com/hooks", headers=headers, body=body)


__all__ = ["WooCommerceFace"]
