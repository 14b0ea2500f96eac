"""What is left to pay back of an order, line by line, and how a wish is cut into WooCommerce's lines and taxes.

Two things are computed from the order itself and never from prices: a line is worth what it says less what earlier
refunds took from it, and the lines together are worth what is left of the order. WooCommerce rounds lines, taxes and
the total each by itself, so the parts of an order may come to some cents more or less than its total; a refund that
is a cent above what is left is refused. Those cents are put where they are felt least: see `_in_cents`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from sellercare.errors import BadInput, NotAllowedNow
from sellercare.models import LineKind, LineQuantity, Money, RefundLine
from sellercare.models.money import decimals_of
from sellercare.translation import decimal
from sellercare_adapters.woocommerce import translate, wire


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an order: how many pieces are left of it and what they are worth, taxes included.

    `net` and `taxes` (by the id of their rate) say how `money` is made up; they are not rounded.
    """

    id: str
    kind: LineKind
    pieces: Decimal
    money: Decimal
    net: Decimal
    taxes: Mapping[str, Decimal]

    @property
    def exact(self) -> Decimal:
        """What the line is worth before rounding."""
        return self.net + sum(self.taxes.values(), Decimal(0))

    def as_line(self, currency: str) -> RefundLine:
        """The line as an option lists it."""
        money = Money(amount=self.money, currency=currency)
        return RefundLine(kind=self.kind, order_line_id=self.id, quantity=self.pieces or None, amount=money)

    def as_json(self) -> dict[str, Any]:
        """The line as an intent keeps it."""
        taxes = {rate: str(tax) for rate, tax in self.taxes.items()}
        numbers = {name: str(getattr(self, name)) for name in ("pieces", "money", "net")}
        return {"id": self.id, "kind": self.kind.value, "taxes": taxes, **numbers}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Part:
        """The line that `as_json` kept."""
        taxes = {rate: decimal(tax) for rate, tax in kept["taxes"].items()}
        numbers = {name: decimal(kept[name]) for name in ("pieces", "money", "net")}
        return cls(id=kept["id"], kind=LineKind(kept["kind"]), taxes=taxes, **numbers)


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a refund: so much money of a line, for so many pieces (0: for a sum of it)."""

    part: Part
    money: Decimal
    pieces: Decimal


def step_of(currency: str) -> Decimal:
    """The smallest sum of a currency: 0.01 for EUR, 1 for JPY."""
    return Decimal(1).scaleb(-decimals_of(currency))


# --- what is left ----------------------------------------------------------------------------------------------------


def left_of(row: wire.Order, earlier: Sequence[wire.Refund]) -> Decimal:
    """What is left to pay back of an order, in whole steps of its currency."""
    back = sum((decimal(each["amount"]) for each in earlier), Decimal(0))
    return (decimal(row["total"]) - back).quantize(step_of(row["currency"]), rounding=ROUND_FLOOR)


def parts_of(row: wire.Order, earlier: Sequence[wire.Refund]) -> list[Part]:
    """The lines of which something is left. Negative fees are discounts: they are no line to pay back."""
    back: dict[str, list[wire.Line]] = {}
    for each in earlier:
        for _, line in translate.lines_of(each):
            if (of := translate.order_line_of(line)) is not None:
                back.setdefault(of, []).append(line)
    found = [_left(kind, line, back.get(str(line["id"]), ())) for kind, line in translate.lines_of(row)]
    return _in_cents(found, left_of(row, earlier), step_of(row["currency"]))


def _left(kind: LineKind, line: wire.Line, back: Sequence[wire.Line]) -> Part:
    net, taxes = decimal(line["total"]), translate.taxes_of(line)
    if not taxes:
        net += decimal(line["total_tax"])
    pieces = decimal(line["quantity"]) if kind is LineKind.ITEM else Decimal(1)
    for done in back:  # the sums and pieces of refunds are negative
        net += decimal(done["total"])
        booked = translate.taxes_of(done)
        if not booked:
            net += decimal(done["total_tax"])
        for rate, tax in booked.items():
            taxes[rate] = taxes.get(rate, Decimal(0)) + tax
        if kind is LineKind.ITEM:
            pieces += decimal(done["quantity"])
    net, taxes = max(net, Decimal(0)), {rate: max(tax, Decimal(0)) for rate, tax in taxes.items()}
    if kind is not LineKind.ITEM and not any((net, *taxes.values())):
        pieces = Decimal(0)
    return Part(str(line["id"]), kind, max(pieces, Decimal(0)), Decimal(0), net, taxes)


def _in_cents(parts: Sequence[Part], left: Decimal, step: Decimal) -> list[Part]:
    """Each line's worth in whole steps of the currency.

    Where the lines come to what is left of the order but for rounding (at most a step for each sum that WooCommerce
    has rounded), they are made to come to it exactly. Where they do not, because sums were paid back without lines
    or a plugin changed the total, each line is rounded by itself and is worth at most what is left.
    """
    exact = [part.exact for part in parts]
    rounded = step * sum(1 + len(part.taxes) for part in parts)
    if left > 0 and parts and abs(sum(exact, Decimal(0)) - left) <= rounded:
        money = share(left, exact, step)
    else:
        money = [max(min(each.quantize(step, rounding=ROUND_HALF_UP), left), Decimal(0)) for each in exact]
    return [
        Part(part.id, part.kind, part.pieces, worth, part.net, part.taxes)
        for part, worth in zip(parts, money, strict=True)
        if worth > 0 or part.pieces > 0
    ]


def share(amount: Decimal, weights: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """An amount cut by weights into whole steps that add up to it; what is over goes to the largest fractions.

    Without any weight the first one gets all of it.
    """
    steps, whole = Fraction(amount) / Fraction(step), sum(map(Fraction, weights))
    if whole == 0:
        return [amount, *([Decimal(0)] * (len(weights) - 1))]
    exact = [steps * Fraction(weight) / whole for weight in weights]
    cut = [each.__floor__() for each in exact]
    over = int(steps) - sum(cut)
    for index in sorted(range(len(cut)), key=lambda n: (cut[n] - exact[n], n))[:over]:
        cut[index] += 1
    return [each * step for each in cut]


# --- cutting a wish --------------------------------------------------------------------------------------------------


def slices_for(parts: Sequence[Part], most: Money, amount: Money | None, lines: Sequence[LineQuantity]) -> list[Slice]:
    """The slices of a refund by lines, or of all that is left. None for a bare sum, which WooCommerce books without
    lines, and where all that is left is not what the lines come to."""
    if lines:
        return [_slice(parts, line, most.currency) for line in lines]
    if amount is not None or sum((part.money for part in parts), Decimal(0)) != most.amount:
        return []
    return [Slice(part, part.money, _pieces(part, part.pieces)) for part in parts]


def _pieces(part: Part, pieces: Decimal) -> Decimal:
    """Pieces are of items: WooCommerce's shipping and fees are refunded with a quantity of 0."""
    return pieces if part.kind is LineKind.ITEM else Decimal(0)


