"""Simulated Amazon: templated messages with their files, and asking for reviews."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare_adapters.amazon.face_base import AmazonBase

_TEXTS = {
    "confirmCustomizationDetails": 800,
    "confirmDeliveryDetails": 2000,
    "confirmOrderDetails": 2000,
    "confirmServiceDetails": 2000,
    "digitalAccessKey": 400,
    "unexpectedProblem": 2000,
}
_FILES = {
    "confirmCustomizationDetails": (0, 5),
    "digitalAccessKey": (0, 5),
    "legalDisclosure": (0, 5),
    "warranty": (1, 5),
    "invoice": (1, 5),
}
_BEFORE_SHIPPING = ("confirmCustomizationDetails", "confirmOrderDetails", "confirmDeliveryDetails")
_ANY_TIME = ("legalDisclosure", "unexpectedProblem", "warranty", "invoice", "digitalAccessKey")
_LIVE_NAMES = {"invoice": "sendInvoice"}
_GONE = "negativeFeedbackRemoval"
_SOLICITATION = "productReviewAndSellerFeedback"
_FIRST_DAY, _LAST_DAY = 5, 30


class AmazonMessagesFace(AmazonBase):
    """Messaging API v1, Uploads API 2020-11-01, Solicitations API v1.

    `locale` is the language that buyers read. `extra["service"]` of an order makes it a home service.
    """

    locale = "en-US"

    @route("GET", "/messaging/v1/orders/{order_id}")
    def messaging_actions(self, request: Request, order_id: str) -> Reply:
        """What may be sent about an order now. Live lists have names that no model has (any more)."""
        self.for_here(request)
        order = self.of_us(order_id)
        names = [_LIVE_NAMES.get(name, name) for name in self._open(order)]
        if order.state in ("shipped", "delivered"):
            names.append(_GONE)
        base = f"/messaging/v1/orders/{order_id}"
        tail = f"?marketplaceIds={self.marketplace}"
        links = [{"href": f"{base}/messages/{name}{tail}", "name": name} for name in names]
        embedded = [self._action(f"{base}/messages/{name}", tail, name) for name in names]
        return Reply.of(
            {"_links": {"self": {"href": base + tail}, "actions": links}, "_embedded": {"actions": embedded}}
        )

    def _open(self, order: Any) -> tuple[str, ...]:
        if order.state == "paid":
            service = ("confirmServiceDetails",) if order.extra.get("service") else ()
            return (*_BEFORE_SHIPPING, *service, *_ANY_TIME)
        return _ANY_TIME if order.state in ("shipped", "delivered") else ()

    def _action(self, path: str, tail: str, name: str) -> dict[str, Any]:
        links = {"self": {"href": path + tail, "name": name}, "schema": {"href": f"{path}/schema", "name": name}}
        return {"_links": links, "payload": {"name": name}}

    @route("GET", "/messaging/v1/orders/{order_id}/attributes")
    def messaging_attributes(self, request: Request, order_id: str) -> Reply:
        """The buyer's language."""
        self.for_here(request)
        self.of_us(order_id)
        return Reply.of({"buyer": {"locale": self.locale}})

    @route("POST", "/messaging/v1/orders/{order_id}/messages/{name}")
    def send_message(self, request: Request, order_id: str, name: str) -> Reply:
        """Send a template; nothing comes back but an empty object."""
        self.for_here(request)
        order = self.of_us(order_id)
        if name not in {*_TEXTS, *_FILES}:
            raise Refusal(404, "NotFound", "There is no such message.")
        if name not in self._open(order):
            raise Refusal(403, "Unauthorized", "The requested message is not available for this amazonOrderId.")
        body = self.body(request)
        text, most = body.get("text"), _TEXTS.get(name, 0)
        if (most and not text) or len(text or "") > most:
            raise Refusal(400, "InvalidInput", "text is missing or too long", "text")
        ids = [each["uploadDestinationId"] for each in body.get("attachments", ())]
        least, most_files = _FILES.get(name, (0, 0))
        if not least <= len(ids) <= most_files or any(not self._there(id_, name) for id_ in ids):
            raise Refusal(400, "InvalidInput", "attachments are missing or too many", "attachments")
        thread = next((each for each in self.world.data.threads.values() if each.order_id == order.id), None)
        said = text or f"[{name}] " + ",".join(each["fileName"] for each in body["attachments"])
        self.world.say(thread or self.world.thread(order, kind="note"), said)
        return Reply.of({}, 201)

    def _there(self, id_: str, name: str) -> bool:
        document = self.documents.get(id_, {})
        return bool(document.get("data")) and str(document.get("resource", "")).endswith(f"/{name}")

    @route("POST", "/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order_id}/messages/{name}")
    def upload_destination(self, request: Request, order_id: str, name: str) -> Reply:
        """A place for a file of a message, for these bytes only."""
        self.for_here(request)
        self.of_us(order_id)
        digest, kind = request.param("contentMD5"), request.param("contentType")
        if len(base64.b64decode(digest)) != hashlib.md5(usedforsecurity=False).digest_size:
            raise Refusal(400, "InvalidInput", "contentMD5 is not a digest", "contentMD5")
        resource = f"/messaging/v1/orders/{order_id}/messages/{name}"
        id_ = self.keep("upload", type=kind, digest=digest, resource=resource)
        payload = {"uploadDestinationId": id_, "url": self.place(request, id_), "headers": {"Content-MD5": digest}}
        return Reply.of({"payload": payload}, 201)

    @route("PUT", "/storage/{id}", open=True)
    def storage_put(self, request: Request, id: str) -> Reply:
        """A file of a message comes with its digest."""
        digest = self.documents.get(id, {}).get("digest")
        found = base64.b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode()
        if digest and (digest != found or request.headers.get("Content-MD5") != digest):
            return Reply(400, {"Content-Type": "application/xml"}, b"<Error><Code>BadDigest</Code></Error>")
        return super().storage_put(request, id)

    @route("GET", "/solicitations/v1/orders/{order_id}")
    def solicitation_actions(self, request: Request, order_id: str) -> Reply:
        """Whether the buyer may be asked for a review now."""
        self.for_here(request)
        order = self.of_us(order_id)
        base, tail = f"/solicitations/v1/orders/{order_id}", f"?marketplaceIds={self.marketplace}"
        open_now = [_SOLICITATION] if self._may_ask(order) else []
        links = [{"href": f"{base}/solicitations/{name}{tail}", "name": name} for name in open_now]
        return Reply.of({"_links": {"self": {"href": base + tail}, "actions": links}, "_embedded": {"actions": []}})

    @route("POST", "/solicitations/v1/orders/{order_id}/solicitations/productReviewAndSellerFeedback")
    def solicit(self, request: Request, order_id: str) -> Reply:
        """Ask once."""
        self.for_here(request)
        order = self.of_us(order_id)
        if not self._may_ask(order):
            text = "The requested solicitation is not available for this amazonOrderId."
            raise Refusal(403, "Unauthorized", text)
        order.extra["asked"] = True
        self.world.act("review.request", order.id)
        return Reply.of({}, 201)

    def _may_ask(self, order: Any) -> bool:
        """From 5 days after the earliest to 30 after the latest delivery; here both are the day it was ordered."""
        age = self.world.now() - order.created_at
        in_time = timedelta(days=_FIRST_DAY) <= age <= timedelta(days=_LAST_DAY)
        return in_time and order.state in ("shipped", "delivered") and not order.extra.get("asked")
