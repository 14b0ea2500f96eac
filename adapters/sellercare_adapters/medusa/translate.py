"""Medusa's payloads into the common models. Pure: no call is made here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any, Literal

from sellercare.models import (
    Buyer,
    LineKind,
    Money,
    Order,
    OrderLine,
    OrderState,
    Refund,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnState,
    Review,
    ReviewReply,
    ReviewSubject,
    ReviewSummary,
    decimals_of,
)
from sellercare.translation import decimal, instant, instant_or_none
from sellercare_adapters.medusa import wire

RETURN_STATES: Mapping[str, ReturnState] = {
    "open": ReturnState.REQUESTED,
    "requested": ReturnState.REQUESTED,
    "partially_received": ReturnState.PARTLY_RECEIVED,
    "received": ReturnState.RECEIVED,
    "canceled": ReturnState.CANCELLED,
}
"""There is no approval: a return is asked for until its goods are back or it is called off."""

_SHIPPED = frozenset({"shipped", "partially_shipped", "partially_delivered"})
_NOT_SHIPPED = frozenset({"not_fulfilled", "partially_fulfilled", "fulfilled", "canceled"})
_PAID = frozenset({"captured", "partially_refunded", "refunded"})
_NOT_PAID = frozenset(
    {"not_paid", "awaiting", "authorized", "partially_authorized", "partially_captured", "canceled", "requires_action"}
)


def number(row: Any, name: str) -> Decimal:
    """The exact value of a number: its raw twin, which is text, or else the number itself."""
    raw = row.get(f"raw_{name}")
    return decimal(row[name] if raw is None else raw["value"])


def money(row: Any, name: str, currency: str) -> Money:
    """An amount in the currency, whose code Medusa writes in lower case."""
    return Money(amount=number(row, name), currency=currency.upper())


def payable(amount: Decimal, currency: str) -> Decimal:
    """An amount cut to the decimals that its currency has: Medusa would book fractions of a cent."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency.upper())), rounding=ROUND_DOWN)


def payments_of(row: wire.Order) -> Iterator[wire.Payment]:
    """All payments of an order."""
    for collection in row.get("payment_collections") or ():
        yield from collection.get("payments") or ()


def number_of(row: wire.Order) -> str:
    """The number of an order that people use."""
    return str(row.get("custom_display_id") or row["display_id"])


def order(row: wire.Order) -> Order:
    """An order. `total` is what it comes to now, after returns; `paid` and `refunded` are sums over the payments."""
    payments = list(payments_of(row))
    currency = row.get("currency_code") or (payments[0]["currency_code"] if payments else "")
    words = (row["status"], row.get("payment_status"), row.get("fulfillment_status"))
    total = money(row, "total", currency) if currency and row.get("total") is not None else None
    return Order(
        id=row["id"],
        number=number_of(row),
        native_ids={"display_id": str(row["display_id"])},
        state=order_state(row),
        native_state="/".join(word for word in words if word),
        created_at=instant_or_none(row.get("created_at")),
        updated_at=instant_or_none(row.get("updated_at")),
        buyer=_buyer(row),
        lines=tuple(_lines(row, currency)),
        total=total,
        paid=_sum(payments, "captures", currency),
        refunded=_sum(payments, "refunds", currency),
        raw=row,
    )


def order_state(row: wire.Order) -> OrderState:
    """One state out of Medusa's three words: of the order, its payment and its fulfilment."""
    paid, shipped = row.get("payment_status"), row.get("fulfillment_status")
    if row["status"] == "canceled":
        return OrderState.CANCELLED
    if shipped == "delivered":
        return OrderState.DELIVERED
    if shipped in _SHIPPED:
        return OrderState.SHIPPED
    if shipped not in _NOT_SHIPPED:
        return OrderState.UNKNOWN
    if paid in _PAID:
        return OrderState.PAID
    return OrderState.OPEN if paid in _NOT_PAID else OrderState.UNKNOWN


