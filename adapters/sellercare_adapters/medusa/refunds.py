"""Refunds: through a payment, each found again by a mark in its note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sellercare.calls import Answer, Json, Listing, Listings, read, write
from sellercare.errors import BadAnswer, BadInput, NotFound
from sellercare.http.pages import OffsetPages, OnePage, walk
from sellercare.interfaces import Context, Refunds
from sellercare.models import (
    Choice,
    IssueRefund,
    Money,
    Refund,
    RefundOption,
    RefundQuery,
    RefundTarget,
)
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.medusa import reading, translate, wire

_PAYMENT = "/admin/payments/{id}"


class MedusaRefunds(Refunds):
    """Refunds of the shop's payments."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds of one order, or of all payments.

        Medusa has no list of refunds: the payments are read first, then one call is spent on each with refunds.
        """
        if query.order_id is not None:
            payments = list(translate.payments_of(reading.order(ctx, query.order_id)))
        else:
            payments = list(_all_payments(ctx))
        return [_refunds_of(payment) for payment in payments if payment.get("refunds")]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund by our id of it, `pay_…:ref_…`."""
        payment_id, colon, native_id = refund_id.partition(":")
        if not colon:
            raise BadInput(f"{refund_id!r} is no id of a refund; they look like pay_…:ref_….", field="refund_id")
        payment = _payment(ctx, payment_id)
        row = next((row for row in payment["refunds"] if row["id"] == native_id), None)
        if row is None:
            raise NotFound(f"Payment {payment_id} has no refund {native_id}.")
        return translated(lambda _: _shown(payment, row), payment, f"GET {_PAYMENT}")

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """What is left of each payment. For a return at most what the shop's books owe the buyer for the order."""
        order_id, limited = _order_of(ctx, target)
        row = reading.order(ctx, order_id)
        reasons = reading.rows(
            ctx, "/admin/refund-reasons", "refund_reasons", {"limit": 100, "fields": "id,code,label"}
        )
        return translated(lambda order: tuple(_options(order, target, limited, reasons)), row, "GET /admin/orders/{id}")

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Pay back a sum through the payment of the chosen option. Always names the sum: without one Medusa would
        ask for the whole payment."""
        option = command.chosen
        payment_id, order_id = option.native["payment_id"], option.order_id or ""
        body: dict[str, Any] = {
            "amount": _amount(command, option),
            "note": translate.marked(command.note, ctx.key),
        }
        if command.reason is not None:
            body["refund_reason_id"] = option.native[f"reason:{command.reason}"]
        fields = {"fields": wire.PAYMENT_FIELDS}
        call = write("POST", "/admin/payments/{id}/refund", ids={"id": payment_id}, json=body, params=fields)

        def before() -> Json:
            reading.refuse_while_changing(ctx, order_id, "and Medusa would pay back and then report a failure")
            return {"refunds": [row["id"] for row in _payment(ctx, payment_id)["refunds"]]}

        def find(search: Search) -> Found | None:
            payment = _payment(ctx, payment_id)
            row = _marked(payment, ctx.key)
            return None if row is None else Found(translate.refund_id(payment_id, row["id"]), _kept(payment, row))

        def keep(answer: Answer) -> Json:
            payment = at_path(answer.json(), "payment", answer.where)
            row = translated(partial(_marked, key=ctx.key), payment, answer.where)
            if row is None:
                raise BadAnswer(f"{answer.where}: the answer does not show the new refund.", path="$.payment.refunds")
            return _kept(payment, row)

        def result(kept: Kept) -> Refund:
            landed = kept["refund"]
            booked = None if landed["booked"] is None else frozenset(landed["booked"])
            return translate.refund(
                landed["refund"],
                landed["currency"],
                order_id=option.order_id,
                return_id=command.return_id,
                booked=booked,
            )

        step = Step(
            "refund",
            lambda kept: call,
            keep=keep,
            commits=True,
            find=find,
            native_id=lambda kept: translate.refund_id(payment_id, kept["refund"]["id"]),
        )
        return Write((step,), result, before)


def _payment(ctx: Context, payment_id: str) -> wire.Payment:
    found: wire.Payment = reading.one(ctx, _PAYMENT, "payment", payment_id, wire.PAYMENT_FIELDS)
    return found


def _marked(payment: wire.Payment, key: str) -> wire.Refund | None:
    """The refund that carries our mark. Medusa shows refunds in no useful order, so never by place."""
    mark = translate.marked(None, key)
    return next((row for row in payment["refunds"] if (row["note"] or "").endswith(mark)), None)


def _order(payment: wire.Payment) -> wire.OrderOfPayment | None:
    collection = payment.get("payment_collection")
    return collection.get("order") if collection else None


def _booked(payment: wire.Payment) -> frozenset[str] | None:
    """What the order's books name as refunded; None where the answer does not show them."""
    order = _order(payment)
    return translate.booked_in(order["transactions"]) if order and "transactions" in order else None


