"""What a plan's money comes to against the seller's limits, before any of it moves.

Nothing is refused here. While a plan is applied each row takes its room in the limits in one transaction with its
intent; this adds the rows up in the order of the file, one account and currency at a time, and says where they would
come to an end. Several workers take rows nearly in that order, and a refusal gives room back, so it is a forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from sellercare.bulk.plan import KINDS
from sellercare.bulk.prepared import NOT_ASKED, Wishes, verb_of
from sellercare.models import Money
from sellercare.store import Store
from sellercare.store.jobs import BATCH, Job, JobRow, RowState
from sellercare.store.limits import WHAT, Limits


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the rows of one account that are ready would put at stake in one currency.

    That is all that may move, now or once a buyer accepts. `limit` (refund, run or day) is the first limit that a row
    meets, `most` what it allows, `taken` what other writes of this run or day have taken of it: what was confirmed,
    what was offered, and what is under way or of unknown outcome. From the line `first_line` of the file on, `waiting`
    rows with `waiting_money` will wait for an approval.
    """

    account: str
    money: Money
    rows: int
    limit: str = ""
    most: Money | None = None
    taken: Money | None = None
    first_line: int | None = None
    waiting: int = 0
    waiting_money: Money | None = None

    def plain(self) -> dict[str, Any]:
        """As one JSON object."""
        return {
            "account": self.account,
            "currency": self.money.currency,
            "money": self.money.plain(),
            "rows": self.rows,
            "limit": self.limit or None,
            "most": self.most.plain() if self.most else None,
            "taken": self.taken.plain() if self.taken else None,
            "first_line": self.first_line,
            "waiting": self.waiting,
            "waiting_money": self.waiting_money.plain() if self.waiting_money else None,
        }


@dataclass(frozen=True, slots=True)
class Foresight:
    """All of a plan. `untold` rows may move money of which only the platform knows how much: nobody has asked it.

    `limited` tells whether any limit holds for the accounts of the plan.
    """

    sums: tuple[Foreseen, ...] = ()
    untold: int = 0
    limited: bool = False

    def plain(self) -> dict[str, Any]:
        """As a part of a JSON object."""
        return {"at_stake": [each.plain() for each in self.sums], "untold": self.untold}


@dataclass(slots=True)
class _Room:
    """The room of one account in one currency, as the rows take it."""

    limits: Limits
    taken: dict[str, Decimal]
    before: dict[str, Decimal] = field(init=False)
    money: Decimal = Decimal(0)
    rows: int = 0
    limit: str = ""
    first_line: int | None = None
    waiting: int = 0
    waiting_money: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self.before = dict(self.taken)

    def add(self, row: JobRow, money: Money, *, counted: bool, approved: bool) -> None:
        """One more row. `counted`: its money is in `taken` already; `approved`: no limit holds it."""
        self.money += money.amount
        self.rows += 1
        if counted:
            return
        limit = "" if approved else self._met(money)
        if not limit:
            for name in self.taken:
                self.taken[name] += money.amount
            return
        self.limit = self.limit or limit
        self.first_line = self.first_line or row.line
        self.waiting += 1
        self.waiting_money += money.amount

    def _met(self, money: Money) -> str:
        """The limit that this would be above, in the order in which they are looked at when it is sent."""
        for name in WHAT:
            most = getattr(self.limits, name)
            taken = self.taken.get(name, Decimal(0))
            if most and taken + money.amount > most.get(money.currency, Decimal(0)):
                return name
        return ""

    def foreseen(self, account: str, currency: str) -> Foreseen:
        """What was found."""

        def money(amount: Decimal) -> Money:
            return Money(amount=amount, currency=currency)

        if not self.limit:
            return Foreseen(account, money(self.money), self.rows)
        return Foreseen(
            account,
            money(self.money),
            self.rows,
            self.limit,
            money(getattr(self.limits, self.limit).get(currency, Decimal(0))),
            money(self.before.get(self.limit, Decimal(0))),
            self.first_line,
            self.waiting,
            money(self.waiting_money),
        )


def foresee(store: Store, job: Job, limits_of: Callable[[str], Limits]) -> Foresight:
    """Add up what the rows of a job that are ready would put at stake, against the limits that hold for them.

    `limits_of` tells an account's own limits; those of the plan hold beside them. Memory is that of the accounts and
    currencies, not of the rows.
    """
    kind, wishes = KINDS[job.verb], Wishes.of(job)
    if "amount" not in kind.columns:
        return Foresight()  # nothing that these rows can say moves money
    rooms: dict[tuple[str, str], _Room] = {}
    limits: dict[str, Limits] = {}
    untold = 0
    for batch in _batches(store.jobs.rows(job.id, RowState.READY)):
        names = {row.n: (row.account, verb_of(kind, row.content), row.key or "") for row in batch}
        counted = store.stakes.counting(names.values())
        approved = store.stakes.approved(names.values())
        for row in batch:
            if row.account not in limits:
                limits[row.account] = limits_of(row.account).with_stricter(wishes.limits)
            money = stake_of(row)
            if money is None:
                untold += _not_asked(row)
                continue
            at = (row.account, money.currency)
            if at not in rooms:
                taken = store.stakes.taken(row.account, money.currency, wishes.run or job.id)
                rooms[at] = _Room(limits[row.account], taken)
            let_go = row.approved_by is not None or names[row.n] in approved
            rooms[at].add(row, money, counted=names[row.n] in counted, approved=let_go)
    sums = (room.foreseen(account, currency) for (account, currency), room in sorted(rooms.items()))
    return Foresight(tuple(sums), untold, any(limits.values()))


def _batches(rows: Iterator[JobRow]) -> Iterator[list[JobRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def stake_of(row: JobRow) -> Money | None:
    """The most that a row may move; None where it moves nothing, or nobody can tell."""
    said = row.content.get("stake") if isinstance(row.content, dict) else None
    if said is None:
        return Money(amount=row.amount, currency=row.currency) if row.amount is not None and row.currency else None
    if said in ("", NOT_ASKED):
        return None
    amount, currency = said.split(" ")
    return Money(amount=Decimal(amount), currency=currency)


def _not_asked(row: JobRow) -> bool:
    return isinstance(row.content, dict) and row.content.get("stake") == NOT_ASKED


__all__ = ["Foreseen", "Foresight", "foresee", "stake_of"]
