"""Rakuten France's declaration: settings, authorisation, limits, and an answer about every verb."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from sellercare.adapter import Adapter, Budget, ErrorTable, FixedAuth, Problem, Settings
from sellercare.calls import Answer, Call
from sellercare.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthorized, Unavailable
from sellercare.support import Proof, Support, emulated, impossible, native
from sellercare_adapters.rakuten_fr import asking, contracts
from sellercare_adapters.rakuten_fr.claims import RakutenFrReturns
from sellercare_adapters.rakuten_fr.messages import RakutenFrMessages
from sellercare_adapters.rakuten_fr.refunds import RakutenFrRefunds
from sellercare_adapters.rakuten_fr.sales import RakutenFrOrders
from sellercare_adapters.rakuten_fr.standing import RakutenFrAccount, RakutenFrReviews

_MARKS = "marks all messages of the item as read"
_TRACKING = "the seller account, Order tracking"
_DISCOUNT = (
    f"{_TRACKING}, the item, “Offer a discount”: at most half of its value; not during a retraction, nor where it is "
    "paid out and the wallet is empty, nor with a blocked wallet"
)
_CLAIM = f"{_TRACKING}, the item, its claim"
_QUOTA = "there is an hourly quota for each service, and its number is not published: a careful guess"


def _limit(group: str) -> Budget:
    return Budget(rate=0.5, burst=20, scope="credential", group=group, source=_QUOTA, estimated=True)


class RakutenFrSettings(Settings):
    """Settings of a seller account. The token is made in the seller account, page “Identification par token”."""

    login: str = Field(min_length=1, description="the seller's login, as buyers see it")
    token: SecretStr = Field(description="the token of the web services; it is not the password")
    base_url: str = Field(default="https://ws.fr.shopping.rakuten.com", description="the web services")
    offered_product: str = Field(
        default="", description="the id of a product that you offer: beside your offer stands your public average"
    )
    time_zone: str = Field(default="Europe/Paris", description="what Rakuten's times, which name no zone, are read in")

    @field_validator("time_zone")
    @classmethod
    def _is_one(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not a time zone, such as Europe/Paris") from None
        return name

    @property
    def zone(self) -> tzinfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)


class RakutenFrAdapter(Adapter):
    """Rakuten France, once PriceMinister: the seller web services (XML over GET)."""

    name = "rakuten-fr"
    title = "Rakuten France"
    kind = "marketplace"
    proof = (
        "Its published sample payloads are replayed. There is no schema and no sandbox: nothing ran against Rakuten."
    )
    proved_by = Proof.SAMPLES

    settings = RakutenFrSettings
    errors_in_success = True
    errors: ClassVar[ErrorTable] = {
        "ParameterError": Invalid,
        asking.NO_SUCH_ID: NotFound,
        "InvalidUserConnection": Unauthorized,
        asking.QUOTA: RateLimited,
        "InvalidUserRights": Forbidden,
        "ServerError": Unavailable,
        "Unknown error": Unavailable,
    }
    budgets = (_limit("default"), _limit("looks"), _limit("messages"), _limit("orders"))
    id_patterns: ClassVar[Mapping[str, str]] = {
        "order_id": r"\d+",
        "return_id": r"\d+",
        "thread_id": r"\d+(-rakuten)?",
    }

    supports: ClassVar[Mapping[str, Support]] = {
        "orders.get": native(
            "one sold item is one order. It is looked for among new, current and preordered sales, which costs up to "
            "three calls and more; an older one is shown by getiteminfos, without price and title",
            changes=f"{_MARKS}, where it is no longer among the sales",
        ),
        "orders.find": native(
            "by `purchase/item`, as Rakuten's mails write it, or by the purchase where that has one item",
            changes=f"{_MARKS}, where it is no longer among the sales",
        ),
        "orders.list": native(
            "new sales, those in progress, and those ordered before a release; Rakuten does not tell when an order "
            "changed"
        ),
        "orders.cancel": native(
            "the only way to give money back, and always all of it. A sale that is not accepted yet is refused",
            contract=contracts.CANCEL,
            changes=f"{_MARKS}, where an answer was lost and is looked for",
            wants={"reason": "Rakuten wants a reason, and shows it to the buyer."},
        ),
        "messages.threads": emulated(
            "from the list of what is to be done, and from items that were looked at and are not answered yet. No item "
            "is looked at",
            lost="conversations in which nobody waits; who the buyer is, before the item was looked at",
        ),
        "messages.thread": native(changes=_MARKS),
        "messages.messages": native("ids are ours: Rakuten gives messages none", changes=_MARKS),
        "messages.allowed": native("what the item offers now", changes=_MARKS),
        "messages.download": impossible("messages have no attachments"),
        "messages.reply": native(
            "to the buyer, or to Rakuten's customer service. A lost answer is looked for in the item",
            contract=contracts.TELL,
            changes=_MARKS,
        ),
        "messages.start": native(
            "to the buyer, or to Rakuten's customer service", contract=contracts.TELL, changes=_MARKS
        ),
        "messages.mark_read": native(
            "looking at an item is what marks it",
            contract=contracts.MARK_READ,
            refuses={"up_to": "Rakuten marks all messages of an item as read, or none."},
        ),
        "messages.close": impossible("conversations are not closed; they end with the item"),
        "returns.list": emulated(
            "claims, from the list of what is to be done. No item is looked at",
            lost="returns, which Rakuten's customer service handles; claims that do not wait for the seller; all but "
            "the item, until `returns.get`",
        ),
        "returns.get": native("a claim, by its item", changes=_MARKS),
        "returns.allowed": impossible(
            "nothing about a claim or return is decided through the services; a claim is ended by messages.reply, or "
            "by orders.cancel, which pays everything back",
            by_hand=_CLAIM,
        ),
        "returns.open": impossible("only buyers open a claim or a return"),
        "returns.approve": impossible(
            "no service approves a return; orders.cancel pays everything back", by_hand=_CLAIM
        ),
        "returns.decline": impossible("no service declines; tell the buyer with messages.reply", by_hand=_CLAIM),
        "returns.receive": impossible("no service confirms the receipt of goods", by_hand=_CLAIM),
        "returns.offer": impossible("no service offers a discount or an exchange", by_hand=_DISCOUNT),
        "returns.contest": impossible(
            "no service contests; tell Rakuten with messages.start, option rakuten", by_hand=_CLAIM
        ),
        "refunds.list": emulated(
            "cancelled items in Rakuten's payments to the seller",
            lost="discounts and adjustments, of which nobody has published whose they are; refunds that are not in a "
            "payment yet",
            costs="a call for each payment",
        ),
        "refunds.get": emulated("from the payment that it is in", costs="a call"),
        "refunds.quote": impossible(
            "nothing can be paid back through the services but by cancelling: see orders.cancel", by_hand=_DISCOUNT
        ),
        "refunds.issue": impossible(
            "no service pays back. All of an item is paid back by cancelling it (orders.cancel), which ends the sale; "
            "a part only as a discount, on the web",
            by_hand=_DISCOUNT,
        ),
        "reviews.list": emulated(
            "ratings of the sales in progress",
            lost="texts, times, the ratings of older sales",
        ),
        "reviews.summary": native(
            "of a product; without one the seller's average, beside the offer of the setting `offered_product`. How "
            "many ratings it comes from is on the web only"
        ),
        "reviews.reply": impossible(
            "no service answers ratings", by_hand="the seller account, Latest customer comments"
        ),
        "reviews.request": impossible("no service reminds buyers", by_hand=f"{_TRACKING}, ten days after the order"),
        "reviews.dispute": impossible("no service for it", by_hand="the customer service of Rakuten"),
        "scores.current": impossible(
            "the Merchant Quality Score is told by no service", by_hand="the Merchant Dashboard, tab MQS"
        ),
        "scores.history": impossible(
            "the Merchant Quality Score is told by no service", by_hand="the Merchant Dashboard, tab MQS"
        ),
        "events.handle": impossible("Rakuten pushes nothing: list messages.threads, one call for all items"),
        "account.check": native("costs one call"),
    }

    orders = RakutenFrOrders()
    messages = RakutenFrMessages()
    returns = RakutenFrReturns()
    refunds = RakutenFrRefunds()
    reviews = RakutenFrReviews()
    account = RakutenFrAccount()

    @staticmethod
    def auth(settings: RakutenFrSettings) -> FixedAuth:
        """Login and token are parameters of every address (`pwd` takes the token)."""
        return FixedAuth(params={"login": settings.login, "pwd": settings.token.get_secret_value()})

    @staticmethod
    def headers(settings: RakutenFrSettings, call: Call, locale: str) -> Mapping[str, str]:
        """XML; and no cache on the way may answer, for writes are GETs too."""
        return {"Accept": "text/xml, application/xml", "Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """The error document, which may come with any status."""
        return asking.problem_of(answer)
