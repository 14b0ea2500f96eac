"""From Allegro's payloads to the common models. No I/O; a payload that lacks an identity raises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from sellercare.models import (
    AccountCheck,
    Attachment,
    Buyer,
    Delivery,
    LineKind,
    Message,
    Metric,
    Money,
    Order,
    OrderLine,
    OrderState,
    Parcel,
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
    Score,
    ScoreLevel,
    Thread,
    ThreadKind,
)
from sellercare.translation import decimal, instant, instant_or_none, validator
from sellercare_adapters.allegro import ids, wire, words


def money(price: wire.Price) -> Money:
    """An amount."""
    return Money(amount=decimal(price["amount"]), currency=price["currency"])


def money_or_none(price: wire.Price | None) -> Money | None:
    """An amount, or None where there is none."""
    return money(price) if price else None


# --- messages ---------------------------------------------------------------------------------------


def thread(row: wire.Thread) -> Thread:
    """A thread of the message center. Who wrote last, and about which order, is not in it."""
    other = row.get("interlocutor")
    return Thread(
        id=row["id"],
        kind=ThreadKind.PRIVATE,
        buyer=Buyer(login=other["login"]) if other else Buyer(),
        updated_at=instant_or_none(row.get("lastMessageDateTime")),
        read=row["read"],
        closed=False,
        raw=row,
    )


def message(row: wire.Message) -> Message:
    """A message of the message center."""
    return Message(
        id=row["id"],
        thread_id=row["thread"]["id"],
        author=Party.BUYER if row["author"]["isInterlocutor"] else Party.SELLER,
        author_name=row["author"]["login"],
        text=row["text"],
        created_at=instant(row["createdAt"]),
        delivery=words.DELIVERY.get(row["status"], Delivery.UNKNOWN),
        native_delivery=row["status"],
        order_id=order_named(row),
        attachments=tuple(
            Attachment(
                id=last_part(file.get("url")) or f"{row['id']}/{number}",
                filename=file["fileName"],
                media_type=file.get("mimeType"),
                url=file.get("url"),
                ready=words.ATTACHMENT_READY.get(file["status"]),
            )
            for number, file in enumerate(row.get("attachments") or [], 1)
        ),
        raw=row,
    )


def order_named(row: wire.Message) -> str | None:
    """The order that a message is about."""
    order = row["relatesTo"].get("order")
    return order["id"] if order else None


def last_part(url: str | None) -> str | None:
    """The last part of an address, which is the file's id."""
    return urlsplit(url).path.rpartition("/")[2] or None if url else None


def issue_attachment(file: wire.IssueAttachment) -> Attachment:
    """A file at an issue, or in its chat."""
    url = file.get("url")
    name = file.get("fileName")
    return Attachment(id=last_part(url) or name or "", filename=name, url=url)


def issue_thread(row: wire.Issue) -> Thread:
    """The chat of a dispute or claim."""
    state = row["currentState"]
    active = state.get("chatActive")
    last = row.get("chat", {}).get("lastMessage", {})
    awaits = words.LAST_MESSAGE_AWAITS.get(last.get("status", ""))
    return Thread(
        id=ids.issue_id(row["id"]),
        kind=ThreadKind.CLAIM_CHAT,
        buyer=_issue_buyer(row),
        parties=(Party.BUYER, Party.SELLER, Party.PLATFORM),
        subject=row.get("subject") or row.get("referenceNumber"),
        order_id=_order_of(row),
        return_id=ids.issue_id(row["id"]),
        updated_at=_last_change(row),
        awaiting_reply=False if active is False else awaits,
        closed=None if active is None else not active,
        raw=row,
    )


def issue_message(row: wire.IssueMessage, thread_id: str) -> Message:
    """A message in the chat of a dispute or claim. Allegro does not say whether the other side can read it."""
    author = row.get("author", {})
    return Message(
        id=row["id"],
        thread_id=thread_id,
        author=words.ROLES.get(author.get("role", ""), Party.UNKNOWN),
        author_name=author.get("login"),
        text=row.get("text"),
        created_at=instant_or_none(row.get("createdAt")),
        attachments=tuple(issue_attachment(file) for file in row.get("attachments") or []),
        raw=row,
    )


def _order_of(row: wire.Issue) -> str | None:
    form = row.get("checkoutForm")
    return form["id"] if form else None


def _issue_buyer(row: wire.Issue) -> Buyer:
    buyer = row.get("buyer")
    return Buyer(id=buyer["id"], login=buyer["login"]) if buyer else Buyer()


