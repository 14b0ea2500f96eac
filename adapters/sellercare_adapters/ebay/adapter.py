"""eBay's declaration: settings, authorisation, limits, and an answer about every verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.config import JsonDict

from sellercare.adapter import Adapter, Budget, ErrorTable, OAuth2, Outgoing, Problem, Settings, Signature
from sellercare.calls import Answer, Call, Json
from sellercare.errors import Conflict, Invalid, RateLimited
from sellercare.support import Proof, Proved, Support, emulated, impossible, native
from sellercare_adapters.ebay import contracts, signing, words
from sellercare_adapters.ebay.conversations import EbayMessages
from sellercare_adapters.ebay.events import EbayEvents
from sellercare_adapters.ebay.orders import EbayOrders
from sellercare_adapters.ebay.postorder import BASE
from sellercare_adapters.ebay.refunds import EbayRefunds
from sellercare_adapters.ebay.returns import EbayReturns
from sellercare_adapters.ebay.reviews import EbayReviews
from sellercare_adapters.ebay.standing import SCOPES, EbayAccount, EbayScores

_APP: JsonDict = {"of": "app"}
_DAY = 86_400
_HUB = "Seller Hub"

_TALKS = {Proof.DESCRIPTION: "conversations", Proof.DOSSIER: "what is written in returns and inquiries"}
_CASES = {Proof.DESCRIPTION: "payment disputes", Proof.DOSSIER: "returns, inquiries and cancellations"}
_MONEY = {Proof.DESCRIPTION: "refunds of orders", Proof.DOSSIER: "refunds through a return or inquiry"}
"""Post-Order has no contract of eBay's: what goes through it is known from texts."""


