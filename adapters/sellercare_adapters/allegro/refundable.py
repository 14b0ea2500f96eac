"""What can still be paid back for an order, part by part, and how a wish is cut into Allegro's parts.

Allegro takes no bare amount: a refund names items (so many pieces, or a sum), delivery, deposits, surcharges,
additional services or overpaid money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sellercare.errors import BadInput, NotAllowedNow
from sellercare.models import LineKind, LineQuantity, Money, Refund, RefundLine, RefundState
from sellercare_adapters.allegro import ids, translate, wire

_OUTSIDE = frozenset({"CASH_ON_DELIVERY", "WIRE_TRANSFER"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an order: what is left of it, in money, and in pieces where whole pieces are left."""

    id: str
    kind: LineKind
    left: Money
    pieces: Decimal | None = None

    def as_line(self) -> RefundLine:
        """The part as an option lists it."""
        return RefundLine(kind=self.kind, order_line_id=self.id, quantity=self.pieces, amount=self.left)


@dataclass(frozen=True, slots=True)
class Refundable:
    """What is left to pay back of an order: in all, and by part."""

    payment_id: str
    left: Money
    parts: tuple[Part, ...]


def refundable(form: wire.CheckoutForm, earlier: Sequence[Refund]) -> Refundable | None:
    """What is left after earlier refunds; None if nothing was paid, or nothing is left.

    Raises NotAllowedNow for money that Allegro never had.
    """
    payment = form.get("payment")
    if not payment:
        return None
    if payment["type"] in _OUTSIDE or payment.get("provider") == "OFFLINE":
        raise NotAllowedNow(
            "The order was paid outside Allegro, which can therefore not pay it back.",
            next_step="Pay the buyer yourself; a customer return may name the bank account.",
        )
    paid = translate.money_or_none(payment.get("paidAmount"))
    if paid is None:
        return None
    for surcharge in form["surcharges"]:
        paid += translate.money_or_none(surcharge.get("paidAmount")) or Money(amount=Decimal(0), currency=paid.currency)
    counted = [each for each in earlier if each.state is not RefundState.FAILED]
    for each in counted:
        paid = paid - each.amount if each.amount else paid
    if paid.amount <= 0:
        return None
    parts = tuple(part for part in _parts(form, counted, paid.currency) if part.left.amount > 0)
    return Refundable(payment["id"], paid, parts)


def _parts(form: wire.CheckoutForm, earlier: Sequence[Refund], currency: str) -> list[Part]:
    parts = []
    prices = {line.id: line.price for line in translate.order_lines(form) if line.price}
    for line in translate.order_lines(form):
        if line.price is None or line.price.currency != currency:
            continue
        back = [done for each in earlier for done in each.lines if done.order_line_id == line.id]
        money = sum((_worth(done, prices[line.id]) for done in back), Decimal(0))
        left = Money(amount=line.price.amount * line.quantity - money, currency=currency)
        pieces = None
        if line.kind is LineKind.ITEM and all(done.amount is None for done in back):
            pieces = line.quantity - sum((done.quantity or Decimal(0) for done in back), Decimal(0))
        parts.append(Part(line.id, line.kind, left, pieces))
    over = _overpaid(form, earlier, currency)
    return [*parts, *over]


def _worth(done: RefundLine, price: Money) -> Decimal:
    return done.amount.amount if done.amount else (done.quantity or Decimal(0)) * price.amount


def _overpaid(form: wire.CheckoutForm, earlier: Sequence[Refund], currency: str) -> list[Part]:
    payment = form.get("payment")
    paid = translate.money_or_none(payment.get("paidAmount")) if payment else None
    if paid is None:
        return []
    back = sum(
        (
            done.amount.amount
            for each in earlier
            for done in each.lines
            if done.order_line_id == ids.OVERPAID and done.amount
        ),
        Decimal(0),
    )
    due = translate.money(form["summary"]["totalToPay"])
    # Surcharges are paid on their own, so they are no part of what was paid here.
    left = paid.amount - due.amount - back
    return [Part(ids.OVERPAID, LineKind.FEE, Money(amount=left, currency=currency))] if left > 0 else []


# --- cutting a wish into parts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a refund: so many pieces of an item, or a sum of a part."""

    part: Part
    pieces: Decimal | None = None
    money: Money | None = None


def slices_for(parts: Sequence[Part], most: Money, amount: Money | None, lines: Sequence[LineQuantity]) -> list[Slice]:
    """The slices of a refund: the named lines; or an amount; or all that is left."""
    if lines:
        return [_line(parts, line) for line in lines]
    wanted = amount or most
    everything = sum((part.left.amount for part in parts), Decimal(0))
    if wanted.amount == everything:
        return [_whole(part) for part in parts]
    return _spread(parts, wanted)


def _whole(part: Part) -> Slice:
    return Slice(part, pieces=part.pieces) if part.pieces else Slice(part, money=part.left)


def _line(parts: Sequence[Part], line: LineQuantity) -> Slice:
    part = next((part for part in parts if part.id == line.id), None)
    if part is None:
        raise BadInput(f"There is nothing left to pay back of line {line.id!r}.", field="lines")
    if line.amount is not None:
        if line.amount > part.left:
            raise NotAllowedNow(f"{line.amount} is more than is left of line {line.id}: {part.left}.")
        return Slice(part, money=line.amount)
    if line.quantity is None:
        return _whole(part)
    if part.pieces is None or line.quantity != line.quantity.to_integral_value():
        raise BadInput(f"Line {line.id!r} can only be paid back by an amount.", field="lines")
    if line.quantity > part.pieces:
        raise NotAllowedNow(f"Line {line.id} has {part.pieces} left to pay back, not {line.quantity}.")
    return Slice(part, pieces=line.quantity)


def _spread(parts: Sequence[Part], wanted: Money) -> list[Slice]:
    """An amount is taken from the parts in their order, from each as much as is left of it."""
    slices = []
    rest = wanted.amount
    for part in parts:
        take = min(rest, part.left.amount)
        if take > 0:
            slices.append(Slice(part, money=Money(amount=take, currency=wanted.currency)))
            rest -= take
    if rest > 0:
        raise NotAllowedNow(f"{wanted} is more than the parts of the order come to.")
    return slices


def wire_parts(slices: Sequence[Slice]) -> dict[str, Any]:
    """The slices as Allegro's request names them."""
    body: dict[str, Any] = {}
    for each in slices:
        part = each.part
        value = price(each.money or part.left)
        if part.kind is LineKind.ITEM:
            body.setdefault("lineItems", []).append(_item(each))
        elif part.id.startswith(ids.DEPOSIT):
            deposit = {"lineItemId": part.id.removeprefix(ids.DEPOSIT), "totalValue": value}
            body.setdefault("deposits", []).append(deposit)
        elif part.id.startswith(ids.SURCHARGE):
            body.setdefault("surcharges", []).append({"id": part.id.removeprefix(ids.SURCHARGE), "value": value})
        else:
            body[_NAMES[part.id]] = {"value": value}
    return body


_NAMES = {ids.DELIVERY: "delivery", ids.SERVICES: "additionalServices", ids.OVERPAID: "overpaid"}


def _item(each: Slice) -> dict[str, Any]:
    if each.pieces is not None:
        return {"id": each.part.id, "type": "QUANTITY", "quantity": int(each.pieces)}
    return {"id": each.part.id, "type": "AMOUNT", "value": price(each.money or each.part.left)}


def price(money: Money) -> wire.Price:
    """An amount as Allegro wants it: text with the currency's decimals."""
    return {"amount": money.plain(), "currency": money.currency}
