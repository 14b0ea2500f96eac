"""The conformance suite on simulated Amazon."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sellercare.models import EventRequest, MessageOption
from sellercare.simulator import Fault, World, things
from sellercare.testing.described import Specs
from sellercare.testing.description import Description, Several, load
from sellercare.testing.descriptions.rest import Rest
from sellercare.testing.moves import Look
from sellercare.testing.suite import AdapterSuite, Site
from sellercare.testing.workshop import Exchange
from sellercare_adapters.amazon.face import AmazonFace
from sellercare_adapters.amazon.face_base import as_order_id

from .conftest import Seller
from .described import spread
from .test_contract import UNUSED, reads, refusals, writes

_IN_A_FILE = "the words stand in a packed XML file, where the suite puts none: test_reports.py has one of its own"


_UPLOADS = "uploads_2020-11-01.json"


class TestAmazon(AdapterSuite):
    adapter = "amazon"
    currency = "USD"
    settings = {  # noqa: RUF012  # as in the base class
        "external_fulfillment": True,
        "prime_returns": True,
        "fba_returns": True,
        "cancellation_wishes": True,
        "answer_times": True,
    }
    review_subject = "seller"
    many = 250  # the first page costs a sign-in besides
    off = {  # noqa: RUF012  # as in the base class
        "test_a_word_never_seen_is_no_error[returns.list]": _IN_A_FILE,
        "test_a_word_never_seen_is_no_error[returns.get]": _IN_A_FILE,
        "test_what_has_changed_is_listed[returns.list]": "the report is of the days on which returns were asked for",
        "test_what_has_changed_is_listed[reviews.list]": "the report tells the day of a feedback, and of no change",
    }

    exceptions = {  # noqa: RUF012  # as in the base class
        "POST /auth/o2/token: not described": "Login with Amazon is not in the models",
        "* /storage/{id}: not described": "Amazon's storage service is not in the models",
    }
    unused = UNUSED

    def described(self, specs: Specs) -> Description:
        folder = specs("amazon")
        others = ("contract-cases.json", _UPLOADS)
        models = load(*(path for path in sorted(folder.glob("*.json")) if path.name not in others))
        uploads = json.loads((folder / _UPLOADS).read_text("utf-8"))
        return Several((models, Rest.of("uploads, repaired", spread(uploads), ())))

    def tour(self) -> Iterator[Exchange]:
        """Every template, the other programme's returns, refunds in all forms, refusals: the tour of test_contract."""
        yield from super().tour()
        at = self.site(patience=3600.0)
        seller = Seller(at.face, at.world, at.world.clock, at.shop)
        reads(seller)
        writes(seller)
        refusals(seller)
        yield from at.wire.exchanges

    @classmethod
    def make_face(cls, world: World) -> AmazonFace:
        """Finances without their lag: how that is waited out is in test_money."""
        face = AmazonFace(world)
        face.finance_lag = 0.0
        return face

    def tried(self, verb: str, faults: list[Fault], *, times: int = 3, patience: float | None = None) -> Any:
        """A refund is absent after two days, and who asks for proof has to wait so long."""
        if verb == "refunds.issue" and patience is None:
            patience = 50 * 3600.0
        return super().tried(verb, faults, times=times, patience=patience)

    def order_id(self, at: Site, order: things.Order) -> str:
        return as_order_id(order.id)

    def return_id(self, at: Site, return_: things.Return) -> str:
        return return_.number

    def refund_id(self, at: Site, refund: things.Refund) -> str:
        return f"{as_order_id(refund.order_id)}/{refund.id}"

    def a_refund(self, at: Site) -> things.Refund:
        """One that is in the finances."""
        refund = super().a_refund(at)
        at.world.advance(at.world.settle_after + 300)
        return refund

    def choose_option(self, options: Sequence[MessageOption]) -> MessageOption:
        return next(option for option in options if option.id == "unexpectedProblem")

    def look_messages_allowed(self, at: Site) -> Look:
        """There are no threads to ask about."""
        order_id = as_order_id(self.an_order(at).id)
        return lambda: list(at.shop.messages.allowed(order_id=order_id))

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        order = as_order_id(self.an_order(at).id)
        told: dict[str, Any] = {
            "NotificationType": "ORDER_CHANGE",
            "EventTime": "2026-03-02T09:00:00Z",
            "Payload": {"OrderChangeNotification": {"AmazonOrderId": order}},
            "NotificationMetadata": {"NotificationId": "n-1"},
        }
        return EventRequest(method="POST", url="queue", headers={}, body=json.dumps(told).encode()), {}
