"""Shopify's payloads as common models. No I/O; what is missing is an error that names its path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sellercare.models import (
    Buyer,
    LineKind,
    Money,
    Order,
    OrderState,
    Parcel,
    Refund,
    RefundLine,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnState,
    decimals_of,
)
from sellercare.translation import instant, instant_or_none, money_of, validator
from sellercare_adapters.shopify import wire, words

Lines = Sequence[wire.LineItem]


def money(row: wire.MoneyV2) -> Money:
    """An amount. Shopify writes `10.0` where the currency has two decimals, and `10.0` where it has none."""
    return money_of(row["amount"], row["currencyCode"])


def presented(bag: wire.MoneyBag) -> Money:
    """An amount in the buyer's currency."""
    row = bag["presentmentMoney"]
    return money_of(row["amount"], row["currencyCode"])


def buyer(customer: wire.Customer | None, email: str | None) -> Buyer:
    """Who bought, as far as Shopify lets the app see it (protected customer data)."""
    return Buyer(
        id=customer["id"] if customer else None, name=customer["displayName"] if customer else None, email=email
    )


# --- orders ----------------------------------------------------------------------------------------------------------


def order(row: wire.Order, lines: Lines | None = None) -> Order:
    """An order. `lines` are all its lines, where the row has only the first of them."""
    shipping, customer = row["shippingLine"], row["customer"]
    gross = row["taxesIncluded"]
    state, said = _state(row)
    made = [_line(each, gross) for each in (row["lineItems"]["nodes"] if lines is None else lines)]
    if shipping is not None and shipping["id"] is not None:
        made.append(_shipping(shipping, gross))
    return _order(
        {
            "id": row["id"],
            "number": row["name"],
            "native_ids": {"legacyResourceId": str(row["legacyResourceId"])},
            "state": state,
            "native_state": said,
            "created_at": instant(row["createdAt"]),
            "updated_at": instant(row["updatedAt"]),
            "buyer": {
                "id": customer["id"] if customer else None,
                "name": customer["displayName"] if customer else None,
                "email": row["email"],
            },
            "lines": made,
            "total": presented(row["totalPriceSet"]),
            "paid": presented(row["totalReceivedSet"]),
            "refunded": presented(row["totalRefundedSet"]),
            "raw": row,
        }
    )


_order = validator(Order)


def cancelling(order_id: str, job: dict[str, Any]) -> Order:
    """An order of which a job is about to cancel: what it looks like now is not told."""
    state = OrderState.CANCELLED if job.get("cancelledAt") else OrderState.UNKNOWN
    return Order(
        id=order_id, state=state, native_state="CANCELLED" if job.get("cancelledAt") else "CANCELLING", raw=job
    )


def _state(row: wire.Order) -> tuple[OrderState, str]:
    """Where an order is, and the words that it comes from: of payment only as long as nothing was sent."""
    sent = row["displayFulfillmentStatus"]
    state = words.FULFILLMENT.get(sent, OrderState.UNKNOWN)
    if state is OrderState.PAID:
        paid = row["displayFinancialStatus"]
        state, sent = words.FINANCIAL.get(paid or "", OrderState.UNKNOWN), f"{sent} / {paid}" if paid else sent
    elif sent == "FULFILLED" and _all_arrived(row):
        state = OrderState.DELIVERED
    return state if row["cancelledAt"] is None else OrderState.CANCELLED, sent


def _all_arrived(row: wire.Order) -> bool:
    parcels = row["fulfillments"]
    return bool(parcels) and None not in [each["deliveredAt"] for each in parcels]


def _line(row: wire.LineItem, gross: bool) -> dict[str, Any]:
    product, price = row["product"], presented(row["discountedUnitPriceAfterAllDiscountsSet"])
    return {
        "id": row["id"],
        "title": row["title"],
        "sku": row["sku"],
        "product_id": product["id"] if product else None,
        "quantity": Decimal(row["quantity"]),
        "price": price if gross else _gross(price, row["taxLines"], row["quantity"]),
    }


def _shipping(row: wire.ShippingLine, gross: bool) -> dict[str, Any]:
    price = presented(row["discountedPriceSet"])
    return {
        "id": row["id"],
        "kind": LineKind.SHIPPING,
        "title": row["title"],
        "price": price if gross else _gross(price, row["taxLines"], 1),
    }


