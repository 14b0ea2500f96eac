"""Every request that the adapter makes, and every answer of the face, is as Allegro's own description says.

A tour calls every verb, good and bad, over a transport that holds each call against the description. What does not
fit is listed below, one line each with its reason; a line that nothing needs any more fails too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from sellercare.calls import read
from sellercare.clock import Clock
from sellercare.errors import PlatformError, SellercareError
from sellercare.http.oauth import OAuthClient
from sellercare.models import Money, Upload
from sellercare.simulator import Fault
from sellercare_adapters.allegro import AllegroAdapter
from sellercare_adapters.allegro.face_base import as_uuid

pytestmark = pytest.mark.contract

EXCEPTIONS = {
    # the description is silent
    "POST /auth/oauth/token: not described": "OAuth endpoints are not in the description",
    "POST /auth/oauth/device: not described": "OAuth endpoints are not in the description",
    "GET /message-center/message-attachments/{id}: not described": "the host of uploads, known from an example",
}
EXCEPTIONS |= {
    # the description contradicts itself
    "request POST /sale/issues/{issueId}/message: InvalidRequestBody | InvalidSchemaValue | "
    ": 'attachment' is a required property": "it has no such property; its text asks for text or attachments",
    "answer 200 GET /order/checkout-forms: InvalidData | InvalidSchemaValue | count: 0 is less than the minimum of 1 | "
    "totalCount: 0 is less than the minimum of 1": "an empty list counts nothing",
    # the description lists no 429 anywhere; the limit is in its prose and in the dossier
    "answer 429 POST /messaging/threads/{threadId}/messages: ResponseNotFound": "429 is listed for no operation",
    # on purpose: the test of the page limit
    "request GET /messaging/threads: InvalidParameter | InvalidSchemaValue | : 21 is greater than the maximum of 20": (
        "asked for on purpose, to see the refusal"
    ),
}
"""What does not fit, and why. Ids are written as {id}."""

UNUSED = {
    "GET /after-sales-service-conditions/return-policies": "settings of offers, not of what happens after a sale",
    "POST /after-sales-service-conditions/return-policies": "settings of offers",
    "GET /after-sales-service-conditions/return-policies/{returnPolicyId}": "settings of offers",
    "PUT /after-sales-service-conditions/return-policies/{returnPolicyId}": "settings of offers",
    "DELETE /after-sales-service-conditions/return-policies/{returnPolicyId}": "settings of offers",
    "GET /order/events": "no verb polls events; orders.list by updatedAt shows what changed",
    "GET /order/event-stats": "only of use with /order/events",
    "GET /order/refund-claims": "the seller's sales commission, not the buyer's money: no common verb",
    "POST /order/refund-claims": "the seller's sales commission: no common verb",
    "GET /order/refund-claims/{claimId}": "the seller's sales commission: no common verb",
    "DELETE /order/refund-claims/{claimId}": "the seller's sales commission: no common verb",
    "GET /marketplaces": "one account sees all marketplaces; none has to be chosen",
    "GET /messaging/messages/{messageId}": "messages are read with their thread, which read-back needs anyway",
    "DELETE /messaging/messages/{messageId}": "no verb takes a message back",
    "GET /messaging/message-attachments/{attachmentId}": "files are fetched from the address in the message",
    "GET /fulfillment/returns/refund-dispositions": "One Fulfillment's warehouse report: no common verb",
}
"""Operations of the description that the adapter does not use, and why."""


class Recorder(BaseAdapter):
    """A transport that notes what the description has against each call."""

    def __init__(self, inner: Any, description: Any) -> None:
        super().__init__()
        self.inner = inner
        self.description = description
        self.complaints: list[str] = []
        self.used: set[str] = set()

    def send(self, request: Any, **more: Any) -> Any:
        response = self.inner.send(request, **more)
        self.used.add(self.description.operation_of(request.method, request.path_url.partition("?")[0]) or "")
        self.complaints += self.description.complaints(request, response)
        response.raw = HTTPResponse(io.BytesIO(response.content), headers=response.headers, preload_content=False)
        response._content_consumed, response._content = False, False
        return response

    def close(self) -> None:
        self.inner.close()


@contextmanager
def refused() -> Iterator[None]:
    """What is inside is refused, by us or by the platform: the wire is what counts here."""
    with pytest.raises(SellercareError):
        yield


PICTURE = Upload.of("broken.png", "image/png", b"\x89PNG" + bytes(60))


def reads(seller: Any) -> None:
    """Every read, with every filter."""
    shop, world = seller.shop, seller.world
    now = world.now()
    assert list(shop.orders.list()) == []
    order = world.order(lines=[world.line("Kettle", "100.00", 2), world.line("Courier", "9.99", kind="shipping")])
    world.order(lines=[world.line(), world.line("Carry in", "20.00", kind="fee")], state="open")
    world.order(lines=[world.line()], state="cancelled")
    thread = world.thread(order)
    world.message(thread, "Gdzie paczka?")
    for number in range(25):
        world.message(world.thread(world.order()), f"Pytanie {number}", minutes_ago=number)
    order_id = as_uuid(order.id)
    shop.orders.get(order_id)
    shop.orders.find(order_id)
    list(shop.orders.list(updated_since=now))
    list(shop.messages.threads(awaiting_reply=True, order_id=order_id, updated_since=now))
    shop.messages.thread(thread.id)
    list(shop.messages.messages(thread.id))
    claim, dispute = world.return_(order, kind="claim"), world.return_(order, kind="dispute", note="Zwrot")
    back = world.return_(order, note="Za mały")
    for each in (claim, dispute):
        issue = f"issue:{as_uuid(each.id)}"
        shop.messages.thread(issue)
        list(shop.messages.messages(issue))
        shop.messages.allowed(thread_id=issue)
        shop.returns.get(issue)
        shop.returns.allowed(issue)
    shop.messages.allowed(order_id=order_id)
    shop.messages.allowed(thread_id=thread.id)
    shop.returns.get(as_uuid(back.id))
    for query in ({}, {"order_id": order_id}, {"kind": "claim"}, {"state": "requested"}, {"state": "closed"}):
        list(shop.returns.list(**query))
    list(shop.returns.list(updated_since=now))
    list(shop.refunds.list(order_id=order_id, created_since=now))
    shop.refunds.quote(order_id=order_id)
    shop.refunds.quote(return_id=as_uuid(back.id))
    world.review(5, None, subject="seller", order=order)
    world.review(4, subject="product", order=order)
    list(shop.reviews.list(updated_since=now))
    list(shop.reviews.list(rating_max=2, awaiting_reply=True))
    shop.reviews.summary()
    shop.reviews.summary(order.lines[0].product_id)
    shop.scores.current()
    world.score_day(metrics=[{"code": "BUYER_SATISFACTION", "name": "Zadowolenie", "value": 20, "most": 50}])
    shop.scores.current()
    list(shop.scores.history(since=now))
    shop.account.check()


def writes(seller: Any) -> None:
    """Every write, in every form, and lost so that it is read back."""
    shop, world, face = seller.shop, seller.world, seller.face
    order = world.order(lines=[world.line("Lamp", "50.00", 3), world.line("Courier", "9.99", kind="shipping")])
    order_id = as_uuid(order.id)
    thread = world.thread(order)
    world.message(thread, "Dzień dobry?")
    sent = shop.messages.reply(thread.id, "Już wysłane.", attachments=[PICTURE], key="reply")
    for number in range(22):
        world.message(thread, f"Pytanie {number}")
    face.faults.add(Fault("lost_answer", "POST /messaging/*"))
    shop.messages.reply(thread.id, "Jutro.", key="lost")
    world.advance(120)
    download = next(each for each in shop.messages.messages(thread.id) if each.id == sent.id).attachments[0]
    assert b"".join(shop.messages.download(download)).startswith(b"\x89PNG")
    shop.messages.mark_read(thread.id, key="read")
    shop.messages.start(order_id, text="Dzień dobry!", option="message", attachments=[PICTURE], key="start")
    face.faults.add(Fault("lost_answer", "POST /messaging/messages"))
    shop.messages.start(order_id, text="Jeszcze raz.", key="start-lost")
    dispute = f"issue:{as_uuid(world.return_(order, kind='dispute').id)}"
    claims = [f"issue:{as_uuid(world.return_(order, kind='claim').id)}" for _ in range(6)]
    in_chat = shop.messages.reply(dispute, "Sprawdzamy.", attachments=[PICTURE], key="chat")
    assert b"".join(shop.messages.download(in_chat.attachments[0])).startswith(b"\x89PNG")
    shop.messages.close(dispute, key="close")
    for kind in ("RETURN_REQUIRED_SELLER_LABEL", "RETURN_REQUIRED_CUSTOM", "RETURN_NOT_REQUIRED"):
        shop.messages.start(order_id, option=f"{claims[0]}/{kind}", text="Prosimy o zwrot.", key=kind)
    variants = ("ACCEPTED_REPAIR", "ACCEPTED_EXCHANGE", "ACCEPTED_REFUND")
    for claim, variant in zip(claims, variants, strict=False):
        shop.returns.offer(claim, variant=variant, note="Zgoda.", key=variant)
    part = Money(amount="12.50", currency="PLN")
    shop.returns.offer(claims[3], variant="ACCEPTED_PARTIAL_REFUND", amount=part, note="Część.", key="part")
    shop.returns.decline(claims[4], reason="REJECTED_OTHER", note="Nie.", key="no")
    returned = [as_uuid(world.return_(order).id) for _ in range(2)]
    shop.returns.decline(returned[0], reason="REFUND_REJECTED", note="Uszkodzone.", key="reject")
    shop.returns.decline(returned[1], reason="NEW_ITEM_SENT", key="new")
    refunds(seller, order_id, [as_uuid(line.id) for line in order.lines])
    rating = world.review(2, subject="seller", order=order).id
    shop.reviews.reply(rating, "Przepraszamy.", key="answer")
    shop.reviews.reply(rating, "Bardzo przepraszamy.", replace=True, key="again")
    shop.reviews.dispute(rating, text="To nie nasz klient.", key="remove")


def refunds(seller: Any, order_id: str, lines: list[str]) -> None:
    """Refunds by pieces, by an amount, of delivery, by an amount over lines, and of all that is left."""
    shop = seller.shop
    one = shop.refunds.issue(order_id=order_id, lines=[{"id": lines[0], "quantity": 1}], reason="COMPLAINT", key="q")
    cents = Money(amount="1.50", currency="PLN")
    shop.refunds.issue(order_id=order_id, lines=[{"id": "delivery", "amount": cents}], note="Kurier", key="d")
    shop.refunds.issue(order_id=order_id, lines=[{"id": lines[0], "amount": cents}], key="a")
    shop.refunds.issue(order_id=order_id, amount=cents, key="sum")
    seller.face.faults.add(Fault("lost_answer", "POST /payments/refunds"))
    shop.refunds.issue(order_id=order_id, key="rest")
    seller.clock.advance(60)
    shop.refunds.get(one.id)
    assert shop.refunds.quote(order_id=order_id) == ()


def refusals(seller: Any) -> None:
    """What the platform refuses, so that its errors are seen too."""
    shop, world, face = seller.shop, seller.world, seller.face
    order = world.order()
    nowhere = "00000000-0000-4000-8000-000000000000"
    calls: list[Callable[[], object]] = [
        lambda: shop.orders.get(nowhere),
        lambda: shop.messages.thread("nowhere"),
        lambda: shop.messages.reply("nowhere", "Halo?", key="nowhere"),
        lambda: shop.returns.get(nowhere),
        lambda: shop.returns.get(f"issue:{nowhere}"),
        lambda: shop.refunds.get(nowhere),
        lambda: shop.reviews.reply("nowhere", "Halo?", key="no-rating"),
        lambda: shop.reviews.summary("nowhere"),
    ]
    for call in calls:
        with refused():
            call()
    thread = world.message(world.thread(order)).thread_id
    face.faults.add(Fault("expired_token", "GET *"))
    shop.messages.thread(thread)
    face.faults.add(Fault("rate_limited", "POST *", seconds=2))
    shop.messages.reply(thread, "Po chwili.", key="later")
    with pytest.raises(PlatformError):
        shop.http.read(read("/messaging/threads", params={"limit": 21}))


@pytest.fixture
def recorded(make_allegro: Any, description: Any) -> tuple[Any, Recorder]:
    recorders: list[Recorder] = []

    def record(inner: Any) -> Recorder:
        recorders.append(Recorder(inner, description))
        return recorders[0]

    seller = make_allegro(record)
    return seller, recorders[0]


def test_all_requests_and_answers_are_as_described(recorded: Any) -> None:
    seller, recorder = recorded
    sign_in(seller, recorder)
    reads(seller)
    writes(seller)
    refusals(seller)
    complaints = {_without_ids(each) for each in recorder.complaints}
    assert complaints - EXCEPTIONS.keys() == set()
    assert EXCEPTIONS.keys() - complaints == set(), "these exceptions are no longer needed"
    described = set(recorder.description.operations.values())
    used = recorder.used - {""}
    assert described - used - UNUSED.keys() == set(), "these operations are neither used nor listed as unused"
    assert UNUSED.keys() & used == set(), "these operations are used, though listed as unused"
    assert UNUSED.keys() - described == set(), "these operations are not in the description"


def sign_in(seller: Any, recorder: Recorder) -> None:
    """Both ways to grant access, over the same transport."""
    clock: Clock = seller.clock
    client = OAuthClient.of(AllegroAdapter, seller.shop.settings, account="a", clock=clock, transport=recorder)
    device = client.start_device()
    seller.face.agree(device.secret)
    assert client.wait_for_device(device).access


def _without_ids(complaint: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "{id}", complaint)
