"""Rakuten France's payloads as common models. Times are naive there, to the minute, and read in the seller's zone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from sellercare.models import (
    Buyer,
    Delivery,
    LineKind,
    Message,
    Money,
    Order,
    OrderLine,
    OrderState,
    Party,
    Refund,
    RefundLine,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnState,
    Review,
    ReviewSubject,
    ReviewSummary,
    Thread,
    ThreadKind,
)
from sellercare.translation import decimal
from sellercare_adapters.rakuten_fr import wire

OF_RAKUTEN = "-rakuten"
"""What the id of a conversation with customer service ends with; before it stands the item's."""

_RAKUTEN = frozenset({"rakuten", "rakuten france", "priceminister"})

_ORDER_STATES: Mapping[str, OrderState] = {
    "TO_CONFIRM": OrderState.OPEN,
    "ACCEPTED": OrderState.PAID,
    "CANCELLED": OrderState.CANCELLED,
}


def moment(text: str, zone: tzinfo) -> datetime:
    """`15/02/2011-11:46`, or with seconds, as UTC. Of an hour that comes twice a year, the first is meant."""
    day, _, clock = text.partition("-")
    date, month, year = day.split("/")
    hour, minute, second = (*map(int, clock.split(":")), 0)[:3]
    local = datetime(int(year), int(month), int(date), hour, minute, second, tzinfo=zone)
    return local.astimezone(UTC)


def money(value: wire.Money) -> Money:
    """An amount."""
    return Money(amount=decimal(value["amount"]), currency=value["currency"])


def party(login: str, seller: str) -> Party:
    """Who a login is: Rakuten tells nothing else, and writes logins in any case."""
    name = login.strip().lower()
    if name == seller.strip().lower():
        return Party.SELLER
    return Party.PLATFORM if name in _RAKUTEN else Party.BUYER


def order(row: Mapping[str, Any], zone: tzinfo) -> Order:
    """A sold item with its sale (see `sold`): one order of one line."""
    sale, item = row["sale"], row["item"]
    head: Mapping[str, str] = sale.get("deliveryinformation") or {}
    price, item_id = money(item["price"]), item["itemid"]
    line = OrderLine(
        id=item_id, title=item["headline"] or None, sku=item["sku"] or None, product_id=item["advertid"], price=price
    )
    return Order(
        id=item_id,
        number=f"{sale['purchaseid']}/{item_id}",
        native_ids={"purchase": sale["purchaseid"], "advert": item["advertid"]},
        state=_ORDER_STATES.get(item["itemstatus"], OrderState.UNKNOWN),
        native_state=item["itemstatus"],
        created_at=moment(sale["purchasedate"], zone),
        buyer=Buyer(login=head.get("purchasebuyerlogin") or None, email=head.get("purchasebuyeremail") or None),
        lines=(line,),
        raw=row,
    )


def sold(sales: Sequence[wire.Sale]) -> list[dict[str, Any]]:
    """The items of sales, each with its sale."""
    return [{"sale": {**sale, "items": None}, "item": item} for sale in sales for item in sale["items"]["item"]]


def order_of_item(item: wire.Item, seller: str, zone: tzinfo) -> Order:
    """What is left to see of an order that is no longer among the sales: no price, no title, no sale."""
    return Order(
        id=item["itemid"],
        state=_ORDER_STATES.get(item["itemstatus"], OrderState.UNKNOWN),
        native_state=item["itemstatus"],
        created_at=moment(item["date"], zone),
        buyer=buyer(item, seller),
        lines=(OrderLine(id=item["itemid"]),),
        raw=item,
    )


def buyer(item: wire.Item, seller: str) -> Buyer:
    """The buyer as messages name them: whoever wrote and is neither the seller nor Rakuten."""
    for each in item["message"]:
        for login in (each["sender"], each["recipient"]):
            if party(login, seller) is Party.BUYER:
                return Buyer(login=login)
    return Buyer()


