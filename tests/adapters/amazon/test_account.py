"""Sign-in, regions and sites, limits, what the account is, and secrets that stay secret."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from requests.adapters import BaseAdapter

import sellercare
from sellercare import registry
from sellercare.errors import ConfigError, Forbidden, NotFound, RateLimited, SellercareError, SignInNeeded
from sellercare.models import Upload
from sellercare.simulator import Fault
from sellercare_adapters.amazon import AmazonAdapter
from sellercare_adapters.amazon.sites import HOSTS, MARKETPLACES

from .conftest import ORDER

PDF = Upload.of("invoice.pdf", "application/pdf", b"%PDF-1.7")


class Hosts(BaseAdapter):
    """A transport that notes which hosts get what."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner, self.seen = inner, []

    def send(self, request: Any, **more: Any) -> Any:
        self.seen.append((request.url.split("/")[2], dict(request.headers)))
        return self.inner.send(request, **more)

    def close(self) -> None:
        self.inner.close()


class TestSignIn:
    def test_the_refresh_token_stays(self, amazon) -> None:
        amazon.order()
        for _ in range(3):
            amazon.shop.orders.get(ORDER)
            amazon.clock.advance(3600)
        assert amazon.face.tokens.refreshed == 3

    @pytest.mark.parametrize("on", ["GET /orders/*", "POST /feeds/*", "POST /reports/*", "GET /reports/*"])
    def test_an_access_token_that_dies_is_renewed_once(self, amazon, on) -> None:
        """Amazon says 403 for it, as for what is forbidden."""
        amazon.order()
        amazon.face.faults.add(Fault("expired_token", on))
        amazon.shop.orders.get(ORDER)
        list(amazon.shop.returns.list())
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 1
        assert amazon.face.tokens.refreshed <= 3

    def test_what_is_forbidden_is_not_asked_for_again_and_again(self, amazon) -> None:
        amazon.face.plan = ""
        with pytest.raises(Forbidden):
            amazon.shop.http.read(sellercare.calls.read("/sellers/v1/account"))
        assert [call for call, _ in amazon.face.log].count("GET /sellers/v1/account") == 1

    def test_a_withdrawn_grant_says_so(self, amazon) -> None:
        amazon.face.refresh_token = "Atzr|another"
        with pytest.raises(SignInNeeded):
            amazon.shop.account.check()


class TestPlaces:
    def test_regions_have_hosts_and_all_sites_a_region(self) -> None:
        assert {place.region for place in MARKETPLACES.values()} == HOSTS.keys()
        assert len({place.id for place in MARKETPLACES.values()}) == len(MARKETPLACES) == 21
        assert AmazonAdapter.sites == tuple(MARKETPLACES)

    @pytest.mark.parametrize(("region", "site"), [("na", "CA"), ("eu", "DE"), ("fe", "JP")])
    def test_calls_go_to_the_regions_host_about_the_site(self, make_amazon, region, site) -> None:
        hosts: list[Hosts] = []
        seller = make_amazon(lambda plain: hosts.append(Hosts(plain)) or hosts[0], region=region, site=site)
        seller.face.marketplace = MARKETPLACES[site].id
        seller.order(id="1", item="2")
        assert len(list(seller.shop.orders.list())) == 1
        assert f"sellingpartnerapi-{region}.amazon.com" in {host for host, _ in hosts[0].seen}

    def test_a_site_of_another_region_is_refused_before_any_call(self, make_amazon) -> None:
        seller = make_amazon(region="eu")
        with pytest.raises(ConfigError, match="US is not in") as caught:
            seller.shop.orders.get(ORDER)
        assert "DE" in caught.value.next_step
        assert seller.face.log == []

    def test_there_are_only_three_regions(self, make_amazon) -> None:
        with pytest.raises(ConfigError):
            make_amazon(region="moon")

    def test_the_storage_gets_no_token(self, make_amazon) -> None:
        hosts: list[Hosts] = []
        seller = make_amazon(lambda plain: hosts.append(Hosts(plain)) or hosts[0])
        seller.order()
        seller.shop.messages.start(ORDER, option="invoice", attachments=[PDF], key="a")
        seller.shop.refunds.issue(order_id=ORDER, key="b")
        list(seller.shop.returns.list())
        stored = [headers for host, headers in hosts[0].seen if "s3" in host]
        assert len(stored) == 3
        assert all("x-amz-access-token" not in headers and "Accept" not in headers for headers in stored)