def _last_change(row: wire.Issue) -> datetime | None:
    """The newest time that an issue tells: its last message, or when it was opened (again)."""
    last = row.get("chat", {}).get("lastMessage", {}).get("createdAt")
    times = [instant(text) for text in (last, row.get("openedDate")) if text]
    return max(times, default=None)


# --- returns ---------------------------------------------------------------------------------------


def customer_return(row: wire.CustomerReturn) -> Return:
    """A return of goods. Allegro tells when it was created, not when it changed."""
    buyer = row.get("buyer", {})
    rejection = row.get("rejection")
    items = row.get("items") or []
    lines = tuple(_return_line(item, number, items) for number, item in enumerate(items))
    return Return(
        id=row["id"],
        kind=ReturnKind.RETURN,
        state=words.CUSTOMER_RETURN.get(row["status"], ReturnState.UNKNOWN),
        native_state=row["status"],
        number=row.get("referenceNumber"),
        order_id=row.get("orderId"),
        buyer=Buyer(login=buyer.get("login"), email=buyer.get("email")),
        lines=lines,
        reason=next((line.reason for line in lines if line.reason), None),
        note=rejection.get("reason") if rejection else next((line.note for line in lines if line.note), None),
        parcels=tuple(parcel for each in row.get("parcels") or [] for parcel in _parcels(each)),
        created_at=instant_or_none(row.get("createdAt")),
        raw=row,
    )


def _parcels(row: wire.ReturnParcel) -> tuple[Parcel, ...]:
    """A parcel by the number of who really carries it, where that is another than who took it."""
    carrier = row.get("transportingCarrierId") or row.get("carrierId")
    return Parcel.known(carrier, row.get("transportingWaybill") or row.get("waybill"))


def _return_line(item: wire.ReturnItem, number: int, items: list[wire.ReturnItem]) -> ReturnLine:
    """An item; its id is the offer's, with `#2` and so on where an offer comes twice."""
    same = sum(other["offerId"] == item["offerId"] for other in items[:number])
    reason = item.get("reason") or {}
    return ReturnLine(
        id=item["offerId"] if not same else f"{item['offerId']}#{same + 1}",
        title=item.get("name"),
        quantity=decimal(item.get("quantity", 1)),
        price=money_or_none(item.get("price")),
        reason=reason.get("type"),
        note=reason.get("userComment"),
    )


def issue(row: wire.Issue) -> Return:
    """A dispute or a claim. A dispute can turn into a claim under the same id (#11956)."""
    state = row["currentState"]
    wants = [each for each in row.get("expectations") or [] if each.get("name")]
    asked = next((each["refund"] for each in wants if each.get("refund")), None)
    reason = row.get("reason") or {}
    offer = row.get("offer") or {}
    offer_id = offer.get("id")
    return Return(
        id=ids.issue_id(row["id"]),
        kind=words.ISSUE_KIND.get(row["type"], ReturnKind.UNKNOWN),
        native_kind=row["type"],
        state=words.ISSUE.get(state["status"], ReturnState.UNKNOWN),
        native_state=state["status"],
        number=row.get("referenceNumber"),
        order_id=_order_of(row),
        thread_id=ids.issue_id(row["id"]),
        native_ids={"issue": row["id"]},
        buyer=_issue_buyer(row),
        lines=(ReturnLine(id=offer_id, quantity=decimal(offer.get("quantity", 1))),) if offer_id else (),
        reason=reason.get("type") or row.get("subject"),
        note=reason.get("description") or row.get("description"),
        wants=tuple(each["name"] for each in wants if each["name"]),
        asked=money_or_none(asked),
        created_at=instant_or_none(row.get("openedDate")),
        updated_at=_last_change(row),
        due=instant_or_none(row.get("decisionDueDate") or state.get("statusDueDate")),
        attachments=tuple(issue_attachment(file) for file in row.get("attachments") or []),
        raw=row,
    )


# --- orders and refunds --------------------------------------------------------------------------------------------


def order(row: wire.CheckoutForm) -> Order:
    """An order. Allegro's id is the only number that it has."""
    buyer = row["buyer"]
    names = (buyer.get("firstName"), buyer.get("lastName"))
    payment = row.get("payment")
    shipping = (row.get("fulfillment") or {}).get("status")
    return Order(
        id=row["id"],
        number=row["id"],
        native_ids={"payment": payment["id"]} if payment else {},
        site=row["marketplace"]["id"] if row.get("marketplace") else None,
        state=order_state(row["status"], shipping),
        native_state=f"{row['status']}/{shipping}" if shipping else row["status"],
        created_at=min((instant(item["boughtAt"]) for item in row["lineItems"] if item.get("boughtAt")), default=None),
        updated_at=instant_or_none(row.get("updatedAt")),
        buyer=Buyer(
            id=buyer["id"],
            login=buyer["login"],
            name=" ".join(name for name in names if name) or buyer.get("companyName"),
            email=buyer["email"],
        ),
        lines=tuple(order_lines(row)),
        total=money(row["summary"]["totalToPay"]),
        paid=money_or_none(payment.get("paidAmount")) if payment else None,
        raw=row,
    )


