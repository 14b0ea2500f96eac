"""From Amazon's payloads to the common models. No I/O; what is missing raises KeyError; the core names the place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sellercare.models import (
    Buyer,
    LineKind,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    Refund,
    RefundLine,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnState,
    Review,
    ReviewReply,
    ReviewSubject,
)
from sellercare.translation import decimal, instant, instant_or_none
from sellercare_adapters.amazon import ids, wire, words
from sellercare_adapters.amazon.dates import day
from sellercare_adapters.amazon.sites import site_of

Row = Mapping[str, Any]
"""A row of a report."""

# --- orders ----------------------------------------------------------------------------------------


def money(value: Mapping[str, Any]) -> Money:
    """An amount of the Orders API, which writes it as a text."""
    return Money(amount=decimal(value["amount"]), currency=value["currencyCode"])


def _or_none(value: Mapping[str, Any] | None) -> Money | None:
    return money(value) if value else None


def order(row: wire.Order) -> Order:
    """An order with its items, what is paid for shipping and the like by item, and the tip for the driver."""
    channel, proceeds = row["salesChannel"], row.get("proceeds") or {}
    fulfillment = row.get("fulfillment") or {}
    native = fulfillment.get("fulfillmentStatus")
    total = _or_none(proceeds.get("grandTotal"))
    known = {each["aliasType"].lower(): each["aliasId"] for each in row.get("orderAliases") or ()}
    known |= {each["associationType"].lower(): each["orderId"] for each in row.get("associatedOrders") or ()}
    state = _order_state(native, row.get("packages") or ())
    return Order(
        id=row["orderId"],
        number=row["orderId"],
        native_ids=known | ({"fulfilled_by": by} if (by := fulfillment.get("fulfilledBy")) else {}),
        site=site_of(channel.get("marketplaceId")),
        state=state,
        native_state=native,
        created_at=instant(row["createdTime"]),
        updated_at=instant(row["lastUpdatedTime"]),
        buyer=_buyer(row.get("buyer") or {}),
        lines=tuple(line for item in row["orderItems"] for line in _lines(item)),
        total=total,
        paid=total if state in (OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED) else None,
        raw=row,
    )


def _order_state(native: str | None, packages: Sequence[Mapping[str, Any]]) -> OrderState:
    """The state; delivered where all packages of a shipped order are (told for orders that the seller ships only)."""
    arrived = [(each.get("packageStatus") or {}).get("status") == "DELIVERED" for each in packages]
    if native == "SHIPPED" and arrived and all(arrived):
        return OrderState.DELIVERED
    return words.ORDER_STATES.get(native or "", OrderState.UNKNOWN)


def _buyer(row: Mapping[str, str]) -> Buyer:
    return Buyer(name=row.get("buyerName") or None, email=row.get("buyerEmail") or None)


def _lines(item: wire.OrderItem) -> Iterable[OrderLine]:
    product, id_ = item["product"], item["orderItemId"]
    yield OrderLine(
        id=id_,
        title=product.get("title"),
        sku=product.get("sellerSku"),
        product_id=product.get("asin"),
        quantity=decimal(item["quantityOrdered"]),
        price=_or_none((product.get("price") or {}).get("unitPrice")),
    )
    for part in (item.get("proceeds") or {}).get("breakdowns") or ():
        kind = ids.EXTRA_KINDS.get(part["type"])
        if kind is not None and decimal(part["subtotal"]["amount"]):
            yield OrderLine(id=ids.line_of(id_, part["type"]), kind=kind, price=money(part["subtotal"]))


# --- refunds ----------------------------------------------------------------------------------------


def is_refund(row: wire.Transaction) -> bool:
    """Whether a transaction pays a buyer back, and is not only the release of one that was deferred."""
    if any(each["relatedIdentifierName"] == "DEFERRED_TRANSACTION_ID" for each in row.get("relatedIdentifiers") or ()):
        return False
    said = f"{row.get('transactionType') or ''} {row.get('description') or ''}".casefold()
    return "refund" in said and "commission" not in said


def refund(row: wire.Transaction) -> Refund:
    """A refund as the finances show it. Money that left the seller's balance: deferred or not, the buyer is paid."""
    order_id = related(row, "ORDER_ID")
    amount = paid_back(row)
    return Refund(
        id=ids.refund_id(order_id, row["transactionId"]),
        order_id=order_id,
        amount=amount,
        lines=tuple(_refund_lines(row)),
        reason=row.get("description"),
        state=_refund_state(row.get("transactionStatus")),
        native_state=row.get("transactionStatus"),
        created_at=instant_or_none(row.get("postedDate")),
        raw=row,
    )


