"""The seller's own limits on money: for one write, one run, one day."""

from __future__ import annotations

from decimal import Decimal

from sellercare.models import CancelOrder, Decision, IssueRefund, Money
from sellercare.shop.draft import Draft
from sellercare.store.stakes import Stake
from sellercare.support import MovesMoney


def limits(draft: Draft) -> None:
    """Find out what is at stake, and note in `above` the limit that it is above.

    This is a look. Room in the limits is taken by `record`, in the transaction that writes the intent, where what is
    above raises AboveLimit. With `approved_by` the approval is kept first.
    """
    draft.may_move = _moves(draft)
    if not draft.may_move:
        return
    money = _at_stake(draft)
    if draft.offline and money is None:
        return  # only the platform knows; it is asked before anything is sent
    draft.stake = Stake(
        draft.shop.account_name, draft.name, draft.key, draft.fingerprint, money, draft.limits, draft.run
    )
    stakes = draft.shop.store.stakes
    draft.above = stakes.above(draft.stake)
    if draft.above is not None and draft.approved_by:
        stakes.approve(draft.stake, draft.approved_by)
        draft.above = None


def _moves(draft: Draft) -> bool:
    """Whether money may move, now or later: what the platform says of this one thing goes before its contract."""
    if draft.verb.money:
        return True
    return (draft.contract.money if draft.moves is None else draft.moves) is not MovesMoney.NO


def _at_stake(draft: Draft) -> Money | None:
    """The most that may move; None where that cannot be told."""
    command = draft.command
    if draft.money is not None:
        return draft.money
    if isinstance(command, CancelOrder):
        return _of_order(draft, command)
    if isinstance(command, IssueRefund):
        return command.option.most if command.option else command.amount
    if isinstance(command, Decision) and command.amount is not None:
        return command.amount
    return draft.at_stake


def _of_order(draft: Draft, command: CancelOrder) -> Money | None:
    """What a cancellation may pay back at most: the order's money that is not back yet.

    It costs a read, so it is only asked where there are limits, and where looking changes nothing at the platform. A
    platform that tells a total and what was paid may pay back either: the greater one counts.
    """
    look = draft.shop.adapter.supports["orders.get"]
    if draft.offline or not draft.limits or not look.offered or look.changes:
        return None
    order = draft.shop.adapter.orders.get(draft.context, command.order_id)
    sums = [each for each in (order.total, order.paid) if each is not None]
    if not sums or len({each.currency for each in (*sums, order.refunded or sums[0])}) > 1:
        return None
    most = max(sums)
    left = most if order.refunded is None else most - order.refunded
    return max(left, Money(amount=Decimal(0), currency=most.currency))
