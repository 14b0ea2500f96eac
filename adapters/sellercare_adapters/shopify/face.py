"""Shopify's Admin API over a simulated world: queries and mutations of its schema of 2026-10, and webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sellercare.calls import to_json
from sellercare.simulator import Refusal, Request
from sellercare.simulator.graphql_face import connection_of
from sellercare_adapters.shopify.face_base import VERSION
from sellercare_adapters.shopify.face_deliveries import ShopifyDeliveries
from sellercare_adapters.shopify.face_ids import gid, known, number, searched, time
from sellercare_adapters.shopify.face_refunds import Record, records
from sellercare_adapters.shopify.face_rows import DISPUTES, REASONS, goods, reason_row, returned_pieces, sent


class ShopifyFace(ShopifyDeliveries):
    """Shopify for one shop and one app."""

    name: ClassVar[str] = "shopify"

    def root(self) -> Mapping[str, Any]:
        """The fields of queries and mutations."""
        return {
            "shop": self._shop(),
            "currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in self.scopes]},
            "order": self._order_field,
            "orders": self.orders,
            "return": self._return_field,
            "returnableFulfillments": self._returnable,
            "returnReasonDefinitions": lambda info, **asked: connection_of(
                [reason_row(handle) for handle in REASONS], asked.get("first"), None
            ),
            "reverseFulfillmentOrder": self.reverse_order,
            "refund": self._refund_field,
            "nodes": lambda info, ids: [self._node(info, each) for each in ids],
            "dispute": self._dispute_field,
            "disputes": self._disputes,
            "orderCancel": self.order_cancel,
            "refundCreate": self.refund_create,
            "returnApproveRequest": self.return_approve,
            "returnDeclineRequest": self.return_decline,
            "returnCancel": self.return_cancel,
            "returnClose": self.return_close,
            "returnReopen": self.return_reopen,
            "returnCreate": self.return_create,
            "returnProcess": self.return_process,
            "reverseDeliveryCreateWithShipping": self.delivery_create,
            "disputeEvidenceUpdate": self.evidence_update,
        }

    def by_hand(self, request: Request) -> Request:
        """A person's key is another one."""
        body = request.json()
        if isinstance(body, dict) and isinstance(body.get("variables"), dict) and "key" in body["variables"]:
            body = body | {"variables": body["variables"] | {"key": f"by-hand-{self.world.new_id()}"}}
        return replace(request, body=to_json(body))

    def push(
        self, topic: str, kind: str, world_id: str, *, newer: bool = False, by_hand: bool = False
    ) -> tuple[dict[str, str], bytes]:
        """The headers and body of a webhook (`refunds/create`); `newer` headers have no X-. One that somebody made by
        hand in the admin is signed with another secret."""
        shown = gid(kind, world_id)
        body = to_json({"id": int(number(shown)), "admin_graphql_api_id": shown, "note": "REST-shaped"})
        secret = "another-secret" if by_hand else self.client_secret
        signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "Hmac-Sha256": signature,
            "Topic": topic,
            "Shop-Domain": self.domain,
            "API-Version": VERSION,
            "Webhook-Id": self.world.new_uuid(),
            "Event-Id": self.world.new_uuid(),
            "Triggered-At": str(time(self.world.now())),
        }
        if newer:
            return {f"shopify-{name.lower()}": value for name, value in headers.items()}, body
        return {f"X-Shopify-{name}": value for name, value in headers.items()}, body

    # --- queries -----------------------------------------------------------------------------------------------------

    def _shop(self) -> dict[str, Any]:
        return {
            "id": gid("Shop", "shop"),
            "name": "Corner Shop",
            "myshopifyDomain": self.domain,
            "currencyCode": self.world.currency,
            "ianaTimezone": "Europe/Prague",
        }

    def _order_field(self, info: Any, **asked: Any) -> Any:
        self.need("read_orders")
        order = known(self.world.data.orders, "Order", asked["id"])
        return self.order_row(order) if order and self.visible(order) else None

    def _node(self, info: Any, shown: str) -> Any:
        return (self._order_field if "/Order/" in shown else self._refund_field)(info, id=shown)

    def _return_field(self, info: Any, **asked: Any) -> Any:
        self.need("read_returns")
        found = known(self.world.data.returns, "Return", asked["id"])
        shown = found is not None and found.kind == "return" and self.visible(self.world.data.orders[found.order_id])
        return self.return_row(found) if found and shown else None

    def _returnable(self, info: Any, **asked: Any) -> Any:
        order = known(self.world.data.orders, "Order", asked["orderId"])
        if order is None:
            raise Refusal(200, "NOT_FOUND", "Order not found")
        lines = [
            {
                "quantity": line.quantity - returned_pieces(self, line),
                "fulfillmentLineItem": {
                    "id": gid("FulfillmentLineItem", line.id),
                    "lineItem": {"id": gid("LineItem", line.id)},
                },
            }
            for line in goods(order)
            if line.quantity > returned_pieces(self, line)
        ]
        parcel = {
            "id": gid("ReturnableFulfillment", order.id),
            "returnableFulfillmentLineItems": lambda info, **inner: connection_of(lines, inner.get("first"), None),
        }
        return connection_of([parcel] if lines and sent(order) else [], asked.get("first"), None)

    def _refund_field(self, info: Any, **asked: Any) -> Any:
        self.need("read_orders")
        every: dict[str, Record] = {
            each.id: each
            for order in self.world.data.orders.values()
            if self.visible(order)
            for each in records(self.world, order)
        }
        found = known(every, "Refund", asked["id"])
        return self.refund_row(found) if found else None

    def _dispute_field(self, info: Any, **asked: Any) -> Any:
        self.need("read_shopify_payments_disputes")
        found = known(self.world.data.returns, "ShopifyPaymentsDispute", asked["id"])
        return self.dispute_row(found) if found is not None and found.kind in DISPUTES else None

    def _disputes(self, info: Any, **asked: Any) -> Any:
        self.need("read_shopify_payments_disputes")
        rows = [each for each in self.world.data.returns.values() if each.kind in DISPUTES]
        found = searched(rows, asked.get("query"), {"initiated_at": lambda each: each.created_at})
        page = connection_of(found[:: -1 if asked.get("reverse") else 1], asked.get("first"), asked.get("after"))
        return page | {"nodes": [self.dispute_row(each) for each in page["nodes"]]}
