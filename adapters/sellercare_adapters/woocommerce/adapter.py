"""WooCommerce's declaration: settings, authorisation, and an answer about every verb."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from sellercare.adapter import Adapter, Auth, ErrorTable, FixedAuth, Problem, Settings
from sellercare.calls import Answer
from sellercare.errors import ConfigError, Conflict, Invalid
from sellercare.support import Proof, Proved, Support, emulated, impossible, native
from sellercare_adapters.woocommerce import contracts
from sellercare_adapters.woocommerce.account import WooCommerceAccount
from sellercare_adapters.woocommerce.events import WooCommerceEvents
from sellercare_adapters.woocommerce.notes import WooCommerceMessages
from sellercare_adapters.woocommerce.orders import WooCommerceOrders
from sellercare_adapters.woocommerce.refunds import WooCommerceRefunds
from sellercare_adapters.woocommerce.reviews import WooCommerceReviews

_NO_SECRET = SecretStr("")
_ADMIN = "the shop's admin"
_MAIL = "the shop's own mail account"
_NO_RETURNS = "WooCommerce has no returns, only refunds; plugins that have some bring APIs of their own"
_PASSWORD = "an application password of WordPress: wordpress_user and application_password in the settings"


class WooCommerceSettings(Settings):
    """The settings of one shop: a key of WooCommerce, an application password of WordPress, or both."""

    base_url: str = Field(description="the shop's address, such as https://shop.example.com, without /wp-json")
    consumer_key: SecretStr = Field(default=_NO_SECRET, description="a REST API key (ck_…) that may read and write")
    consumer_secret: SecretStr = Field(default=_NO_SECRET, description="its secret (cs_…)")
    credentials_in: Literal["header", "query"] = Field(
        default="header", description="`query` where the web server takes the Authorization header away"
    )
    wordpress_user: str = Field(default="", description="the user that the application password belongs to")
    application_password: SecretStr = Field(
        default=_NO_SECRET, description="an application password; it alone can answer reviews"
    )
    manual_refunds: bool = Field(
        default=False, description="also offer refunds that are only booked, for money that you pay back by hand"
    )
    restock: bool = Field(default=True, description="whether pieces that are refunded go back into stock")
    all_refunds: bool = Field(
        default=True, description="false for shops without GET /refunds: their refunds are read order by order"
    )

    @property
    def has_password(self) -> bool:
        """Whether there is an application password."""
        return bool(self.wordpress_user and self.application_password.get_secret_value())


class WooCommerceAdapter(Adapter):
    """A WooCommerce shop, over the plugin's REST API v3 and the comments of WordPress."""

    name: ClassVar[str] = "woocommerce"
    title: ClassVar[str] = "WooCommerce"
    kind: ClassVar[Literal["marketplace", "storefront", "helpdesk", "reference"]] = "storefront"
    proof: ClassVar[str] = (
        "Requests and answers are held against answers and schemas recorded from a real server of 11.0.1; cancelling, "
        "product totals and webhooks are from the documentation only."
    )
    proved_by: ClassVar[Proof] = Proof.SAMPLES
    proved_otherwise: ClassVar[Mapping[str, Proved]] = {
        "orders.cancel": Proof.DOSSIER,
        "reviews.summary": Proof.DOSSIER,
        "events.handle": Proof.DOSSIER,
        "account.check": {
            Proof.SAMPLES: "the shop's orders and products",
            Proof.DOSSIER: "the user, and the list of gateways",
        },
    }
    settings: ClassVar[type[Settings]] = WooCommerceSettings
    id_patterns: ClassVar[Mapping[str, str]] = {"order_id": r"[1-9]\d*", "thread_id": r"[1-9]\d*"}

    errors: ClassVar[ErrorTable] = {
        contracts.BAD_AMOUNT: Conflict,
        contracts.NO_GATEWAY: Conflict,
        "woocommerce_rest_invalid_order_refund": Invalid,
        "woocommerce_api_cannot_create_order_note": Invalid,
        "comment_duplicate": Conflict,
    }

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native(),
        "orders.find": emulated(
            "by its id, else by the search, of which the order with exactly this number is taken",
            lost="an order that is not among the first hundred found",
            costs="one call, or two",
        ),
        "orders.list": native("last changed first; those in the trash are left out"),
        "orders.cancel": native(
            "whole orders that are not completed, by their status; nothing is paid back by it, except that some "
            "payment gateways let go of reserved money",
            contract=contracts.CANCEL,
            refuses={
                "lines": "WooCommerce cancels whole orders only; pay lines back instead.",
                "reason": "WooCommerce takes no reason for a cancellation.",
            },
        ),
        "messages.threads": emulated(
            "every order is a one-way thread, with the order's id",
            lost="what buyers answer: it goes to the shop's mail account, so nothing is ever awaiting a reply",
        ),
        "messages.thread": emulated("the order's"),
        "messages.messages": native(
            "notes to the customer, then the buyer's words at the checkout. A note whose mail failed is blocked, if "
            "the shop's language is English; whether a mail arrived is not told"
        ),
        "messages.allowed": emulated("a note, for every order that is there"),
        "messages.download": impossible("notes have no attachments", by_hand=_MAIL),
        "messages.reply": native(
            "one way: a note to the customer, sent by mail",
            contract=contracts.NOTE,
            refuses={"to": "A note goes to the buyer, to nobody else.", "answers": "A note answers no message."},
        ),
        "messages.start": native("the same as a reply: every order has its thread", contract=contracts.NOTE),
        "messages.mark_read": impossible("notes go one way, and there is nothing to read"),
        "messages.close": impossible("the notes of an order cannot be closed"),
        "returns.list": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.get": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.allowed": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.open": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.approve": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.decline": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.receive": impossible(f"{_NO_RETURNS}; a refund puts its pieces back into stock", by_hand=_ADMIN),
        "returns.offer": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "returns.contest": impossible(_NO_RETURNS, by_hand=_ADMIN),
        "refunds.list": native("their currency is their order's: one more call for each hundred refunds"),
        "refunds.get": native("by our id of it, ORDER:REFUND, such as 13:24"),
        "refunds.quote": emulated(
            "the order less its refunds, line by line, through its payment gateway if that can pay back; only booked "
            "where the setting manual_refunds allows that",
            costs="three calls",
        ),
        "refunds.issue": native(
            "through the order's payment gateway; named pieces go back into stock (setting restock)",
            contract=contracts.REFUND,
        ),
        "reviews.list": native("of products, those held back included", condition="WordPress shows comments"),
        "reviews.summary": native("of one product"),
        "reviews.reply": native(
            "a comment of WordPress under the review", contract=contracts.ANSWER, condition=_PASSWORD
        ),
        "reviews.request": impossible("WooCommerce asks no buyer for a review", by_hand=_MAIL),
        "reviews.dispute": impossible("there is nobody to ask: a shop moderates its reviews itself", by_hand=_ADMIN),
        "scores.current": impossible("a shop of one's own is judged by nobody"),
        "scores.history": impossible("a shop of one's own is judged by nobody"),
        "events.handle": native("signed webhooks about orders and refunds; none tells of notes or reviews"),
        "account.check": native("costs up to five calls"),
    }

    orders = WooCommerceOrders()
    messages = WooCommerceMessages()
    refunds = WooCommerceRefunds()
    reviews = WooCommerceReviews()
    events = WooCommerceEvents()
    account = WooCommerceAccount()

    @staticmethod
    def auth(settings: Any) -> Auth:
        """The shop's key; for WordPress the application password, or nothing. Without a key the password does all.

        The key is of no use at WordPress's own API (review_reply_with_ckcs) and is never sent there.
        """
        key, secret = settings.consumer_key.get_secret_value(), settings.consumer_secret.get_secret_value()
        wordpress = FixedAuth()
        if settings.has_password:
            password = settings.application_password.get_secret_value()
            wordpress = FixedAuth({"Authorization": _basic(settings.wordpress_user, password)})
        if not (key and secret):
            if not settings.has_password:
                raise ConfigError(
                    "There is neither a key nor an application password.",
                    setting="consumer_key",
                    next_step="Set consumer_key and consumer_secret, or wordpress_user and application_password.",
                )
            return wordpress
        if settings.credentials_in == "query":
            return FixedAuth(
                params={"consumer_key": key, "consumer_secret": secret},
                bases={"wp": wordpress},
            )
        return FixedAuth({"Authorization": _basic(key, secret)}, bases={"wp": wordpress})

    @staticmethod
    def bases(settings: Any) -> Mapping[str, str]:
        """WooCommerce's API, and that of WordPress beside it."""
        root = settings.base_url.rstrip("/")
        return {"api": f"{root}/wp-json/wc/v3", "wp": f"{root}/wp-json/wp/v2"}

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """WordPress's code and message. Two refusals of refunds are told from a gateway's failure by their message."""
        said = answer.json()
        code, text = str(said["code"]), str(said["message"])
        code = _FINER.get((code, text), code)
        data = said.get("data")
        params = data.get("params") if isinstance(data, dict) else None
        return Problem(code, text, next(iter(params), "") if isinstance(params, dict) else "")

    @staticmethod
    def live_supports(ctx: Any) -> Mapping[str, Support]:
        """Whether reviews can be answered: with an application password. Costs no call."""
        if ctx.settings.has_password:
            return {}
        no = impossible(f"WordPress takes answers only with {_PASSWORD}", by_hand=f"the reviews in {_ADMIN}")
        return {"reviews.reply": no}


_CANNOT = "woocommerce_rest_cannot_create_order_refund"
_FINER = {
    (_CANNOT, "Invalid refund amount."): contracts.BAD_AMOUNT,
    (_CANNOT, "The payment gateway for this order does not support automatic refunds."): contracts.NO_GATEWAY,
    (_CANNOT, "The payment gateway for this order does not exist."): contracts.NO_GATEWAY,
}
"""Refusals in the words of a shop in English, which come before anything is booked or paid (wc_create_refund)."""


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode('ascii')}"


__all__ = ["WooCommerceAdapter", "WooCommerceSettings"]
