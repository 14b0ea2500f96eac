"""What an order's items cost, and an amount to pay back cut into the components that Amazon's feed wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sellercare.errors import BadInput
from sellercare.models import LineKind, LineQuantity, Money, RefundLine, RefundOption, decimals_of
from sellercare.translation import decimal
from sellercare_adapters.amazon import ids, wire

COMPONENTS = {
    "ITEM": ("Principal", "Tax"),
    "SHIPPING": ("Shipping", "ShippingTax"),
    "GIFT_WRAP": ("GiftWrap", "GiftWrapTax"),
    "COD_FEE": ("COD", "CODTax"),
    "OTHER": ("Other", ""),
}
"""By part of the proceeds: the feed's component, and that of its tax."""

_NO_TAX_APART = ("JP",)
"""Where a tax component is refused and the price holds the tax (#1372)."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an item that was paid: all of it, and the tax within. Amounts in the order's currency."""

    line_id: str
    kind: LineKind
    total: Decimal
    tax: Decimal
    quantity: Decimal | None = None


def parts_of(row: wire.Order) -> list[Part]:
    """The parts of all items: the goods of each, then shipping, wrapping and the like. Nothing that cost nothing."""
    found = [part for item in row["orderItems"] for part in _of_item(item)]
    goods = [part for part in found if part.kind is LineKind.ITEM]
    return goods + [part for part in found if part.kind is not LineKind.ITEM]


def currency_of(row: wire.Order) -> str | None:
    """The order's currency; None where Amazon tells no amounts (an order that is not paid yet)."""
    total = (row.get("proceeds") or {}).get("grandTotal")
    if total:
        return str(total["currencyCode"])
    for item in row["orderItems"]:
        total = (item.get("proceeds") or {}).get("proceedsTotal")
        if total:
            return str(total["currencyCode"])
    return None


def _of_item(item: wire.OrderItem) -> Iterable[Part]:
    """What the other parts leave of an item's total is the goods': discounts are in it whatever their sign."""
    proceeds = item.get("proceeds") or {}
    if "proceedsTotal" not in proceeds:
        return
    left = decimal(proceeds["proceedsTotal"]["amount"])
    by_type = {each["type"]: each for each in proceeds.get("breakdowns") or ()}
    taxes, discounts = _detailed(by_type.get("TAX")), _detailed(by_type.get("DISCOUNT"))
    tax_left = decimal(by_type["TAX"]["subtotal"]["amount"]) if "TAX" in by_type else _ZERO
    extra = []
    for name, kind in ids.EXTRA_KINDS.items():
        if name not in by_type:
            continue
        tax = taxes.get(name, _ZERO)
        total = decimal(by_type[name]["subtotal"]["amount"]) + tax - abs(discounts.get(name, _ZERO))
        left, tax_left = left - total, tax_left - tax
        if total > 0:
            extra.append(Part(ids.line_of(item["orderItemId"], name), kind, total, min(tax, total)))
    if left > 0:
        quantity = decimal(item["quantityOrdered"])
        tax = min(max(tax_left, _ZERO), left)
        yield Part(item["orderItemId"], LineKind.ITEM, left, tax, quantity or None)
    yield from extra


def _detailed(breakdown: Mapping[str, Any] | None) -> dict[str, Decimal]:
    details = (breakdown or {}).get("detailedBreakdowns") or ()
    return {each["subtype"]: decimal(each["value"]["amount"]) for each in details if "subtype" in each}


def as_line(part: Part, currency: str) -> RefundLine:
    """A part as a refund option shows it."""
    amount = Money(amount=part.total, currency=currency)
    return RefundLine(kind=part.kind, order_line_id=part.line_id, quantity=part.quantity, amount=amount)


def shares(option: RefundOption, amount: Money | None, lines: Sequence[LineQuantity]) -> list[RefundLine]:
    """The lines of a refund with their sums: those that were named, or all in their order until the amount is used up.

    Raises BadInput where an amount is more than the lines hold.
    """
    known = {line.order_line_id: line for line in option.lines}
    if lines:
        return [_share(each, known.get(each.id), option.most.currency) for each in lines]
    left = (amount or option.most).amount
    found = []
    for line in option.lines:
        sum_ = min(left, line.amount.amount) if line.amount else _ZERO
        if sum_ > 0:
            found.append(line.model_copy(update={"amount": Money(amount=sum_, currency=option.most.currency)}))
            left -= sum_
    if left > 0:
        raise BadInput(f"{left} {option.most.currency} is more than the order's lines hold.", field="amount")
    return found


def _share(wanted: LineQuantity, line: RefundLine | None, currency: str) -> RefundLine:
    if line is None or line.amount is None:
        raise BadInput(f"The order has no line {wanted.id!r} to pay back.", field="lines")
    amount = line.amount.amount
    if wanted.amount is not None:
        amount = wanted.amount.amount
    elif wanted.quantity is not None and line.quantity:
        amount = rounded(amount * wanted.quantity / line.quantity, currency)
    if amount > line.amount.amount:
        raise BadInput(f"Line {wanted.id} cost {line.amount}, less than {amount} {currency}.", field="lines")
    quantity = wanted.quantity or (line.quantity if wanted.amount is None else None)
    return line.model_copy(update={"amount": Money(amount=amount, currency=currency), "quantity": quantity})


def components(line: RefundLine, tax_of_all: Decimal, total_of_all: Decimal, site: str) -> list[tuple[str, Decimal]]:
    """A line's sum as components: its tax is the share that the whole line's tax had."""
    assert line.amount is not None
    base, tax_name = COMPONENTS[ids.part_of(line.order_line_id or "")[1]]
    sum_ = line.amount.amount
    tax = _ZERO
    if tax_of_all > 0 and tax_name and site not in _NO_TAX_APART:
        tax = rounded(sum_ * tax_of_all / total_of_all, line.amount.currency)
    return [(name, part) for name, part in ((base, sum_ - tax), (tax_name, tax)) if part > 0]


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the smallest coin of the currency, halves up."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)), ROUND_HALF_UP)
