"""Decisions about returns out of rows: approve, decline, receive, offer. Those that may move money need a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sellercare.bulk.columns import Asked, BadRow, Cells, Draft, Patterns
from sellercare.bulk.files import RawRow, normal
from sellercare.bulk.prepared import Wishes
from sellercare.bulk.whole import Wanted, Whole, made_key, wanted_once
from sellercare.errors import BadInput
from sellercare.models import Decision, LineQuantity, Model, Money
from sellercare.support import MovesMoney

if TYPE_CHECKING:
    from sellercare.shop import Shop

DECISIONS = ("approve", "decline", "receive", "offer")
"""What a row may decide. To contest wants evidence, which a row has no place for."""


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision as the row asks for it."""

    line: int
    account: str
    return_id: str
    decision: str
    variant: str
    lines: tuple[LineQuantity, ...]
    reason: str
    note: str
    amount: Money | None
    key: str


def decision_key(run: str, verb: str, command: Decision) -> str:
    """The key of a decision without one: made of what it says."""
    return made_key(run or "decision", [verb, command.model_dump(mode="json", exclude_defaults=True)])


class Decisions(Whole):
    """`returns.approve`, `decline`, `receive` and `offer` in bulk, mixed in one file."""

    name = "returns.decide"
    noun = "decision"
    command: type[Model] = Decision
    columns = (
        "account",
        "return_id",
        "decision",
        "variant",
        "lines",
        "reason",
        "note",
        "amount",
        "currency",
        "key",
    )

    def missing(self, columns: frozenset[str], asked: Asked) -> str:
        """Which return, and what is decided."""
        absent = [column for column in ("return_id", "decision") if column not in columns]
        if absent:
            return absent[0]
        return "currency" if "amount" in columns and "currency" not in columns else ""

    def read(self, row: RawRow, asked: Asked, patterns: Patterns) -> Draft:
        """The decision that a row asks for."""
        cells = Cells(row, asked)
        return_id = cells.id("return_id", patterns(cells.account).get("return_id", ""))
        if not return_id:
            raise BadRow("return_id is empty")
        decision = normal(cells.text("decision"))
        if decision not in DECISIONS:
            said = f"is {decision!r}" if decision else "is empty"
            raise BadRow(f"decision {said}; it may be {', '.join(DECISIONS)}")
        return DecisionDraft(
            line=row.line,
            account=cells.account,
            return_id=return_id,
            decision=decision,
            variant=cells.word("variant"),
            lines=cells.lines(),
            reason=cells.word("reason"),
            note=cells.word("note"),
            amount=cells.money(),
            key=cells.key(),
        )

    def wanted(self, shop: Shop, draft: DecisionDraft, wishes: Wishes) -> Wanted:
        """The decision. Where it may move money, its key is the row's own or the run's."""
        verb = f"returns.{draft.decision}"
        command = Decision(
            return_id=draft.return_id,
            variant=draft.variant or None,
            lines=draft.lines,
            reason=draft.reason or None,
            note=draft.note or None,
            amount=draft.amount,
        )
        contract = shop.adapter.supports[verb].contract
        if not draft.key and not wishes.run and contract is not None and contract.money is not MovesMoney.NO:
            raise BadInput(
                f"key is empty; {draft.decision} may move money at {shop.adapter.title}, so it needs one.",
                field="key",
                next_step="Fill it in, or give the run a name with --run.",
            )
        if draft.key:
            return Wanted(verb, command, draft.key)
        return wanted_once(shop, verb, command, lambda asked: decision_key(wishes.run, verb, asked))

    def named(self, command: Decision) -> tuple[str, str]:
        """The return."""
        return "return_id", command.return_id


__all__ = ["DECISIONS", "DecisionDraft", "Decisions"]
