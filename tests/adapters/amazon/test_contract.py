"""Every request that the adapter makes, and every answer of the face, is as Amazon's own models say.

A tour calls every verb, good and bad, over a transport that holds each call against the models. What does not fit is
listed below, one line each with its reason; a line that nothing needs any more fails too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from sellercare.errors import SellercareError
from sellercare.models import Upload
from sellercare.simulator import Fault

from . import described
from .conftest import ITEM, ORDER

pytestmark = pytest.mark.contract

EXCEPTIONS = {
    "POST /auth/o2/token: not described": "Login with Amazon is not in the models",
    "PUT /storage: not described": "Amazon's storage service is not in the models",
    "GET /storage: not described": "Amazon's storage service is not in the models",
}
"""What does not fit, and why. Ids of documents are left out."""

UNUSED = {
    # Orders v0: deprecated in the models, replaced by 2026-01-01
    "GET /orders/v0/orders": "deprecated, orders 2026-01-01 is used",
    "GET /orders/v0/orders/{orderId}": "deprecated, orders 2026-01-01 is used",
    "GET /orders/v0/orders/{orderId}/buyerInfo": "deprecated, comes with orders 2026-01-01",
    "GET /orders/v0/orders/{orderId}/address": "deprecated; addresses are nothing for after-sales",
    "GET /orders/v0/orders/{orderId}/orderItems": "deprecated, items come with orders 2026-01-01",
    "GET /orders/v0/orders/{orderId}/orderItems/buyerInfo": "deprecated, comes with orders 2026-01-01",
    "POST /orders/v0/orders/{orderId}/shipment": "shipping is not our business",
    "GET /orders/v0/orders/{orderId}/regulatedInfo": "regulated products are not our business",
    "PATCH /orders/v0/orders/{orderId}/regulatedInfo": "regulated products are not our business",
    "POST /orders/v0/orders/{orderId}/shipmentConfirmation": "shipping is not our business",
    # Finances
    "GET /finances/v0/financialEventGroups": "settlements are not our business",
    "GET /finances/v0/financialEventGroups/{eventGroupId}/financialEvents": "settlements are not our business",
    "GET /finances/v0/orders/{orderId}/financialEvents": "replaced by finances 2024-06-19",
    "GET /finances/v0/financialEvents": "replaced by finances 2024-06-19",
    "GET /finances/2024-06-19/balances": "the seller's balance is not our business",
    "GET /finances/2024-06-19/summary": "the seller's proceeds are not our business",
    # Customer feedback: what buyers mention; no review has an id, an author or a date
    "GET /customerFeedback/2024-06-01/items/{asin}/reviews/topics": "topics, neither count nor average of reviews",
    "GET /customerFeedback/2024-06-01/items/{asin}/browseNode": "leads to a category's topics only",
    "GET /customerFeedback/2024-06-01/browseNodes/{browseNodeId}/reviews/topics": "about a category, not this seller",
    "GET /customerFeedback/2024-06-01/items/{asin}/reviews/trends": "topics by month, no count and no average",
    "GET /customerFeedback/2024-06-01/browseNodes/{browseNodeId}/reviews/trends": "about a category, not this seller",
    "GET /customerFeedback/2024-06-01/browseNodes/{browseNodeId}/returns/topics": "about a category, not this seller",
    "GET /customerFeedback/2024-06-01/browseNodes/{browseNodeId}/returns/trends": "about a category, not this seller",
    # Feeds and reports
    "DELETE /feeds/2021-06-30/feeds/{feedId}": "a refund is not called back: the buyer may have it",
    "DELETE /reports/2021-06-30/reports/{reportId}": "a report that was asked for is used",
    "GET /reports/2021-06-30/schedules": "reports are made when they are asked for",
    "POST /reports/2021-06-30/schedules": "reports are made when they are asked for",
    "DELETE /reports/2021-06-30/schedules/{reportScheduleId}": "reports are made when they are asked for",
    "GET /reports/2021-06-30/schedules/{reportScheduleId}": "reports are made when they are asked for",
    # Notifications: sellers set up their queue themselves
    "GET /notifications/v1/subscriptions": "setting up a queue: no common verb",
    "GET /notifications/v1/subscriptions/{notificationType}": "setting up a queue: no common verb",
    "POST /notifications/v1/subscriptions/{notificationType}": "setting up a queue: no common verb",
    "GET /notifications/v1/subscriptions/{notificationType}/{subscriptionId}": "setting up a queue: no common verb",
    "DELETE /notifications/v1/subscriptions/{notificationType}/{subscriptionId}": "setting up a queue",
    "POST /notifications/v1/subscriptions/{notificationType}/testNotification": "setting up a queue",
    "GET /notifications/v1/destinations": "setting up a queue: no common verb",
    "POST /notifications/v1/destinations": "setting up a queue: no common verb",
    "GET /notifications/v1/destinations/{destinationId}": "setting up a queue: no common verb",
    "DELETE /notifications/v1/destinations/{destinationId}": "setting up a queue: no common verb",
    "POST /tokens/2021-03-01/restrictedDataToken": "only Orders v0 needs restricted tokens",
}
"""Operations of the models that the adapter does not use, and why."""


class Recorder(BaseAdapter):
    """A transport that notes what the models have against each call."""

    def __init__(self, inner: Any, models: described.Described) -> None:
        super().__init__()
        self.inner = inner
        self.models = models
        self.complaints: list[str] = []
        self.used: set[str] = set()

    def send(self, request: Any, **more: Any) -> Any:
        response = self.inner.send(request, **more)
        path = request.path_url.partition("?")[0]
        self.used.add(self.models.operation_of(request.method, path) or "")
        self.complaints += self.models.complaints(request, response.status_code, response.headers, response.content)
        response.raw = HTTPResponse(io.BytesIO(response.content), headers=response.headers, preload_content=False)
        response._content_consumed, response._content = False, False
        return response

    def close(self) -> None:
        self.inner.close()


@contextmanager
def refused() -> Iterator[None]:
    """What is inside is refused, by us or by Amazon: the wire is what counts here."""
    with pytest.raises(SellercareError):
        yield


PDF = Upload.of("invoice.pdf", "application/pdf", b"%PDF-1.7")


def reads(seller: Any) -> None:
    """Every read, with every filter."""
    shop, world = seller.shop, seller.world
    order = seller.order(days_ago=10)
    seller.order("open", id="903-1671087-0812629", item="60407000000002")
    shop.orders.get(ORDER)
    shop.orders.find(ORDER)
    list(shop.orders.list())
    list(shop.orders.list(updated_since=world.now() - timedelta(days=20)))
    for number in range(120):
        world.order(id=f"904-0000000-{number:07d}")
    assert len(list(shop.orders.list())) == 122
    shop.messages.allowed(order_id=ORDER)
    world.return_(order, note="damaged")
    external = world.return_(order, state="in_transit")
    external.extra["external"] = True
    world.return_(world.order(id="905-0000000-0000001", state="paid"), kind="cancellation")
    list(shop.returns.list(updated_since=world.now() - timedelta(days=90)))
    shop.returns.get("cancel:905-0000000-0000001")
    shop.returns.get(f"external:{external.id}")
    world.review(2, "slow", subject="seller", order=order)
    list(shop.reviews.list())
    world.score_day(grade="NORMAL")
    shop.scores.current()
    list(shop.refunds.list(created_since=world.now() - timedelta(days=200)))
    shop.account.check()


def writes(seller: Any) -> None:
    """Every write, in every form, and lost so that it is read back."""
    shop, world, face = seller.shop, seller.world, seller.face
    paid = world.order(state="paid", id="905-1671087-0812628")
    paid.extra["service"] = True
    dates = {"coverage_start": "2026-03-02T00:00:00Z", "coverage_end": "2028-03-02T00:00:00Z"}
    for option in shop.messages.allowed(order_id=paid.id):
        text = "About your order." if option.text else None
        files = [PDF] if option.max_attachments else []
        fields = dates if option.fields else {}
        shop.messages.start(paid.id, option=option.id, text=text, fields=fields, attachments=files, key=option.id)
    shop.orders.cancel(paid.id, reason="NoInventory", key="cancel")
    shop.reviews.request(ORDER, key="review")
    refund = shop.refunds.issue(order_id=ORDER, lines=[{"id": ITEM, "quantity": 1}], key="one")
    face.faults.add(Fault("lost_answer", "POST /feeds/2021-06-30/feeds"))
    with refused():
        shop.refunds.issue(order_id=ORDER, amount=seller.usd("5.00"), key="lost")
    seller.clock.advance(3 * 86_400)
    shop.refunds.issue(order_id=ORDER, amount=seller.usd("5.00"), key="lost")
    assert shop.refunds.get(refund.id).state == "done"
    list(shop.refunds.list(order_id=ORDER))


def refusals(seller: Any) -> None:
    """What Amazon refuses, so that its errors are seen too."""
    shop, face = seller.shop, seller.face
    nowhere = "000-0000000-0000000"
    calls: list[Callable[[], object]] = [
        lambda: shop.orders.get(nowhere),
        lambda: shop.messages.allowed(order_id=nowhere),
        lambda: shop.reviews.request(nowhere, key="nowhere"),
        lambda: shop.refunds.get("feed:1"),
        lambda: shop.returns.get("external:nowhere"),
    ]
    for call in calls:
        with refused():
            call()
    for fault in ("expired_token", "rate_limited", "error_before"):
        face.faults.add(Fault(fault, "GET /orders/*", seconds=2))
        shop.orders.get(ORDER)
    face.plan = ""
    shop.account.check()


@pytest.fixture
def models(specs: Callable[[str], Path]) -> described.Described:
    """Amazon's own models; the test is skipped where there are none."""
    return described.load(specs("amazon"))


