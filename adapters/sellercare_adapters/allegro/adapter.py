"""Allegro's declaration: settings, authorisation, limits, and an answer about every verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic.config import JsonDict

from sellercare.adapter import EVERY_CALL, Adapter, Budget, ErrorTable, OAuth2, Problem, Settings
from sellercare.calls import Answer, Call
from sellercare.errors import Invalid
from sellercare.support import Proof, Proved, Support, emulated, impossible, native
from sellercare_adapters.allegro import contracts, media
from sellercare_adapters.allegro.conversations import AllegroMessages
from sellercare_adapters.allegro.orders import AllegroOrders
from sellercare_adapters.allegro.refunds import AllegroRefunds
from sellercare_adapters.allegro.returns import AllegroReturns
from sellercare_adapters.allegro.reviews import AllegroReviews
from sellercare_adapters.allegro.standing import SCOPES, AllegroAccount, AllegroScores

_APP: JsonDict = {"of": "app"}
_AGENT = r"^[A-Za-z0-9][A-Za-z0-9._-]*/\d+(\.\d+)* \(\+https?://[^\s()]+\)$"
_ORDERS_PAGE = "the order's page at Allegro"


class AllegroSettings(Settings):
    """Settings of an Allegro account. One app serves all sellers: Allegro forbids an app for each (its description)."""

    client_id: str = Field(min_length=1, description="the app's Client ID", json_schema_extra=_APP)
    client_secret: SecretStr = Field(description="the app's Client Secret", json_schema_extra=_APP)
    user_agent: str = Field(
        pattern=_AGENT,
        description="the app as registered at Allegro, such as `MyApp/1.0.0 (+https://my.example/app)`",
        json_schema_extra=_APP,
    )
    redirect_uri: str = Field(default="", description="the app's redirect address", json_schema_extra=_APP)
    base_url: str = Field(default="https://api.allegro.pl", description="the API", json_schema_extra=_APP)
    auth_url: str = Field(
        default="https://allegro.pl", description="where sellers grant access", json_schema_extra=_APP
    )
    upload_url: str = Field(
        default="https://upload.allegro.pl", description="where attachments come from", json_schema_extra=_APP
    )
    access_token: SecretStr = Field(default=SecretStr(""), description="a token to start with, in place of signing in")
    refresh_token: SecretStr = Field(default=SecretStr(""), description="the refresh token that came with it")
    end_request_text: str = Field(
        default="", max_length=20_000, description="what buyers read when `messages.close` asks to end a dispute"
    )


class AllegroAdapter(Adapter):
    """Allegro and the marketplaces that share its API (.pl, .cz, .sk, .hu). One account sees all of them."""

    name = "allegro"
    title = "Allegro"
    kind = "marketplace"
    proof = (
        "Every request and every simulated answer is validated against Allegro's own description of July 2026; where "
        "files are fetched is known from an example."
    )
    proved_by = Proof.DESCRIPTION
    proved_otherwise: ClassVar[Mapping[str, Proved]] = {
        "messages.allowed": Proof.DOSSIER,
        "messages.download": Proof.DOSSIER,
    }

    settings = AllegroSettings
    request_id_header = "trace-id"
    errors: ClassVar[ErrorTable] = {400: Invalid, 406: Invalid, 413: Invalid, 415: Invalid, 422: Invalid}
    budgets = (
        Budget(rate=150, burst=10, scope="app", group=EVERY_CALL, source="9000 a minute for a Client ID (#10054)"),
        Budget(rate=1, scope="credential", group="messages", source="description of POST /messaging/messages"),
        Budget(rate=25, scope="credential", group="customer-returns", source="description of /order/customer-returns"),
        Budget(rate=50, scope="app", group="customer-returns", source="description of /order/customer-returns"),
    )

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native(),
        "orders.find": emulated("Allegro's description knows no number beside the order's id, so the number is the id"),
        "orders.list": native(),
        "orders.cancel": impossible(
            "only buyers, and Allegro itself, cancel an order; the seller pays it back with refunds.issue",
            by_hand=_ORDERS_PAGE,
        ),
        "messages.threads": native(
            "Message center, then the chats of disputes and claims. The list has no filter; who wrote last and the "
            "order cost a call a thread"
        ),
        "messages.thread": native(),
        "messages.messages": native("at most 100 messages of a dispute or claim (#13381)"),
        "messages.allowed": emulated("from Allegro's limits and the state of the dispute or claim"),
        "messages.download": native("from the address in the message; files are kept for 6 months"),
        "messages.reply": native(
            "moderated: a new message is not delivered yet",
            contract=contracts.REPLY,
            refuses={
                "to": "Allegro's messages go to the buyer, to nobody else.",
                "answers": "An answer at Allegro belongs to a thread, not to one message of it.",
            },
        ),
        "messages.start": native(
            "about an order, to its buyer; or into a dispute or claim of it, with one of its message types",
            contract=contracts.START,
        ),
        "messages.mark_read": native(
            "threads of the message center only",
            contract=contracts.MARK_READ,
            refuses={"up_to": "Allegro marks a thread as a whole."},
        ),
        "messages.close": emulated(
            "asks the buyer to end a dispute (END_REQUEST), with the text in the setting end_request_text",
            lost="it ends only if the buyer agrees; threads of the message center, and claims, cannot be closed",
            contract=contracts.CLOSE,
        ),
        "returns.list": native("customer returns, then disputes and claims"),
        "returns.get": native(),
        "returns.allowed": emulated("from the state of the return or claim"),
        "returns.open": impossible("only buyers open a return, a dispute or a claim"),
        "returns.approve": impossible(
            "accepting a return is paying it back with refunds.issue; a claim is accepted with returns.offer"
        ),
        "returns.decline": native(
            "rejects the refund of a return, or a claim; not a dispute", contract=contracts.DECIDE
        ),
        "returns.receive": impossible("Allegro has no call that confirms the receipt of goods", by_hand=_ORDERS_PAGE),
        "returns.offer": native(
            "accepts a claim: repair, exchange, refund or a part of it. It moves no money: pay with refunds.issue",
            contract=contracts.DECIDE,
        ),
        "returns.contest": impossible("there is no formal objection: a dispute is argued in its chat (messages.reply)"),
        "refunds.list": native(),
        "refunds.get": emulated("through the list's filter by id"),
        "refunds.quote": emulated(
            "the order's payment less its refunds", lost="what a person paid back by other ways", costs="two calls"
        ),
        "refunds.issue": native("asynchronous: accepted is not paid", contract=contracts.REFUND),
        "reviews.list": native(
            "ratings of sales. `rating` is the mean of the rates, and at most 2 where the sale is not recommended"
        ),
        "reviews.summary": native("of the seller, or of an offer by its id"),
        "reviews.reply": native("overwrites an answer that is there", contract=contracts.ANSWER_RATING),
        "reviews.request": impossible("Allegro asks buyers by itself, and has no call for it"),
        "reviews.dispute": native(
            "asks for a removal, until the date in the rating",
            contract=contracts.DISPUTE_RATING,
            refuses={"reason": "Allegro takes a text and no reason code."},
        ),
        "scores.current": native("sales quality; may be empty"),
        "scores.history": native("at most 30 days"),
        "events.handle": impossible("Allegro pushes nothing: list what changed instead"),
        "account.check": native("costs six calls"),
    }

    orders = AllegroOrders()
    messages = AllegroMessages()
    returns = AllegroReturns()
    refunds = AllegroRefunds()
    reviews = AllegroReviews()
    scores = AllegroScores()
    account = AllegroAccount()

    @staticmethod
    def auth(settings: AllegroSettings) -> OAuth2:
        """A seller's tokens: refresh tokens rotate and work once (#9045)."""
        return OAuth2(
            token_url=f"{settings.auth_url}/auth/oauth/token",
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            authorize_url=f"{settings.auth_url}/auth/oauth/authorize",
            device_url=f"{settings.auth_url}/auth/oauth/device",
            redirect_uri=settings.redirect_uri,
            scopes=SCOPES,
            rotates=True,
            given_access=settings.access_token.get_secret_value(),
            given_refresh=settings.refresh_token.get_secret_value(),
        )

    @staticmethod
    def bases(settings: AllegroSettings) -> Mapping[str, str]:
        """The API, and the host that attachments come from."""
        return {"api": settings.base_url, "upload": settings.upload_url}

    @staticmethod
    def headers(settings: AllegroSettings, call: Call, locale: str) -> Mapping[str, str]:
        """The media type of the resource, the language, and who we are (required since June 2026, #13260)."""
        return media.headers_of(settings.user_agent, call, locale)

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """The first error of the document."""
        return media.problem_of(answer)
