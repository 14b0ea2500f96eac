"""Amazon's declaration: settings, authorisation, limits, and an answer about every verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, SecretStr
from pydantic.config import JsonDict

from sellercare.adapter import Adapter, Allowance, Budget, ErrorTable, OAuth2, Problem, Settings
from sellercare.calls import Answer, Call
from sellercare.errors import Conflict, Invalid, RateLimited, Unauthorized
from sellercare.support import Proof, Proved, Support, emulated, impossible, native
from sellercare_adapters.amazon import contracts, words
from sellercare_adapters.amazon.events import AmazonEvents
from sellercare_adapters.amazon.messages import AmazonMessages
from sellercare_adapters.amazon.orders import AmazonOrders
from sellercare_adapters.amazon.refunds import AmazonRefunds
from sellercare_adapters.amazon.returns import AmazonReturns
from sellercare_adapters.amazon.reviews import AmazonReviews
from sellercare_adapters.amazon.sites import HOSTS, SITES
from sellercare_adapters.amazon.standing import AmazonAccount, AmazonScores

_APP: JsonDict = {"of": "app"}
_INBOX = "the buyer messages of Seller Central, or the seller's e-mail"
_NO_INBOX = "Amazon's API has no inbox: it neither lists, reads nor answers buyers' messages"
_RETURNS = "Manage Returns in Seller Central"
_REPORTED = {Proof.DESCRIPTION: "asking for the report", Proof.DOSSIER: "what is in it"}
_FED = {Proof.DESCRIPTION: "handing the feed over", Proof.DOSSIER: "what is in it, and in its report"}
_NO_DECISION = "Amazon's API only reports returns; nothing can be decided there (#4185)"


def _limit(group: str, rate: float, burst: int, where: str) -> Budget:
    return Budget(rate=rate, burst=burst, scope="credential", group=group, source=f"{where}, usage plan")


class AmazonSettings(Settings):
    """Settings of an Amazon account. One credential serves all marketplaces of a region; the site says which."""

    client_id: str = Field(min_length=1, description="the app's LWA client identifier", json_schema_extra=_APP)
    client_secret: SecretStr = Field(description="the app's LWA client secret", json_schema_extra=_APP)
    refresh_token: SecretStr = Field(description="what the seller's authorisation of the app gave")
    seller_id: str = Field(pattern="^[A-Z0-9]{8,20}$", description="the merchant token, such as A3TH9S8BH6GOGM")
    region: Literal["na", "eu", "fe"] = Field(description="North America, Europe (with India) or the Far East")
    base_url: str = Field(default="", description="another host than the region's, such as the sandbox")
    auth_url: str = Field(default="https://api.amazon.com", description="Login with Amazon", json_schema_extra=_APP)
    report_wait: float = Field(default=600.0, ge=0, description="seconds that one call waits for a report")
    report_age: float = Field(default=900.0, ge=0, description="seconds for which a report is fresh enough to reuse")
    seller_returns: bool = Field(default=True, description="list returns of orders that the seller ships (a report)")
    prime_returns: bool = Field(default=False, description="ask for the report of Prime returns too")
    fba_returns: bool = Field(default=False, description="list what came back to Amazon of its orders (a report)")
    cancellation_wishes: bool = Field(default=False, description="list buyers' wishes to cancel (a search of orders)")
    answer_times: bool = Field(default=False, description="ask for a second report with the score: answer times")
    external_fulfillment: bool = Field(default=False, description="the seller is in External Fulfillment")


class AmazonAdapter(Adapter):
    """Amazon's marketplaces, through the Selling Partner API."""

    name = "amazon"
    title = "Amazon"
    kind = "marketplace"
    proof = (
        "Every request and every simulated answer is validated against Amazon's own models of August 2026, and "
        "Amazon's sandbox cases are replayed. Reports and feeds are read by the dossier: Amazon publishes no schema."
    )
    proved_by = Proof.DESCRIPTION
    proved_otherwise: ClassVar[Mapping[str, Proved]] = {
        "orders.cancel": _FED,
        "returns.list": _REPORTED,
        "returns.get": _REPORTED,
        "refunds.issue": _FED,
        "reviews.list": _REPORTED,
        "scores.current": _REPORTED,
        "events.handle": Proof.DOSSIER,
    }

    settings = AmazonSettings
    sites = SITES
    request_id_header = "x-amzn-RequestId"
    errors: ClassVar[ErrorTable] = {
        400: Invalid,
        413: Invalid,
        415: Invalid,
        "ExpiredToken": Unauthorized,
        "NotAvailableForOrder": Conflict,
        "QuotaExceeded": RateLimited,
        "RateLimited": RateLimited,
    }
    budgets = (
        _limit("messages.allowed", 1, 5, "messaging"),
        _limit("messages.attributes", 1, 5, "messaging"),
        _limit("messages.start", 1, 5, "messaging"),
        _limit("reviews.allowed", 1, 5, "solicitations"),
        _limit("reviews.request", 1, 5, "solicitations"),
        _limit("uploads", 10, 10, "uploads"),
        _limit("orders.list", 0.0056, 20, "orders 2026-01-01"),
        _limit("orders.get", 0.5, 30, "orders 2026-01-01"),
        _limit("finances", 0.5, 10, "finances 2024-06-19"),
        _limit("feeds.create", 0.0083, 15, "feeds, createFeed"),
        _limit("feeds.document", 0.5, 15, "feeds, createFeedDocument"),
        _limit("feeds.list", 0.0222, 10, "feeds, getFeeds"),
        _limit("feeds.get", 2, 15, "feeds, getFeed"),
        _limit("feeds.result", 0.0222, 10, "feeds, getFeedDocument"),
        _limit("reports.create", 0.0167, 15, "reports, createReport"),
        _limit("reports.list", 0.0222, 10, "reports, getReports"),
        _limit("reports.get", 2, 15, "reports, getReport"),
        _limit("reports.document", 0.0167, 15, "reports, getReportDocument"),
        _limit("account", 0.016, 15, "sellers"),
    )

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native(),
        "orders.find": native("the number that buyers see is the id"),
        "orders.list": native("of one marketplace; a hundred a call, one call in three minutes after the first twenty"),
        "orders.cancel": native(
            "a feed, for whole orders that are not shipped and that Amazon does not ship: accepted is not cancelled",
            contract=contracts.CANCEL,
            wants={"reason": "Amazon wants a reason, and counts it in your standing."},
            refuses={"lines": "An Amazon order is called off as a whole; pay lines back instead."},
            reasons=words.CANCEL_REASONS,
        ),
        "messages.threads": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.thread": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.messages": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.allowed": native("the templates that Amazon offers for an order at this moment"),
        "messages.download": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.reply": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.start": native(
            "templates by order and moment; a message that was sent shows nowhere", contract=contracts.MESSAGE
        ),
        "messages.mark_read": impossible(_NO_INBOX, by_hand=_INBOX),
        "messages.close": impossible(_NO_INBOX, by_hand=_INBOX),
        "returns.list": emulated(
            "from the report of returns by return date; settings add what came back to Amazon of orders that it ships, "
            "the report of Prime returns, buyers' wishes to cancel, and External Fulfillment's returns",
            lost="what happened after they were asked for; of Amazon's own, what has not come back yet",
            costs="a report of each kind for each 60 days, which takes minutes; wishes a call for a hundred orders",
        ),
        "returns.get": emulated(
            "from the report of the last 60 days, or of those around a unit's return to Amazon; wishes and External "
            "Fulfillment's directly",
            costs="a report, which takes minutes",
        ),
        "returns.allowed": impossible(_NO_DECISION, by_hand=_RETURNS),
        "returns.open": impossible(_NO_DECISION, by_hand=_RETURNS),
        "returns.approve": impossible(
            f"{_NO_DECISION}, but a buyer's wish to cancel is met with orders.cancel", by_hand=_RETURNS
        ),
        "returns.decline": impossible(_NO_DECISION, by_hand=_RETURNS),
        "returns.receive": impossible(_NO_DECISION, by_hand=_RETURNS),
        "returns.offer": impossible(_NO_DECISION, by_hand=_RETURNS),
        "returns.contest": impossible(
            "Amazon's API knows neither A-to-z claims nor chargebacks, apart from what they cost",
            by_hand="A-to-z Guarantee claims in Seller Central",
        ),
        "refunds.list": native("from the finances, which may lag 48 hours; those of Amazon's own orders too"),
        "refunds.get": native("of a feed: whether it was taken, and whether the finances show it"),
        "refunds.quote": emulated(
            "the order's items less the refunds in the finances",
            lost="refunds of the last 48 hours",
            costs="two calls",
        ),
        "refunds.issue": native(
            "a feed, not for orders that Amazon ships: accepted is not paid",
            contract=contracts.REFUND,
            refuses={"note": "Amazon's refunds have no note, only a reason; write to the buyer instead."},
        ),
        "reviews.list": emulated(
            "seller feedback, from a report",
            lost="feedback of four and five stars, and all reviews of products",
            costs="a report, which takes minutes",
        ),
        "reviews.summary": impossible(
            "Amazon tells the topics of reviews, neither their number nor their average",
            by_hand="the product's page, and Feedback Manager in Seller Central",
        ),
        "reviews.reply": impossible("Amazon's API has no answers to feedback", by_hand="Feedback Manager"),
        "reviews.request": native(
            "product review and seller feedback at once, once an order, in Amazon's words",
            contract=contracts.SOLICITATION,
        ),
        "reviews.dispute": impossible(
            "the call for it left Amazon's messaging API in August 2025", by_hand="Feedback Manager"
        ),
        "scores.current": emulated(
            "from the seller performance report; with the setting answer_times from that of customer metrics too",
            costs="a report, which takes minutes, or two",
        ),
        "scores.history": impossible("the seller performance report tells of today only"),
        "events.handle": native("messages of the seller's own AWS queue, handed in as a request's body; unsigned"),
        "account.check": native("costs two calls"),
    }

    orders = AmazonOrders()
    messages = AmazonMessages()
    returns = AmazonReturns()
    refunds = AmazonRefunds()
    reviews = AmazonReviews()
    scores = AmazonScores()
    events = AmazonEvents()
    account = AmazonAccount()

    @staticmethod
    def auth(settings: AmazonSettings) -> OAuth2:
        """Login with Amazon: the refresh token stays, access tokens last an hour and go into a header of their own."""
        return OAuth2(
            token_url=f"{settings.auth_url}/auth/o2/token",
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            rotates=False,
            client="form",
            header="x-amz-access-token",
            prefix="",
            given_refresh=settings.refresh_token.get_secret_value(),
        )

    @staticmethod
    def bases(settings: AmazonSettings) -> Mapping[str, str]:
        """The region's host, unless the settings name another."""
        return {"api": settings.base_url or HOSTS[settings.region]}

    @staticmethod
    def headers(settings: AmazonSettings, call: Call, locale: str) -> Mapping[str, str]:
        """Messaging and solicitations answer in HAL, everything else in plain JSON."""
        hal = call.path.startswith(("/messaging/", "/solicitations/"))
        return {"Accept": "application/hal+json" if hal else "application/json"}

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """The first error of the list. 403 `Unauthorized` means three things, and only its words tell them apart:
        the access token is too old, a role is missing, or the order does not allow it now (#19)."""
        payload = answer.json()
        errors = payload["errors"]
        first = (errors["errors"] if isinstance(errors, dict) else errors)[0]
        code, text = str(first["code"]), str(first["message"])
        details = str(first.get("details") or "")
        said = f"{text} {details}".casefold()
        if code == "Unauthorized" and "access token" in said:
            code = "ExpiredToken"
        elif code == "Unauthorized" and "not available for this amazonorderid" in said:
            code = "NotAvailableForOrder"
        return Problem(code, text if details in ("", text) else f"{text} ({details})")

    @staticmethod
    def told(call: Call, answer: Answer) -> Allowance | None:
        """The rate that is in force for the operation, where an answer says it."""
        rate = answer.headers.get("x-amzn-RateLimit-Limit")
        return Allowance(rate=float(rate)) if rate else None