def _gross(net: Money, taxes: Iterable[wire.TaxLine], pieces: int) -> Money | None:
    """The price of one piece with its tax; None where the tax of all pieces cannot be shared out to the cent."""
    tax = sum((presented(each["priceSet"]).amount for each in taxes), Decimal(0))
    if tax == 0 or pieces == 1:
        return Money(amount=net.amount + tax, currency=net.currency)
    share = _shared(tax, pieces, net.currency)
    return None if share is None else Money(amount=net.amount + share, currency=net.currency)


def _shared(total: Decimal, pieces: int, currency: str) -> Decimal | None:
    """One piece's part of a sum; None where the parts would not come to it."""
    part = (total / pieces).quantize(Decimal(1).scaleb(-decimals_of(currency)))
    return part if part * pieces == total else None


# --- returns ---------------------------------------------------------------------------------------------------------


EXCHANGE = "exchange"
"""What a buyer wants of a return that has lines of an exchange (`Return.wants`)."""


def return_(row: wire.Return, lines: Sequence[wire.ReturnLine] | None = None) -> Return:
    """A return. `lines` are all its lines, where the row has only the first of them."""
    rows = row["returnLineItems"]["nodes"] if lines is None else lines
    decline = row["decline"] or {}
    asked = {each["returnReasonDefinition"]["handle"] for each in rows if each["returnReasonDefinition"]}
    about = row["order"]
    return Return(
        id=row["id"],
        kind=ReturnKind.RETURN,
        state=_return_state(row["status"], rows),
        native_state=row["status"],
        number=row["name"],
        order_id=about["id"],
        buyer=buyer(about["customer"], about["email"]),
        lines=tuple(map(_return_line, rows)),
        reason=decline.get("reason") or (asked.pop() if len(asked) == 1 else None),
        note=decline.get("note") or _first(each["customerNote"] or each["returnReasonNote"] for each in rows),
        wants=(EXCHANGE,) if row["exchangeLineItems"]["nodes"] else (),
        created_at=instant(row["createdAt"]),
        parcels=parcels(
            each
            for reverse in row["reverseFulfillmentOrders"]["nodes"]
            for each in reverse["reverseDeliveries"]["nodes"]
        ),
        raw=row,
    )


def parcels(rows: Iterable[wire.Delivery]) -> tuple[Parcel, ...]:
    """The parcels that goods come back in. One to several places is told once; a label alone is no parcel yet."""
    told = [(row["deliverable"] or {}).get("tracking") for row in rows]
    known = [Parcel.known(each["carrierName"], each["number"], each["url"]) for each in told if each]
    return tuple(dict.fromkeys(parcel for each in known for parcel in each))


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)


def _return_state(status: str, rows: Sequence[wire.ReturnLine]) -> ReturnState:
    """Shopify's status, made finer by what the lines say: OPEN does not tell whether goods are back."""
    state = words.RETURN.get(status, ReturnState.UNKNOWN)
    if state is ReturnState.APPROVED and rows:
        if all(each["processedQuantity"] >= each["quantity"] for each in rows):
            return ReturnState.RECEIVED
        if any(each["processedQuantity"] > 0 for each in rows):
            return ReturnState.PARTLY_RECEIVED
    if state is ReturnState.CLOSED and any(each["refundedQuantity"] > 0 for each in rows):
        return ReturnState.REFUNDED
    return state


def _return_line(row: wire.ReturnLine) -> ReturnLine:
    sold = (row.get("fulfillmentLineItem") or {}).get("lineItem")
    reason = row["returnReasonDefinition"]
    return ReturnLine(
        id=row["id"],
        order_line_id=sold["id"] if sold else None,
        title=sold["title"] if sold else None,
        quantity=Decimal(row["quantity"]),
        received=Decimal(row["processedQuantity"]),
        price=_price_of(row),
        reason=reason["handle"] if reason else None,
        note=row["customerNote"] or row["returnReasonNote"] or None,
    )


def _price_of(row: wire.ReturnLine) -> Money | None:
    """What one piece cost; None where the price of the line does not share out."""
    if "unitPrice" in row:
        return money(row["unitPrice"])
    if "withCodeDiscountedTotalPriceSet" not in row or row["quantity"] < 1:
        return None
    total = presented(row["withCodeDiscountedTotalPriceSet"])
    piece = _shared(total.amount, row["quantity"], total.currency)
    return None if piece is None else Money(amount=piece, currency=total.currency)


