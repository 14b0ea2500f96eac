"""What may be paid back now, by Shopify's own suggestion: it knows discounts, taxes, fees and earlier refunds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sellercare.errors import NotAllowedNow
from sellercare.graphql import found
from sellercare.interfaces import Context
from sellercare.models import Granularity, LineKind, Money, RefundLine, RefundOption
from sellercare_adapters.shopify import documents, reading, translate, words
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.lines import chosen_lines

ORDER = "order"
RETURN = "return"

_ACCEPTED = "A refund that exists is not yet paid: its state is that of its transactions."
_BY_ORDER = (
    f"{_ACCEPTED} Nothing is put back into stock. A sum without lines is booked as a discrepancy of the order, with "
    "the reason OTHER if you name none."
)
_BY_RETURN = f"{_ACCEPTED} The pieces count as received with it, and in the shop's reports."


def for_order(ctx: Context, order_id: str) -> Sequence[RefundOption]:
    """Everything that is left of an order, through its payments."""
    variables = {"id": order_id, "all": True}
    call = ADMIN.query(documents.QUOTE, variables, **reading.ONE)
    return found(ctx, call, "data.order", f"order {order_id}", lambda row: tuple(_order_options(row)))


def _order_options(row: Any) -> Iterator[RefundOption]:
    suggested = row["suggestedRefund"]
    if suggested is None:
        return
    # refundCreate names the gateway of each payment.
    sources = [each for each in payments(suggested["suggestedTransactions"]) if each["gateway"]]
    most = min(translate.presented(suggested["maximumRefundableSet"]), _sum(sources, row["presentmentCurrencyCode"]))
    if most.amount <= 0:
        return
    lines = [(each["lineItem"]["id"], each["quantity"]) for each in suggested["refundLineItems"]]
    shipping = translate.presented(suggested["shipping"]["maximumRefundableSet"])
    offered = [RefundLine(order_line_id=gid, quantity=Decimal(count)) for gid, count in lines]
    delivery = row["shippingLine"]["id"] if row["shippingLine"] else None
    if delivery and shipping.amount > 0:
        offered.append(RefundLine(kind=LineKind.SHIPPING, order_line_id=delivery, quantity=Decimal(1), amount=shipping))
    open_returns = [each["name"] for each in row["returns"]["nodes"]]
    yield RefundOption(
        id=row["id"],
        title=f"order {row['name']}, through {_names(suggested['suggestedTransactions'])}",
        through=ORDER,
        order_id=row["id"],
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        most=most,
        lines=tuple(offered),
        reasons=words.DISCREPANCY_REASONS,
        consequences=_with_returns(open_returns),
        native={
            "payments": json.dumps(sources),
            "lines": json.dumps(lines),
            "delivery": delivery or "",
            "suggested": translate.presented(suggested["amountSet"]).plain(),
        },
    )


def _with_returns(names: Sequence[str]) -> str:
    if not names:
        return _BY_ORDER
    return f"{_BY_ORDER} The order has open returns ({', '.join(names)}): pay their goods back through the return."


def for_return(ctx: Context, return_id: str) -> Sequence[RefundOption]:
    """What Shopify suggests for all pieces of a return that are not paid back."""
    row = reading.return_row(ctx, return_id)
    if row["status"] != "OPEN":
        raise NotAllowedNow(
            f"The return {row['name']} is {row['status']}; only an open one is paid back through.",
            next_step="Approve a request first; pay back for a closed return through its order.",
        )
    if not any(each["refundableQuantity"] > 0 for each in row["returnLineItems"]["nodes"]):
        return ()
    lines = chosen_lines(row, (), "refundableQuantity")
    call = ADMIN.query(documents.QUOTE_RETURN, outcome_variables(return_id, lines), **reading.ONE)
    return found(ctx, call, "data.return", f"return {return_id}", lambda answer: tuple(_return_options(answer, row)))


def outcome_variables(return_id: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is asked for these lines of a return."""
    return {"id": return_id, "lines": [{"id": each["id"], "quantity": each["quantity"]} for each in lines]}


def _return_options(answer: Any, row: Any) -> Iterator[RefundOption]:
    outcome = answer["suggestedFinancialOutcome"]
    transfer = outcome["financialTransfer"] if outcome else None
    if not transfer:
        return
    sources = payments(transfer["suggestedTransactions"])
    most = min(translate.presented(transfer["amount"]), translate.presented(outcome["maximumRefundable"]))
    if most.amount <= 0 or not sources:
        return
    yield RefundOption(
        id=answer["id"],
        title=f"return {answer['name']}, through {_names(transfer['suggestedTransactions'])}",
        through=RETURN,
        order_id=answer["order"]["id"],
        return_id=answer["id"],
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        most=most,
        lines=tuple(_offered(row)),
        consequences=_BY_RETURN,
        native={"payments": json.dumps(sources)},
    )


def _offered(row: Any) -> Iterator[RefundLine]:
    for each in row["returnLineItems"]["nodes"]:
        if each["refundableQuantity"] > 0:
            sent = each.get("fulfillmentLineItem")
            gid = sent["lineItem"]["id"] if sent else each["id"]
            yield RefundLine(order_line_id=gid, quantity=Decimal(each["refundableQuantity"]))


def payments(rows: Sequence[Any]) -> list[dict[str, str]]:
    """The payments that money may go back through: gateway, id, and at most how much, in the order's own sequence.

    `maximumRefundableSet` is only told for an order; for a return what is suggested is the most.
    """
    found_ = []
    for row in rows:
        if row["parentTransaction"] is not None:
            most = translate.presented(row["maximumRefundableSet"] or row["amountSet"])
            suggested = translate.presented(row["amountSet"])
            found_.append(
                {
                    "parent": row["parentTransaction"]["id"],
                    "gateway": row["gateway"] or "",
                    "most": most.plain(),
                    "suggested": suggested.plain(),
                }
            )
    return found_


def _sum(sources: Sequence[Mapping[str, str]], currency: str) -> Money:
    return Money(amount=sum((Decimal(each["most"]) for each in sources), Decimal(0)), currency=currency)


def _names(rows: Sequence[Any]) -> str:
    return ", ".join(dict.fromkeys(row["formattedGateway"] or row["gateway"] or "a payment" for row in rows))