class ReturnAddress(BaseModel):
    """Where buyers send goods back to, for payment disputes about goods that are not as described."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    street: str
    city: str
    postal_code: str
    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166-1, two letters")
    phone: str = Field(pattern=r"^[0-9]{4,15}$", description="digits, without the country")
    phone_country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166-1, two letters")
    state: str = ""

    def wire(self) -> Json:
        """As eBay wants it."""
        lines = {"fullName": self.name, "addressLine1": self.street, "city": self.city, "postalCode": self.postal_code}
        where = {"country": self.country} | ({"stateOrProvince": self.state} if self.state else {})
        return lines | where | {"primaryPhone": {"countryCode": self.phone_country, "number": self.phone}}


class EbaySettings(Settings):
    """Settings of an eBay account. One app serves all sellers that consent to it."""

    client_id: str = Field(min_length=1, description="the app's App ID (Client ID)", json_schema_extra=_APP)
    client_secret: SecretStr = Field(description="the app's Cert ID (Client Secret)", json_schema_extra=_APP)
    redirect_uri: str = Field(
        default="", description="the app's RuName, which eBay takes as redirect_uri", json_schema_extra=_APP
    )
    base_url: str = Field(default="https://api.ebay.com", description="the APIs", json_schema_extra=_APP)
    apiz_url: str = Field(default="https://apiz.ebay.com", description="payment disputes", json_schema_extra=_APP)
    auth_url: str = Field(
        default="https://auth.ebay.com", description="where sellers grant access", json_schema_extra=_APP
    )
    username: str = Field(min_length=1, description="the seller's user name at eBay")
    user_id: str = Field(default="", description="the seller's immutable user id, where eBay shows it for the name")
    signing_key: SecretStr = Field(
        default=SecretStr(""),
        description="the private key (Ed25519) of eBay's createSigningKey; needed in the EU and the UK",
        json_schema_extra=_APP,
    )
    signing_jwe: SecretStr = Field(
        default=SecretStr(""), description="the `jwe` that came with the signing key", json_schema_extra=_APP
    )
    verification_token: SecretStr = Field(
        default=SecretStr(""), description="the token of the notification endpoint", json_schema_extra=_APP
    )
    notification_endpoint: str = Field(
        default="", description="the address of the notification endpoint, as registered", json_schema_extra=_APP
    )
    return_address: ReturnAddress | None = Field(
        default=None, description="where goods go back to, for payment disputes about goods not as described"
    )
    access_token: SecretStr = Field(default=SecretStr(""), description="a token to start with, in place of signing in")
    refresh_token: SecretStr = Field(default=SecretStr(""), description="the refresh token that came with it")

    @model_validator(mode="after")
    def _both_or_none(self) -> EbaySettings:
        if bool(self.signing_key.get_secret_value()) != bool(self.signing_jwe.get_secret_value()):
            raise ValueError("signing_key and signing_jwe belong together: give both, or none")
        return self


def _daily(calls: int, group: str) -> Budget:
    """A limit of so many calls a day. Half may come at once and half over the day: never more in any 24 hours."""
    return Budget(rate=calls / 2 / _DAY, burst=calls // 2, scope="app", group=group, source="eBay's daily limits, 2026")


_NO_FILES = "eBay takes no files with a message, only addresses of files that you serve yourself."


class EbayAdapter(Adapter):
    """eBay, all marketplaces of one seller."""

    name = "ebay"
    title = "eBay"
    kind = "marketplace"
    proof = (
        "Requests and simulated answers are validated against copies of eBay's own OpenAPI contracts of November 2025. "
        "Post-Order has none: it is held against a list of its fields that others recorded."
    )

    proved_by = Proof.DESCRIPTION
    proved_otherwise: ClassVar[Mapping[str, Proved]] = {
        "orders.cancel": Proof.DOSSIER,
        "messages.threads": _TALKS,
        "messages.thread": _TALKS,
        "messages.messages": _TALKS,
        "messages.allowed": Proof.DOSSIER,
        "messages.reply": _TALKS,
        "messages.download": Proof.DOSSIER,
        "returns": _CASES,
        "returns.decline": Proof.DOSSIER,
        "returns.receive": Proof.DOSSIER,
        "returns.offer": Proof.DOSSIER,
        "refunds.get": _MONEY,
        "refunds.quote": _MONEY,
        "refunds.issue": _MONEY,
        "events.handle": {Proof.DESCRIPTION: "fetching the key of a signature", Proof.DOSSIER: "what is pushed"},
        "account.check": {Proof.DESCRIPTION: "the REST APIs", Proof.DOSSIER: "whether Post-Order answers"},
    }
    settings = EbaySettings
    sites = words.MARKETPLACES
    request_id_header = "rlogid"
    budgets = (
        _daily(100_000, "orders"),
        _daily(5_000, "postorder.return"),
        _daily(5_000, "postorder.inquiry"),
        _daily(5_000, "postorder.cancellation"),
        _daily(5_000, "postorder.casemanagement"),
        _daily(250_000, "disputes"),
        _daily(100, "scores"),
        _daily(400, "scores.service"),
        _daily(10_000, "events"),
    )
    errors: ClassVar[ErrorTable] = {
        400: Invalid,
        "2001": RateLimited,
        "34916": Conflict,
        "34917": Conflict,
        "34920": Conflict,
        "34922": Conflict,
        "34923": Conflict,
    }

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native(),
        "orders.find": emulated("the number that buyers see is the order's id"),
        "orders.list": native("orders of the last two years"),
        "orders.cancel": native(
            "whole orders, before they are shipped, within eBay's time for it; eBay pays the buyer back",
            contract=contracts.CANCEL,
            wants={"reason": "eBay wants a reason."},
            refuses={"lines": "eBay calls an order off as a whole, not lines of it."},
            reasons=words.CANCEL_REASONS,
        ),
        "messages.threads": native(
            "conversations with members and with eBay, then those in open returns and inquiries of 90 days. They name "
            "a listing, never an order: an order's are found by its buyer and listings"
        ),
        "messages.thread": native(),
        "messages.messages": native("in a return or inquiry, its whole history"),
        "messages.allowed": emulated("from the limits of eBay's contract; in a return, from what eBay offers"),
        "messages.download": native(
            "files of returns; those of messages lie at addresses outside eBay, and nothing is fetched from strangers"
        ),
        "messages.reply": native(
            "to the buyer",
            contract=contracts.REPLY,
            refuses={
                "attachments": _NO_FILES,
                "to": "eBay's messages go to the buyer, to nobody else.",
                "answers": "An answer at eBay belongs to a conversation, not to one message of it.",
            },
        ),
        "messages.start": native(
            "to the buyer of an order, about its first listing",
            contract=contracts.START,
            refuses={"attachments": _NO_FILES},
        ),
        "messages.mark_read": native(
            "conversations with members and with eBay",
            contract=contracts.UPDATE,
            refuses={"up_to": "eBay marks a conversation as a whole."},
        ),
        "messages.close": emulated(
            "puts the conversation into the archive", lost="the buyer may go on writing", contract=contracts.UPDATE
        ),
        "returns.list": native(
            "returns, inquiries, cancellations, cases that eBay decides, and payment disputes, 18 months of each"
        ),
        "returns.get": native(),
        "returns.allowed": native("what eBay offers for a return; for the other kinds, from their state"),
        "returns.open": impossible("only buyers open a return or an inquiry; orders.cancel begins a cancellation"),
        "returns.approve": native(
            "accepts a return, or gives a label for it; a cancellation or payment dispute pays the buyer at once",
            contract=contracts.APPROVE,
        ),
        "returns.decline": native("a return or a cancellation", contract=contracts.DECIDE),
        "returns.receive": native("the item of a return is back", contract=contracts.DECIDE),
        "returns.offer": native("a part of the money, a return or a replacement", contract=contracts.OFFER),
        "returns.contest": native(
            "asks eBay to step into a return or inquiry, appeals against its decision of a case; contests a payment "
            "dispute, with evidence",
            contract=contracts.DECIDE,
        ),
        "refunds.list": emulated(
            "from the orders",
            lost="refunds through a case are not told apart; amounts are the seller's part, without collected taxes",
            costs="a call for each order that has refunds",
        ),
        "refunds.get": emulated("from its order or case"),
        "refunds.quote": emulated(
            "the order's total less its refunds; for a return, what eBay estimates; for an inquiry, all of it"
        ),
        "refunds.issue": native(
            "asynchronous: accepted is not paid; signed where a key is set", contract=contracts.REFUND
        ),
        "reviews.list": native("feedback on sales: positive is 5, neutral 3, negative 1"),
        "reviews.summary": native("of the seller"),
        "reviews.reply": native("once for each feedback, and never changed", contract=contracts.ANSWER_FEEDBACK),
        "reviews.request": impossible("eBay asks buyers by itself, and has no call for it"),
        "reviews.dispute": impossible(
            "no call asks for the revision or removal of feedback", by_hand="eBay's feedback pages, within 30 days"
        ),
        "scores.current": native("seller standards, with customer-service rates of the account's marketplace"),
        "scores.history": impossible("eBay tells the current and the projected evaluation only", by_hand=_HUB),
        "events.handle": native("challenge and signature are checked; payment disputes and refunds are not pushed"),
        "account.check": native("costs six calls"),
    }

    orders = EbayOrders()
    messages = EbayMessages()
    returns = EbayReturns()
    refunds = EbayRefunds()
    reviews = EbayReviews()
    scores = EbayScores()
    events = EbayEvents()
    account = EbayAccount()

    @staticmethod
    def auth(settings: EbaySettings) -> OAuth2:
        """A seller's tokens. Refresh tokens live 18 months and are not rotated. Post-Order wants them behind `IAF`."""
        return OAuth2(
            token_url=f"{settings.base_url}/identity/v1/oauth2/token",
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            authorize_url=f"{settings.auth_url}/oauth2/authorize",
            redirect_uri=settings.redirect_uri,
            scopes=SCOPES,
            rotates=False,
            prefixes={BASE: "IAF "},
            given_access=settings.access_token.get_secret_value(),
            given_refresh=settings.refresh_token.get_secret_value(),
        )

    @staticmethod
    def bases(settings: EbaySettings) -> Mapping[str, str]:
        """The APIs, Post-Order among them under a name of its own, and the host of payment disputes."""
        return {"api": settings.base_url, BASE: settings.base_url, "apiz": settings.apiz_url}

    @staticmethod
    def sign(settings: EbaySettings, call: Call, request: Outgoing) -> Signature | None:
        """Sign what moves a seller's money, wherever there is a key: eBay ignores what it does not need."""
        key = settings.signing_key.get_secret_value()
        if not key or call.path not in signing.SIGNED:
            return None
        return signing.signature(key, settings.signing_jwe.get_secret_value(), request)

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """The first error: under `errors` in the REST APIs, under `error` in Post-Order and of the sign-in."""
        return _problem(answer.json())


def _problem(document: Any) -> Problem:
    found = document.get("errors") or document.get("error") or document["errorMessage"]["error"]
    if isinstance(found, str):
        return Problem(code=found, text=document.get("error_description") or "")
    first = found[0] if isinstance(found, list) else found
    named = first.get("parameters") or first.get("parameter") or []
    return Problem(
        code=str(first["errorId"]),
        text=first.get("longMessage") or first.get("message") or "",
        field=str(named[0].get("name") or "") if named else "",
    )