def _slice(parts: Sequence[Part], line: LineQuantity, currency: str) -> Slice:
    part = next((part for part in parts if part.id == line.id), None)
    if part is None:
        raise BadInput(f"There is nothing left to pay back of line {line.id!r}.", field="lines")
    if line.amount is not None:
        if line.amount > Money(amount=part.money, currency=currency):
            raise NotAllowedNow(f"{line.amount} is more than is left of line {line.id}: {part.money} {currency}.")
        return Slice(part, line.amount.amount, _pieces(part, line.quantity or Decimal(0)))
    pieces = part.pieces if line.quantity is None else line.quantity
    if pieces > part.pieces:
        raise NotAllowedNow(f"Line {line.id} has {part.pieces} left to pay back, not {pieces}.")
    if pieces == part.pieces:
        return Slice(part, part.money, _pieces(part, pieces))
    if part.kind is not LineKind.ITEM:
        raise BadInput(f"Line {line.id!r} has no pieces: give an amount, or all of it.", field="lines")
    money = (part.money * pieces / part.pieces).quantize(step_of(currency), rounding=ROUND_HALF_UP)
    return Slice(part, money, pieces)


def wire_lines(slices: Sequence[Slice], currency: str) -> list[dict[str, Any]]:
    """The slices as WooCommerce's request names them: net and taxes apart, in whole steps that add up.

    Every line has its id: if one lacked it, WooCommerce would ignore all of them. A tax has the id of its rate.
    """
    step = step_of(currency)
    lines = []
    for each in slices:
        net, *taxes = share(each.money, [each.part.net, *each.part.taxes.values()], step)
        line: dict[str, Any] = {"id": int(each.part.id), "quantity": _number(each.pieces), "refund_total": str(net)}
        if taxes:
            rates = zip(each.part.taxes, taxes, strict=True)
            line["refund_tax"] = [{"id": int(rate), "refund_total": str(tax)} for rate, tax in rates]
        lines.append(line)
    return lines


def _number(pieces: Decimal) -> int | Decimal:
    return int(pieces) if pieces == pieces.to_integral_value() else pieces
