"""Medusa v2: what it is, what each verb does, and how its account is checked."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from sellercare.adapter import Adapter, Auth, ErrorTable, FixedAuth, Problem, Settings
from sellercare.calls import Answer
from sellercare.errors import Conflict, Invalid, NotFound, Unauthorized
from sellercare.interfaces import Account, Context
from sellercare.models import AccountCheck
from sellercare.support import Proof, Support, emulated, impossible, native
from sellercare.translation import translated
from sellercare_adapters.medusa import contracts, reading
from sellercare_adapters.medusa.orders import MedusaOrders
from sellercare_adapters.medusa.refunds import MedusaRefunds
from sellercare_adapters.medusa.returns import MedusaReturns
from sellercare_adapters.medusa.reviews import PLUGIN, MedusaReviews, without_plugin


class MedusaSettings(Settings):
    """The settings of one Medusa shop."""

    base_url: str = Field(description="the server's address, without /admin, such as https://shop.example.com")
    secret_key: SecretStr = Field(description="a secret API key (sk_…) of Medusa's admin; it may do everything there")
    return_location_id: str = Field(
        default="", description="the stock location that returned goods go to; needed where there are several"
    )
    notify_buyers: bool = Field(
        default=False, description="let the shop tell buyers about returns, where it has something that does"
    )


_NO_MESSAGES = "Medusa has no conversation with buyers and no notes at orders"
_MAIL = "the shop's own mail account"


class MedusaAccount(Account):
    """The shop itself."""

    def check(self, ctx: Context) -> AccountCheck:
        """The shop's name, and whether reviews are there. A secret key has no scopes and no expiry.

        Raises ConfigError for a stock location in the settings that the shop does not have."""
        reading.check_location(ctx)
        stores = reading.rows(ctx, "/admin/stores", "stores", {"limit": 1, "fields": "id,name"})
        missing = (f"{PLUGIN}: there are no reviews",) if without_plugin(ctx) else ()
        return translated(
            lambda rows: AccountCheck(
                ok=True,
                seller_id=rows[0]["id"],
                name=rows[0]["name"],
                missing=missing,
                notes=("A secret key may do everything in the admin and does not expire.",),
                raw=rows[0],
            ),
            stores,
            "GET /admin/stores",
        )


class MedusaAdapter(Adapter):
    """Medusa v2, over its admin REST API."""

    name: ClassVar[str] = "medusa"
    title: ClassVar[str] = "Medusa"
    kind: ClassVar[Literal["marketplace", "storefront", "helpdesk", "reference"]] = "storefront"
    proof: ClassVar[str] = (
        "Every verb runs against a real server (2.21.2 on PostgreSQL, reviews plugin 1.4.0); its answers were recorded."
    )
    proved_by: ClassVar[Proof] = Proof.LIVE
    settings: ClassVar[type[Settings]] = MedusaSettings

    errors: ClassVar[ErrorTable] = {
        "unauthorized": Unauthorized,
        "not_found": NotFound,
        "unknown_route": NotFound,
        "not_allowed": Conflict,
        "open_change": Conflict,
        "over_refund": Conflict,
        "already_canceled": Conflict,
        "invalid_request": Invalid,
        "invalid_data": Invalid,
    }

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native(),
        "orders.find": emulated(
            "its fuzzy search, of which the order with exactly this number is taken",
            costs="one call for each hundred orders that the search brings",
        ),
        "orders.list": native(),
        "orders.cancel": native(
            "whole orders that are not packed; what was paid goes back by itself",
            contract=contracts.CANCEL_ORDER,
            refuses={
                "lines": "Medusa cancels whole orders only; pay lines back instead.",
                "reason": "Medusa takes no reason for a cancellation.",
            },
        ),
        "messages.threads": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.thread": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.messages": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.allowed": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.download": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.reply": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.start": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.mark_read": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "messages.close": impossible(_NO_MESSAGES, by_hand=_MAIL),
        "returns.list": native("returns, and claims as returns of that kind"),
        "returns.get": native(),
        "returns.allowed": emulated("told from the state of the return, its lines and its labels"),
        "returns.open": native(
            "begin, lines, label, request: four calls, undone if one is refused; claims for money back likewise",
            contract=contracts.OPEN_RETURN,
        ),
        "returns.approve": impossible("there is no approval; accepting a return is receiving it"),
        "returns.decline": emulated(
            "the return is cancelled, its label too if you choose so",
            lost="there is no refusal and no reason: the buyer sees it cancelled",
            contract=contracts.DECLINE_RETURN,
        ),
        "returns.receive": native(
            "begin, lines, confirm; 'damaged' keeps goods out of stock; pays nothing", contract=contracts.RECEIVE_RETURN
        ),
        "returns.offer": impossible("there is nothing that a buyer could be offered", by_hand="Medusa's admin"),
        "returns.contest": impossible("nobody stands above the shop before whom it could be contested"),
        "refunds.list": emulated(
            "read from the payments", costs="the pages of all payments, or the order, and one call a payment"
        ),
        "refunds.get": native("by our id of it, which names its payment: pay_…:ref_…"),
        "refunds.quote": emulated(
            "what was taken less what went back, for each payment; for a return at most what the order's books owe"
        ),
        "refunds.issue": native("a sum through one payment", contract=contracts.REFUND),
        "reviews.list": native("reviews of products", condition=PLUGIN),
        "reviews.summary": native("of one product", condition=PLUGIN),
        "reviews.reply": native("one answer a review", contract=contracts.REPLY_TO_REVIEW, condition=PLUGIN),
        "reviews.request": impossible("Medusa does not ask buyers for reviews", by_hand=_MAIL),
        "reviews.dispute": impossible(
            "there is nobody to ask: a shop moderates its reviews itself", by_hand="Medusa's admin"
        ),
        "scores.current": impossible("a shop of one's own is judged by nobody"),
        "scores.history": impossible("a shop of one's own is judged by nobody"),
        "events.handle": impossible("Medusa pushes nothing to the outside; list what changed instead"),
        "account.check": native(),
    }

    orders = MedusaOrders()
    returns = MedusaReturns()
    refunds = MedusaRefunds()
    reviews = MedusaReviews()
    account = MedusaAccount()

    @staticmethod
    def auth(settings: Any) -> Auth:
        """HTTP Basic with the key as the user and no password; as a Bearer token the same key is refused."""
        user = f"{settings.secret_key.get_secret_value()}:".encode()
        return FixedAuth({"Authorization": f"Basic {base64.b64encode(user).decode('ascii')}"})

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """Medusa's type of error, made finer by the beginning of its message: a `code` is mostly absent."""
        if answer.body.lstrip()[:1] == b"<":
            return Problem("unknown_route", "the server has no such address; a plugin is missing or it is no Medusa v2")
        said = answer.json()
        text = str(said.get("message", ""))
        return Problem(_finer(str(said.get("type", "")), text), text)

    @staticmethod
    def live_supports(ctx: Context) -> Mapping[str, Support]:
        """Whether reviews are there."""
        return without_plugin(ctx)


_FINER = (
    ("Invalid request:", "invalid_request"),
    ("You are not allowed to refund more than the captured amount", "over_refund"),
    ("You cannot refund more than what is captured", "over_refund"),
)


def _finer(kind: str, text: str) -> str:
    for start, name in _FINER:
        if text.startswith(start):
            return name
    if text.endswith("already has an existing active order change"):
        return "open_change"
    if kind == "invalid_data" and text.endswith("has been canceled."):
        return "already_canceled"
    return kind
