"""Money at simulated Shopify: refunds, each with a transaction a payment, and what Shopify suggests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sellercare.models import Money
from sellercare.simulator import World
from sellercare.simulator.things import Order, Payment, Refund
from sellercare_adapters.shopify.face_ids import bag, gid, time

if TYPE_CHECKING:
    from sellercare_adapters.shopify.face_rows import ShopifyRows


STORE_CREDIT = "store-credit"
"""Where money of the world went that no payment took back."""


@dataclass
class Record:
    """One refund of Shopify's; `parts` are the world's refunds, one a payment. Without parts no money moved.

    `adjusted` says why the sum is not that of the lines; `duties` are the customs in it, by their own ids.
    """

    id: str
    order_id: str
    created_at: datetime
    note: str | None = None
    return_id: str | None = None
    lines: dict[str, int] = field(default_factory=dict)
    shipping: Decimal = Decimal(0)
    duties: dict[str, Decimal] = field(default_factory=dict)
    adjusted: str | None = None
    parts: list[str] = field(default_factory=list)


def records(world: World, order: Order) -> list[Record]:
    """The refunds of an order, oldest first: ours, and those that the world has from elsewhere."""
    ours: list[Record] = [each for each in world.data.extra.get("records", ()) if each.order_id == order.id]
    known = {part for each in ours for part in each.parts}
    others = [
        Record(each.id, order.id, each.created_at, each.note, each.return_id, parts=[each.id])
        for each in world.data.refunds.values()
        if each.order_id == order.id and each.id not in known
    ]
    return sorted(ours + others, key=lambda each: each.created_at)


def left_of(world: World, order: Order, payment: Payment | None = None) -> Decimal:
    """What an order, or one of its payments, still holds."""
    paid = sum((each.amount.amount for each in order.payments), Decimal(0))
    left = paid - world.refunded(order).amount
    if payment is None:
        return left
    # Store credit counts as paid back too, without touching a payment.
    return max(min(left, payment.amount.amount - world.refunded(order, payment.id).amount), Decimal(0))


def in_store_credit(refund: Refund) -> bool:
    """Whether a refund of the world went to the customer's store credit."""
    return refund.payment_id == STORE_CREDIT


def credit_methods(shop: ShopifyRows, order: Order, amount: Decimal, allocation: str | None) -> list[dict[str, Any]]:
    """What Shopify suggests as store credit: nothing without a customer, or without new customer accounts."""
    if allocation != "STORE_CREDIT" or not shop.store_credit or guest(order):
        return []
    until = shop.world.now() + timedelta(days=shop.credit_days) if shop.credit_days else None
    left = max(left_of(shop.world, order), Decimal(0))
    row = {
        "__typename": "SuggestedStoreCreditRefund",
        "amount": bag(Money(amount=min(amount, left), currency=order.currency)),
        "maximumRefundable": bag(Money(amount=left, currency=order.currency)),
        "expiresAt": time(until),
    }
    return [row]


def duties_left(world: World, order: Order) -> dict[str, Decimal]:
    """The customs of an order that are not paid back: `duties` in its `extra`, amounts by their own ids."""
    back = {duty for each in records(world, order) for duty in each.duties}
    return {duty: Decimal(amount) for duty, amount in order.extra.get("duties", {}).items() if duty not in back}


def duty_rows(order: Order, duties: dict[str, Decimal]) -> list[dict[str, Any]]:
    """Customs that go back, as Shopify shows them."""
    return [
        {"amountSet": bag(Money(amount=amount, currency=order.currency)), "originalDuty": {"id": gid("Duty", duty)}}
        for duty, amount in duties.items()
    ]


def adjustment_rows(record: Record) -> list[dict[str, Any]]:
    """Why a sum is not that of its lines. What is written as OTHER is read as "not one of the predefined reasons"."""
    written = record.adjusted
    return [{"reason": "REFUND_DISCREPANCY" if written == "OTHER" else written}] if written else []


def guest(order: Order) -> bool:
    """Whether nobody bought: the order has no customer."""
    return bool(order.extra.get("guest"))


def suggestion(shop: ShopifyRows, order: Order, **asked: Any) -> dict[str, Any] | None:
    """What Shopify suggests to pay back: everything, or what is asked about."""
    from sellercare_adapters.shopify.face_rows import delivery, goods, refunded_pieces

    left = left_of(shop.world, order)
    shipping = delivery(order)
    shipping_left = Decimal(0)
    if shipping is not None:
        shipping_left = min(left, shipping.price.amount - Decimal(order.extra.get("refunded_shipping", 0)))
    everything = bool(asked.get("suggestFullRefund"))
    wanted = {each["lineItemId"]: each["quantity"] for each in asked.get("refundLineItems") or ()}
    lines = []
    total = Decimal(0)
    for line in goods(order):
        there = line.quantity - refunded_pieces(order, line)
        count = there if everything else min(there, wanted.get(gid("LineItem", line.id), 0))
        if count > 0:
            lines.append({"quantity": count, "lineItem": shop._line_row(order, line)})
            total += line.price.amount * count
    back = shipping_left if everything or asked.get("refundShipping") else Decimal(0)
    if asked.get("shippingAmount") is not None:
        back = min(shipping_left, Decimal(asked["shippingAmount"]))
    asked_for = {each["dutyId"] for each in asked.get("refundDuties") or ()}
    customs = duties_left(shop.world, order)
    duties = {duty: sum_ for duty, sum_ in customs.items() if everything or gid("Duty", duty) in asked_for}
    amount = left if everything else min(left, total + back + sum(duties.values(), Decimal(0)))
    allocation = asked.get("refundMethodAllocation")

    def money(value: Decimal) -> dict[str, Any]:
        return bag(Money(amount=value, currency=order.currency))

    return {
        "amountSet": money(amount),
        "maximumRefundableSet": money(left),
        "refundLineItems": lines,
        "refundDuties": duty_rows(order, duties),
        "shipping": {"amountSet": money(back), "maximumRefundableSet": money(shipping_left)},
        "suggestedTransactions": [] if allocation == "STORE_CREDIT" else shop.suggested(order, amount, for_order=True),
        "suggestedRefundMethods": credit_methods(shop, order, amount, allocation),
    }
