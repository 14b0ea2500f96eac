"""Shopify's declaration: settings, authorisation, limits, and an answer about every verb."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr
from pydantic.config import JsonDict

from sellercare.adapter import Adapter, Allowance, Auth, Budget, ErrorTable, FixedAuth, OAuth2, Problem, Settings
from sellercare.calls import Answer, Call
from sellercare.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unavailable
from sellercare.graphql import NOTHING_THERE, USER_ERROR, problem_of
from sellercare.support import Proof, Proved, Support, emulated, impossible, native
from sellercare_adapters.shopify import contracts, words
from sellercare_adapters.shopify.events import ShopifyEvents
from sellercare_adapters.shopify.orders import ShopifyOrders
from sellercare_adapters.shopify.refunds import ShopifyRefunds
from sellercare_adapters.shopify.returns import ShopifyReturns
from sellercare_adapters.shopify.standing import ALL_ORDERS, CHARGEBACKS, SCOPES, ShopifyAccount

_APP: JsonDict = {"of": "app"}

_NUMBERS = re.compile(rb'"(requestedQueryCost|actualQueryCost|restoreRate|currentlyAvailable)"\s*:\s*([0-9.]+)')
_THROTTLED = re.compile(rb'"(?i:throttled)"')
_LONGEST_REFUSAL = 4096
"""Bytes. An operation that was not executed has no data: a longer answer is not searched for what it says."""

_TOKEN = "X-Shopify-Access-Token"

WITHHELD = frozenset({"email", "customer", "displayName"})
"""Fields about buyers that Shopify keeps from apps without approval (protected customer data)."""

_SAYS = {
    "throttled": "THROTTLED",
    "this request is currently in progress": "IDEMPOTENCY_CONCURRENT_REQUEST",
    "the same idempotency key cannot be used": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
}
"""Beginnings of messages that come without a code in some places, and the code that they have in others."""

_NO_INBOX = "Shopify's API has no inbox: no type of its schema is a message, and Shopify Inbox has no public API"
_NO_REVIEWS = "Shopify has no reviews of its own: they live in other companies' apps"
_NO_SCORE = "a shop of one's own is judged by no marketplace"
_MAIL = "the shop's own mail account; the buyer's address is in the order"
_INBOX = "Shopify Inbox, or the shop's own mail account"
_REVIEWS = "the app that the shop uses for reviews"


class ShopifySettings(Settings):
    """Settings of one Shopify shop. Sign in by a fixed `access_token`, or by an app whose tokens are renewed."""

    base_url: str = Field(description="the shop's own address, https://SHOP.myshopify.com")
    access_token: SecretStr = Field(
        default=SecretStr(""), description="an Admin API token (shpat_…); alone it never expires, else a first one"
    )
    refresh_token: SecretStr = Field(default=SecretStr(""), description="the refresh token that came with it")
    client_id: str = Field(default="", description="the app's client ID", json_schema_extra=_APP)
    client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="the app's client secret; webhooks are signed with it too",
        json_schema_extra=_APP,
    )
    redirect_uri: str = Field(default="", description="the app's redirect address", json_schema_extra=_APP)
    notify_buyers: bool = Field(default=False, description="let Shopify write to buyers about what is decided")
    location_id: str = Field(
        default="", description="where returned goods go into stock, gid://shopify/Location/…; empty: nowhere"
    )
    restock_cancelled: bool = Field(default=True, description="put the goods of a cancelled order back into stock")
    store_credit: Literal["off", "offer", "only"] = Field(
        default="off",
        description="refunds as store credit: off: none; offer: to choose, so each refund names its option; "
        "only: nothing else, and cancelled orders too",
    )
    chargebacks: bool = Field(default=False, description="list chargebacks with returns; wants Shopify Payments")


class ShopifyAdapter(Adapter):
    """Shopify, over its GraphQL Admin API of 2026-10."""

    name: ClassVar[str] = "shopify"
    title: ClassVar[str] = "Shopify"
    kind: ClassVar[Literal["marketplace", "storefront", "helpdesk", "reference"]] = "storefront"
    proof: ClassVar[str] = (
        "Every operation and every simulated answer is validated against Shopify's own schema of 2026-10, which does "
        "not describe webhooks; no live shop."
    )

    proved_by: ClassVar[Proof] = Proof.DESCRIPTION
    proved_otherwise: ClassVar[Mapping[str, Proved]] = {"events.handle": Proof.DOSSIER}

    settings: ClassVar[type[Settings]] = ShopifySettings
    request_id_header: ClassVar[str] = "X-Request-Id"
    errors_in_success: ClassVar[bool] = True
    errors: ClassVar[ErrorTable] = {
        **dict.fromkeys(contracts.RETURN_CODES, Invalid),
        "THROTTLED": RateLimited,
        "ACCESS_DENIED": Forbidden,
        "MISSING_PERMISSION": Forbidden,
        "FEATURE_NOT_ENABLED": Forbidden,
        "NO_REFUND_PERMISSION": Forbidden,
        "NO_REFUND_TO_STORE_CREDIT_PERMISSION": Forbidden,
        "SHOP_INACTIVE": Forbidden,
        "INVALID_VARIABLE": Invalid,
        "NOT_FOUND": NotFound,
        "DISPUTE_EVIDENCE_NOT_FOUND": NotFound,
        NOTHING_THERE: NotFound,
        "STORE_CREDIT_REFUND_EXPIRATION_IN_PAST": Invalid,
        "STORE_CREDIT_REFUND_MISSING_CUSTOMER": Invalid,
        "STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED": Invalid,
        "INVALID_STATE": Conflict,
        "NOT_EDITABLE": Conflict,
        "ALREADY_EXISTS": Conflict,
        "EVIDENCE_ALREADY_ACCEPTED": Conflict,
        "EVIDENCE_PAST_DUE_DATE": Conflict,
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH": Conflict,
        "IDEMPOTENCY_CONCURRENT_REQUEST": Unavailable,
        "INTERNAL_SERVER_ERROR": Unavailable,
        "INTERNAL_ERROR": Unavailable,
        USER_ERROR: Invalid,
        402: Forbidden,
        423: Forbidden,
    }
    budgets: ClassVar[tuple[Budget, ...]] = (
        Budget(
            rate=100,
            burst=1000,
            source="shopify.dev, rate limits: 100 points a second on the smallest plan; answers tell the shop's own",
        ),
    )
    id_patterns: ClassVar[Mapping[str, str]] = {
        "order_id": r"gid://shopify/Order/\d+",
        "return_id": r"gid://shopify/(Return|ShopifyPaymentsDispute)/\d+",
    }

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native("orders older than 60 days want read_all_orders", condition="scope read_orders"),
        "orders.find": emulated("the search by name, of which the order with exactly this name is taken"),
        "orders.list": native("orders with many lines cost a call for each four", condition="scope read_orders"),
        "orders.cancel": native(
            "whole orders, later, by a job; what was paid goes back, or becomes store credit (`store_credit = only`)",
            contract=contracts.CANCEL_ORDER,
            refuses={"lines": "Shopify cancels whole orders; pay lines back instead."},
            reasons=words.CANCEL_REASONS,
        ),
        "messages.threads": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.thread": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.messages": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.allowed": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.download": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.reply": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.start": impossible(_NO_INBOX, by_hand=_MAIL),
        "messages.mark_read": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.close": impossible(_NO_INBOX, by_hand=_INBOX),
        "returns.list": emulated(
            "through the orders, which have them; chargebacks with kind=chargeback or the setting `chargebacks`",
            lost="when a return changed: `updated_since` goes by its order; parcels behind the first few of a return",
            costs="a page of orders for each fifty, and a call for each order that has returns",
            condition="scope read_returns",
        ),
        "returns.get": native("with all its lines and parcels", condition="scope read_returns"),
        "returns.allowed": emulated("from the status of the return and its lines"),
        "returns.open": native(
            "approved from the start; for goods that were sent",
            contract=contracts.OPEN_RETURN,
            refuses={
                "kind": "A seller opens only returns at Shopify.",
                "variant": "Shopify opens returns in one way only.",
                "return_shipping": "Shopify offers no labels of its own.",
            },
        ),
        "returns.approve": native(
            "agrees to a request; the variant `reopen` opens a closed return again, `exchange` lets an exchange go "
            "out, `parcel` tells of a parcel that goods come back in, by its number",
            contract=contracts.TELL_PARCEL,
        ),
        "returns.decline": native(
            "refuses a request; the variant `cancel` calls an approved return off, `close` ends it as it is",
            contract=contracts.DECIDE,
        ),
        "returns.receive": native(
            "processes pieces without money; variants say where the goods go",
            contract=contracts.RECEIVE,
        ),
        "returns.offer": impossible("there is nothing that a buyer could be offered", by_hand="Shopify's admin"),
        "returns.contest": native(
            "evidence against a chargeback, in words",
            contract=contracts.CONTEST,
            condition="Shopify Payments; scope write_shopify_payments_dispute_evidences",
        ),
        "refunds.list": emulated(
            "through the orders, which have them", costs="a page of orders for each 25, and a call for five refunds"
        ),
        "refunds.get": native("its state is that of its transactions"),
        "refunds.quote": native(
            "Shopify's own suggestion, for the order or for a return; also as store credit, with the setting"
        ),
        "refunds.issue": native(
            "for an order under Shopify's key; for a return without one, and read back",
            contract=contracts.RETURN_REFUND,
        ),
        "reviews.list": impossible(_NO_REVIEWS, by_hand=_REVIEWS),
        "reviews.summary": impossible(_NO_REVIEWS, by_hand=_REVIEWS),
        "reviews.reply": impossible(_NO_REVIEWS, by_hand=_REVIEWS),
        "reviews.request": impossible(_NO_REVIEWS, by_hand=_REVIEWS),
        "reviews.dispute": impossible(_NO_REVIEWS, by_hand=_REVIEWS),
        "scores.current": impossible(_NO_SCORE, by_hand="the shop's own reports in Shopify's admin"),
        "scores.history": impossible(_NO_SCORE, by_hand="the shop's own reports in Shopify's admin"),
        "events.handle": native("webhooks, in both forms of their headers"),
        "account.check": native(),
    }

    orders = ShopifyOrders()
    returns = ShopifyReturns()
    refunds = ShopifyRefunds()
    events = ShopifyEvents()
    account = ShopifyAccount()

    @staticmethod
    def auth(settings: Any) -> Auth:
        """A fixed token; or tokens that live an hour and are renewed, where there is a refresh token or only an app."""
        access = settings.access_token.get_secret_value()
        refresh = settings.refresh_token.get_secret_value()
        if access and not refresh:
            return FixedAuth({_TOKEN: access})
        scopes = (*SCOPES, *(CHARGEBACKS if settings.chargebacks else ()), ALL_ORDERS)
        return OAuth2(
            token_url=f"{settings.base_url}/admin/oauth/access_token",
            authorize_url=f"{settings.base_url}/admin/oauth/authorize",
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            redirect_uri=settings.redirect_uri,
            scopes=scopes,
            rotates=True,
            header=_TOKEN,
            prefix="",
            client="form",
            given_access=access,
            given_refresh=refresh,
        )

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """The first error beside the data, or of a mutation's own; both come with status 200."""
        problem = problem_of(answer, withheld=WITHHELD)
        for beginning, code in _SAYS.items():
            if problem.code and problem.text.lower().startswith(beginning):
                return replace(problem, code=code)
        return problem

    @staticmethod
    def told(call: Call, answer: Answer) -> Allowance | None:
        """The shop's points: how fast they come back, and how many are there.

        A throttled operation also tells what it costs, and so when there are points enough for it.
        """
        at = answer.body.rfind(b'"requestedQueryCost"')
        if at < 0:
            return None
        # It is a few bytes at an end of a large document, which is not parsed again for them.
        numbers = {name: float(value) for name, value in _NUMBERS.findall(answer.body, at)}
        rate, left = numbers[b"restoreRate"], numbers[b"currentlyAvailable"]
        asked, took = numbers[b"requestedQueryCost"], numbers.get(b"actualQueryCost")
        missing = asked - left
        if missing > 0 and len(answer.body) <= _LONGEST_REFUSAL and _THROTTLED.search(answer.body):
            return Allowance(rate=rate, remaining=0.0, resets_in=missing / rate, asked=asked)
        return Allowance(rate=rate, remaining=left, asked=asked, took=took)
