"""Kinds whose rows say the whole write: a plan keeps the command, and nothing of it waits for the marketplace."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from sellercare.adapter import Adapter
from sellercare.bulk.columns import Draft
from sellercare.bulk.prepared import Prepared, Wishes, check_unasked, stake_in, state_of
from sellercare.calls import Json, to_json
from sellercare.errors import BadInput, NotFound
from sellercare.journal.fingerprint import in_one_form
from sellercare.models import IssueRefund, Model, Money
from sellercare.shop import Checked
from sellercare.store.jobs import Job, JobRow

if TYPE_CHECKING:
    from sellercare.shop import Shop

C = TypeVar("C", bound=Model)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row as a write."""

    verb: str
    command: Any
    key: str


def made_key(name: str, content: Json) -> str:
    """A key made of a content, so that the same row again is the same write."""
    return f"{name}-{hashlib.sha256(to_json(content)).hexdigest()[:40]}"


def wanted_once(shop: Shop, verb: str, command: C, key_of: Callable[[C], str]) -> Wanted:
    """A row under a key made of what it asks for, its numbers in one form: 5, 5.0 and 5.00 EUR are one refund, however
    a spreadsheet has written them.

    A key that the journal has as the row writes it stays so: versions before this one made them of that.
    """
    one_form = in_one_form(command)
    key, as_written = key_of(one_form), key_of(command)
    if as_written != key and shop.store.intents.find(shop.account_name, verb, as_written) is not None:
        return Wanted(verb, command, as_written)
    return Wanted(verb, one_form, key)


class Whole(ABC):
    """What these kinds share."""

    name: str
    noun: str
    columns: tuple[str, ...]
    command: type[Model]

    @abstractmethod
    def wanted(self, shop: Shop, draft: Any, wishes: Wishes) -> Wanted:
        """The write that a row asks for. Raises BadRow and SellercareError."""

    @abstractmethod
    def named(self, command: Any) -> tuple[str, str]:
        """What the command is about, by column and id."""

    def sketch(self, shop: Shop, draft: Any, wishes: Wishes) -> Prepared:
        """Plan without a call: what the marketplace allows is asked when the row is applied."""
        wanted = self.wanted(shop, draft, wishes)
        checked = check_unasked(shop, wanted.verb, wanted.command, wanted.key, wishes)
        state, note, waits_for = state_of(checked)
        money = checked.money or getattr(wanted.command, "amount", None)
        content = self._kept(wanted, None) | _at_stake(checked, money)
        return Prepared(wanted.command.target, wanted.key, state, content, note, money, waits_for=waits_for)

    def prepare(self, shop: Shop, draft: Any, wishes: Wishes) -> Prepared:
        """Plan with a look at what the marketplace allows now."""
        wanted = self.wanted(shop, draft, wishes)
        checked = self._checked(shop, wanted, wishes)
        state, note, waits_for = state_of(checked)
        money = checked.money or getattr(wanted.command, "amount", None)
        content = self._kept(wanted, checked) | _at_stake(checked, money)
        target = wanted.command.target
        return Prepared(target, wanted.key, state, content, note, money, checked.consequences, waits_for)

    def draft(self, row: JobRow) -> Draft:
        """None of these is left as a draft: what a row says is the whole command."""
        raise AssertionError(f"a {self.noun} is planned as a command")

    def whole(self, row: JobRow) -> Model | None:
        """The command."""
        return self.command.model_validate(row.content["command"])

    def look_costs(self, adapter: type[Adapter]) -> str:
        """Nothing: the checks before each write ask the marketplace anyway."""
        return ""

    def look_changes(self, adapter: type[Adapter]) -> str:
        """Nothing."""
        return ""

    def look(self, shop: Shop, job: Job, row: JobRow) -> str:
        """Ask what the checks before a write would ask, and compare."""
        wishes = Wishes.of(job)
        command = self.whole(row)
        assert command is not None
        wanted = Wanted(str(row.content.get("verb") or self.name), command, row.key or "")
        return self.agrees(shop, job, row, self._checked(shop, wanted, wishes))

    def agrees(self, shop: Shop, job: Job, row: JobRow, checked: Checked) -> str:
        """What was planned against what would be sent: the sum, and what is left to pay back."""
        seen = row.content.get("seen")
        if not seen or checked.known is not None:
            return ""
        now = _seen(checked)
        if now.get("money") != seen.get("money"):
            return f"it would move {now.get('money', 'nothing')} now, and {seen.get('money', 'nothing')} was planned"
        if "most" in seen and "most" in now:
            return _shrunk(shop, job, row, checked, seen["most"])
        return ""

    def _checked(self, shop: Shop, wanted: Wanted, wishes: Wishes) -> Checked:
        try:
            return shop.check(wanted.verb, wanted.command, key=wanted.key, run=wishes.run, limits=wishes.limits)
        except NotFound:
            column, name = self.named(wanted.command)
            raise BadInput(
                f"There is no {column.removesuffix('_id')} {name!r} at {shop.adapter.title} "
                f"for the account {shop.account_name!r}.",
                field=column,
            ) from None

    def _kept(self, wanted: Wanted, checked: Checked | None) -> dict[str, Any]:
        kept: dict[str, Any] = {"command": wanted.command.model_dump(mode="json", exclude_defaults=True)}
        if wanted.verb != self.name:
            kept["verb"] = wanted.verb
        if checked is not None and (seen := _seen(checked)):
            kept["seen"] = seen
        return kept


def _at_stake(checked: Checked, money: Money | None) -> dict[str, str]:
    stake = stake_in(checked, money)
    return {} if stake is None else {"stake": stake}


def _seen(checked: Checked) -> dict[str, str]:
    """What is compared later: the sum that moves, and the most that could be paid back."""
    seen = {} if checked.money is None else {"money": str(checked.money)}
    if isinstance(checked.command, IssueRefund) and checked.command.option is not None:
        seen["most"] = str(checked.command.option.most)
    return seen


def _shrunk(shop: Shop, job: Job, row: JobRow, checked: Checked, seen: str) -> str:
    """Whether less can be paid back than when it was planned, beyond what we have paid back since."""
    assert isinstance(checked.command, IssueRefund)
    assert checked.command.option is not None
    amount, currency = seen.split(" ")
    before, now = Money(amount=Decimal(amount), currency=currency), checked.command.option.most
    if now.currency != currency:
        return f"it is paid back in {now.currency} now, and in {currency} when it was planned"
    ours = shop.store.stakes.since(row.account, checked.command.target, currency, job.created_at)
    if now.amount + ours >= before.amount:
        return ""
    return f"{now} can be paid back now, and it was {before} when it was planned: somebody has paid back since"


__all__ = ["Wanted", "Whole", "made_key", "wanted_once"]
