"""A world's orders as Rakuten France shows them: each piece of an order is an item that lives on its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sellercare.simulator import things
from sellercare.simulator.ids import number
from sellercare.simulator.world import World

PARIS = ZoneInfo("Europe/Paris")

_CAUSE = {False: "UNREAD_MESSAGE_FROM_BUYER", True: "UNREAD_MESSAGE_FROM_CUSTOMER_SERVICE"}
_COMMISSION = Decimal("0.10")


def stamp(moment: datetime, *, seconds: bool = False) -> str:
    """A time as Rakuten writes it: of Paris, to the minute."""
    return moment.astimezone(PARIS).strftime("%d/%m/%Y-%H:%M:%S" if seconds else "%d/%m/%Y-%H:%M")


def amount(value: Decimal, currency: str) -> dict[str, str]:
    """A sum, with at least one decimal and no more than it has."""
    return {"amount": f"{value.normalize():f}" if value % 1 else f"{value:.1f}", "currency": currency}


@dataclass(frozen=True)
class SoldItem:
    """One piece of one line."""

    world: World
    order: things.Order
    line: things.Line
    piece: int

    @property
    def id(self) -> str:
        """`itemid`."""
        return str(int(number(self.line.id, 10)) + self.piece)

    @property
    def cancelled(self) -> bool:
        """Whether this piece was cancelled, or the whole order."""
        return self.order.state == "cancelled" or self.piece in self.line.extra.get("cancelled", ())

    @property
    def claim(self) -> things.Return | None:
        """The claim about it that is open."""
        return next(
            (
                each
                for each in self.world.data.returns.values()
                if each.order_id == self.order.id and each.kind == "claim" and each.lines[0].line_id == self.line.id
            ),
            None,
        )

    def thread(self, *, of_rakuten: bool = False) -> things.Thread | None:
        """The conversation about it, where there is one: messages to an order are about its first item."""
        kind = "platform" if of_rakuten else "private"
        for each in self.world.data.threads.values():
            about = each.extra.get("item", SoldItem(self.world, self.order, self.order.lines[0], 0).id)
            if each.order_id == self.order.id and each.kind == kind and about == self.id:
                return each
        return None

    @property
    def causes(self) -> list[str]:
        """Why it is in the list of what is to be done."""
        if self.order.state == "open":
            return []
        unread = [cause for of_rakuten, cause in _CAUSE.items() if self._unread(of_rakuten)]
        claim = self.claim
        return ["CLAIM", *unread] if claim is not None and claim.state == "requested" else unread

    def _unread(self, of_rakuten: bool) -> bool:
        thread = self.thread(of_rakuten=of_rakuten)
        return thread is not None and not thread.read

    @property
    def status(self) -> str:
        """`itemstatus`, as far as its words are known."""
        if self.cancelled:
            return "CANCELLED"
        if self.order.state == "open":
            return "TO_CONFIRM"
        return self.order.extra.get("itemstatus") or ("ON_HOLD" if self.claim else "ACCEPTED")

    @property
    def actions(self) -> list[str]:
        """The codes of what may be done now."""
        if self.order.state == "open" or self.order.extra.get("too_late"):
            return []
        return (
            ["contactusaboutitem"] if self.cancelled else ["contactuseraboutitem", "contactusaboutitem", "cancelitem"]
        )

    def infos(self, login: str) -> dict[str, Any]:
        """What getiteminfos tells, newest first; messages and mails stand mixed at Rakuten."""
        told: dict[str, Any] = {
            "itemid": self.id,
            "date": stamp(self.order.created_at),
            "itemstatus": self.status,
            "itemstate": "CLAIMED_AMICABLE" if self.claim else "",
            "paymentstatus": "Forthcoming",
            "sellerscore": self.line.extra.get("sellerscore", ""),
        }
        if self.claim:
            told["claim"] = {
                "creationdate": stamp(self.claim.created_at),
                "type": (self.claim.reason or "").upper(),
                "state": "NEW" if self.claim.state == "requested" else self.claim.state.upper(),
                "amicable": self.claim.extra.get("amicable", "Y"),
                "claimcomment": self.claim.note or "",
            }
        titles = {code: {"title": code, "description": code, "actioncode": code} for code in self.actions}
        told["availableactions"] = {"action": list(titles.values())}
        told["mail"] = list(self._mails(login))
        told["message"] = list(self._messages(login))
        return told

    def _messages(self, login: str) -> Iterator[dict[str, str]]:
        buyer = self.world.data.buyers[self.order.buyer_id].login
        thread = self.thread()
        for each in reversed(thread.messages if thread else ()):
            mine = each.author == "seller"
            yield {
                "sender": f"\n  {login if mine else buyer}\n",
                "recipient": f"\n  {buyer.upper() if mine else login}\n",
                "senddate": stamp(each.created_at),
                "content": f"\n  {each.text}\n",
                "status": _status(thread, each),
            }

    def _mails(self, login: str) -> Iterator[dict[str, str]]:
        thread = self.thread(of_rakuten=True)
        for each in reversed(thread.messages if thread else ()):
            mine = each.author == "seller"
            yield {
                "mailid": f"\n  {number(each.id, 10)}\n",
                "senddate": stamp(each.created_at),
                "sender": login if mine else "Rakuten France",
                "recipient": "Rakuten France" if mine else login,
                "object": f"Votre vente ({self.id})",
                "content": each.text,
                "status": _status(thread, each),
            }

    def sold(self) -> dict[str, Any]:
        """What the lists of sales tell of it."""
        price = self.line.price
        return {
            "sku": self.line.sku,
            "advertid": number(self.line.product_id or self.line.id),
            "itemid": self.id,
            "headline": self.line.title,
            "itemstatus": self.status,
            "ispreorder": "Y" if self.order.extra.get("preordered") else "N",
            "price": amount(price.amount, price.currency),
            "paymentstatus": "INCOMING",
            "sellerscore": self.line.extra.get("sellerscore", ""),
        }


def _status(thread: things.Thread | None, message: things.Message) -> str:
    unread = thread is not None and not thread.read and message is thread.messages[-1] and message.author != "seller"
    return "UNREAD" if unread else "SENT"


class Items:
    """The items of a world, and what happens to them."""

    def __init__(self, world: World) -> None:
        self.world = world

    def orders(self) -> list[things.Order]:
        """All orders, oldest first."""
        return list(self.world.data.orders.values())

    def of(self, order: things.Order) -> list[SoldItem]:
        """The items of an order: its goods, piece by piece. Delivery is no item."""
        return [
            SoldItem(self.world, order, line, piece)
            for line in order.lines
            if line.kind == "item"
            for piece in range(line.quantity)
        ]

    def all(self) -> Iterator[SoldItem]:
        """All items."""
        for order in self.orders():
            yield from self.of(order)

    def one(self, item_id: str) -> SoldItem | None:
        """An item by its id."""
        return next((item for item in self.all() if item.id == item_id), None)

    def sale(self, order: things.Order) -> dict[str, Any]:
        """A sale with those of its items that are not cancelled."""
        buyer = self.world.data.buyers[order.buyer_id]
        return {
            "purchaseid": number(order.id),
            "purchasedate": stamp(order.created_at),
            "deliveryinformation": {
                "shippingtype": "Suivi",
                "isfullrsl": "N",
                "purchasebuyerlogin": buyer.login,
                "purchasebuyeremail": buyer.email or "",
            },
            "items": {"item": [item.sold() for item in self.of(order) if not item.cancelled]},
        }

    def talk(self, item: SoldItem, *, of_rakuten: bool = False) -> things.Thread:
        """A new conversation about an item."""
        thread = self.world.thread(item.order, kind="platform" if of_rakuten else "private")
        thread.extra["item"] = item.id
        return thread

    def mark_read(self, item: SoldItem) -> None:
        """What a look does. An item that was looked at in the past is found again in the present."""
        now = self.one(item.id)
        for of_rakuten in (False, True):
            thread = now.thread(of_rakuten=of_rakuten) if now else None
            if thread is not None and not thread.read:
                thread.read = True
                self.world.act("thread.read", thread.id)

    def cancel(self, item: SoldItem, comment: str) -> None:
        """An item is cancelled, and its price and delivery paid back whole."""
        item.line.extra.setdefault("cancelled", []).append(item.piece)
        self.world.act("order.cancel", item.order.id, f"{item.id} {comment}")
        made = self.world.pay_back(item.order, item.line.price, note=comment)
        made.extra["item"] = item.id
        if all(each.cancelled for each in self.of(item.order)):
            item.order.state = "cancelled"

    # --- payments to the seller -------------------------------------------------------------------------------------

    def payments(self) -> list[dict[str, Any]]:
        """One payment for each refund, oldest first: Rakuten settles in batches, which makes no difference here."""
        return [
            {
                "operationid": number(refund.id),
                "operationdate": stamp(self._paid_at(refund, n), seconds=True),
                "operationcause": "salestransfer",
                "operationtype": "Debit",
                "operationstate": "FINALIZED",
                "operationamount": amount(refund.amount.amount, refund.amount.currency),
                "compensationid": number(refund.id, 6),
            }
            for n, refund in enumerate(self.world.data.refunds.values())
        ]

    def compensation(self, number_: str) -> dict[str, Any] | None:
        """The details of a payment."""
        for n, refund in enumerate(self.world.data.refunds.values()):
            if number(refund.id, 6) == number_:
                return self._details(refund, self._paid_at(refund, n), number_)
        return None

    def _paid_at(self, refund: things.Refund, n: int) -> datetime:
        return refund.created_at + timedelta(seconds=n)

    def _details(self, refund: things.Refund, paid_at: datetime, number_: str) -> dict[str, Any]:
        order = self.world.data.orders[refund.order_id]
        currency = refund.amount.currency
        item = {
            "itemid": refund.extra.get("item") or self.of(order)[0].id,
            "sku": order.lines[0].sku,
            "headline": order.lines[0].title,
            "itemstatus": "CANCELLED",
            "itemsaleprice": amount(refund.amount.amount, currency),
            "shippingsaleprice": amount(Decimal(0), currency),
            "totalcancellationamount": amount(round(refund.amount.amount * (1 - _COMMISSION), 2), currency),
        }
        return {
            "compensationid": number_,
            "compensationdate": stamp(paid_at),
            "cancelleditempayment": {
                "purchasedate": stamp(order.created_at),
                "purchaseid": number(order.id),
                "item": item,
            },
        }

    def adverts(self, login: str) -> dict[str, Any]:
        """The offers of a product: somebody else's, and the seller's own, with what is shown of each seller."""
        given = [review.rating for review in self.world.data.reviews.values()]
        average = round(Decimal(sum(given)) / len(given), 2) if given else Decimal(0)
        sellers = ((login + "-2", "3.10", "7"), (login.upper(), str(average), str(len(self.world.data.orders))))
        return {
            "newadverts": {
                "advert": [
                    {
                        "advertid": str(588833000 + n),
                        "seller": {"login": name, "type": "PRO", "salescount": sales, "rating": rating},
                    }
                    for n, (name, rating, sales) in enumerate(sellers)
                ]
            }
        }

    def products(self) -> Iterator[dict[str, Any]]:
        """Products of the world's reviews, with their totals."""
        stars: dict[str, list[int]] = {}
        for review in self.world.data.reviews.values():
            if review.product_id:
                stars.setdefault(review.product_id, []).append(review.rating)
        for product_id, given in stars.items():
            average = round(Decimal(sum(given)) / len(given), 1)
            yield {
                "productid": number(product_id),
                "headline": "Livre",
                "reviews": {"averagenote": str(average), "count": str(len(given))},
            }
