"""Refunds out of rows: money moves only under a key that names this one refund."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sellercare.bulk.columns import Draft, RefundDraft
from sellercare.bulk.prepared import Prepared, Wishes, check_unasked, known_state
from sellercare.calls import to_json
from sellercare.errors import BadInput, NotFound
from sellercare.models import IssueRefund, Model
from sellercare.store.jobs import JobRow, RowState

if TYPE_CHECKING:
    from sellercare.shop import Checked, Shop


def refund_key(run: str, command: IssueRefund) -> str:
    """The key of a refund in a named run: made of what is paid back, how much, and the note.

    Two equal refunds in one run are one refund; a different note makes them two.
    """
    asked = command.model_dump(mode="json", include={"order_id", "return_id", "amount", "lines", "note"})
    return f"{run}-{hashlib.sha256(to_json([asked[name] for name in sorted(asked)])).hexdigest()[:40]}"


class Refunds:
    """`refunds.issue` in bulk."""

    verb = "refunds.issue"
    noun = "refund"
    command: type[Model] = IssueRefund

    def sketch(self, shop: Shop, draft: Draft, wishes: Wishes) -> Prepared:
        """Plan without a call: whether so much is left to pay back is asked when the row is applied."""
        assert isinstance(draft, RefundDraft)
        command = _command(draft)
        money = check_unasked(shop, self.verb, command) or draft.amount
        key = draft.key or refund_key(wishes.run, command)
        return Prepared(command.target, key, RowState.READY, _kept(command), money=money)

    def prepare(self, shop: Shop, draft: Draft, wishes: Wishes) -> Prepared:
        """Plan with a quote: there must be one way to pay it back, and so much left."""
        assert isinstance(draft, RefundDraft)
        command = _command(draft)
        key = draft.key or refund_key(wishes.run, command)
        checked = self._checked(shop, command, key)
        state, note = known_state(checked.known)
        money = checked.money or draft.amount
        return Prepared(command.target, key, state, _kept(command), note, money, checked.consequences)

    def draft(self, row: JobRow) -> Draft:
        """A refund is never left as a draft: what a row says is the whole command."""
        raise AssertionError("a refund is planned as a command")

    def whole(self, row: JobRow) -> Model | None:
        """The refund: what a row says is the whole command."""
        return IssueRefund.model_validate(row.content["command"])

    def _checked(self, shop: Shop, command: IssueRefund, key: str) -> Checked:
        try:
            return shop.check(self.verb, command, key=key)
        except NotFound:
            what = f"order {command.order_id!r}" if command.order_id else f"return {command.return_id!r}"
            raise BadInput(
                f"There is no {what} at {shop.adapter.title} for the account {shop.account_name!r}.",
                field="order_id" if command.order_id else "return_id",
            ) from None


def _kept(command: IssueRefund) -> dict[str, Any]:
    return {"command": command.model_dump(mode="json", exclude_defaults=True)}


def _command(draft: RefundDraft) -> IssueRefund:
    return IssueRefund(
        order_id=draft.order_id or None,
        return_id=draft.return_id or None,
        option_id=draft.option or None,
        amount=draft.amount,
        lines=draft.lines,
        reason=draft.reason or None,
        note=draft.note or None,
    )


__all__ = ["Refunds", "refund_key"]