class TestLimits:
    def test_what_the_usage_plan_leaves_no_room_for_waits(self, make_amazon) -> None:
        seller = make_amazon(patience=30)
        seller.order()
        began = seller.clock.now()
        for _ in range(8):
            seller.shop.messages.allowed(order_id=ORDER)
        assert seller.clock.now() - began >= timedelta(seconds=3)
        assert 429 not in {status for _, status in seller.face.log}

    def test_a_slow_operation_says_how_long_it_takes(self, make_amazon) -> None:
        seller = make_amazon(patience=5)
        for _ in range(20):
            list(seller.shop.orders.list())
        with pytest.raises(RateLimited) as caught:
            list(seller.shop.orders.list())
        assert caught.value.wait is not None

    def test_budgets_are_those_of_the_usage_plans(self) -> None:
        rates = {budget.group: (budget.rate, budget.burst) for budget in AmazonAdapter.budgets}
        assert rates["feeds.create"] == (0.0083, 15)
        assert rates["orders.list"] == (0.0056, 20)
        assert all(budget.scope == "credential" for budget in AmazonAdapter.budgets)


class TestAccount:
    def test_who_the_seller_is(self, amazon) -> None:
        check = amazon.shop.account.check()
        assert check.ok
        assert (check.seller_id, check.plan, check.sites) == (amazon.face.seller_id, "PROFESSIONAL", ("US",))

    def test_without_the_role_the_plan_is_not_told(self, amazon) -> None:
        amazon.face.plan = ""
        check = amazon.shop.account.check()
        assert (check.ok, check.plan) == (True, None)
        assert "no role" in check.notes[0]

    def test_a_site_without_sales_is_missing(self, make_amazon) -> None:
        check = make_amazon(site="CA").shop.account.check()
        assert not check.ok
        assert "CA" in check.missing[0]


class TestOrders:
    def test_an_order_with_all_its_parts(self, amazon) -> None:
        made = amazon.order("delivered")
        order = amazon.shop.orders.find(f" {ORDER} ")
        assert (order.id, order.number, order.site) == (ORDER, ORDER, "US")
        assert (order.state, order.native_state) == ("delivered", "SHIPPED")
        assert order.total == amazon.usd("113.49")
        assert [(line.kind.value, line.quantity) for line in order.lines] == [("item", 2), ("shipping", 1)]
        assert order.buyer.email == amazon.world.data.buyers[made.buyer_id].email

    def test_withheld_buyers(self, amazon) -> None:
        order = amazon.order()
        buyer = amazon.world.data.buyers[order.buyer_id]
        buyer.name = buyer.email = None
        found = amazon.shop.orders.get(ORDER)
        assert (found.buyer.name, found.buyer.email) == (None, None)

    def test_a_word_never_seen_is_no_error(self, amazon, monkeypatch) -> None:
        from sellercare_adapters.amazon import face_orders

        monkeypatch.setitem(face_orders._STATES, "shipped", "TELEPORTED")
        amazon.order()
        found = amazon.shop.orders.get(ORDER)
        assert (found.state, found.native_state) == ("unknown", "TELEPORTED")

    def test_none_is_not_found(self, amazon) -> None:
        with pytest.raises(NotFound):
            amazon.shop.orders.get("000-0000000-0000000")

    def test_what_changed_since_is_asked_of_amazon(self, amazon) -> None:
        old = amazon.order(days_ago=30)
        new = amazon.order(id="903-1671087-0812629", item="60407000000002", days_ago=1)
        since = amazon.clock.now() - timedelta(days=7)
        assert [each.id for each in amazon.shop.orders.list(updated_since=since)] == [new.id]
        assert old.id in {each.id for each in amazon.shop.orders.list()}


def test_secrets_are_in_no_log_error_or_journal_row(make_amazon, caplog, tmp_path) -> None:
    caplog.set_level(logging.DEBUG)
    store = tmp_path / "store.db"
    seller = make_amazon(store=f"sqlite:///{store}")
    seller.order()
    errors = []
    for on in ("POST /auth/*", "GET /orders/*", "PUT /storage/*", "GET /storage/*", "POST /feeds/*/feeds"):
        seller.face.faults.add(Fault("error_after", on, times=None, status=503))
        for call in (
            lambda key=on: seller.shop.refunds.issue(order_id=ORDER, amount=seller.usd("1.00"), key=key),
            lambda: list(seller.shop.returns.list()),
            lambda: seller.shop.orders.get(ORDER),
        ):
            try:
                call()
            except SellercareError as error:
                errors.append(f"{error} {error.details()}")
        seller.face.faults.clear()
    seller.shop.account.check()
    secrets = [seller.face.client_secret, seller.face.refresh_token, *seller.face.tokens._by_access]
    said = caplog.text + "".join(errors) + repr(seller.shop) + repr(seller.shop.settings)
    assert errors
    assert [secret for secret in secrets if secret in said] == []
    assert "X-Amz-Signature" not in said


def test_the_face_is_reached_on_a_loopback_port_too(amazon) -> None:
    from sellercare.simulator import serve
    from sellercare.simulator.faces import reached_at

    amazon.order()
    amazon.world.return_(amazon.world.data.orders[ORDER])
    with serve(amazon.face) as address:
        settings = reached_at(registry.load("amazon"), amazon.face, address)
        with sellercare.connect("amazon", store="sqlite://", clock=amazon.clock, **settings) as shop:
            assert len(list(shop.returns.list())) == 1
            shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
    assert amazon.world.count("refund", ORDER) == 1
