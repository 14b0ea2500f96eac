"""From WooCommerce's payloads to the common models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sellercare.models import (
    Buyer,
    Delivery,
    LineKind,
    Message,
    Money,
    Order,
    OrderState,
    Party,
    Refund,
    RefundLine,
    RefundState,
    Review,
    ReviewReply,
    ReviewSubject,
    ReviewSummary,
    Thread,
    ThreadKind,
)
from sellercare.translation import decimal, instant, money_of, validator
from sellercare_adapters.woocommerce import wire
from sellercare_adapters.woocommerce.words import plain

_STATES = {
    "pending": OrderState.OPEN,
    "on-hold": OrderState.OPEN,
    "failed": OrderState.OPEN,
    "checkout-draft": OrderState.OPEN,
    "processing": OrderState.PAID,
    "completed": OrderState.SHIPPED,
    "cancelled": OrderState.CANCELLED,
}
"""A completed order needs no more doing, which is not yet an arrival. `refunded` tells nothing of where goods are."""

_KINDS = (("line_items", LineKind.ITEM), ("shipping_lines", LineKind.SHIPPING), ("fee_lines", LineKind.FEE))
_ONE = Decimal(1)
_STORED_DECIMALS = Decimal("0.000001")
"""WooCommerce calculates with six decimals."""

CHECKOUT_NOTE = "checkout"
"""Our id of the words that a buyer left at the checkout."""


def moment(text: str) -> datetime:
    """A time whose field says that it is UTC."""
    return instant(text if text.endswith("Z") else f"{text}Z")


def moment_or_none(text: str | None) -> datetime | None:
    """`moment`, or None for null and the empty text."""
    return moment(text) if text else None


def sum_of(text: str | None) -> Decimal:
    """A sum; a tax that was not calculated is the empty text."""
    return decimal(text) if text else Decimal(0)


def lines_of(row: wire.Order | wire.Refund) -> Iterator[tuple[LineKind, wire.Line]]:
    """The lines of an order or refund, in WooCommerce's order of kinds."""
    for name, kind in _KINDS:
        for line in row.get(name) or ():  # type: ignore[attr-defined]  # the keys are those of _KINDS
            yield kind, line


def taxes_of(line: wire.Line) -> dict[str, Decimal]:
    """The taxes of a line by the id of their rate, unrounded."""
    return {str(tax["id"]): sum_of(tax["total"]) for tax in line["taxes"]}


def order_line_of(line: wire.Line) -> str | None:
    """Which line of the order a line of a refund stands for."""
    return next((str(meta["value"]) for meta in line["meta_data"] if meta["key"] == "_refunded_item_id"), None)


def refunded(row: wire.Order) -> Decimal:
    """What was paid back, by the order's own short list, whose sums are negative."""
    return sum((-decimal(each["total"]) for each in row["refunds"]), Decimal(0))


def order(row: wire.Order) -> Order:
    """An order. It is paid whole or not at all: WooCommerce knows no part payments."""
    currency, total = row["currency"], row["total"]
    return _order(
        {
            "id": str(row["id"]),
            "number": row["number"],
            "state": _STATES.get(row["status"], OrderState.UNKNOWN),
            "native_state": row["status"],
            "created_at": moment_or_none(row["date_created_gmt"]),
            "updated_at": moment_or_none(row["date_modified_gmt"]),
            "buyer": _buyer(row),
            "lines": [_order_line(kind, line, currency) for kind, line in lines_of(row)],
            "total": money_of(total, currency),
            "paid": money_of(total if row.get("date_paid_gmt") else "0", currency),
            "refunded": money_of(refunded(row), currency) if row["refunds"] else money_of("0", currency),
            "raw": row,
        }
    )


_order = validator(Order)


def buyer(row: wire.Order) -> Buyer:
    """Who bought. Guests have the customer id 0."""
    return Buyer(**_buyer(row))


def _buyer(row: wire.Order) -> dict[str, Any]:
    billing = row.get("billing") or {}
    name = f"{billing.get('first_name') or ''} {billing.get('last_name') or ''}".strip()
    customer = row.get("customer_id")
    return {
        "id": str(customer) if customer else None,
        "name": name or None,
        "email": billing.get("email") or None,
    }


def _order_line(kind: LineKind, line: wire.Line, currency: str) -> dict[str, Any]:
    pieces = decimal(line["quantity"]) if kind is LineKind.ITEM else _ONE
    product = line.get("product_id")
    return {
        "id": str(line["id"]),
        "kind": kind,
        "title": line.get("name") or line.get("method_title"),
        "sku": line.get("sku") or None,
        "product_id": str(product) if product else None,
        "quantity": pieces,
        "price": {"amount": _each(decimal(line["total"]) + decimal(line["total_tax"]), pieces), "currency": currency},
    }


def _each(gross: Decimal, pieces: Decimal) -> Decimal:
    """What one piece costs, as exactly as WooCommerce itself knows it."""
    if pieces == 1:
        return gross
    if pieces == 0:
        return Decimal(0)
    price = gross / pieces
    return price if price == price.quantize(gross) else price.quantize(_STORED_DECIMALS)


