"""From eBay's REST payloads to the common models. No I/O; a payload that lacks an identity raises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sellercare.models import (
    Attachment,
    Buyer,
    Comparator,
    Delivery,
    Message,
    Metric,
    Money,
    Order,
    OrderLine,
    OrderState,
    Party,
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
    Score,
    ScoreLevel,
    Thread,
    ThreadKind,
)
from sellercare.translation import decimal, instant, instant_or_none
from sellercare_adapters.ebay import ids, wire, words


def money(amount: wire.Amount) -> Money:
    """An amount, written as a text or as a number."""
    return Money(amount=decimal(amount["value"]), currency=amount["currency"])


def money_or_none(amount: wire.Amount | None) -> Money | None:
    """An amount, or None where there is none."""
    return money(amount) if amount else None


# --- orders ---------------------------------------------------------------------------------------


def order(row: wire.Order) -> Order:
    """An order. The buyer's name may be an immutable user id instead: it is opaque."""
    lines = row["lineItems"]
    refunds = row["paymentSummary"].get("refunds") or []
    total = money_or_none((row.get("pricingSummary") or {}).get("total"))
    return Order(
        id=row["orderId"],
        number=row["orderId"],
        native_ids={"sales_record": row["salesRecordReference"]} if row.get("salesRecordReference") else {},
        site=lines[0].get("purchaseMarketplaceId") if lines else None,
        state=_order_state(row),
        native_state=row.get("orderFulfillmentStatus"),
        created_at=instant_or_none(row.get("creationDate")),
        updated_at=instant_or_none(row.get("lastModifiedDate")),
        buyer=Buyer(login=(row.get("buyer") or {}).get("username")),
        lines=tuple(map(_order_line, lines)),
        total=total,
        refunded=_sum_of(refunds) if refunds else None,
        raw=row,
    )


def _order_state(row: wire.Order) -> OrderState:
    if (row.get("cancelStatus") or {}).get("cancelState") == "CANCELED":
        return OrderState.CANCELLED
    if row.get("orderPaymentStatus") in words.UNPAID:
        return OrderState.OPEN
    return words.FULFILLMENT.get(row.get("orderFulfillmentStatus", ""), OrderState.UNKNOWN)


def _order_line(row: wire.LineItem) -> OrderLine:
    """A line; eBay tells the price of all its pieces."""
    quantity = decimal(row.get("quantity", 1))
    cost = money_or_none(row.get("lineItemCost"))
    one = Money(amount=cost.amount / quantity, currency=cost.currency) if cost and quantity else cost
    return OrderLine(
        id=row["lineItemId"],
        title=row.get("title"),
        sku=row.get("sku"),
        product_id=row.get("legacyItemId"),
        quantity=quantity,
        price=one,
    )


def order_refund(row: wire.OrderRefund, order_id: str) -> Refund:
    """A refund of an order. Its amount is the seller's part: taxes that eBay collects are not in it."""
    status = row.get("refundStatus")
    return Refund(
        id=ids.refund_id(order_id, row["refundId"]),
        order_id=order_id,
        amount=money_or_none(row.get("amount")),
        state=words.ORDER_REFUND.get(status or "", RefundState.UNKNOWN),
        native_state=status,
        created_at=instant_or_none(row.get("refundDate")),
        raw=row,
    )


def _sum_of(refunds: list[wire.OrderRefund]) -> Money | None:
    """What was paid back, or is being; failed refunds do not count."""
    amounts = [money(each["amount"]) for each in refunds if each.get("refundStatus") != "FAILED" and each.get("amount")]
    if not amounts:
        return None
    return Money(amount=sum((each.amount for each in amounts), Decimal(0)), currency=amounts[0].currency)


# --- messages ---------------------------------------------------------------------------------------


def other_party(row: wire.Message, me: frozenset[str]) -> str | None:
    """The member on the other side; None where it cannot be told which of the two names is ours."""
    sender, recipient = row.get("senderUsername"), row.get("recipientUsername")
    if sender in me:
        return recipient
    return sender if recipient in me else None