def dispute(row: wire.Dispute) -> Return:
    """A chargeback, or an inquiry that comes before one."""
    about = row["order"]
    return Return(
        id=row["id"],
        kind=words.DISPUTE_KIND.get(row["type"], ReturnKind.UNKNOWN),
        native_kind=row["type"],
        state=words.DISPUTE.get(row["status"], ReturnState.UNKNOWN),
        native_state=row["status"],
        order_id=about["id"] if about else None,
        reason=row["reasonDetails"]["reason"],
        asked=money(row["amount"]),
        created_at=instant(row["initiatedAt"]),
        updated_at=instant_or_none(row["finalizedOn"] or row["evidenceSentOn"]),
        due=instant_or_none(row["evidenceDueBy"]),
        raw=row,
    )


# --- refunds ---------------------------------------------------------------------------------------------------------


def refund(row: wire.Refund, order_id: str | None = None, return_id: str | None = None) -> Refund:
    """A refund. Its state is that of its money: a refund that moved none is `unknown` (it may be a record only)."""
    about: Any = row
    state, said = _refund_state(row["transactions"]["nodes"])
    return Refund(
        id=row["id"],
        order_id=order_id or (about.get("order") or {}).get("id"),
        return_id=return_id or (about.get("return") or {}).get("id"),
        payment_id=_payment_of(row["transactions"]["nodes"]),
        amount=refunded(row),
        lines=tuple(_refund_lines(about)),
        reason=_reason_of(about),
        note=row["note"] or None,
        state=state,
        native_state=said,
        created_at=instant(row["createdAt"] or row["processedAt"]),
        raw=row,
    )


def refunded(row: wire.Refund) -> Money:
    """What goes back: the refund's own total, or that of its transactions while the total does not count them yet."""
    total = presented(row["totalRefundedSet"])
    if total.amount > 0:
        return total
    sums = [presented(each["amountSet"]).amount for each in row["transactions"]["nodes"] if each["kind"] == "REFUND"]
    return Money(amount=sum(sums, Decimal(0)), currency=total.currency)


def _refund_state(rows: Sequence[wire.Transaction]) -> tuple[RefundState, str | None]:
    said = sorted({row["status"] for row in rows if row["kind"] == "REFUND"})
    states = {words.TRANSACTION.get(each, RefundState.UNKNOWN) for each in said}
    if len(states) == 1:
        return states.pop(), ", ".join(said)
    if states == {RefundState.DONE, RefundState.PENDING}:
        return RefundState.PENDING, ", ".join(said)
    return RefundState.UNKNOWN, ", ".join(said) or "NO_TRANSACTION"


def _payment_of(rows: Sequence[wire.Transaction]) -> str | None:
    parents = {row["parentTransaction"]["id"] for row in rows if row["parentTransaction"]}
    return parents.pop() if len(parents) == 1 else None


def _reason_of(row: Any) -> str | None:
    """Why a refund differs from what its lines come to, in Shopify's word; None where it does not say one thing."""
    if "orderAdjustments" not in row:
        return None
    reasons = {each["reason"] for each in row["orderAdjustments"]["nodes"]}
    return reasons.pop() if len(reasons) == 1 else None


def _refund_lines(row: Any) -> Iterable[RefundLine]:
    """Goods, delivery and customs, each with its tax. A document that asks for no lines shows none."""
    if "refundLineItems" not in row:
        return
    gross = row["order"]["taxesIncluded"]
    for each in row["refundLineItems"]["nodes"]:
        yield RefundLine(
            order_line_id=each["lineItem"]["id"],
            quantity=Decimal(each["quantity"]),
            amount=_with_tax(each["subtotalSet"], each["totalTaxSet"], gross),
        )
    for each in row["refundShippingLines"]["nodes"]:
        yield RefundLine(
            kind=LineKind.SHIPPING,
            order_line_id=each["shippingLine"]["id"],
            amount=_with_tax(each["subtotalAmountSet"], each["taxAmountSet"], gross),
        )
    for each in row["duties"] or ():
        duty = each["originalDuty"]
        yield RefundLine(
            kind=LineKind.FEE, order_line_id=duty["id"] if duty else None, amount=presented(each["amountSet"])
        )


def _with_tax(subtotal: wire.MoneyBag, tax: wire.MoneyBag, gross: bool) -> Money:
    """A subtotal with its tax: the schema says of orders that a subtotal includes it where `taxesIncluded` is true."""
    net, more = presented(subtotal), presented(tax)
    return net if gross else Money(amount=net.amount + more.amount, currency=net.currency)
