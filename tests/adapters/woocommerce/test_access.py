"""Credentials and where they go, webhooks, and the account's check."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable
from typing import Any

import pytest

from sellercare.errors import BadAnswer, ConfigError, PlatformError, Unauthorized
from sellercare.models import EventRequest, Trust
from sellercare.simulator import Fault
from sellercare_adapters.woocommerce.adapter import WooCommerceAdapter, WooCommerceSettings
from sellercare_adapters.woocommerce.face import WooCommerceFace


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every request that a simulated shop gets."""
    requests: list[Any] = []
    handle = WooCommerceFace.handle
    monkeypatch.setattr(
        WooCommerceFace, "handle", lambda self, request: (requests.append(request), handle(self, request))[1]
    )
    return requests


# --- credentials -----------------------------------------------------------------------------------------------------


def used(request: Any) -> str:
    """Who a request says it comes from."""
    _, _, coded = request.headers.get("Authorization", "").partition(" ")
    return base64.b64decode(coded).decode().partition(":")[0]


def test_each_api_gets_its_own_credential(woo: Any, spy: list[Any]) -> None:
    review = woo.world.review()
    woo.shop.reviews.reply(woo.id(review), "Sorry.", key="a")
    who = {(request.path.split("/")[2], used(request)) for request in spy}
    assert who == {("wc", woo.face.consumer_key), ("wp", woo.face.user)}


def test_without_a_password_the_key_does_not_go_to_wordpress(make_woo: Callable[..., Any], spy: list[Any]) -> None:
    for where in ("header", "query"):
        woo = make_woo(wordpress_user="", application_password="", credentials_in=where)
        woo.world.review()
        assert len(list(woo.shop.reviews.list())) == 1
    asked = [request for request in spy if request.path.startswith("/wp-json/wp/")]
    assert len(asked) == 2
    for request in asked:
        assert "Authorization" not in request.headers
        assert not any(name.startswith("consumer") for name in request.query)


def test_the_key_may_stand_in_the_address(make_woo: Callable[..., Any], spy: list[Any]) -> None:
    woo = make_woo(credentials_in="query")
    order = woo.world.order()
    assert woo.shop.orders.get(woo.id(order)).id == woo.id(order)
    assert "Authorization" not in spy[0].headers
    assert spy[0].param("consumer_secret") == woo.face.consumer_secret


def test_without_any_credential_there_is_no_shop(make_woo: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match="neither"):
        make_woo(consumer_key="", wordpress_user="")


@pytest.mark.parametrize("where", ["header", "query"])
def test_no_secret_is_in_a_log_or_an_error(
    make_woo: Callable[..., Any], caplog: pytest.LogCaptureFixture, where: str
) -> None:
    caplog.set_level(logging.DEBUG)
    woo = make_woo(credentials_in=where, patience=1)
    pairs = [(woo.face.consumer_key, woo.face.consumer_secret), (woo.face.user, woo.face.password)]
    secrets = [*pairs[0], pairs[1][1], *(base64.b64encode(f"{a}:{b}".encode()).decode() for a, b in pairs)]
    order = woo.id(woo.world.order())
    errors = []
    for kind in ("lost_answer", "error_before", "html_body", "cut_body"):
        woo.face.faults.add(Fault(kind, "*", times=None))
        for call in (lambda: woo.shop.orders.get(order), lambda: woo.shop.messages.reply(order, "Hi.", key="k")):
            with pytest.raises(PlatformError) as caught:
                call()
            errors.append(f"{caught.value} {caught.value.details()} {caught.value!r}")
        woo.face.faults.clear()
    woo.face.consumer_key = "another"
    with pytest.raises(Unauthorized) as refused:
        woo.shop.orders.get(order)
    said = " ".join([caplog.text, *errors, str(refused.value), repr(woo.shop), repr(woo.shop.settings)])
    assert len(said) > 1000
    assert [secret for secret in secrets if secret in said] == []


# --- the account -----------------------------------------------------------------------------------------------------


def test_the_account_tells_what_is_missing(make_woo: Callable[..., Any]) -> None:
    woo = make_woo()
    assert woo.shop.account.check().missing == ()
    woo.face.has_refunds_route = False
    (says,) = woo.shop.account.check().missing
    assert "all_refunds = false" in says
    woo.face.consumer_key = "another"
    with pytest.raises(Unauthorized):
        woo.shop.account.check()


def test_a_shop_without_tls_is_told(woo: Any) -> None:
    assert any("without TLS" in note for note in woo.shop.account.check().notes)