def order_state(status: str, shipping: str | None) -> OrderState:
    """Where an order is: the form's state, and what the seller said about shipping once it is paid."""
    if status == "READY_FOR_PROCESSING" and shipping:
        return words.FULFILLMENT.get(shipping, OrderState.UNKNOWN)
    return words.ORDER.get(status, OrderState.UNKNOWN)


def order_lines(row: wire.CheckoutForm) -> list[OrderLine]:
    """The items, then what was paid beside them under the ids of `ids`."""
    lines = []
    for item in row["lineItems"]:
        external = item["offer"].get("external")
        lines.append(
            OrderLine(
                id=item["id"],
                title=item["offer"]["name"],
                sku=external.get("id") if external else None,
                product_id=item["offer"]["id"],
                quantity=decimal(item["quantity"]),
                price=money(item["price"]),
            )
        )
    for item in row["lineItems"]:
        if deposit := item.get("deposit"):
            lines.append(_fee(ids.DEPOSIT + item["id"], "deposit", deposit["price"], decimal(item["quantity"])))
    delivery = (row.get("delivery") or {}).get("cost")
    if delivery:
        lines.append(OrderLine(id=ids.DELIVERY, kind=LineKind.SHIPPING, title="delivery", price=money(delivery)))
    services = services_total(row)
    if services:
        lines.append(OrderLine(id=ids.SERVICES, kind=LineKind.FEE, title="additional services", price=services))
    for extra in row["surcharges"]:
        if extra.get("paidAmount"):
            lines.append(_fee(ids.SURCHARGE + extra["id"], "surcharge", extra["paidAmount"]))
    return lines


def _fee(line_id: str, title: str, price: wire.Price | None, quantity: Decimal = Decimal(1)) -> OrderLine:
    return OrderLine(id=line_id, kind=LineKind.FEE, title=title, quantity=quantity, price=money_or_none(price))


def services_total(row: wire.CheckoutForm) -> Money | None:
    """What was paid for additional services; None without any."""
    total: Money | None = None
    for item in row["lineItems"]:
        for service in item.get("selectedAdditionalServices") or []:
            if service.get("price"):
                one = money(service["price"])
                price = Money(amount=one.amount * decimal(service.get("quantity", 1)), currency=one.currency)
                total = total + price if total else price
    return total


def refund(row: wire.Refund) -> Refund:
    """A refund. Accepted is not paid: see the state."""
    ordered = row.get("order")
    return Refund(
        id=row["id"],
        order_id=ordered["id"] if ordered else None,
        payment_id=row["payment"]["id"],
        amount=money(row["totalValue"]),
        lines=tuple(refund_lines(row)),
        reason=row["reason"],
        note=row.get("sellerComment"),
        state=words.REFUND.get(row["status"], RefundState.UNKNOWN),
        native_state=row["status"],
        created_at=instant(row["createdAt"]),
        raw=row,
    )


def refund_lines(row: wire.Refund) -> list[RefundLine]:
    """The parts of a refund."""
    lines = [
        RefundLine(
            order_line_id=item["id"],
            quantity=decimal(item["quantity"]) if item.get("quantity") is not None else None,
            amount=money_or_none(item.get("value")),
        )
        for item in row.get("lineItems") or []
    ]
    lines += [_part(ids.DEPOSIT + each["lineItemId"], each["totalValue"]) for each in row.get("deposits") or []]
    lines += [_part(ids.SURCHARGE + each["id"], each.get("value")) for each in row.get("surcharges") or []]
    if delivery := row.get("delivery"):
        lines.append(_part(ids.DELIVERY, delivery.get("value"), LineKind.SHIPPING))
    if overpaid := row.get("overpaid"):
        lines.append(_part(ids.OVERPAID, overpaid.get("value")))
    if services := row.get("additionalServices"):
        lines.append(_part(ids.SERVICES, services.get("value")))
    return lines


def _part(line_id: str, value: wire.Price | None, kind: LineKind = LineKind.FEE) -> RefundLine:
    return RefundLine(kind=kind, order_line_id=line_id, amount=money_or_none(value))


# --- ratings, quality, account -------------------------------------------------------------------------------------


