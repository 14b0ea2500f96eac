"""The conformance suite on the simulated shop, held against the answers of a real one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from sellercare.models import EventRequest
from sellercare.simulator import things
from sellercare.testing.described import Replay, Specs
from sellercare.testing.description import Description, load_samples
from sellercare.testing.moves import Look
from sellercare.testing.suite import AdapterSuite, Site

SAMPLES = {
    "orders.get": ("GET /wp-json/wc/v3/orders/{id}", "order_after_partial", "order_after_full", "order_get"),
    "orders.list": ("GET /wp-json/wc/v3/orders", "orders_list"),
    "messages.threads": ("GET /wp-json/wc/v3/orders", "orders_list"),
    "messages.messages": ("GET /wp-json/wc/v3/orders/{id}/notes", "notes_any", "notes_customer"),
    "refunds.get": ("GET /wp-json/wc/v3/orders/{id}/refunds/{refund_id}", "refund_get"),
    "reviews.list": ("GET /wp-json/wc/v3/products/reviews", "reviews_list_all", "review_list_has_replies"),
}
"""Recorded answers by the verb that reads them and the call that brings them."""


def operation(request: Any) -> str:
    """A recorded request as the simulated shop names it."""
    path = re.sub(r"/\d+(?=/|$)", "/{id}", request["path"])
    return f"{request['method']} {path.replace('/refunds/{id}', '/refunds/{refund_id}')}"


class TestWooCommerce(AdapterSuite):
    adapter = "woocommerce"
    off: ClassVar[dict[str, str]] = {
        "test_a_buyer_writes_and_is_answered": "notes go one way: what buyers answer comes by mail, and is not here",
        "test_what_has_changed_is_listed[reviews.list]": "a review has the time when it was written, and no other",
    }

    exceptions: ClassVar[dict[str, str]] = {
        "GET /wp-json/wc/v3/payment_gateways: no sample of it": "documented as /payment_gateways/<id>; a list of those",
        "GET /wp-json/wc/v3/products/{id}: no sample of it": "not recorded: known from the dossier",
        "GET /wp-json/wp/v2/users/me: no sample of it": "not recorded: WordPress's own",
        "POST /wp-json/wc/v3/orders/{id}: no sample of it": "recorded as PUT, which does the same",
    }
    unused: ClassVar[dict[str, str]] = {
        "DELETE *": "nothing that was sent or paid is taken back by deleting its record",
        "PUT *": "POST does the same, and passes where firewalls stop PUT",
        "POST /wp-json/wc/v3/orders": "making orders is not after-sales",
        "POST /wp-json/wc/v3/products/reviews*": "making and moderating reviews are verbs of nobody",
        "* /wp-json/wc/v3/orders/{id}/actions/*": "order mails leave nothing by which a lost answer could be found",
    }

    def described(self, specs: Specs) -> Description:
        samples: dict[str, list[Any]] = {}
        for path in sorted((specs("woocommerce") / "recorded-11.0.1").glob("*.json")):
            recording = json.loads(path.read_text("utf-8"))
            if "request" in recording and recording["status"] < 300:
                samples.setdefault(operation(recording["request"]), []).append(recording["response"])
        gateways = json.loads((specs("woocommerce") / "payment-gateways.samples.json").read_text("utf-8"))
        samples["GET /wp-json/wc/v3/payment_gateways/{id}"] = [gateways[0]["sample"]]
        return load_samples(samples, title="answers recorded from WooCommerce 11.0.1")

    def replays(self, specs: Specs) -> Iterator[Replay]:
        directory = specs("woocommerce") / "recorded-11.0.1"
        for verb, (call, *names) in SAMPLES.items():
            for name in names:
                answer = json.loads((directory / f"{name}.json").read_text("utf-8"))["response"]
                yield Replay(verb, call, json.dumps(answer).encode(), name)

    def thread_id(self, at: Site, thread: things.Thread) -> str:
        """A thread is called as its order."""
        return str(at.face.number(thread.order_id or ""))

    def product_id(self, at: Site, order: things.Order) -> str:
        """WordPress's number of a product."""
        return str(at.face.number(order.lines[0].product_id))

    def look_messages_messages(self, at: Site) -> Look:
        """A note that went out, and the buyer's words at the checkout."""
        order = self.an_order(at)
        order.extra["customer_note"] = "Please ring twice."
        order_id = self.order_id(at, order)
        at.world.message(at.world.thread(order), self.text, author="seller")
        return lambda: list(at.shop.messages.messages(order_id))

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        """A webhook about an order."""
        order_id = self.order_id(at, self.an_order(at))
        request = at.face.webhook("order.updated", at.shop.orders.get(order_id).raw)
        return request, {"webhook_secret": at.face.webhook_secret}
