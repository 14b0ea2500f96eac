"""The conformance suite on simulated eBay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sellercare.models import EventRequest, ReturnAction, ReturnVerb
from sellercare.shop import Shop
from sellercare.simulator import things
from sellercare.support import Proof
from sellercare.testing.described import Specs
from sellercare.testing.description import Description, Several, load
from sellercare.testing.descriptions.rest import Rest
from sellercare.testing.suite import AdapterSuite, Site
from sellercare.testing.workshop import Exchange
from sellercare_adapters.ebay import EbayAdapter, times
from sellercare_adapters.ebay.face_base import number, order_number

from .conftest import PREFIXES
from .postorder import as_openapi

_BASES = (
    "/commerce/message/v1",
    "/commerce/feedback/v1",
    "/commerce/notification/v1",
    "/sell/fulfillment/v1",
    "/sell/analytics/v1",
)
_FILES = (
    "commerce_message_v1_oas3.json",
    "commerce_feedback_v1_beta_oas3.json",
    "commerce_notification_v1_oas3.json",
    "sell_fulfillment_v1_oas3.json",
    "sell_analytics_v1_oas3.json",
)


class TestEbay(AdapterSuite):
    adapter = "ebay"
    review_subject = "seller"
    many_answers = 6
    off = {  # noqa: RUF012  # as in the base class
        "test_a_repeat_does_what_the_contract_says[orders.cancel]": (
            "it is refused with a good status, by the derived description: the order is not eligible any more"
        ),
    }
    exceptions = {  # noqa: RUF012  # as in the base class
        "request POST /payment_dispute/{payment_dispute_id}/upload_evidence_file: no body is described": (
            "the contract tells of the form and its part `file` in its text only"
        ),
        "request GET /return/search: no parameter order_id": (
            "eBay's page of the call names it; the file was derived from what clients send"
        ),
    }
    unused = {  # noqa: RUF012  # as in the base class
        "* /config": "the alert address of notifications: set up once, no common verb",
        "* /destination*": "where notifications go: set up once, no common verb",
        "* /subscription*": "what is notified: set up once, no common verb",
        "* /topic*": "what can be notified: set up once, no common verb",
        "POST /bulk_update_conversation": "one conversation at a time: each write is recorded by itself",
        "GET /awaiting_feedback": "feedback that the seller may leave for buyers: no common verb",
        "POST /feedback": "leaves feedback for a buyer: no common verb",
        "* /order/{orderId}/shipping_fulfillment*": "shipping is not what happens after a sale",
        "GET /payment_dispute/{payment_dispute_id}/activity": "the dispute itself tells its state",
        "GET /payment_dispute/{payment_dispute_id}/fetch_evidence_content": "evidence is the seller's own files",
        "POST /payment_dispute/{payment_dispute_id}/update_evidence": "evidence is given once, with the decision",
        "GET /seller_standards_profile/{program}/{cycle}": "the list has every program and cycle",
        "GET /traffic_report": "visits of listings, not what happens after a sale",
        "POST /casemanagement/{id}/provide_return_address": "shut down on 2026-03-02 by a reading of eBay's list",
        "POST /cancellation/check_eligibility": "the cancellation itself says whether an order is eligible",
        "GET /return/preference": "settings, not what happens after a sale",
        "POST /return/preference": "settings, not what happens after a sale",
        "GET /return/{id}/tracking": "scans of a parcel have no common place; the return itself has carrier and number",
        "POST /inquiry/{id}/provide_shipment_info": "its answer is empty, and no field is described that shows it",
    }

    def described(self, specs: Specs) -> Description:
        folder = specs("ebay")
        servers = [f"https://api.ebay.com{base}" for base in _BASES]
        contracts = [load(folder / name, servers=servers) for name in _FILES]
        legacy = Rest.of(
            "Post-Order, derived", as_openapi(folder / "post-order-v2.derived.json"), (), proof=Proof.DOSSIER
        )
        return Several((*contracts, legacy))

    @pytest.fixture(autouse=True)
    def _room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All tests share one day: the suite makes more calls than eBay gives an app in it."""
        wide = tuple(replace(each, rate=each.rate * 1000, burst=each.burst * 1000) for each in EbayAdapter.budgets)
        monkeypatch.setattr(EbayAdapter, "budgets", wide)

    @pytest.fixture(autouse=True)
    def _reach(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        """All seven windows of each search, but three where each fault hits each call of a list: the square of them."""
        if request.node.originalname in _AT_EVERY_CALL:
            monkeypatch.setattr(times, "BACK", 2 * times.WINDOW + timedelta(days=20))

    def order_id(self, at: Site, order: things.Order) -> str:
        """Told without a look at the list."""
        return order_number(order.id)

    def return_id(self, at: Site, return_: things.Return) -> str:
        """Our id of a case; looking for it in the list would cost seven calls a kind."""
        return f"{PREFIXES.get(return_.kind, return_.kind)}:{number(return_.id)}"

    def look_messages_download(self, at: Site) -> Callable[[], bytes]:
        """Fetch a picture of a return; files of messages lie outside eBay."""
        return_ = self.a_return(at)
        file = at.world.declare_file("broken.png", "image/png", 4)
        at.world.put_file(file, b"\x89PNG")
        return_.files.append(file)
        (shown,) = at.shop.returns.get(self.return_id(at, return_)).attachments
        return lambda: b"".join(at.shop.messages.download(shown))

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        headers, body = at.face.push("NEW_MESSAGE", {"conversationId": "c-1"})
        return EventRequest(method="POST", url=at.face.endpoint, headers=headers, body=body), {}

    def tour(self) -> Iterator[Exchange]:
        """Every kind of case, and what is done to each."""
        yield from super().tour()
        for kind, state, verb in _DECISIONS:
            at = self.site()
            return_id = self.return_id(at, self.a_return(at, kind=kind, state=state))
            mine = [action for action in at.shop.returns.allowed(return_id) if action.verb is verb]
            for action in mine[-1:]:
                asked = self.asked(at, action, kind)
                with at.wire.during(f"returns.{verb.value}"):
                    getattr(at.shop.returns, verb.value)(return_id, key="tour", **asked)
            with at.wire.during("returns.get"):
                at.shop.returns.get(return_id)
            with at.wire.during("returns.allowed"):
                list(at.shop.returns.allowed(return_id))
            yield from at.wire.exchanges
        for kind in ("return", "inquiry"):
            at = self.site()
            return_id = self.return_id(at, self.a_return(at, kind=kind))
            for verb, done in _of_a_case(at.shop, return_id, self.text).items():
                with at.wire.during(verb):
                    done()
            yield from at.wire.exchanges
        at = self.site()
        with at.wire.during("messages.download"):
            self.look_messages_download(at)()
        yield from at.wire.exchanges

    def asked(self, at: Site, action: ReturnAction, kind: str) -> dict[str, object]:
        """What a decision wants; evidence, where a payment dispute is contested."""
        asked = self.arguments(at, action)
        if kind == "chargeback" and action.verb is ReturnVerb.CONTEST:
            asked |= {"attachments": [self.upload], "reason": "PROOF_OF_DELIVERY"}
        return asked


_AT_EVERY_CALL = frozenset({"test_a_read_survives", "test_a_strange_answer_is_said_with_its_place"})


def _of_a_case(shop: Shop, case_id: str, text: str) -> dict[str, Callable[[], object]]:
    """What verbs do that speak of a case where they could speak of a conversation or an order."""
    return {
        "messages.thread": lambda: shop.messages.thread(case_id),
        "messages.reply": lambda: shop.messages.reply(case_id, text, key="tour"),
        "messages.messages": lambda: list(shop.messages.messages(case_id)),
        "refunds.quote": lambda: list(shop.refunds.quote(return_id=case_id)),
        "refunds.issue": lambda: shop.refunds.issue(return_id=case_id, key="tour"),
        "refunds.get": lambda: shop.refunds.get(case_id),
    }


_DECISIONS = (
    ("return", "requested", ReturnVerb.APPROVE),
    ("return", "approved", ReturnVerb.APPROVE),
    ("return", "requested", ReturnVerb.CONTEST),
    ("return", "in_transit", ReturnVerb.RECEIVE),
    ("inquiry", "requested", ReturnVerb.CONTEST),
    ("cancellation", "requested", ReturnVerb.APPROVE),
    ("cancellation", "requested", ReturnVerb.DECLINE),
    ("dispute", "declined", ReturnVerb.CONTEST),
    ("chargeback", "requested", ReturnVerb.APPROVE),
    ("chargeback", "requested", ReturnVerb.CONTEST),
)
