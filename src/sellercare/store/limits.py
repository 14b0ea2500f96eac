"""How much money may move without an approval: a write, a run, a day, each for each currency."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal

from sellercare.errors import ConfigError
from sellercare.models import Money, decimals_of

_SUM = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,4})?)\s*([A-Z]{3})")

WHAT = {"refund": "for one write", "run": "for one run", "day": "for one day (UTC)"}
"""The limits, in the order in which they are looked at, each with what it is for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits by currency. `refund` is for one write, `run` for all of one run, `day` for one day in UTC.

    A limit that is set for some currencies lets nothing of another one go without an approval.
    """

    refund: Mapping[str, Decimal] = field(default_factory=dict)
    run: Mapping[str, Decimal] = field(default_factory=dict)
    day: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, **sums: Iterable[Money]) -> Limits:
        """Limits out of sums of money: `refund=`, `run=`, `day=`."""
        return cls(**{name: {money.currency: money.amount for money in given} for name, given in sums.items()})

    @classmethod
    def read(cls, account: str, table: Mapping[str, object]) -> Limits:
        """Limits as an account's configuration has them: each a sum, `"200 EUR"`, or a list of sums.

        Raises ConfigError, which names the account and the limit.
        """
        known = [each.name for each in fields(cls)]
        found: dict[str, list[Money]] = {}
        for name, value in table.items():
            if name not in known:
                raise _wrong(account, name, "is none", f"There are {', '.join(known)}.")
            sums = value if isinstance(value, list) else [value]
            try:
                found[name] = [money_of(str(each)) for each in sums]
            except ValueError as error:
                raise _wrong(account, name, f"is not right: {error}", 'Write it as "200 EUR".') from None
            if len({money.currency for money in found[name]}) != len(sums) or not sums:
                raise _wrong(account, name, "is not one sum for each currency", 'Write ["200 EUR", "800 PLN"].')
        return cls.of(**found)

    def __bool__(self) -> bool:
        return bool(self.refund or self.run or self.day)

    def with_stricter(self, other: Limits) -> Limits:
        """Both together: of two limits on the same, the lower one holds."""
        return Limits(*(_stricter(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)))

    def plain(self) -> dict[str, dict[str, str]]:
        """As it is kept with a job."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: {code: f"{most:f}" for code, most in sums.items()} for name, sums in kept.items() if sums}

    @classmethod
    def kept(cls, plain: Mapping[str, Mapping[str, str]]) -> Limits:
        """What `plain` made."""
        return cls(**{name: {code: Decimal(most) for code, most in sums.items()} for name, sums in plain.items()})


def _wrong(account: str, name: str, what: str, next_step: str) -> ConfigError:
    return ConfigError(
        f"The limit {name!r} of the account {account!r} {what}.", setting=f"limits.{name}", next_step=next_step
    )


def _stricter(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    if not one or not other:
        return one or other
    # A currency that only one of them names is zero in the other, so it is zero in both.
    return {code: min(one.get(code, _NONE), other.get(code, _NONE)) for code in {*one, *other}}


_NONE = Decimal(0)


def money_of(text: str) -> Money:
    """Money from `200 EUR` or `49.90 EUR`. ValueError, with a sentence, for anything else."""
    found = _SUM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'{text!r} is not an amount with its currency, such as "200 EUR"')
    money = Money(amount=Decimal(found[1]), currency=found[2])
    if not money.is_exact:
        raise ValueError(f"{text!r} has more decimals than {found[2]} has")
    if len(found[1].partition(".")[2]) > decimals_of(found[2]):  # 2.500 EUR is 2500 to half of Europe
        raise ValueError(f"{text!r} could mean thousands: {found[2]} has fewer decimals")
    return money


__all__ = ["WHAT", "Limits", "money_of"]
