"""Refunds out of rows: money moves only under a key that names this one refund."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sellercare.bulk.columns import Asked, BadRow, Cells, Draft, Patterns
from sellercare.bulk.files import RawRow
from sellercare.bulk.prepared import Wishes
from sellercare.bulk.whole import Wanted, Whole, made_key, wanted_once
from sellercare.models import IssueRefund, LineQuantity, Model, Money

if TYPE_CHECKING:
    from sellercare.shop import Shop

NO_KEY = "key (or the option --run NAME, which makes keys)"


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """A refund as the row asks for it."""

    line: int
    account: str
    order_id: str
    return_id: str
    amount: Money | None
    lines: tuple[LineQuantity, ...]
    option: str
    reason: str
    note: str
    key: str


def refund_key(run: str, command: IssueRefund) -> str:
    """The key of a refund in a named run: made of what is paid back, how much, and the note.

    Two equal refunds in one run are one refund; a different note makes them two. How an amount is written does not.
    """
    asked = command.model_dump(mode="json", include={"order_id", "return_id", "amount", "lines", "note"})
    return made_key(run, [asked[name] for name in sorted(asked)])


class Refunds(Whole):
    """`refunds.issue` in bulk."""

    name = "refunds.issue"
    noun = "refund"
    command: type[Model] = IssueRefund
    columns = (
        "account",
        "order_id",
        "return_id",
        "amount",
        "currency",
        "lines",
        "option",
        "reason",
        "note",
        "key",
    )

    def missing(self, columns: frozenset[str], asked: Asked) -> str:
        """What it is for, how much, and a key or a run."""
        if not columns & {"order_id", "return_id"}:
            return "order_id or return_id"
        if not columns & {"amount", "lines"}:
            return "amount or lines"
        if "amount" in columns and "currency" not in columns:
            return "currency"
        return "" if asked.run or "key" in columns else NO_KEY

    def read(self, row: RawRow, asked: Asked, patterns: Patterns) -> Draft:
        """The refund that a row asks for."""
        cells = Cells(row, asked)
        forms = patterns(cells.account)
        order_id = cells.id("order_id", forms.get("order_id", ""))
        return_id = cells.id("return_id", forms.get("return_id", ""))
        if bool(order_id) == bool(return_id):
            raise BadRow("fill in either order_id or return_id" + (", not both" if order_id else ""))
        lines, amount = cells.lines(), cells.money()
        if (amount is None) == (not lines):
            raise BadRow("fill in either amount and currency, or lines" + (", not both" if lines else ""))
        key = cells.key()
        if not key and not asked.run:
            raise BadRow("key is empty; a refund needs one, or give the run a name with --run")
        return RefundDraft(
            line=row.line,
            account=cells.account,
            order_id=order_id,
            return_id=return_id,
            amount=amount,
            lines=lines,
            option=cells.word("option"),
            reason=cells.word("reason"),
            note=cells.word("note"),
            key=key,
        )

    def wanted(self, shop: Shop, draft: RefundDraft, wishes: Wishes) -> Wanted:
        """The refund, under the row's key or the run's."""
        command = IssueRefund(
            order_id=draft.order_id or None,
            return_id=draft.return_id or None,
            option_id=draft.option or None,
            amount=draft.amount,
            lines=draft.lines,
            reason=draft.reason or None,
            note=draft.note or None,
        )
        if draft.key:
            return Wanted(self.name, command, draft.key)
        return wanted_once(shop, self.name, command, lambda asked: refund_key(wishes.run, asked))

    def named(self, command: IssueRefund) -> tuple[str, str]:
        """The order, or the return."""
        return ("order_id", command.order_id) if command.order_id else ("return_id", command.return_id or "")


__all__ = ["NO_KEY", "RefundDraft", "Refunds", "refund_key"]