def _buyer(row: wire.Order) -> Buyer:
    customer = row.get("customer")
    if customer is None:
        return Buyer(email=row.get("email"))
    name = " ".join(part for part in (customer["first_name"], customer["last_name"]) if part)
    return Buyer(id=customer["id"], name=name or None, email=row.get("email") or customer["email"])


def _lines(row: wire.Order, currency: str) -> Iterator[OrderLine]:
    for item in row.get("items") or ():
        yield OrderLine(
            id=item["id"],
            kind=LineKind.ITEM,
            title=item["title"],
            sku=item.get("variant_sku"),
            product_id=item.get("product_id"),
            quantity=number(item, "quantity"),
            price=_money_or_none(item, "unit_price", currency),
        )
    for method in row.get("shipping_methods") or ():
        price = _money_or_none(method, "amount", currency)
        yield OrderLine(id=method["id"], kind=LineKind.SHIPPING, title=method["name"], price=price)


def _money_or_none(row: Any, name: str, currency: str) -> Money | None:
    return money(row, name, currency) if currency and row.get(name) is not None else None


def _sum(payments: Sequence[wire.Payment], part: Literal["captures", "refunds"], currency: str) -> Money | None:
    """The sum over all payments; None where the answer does not show that part of them."""
    if not payments or any(part not in payment for payment in payments):
        return None
    amounts = (number(each, "amount") for payment in payments for each in payment[part])
    return Money(amount=sum(amounts, Decimal(0)), currency=currency.upper())


def captured(payment: wire.Payment) -> Decimal:
    """What was taken through a payment."""
    return sum((number(each, "amount") for each in payment.get("captures") or ()), Decimal(0))


def refunded(payment: wire.Payment) -> Decimal:
    """What went back through a payment."""
    return sum((number(each, "amount") for each in payment.get("refunds") or ()), Decimal(0))


def owed(row: wire.Order) -> Decimal:
    """What the shop owes the buyer by its own books, zero if nothing: returns lower what the order comes to."""
    return max(-number(row["summary"], "pending_difference"), Decimal(0)) if row.get("summary") else Decimal(0)


def left_to_return(item: Any) -> Decimal:
    """How many pieces of an order's line can still come back: shipped, and not yet asked for, back or written off."""
    gone = (
        "return_requested_quantity",
        "return_received_quantity",
        "return_dismissed_quantity",
        "written_off_quantity",
    )
    return number(item["detail"], "fulfilled_quantity") - sum(number(item["detail"], name) for name in gone)


# ---- refunds


def marked(note: str | None, key: str) -> str:
    """A note with our mark at its end, by which a refund is found again."""
    mark = f"[sellercare {key}]"
    return f"{note} {mark}" if note else mark


_MARK = re.compile(r"\s?\[sellercare [0-9a-f-]{36}\]$")


def unmarked(note: str | None) -> str | None:
    """A note as the seller wrote it, without our mark."""
    return (_MARK.sub("", note) or None) if note else None


def refund_id(payment_id: str, native_id: str) -> str:
    """Our id of a refund: `pay_…:ref_…`. Medusa shows a refund only inside its payment."""
    return f"{payment_id}:{native_id}"


def refund(
    row: wire.Refund,
    currency: str,
    *,
    order_id: str | None = None,
    return_id: str | None = None,
    booked: frozenset[str] | None = None,
) -> Refund:
    """One refund. `booked` holds the ids that the order's transactions name (None: it was not asked).

    Medusa writes the row, asks the payment provider, takes the row away again if that refuses, and only then books it
    in the order. So a row that is not booked yet is pending. (2.21, seen in its source and on a running server.)
    """
    reason = row.get("refund_reason")
    done = booked is None or row["id"] in booked or row["payment_id"] in booked
    return Refund(
        id=refund_id(row["payment_id"], row["id"]),
        order_id=order_id,
        return_id=return_id,
        payment_id=row["payment_id"],
        amount=money(row, "amount", currency),
        reason=reason["label"] if reason else row.get("refund_reason_id"),
        note=unmarked(row["note"]),
        state=RefundState.DONE if done else RefundState.PENDING,
        native_state="booked" if done else "not booked in the order",
        created_at=instant_or_none(row.get("created_at")),
        raw=row,
    )


