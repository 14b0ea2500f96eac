"""Notifications: the challenge, the signature, what they say."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from sellercare.calls import parse_json, to_json
from sellercare.errors import ConfigError
from sellercare.models import EventRequest
from sellercare_adapters.ebay.face_base import number

URL = "https://seller.example/ebay"


def posted(headers: dict[str, str], body: bytes) -> EventRequest:
    return EventRequest(method="POST", url=URL, headers=headers, body=body)


def key_calls(ebay: Any) -> int:
    return sum("public_key" in call for call, _ in ebay.face.log)


def test_the_challenge_is_answered_as_ebay_says(ebay: Any) -> None:
    asked = EventRequest(method="GET", url=f"{URL}?challenge_code=a8628072-3d33-45ee", headers={})
    handled = ebay.shop.events.handle(asked)
    # SHA-256 of code, token and endpoint, in this order, as hexadecimal digits (dossier).
    text = "a8628072-3d33-45ee" + ebay.face.verification_token + ebay.face.endpoint
    assert handled.status == 200
    assert handled.headers == {"Content-Type": "application/json"}
    assert json.loads(handled.body) == {"challengeResponse": hashlib.sha256(text.encode()).hexdigest()}
    given = ebay.shop.events.handle(asked, keys={"verification_token": "t", "endpoint": "e"})
    assert json.loads(given.body)["challengeResponse"] == hashlib.sha256(b"a8628072-3d33-45eete").hexdigest()


def test_a_challenge_without_a_token_names_the_setting(make_ebay: Any) -> None:
    ebay = make_ebay(without=("verification_token",))
    with pytest.raises(ConfigError) as caught:
        ebay.shop.events.handle(EventRequest(method="GET", url=f"{URL}?challenge_code=x", headers={}))
    assert caught.value.setting == "verification_token"
    assert ebay.shop.events.handle(EventRequest(method="GET", url=URL, headers={})).status == 400


# Places of ids as in eBay's AsyncAPI contracts of these topics (1.0.0, as its site had them on 2026-09-30).
TOLD = [
    ("NEW_MESSAGE", {"conversationId": "c-1", "conversationType": "FROM_MEMBERS"}, "messages.thread", "c-1"),
    ("NEW_MESSAGE", {"conversationId": "c-1", "conversationType": "FROM_EBAY"}, "messages.thread", "ebay:c-1"),
    ("ORDER_CONFIRMATION", {"order": {"orderId": "12-34567-89012"}}, "orders.get", "12-34567-89012"),
    ("ITEM_MARKED_SHIPPED", {"orderId": "12-34567-89012"}, "orders.get", "12-34567-89012"),
    ("ORDER_RETURN_ACTIVITY", {"orderReturn": {"returnId": "5001"}}, "returns.get", "return:5001"),
    ("ORDER_INQUIRY_ACTIVITY", {"orderInquiry": {"inquiryId": "7"}}, "returns.get", "inquiry:7"),
    (
        "ORDER_CANCELLATION_ACTIVITY",
        {"orderCancellation": {"cancellationId": "8"}},
        "returns.get",
        "cancellation:8",
    ),
    ("FEEDBACK_RECEIVED", {"feedbackId": "9"}, "reviews.list", "9"),
    ("MARKETPLACE_ACCOUNT_DELETION", {"username": "u", "userId": "i"}, "account.check", "i"),
    # All topics of the dossier, and one that it does not know, without an id: the list is to be read.
    ("NEW_MESSAGE", {"something": "else"}, "messages.threads", ""),
    ("BUYER_QUESTION", {}, "messages.threads", ""),
    ("FEEDBACK_RECEIVED", {}, "reviews.list", ""),
    ("FEEDBACK_LEFT", {}, "reviews.list", ""),
    ("ORDER_CONFIRMATION", {}, "orders.list", ""),
    ("ORDER_RETURN_ACTIVITY", {"orderReturn": None}, "returns.list", ""),
    ("ORDER_INQUIRY_ACTIVITY", {"orderInquiry": "7"}, "returns.list", ""),
    ("ORDER_CANCELLATION_ACTIVITY", {}, "returns.list", ""),
    ("SELLER_STANDARDS_PROFILE_METRICS", {}, "scores.current", ""),
    ("SELLER_CUSTOMER_SERVICE_METRIC_RATING", {}, "scores.current", ""),
    ("MARKETPLACE_ACCOUNT_DELETION", {}, "account.check", ""),
    ("AUTHORIZATION_REVOCATION", {}, "account.check", ""),
    ("SOMETHING_NEW", {}, "account.check", ""),
]


@pytest.mark.parametrize(("topic", "data", "verb", "subject"), TOLD)
def test_what_happened_is_told(ebay: Any, topic: str, data: Any, verb: str, subject: str) -> None:
    handled = ebay.shop.events.handle(posted(*ebay.face.push(topic, data)))
    (event,) = handled.events
    assert (event.verb, event.subject_id, handled.trust, handled.status) == (verb, subject, "signed", 204)
    assert event.happened_at == ebay.world.now()
    assert event.id == event.raw["notification"]["notificationId"]


def test_an_event_leads_to_the_thing(ebay: Any) -> None:
    case, case_id = ebay.case("return")
    told = {"orderReturn": {"returnId": number(case.id)}}
    handled = ebay.shop.events.handle(posted(*ebay.face.push("ORDER_RETURN_ACTIVITY", told)))
    assert ebay.shop.returns.get(handled.events[0].subject_id).id == case_id


def test_a_public_key_is_fetched_once_an_hour(ebay: Any) -> None:
    for _ in range(3):
        ebay.shop.events.handle(posted(*ebay.face.push("NEW_MESSAGE", {})))
    assert key_calls(ebay) == 1
    ebay.clock.advance(hours=1)
    ebay.shop.events.handle(posted(*ebay.face.push("NEW_MESSAGE", {})))
    assert key_calls(ebay) == 2


def test_a_key_that_is_given_is_not_fetched(ebay: Any) -> None:
    given = parse_json(ebay.face.public_key(None, ebay.face.kid).body)["key"]
    handled = ebay.shop.events.handle(posted(*ebay.face.push("NEW_MESSAGE", {})), keys={ebay.face.kid: given})
    assert (handled.trust, key_calls(ebay)) == ("signed", 0)


def test_the_form_that_ebays_own_library_signs_counts_too(ebay: Any) -> None:
    """Its library signs the document written anew: white space on the way changes nothing."""
    headers, body = ebay.face.push("NEW_MESSAGE", {"conversationId": "c-1"})
    spread = json.dumps(json.loads(body), indent=2).encode()
    assert ebay.shop.events.handle(posted(headers, spread)).trust == "signed"


def spoiled(header: str, **change: Any) -> str:
    told = json.loads(base64.b64decode(header)) | change
    return base64.b64encode(to_json({name: value for name, value in told.items() if value is not None})).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"signature": base64.b64encode(b"no signature").decode()},
        {"signature": "%%%"},
        {"signature": None},
        {"kid": "another-key"},
        {"kid": "../../sell/fulfillment/v1/order"},
        {"kid": None},
    ],
)
def test_a_bad_signature_is_answered_with_412_and_says_nothing(ebay: Any, change: Any) -> None:
    headers, body = ebay.face.push("NEW_MESSAGE", {"conversationId": "c-1"})
    handled = ebay.shop.events.handle(
        posted({"x-ebay-signature": spoiled(headers["X-EBAY-SIGNATURE"], **change)}, body)
    )
    assert (handled.status, handled.events, handled.trust) == (412, (), "unknown")


@pytest.mark.parametrize(
    "header", ["", "x", "e30=", base64.b64encode(b"[]").decode(), base64.b64encode(b"\xff").decode()]
)
def test_a_header_that_is_none_is_answered_with_412(ebay: Any, header: str) -> None:
    _, body = ebay.face.push("NEW_MESSAGE", {})
    assert ebay.shop.events.handle(posted({"X-EBAY-SIGNATURE": header}, body)).status == 412


@pytest.mark.parametrize("kid", ["../../sell/fulfillment/v1/order", "a" * 65, "", "a b"])
def test_a_name_that_no_key_has_is_not_asked_for(ebay: Any, kid: str) -> None:
    headers, body = ebay.face.push("NEW_MESSAGE", {})
    ebay.shop.events.handle(posted({"x-ebay-signature": spoiled(headers["X-EBAY-SIGNATURE"], kid=kid)}, body))
    assert key_calls(ebay) == 0


def test_a_body_that_was_changed_is_answered_with_412(ebay: Any) -> None:
    headers, body = ebay.face.push("NEW_MESSAGE", {"conversationId": "c-1"})
    assert ebay.shop.events.handle(posted(headers, body.replace(b"c-1", b"c-2"))).status == 412
    assert ebay.shop.events.handle(posted(headers, b"not json")).status == 412


def test_a_signature_over_what_is_no_notification_is_an_error_with_its_place(ebay: Any) -> None:
    from sellercare.errors import BadAnswer

    body = b'{"metadata":{}}'
    with pytest.raises(BadAnswer) as caught:
        ebay.shop.events.handle(posted({"X-EBAY-SIGNATURE": ebay.face.signature_of(body)}, body))
    assert caught.value.path == "$.metadata.topic"
