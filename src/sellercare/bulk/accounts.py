"""The accounts that a bulk run may touch, each opened when its first row comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sellercare.bulk.columns import BadRow
from sellercare.errors import RuleBroken
from sellercare.rules import rules_of

if TYPE_CHECKING:
    from sellercare.shop import Shop


class Accounts:
    """Accounts by name. `connect` opens one; the shops share one store. Safe to use from several threads."""

    def __init__(self, names: Sequence[str], connect: Callable[[str], Shop]) -> None:
        self.names = tuple(names)
        self._connect = connect
        self._open: dict[str, Shop] = {}
        self._lock = threading.Lock()

    @property
    def only(self) -> str:
        """The account of rows that name none: the only one there is, or nothing."""
        return self.names[0] if len(self.names) == 1 else ""

    def shop(self, name: str) -> Shop:
        """The shop of an account. Raises BadRow for an account that this run may not touch."""
        if name not in self.names:
            close = get_close_matches(name, self.names, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; there is {', '.join(self.names)}"
            raise BadRow(f"account {name!r} is not one of this run's{meant}")
        with self._lock:
            if name not in self._open:
                self._open[name] = self._connect(name)
            return self._open[name]

    def patterns(self, name: str) -> Mapping[str, str]:
        """The forms of ids of the account's platform, by column, where its adapter names them."""
        return self.shop(name).adapter.id_patterns


def check_use(shop: Shop) -> None:
    """Raise RuleBroken where the platform forbids what software does here in bulk."""
    use = rules_of(shop.adapter).use.get("bulk")
    if use is not None and not use.allowed:
        raise RuleBroken(
            f"{shop.adapter.title} does not allow this in bulk: {use.says or 'it says so in its rules'}.",
            rule="bulk",
            source=f"{use.source} ({use.date})",
            next_step="Do it one by one.",
        )


__all__ = ["Accounts", "check_use"]