def _refund_state(native: str | None) -> RefundState:
    """Done, whether the seller's balance was touched at once or is deferred; the status need not be told."""
    known = native is None or native.upper() in ("RELEASED", "DEFERRED", "DEFERRED_RELEASED")
    return RefundState.DONE if known else RefundState.UNKNOWN


def related(row: wire.Transaction, name: str) -> str | None:
    """One of the related identifiers of a transaction."""
    found = (each for each in row.get("relatedIdentifiers") or () if each["relatedIdentifierName"] == name)
    return next((each["relatedIdentifierValue"] for each in found), None)


def paid_back(row: wire.Transaction) -> Money | None:
    """What the buyer got: the part called sales; the total, which has Amazon's fees in it, where no part is told."""
    sales = [each for each in _breakdowns(row) if str(each.get("breakdownType", "")).casefold() == "sales"]
    found = sales[0].get("breakdownAmount") if sales else row.get("totalAmount")
    if not found:
        return None
    return Money(amount=abs(decimal(found["currencyAmount"])), currency=found["currencyCode"])


def _breakdowns(row: wire.Transaction) -> Sequence[Mapping[str, Any]]:
    """The parts: a list by the model, an object with a list in it by the model's own example (2026-08)."""
    found = row.get("breakdowns") or ()
    parts: Sequence[Mapping[str, Any]] = found.get("breakdowns") or () if isinstance(found, Mapping) else found
    return parts


def _refund_lines(row: wire.Transaction) -> Iterable[RefundLine]:
    for item in row.get("items") or ():
        amount = item.get("totalAmount")
        yield RefundLine(
            kind=LineKind.UNKNOWN,
            amount=Money(amount=abs(decimal(amount["currencyAmount"])), currency=amount["currencyCode"])
            if amount
            else None,
        )


# --- returns ----------------------------------------------------------------------------------------


def reported_id(row: Row, _: str = "") -> str:
    """The id of a return of the report of returns."""
    return str(row.get("amazon_rma_id") or f"order:{row['order_id']}")


def reported_return(row: Row, site: str) -> Return:
    """A return of the report of returns; rows of one RMA are joined before (`item_details` is a list)."""
    order_id, rma = row["order_id"], row.get("amazon_rma_id") or ""
    native = row.get("return_request_status")
    label = row.get("label_details") or {}
    currency = label.get("currency_code")
    items = [each for each in row["item_details"] if each]
    claim = str(row.get("a_to_z_claim") or "").casefold() in ("y", "yes", "true")
    wants = dict.fromkeys(each.get("resolution") for each in items if each.get("resolution"))
    return Return(
        id=reported_id(row),
        kind=ReturnKind.CLAIM if claim else ReturnKind.RETURN,
        state=words.RETURN_REQUESTS.get(str(native or "").casefold(), ReturnState.UNKNOWN),
        native_state=native or None,
        number=rma or None,
        order_id=order_id,
        native_ids={"amazon_rma_id": rma} if rma else {},
        lines=tuple(_return_line(each, n, currency) for n, each in enumerate(items, 1)),
        reason=next((each.get("return_reason_code") for each in items), None),
        wants=tuple(str(each) for each in wants),
        asked=_asked(items, currency),
        parcels=Parcel.known(label.get("return_carrier"), label.get("tracking_id")),
        created_at=day(row.get("return_request_date"), site),
        raw=row,
    )


def _return_line(row: Mapping[str, Any], number: int, currency: str | None) -> ReturnLine:
    return ReturnLine(
        id=f"{row.get('merchant_sku') or row.get('asin') or 'item'}#{number}",
        title=row.get("item_name"),
        quantity=decimal(row["return_quantity"]) if row.get("return_quantity") else Decimal(1),
        reason=row.get("return_reason_code"),
    )


def _asked(items: Sequence[Mapping[str, Any]], currency: str | None) -> Money | None:
    amounts = [decimal(each["refund_amount"]) for each in items if each.get("refund_amount")]
    return Money(amount=sum(amounts, Decimal(0)), currency=currency) if amounts and currency else None


def external_return(row: Mapping[str, Any]) -> Return:
    """A return of the External Fulfillment programme."""
    about, channel = row["returnMetadata"], row["marketplaceChannelDetails"]
    sent = row["returnShippingInfo"].get("reverseTrackingInfo") or {}
    known = {"rma": about.get("rmaId"), "shipment": channel.get("shipmentId")}
    line = ReturnLine(
        id=row["id"],
        quantity=decimal(row.get("numberOfUnits") or 1),
        title=row.get("merchantSku"),
        reason=about["returnReason"],
    )
    return Return(
        id=ids.EXTERNAL + row["id"],
        kind=ReturnKind.RETURN if row["returnType"] in ("CUSTOMER", "REJECT") else ReturnKind.UNKNOWN,
        native_kind=row["returnType"],
        state=words.EXTERNAL_RETURNS.get(row["status"], ReturnState.UNKNOWN),
        native_state=row["status"],
        number=about.get("rmaId"),
        order_id=channel.get("customerOrderId"),
        native_ids={name: value for name, value in known.items() if value},
        lines=(line,),
        reason=about["returnReason"],
        wants=(row["returnSubType"],) if row.get("returnSubType") else (),
        parcels=Parcel.known(sent.get("carrierName"), sent.get("trackingId")),
        created_at=instant_or_none(row.get("creationDateTime")),
        updated_at=instant(row["lastUpdatedDateTime"]),
        raw=row,
    )