def with_ids(item: wire.Item) -> list[dict[str, Any]]:
    """The messages with buyers, oldest first, each with an id of ours: Rakuten gives them none.

    An id is made of the item, the minute, and ten letters of a digest of sender and text. The same text twice in one
    minute gets a number: the order of Rakuten's list decides, so that an id stays what it was.
    """
    seen: Counter[str] = Counter()
    rows = []
    for each in reversed(item["message"]):
        digest = hashlib.sha1(f"{each['sender'].lower()}\n{each['content']}".encode(), usedforsecurity=False)
        day, _, clock = each["senddate"].partition("-")
        stamp = "".join(reversed(day.split("/"))) + clock.replace(":", "")
        id_ = f"{item['itemid']}-{stamp}-{digest.hexdigest()[:10]}"
        seen[id_] += 1
        rows.append({**each, "id": id_ if seen[id_] == 1 else f"{id_}-{seen[id_]}"})
    return rows


def mails(item: wire.Item) -> list[dict[str, Any]]:
    """The mails with Rakuten, oldest first."""
    return [{**each, "id": each["mailid"]} for each in reversed(item["mail"])]


def message(row: Mapping[str, Any], thread_id: str, seller: str, zone: tzinfo) -> Message:
    """A message or mail, with its id."""
    return Message(
        id=row["id"],
        thread_id=thread_id,
        author=party(row["sender"], seller),
        author_name=row["sender"],
        text=row["content"],
        created_at=moment(row["senddate"], zone),
        delivery=Delivery.DELIVERED if row["status"] in ("SENT", "UNREAD") else Delivery.UNKNOWN,
        native_delivery=row["status"],
        order_id=thread_id.removesuffix(OF_RAKUTEN),
        raw=row,
    )


def thread(item: wire.Item, seller: str, zone: tzinfo, *, of_rakuten: bool) -> Thread:
    """One of the two conversations of an item, as it was when it was looked at."""
    rows: Sequence[Mapping[str, Any]] = item["mail"] if of_rakuten else item["message"]
    newest = rows[0] if rows else None
    return Thread(
        id=item["itemid"] + (OF_RAKUTEN if of_rakuten else ""),
        kind=ThreadKind.PLATFORM if of_rakuten else ThreadKind.PRIVATE,
        buyer=buyer(item, seller),
        parties=(Party.SELLER, Party.PLATFORM) if of_rakuten else (Party.BUYER, Party.SELLER),
        subject=newest["object"] if newest and of_rakuten else None,
        order_id=item["itemid"],
        return_id=item["itemid"] if item.get("claim") else None,
        updated_at=moment(newest["senddate"], zone) if newest else None,
        read=True,
        awaiting_reply=waits(item, seller, of_rakuten=of_rakuten),
        raw=item,
    )


def waits(item: wire.Item, seller: str, *, of_rakuten: bool) -> bool:
    """Whether the other side has the last word in a conversation: Rakuten's list begins with the newest."""
    rows: Sequence[Mapping[str, Any]] = item["mail"] if of_rakuten else item["message"]
    other = Party.PLATFORM if of_rakuten else Party.BUYER
    return bool(rows) and party(rows[0]["sender"], seller) is other


def thread_to_do(row: Mapping[str, Any]) -> Thread:
    """A conversation of the list of what is to be done: who wrote, and no more."""
    of_rakuten = row["cause"] == "UNREAD_MESSAGE_FROM_CUSTOMER_SERVICE"
    unread = of_rakuten or row["cause"] == "UNREAD_MESSAGE_FROM_BUYER"
    return Thread(
        id=row["itemid"] + (OF_RAKUTEN if of_rakuten else ""),
        kind=ThreadKind.PLATFORM if of_rakuten else ThreadKind.PRIVATE,
        parties=(Party.SELLER, Party.PLATFORM) if of_rakuten else (Party.BUYER, Party.SELLER),
        order_id=row["itemid"],
        return_id=row["itemid"] if "CLAIM" in row["causes"]["cause"] else None,
        read=False if unread else None,
        awaiting_reply=True if unread else None,
        raw=row,
    )


