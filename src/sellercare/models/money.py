"""Money: a decimal amount and an ISO 4217 currency, nothing rounded behind anybody's back."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated

from pydantic import Field

from sellercare.models.base import Model

CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]


@cache
def decimals_of(currency: str) -> int:
    """How many decimals a currency has by ISO 4217 (2 for EUR, 0 for JPY); ValueError for no such currency."""
    from iso4217 import Currency  # reads a table of 200 kB: not before money is checked

    try:
        exponent = Currency(currency).exponent
    except ValueError:
        raise ValueError(f"{currency!r} is not a currency of ISO 4217") from None
    return 0 if exponent is None else int(exponent)


class Money(Model):
    """An amount in a currency. Amounts in models are positive, gross, and in the buyer's currency."""

    amount: Decimal = Field(allow_inf_nan=False)
    currency: CurrencyCode

    @property
    def is_exact(self) -> bool:
        """Whether the amount has no more decimals than its currency (1.005 EUR has)."""
        _, digits, exponent = self.amount.as_tuple()
        finer = -int(exponent) - decimals_of(self.currency)
        return finer <= 0 or not any(digits[-finer:])

    def plain(self) -> str:
        """The amount as text with at least the currency's decimals: `12.50`, never `1.25E+1`."""
        exponent = self.amount.as_tuple().exponent
        shown = max(decimals_of(self.currency), -exponent if isinstance(exponent, int) else 0)
        return f"{self.amount:.{shown}f}"

    def __str__(self) -> str:
        return f"{self.plain()} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are in different currencies")
        return other.amount
