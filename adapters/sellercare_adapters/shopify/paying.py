"""Paying back. An order's refund goes out under the key; a return's has none and is found by what is new."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import BadAnswer, BadInput, NotAllowedNow
from sellercare.finding import in_rows
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import IssueRefund, LineQuantity, Money, Refund, RefundOption
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import contracts, crediting, documents, exchanging, ids, quoting, reading, translate
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.lines import chosen_lines
from sellercare_adapters.shopify.opening import pieces
from sellercare_adapters.shopify.writing import with_lines

_REFUNDS = 10
"""Refunds of a return that are looked at."""


def spread(amount: Decimal, payments: Sequence[Mapping[str, str]]) -> list[tuple[Mapping[str, str], Decimal]]:
    """A sum over payments, in their order, each up to its most. NotAllowedNow where they do not hold so much."""
    parts = []
    left = amount
    for payment in payments:
        part = min(left, Decimal(payment["most"]))
        if part > 0:
            parts.append((payment, part))
            left -= part
    if left > 0:
        raise NotAllowedNow(f"The payments hold {left} less than should be paid back.")
    return parts


# --- through the order -----------------------------------------------------------------------------------------------


def through_order(ctx: Context, command: IssueRefund, option: RefundOption) -> Write[Refund]:
    """`refundCreate` under `@idempotent`: the same key brings the first result."""
    order_id = str(option.order_id)
    steps = []
    if command.lines:
        asked = _asked_of_order(command.lines, option)
        variables = quoting.order_variables(order_id, asked, crediting.chosen(option))
        suggest = ADMIN.query(documents.QUOTE, variables, **reading.ONE)
        steps.append(Step("suggest", lambda kept: suggest, lambda answer: _suggested(answer, option)))

    def call(kept: Kept) -> Call:
        body = _order_input(ctx, command, option, kept.get("suggest"))
        variables = {"input": body, "key": ctx.key}
        return ADMIN.mutation(documents.REFUND_CREATE, variables, group="refunds.issue", cost=30)

    def find(search: Search) -> Found | None:
        wanted = _order_amount(command, option, search.kept.get("suggest"))
        return _newest(_refunds_of_order(ctx, order_id), search, wanted, option, command.note)

    refund = Step("refund", call, payload_of("data.refundCreate.refund"), commits=True, find=find, native_id=_id_of)
    return Write(
        (*steps, refund),
        lambda kept: translate.refund(kept["refund"], order_id=order_id),
        before=lambda: [gid for _, gid in _heads_of_order(ctx, order_id)],
        contract=contracts.ORDER_REFUND,
    )


def _asked_of_order(lines: Sequence[LineQuantity], option: RefundOption) -> dict[str, Any]:
    """What Shopify is asked to suggest: pieces of lines, delivery, whole or a part of it, and customs, whole."""
    offered = {line.order_line_id: line for line in option.lines}
    goods: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"lines": goods}
    for line in lines:
        if line.id == option.native["delivery"]:
            asked |= {"shippingAmount": line.amount.plain()} if line.amount else {"shipping": True}
            continue
        if line.amount is not None:
            raise BadInput(
                "Shopify pays lines back by pieces.", field="lines", next_step="Name an amount without lines for a sum."
            )
        if ids.kind_of(line.id) == ids.DUTY:
            asked.setdefault("duties", []).append(_whole_duty(line.id))
            continue
        if ids.kind_of(line.id) != ids.LINE:
            raise BadInput(f"{line.id!r} is no line of an order.", field="lines")
        count = line.quantity or offered[line.id].quantity or Decimal(1)
        goods.append({"lineItemId": line.id, "quantity": pieces(count, line.id), "restockType": "NO_RESTOCK"})
    return asked


def _whole_duty(duty_id: str) -> dict[str, str]:
    return {"dutyId": duty_id, "refundType": "FULL"}


def _suggested(answer: Answer, option: RefundOption) -> Json:
    """What Shopify suggests for the lines; never more than was agreed to."""

    def read(row: Any) -> Json:
        total = _total(row, "amountSet", option)
        if total > option.most:
            raise NotAllowedNow(f"Shopify suggests {total} for these lines; at most {option.most} was agreed to.")
        if total.amount <= 0:
            raise NotAllowedNow("Nothing is left to pay back for these lines.")
        return _kept_suggestion(row, total, option)

    row = payload_of("data.order.suggestedRefund")(answer)
    return translated(read, row, answer.where, "$.data.order.suggestedRefund")


def _order_input(ctx: Context, command: IssueRefund, option: RefundOption, suggested: Any) -> dict[str, Any]:
    """The refund as it is sent. Without `transactions` Shopify would book a refund and move no money."""
    body: dict[str, Any] = {
        "orderId": option.order_id,
        "currency": option.most.currency,
        "notify": ctx.settings.notify_buyers,
    }
    if command.lines:
        asked = _asked_of_order(command.lines, option)
        body["refundLineItems"] = asked["lines"]
        if "shipping" in asked:
            body["shipping"] = {"fullRefund": True}
        elif "shippingAmount" in asked:
            body["shipping"] = {"amount": asked["shippingAmount"]}
        if "duties" in asked:
            body["refundDuties"] = asked["duties"]
    elif command.amount is None:
        body["refundLineItems"] = [
            {"lineItemId": gid, "quantity": count, "restockType": "NO_RESTOCK"}
            for gid, count in json.loads(option.native["lines"])
        ]
        if option.native["delivery"]:
            body["shipping"] = {"fullRefund": True}
        if customs := json.loads(option.native["customs"]):
            body["refundDuties"] = [_whole_duty(each) for each in customs]
    amount = _order_amount(command, option, suggested)
    differs = command.amount is not None or (not command.lines and amount != Decimal(option.native["suggested"]))
    if command.reason is not None or differs:
        body["discrepancyReason"] = command.reason or "OTHER"
    if command.note:
        body["note"] = command.note
    if crediting.chosen(option):
        return body | {"transactions": [], "refundMethods": crediting.methods(option, amount)}
    payments = suggested["payments"] if command.lines else json.loads(option.native["payments"])
    body["transactions"] = [
        {
            "orderId": option.order_id,
            "parentId": payment["parent"],
            "gateway": payment["gateway"],
            "kind": "REFUND",
            "amount": _plain(part),
        }
        for payment, part in spread(amount, payments)
    ]
    return body


def _order_amount(command: IssueRefund, option: RefundOption, suggested: Any) -> Decimal:
    """What goes back: what Shopify suggests for the named lines, the named sum, or all that the option allows."""
    return Decimal(suggested["amount"]) if command.lines else (command.amount or option.most).amount


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


def _heads_of_order(ctx: Context, order_id: str) -> list[tuple[Any, str]]:
    """The ids of an order's refunds, newest first."""

    def read(row: Any) -> list[tuple[Any, str]]:
        return sorted(((_when(each), str(each["id"])) for each in row["refunds"]), reverse=True)

    return reading.thing(ctx, documents.REFUND_IDS, "order", order_id, read, first=250)