def fba_id(row: Row, site: str) -> str:
    """The id of a unit in the report of returns to Amazon."""
    unit = (row.get("licenseplatenumber") or row.get("sku") or "").strip()
    when = row.get("returndate")
    return ids.fba_return(row.get("orderid") or "", unit, _processed(when, site) or when or "")


def _processed(text: str | None, site: str) -> datetime | None:
    """When a unit was processed at Amazon: "DD-MM-YYYY" everywhere by Seller Central's page of this report
    (2026-11-23), in Japan "DD-MON-YYYY"; public readers of the file expect a time with its zone."""
    return day(text, site, day_first=True)


def fba_return(row: Row, site: str) -> Return:
    """What came back to Amazon of an order that it ships: one unit, or several that the report does not tell apart.

    Amazon decided, and paid the buyer: the report tells neither when it was asked for nor any money.
    """
    units: Sequence[Row] = row["units"]
    unit = units[0]
    native = unit["status"].strip()
    known = {
        "license_plate": unit.get("licenseplatenumber"),
        "fnsku": unit.get("fnsku"),
        "asin": unit.get("asin"),
        "fulfillment_center": unit.get("fulfillmentcenterid"),
    }
    pieces = sum((decimal(each["quantity"].strip()) for each in units), Decimal(0))
    line = ReturnLine(
        id=f"{unit['sku'] or unit.get('asin') or 'item'}#1",
        title=unit.get("productname") or None,
        quantity=pieces,
        received=pieces,
        reason=unit["reason"] or None,
        note=(unit.get("customercomments") or "").strip() or None,
    )
    return Return(
        id=fba_id(unit, site),
        state=words.FBA_RETURNS.get(native.casefold(), ReturnState.UNKNOWN),
        native_state=native or None,
        order_id=unit["orderid"] or None,
        native_ids={name: value for name, value in known.items() if value},
        lines=(line,),
        reason=line.reason,
        note=line.note,
        updated_at=_processed(unit["returndate"], site),
        raw=unit if len(units) == 1 else units,
    )


def wished_items(row: wire.Order) -> Sequence[wire.OrderItem]:
    """The items of an order that its buyer has asked to cancel."""
    return [item for item in row["orderItems"] if (item.get("cancellation") or {}).get("cancellationRequest")]


def wish(row: wire.Order) -> Return:
    """A buyer's wish to cancel. When it was uttered is not told, only when the order changed last."""
    items = wished_items(row)
    native = (row.get("fulfillment") or {}).get("fulfillmentStatus")
    over = all(item["cancellation"].get("cancellationExecution") for item in items)
    lines = tuple(
        ReturnLine(
            id=item["orderItemId"],
            order_line_id=item["orderItemId"],
            title=item["product"].get("title"),
            quantity=decimal(item["quantityOrdered"]),
            reason=item["cancellation"]["cancellationRequest"].get("cancelReason"),
        )
        for item in items
    )
    return Return(
        id=ids.WISH + row["orderId"],
        kind=ReturnKind.CANCELLATION,
        state=ReturnState.CLOSED if over else words.WISHES.get(native or "", ReturnState.UNKNOWN),
        native_state=native,
        order_id=row["orderId"],
        lines=lines,
        reason=lines[0].reason,
        updated_at=instant(row["lastUpdatedTime"]),
        raw=row,
    )


# --- feedback ----------------------------------------------------------------------------------------


def feedback(row: Mapping[str, str], site: str) -> Review:
    """A buyer's feedback about the seller. There is one for an order, so the order's id makes the feedback's."""
    order_id = row["orderid"]
    answer = (row.get("yourresponse") or "").strip()
    email = (row.get("rateremail") or "").strip()
    made = day(row.get("date"), site)
    return Review(
        id=f"feedback:{order_id}",
        subject=ReviewSubject.SELLER,
        order_id=order_id,
        rating=decimal(row["rating"].strip()),
        native_rating=row["rating"].strip(),
        text=(row.get("comments") or "").strip() or None,
        buyer=Buyer(email=email or None),
        created_at=made,
        updated_at=made,
        reply=ReviewReply(text=answer) if answer else None,
        raw=row,
    )
