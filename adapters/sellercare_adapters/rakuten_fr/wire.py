"""Rakuten France's services, and what they send. All values are texts; a field that is empty is an empty text.

Rakuten publishes no schema that can be had. This is what its sample payloads show, and the versions that public
clients use (2022-12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict


@dataclass(frozen=True, slots=True)
class Service:
    """One action: where it is, its version, the root of its answer, and what is a list in that.

    `root` is empty where no answer has been published.
    """

    name: str
    version: str
    root: str = ""
    path: str = "/sales_ws"
    lists: frozenset[str] = frozenset()


_SALES = frozenset({"sales.sale", "items.item"})

TO_DO = Service(
    "getitemtodolist", "2011-09-01", "getitemtodolistresult", lists=frozenset({"items.item", "causes.cause"})
)
ITEM = Service(
    "getiteminfos",
    "2017-08-07",
    "getiteminfosresult",
    lists=frozenset({"item.message", "item.mail", "item.itemlog", "availableactions.action"}),
)
NEW_SALES = Service("getnewsales", "2017-08-07", "getnewsalesresult", lists=_SALES)
CURRENT_SALES = Service("getcurrentsales", "2017-08-07", "getcurrentsalesresult", lists=_SALES)
TELL_BUYER = Service("contactuseraboutitem", "2011-02-02", "contactuseraboutitemresult")
TELL_RAKUTEN = Service("contactusaboutitem", "2011-09-01", "contactusaboutitemresult")
CANCEL = Service("cancelitem", "2011-02-02", "cancelitemresult")
REFUSE = Service("refusesale", "2010-09-20")
OPERATIONS = Service(
    "getoperations", "2011-03-29", "getoperationsresult", "/wallet_ws", frozenset({"operations.operation"})
)
COMPENSATION = Service(
    "getcompensationdetails",
    "2011-03-29",
    "getcompensationdetailsresult",
    lists=frozenset({"compensationdetails.cancelleditempayment"}),
)
PRODUCTS = Service(
    "listing",
    "2018-06-28",
    "listingresult",
    "/listing_ssl_ws",
    frozenset({"products.product", "newadverts.advert", "usedadverts.advert", "collectibleadverts.advert"}),
)

SERVICES = {
    service.name: service
    for service in (
        TO_DO,
        ITEM,
        NEW_SALES,
        CURRENT_SALES,
        TELL_BUYER,
        TELL_RAKUTEN,
        CANCEL,
        REFUSE,
        OPERATIONS,
        COMPENSATION,
        PRODUCTS,
    )
}
"""All that the adapter uses, by name."""


class Money(TypedDict):
    amount: str
    currency: str


class ToDo(TypedDict):
    itemid: str
    causes: dict[str, list[str]]


class Message(TypedDict):
    """Between buyer and seller. It has no id."""

    sender: str
    recipient: str
    senddate: str
    content: str
    status: str


class Mail(TypedDict):
    """Between Rakuten's customer service and the seller."""

    mailid: str
    sender: str
    recipient: str
    senddate: str
    object: str
    content: str
    status: str


class Claim(TypedDict):
    creationdate: str
    type: str
    state: str
    amicable: str
    claimcomment: NotRequired[str]


class Item(TypedDict):
    """One sold article, as getiteminfos tells it."""

    itemid: str
    date: str
    itemstatus: str
    itemstate: NotRequired[str]
    sellerscore: NotRequired[str]
    claim: NotRequired[Claim]
    availableactions: NotRequired[dict[str, list[dict[str, str]]]]
    message: list[Message]
    mail: list[Mail]


class SoldItem(TypedDict):
    """One sold article, as the lists of sales tell it."""

    itemid: str
    sku: str
    advertid: str
    headline: str
    itemstatus: str
    price: Money
    sellerscore: NotRequired[str]


class Delivery(TypedDict):
    purchasebuyerlogin: NotRequired[str]
    purchasebuyeremail: NotRequired[str]


class Sale(TypedDict):
    purchaseid: str
    purchasedate: str
    deliveryinformation: NotRequired[Delivery]
    items: dict[str, list[SoldItem]]


class CancelledItem(TypedDict):
    itemid: str
    itemsaleprice: Money
    shippingsaleprice: Money
    totalcancellationamount: NotRequired[Money]


class CancelledPayment(TypedDict):
    purchaseid: str
    item: CancelledItem


class Product(TypedDict):
    productid: str
    reviews: dict[str, str]
    adverts: NotRequired[dict[str, dict[str, Any]]]