def test_all_requests_and_answers_are_as_described(make_amazon: Any, models: described.Described) -> None:
    recorders: list[Recorder] = []

    def record(inner: Any) -> Recorder:
        recorders.append(Recorder(inner, models))
        return recorders[0]

    more = ("external_fulfillment", "prime_returns", "fba_returns", "cancellation_wishes", "answer_times")
    seller = make_amazon(record, patience=3600.0, **dict.fromkeys(more, True))
    reads(seller)
    writes(seller)
    refusals(seller)
    complaints = {_without_ids(each) for each in recorders[0].complaints}
    assert complaints - EXCEPTIONS.keys() == set()
    assert EXCEPTIONS.keys() - complaints == set(), "these exceptions are no longer needed"
    operations = set(models.operations.values())
    used = recorders[0].used - {""}
    assert operations - used - UNUSED.keys() == set(), "these operations are neither used nor listed as unused"
    assert UNUSED.keys() & used == set(), "these operations are used, though listed as unused"
    assert UNUSED.keys() - operations == set(), "these operations are not in the models"


def test_every_repair_is_needed(models: described.Described) -> None:
    assert models.repaired == described.REPAIRS.keys()


def _without_ids(complaint: str) -> str:
    head, _, tail = complaint.partition(": ")
    return f"{head.partition('/storage')[0]}/storage: {tail}" if "/storage/" in head else complaint