def _kept(payment: wire.Payment, row: wire.Refund) -> Json:
    booked = _booked(payment)
    known = None if booked is None else [each for each in (row["id"], payment["id"]) if each in booked]
    return {"refund": dict(row), "currency": payment["currency_code"], "booked": known}


def _shown(payment: wire.Payment, row: wire.Refund) -> Refund:
    order = _order(payment)
    order_id = order["id"] if order else None
    return translate.refund(row, payment["currency_code"], order_id=order_id, booked=_booked(payment))


def _all_payments(ctx: Context) -> Iterator[wire.Payment]:
    """Every payment: a refund does not always move its payment's `updated_at` (2.21.2), so time is no filter."""
    call = read("/admin/payments", params={"fields": wire.PAYMENT_FIELDS, "order": "-created_at"})
    listing: Listing[Any, wire.Payment] = Listing(call, "payments", _as_it_is, OffsetPages(limit=100, total="count"))
    return walk(ctx.http, listing)


def _as_it_is(row: wire.Payment) -> wire.Payment:
    return row


def _refunds_of(payment: wire.Payment) -> Listing[wire.Refund, Refund]:
    call = read(_PAYMENT, ids={"id": payment["id"]}, params={"fields": wire.PAYMENT_FIELDS})
    return Listing(call, "payment.refunds", partial(_shown, payment), OnePage(), applied=frozenset({"order_id"}))


def _order_of(ctx: Context, target: RefundTarget) -> tuple[str, bool]:
    """The order that a refund is about, and whether it is for a return, which says how much is owed."""
    if target.return_id is None:
        return str(target.order_id), False
    if reading.is_claim(target.return_id):
        return reading.claim(ctx, target.return_id)["order_id"], False
    return reading.return_(ctx, target.return_id)["order_id"], True


def _options(
    row: wire.Order, target: RefundTarget, limited: bool, reasons: Sequence[wire.Reason]
) -> Iterator[RefundOption]:
    for payment in translate.payments_of(row):
        currency = payment["currency_code"]
        left = translate.captured(payment) - translate.refunded(payment)
        most = translate.payable(min(left, translate.owed(row)) if limited else left, currency)
        if most <= 0:
            continue
        native = {"payment_id": payment["id"]} | {f"reason:{each['code']}": each["id"] for each in reasons}
        money = Money(amount=most, currency=currency.upper())
        yield RefundOption(
            id=payment["id"],
            title=f"payment {payment['id']} of order {translate.number_of(row)}",
            through="payment",
            order_id=row["id"],
            return_id=target.return_id,
            most=money,
            reasons=tuple(Choice(code=each["code"], title=each["label"]) for each in reasons),
            consequences="" if limited else "What the order does not owe is booked as a credit of the order.",
            native=native,
        )


def _amount(command: IssueRefund, option: RefundOption) -> Decimal:
    """The sum, cut to the currency's decimals: Medusa books fractions of a cent if it is asked to."""
    if command.amount is not None:
        amount = command.amount.amount
    elif option.return_id is not None and reading.is_claim(option.return_id):
        raise BadInput("A claim owes nothing by itself at Medusa.", field="amount", next_step="Name an amount.")
    else:
        amount = option.most.amount
    return translate.payable(amount, option.most.currency)
