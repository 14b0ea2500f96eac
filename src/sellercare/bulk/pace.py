"""How long a plan takes under the platforms' own limits, out of the adapters' declared budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sellercare.adapter import EVERY_CALL, Adapter, Budget
from sellercare.bulk.decisions import DECISIONS

if TYPE_CHECKING:
    from sellercare.shop import Shop

_LOOKS_FIRST = {"messages.reply": "messages.allowed", "refunds.issue": "refunds.quote"} | {
    f"returns.{decision}": "returns.allowed" for decision in DECISIONS
}
"""The read that comes before each write where the adapter offers it: it counts against the limits, too."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The least time for an account's rows: `seconds`, of which `says` is the limit that decides, in a sentence.

    `rows` is how many there are.
    """

    account: str
    seconds: float
    says: str
    rows: int = 0

    def plain(self) -> dict[str, Any]:
        """As it is kept with the job."""
        return asdict(self)


def paces(shops: Mapping[str, Shop], rows: Mapping[str, Mapping[str, int]]) -> list[Pace]:
    """The pace of each account, out of how many rows it has of each verb. Accounts that share a limit wait for each
    other's rows, too."""
    found = []
    for name, shop in shops.items():
        slowest = Pace(name, 0.0, "", sum(rows[name].values()))
        for budget in _calls(shop, rows[name]):
            sharing = [other for other in shops if other == name or _shared(budget, shop, shops[other])]
            calls = sum(_calls(shops[other], rows[other]).get(budget, 0) for other in sharing)
            seconds = max(0.0, calls - budget.burst) / budget.rate
            if seconds >= slowest.seconds:
                says = f"{shop.adapter.title} takes {budget.says}"
                slowest = replace(slowest, seconds=seconds, says=says)
        found.append(slowest)
    return found


def _calls(shop: Shop, rows: Mapping[str, int]) -> dict[Budget, int]:
    """How many calls an account's rows count against each budget."""
    total: dict[Budget, int] = {}
    for verb, count in rows.items():
        for budget, calls in calls_for_row(shop.adapter, verb):
            total[budget] = total.get(budget, 0) + calls * count
    return total


def calls_for_row(adapter: type[Adapter], verb: str) -> list[tuple[Budget, int]]:
    """The budgets that a row counts against, each with the calls that it takes at least: the write, and the look
    before it. A write counts against the budgets named after it or its interface, else against the default."""
    own = [budget for budget in adapter.budgets if budget.group in (verb, verb.partition(".")[0])]
    default = [budget for budget in adapter.budgets if budget.group in ("default", EVERY_CALL)]
    looks = 1 if verb in _LOOKS_FIRST and adapter.supports[_LOOKS_FIRST[verb]].offered else 0
    if own:
        return [(budget, 1) for budget in own] + [(budget, looks) for budget in default if looks]
    return [(budget, 1 + looks) for budget in default]


def _shared(budget: Budget, shop: Shop, other: Shop) -> bool:
    """Whether two accounts share this limit. Which app or credential an account has is taken to be the same one."""
    return budget.scope in ("app", "credential") and shop.adapter is other.adapter


__all__ = ["Pace", "calls_for_row", "paces"]
