"""What writes move, or may move later, counted against limits in the transaction that records the write.

An intent counts from the moment it is recorded until it is refused or its settlement has failed: one that is under
way, whose outcome is unknown, or that was only offered to a buyer counts in full. Amounts are whole numbers, in
ten-thousandths of their currency, so that a database adds them up exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, delete, func, insert, select, update

from sellercare.errors import AboveLimit
from sellercare.models import Money
from sellercare.store.limits import WHAT, Limits
from sellercare.store.records import IntentState
from sellercare.store.schema import approvals, intents, stakes, steps

if TYPE_CHECKING:
    from sellercare.store.engine import Store

Name = tuple[str, str, str]
"""A write by its account, verb and key."""

_UNIT = Decimal(10000)
_COUNTS = and_(intents.c.state != IntentState.REFUSED.value, intents.c.settlement != "failed")
_NEXT = "It waits for an approval: `sellercare jobs approve`, `--approve`, or `approved_by=` in a program."


@dataclass(frozen=True, slots=True)
class Stake:
    """One write's money, for the limits. `money` is the most that may move; None where that cannot be told."""

    account: str
    verb: str
    key: str
    fingerprint: str
    money: Money | None
    limits: Limits
    run: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who let a write go above a limit, and when (UTC)."""

    who: str
    at: datetime


class Stakes:
    """Looking at limits, taking room in them, and letting a write go above."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def above(self, stake: Stake) -> AboveLimit | None:
        """The limit that this write would be above now, if there is one and nobody approved."""
        if not stake.limits:
            return None
        with self._store.reading() as db:
            return self._above(db, stake, "")

    def take(self, stake: Stake) -> Callable[[Connection, Row[Any], bool], None]:
        """For `Intents.begin`: take room for an intent, or raise AboveLimit, in the transaction that records it."""

        def within(db: Connection, intent: Row[Any], new: bool) -> None:
            undecided = new or intent.state in (IntentState.READY.value, IntentState.REFUSED.value)
            if not undecided or intent.fingerprint != stake.fingerprint:
                return
            if stake.limits and (above := self._above(db, stake, intent.id)) is not None:
                raise above
            if new or not _under_way(db, intent):
                self._put(db, intent, stake)

        return within

    def approve(self, stake: Stake, who: str) -> None:
        """Let this write go above the limits, once its content and amount are still these."""
        mine = _same(stake)
        values = {
            "fingerprint": stake.fingerprint,
            "currency": stake.money.currency if stake.money else None,
            "amount": _units(stake.money) if stake.money else None,
            "who": who[:200],
            "approved_at": self._now(),
        }
        with self._store.transaction() as db:
            if db.execute(update(approvals).where(mine).values(values)).rowcount == 0:
                named = {"account": stake.account, "verb": stake.verb, "key": stake.key}
                db.execute(insert(approvals).values(named | values))

    def approval(self, stake: Stake) -> Approval | None:
        """Who approved this write, if somebody did."""
        with self._store.reading() as db:
            return self._approval(db, stake)

    def since(self, account: str, target: str, currency: str, moment: datetime) -> Decimal:
        """What our own writes about a target have taken in a currency since a moment."""
        where = and_(
            stakes.c.account == account,
            stakes.c.currency == currency,
            stakes.c.counted_at >= moment.timestamp(),
            intents.c.target == target,
            _COUNTS,
        )
        joined = stakes.join(intents, intents.c.id == stakes.c.intent_id)
        with self._store.reading() as db:
            total = db.execute(select(func.sum(stakes.c.amount)).select_from(joined).where(where)).scalar()
        return Decimal(int(total or 0)) / _UNIT

    def taken(self, account: str, currency: str, run: str) -> dict[str, Decimal]:
        """What has been taken of the limits on a run and on today, by an account in a currency."""
        with self._store.reading() as db:
            return {name: self._counted(db, account, currency, self._within(name, run)) for name in ("run", "day")}

    def counting(self, names: Iterable[Name]) -> Set[Name]:
        """Those of these writes that count already, whatever became of them. Asked once for all of them."""
        joined = stakes.join(intents, intents.c.id == stakes.c.intent_id)
        query = select(intents.c.key).select_from(joined).where(_COUNTS)
        return self._keys_of(names, query, intents)

    def approved(self, names: Iterable[Name]) -> Set[Name]:
        """Those of these writes that somebody let go above the limits, as they were then. Asked once for all."""
        return self._keys_of(names, select(approvals.c.key), approvals)

    def _keys_of(self, names: Iterable[Name], query: Select[Any], table: Table) -> Set[Name]:
        by_verb: dict[tuple[str, str], list[str]] = {}
        for account, verb, key in names:
            by_verb.setdefault((account, verb), []).append(key)
        found: set[Name] = set()
        with self._store.reading() as db:
            for (account, verb), keys in by_verb.items():
                mine = and_(table.c.account == account, table.c.verb == verb, table.c.key.in_(keys))
                found.update((account, verb, key) for key in db.execute(query.where(mine)).scalars())
        return found

    def _put(self, db: Connection, intent: Row[Any], stake: Stake) -> None:
        db.execute(delete(stakes).where(stakes.c.intent_id == intent.id))
        if stake.money is None:
            return
        values: dict[str, Any] = {"account": stake.account, "run": stake.run[:200], "currency": stake.money.currency}
        values |= {"intent_id": intent.id, "amount": _units(stake.money), "counted_at": self._now()}
        db.execute(insert(stakes).values(values))
        if intent.state == IntentState.REFUSED.value:
            # It is wanted again, so it counts again; nothing of the refused attempt is left.
            begun = select(steps.c.name).where(steps.c.intent_id == intent.id).exists()
            anew = and_(intents.c.id == intent.id, intents.c.owner.is_(None), ~begun)
            db.execute(update(intents).where(anew).values(state=IntentState.READY.value))

    def _above(self, db: Connection, stake: Stake, intent_id: str) -> AboveLimit | None:
        if self._approval(db, stake) is not None:
            return None
        money, limits = stake.money, stake.limits
        if money is None:
            text = "What this moves cannot be told before it is sent, and the account has limits."
            return AboveLimit(text, limit="refund", next_step=_NEXT)
        for name, what in WHAT.items():
            most: Mapping[str, Decimal] = getattr(limits, name)
            if not most or (name == "run" and not stake.run):
                continue
            if money.currency not in most:
                text = f"{money} is in a currency that the account's limit {what} does not name."
                return AboveLimit(text, limit=name, next_step=_NEXT)
            counts = name != "refund"
            before = (
                self._counted(db, stake.account, money.currency, self._within(name, stake.run), intent_id)
                if counts
                else Decimal(0)
            )
            if before + money.amount > most[money.currency]:
                bound = Money(amount=most[money.currency], currency=money.currency)
                already = f" on top of {Money(amount=before, currency=money.currency)}" if before else ""
                return AboveLimit(
                    f"{money}{already} is above the limit of {bound} {what}.", limit=name, next_step=_NEXT
                )
        return None

    def _within(self, limit: str, run: str) -> ColumnElement[bool]:
        """The writes that count against a limit: those of this run, or of today."""
        if limit == "run":
            return stakes.c.run == run[:200]
        today = self._store.clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return stakes.c.counted_at >= today.timestamp()

    def _counted(
        self, db: Connection, account: str, currency: str, within: ColumnElement[bool], intent_id: str = ""
    ) -> Decimal:
        """What other writes of the account have taken."""
        where = and_(
            stakes.c.account == account,
            stakes.c.currency == currency,
            within,
            stakes.c.intent_id != intent_id,
            _COUNTS,
        )
        joined = stakes.join(intents, intents.c.id == stakes.c.intent_id)
        total = db.execute(select(func.sum(stakes.c.amount)).select_from(joined).where(where)).scalar()
        return Decimal(int(total or 0)) / _UNIT

    def _approval(self, db: Connection, stake: Stake) -> Approval | None:
        found = db.execute(select(approvals).where(_same(stake))).one_or_none()
        if found is None or found.fingerprint != stake.fingerprint:
            return None
        if found.amount is not None and (
            stake.money is None or stake.money.currency != found.currency or _units(stake.money) > found.amount
        ):
            return None
        return Approval(found.who, datetime.fromtimestamp(found.approved_at, UTC))

    def _now(self) -> float:
        return self._store.clock.now().timestamp()


def _under_way(db: Connection, intent: Row[Any]) -> bool:
    """Whether somebody has an intent in hand, or has begun it. Its content stays then, and what was taken for it."""
    begun = select(steps.c.name).where(steps.c.intent_id == intent.id).limit(1)
    taken = select(stakes.c.amount).where(stakes.c.intent_id == intent.id)
    in_hand = intent.owner is not None or db.execute(begun).first() is not None
    return in_hand and db.execute(taken).first() is not None


def _same(stake: Stake) -> Any:
    return and_(approvals.c.account == stake.account, approvals.c.verb == stake.verb, approvals.c.key == stake.key)


def _units(money: Money) -> int:
    """The amount in ten-thousandths, rounded up: a limit is never passed by rounding."""
    return int((money.amount * _UNIT).to_integral_value(ROUND_CEILING))


__all__ = ["Approval", "Stake", "Stakes"]