def claim_to_do(row: wire.ToDo) -> Return:
    """A claim of the list of what is to be done: that there is one."""
    return Return(
        id=row["itemid"],
        kind=ReturnKind.CLAIM,
        order_id=row["itemid"],
        thread_id=row["itemid"],
        lines=(ReturnLine(id=row["itemid"], order_line_id=row["itemid"]),),
        raw=row,
    )


def claim(item: wire.Item, seller: str, zone: tzinfo) -> Return:
    """The claim of an item. New and amicable, the seller has it; new and not, Rakuten's customer service."""
    told, state = item["claim"], ReturnState.UNKNOWN
    if told["state"] == "NEW":
        state = ReturnState.REQUESTED if told["amicable"] == "Y" else ReturnState.ESCALATED
    return Return(
        id=item["itemid"],
        kind=ReturnKind.CLAIM,
        state=state,
        native_state=told["state"],
        order_id=item["itemid"],
        thread_id=item["itemid"],
        buyer=buyer(item, seller),
        lines=(ReturnLine(id=item["itemid"], order_line_id=item["itemid"], reason=told["type"]),),
        reason=told["type"],
        note=told.get("claimcomment") or None,
        created_at=moment(told["creationdate"], zone),
        raw=item,
    )


def refund(row: wire.CancelledPayment, compensation_id: str, paid_at: datetime) -> Refund:
    """A cancelled item in a payment to the seller: the buyer got its price and its delivery back.

    What the seller lost is less, because Rakuten gives its commission back: see `totalcancellationamount` in `raw`.
    """
    item = row["item"]
    goods, delivery = money(item["itemsaleprice"]), money(item["shippingsaleprice"])
    parts = [RefundLine(kind=LineKind.ITEM, order_line_id=item["itemid"], quantity=Decimal(1), amount=goods)]
    if delivery.amount:
        parts.append(RefundLine(kind=LineKind.SHIPPING, amount=delivery))
    return Refund(
        id=f"{compensation_id}-{item['itemid']}",
        order_id=item["itemid"],
        amount=goods + delivery,
        lines=tuple(parts),
        state=RefundState.DONE,
        created_at=paid_at,
        raw=row,
    )


def review(row: Mapping[str, Any]) -> Review:
    """A buyer's rating of a sale. Its form is not known: a number from 1 to 5 is read, anything else only kept."""
    item, score = row["item"], row["item"]["sellerscore"]
    head: Mapping[str, str] = row["sale"].get("deliveryinformation") or {}
    return Review(
        id=item["itemid"],
        subject=ReviewSubject.SELLER,
        order_id=item["itemid"],
        rating=_stars(score),
        native_rating=score,
        buyer=Buyer(login=head.get("purchasebuyerlogin") or None),
        raw=row,
    )


def summary(product: wire.Product) -> ReviewSummary:
    """What buyers think of a product. Its links repeat the caller's token: they are left out of `raw`."""
    told = product["reviews"]
    return ReviewSummary(
        subject=ReviewSubject.PRODUCT,
        subject_id=product["productid"],
        count=int(told["count"]),
        average=_stars(told["averagenote"]),
        raw={name: value for name, value in product.items() if name != "breadcrumbselements"},
    )


def seller_summaries(product: wire.Product, login: str) -> Iterator[ReviewSummary]:
    """What Rakuten shows of a seller beside the seller's offers of a product. It tells the sales, not the ratings."""
    for offers in (product.get("adverts") or {}).values():
        for offer in offers["advert"]:
            seller = offer["seller"]
            if seller["login"].casefold() == login.casefold():
                average = _stars(seller["rating"])
                yield ReviewSummary(
                    subject=ReviewSubject.SELLER, subject_id=seller["login"], average=average, raw=seller
                )


def _stars(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 1 <= number <= 5 else None