def thread(row: wire.Order) -> Thread:
    """The one-way thread of an order."""
    return Thread(
        id=str(row["id"]),
        kind=ThreadKind.NOTE,
        buyer=buyer(row),
        subject=f"Order {row['number']}",
        order_id=str(row["id"]),
        updated_at=moment_or_none(row["date_modified_gmt"]),
        awaiting_reply=False,
        raw=row,
    )


def note(row: wire.Note, order_id: str) -> Message:
    """A note to the customer. Whether its mail arrived is never told; only a mail that failed leaves a trace."""
    failed = row.get("failed")
    return Message(
        id=str(row["id"]),
        thread_id=order_id,
        author=Party.SELLER,
        author_name=row["author"],
        text=plain(row["note"]),
        created_at=moment(row["date_created_gmt"]),
        delivery=Delivery.BLOCKED if failed else Delivery.UNKNOWN,
        native_delivery=failed,
        order_id=order_id,
        raw=row,
    )


def checkout_note(row: wire.Order) -> Message:
    """What the buyer wrote at the checkout, as the oldest message of the order's thread."""
    return Message(
        id=f"{row['id']}:{CHECKOUT_NOTE}",
        thread_id=str(row["id"]),
        author=Party.BUYER,
        author_name=buyer(row).name,
        text=plain(row.get("customer_note") or ""),
        created_at=moment_or_none(row["date_created_gmt"]),
        delivery=Delivery.DELIVERED,
        order_id=str(row["id"]),
        raw=row,
    )


def refund_id(order_id: str, native_id: int) -> str:
    """Our id of a refund: WooCommerce finds one only under its order."""
    return f"{order_id}:{native_id}"


def refund(row: wire.Refund, order_id: str, currency: str, *, without_lines: bool = False) -> Refund:
    """A refund. The shop knows no state, only whether its gateway has paid. What a person should know is in `note`.

    `without_lines`: lines were asked for and the shop has not booked them.
    """
    paid = row["refunded_payment"]
    notes = [] if paid else ["Booked only: the payment gateway has paid nothing."]
    if without_lines:
        notes.append("The shop has booked the sum, but not the lines.")
    return Refund(
        id=refund_id(order_id, row["id"]),
        order_id=order_id,
        amount=Money(amount=decimal(row["amount"]), currency=currency),
        lines=tuple(_refund_line(kind, line, currency) for kind, line in lines_of(row)),
        reason=row["reason"] or None,
        note=" ".join(notes) or None,
        state=RefundState.DONE if paid else RefundState.UNKNOWN,
        created_at=moment(row["date_created_gmt"]),
        raw=row,
    )


def _refund_line(kind: LineKind, line: wire.Line, currency: str) -> RefundLine:
    gross = -(decimal(line["total"]) + decimal(line["total_tax"]))
    return RefundLine(
        kind=kind,
        order_line_id=order_line_of(line),
        quantity=abs(decimal(line["quantity"])) if "quantity" in line else None,
        amount=Money(amount=gross + 0, currency=currency),
    )


def review(row: wire.Review) -> Review:
    """A review of a product, with its answer if `answers` were joined. A rating of 0 is none."""
    permalink = row.get("product_permalink")
    answer = reply_of(row)
    at = moment(row["date_created_gmt"])
    return Review(
        id=str(row["id"]),
        subject=ReviewSubject.PRODUCT,
        product_id=str(row["product_id"]),
        rating=Decimal(row["rating"]) if row["rating"] else None,
        native_rating=str(row["rating"]),
        text=plain(row["review"]),
        buyer=Buyer(name=row["reviewer"] or None, email=row.get("reviewer_email") or None),
        created_at=at,
        updated_at=max(at, answer.created_at) if answer and answer.created_at else at,
        reply=answer,
        published=row["status"] == "approved",
        url=f"{permalink}#comment-{row['id']}" if permalink else None,
        raw=row,
    )


def by_the_shop(row: wire.Review) -> list[wire.Comment]:
    """The comments under a review by users of the shop who are not the reviewer, the oldest first."""
    ours = [each for each in row.get("answers") or () if each["author"] and each["author_name"] != row["reviewer"]]
    return sorted(ours, key=lambda each: (each["date_gmt"], each["id"]))


def answer_to(row: wire.Review) -> wire.Comment | None:
    """The shop's answer: the oldest."""
    return next(iter(by_the_shop(row)), None)


def reply_of(row: wire.Review) -> ReviewReply | None:
    """The shop's answer as the model has it."""
    comment = answer_to(row)
    return reply(comment) if comment else None


def reply(comment: wire.Comment) -> ReviewReply:
    """A comment as an answer. Where `raw` is told (to those who may edit), it is the text as it was sent."""
    content = comment["content"]
    return ReviewReply(text=plain(content.get("raw") or content["rendered"]), created_at=moment(comment["date_gmt"]))


def summary(row: wire.Product) -> ReviewSummary:
    """The totals of a product. Without ratings the average is 0, which is none."""
    average = decimal(row["average_rating"])
    return ReviewSummary(
        subject=ReviewSubject.PRODUCT,
        subject_id=str(row["id"]),
        count=row["rating_count"],
        average=average if average else None,
        raw=row,
    )
