"""Refunds: of an order (Fulfillment API), or through a return or inquiry (its desk)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, Nested, read, write
from sellercare.errors import BadInput, NotFound, OutcomeUnknown
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context, Refunds
from sellercare.models import (
    Granularity,
    IssueRefund,
    LineKind,
    LineQuantity,
    Money,
    Order,
    OrderQuery,
    Refund,
    RefundLine,
    RefundOption,
    RefundQuery,
    RefundTarget,
)
from sellercare.translation import decimal, translated
from sellercare.writes import DidNothing, Found, Kept, Search, Step, Write
from sellercare_adapters.ebay import ids, translate, wire, words
from sellercare_adapters.ebay.orders import ORDER, ORDER_GROUP, ORDERS, PAGES, order_row, orders_call
from sellercare_adapters.ebay.returns import desk_of

_ISSUE = "/sell/fulfillment/v1/order/{order_id}/issue_refund"
_WHERE = f"GET {ORDER}"
_COMMENT = 100
_CONSEQUENCES = (
    "Accepted is not paid: eBay pays later, and the order tells whether it did. Refused while a return, an inquiry or "
    "an earlier refund of the order is open."
)


class EbayRefunds(Refunds):
    """Refunds."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds of an order; or of all orders that changed since, or of the last two years."""
        if query.order_id:
            return [_of_order(query.order_id)]
        orders: Listing[Any, Order] = Listing(
            orders_call(ctx, OrderQuery(updated_since=query.created_since)),
            items="orders",
            translate=translate.order,
            pages=PAGES,
            capped="eBay lists refunds of orders of the last two years; those through a case are found by its id.",
        )
        return [Nested(orders, _refunds_of, "eBay has no list of refunds: one more call for each order that has any.")]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund: in its order, or in its case."""
        if ids.case_of(refund_id) is not None:
            desk, case = desk_of(refund_id)
            return desk.refunded(ctx, case)
        order_id, native = ids.refund_of(refund_id)
        rows = translated(_rows, order_row(ctx, order_id), _WHERE)
        same = [row for row in rows if row["refundId"] == native]
        if not same:
            raise NotFound(f"eBay's order {order_id} shows no refund {native}.")
        return translated(partial(translate.order_refund, order_id=order_id), same[0], _WHERE)

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """The order's total less its refunds; or what the case offers."""
        if target.return_id is not None:
            desk, case = desk_of(target.return_id)
            return desk.quote(ctx, case)
        assert target.order_id is not None
        return translated(_options, order_row(ctx, target.order_id), _WHERE)

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Pay back through the chosen option."""
        option = command.chosen
        if option.through != "order":
            desk, case = desk_of(option.return_id or "")
            return desk.refund(ctx, case, command)
        return _issue(ctx, option, command)


def _of_order(order_id: str) -> Listing[Any, Refund]:
    return Listing(
        read(ORDER, ids={"order_id": order_id}, group=ORDER_GROUP),
        items="paymentSummary.refunds",
        translate=partial(translate.order_refund, order_id=order_id),
        pages=OnePage(),
        applied=frozenset({"order_id"}),
    )


def _refunds_of(order: Order) -> Listings[Refund]:
    return [_of_order(order.id)] if translated(_rows, order.raw, f"GET {ORDERS}", "$.orders[]") else ()


def _rows(row: wire.Order) -> list[wire.OrderRefund]:
    rows: list[wire.OrderRefund] = row["paymentSummary"].get("refunds") or []
    return [each for each in rows if each["refundId"]]


def _options(row: wire.Order) -> list[RefundOption]:
    order = translate.order(row)
    if order.total is None:
        return []
    left = order.total if order.refunded is None else order.total - order.refunded
    if left.amount <= 0:
        return []
    return [
        RefundOption(
            id=f"order:{order.id}",
            title="pay back the order",
            through="order",
            order_id=order.id,
            granularity=(Granularity.AMOUNT, Granularity.LINES),
            most=left,
            lines=tuple(line for item in row["lineItems"] if (line := _line(item)) is not None),
            reasons=words.REFUND_REASONS,
            reason_required=True,
            note_max_length=_COMMENT,
            consequences=_CONSEQUENCES,
        )
    ]


def _line(item: wire.LineItem) -> RefundLine | None:
    """What is left of a line: its total, with its share of delivery, less what was paid back for it."""
    total = item.get("total") or item.get("lineItemCost")
    if not total:
        return None
    paid = [translate.money(each["amount"]).amount for each in item.get("refunds") or [] if each.get("amount")]
    left = translate.money(total)
    left = Money(amount=left.amount - sum(paid, Decimal(0)), currency=left.currency)
    quantity = decimal(item.get("quantity", 1)) if not paid else None
    return RefundLine(kind=LineKind.ITEM, order_line_id=item["lineItemId"], quantity=quantity, amount=left)


def _issue(ctx: Context, option: RefundOption, command: IssueRefund) -> Write[Refund]:
    order_id = option.order_id or ""
    total, content = _content(option, command)
    body: dict[str, Json] = {"reasonForRefund": command.reason, **content}
    if command.note:
        body["comment"] = command.note

    def call(kept: Kept) -> Call:
        return write("POST", _ISSUE, ids={"order_id": order_id}, json=body, group=ORDER_GROUP)

    def shown() -> list[wire.OrderRefund]:
        return translated(_rows, order_row(ctx, order_id), _WHERE)

    def before() -> Json:
        return [row["refundId"] for row in shown()]

    def find(search: Search) -> Found | None:
        known = set(search.before or ()) | {taken.rpartition("/")[2] for taken in search.taken}
        new = [row for row in shown() if row["refundId"] not in known]
        ours = [row for row in new if translate.money_or_none(row.get("amount")) == total]
        if ours:
            oldest = min(ours, key=lambda row: row.get("refundDate") or "")
            return Found(ids.refund_id(order_id, oldest["refundId"]), oldest)
        if new:
            raise OutcomeUnknown("the order shows a new refund of another amount: it may be ours, less taxes")
        return None

    def result(kept: Kept) -> Refund:
        made = translate.order_refund(kept["refund"], order_id)
        more = {"amount": total, "reason": command.reason, "note": command.note}
        return made.model_copy(update=more)

    step = Step(
        "refund",
        call,
        _accepted,
        commits=True,
        find=find,
        native_id=lambda kept: ids.refund_id(order_id, str(kept["refundId"])),
    )
    return Write((step,), result, before)


def _content(option: RefundOption, command: IssueRefund) -> tuple[Money, dict[str, Json]]:
    """What is paid back: a sum of the order, or of lines."""
    if not command.lines:
        total = command.amount or option.most
        return total, {"orderLevelRefundAmount": _wire(total)}
    offered = {line.order_line_id: line for line in option.lines}
    parts = [(line.id, _part(line, offered.get(line.id))) for line in command.lines]
    total = Money(amount=sum((part.amount for _, part in parts), Decimal(0)), currency=option.most.currency)
    return total, {"refundItems": [{"lineItemId": line, "refundAmount": _wire(part)} for line, part in parts]}


def _part(line: LineQuantity, offered: RefundLine | None) -> Money:
    if line.amount is not None:
        return line.amount
    if offered is None or offered.amount is None:
        raise BadInput(f"There is no line {line.id!r} to pay back.", field="lines")
    if line.quantity is None or line.quantity == offered.quantity:
        return offered.amount
    if not offered.quantity:
        raise BadInput("A part of this line was paid back already, so name an amount, not pieces.", field="lines")
    share = Money(amount=offered.amount.amount * line.quantity / offered.quantity, currency=offered.amount.currency)
    if not share.is_exact:
        raise BadInput("The pieces do not divide the line's total to the cent, so name an amount.", field="lines")
    return share


def _wire(money: Money) -> Json:
    return {"value": money.plain(), "currency": money.currency}


def _accepted(answer: Answer) -> Json:
    """eBay's word for the refund. FAILED is a no, though the status of the answer is good."""

    def told(row: Any) -> Json:
        if row.get("refundStatus") == "FAILED":
            raise DidNothing("eBay says that the refund failed.", next_step="Look at the order at eBay.")
        if not isinstance(row["refundId"], str) or not row["refundId"]:
            raise ValueError("no id")
        return row

    return translated(told, answer.json(), answer.where)