def author(row: wire.Message, me: frozenset[str], *, from_ebay: bool) -> Party:
    """Who wrote. Names are opaque: a message is nobody's where neither name is ours."""
    if row.get("senderUsername") in me:
        return Party.SELLER
    if from_ebay:
        return Party.PLATFORM
    return Party.BUYER if row.get("recipientUsername") in me else Party.UNKNOWN


def thread(row: wire.Conversation, me: frozenset[str]) -> Thread:
    """A conversation. It names a listing and two members, never an order."""
    from_ebay = row.get("conversationType") == "FROM_EBAY"
    latest = row.get("latestMessage") or {}
    wrote = author(latest, me, from_ebay=from_ebay) if latest else Party.UNKNOWN
    unread = row.get("unreadCount")
    status = row.get("conversationStatus")
    return Thread(
        id=ids.conversation_id(row["conversationId"], row.get("conversationType", "FROM_MEMBERS")),
        kind=ThreadKind.PLATFORM if from_ebay else ThreadKind.PRIVATE,
        buyer=Buyer() if from_ebay else Buyer(login=other_party(latest, me)),
        parties=(Party.PLATFORM, Party.SELLER) if from_ebay else (Party.BUYER, Party.SELLER),
        subject=row.get("conversationTitle"),
        updated_at=instant_or_none(latest.get("createdDate") or row.get("createdDate")),
        read=None if unread is None else unread == 0,
        awaiting_reply=False if from_ebay else {Party.BUYER: True, Party.SELLER: False}.get(wrote),
        closed=None if status is None else status in ("ARCHIVE", "DELETE"),
        raw=row,
    )


def message(row: wire.Message, thread_id: str, me: frozenset[str]) -> Message:
    """A message. eBay shows what it delivered, and does not say so."""
    sender = row.get("senderUsername")
    return Message(
        id=row["messageId"],
        thread_id=thread_id,
        author=author(row, me, from_ebay=ids.conversation_of(thread_id)[1] == "FROM_EBAY"),
        author_name=sender,
        text=row.get("messageBody"),
        created_at=instant_or_none(row.get("createdDate")),
        delivery=Delivery.UNKNOWN,
        attachments=tuple(
            Attachment(id=f"{row['messageId']}/{n}", filename=each.get("mediaName"), url=each.get("mediaUrl"))
            for n, each in enumerate(row.get("messageMedia") or [], 1)
        ),
        raw=row,
    )


# --- payment disputes -------------------------------------------------------------------------------


def dispute(row: wire.Dispute) -> Return:
    """A payment dispute: the buyer's bank takes the money back."""
    status = row.get("paymentDisputeStatus")
    lines = row.get("lineItems") or []
    return Return(
        id=ids.case_id(ids.DISPUTE, row["paymentDisputeId"]),
        kind=ReturnKind.CHARGEBACK,
        state=words.DISPUTE.get(status or "", ReturnState.UNKNOWN),
        native_state=status,
        number=row["paymentDisputeId"],
        order_id=row.get("orderId"),
        native_ids={"dispute": row["paymentDisputeId"]},
        buyer=Buyer(login=row.get("buyerUsername")),
        lines=tuple(ReturnLine(id=each["lineItemId"], order_line_id=each["lineItemId"]) for each in lines),
        reason=row.get("reason"),
        note=row.get("note"),
        asked=money_or_none(row.get("amount")),
        created_at=instant_or_none(row.get("openDate")),
        updated_at=instant_or_none(row.get("closedDate")),
        due=instant_or_none(row.get("respondByDate")),
        raw=row,
    )


# --- feedback ---------------------------------------------------------------------------------------