def _refunds_of_order(ctx: Context, order_id: str) -> list[Any]:
    """The newest refunds of an order, whole."""
    newest = [gid for _, gid in _heads_of_order(ctx, order_id)][: documents.REFUNDS_AT_ONCE]
    if not newest:
        return []
    call = ADMIN.query(documents.REFUNDS, {"ids": newest}, **reading.ONE)
    return translated(
        lambda payload: [_checked(row) for row in payload["data"]["nodes"] if row], ctx.read(call), call.title
    )


def _checked(row: Any) -> Any:
    """The row of a refund, known to have what a refund has."""
    translate.refund(row)
    return row


# --- through a return ------------------------------------------------------------------------------------------------


def through_return(ctx: Context, command: IssueRefund, option: RefundOption) -> Write[Refund]:
    """`returnProcess` with money: it takes no key, so what is new afterwards is the proof."""
    return_id = str(option.return_id)
    look = ADMIN.query(documents.RETURN, with_lines({"id": return_id}), **reading.ONE)

    def chosen(answer: Answer) -> Json:
        row = payload_of("data.return")(answer)
        return translated(lambda row: chosen_lines(row, command.lines, "refundableQuantity"), row, answer.where)

    steps = [Step("lines", lambda kept: look, chosen)]
    if command.lines:
        steps.append(
            Step(
                "suggest",
                lambda kept: ADMIN.query(
                    documents.QUOTE_RETURN,
                    quoting.outcome_variables(
                        return_id, kept["lines"], exchanging.counted(option), crediting.chosen(option)
                    ),
                    **reading.ONE,
                ),
                lambda answer: _outcome(answer, option),
            )
        )

    def call(kept: Kept) -> Call:
        body = _return_input(ctx, command, option, kept)
        variables = {"input": body, "first": _REFUNDS}
        return ADMIN.mutation(documents.RETURN_REFUND, variables, group="refunds.issue", cost=30)

    def find(search: Search) -> Found | None:
        wanted = _to_pay(command, option, search.kept)
        return _newest(_refunds_of_return(ctx, return_id), search, wanted, option, None)

    refund = Step("refund", call, _kept_of_return, commits=True, find=find, native_id=_id_of)
    return Write(
        (*steps, refund),
        lambda kept: translate.refund(kept["refund"], order_id=option.order_id, return_id=return_id),
        before=lambda: [row["id"] for row in _refunds_of_return(ctx, return_id)],
        contract=contracts.RETURN_REFUND,
    )