def review(row: wire.Rating) -> Review:
    """A buyer's rating of a sale. Sellers list thousands: the parts are validated with the whole, in one call."""
    removal = row.get("removal")
    answer = row.get("answer")
    order = row.get("order")
    buyer = row["buyer"]
    recommended = row["recommended"]
    given = row.get("rates") or {}
    rating, rates = rated(recommended, tuple(given), *given.values())
    return _review(
        {
            "id": row["id"],
            "subject": _SELLER,
            "order_id": order["id"] if order else None,
            "rating": rating,
            "native_rating": "recommended" if recommended else "not recommended",
            "rates": rates,
            "text": row.get("comment"),
            "buyer": {"id": buyer["id"], "login": buyer["login"]},
            "created_at": instant(row["createdAt"]),
            "updated_at": instant_or_none(row.get("lastChangedAt")),
            "reply": {"text": answer["message"], "created_at": instant(answer["createdAt"])} if answer else None,
            "removal_until": instant(removal["possibleTo"]) if removal else None,
            "removal_asked": bool(removal.get("request")) if removal else None,
            "raw": row,
        }
    )


_review = validator(Review)
_SELLER = ReviewSubject.SELLER
_HUNDREDTH = Decimal("0.01")


@lru_cache(maxsize=2048, typed=True)
def rated(recommended: bool, names: tuple[str, ...], *values: int | None) -> tuple[Decimal, Mapping[str, Decimal]]:
    """The stars of a rating and its single rates. There are few different sets of rates: each is worked out once."""
    rates = {name: decimal(value) for name, value in zip(names, values, strict=True) if value is not None}
    return stars(recommended, *rates.values()), rates


def stars(recommended: bool, *rates: Decimal) -> Decimal:
    """One to five out of yes or no and up to four rates: their mean, at most 2 where the buyer does not recommend.

    Without rates a yes is 5 and a no is 1. So `rating_max=2` finds every buyer who does not recommend the sale.
    """
    if not isinstance(recommended, bool):
        raise TypeError("recommended is not yes or no")
    if not rates:
        return Decimal(5) if recommended else Decimal(1)
    mean = (sum(rates, Decimal()) / len(rates)).quantize(_HUNDREDTH)
    return mean if recommended else min(mean, Decimal(2))


def seller_summary(row: wire.RatingsSummary, user_id: str) -> ReviewSummary:
    """Totals of the seller. The share counts unique buyers, the numbers count ratings."""
    share = row.get("recommendedPercentage")
    counts = {
        "recommended": row["recommended"]["total"] if row.get("recommended") else None,
        "not recommended": row["notRecommended"]["total"] if row.get("notRecommended") else None,
    }
    known = {name: count for name, count in counts.items() if count is not None}
    return ReviewSummary(
        subject=ReviewSubject.SELLER,
        subject_id=user_id,
        count=sum(known.values()) if len(known) == len(counts) else None,
        share_positive=decimal(share.replace(",", ".")) / 100 if share else None,
        by_rating=known,
        raw=row,
    )


def offer_summary(row: wire.OfferRating, offer_id: str) -> ReviewSummary:
    """Totals of a product's ratings; Allegro gives no single one of them."""
    average = decimal(row["averageScore"].replace(",", ".")) if row.get("averageScore") else None
    return ReviewSummary(
        subject=ReviewSubject.PRODUCT,
        subject_id=offer_id,
        count=row.get("totalResponses"),
        average=average or None,
        by_rating={score["name"]: score["count"] for score in row.get("scoreDistribution") or []},
        raw=row,
    )


def score(row: wire.QualityDay) -> Score:
    """The sales quality of one day."""
    return Score(
        on=date.fromisoformat(row["resultFor"]),
        value=decimal(row["score"]),
        most=decimal(row["maxScore"]),
        unit="points",
        grade=row["grade"],
        level=words.GRADE.get(row["grade"], ScoreLevel.UNKNOWN),
        metrics=tuple(
            Metric(
                code=metric["code"],
                name=metric["name"],
                value=decimal(metric["score"]),
                most=decimal(metric["maxScore"]) if metric.get("maxScore") is not None else None,
                unit="points",
            )
            for metric in row["metrics"]
        ),
        raw=row,
    )


def account(row: wire.Me) -> AccountCheck:
    """Who the token belongs to."""
    base = row.get("baseMarketplace")
    features = row.get("features") or []
    return AccountCheck(
        ok=True,
        seller_id=row["id"],
        name=row.get("login"),
        sites=(base["id"],) if base and base.get("id") else (),
        plan=", ".join(features) or None,
        raw=row,
    )