def test_the_addresses_are_the_shops_own() -> None:
    settings = WooCommerceSettings(base_url="https://shop.example.com/store/", consumer_key="a", consumer_secret="b")
    assert WooCommerceAdapter.bases(settings) == {
        "api": "https://shop.example.com/store/wp-json/wc/v3",
        "wp": "https://shop.example.com/store/wp-json/wp/v2",
    }


# --- webhooks --------------------------------------------------------------------------------------------------------


def handled(woo: Any, request: EventRequest, secret: str = WooCommerceFace.webhook_secret) -> Any:
    return woo.shop.events.handle(request, keys={"webhook_secret": secret})


def test_a_signed_webhook_is_an_event(woo: Any) -> None:
    order = woo.shop.orders.get(woo.id(woo.world.order()))
    request = woo.face.webhook("order.updated", order.raw)
    told = handled(woo, request)
    (event,) = told.events
    assert (told.trust, told.status) == (Trust.SIGNED, 200)
    assert (event.verb, event.subject_id, event.happened_at) == ("orders.get", order.id, order.updated_at)
    assert event.id == request.headers["X-WC-Webhook-Delivery-ID"]
    lower = {name.lower(): value for name, value in request.headers.items()}
    assert handled(woo, request.model_copy(update={"headers": lower})) == told


def test_the_signature_is_over_the_raw_bytes(woo: Any) -> None:
    """The same document written differently is another body."""
    request = woo.face.webhook("order.updated", {"id": 13})
    assert request.body == b'{"id":13}'
    changed = request.model_copy(update={"body": b'{"id": 13}'})
    for wrong in (changed, request.model_copy(update={"headers": {}})):
        told = handled(woo, wrong)
        assert (told.events, told.trust, told.status) == ((), Trust.UNSIGNED, 401)


@pytest.mark.parametrize("secret", ["", "another"])
def test_a_wrong_secret_or_none_believes_nothing(woo: Any, secret: str) -> None:
    told = handled(woo, woo.face.webhook("order.updated", {"id": 13}), secret)
    assert (told.events, told.trust, told.status) == ((), Trust.UNSIGNED, 401)
    assert woo.shop.events.handle(woo.face.webhook("order.updated", {"id": 13}), keys={}).status == 401


@pytest.mark.parametrize("keys", [{}, {"webhook_secret": ""}])
def test_a_signature_of_no_secret_is_nobodys(woo: Any, keys: dict[str, str]) -> None:
    """Anybody can sign with the empty secret."""
    body = b'{"id":13}'
    signature = base64.b64encode(hmac.new(b"", body, hashlib.sha256).digest()).decode()
    headers = {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Signature": signature}
    told = woo.shop.events.handle(
        EventRequest(method="POST", url="https://x.test", headers=headers, body=body), keys=keys
    )
    assert (told.events, told.trust, told.status) == ((), Trust.UNSIGNED, 401)


def test_the_signature_is_the_documented_one(woo: Any) -> None:
    """base64(HMAC-SHA256(secret, body)), as openssl computes it for these bytes."""
    headers = {
        "X-WC-Webhook-Topic": "order.created",
        "X-WC-Webhook-Signature": "JEHpnqgrpf8UU6HbdCixYXkVEdmHrwGxBRua8fkUmEM=",
    }
    request = EventRequest(method="POST", url="https://example.com", headers=headers, body=b'{"id":13}')
    assert handled(woo, request, "secret").trust is Trust.SIGNED


@pytest.mark.parametrize("payload", [13, {"action": "woocommerce_order_refunded", "arg": 13}])
def test_a_refund_is_told_by_its_order(woo: Any, payload: Any) -> None:
    (event,) = handled(woo, woo.face.webhook("action.woocommerce_order_refunded", payload)).events
    assert (event.verb, event.subject_id) == ("refunds.list", "13")


def test_the_ping_of_a_new_webhook_is_answered_and_is_no_event(woo: Any) -> None:
    ping = EventRequest(method="POST", url="https://example.com", headers={}, body=b"webhook_id=12")
    told = handled(woo, ping)
    assert (told.events, told.trust, told.status) == ((), Trust.UNSIGNED, 200)


def test_a_signed_body_that_is_no_document_is_an_error_of_ours(woo: Any) -> None:
    for topic, payload in (("order.updated", []), ("action.woocommerce_order_refunded", {"id": 1})):
        with pytest.raises(BadAnswer):
            handled(woo, woo.face.webhook(topic, payload))


def test_what_no_verb_shows_is_no_event(woo: Any) -> None:
    told = handled(woo, woo.face.webhook("product.updated", {"id": 4}))
    assert (told.events, told.trust, told.status) == ((), Trust.SIGNED, 200)
