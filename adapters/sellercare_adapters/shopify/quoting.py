"""What may be paid back now, by Shopify's own suggestion: it knows discounts, taxes, fees and earlier refunds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import NotAllowedNow, NotFound
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import Granularity, LineKind, Money, RefundLine, RefundOption
from sellercare.translation import at_path, translated
from sellercare.writes import Step
from sellercare_adapters.shopify import crediting, documents, exchanging, reading, translate, words
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


Options = Callable[[Any, Any], Iterator[RefundOption]]
"""Makes options of the thing that was asked about and of the whole answer."""


def for_order(ctx: Context, order_id: str) -> Sequence[RefundOption]:
    """Everything that is left of an order: through its payments, or as store credit, or both to choose from."""

    def ask(credit: bool) -> Call:
        return ADMIN.query(documents.QUOTE, order_variables(order_id, {"all": True}, credit), **reading.ONE)

    def as_credit(row: Any, document: Any) -> Iterator[RefundOption]:
        return _order_credit(ctx, row, document)

    return _wanted(ctx, ask, "data.order", f"order {order_id}", _order_options, as_credit)


def _wanted(
    ctx: Context, ask: Callable[[bool], Call], field: str, what: str, money: Options, credit: Options
) -> Sequence[RefundOption]:
    """The options that the setting `store_credit` wants; a call for each of the two ways."""
    wanted = ctx.settings.store_credit
    options: list[RefundOption] = []
    for as_credit, make in ((False, money), (True, credit)):
        if wanted == crediting.OFFER or as_credit is (wanted == crediting.ONLY):
            options += _quoted(ctx, ask(as_credit), field, what, make)
    return tuple(options)


def _quoted(ctx: Context, call: Call, field: str, what: str, make: Options) -> list[RefundOption]:
    document = ctx.read(call)

    def read(document: Any) -> list[RefundOption]:
        row = at_path(document, field, call.title)
        if row is None:
            raise NotFound(f"{call.title}: there is no {what}.")
        return list(make(row, document))

    return translated(read, document, call.title)


def order_variables(order_id: str, asked: Mapping[str, Any], credit: bool) -> dict[str, Any]:
    """What is asked for these parts of an order."""
    return {"id": order_id, **asked, **crediting.allocation(credit)}


def credit_of_cancelled(order_id: str) -> Step:
    """The step of a cancellation that finds out how it is paid back as store credit."""
    call = ADMIN.query(documents.QUOTE, order_variables(order_id, {"all": True}, True), **reading.ONE)

    def keep(answer: Answer) -> Json:
        row = payload_of("data.order")(answer)
        return translated(lambda row: crediting.of_cancelled(row, answer.json()), row, answer.where, "$.data.order")

    return Step("method", lambda kept: call, keep)


def _order_options(row: Any, document: Any) -> Iterator[RefundOption]:
    suggested = row["suggestedRefund"]
    if suggested is None:
        return
    # refundCreate names the gateway of each payment.
    sources = [each for each in payments(suggested["suggestedTransactions"]) if each["gateway"]]
    most = min(translate.presented(suggested["maximumRefundableSet"]), _sum(sources, row["presentmentCurrencyCode"]))
    if most.amount <= 0:
        return
    yield _order_option(
        row,
        most,
        id=row["id"],
        title=f"order {row['name']}, through {_names(suggested['suggestedTransactions'])}",
        through=ORDER,
        consequences=_with_returns(_BY_ORDER, row),
        native={"payments": json.dumps(sources), "suggested": translate.presented(suggested["amountSet"]).plain()},
    )


def _order_credit(ctx: Context, row: Any, document: Any) -> Iterator[RefundOption]:
    suggested = row["suggestedRefund"]
    left = translate.presented(suggested["maximumRefundableSet"]) if suggested else None
    if left is None or left.amount <= 0:
        return
    nobody = crediting.without_customer(document, row["customer"])
    method = None if nobody else crediting.suggested(suggested["suggestedRefundMethods"])
    if method is None:
        if ctx.settings.store_credit == crediting.ONLY:
            raise crediting.refuse(f"order {row['name']}", nobody)
        return
    most = min(left, crediting.most(method))
    if most.amount <= 0:
        return
    yield _order_option(
        row,
        most,
        id=crediting.option_id(row["id"]),
        title=f"order {row['name']}, as store credit",
        through=crediting.THROUGH,
        consequences=_with_returns(f"{crediting.said(method)} {_BY_ORDER}", row),
        native={"suggested": crediting.total(method).plain(), "expires": method["expiresAt"] or ""},
    )


def _order_option(row: Any, most: Money, *, native: Mapping[str, str], **more: Any) -> RefundOption:
    """What the two ways of paying an order back have in common: which lines there are, and how it is cut."""
    suggested = row["suggestedRefund"]
    lines = [(each["lineItem"]["id"], each["quantity"]) for each in suggested["refundLineItems"]]
    shipping = translate.presented(suggested["shipping"]["maximumRefundableSet"])
    offered = [RefundLine(order_line_id=gid, quantity=Decimal(count)) for gid, count in lines]
    delivery = row["shippingLine"]["id"] if row["shippingLine"] else None
    if delivery and shipping.amount > 0:
        offered.append(RefundLine(kind=LineKind.SHIPPING, order_line_id=delivery, quantity=Decimal(1), amount=shipping))
    customs = [each for each in suggested["refundDuties"] if each["originalDuty"]]
    for each in customs:
        duty = each["originalDuty"]["id"]
        amount = translate.presented(each["amountSet"])
        offered.append(RefundLine(kind=LineKind.FEE, order_line_id=duty, quantity=Decimal(1), amount=amount))
    return RefundOption(
        order_id=row["id"],
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        most=most,
        lines=tuple(offered),
        reasons=words.DISCREPANCY_REASONS,
        native={
            **native,
            "lines": json.dumps(lines),
            "delivery": delivery or "",
            "customs": json.dumps([each["originalDuty"]["id"] for each in customs]),
        },
        **more,
    )


def _with_returns(consequences: str, row: Any) -> str:
    names = [each["name"] for each in row["returns"]["nodes"]]
    if not names:
        return consequences
    return f"{consequences} The order has open returns ({', '.join(names)}): pay their goods back through the return."


def for_return(ctx: Context, return_id: str) -> Sequence[RefundOption]:
    """What Shopify suggests for all pieces of a return that are not paid back: as money, as store credit, or both."""
    row = reading.return_row(ctx, return_id)
    if row["status"] != "OPEN":
        raise NotAllowedNow(
            f"The return {row['name']} is {row['status']}; only an open one is paid back through.",
            next_step="Approve a request first; pay back for a closed return through its order.",
        )
    if not any(each["refundableQuantity"] > 0 for each in row["returnLineItems"]["nodes"]):
        return ()
    lines = chosen_lines(row, (), "refundableQuantity")

    exchanges = exchanging.asked(exchanging.open_lines(row))

    def ask(credit: bool) -> Call:
        variables = outcome_variables(return_id, lines, exchanges, credit)
        return ADMIN.query(documents.QUOTE_RETURN, variables, **reading.ONE)

    def as_money(answer: Any, document: Any) -> Iterator[RefundOption]:
        return _return_options(answer, row)

    def as_credit(answer: Any, document: Any) -> Iterator[RefundOption]:
        return _return_credit(ctx, answer, document, row)

    return _wanted(ctx, ask, "data.return", f"return {return_id}", as_money, as_credit)


def outcome_variables(
    return_id: str, lines: Sequence[Mapping[str, Any]], exchanges: Sequence[Mapping[str, Any]], credit: bool
) -> dict[str, Any]:
    """What is asked for these lines of a return; what the buyer gets in exchange is counted against them."""
    pieces = [{"id": each["id"], "quantity": each["quantity"]} for each in lines]
    return {"id": return_id, "lines": pieces, "exchanges": exchanges, **crediting.allocation(credit)}


def _return_options(answer: Any, row: Any) -> Iterator[RefundOption]:
    outcome = answer["suggestedFinancialOutcome"]
    transfer = outcome["financialTransfer"] if outcome else None
    if not transfer:
        return
    sources = payments(transfer["suggestedTransactions"])
    most = min(translate.presented(transfer["amount"]), translate.presented(outcome["maximumRefundable"]))
    if most.amount <= 0 or not sources:
        return
    yield _return_option(
        answer,
        row,
        most,
        id=answer["id"],
        title=f"return {answer['name']}, through {_names(transfer['suggestedTransactions'])}",
        through=RETURN,
        says=_BY_RETURN,
        native={"payments": json.dumps(sources)},
    )


def _return_credit(ctx: Context, answer: Any, document: Any, row: Any) -> Iterator[RefundOption]:
    outcome = answer["suggestedFinancialOutcome"]
    transfer = outcome["financialTransfer"] if outcome else None
    if not transfer:
        return
    nobody = crediting.without_customer(document, answer["order"]["customer"])
    method = None if nobody else crediting.suggested(transfer["suggestedRefundMethods"])
    if method is None:
        if ctx.settings.store_credit == crediting.ONLY:
            raise crediting.refuse(f"return {answer['name']}", nobody)
        return
    most = min(crediting.total(method), crediting.most(method), translate.presented(outcome["maximumRefundable"]))
    if most.amount <= 0:
        return
    yield _return_option(
        answer,
        row,
        most,
        id=crediting.option_id(answer["id"]),
        title=f"return {answer['name']}, as store credit",
        through=crediting.THROUGH,
        says=f"{crediting.said(method)} {_BY_RETURN}",
        native={"expires": method["expiresAt"] or ""},
    )


def _return_option(
    answer: Any, row: Any, most: Money, *, says: str, native: Mapping[str, str], **more: Any
) -> RefundOption:
    """What the two ways of paying a return back have in common."""
    exchanges = exchanging.asked(exchanging.open_lines(row))
    return RefundOption(
        order_id=answer["order"]["id"],
        return_id=answer["id"],
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        most=most,
        lines=tuple(_offered(row)),
        consequences=f"{says} {exchanging.said(row)}".strip(),
        native={**native, "exchanges": json.dumps(exchanges)},
        **more,
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