def review(row: wire.Feedback) -> Review:
    """Feedback on a sale: positive is 5, neutral 3, negative 1. Its order is not told, only the line."""
    kind = row.get("commentType")
    about = row.get("orderLineItemSummary") or {}
    by = row.get("providerUserDetail") or {}
    reply = row.get("replyComment") or {}
    rating = words.RATING.get(kind or "")
    return Review(
        id=row["feedbackId"],
        subject=ReviewSubject.SELLER,
        product_id=about.get("listingId"),
        rating=None if rating is None else Decimal(rating),
        native_rating=kind,
        rates={each["ratingType"]: decimal(each["value"]) for each in row.get("feedbackRatings") or []},
        title=about.get("listingTitle"),
        text=(row.get("feedbackComment") or {}).get("commentText"),
        buyer=Buyer(login=by.get("userId")),
        created_at=instant_or_none(row.get("feedbackEnteredDate")),
        reply=ReviewReply(text=reply["commentText"]) if reply.get("commentText") else None,
        raw=row,
    )


def summary(row: Any) -> ReviewSummary:
    """Totals of feedback that buyers left for the seller, over the longest period that eBay tells."""
    parts = [part for each in row["feedbackRatingSummary"] for part in each.get("ratingSummaryByRatingType") or []]
    of_seller = [part for part in parts if part.get("userRoleType") in (None, "SELLER")] or parts
    longest: dict[str, Any] = max(of_seller, key=_days, default={})
    counts = {each["value"]: int(each["count"]) for each in longest.get("feedbackRatingValueDistribution") or []}
    known = {word: counts[word] for word in words.RATING if word in counts}
    total = sum(known.values())
    return ReviewSummary(
        subject=ReviewSubject.SELLER,
        count=total if known else None,
        share_positive=Decimal(known.get("POSITIVE", 0)) / total if total else None,
        by_rating=counts,
        raw=row,
    )


def _days(part: dict[str, Any]) -> float:
    """How long a period is; all time where none is named."""
    period = part.get("period")
    return float(period["value"]) if period else float("inf")


# --- standing ---------------------------------------------------------------------------------------


def score(row: Any) -> Score:
    """A seller-standards profile. Its metrics have another shape than eBay's contract says: they are read leniently."""
    cycle = row.get("cycle") or {}
    level = row["standardsLevel"]
    return Score(
        on=_day(cycle.get("evaluationDate")),
        grade=level,
        level=words.STANDARD.get(level, ScoreLevel.UNKNOWN),
        metrics=tuple(map(_standard, row.get("metrics") or [])),
        raw=row,
    )


def _day(text: str | None) -> date | None:
    return instant(text).date() if text else None


def _standard(row: Any) -> Metric:
    level = words.STANDARD.get(row.get("level") or "", ScoreLevel.UNKNOWN)
    return Metric(
        code=row["metricKey"], name=row.get("name"), value=_loose(row.get("value")), unit=_unit(row), level=level
    )


def _unit(row: Any) -> str | None:
    return str(row["type"]) if row.get("type") else None


def _loose(value: Any) -> Decimal | None:
    """A number, its text, or a thing with a `value`; None for anything else."""
    if isinstance(value, dict):
        value = value.get("value")
    try:
        return None if value is None else decimal(value)
    except ValueError:
        return None


def service_metrics(row: Any, code: str) -> list[Metric]:
    """The rates of one customer-service metric, by dimension; the target is the average of the seller's peers."""
    found = []
    for group in row.get("dimensionMetrics") or []:
        dimension = (group.get("dimension") or {}).get("value", "")
        for metric in group.get("metrics") or []:
            if metric.get("metricKey") == "RATE":
                average = ((metric.get("benchmark") or {}).get("metadata") or {}).get("average")
                found.append(
                    Metric(
                        code=f"{code}/{dimension}" if dimension else code,
                        name=(metric.get("benchmark") or {}).get("rating"),
                        value=_loose(metric.get("value")),
                        unit="rate",
                        target=_loose(average),
                        comparator=Comparator.AT_MOST if average is not None else Comparator.UNKNOWN,
                    )
                )
    return found
