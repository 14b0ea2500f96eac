"""Exchanges and fees of returns at simulated Shopify: goods that a buyer gets instead, and what is kept back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sellercare.models import Money
from sellercare.simulator.things import Order, Return, ReturnLine
from sellercare_adapters.shopify.face_ids import bag, gid


@dataclass
class Swap:
    """Goods of an exchange; `done` pieces are ordered to be sent. They are in `Return.extra["swaps"]`."""

    id: str
    title: str
    price: Decimal
    quantity: int = 1
    done: int = 0

    @property
    def shown(self) -> str:
        """Its id as Shopify writes it."""
        return gid("ExchangeLineItem", self.id)


def swaps(return_: Return) -> list[Swap]:
    """The goods that the buyer gets instead."""
    return list(return_.extra.get("swaps", ()))


def swap_rows(return_: Return) -> list[dict[str, Any]]:
    """The goods of an exchange as Shopify shows them."""
    return [
        {
            "id": each.shown,
            "title": each.title,
            "variantTitle": None,
            "variantSku": f"SKU-{each.id}",
            "quantity": each.quantity,
            "processableQuantity": each.quantity - each.done,
            "processedQuantity": each.done,
        }
        for each in swaps(return_)
    ]


def cost_of(return_: Return, asked: Iterable[dict[str, Any]]) -> Decimal:
    """What the goods cost that are asked about."""
    known = {each.shown: each for each in swaps(return_)}
    return sum((known[each["id"]].price * each["quantity"] for each in asked), Decimal(0))


def shipping_fees(order: Order, return_: Return) -> list[dict[str, Any]]:
    """What the buyer pays for the way back: `shipping_fee` in the return's `extra`."""
    fee = Decimal(return_.extra.get("shipping_fee", 0))
    return [{"amountSet": bag(Money(amount=fee, currency=order.currency))}] if fee else []


def restocking(order: Order, return_: Return, line: ReturnLine, pieces: int) -> Decimal:
    """What is kept back of some pieces: `restocking`, a percentage, in the return's `extra`."""
    price = order.known_line(line.line_id).price.amount * pieces
    return (price * Decimal(return_.extra.get("restocking", 0)) / 100).quantize(Decimal("0.01"))


def restocking_row(order: Order, return_: Return, line: ReturnLine) -> dict[str, Any] | None:
    """The fee for restocking a whole line."""
    fee = restocking(order, return_, line, line.quantity)
    if not fee:
        return None
    return {
        "percentage": float(return_.extra["restocking"]),
        "amountSet": bag(Money(amount=fee, currency=order.currency)),
    }


def worth(order: Order, return_: Return, line: ReturnLine, pieces: int) -> Decimal:
    """What the buyer gets for pieces that come back: their price, less the fee for restocking."""
    return order.known_line(line.line_id).price.amount * pieces - restocking(order, return_, line, pieces)


def owed(return_: Return) -> Decimal:
    """What the buyer owes for fees and for goods that went out; below zero what is kept for goods that will."""
    extra = return_.extra
    return Decimal(extra["owed"] if "owed" in extra else extra.get("shipping_fee", 0))


def owe(return_: Return, more: Decimal) -> None:
    """The buyer owes more, or less."""
    return_.extra["owed"] = owed(return_) + more