def _outcome(answer: Answer, option: RefundOption) -> Json:
    def read(row: Any) -> Json:
        transfer = row["financialTransfer"]
        total = _total(transfer, "amount", option) if transfer else None
        if total is None or total.amount <= 0:
            raise NotAllowedNow("Nothing is left to pay back for these lines.")
        if total > option.most:
            raise NotAllowedNow(f"Shopify suggests {total} for these lines; at most {option.most} was agreed to.")
        return _kept_suggestion(transfer, total, option)

    row = payload_of("data.return.suggestedFinancialOutcome")(answer)
    return translated(read, row, answer.where, "$.data.return.suggestedFinancialOutcome")


def _to_pay(command: IssueRefund, option: RefundOption, kept: Kept) -> Decimal:
    if command.lines:
        return Decimal(kept["suggest"]["amount"])
    return (command.amount or option.most).amount


def _return_input(ctx: Context, command: IssueRefund, option: RefundOption, kept: Kept) -> dict[str, Any]:
    """Pieces that were processed before, without money, are not processed again: only their money moves."""
    body: dict[str, Any] = {
        "returnId": option.return_id,
        "notifyCustomer": ctx.settings.notify_buyers,
        "returnLineItems": [
            {"id": each["id"], "quantity": min(each["quantity"], each["processable"])}
            for each in kept["lines"]
            if each["processable"] > 0
        ],
        "financialTransfer": {"issueRefund": _return_money(command, option, kept)},
    }
    if command.note:
        body["note"] = command.note
    return body


def _return_money(command: IssueRefund, option: RefundOption, kept: Kept) -> dict[str, Any]:
    amount = _to_pay(command, option, kept)
    if crediting.chosen(option):
        return {"orderTransactions": [], "refundMethods": crediting.methods(option, amount)}
    payments = kept["suggest"]["payments"] if command.lines else json.loads(option.native["payments"])
    transactions = [
        {
            "parentId": payment["parent"],
            "transactionAmount": {"amount": _plain(part), "currencyCode": option.most.currency},
        }
        for payment, part in spread(amount, payments)
    ]
    return {"orderTransactions": transactions}


def _kept_of_return(answer: Answer) -> Json:
    """The newest refund of the return that the mutation answers with."""
    row = payload_of("data.returnProcess.return")(answer)

    def newest(row: Any) -> Json:
        page = row["refunds"]
        if page["pageInfo"]["hasNextPage"] or not page["nodes"]:
            raise BadAnswer(f"{answer.where}: the answer does not show the new refund.", path="$.data.returnProcess")
        return max(page["nodes"], key=_when)

    return translated(newest, row, answer.where, "$.data.returnProcess.return")


def _refunds_of_return(ctx: Context, return_id: str) -> list[Any]:
    rows = reading.every(ctx, documents.REFUNDS_OF_RETURN, "return.refunds", {"id": return_id}, _REFUNDS, make=_checked)
    return sorted(rows, key=_when, reverse=True)


# --- both ------------------------------------------------------------------------------------------------------------


def _when(row: Any) -> tuple[str, int, str]:
    return str(row["createdAt"] or row["processedAt"]), len(row["id"]), str(row["id"])


def _id_of(kept: Json) -> str:
    return str(kept["id"])


def _total(suggested: Any, field: str, option: RefundOption) -> Money:
    """What Shopify suggests in all, or as store credit where that was chosen. NotAllowedNow where it suggests none."""
    if not crediting.chosen(option):
        return translate.presented(suggested[field])
    method = crediting.suggested(suggested["suggestedRefundMethods"])
    if method is None:
        raise crediting.refuse("these lines", nobody=False)
    return crediting.total(method)


def _kept_suggestion(suggested: Any, total: Money, option: RefundOption) -> Json:
    sources = [] if crediting.chosen(option) else quoting.payments(suggested["suggestedTransactions"])
    return {"amount": total.plain(), "payments": sources}


def _newest(
    rows: Sequence[Any], search: Search, amount: Decimal, option: RefundOption, note: str | None
) -> Found | None:
    """The new refund of this sum that went the same way; with a note, of this note too.

    Another new one could be ours: that is unknown.
    """
    credit = crediting.chosen(option)

    def same(row: Any) -> bool:
        if crediting.contradicts(row, credit):
            return False
        return translate.refunded(row).amount == amount and (note is None or (row["note"] or "") == note)

    return in_rows(rows, search, same, made_at=lambda row: str(row["createdAt"] or row["processedAt"]))
