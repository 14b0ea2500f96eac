"""What goes around every operation: tokens, points, errors in good answers, versions, withheld buyers; and webhooks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sellercare.calls import Answer, to_json
from sellercare.errors import BadInput, Forbidden, NotFound, OutcomeUnknown, RateLimited, SignInNeeded, Unauthorized
from sellercare.interfaces import VERBS
from sellercare.models import EventRequest
from sellercare.simulator import Fault
from sellercare.support import Level
from sellercare_adapters.shopify import ShopifyAdapter
from sellercare_adapters.shopify.adapter import ShopifySettings
from sellercare_adapters.shopify.face_ids import gid

from .conftest import eur, order_id, sent

CREATE = "mutation refundCreate"


def settings(**more: Any) -> ShopifySettings:
    return ShopifySettings.model_validate({"base_url": "https://my-shop.myshopify.com"} | more)


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_a_fixed_token_goes_into_shopifys_own_header() -> None:
    auth: Any = ShopifyAdapter.auth(settings(access_token="shpat_1"))
    assert auth.headers == {"X-Shopify-Access-Token": "shpat_1"}


def test_a_token_that_expires_is_renewed_and_the_new_pair_is_kept(make_shop: Callable[..., Any], order: Any) -> None:
    first = make_shop()
    platform = make_shop(**first.face.sign_in())  # unknown to this face: it renews nothing
    with pytest.raises(SignInNeeded):
        platform.shop.orders.get(order_id(order))
    face = platform.face
    again = make_shop(**first.face.sign_in())
    again.face.tokens = first.face.tokens
    assert again.shop.orders.get(order_id(order)).id == order_id(order)
    again.world.advance(4000)
    assert again.shop.orders.get(order_id(order)).id == order_id(order)
    assert again.face.tokens.refreshed == 1
    assert face.tokens.refreshed == 0


def test_a_wrong_token_is_unauthorized_and_told_nowhere(
    make_shop: Callable[..., Any], order: Any, caplog: pytest.LogCaptureFixture
) -> None:
    platform = make_shop(access_token="shpat_very_secret")
    with caplog.at_level(logging.DEBUG), pytest.raises(Unauthorized) as caught:
        platform.shop.orders.get(order_id(order))
    assert "shpat_very_secret" not in caplog.text + str(caught.value) + repr(platform.shop)


def test_secrets_are_in_no_repr() -> None:
    hidden = settings(access_token="hidden", refresh_token="hidden", client_secret="hidden")
    assert "hidden" not in repr(hidden) + repr(ShopifyAdapter.auth(hidden))


# --- points ----------------------------------------------------------------------------------------------------------


def test_throttled_comes_with_status_200_and_is_waited_for(platform: Any, order: Any) -> None:
    platform.face.faults.add(Fault("rate_limited", on="query *"))
    assert platform.shop.orders.get(order_id(order)).id == order_id(order)
    assert [status for _, status in platform.face.log] == [200, 200]


def test_a_throttled_mutation_did_nothing_and_is_sent_again_once(platform: Any, order: Any) -> None:
    platform.face.faults.add(Fault("rate_limited", on=CREATE))
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    assert sent(platform) == [CREATE, CREATE]
    assert platform.world.count("refund") == 1


def test_without_patience_it_is_rate_limited(make_shop: Callable[..., Any], order: Any) -> None:
    platform = make_shop(patience=0.0)
    platform.face.faults.add(Fault("rate_limited", on="query *"))
    with pytest.raises(RateLimited):
        platform.shop.orders.get(order_id(order))


def test_the_word_alone_is_enough() -> None:
    """Other pages show the error without a code."""
    problem = ShopifyAdapter.problem(Answer(200, {}, to_json({"errors": [{"message": "Throttled"}]})))
    assert problem.code == "THROTTLED"


def test_every_answer_tells_the_shops_own_points() -> None:
    status = {"maximumAvailable": 4000.0, "currentlyAvailable": 3921, "restoreRate": 200.0}
    cost = {"requestedQueryCost": 79, "actualQueryCost": 12, "throttleStatus": status}
    told = ShopifyAdapter.told(None, Answer(200, {}, to_json({"data": {}, "extensions": {"cost": cost}})))  # type: ignore[arg-type]  # the call does not count
    assert told is not None
    assert (told.rate, told.remaining) == (200.0, 3921.0)
    assert ShopifyAdapter.told(None, Answer(200, {}, b'{"data": {}}')) is None  # type: ignore[arg-type]  # as above


def test_a_throttled_operation_tells_when_there_are_points_enough_for_it() -> None:
    status = {"maximumAvailable": 1000.0, "currentlyAvailable": 118, "restoreRate": 50.0}
    cost = {"requestedQueryCost": 202, "actualQueryCost": None, "throttleStatus": status}
    body = to_json({"errors": [{"message": "Throttled"}], "extensions": {"cost": cost}})
    told = ShopifyAdapter.told(None, Answer(200, {}, body))  # type: ignore[arg-type]  # as above
    assert told is not None
    assert (told.rate, told.remaining, told.resets_in) == (50.0, 0.0, pytest.approx((202 - 118) / 50))


@pytest.mark.parametrize("hears", [True, False])
def test_a_long_list_is_not_throttled(
    make_shop: Callable[..., Any], world: Any, monkeypatch: pytest.MonkeyPatch, hears: bool
) -> None:
    """On the smallest plan. A page asks for 941 points and takes a third of them: it goes when all of them are there,
    and pays for what it took. One that does not hear what a page asks for is throttled."""
    for _ in range(200):
        world.order()
    if not hears:
        said = ShopifyAdapter.told

        def told(call: Any, answer: Answer) -> Any:
            allowance = said(call, answer)
            return allowance and replace(allowance, asked=None, took=None)

        monkeypatch.setattr(ShopifyAdapter, "told", staticmethod(told))
    platform = make_shop(face={"rate": 100.0, "bucket": 1000.0}, patience=3600.0)
    refused, taken, began = 0, 0.0, world.clock.now()

    def seen(call: str, reply: Any) -> None:
        nonlocal refused, taken
        refused += b"THROTTLED" in reply.body
        taken += reply.json()["extensions"]["cost"]["actualQueryCost"] or 0

    platform.face.signal = seen
    assert len(list(platform.shop.orders.list())) == 200
    assert (refused == 0) is hears
    # Of the thousand that are there at first, those above 941 can be spent without a wait.
    ideal = (taken * 9 / 10 - (1000 - 941)) / 100
    passed = (world.clock.now() - began).total_seconds()
    assert not hears or passed <= 1.05 * ideal, (passed, ideal)


def test_no_operation_asks_for_more_than_a_thousand_points(platform: Any, world: Any, order: Any) -> None:
    """By our count of what Shopify counts; lists, quotes and writes of all kinds."""
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    back = gid("Return", world.return_(order, state="approved").id)
    platform.shop.returns.receive(back, key="b", variant="not-restocked")
    platform.shop.refunds.issue(return_id=back, key="c")
    for _ in range(6):
        world.order(lines=[world.line(f"Thing {number}", "1.00") for number in range(130)])
    for rows in (platform.shop.orders.list(), platform.shop.returns.list(), platform.shop.refunds.list()):
        assert list(rows)
    assert max(cost for _, cost in platform.face.costs) < 1000


# --- errors ----------------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_not_found(platform: Any) -> None:
    for read in (
        lambda: platform.shop.orders.get("gid://shopify/Order/1"),
        lambda: platform.shop.returns.get("gid://shopify/Return/1"),
        lambda: platform.shop.returns.get("gid://shopify/ShopifyPaymentsDispute/1"),
        lambda: platform.shop.refunds.get("gid://shopify/Refund/1"),
        lambda: list(platform.shop.refunds.list(order_id="gid://shopify/Order/1")),
        lambda: list(platform.shop.returns.list(order_id="gid://shopify/Order/1")),
        lambda: platform.shop.orders.find("9999"),
    ):
        with pytest.raises(NotFound):
            read()


@pytest.mark.parametrize("given", ["1001", "#1001", "gid://shopify/Return/1", "gid://shopify/Order/x", ""])
def test_what_is_no_id_of_an_order_is_never_asked_for(platform: Any, given: str) -> None:
    with pytest.raises(BadInput):
        platform.shop.orders.get(given)
    assert platform.face.log == []


def test_a_missing_scope_is_forbidden(platform: Any, world: Any, order: Any) -> None:
    platform.face.scopes = ("read_orders",)
    world.return_(order)
    with pytest.raises(Forbidden, match="read_returns"):
        platform.shop.returns.get(gid("Return", "r"))
    check = platform.shop.account.check()
    assert not check.ok
    assert [each.partition(":")[0] for each in check.missing] == ["write_orders", "read_returns", "write_returns"]


def test_the_scopes_of_a_sales_channel_are_as_good(platform: Any) -> None:
    platform.face.scopes = ("write_orders", "write_marketplace_returns")
    assert platform.shop.account.check().ok


def test_orders_older_than_60_days_look_like_not_found(platform: Any, world: Any) -> None:
    """Trap 6."""
    old = world.order(days_ago=70)
    assert platform.shop.orders.get(order_id(old)).id == order_id(old)
    platform.face.scopes = tuple(scope for scope in platform.face.scopes if scope != "read_all_orders")
    with pytest.raises(NotFound):
        platform.shop.orders.get(order_id(old))
    assert "read_all_orders" in " ".join(platform.shop.account.check().notes)
    assert "60 days" in platform.shop.orders.list().capped


def test_buyers_that_are_withheld_are_empty_and_everything_else_is_there(platform: Any, world: Any, order: Any) -> None:
    platform.face.withholds = True
    found = platform.shop.orders.get(order_id(order))
    assert (found.buyer.name, found.buyer.email, found.total) == (None, None, eur("45.00"))
    world.return_(order)
    (asked,) = platform.shop.returns.list()
    assert asked.buyer.email is None


def test_a_withheld_field_never_hides_that_an_operation_failed() -> None:
    denied = {"message": "no", "path": ["order", "email"], "extensions": {"code": "ACCESS_DENIED"}}
    body = to_json({"data": {"order": None}, "errors": [denied]})
    assert ShopifyAdapter.problem(Answer(200, {}, body)).code == "ACCESS_DENIED"


def test_a_key_in_progress_is_no_refusal(platform: Any, order: Any) -> None:
    """refundCreate's userErrors have no code, but this one's words mean that an earlier attempt is still at work."""
    error = {"field": None, "message": "This request is currently in progress, please try again."}
    body = to_json({"data": {"refundCreate": {"refund": None, "userErrors": [error]}}})
    problem = ShopifyAdapter.problem(Answer(200, {}, body))
    assert problem.code == "IDEMPOTENCY_CONCURRENT_REQUEST"
    contract = platform.shop.supports("refunds.issue").contract
    assert problem.code not in contract.nothing_happened


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_proves_nothing_whatever_its_document_looks_like(
    make_shop: Callable[..., Any], world: Any, order: Any, status: int
) -> None:
    platform = make_shop(patience=5.0)
    back = world.return_(order, state="approved")
    platform.face.faults.add(Fault("error_before", on="mutation returnProcess", status=status))
    with pytest.raises(OutcomeUnknown):
        platform.shop.returns.receive(gid("Return", back.id), key="a")


def test_a_version_that_is_over_is_noticed(platform: Any) -> None:
    platform.face.spoken = "2027-01"
    assert any("2027-01" in note for note in platform.shop.account.check().notes)


def test_an_error_names_the_operation_and_the_request(platform: Any) -> None:
    with pytest.raises(NotFound) as caught:
        platform.shop.refunds.get("gid://shopify/Refund/1")
    assert "query Refund" in str(caught.value)
    assert caught.value.request_id


def test_the_log_names_operations_and_not_one_address(
    platform: Any, order: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "sellercare.http"):
        platform.shop.orders.get(order_id(order))
    assert "query Order 200" in caplog.text
    assert order_id(order) not in caplog.text


# --- what is not there -----------------------------------------------------------------------------------------------


def test_no_inbox_no_reviews_no_score_and_why() -> None:
    supports = ShopifyAdapter.supports
    for name in VERBS:
        if name.startswith(("messages.", "reviews.", "scores.")):
            assert supports[name].level is Level.IMPOSSIBLE
            assert supports[name].by_hand
            assert len(supports[name].text) > 20
    assert supports["returns.offer"].level is Level.IMPOSSIBLE


# --- webhooks --------------------------------------------------------------------------------------------------------


def pushed(platform: Any, *about: str, keys: Any = None, **more: Any) -> Any:
    headers, body = platform.face.push(*about, **more)
    request = EventRequest(method="POST", url="https://my.example/hooks", headers=headers, body=body)
    return platform.shop.events.handle(request, keys=keys or {})


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize(
    ("topic", "kind", "verb"),
    [
        ("returns/request", "Return", "returns.get"),
        ("RETURNS_PROCESS", "Return", "returns.get"),
        ("refunds/create", "Refund", "refunds.get"),
        ("orders/cancelled", "Order", "orders.get"),
        ("disputes/create", "ShopifyPaymentsDispute", "returns.get"),
    ],
)
def test_both_forms_of_headers_are_understood(platform: Any, newer: bool, topic: str, kind: str, verb: str) -> None:
    handled = pushed(platform, topic, kind, "thing", newer=newer)
    (event,) = handled.events
    assert (handled.trust, handled.status) == ("signed", 200)
    assert (event.verb, event.subject_id) == (verb, gid(kind, "thing"))
    assert event.id
    assert event.happened_at == platform.world.now()


def test_what_is_not_signed_with_the_apps_secret_is_not_believed(platform: Any) -> None:
    """Webhooks that somebody made by hand in the admin are signed with another secret."""
    for handled in (
        pushed(platform, "refunds/create", "Refund", "r", by_hand=True),
        pushed(platform, "refunds/create", "Refund", "r", keys={"client_secret": "wrong"}),
    ):
        assert (handled.trust, handled.status, handled.events) == ("unsigned", 401, ())


def test_without_a_secret_nothing_is_believed(make_shop: Callable[..., Any]) -> None:
    platform = make_shop(client_secret="")
    assert pushed(platform, "refunds/create", "Refund", "r").trust == "unsigned"
    assert (
        pushed(platform, "refunds/create", "Refund", "r", keys={"client_secret": "simulated-secret"}).trust == "signed"
    )


def test_the_bytes_are_signed_and_not_what_they_mean(platform: Any) -> None:
    headers, body = platform.face.push("refunds/create", "Refund", "r")
    request = EventRequest(method="POST", url="https://x.example", headers=headers, body=body.replace(b",", b", "))
    assert platform.shop.events.handle(request).trust == "unsigned"


def test_a_topic_that_no_verb_shows_is_signed_and_empty(platform: Any) -> None:
    handled = pushed(platform, "app/uninstalled", "Shop", "shop")
    assert (handled.trust, handled.events) == ("signed", ())


def test_a_webhook_of_another_shop_of_the_app_is_not_ours(make_shop: Callable[..., Any]) -> None:
    platform = make_shop(base_url="https://other.myshopify.com")
    assert pushed(platform, "refunds/create", "Refund", "r").events == ()


def test_every_write_says_what_it_does_and_where_to_look() -> None:
    for name, support in ShopifyAdapter.supports.items():
        if VERBS[name].is_write and support.offered:
            assert support.contract is not None
            assert support.contract.by_hand
            assert support.contract.source
            assert support.contract.absent_after == timedelta(minutes=10)