def booked_in(transactions: Iterable[wire.Transaction]) -> frozenset[str]:
    """What an order's transactions name as refunded: a refund's id, or a payment's where the order was cancelled."""
    ids = (each["reference_id"] for each in transactions if each["reference"] == "refund")
    return frozenset(each for each in ids if each)


# ---- returns and claims


def return_(row: wire.Return) -> Return:
    """A return. Its lines' `received` is Medusa's own count."""
    links = {name: row.get(name) for name in ("claim_id", "exchange_id", "location_id")}
    return Return(
        id=row["id"],
        kind=ReturnKind.RETURN,
        native_kind="return",
        state=RETURN_STATES.get(row["status"], ReturnState.UNKNOWN),
        native_state=row["status"],
        number=_text(row["display_id"]),
        order_id=row["order_id"],
        native_ids={name: str(value) for name, value in links.items() if value},
        lines=tuple(_return_line(item) for item in row.get("items") or ()),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        raw=row,
    )


def _return_line(item: wire.ReturnItem) -> ReturnLine:
    reason = item.get("reason")
    return ReturnLine(
        id=item["id"],
        order_line_id=item["item_id"],
        quantity=number(item, "quantity"),
        received=number(item, "received_quantity"),
        reason=(reason.get("label") if reason else None) or item["reason_id"],
        note=item["note"],
    )


def claim(row: wire.Claim) -> Return:
    """A claim, which the seller writes down himself: with lines it is agreed to, without it is still a draft."""
    items = row.get("claim_items")
    if row["canceled_at"]:
        state, word = ReturnState.CANCELLED, "canceled"
    elif items is None:
        state, word = ReturnState.UNKNOWN, None
    else:
        state, word = (ReturnState.APPROVED, "confirmed") if items else (ReturnState.REQUESTED, "open")
    return Return(
        id=row["id"],
        kind=ReturnKind.CLAIM,
        native_kind=row["type"],
        state=state,
        native_state=word,
        number=_text(row["display_id"]),
        order_id=row["order_id"],
        lines=tuple(_claim_line(item) for item in items or ()),
        wants=(row["type"],),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        raw=row,
    )


def _claim_line(item: wire.ClaimItem) -> ReturnLine:
    return ReturnLine(
        id=item["id"],
        order_line_id=item["item_id"],
        quantity=number(item, "quantity"),
        reason=item["reason"],
        note=item["note"],
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


# ---- reviews


def review(row: wire.Review) -> Review:
    """A review of a product, with the shop's answer if there is one."""
    response = row.get("response")
    rating = number(row, "rating")
    return Review(
        id=row["id"],
        subject=ReviewSubject.PRODUCT,
        product_id=row["product_id"],
        order_id=row["order_id"],
        rating=rating if 1 <= rating <= 5 else None,
        native_rating=str(rating),
        text=row["content"],
        buyer=Buyer(name=row["name"], email=row["email"]),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        reply=answer(response) if response else None,
        published=row["status"] == "approved",
        raw=row,
    )


def answer(row: wire.ReviewResponse) -> ReviewReply:
    """The shop's answer to a review."""
    return ReviewReply(text=row["content"], created_at=instant(row["created_at"]))


def summary(rows: list[wire.ReviewStats], product_id: str) -> ReviewSummary:
    """The plugin's totals of one product; zero reviews where it keeps none."""
    row: Any = next((each for each in rows if each["product_id"] == product_id), None)
    if row is None:
        return ReviewSummary(subject=ReviewSubject.PRODUCT, subject_id=product_id, count=0)
    count = row["review_count"]
    return ReviewSummary(
        subject=ReviewSubject.PRODUCT,
        subject_id=product_id,
        count=count,
        average=number(row, "average_rating") if count else None,
        by_rating={str(stars): row[f"rating_count_{stars}"] for stars in range(1, 6)},
        raw=row,
    )
