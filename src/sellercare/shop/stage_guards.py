"""Our own guards over money: servers book nonsense (zero, fractions of a cent, more than was paid) if asked."""

from __future__ import annotations

from decimal import Decimal

from sellercare.errors import BadInput, NotAllowedNow
from sellercare.models import CancelOrder, Decision, Granularity, IssueRefund, LineQuantity, Money, RefundOption
from sellercare.models.refunds import RefundLine
from sellercare.shop.draft import Draft

_TOO_MUCH = Decimal(10) ** 14
"""From here on the limits on money could not add it up: they count in ten-thousandths, in 64 bits."""


def guards(draft: Draft) -> None:
    """Raise BadInput or NotAllowedNow for an amount that may not move; fill in the sum that would."""
    command = draft.command
    if isinstance(command, Decision) and command.amount is not None:
        check_amount(command.amount, "amount")
    if isinstance(command, CancelOrder | Decision | IssueRefund):
        _lines(command.lines)
    if isinstance(command, IssueRefund):
        _refund(draft, command)


def _lines(lines: tuple[LineQuantity, ...]) -> None:
    """A line named twice would be paid back twice, and each time be small enough."""
    seen: set[str] = set()
    for line in lines:
        if line.id in seen:
            raise BadInput(f"Line {line.id} is named twice.", field="lines", next_step="Add its pieces up in one.")
        seen.add(line.id)
        if line.amount is not None:
            check_amount(line.amount, "lines")


def check_amount(money: Money, field: str) -> None:
    """Raise BadInput for a sum that is not positive, not in a currency, or finer than its currency."""
    if money.amount <= 0:
        raise BadInput(f"{money.amount} is not an amount to pay: it must be more than zero.", field=field)
    if money.amount >= _TOO_MUCH:
        raise BadInput("That is more than any order comes to.", field=field)
    try:
        exact = money.is_exact
    except ValueError as error:
        raise BadInput(f"{error}.", field=field) from None
    if not exact:
        raise BadInput(f"{money.amount} has more decimals than {money.currency} has.", field=field)


def _refund(draft: Draft, command: IssueRefund) -> None:
    if command.amount is not None:
        check_amount(command.amount, "amount")
        if command.lines:
            raise BadInput("Give an amount or lines, not both.", field="amount")
        draft.money = command.amount
    option = command.option
    if option is None:
        return
    if command.lines:
        draft.money = _sum_of(command.lines, option)
    elif command.amount is None:
        draft.money = option.most
    if draft.money is not None:
        _within(draft.money, option)
    if command.amount is not None and Granularity.AMOUNT not in option.granularity:
        _only_whole(command.amount, option)
    if command.lines and Granularity.LINES not in option.granularity:
        _no_lines(option)
    _reason_and_note(command, option)


def _same_currency(money: Money, option: RefundOption, field: str, what: str) -> None:
    if money.currency != option.most.currency:
        raise BadInput(f"{what} is in {money.currency}; this is paid back in {option.most.currency}.", field=field)


def _within(money: Money, option: RefundOption) -> None:
    _same_currency(money, option, "amount", "The amount")
    if money > option.most:
        raise NotAllowedNow(
            f"{money} is more than can be paid back here: at most {option.most} ({option.title}).",
            next_step="Lower the amount, or look at `refunds quote` for other ways.",
        )
    if option.least is not None and money < option.least:
        raise NotAllowedNow(f"{money} is less than the platform pays back: at least {option.least}.")


def _only_whole(amount: Money, option: RefundOption) -> None:
    if Granularity.LINES in option.granularity:
        raise BadInput(
            "The platform pays back whole lines here, not an amount.", field="amount", next_step="Name lines instead."
        )
    if amount != option.most:
        raise BadInput(f"The platform pays back all of it ({option.most}) or nothing here.", field="amount")


def _no_lines(option: RefundOption) -> None:
    if Granularity.AMOUNT in option.granularity:
        says = f"The platform pays back a sum here ({option.title}), not lines."
        raise BadInput(says, field="lines", next_step="Name an amount.")
    raise BadInput(f"The platform pays back all of it ({option.most}) or nothing here.", field="lines")


def _reason_and_note(command: IssueRefund, option: RefundOption) -> None:
    codes = [reason.code for reason in option.reasons]
    if command.reason is None and option.reason_required:
        raise BadInput("The platform wants a reason.", field="reason", next_step=f"Choose one: {', '.join(codes)}.")
    if command.reason is not None and not option.any_reason and command.reason not in codes:
        choose = f"Choose one: {', '.join(codes)}." if codes else f"There are none for this way ({option.title})."
        raise BadInput(f"{command.reason!r} is no reason here.", field="reason", next_step=choose)
    if option.note_max_length is not None and len(command.note or "") > option.note_max_length:
        raise BadInput(
            f"The note has {len(command.note or '')} characters; the platform takes {option.note_max_length}.",
            field="note",
        )


def _sum_of(lines: tuple[LineQuantity, ...], option: RefundOption) -> Money | None:
    """What the named lines come to, where the option tells their amounts; None where only the platform knows."""
    known = {line.order_line_id: line for line in option.lines}
    total = Decimal(0)
    for line in lines:
        if line.amount is not None:
            _same_currency(line.amount, option, "lines", f"Line {line.id}")
        if known and line.id not in known:
            raise BadInput(
                f"There is no line {line.id!r} to pay back.",
                field="lines",
                next_step=f"Lines that can be: {', '.join(str(each) for each in known)}.",
            )
        part = _part_of(line, known.get(line.id))
        if part is None:
            return None
        total += part
    return Money(amount=total, currency=option.most.currency)


def _part_of(line: LineQuantity, offered: RefundLine | None) -> Decimal | None:
    if line.amount is not None:
        return line.amount.amount
    if offered is None or offered.amount is None:
        return None
    if line.quantity is None or offered.quantity is None:
        return offered.amount.amount
    if line.quantity > offered.quantity:
        raise NotAllowedNow(f"Line {line.id} has {offered.quantity} left to pay back, not {line.quantity}.")
    return offered.amount.amount * line.quantity / offered.quantity
