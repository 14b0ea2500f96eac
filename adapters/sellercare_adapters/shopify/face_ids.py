"""Ids, amounts, times and the search language of simulated Shopify."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sellercare.models import Money
from sellercare.simulator import Refusal

T = TypeVar("T")

_TERM = re.compile(r"""(\w+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|(\S+))""")


def gid(kind: str, world_id: str) -> str:
    """The id as Shopify writes it: always the same for a thing of the world."""
    if world_id.startswith("gid://"):
        return world_id
    return f"gid://shopify/{kind}/{int(hashlib.sha1(world_id.encode()).hexdigest()[:10], 16)}"


def known(things: Mapping[str, T], kind: str, shown: str) -> T | None:
    """The thing whose id Shopify shows so; None if there is none. Refuses what is no id at all."""
    if not shown.startswith("gid://shopify/"):
        raise Refusal(200, "invalid_id", f"Invalid global id '{shown}'")
    return next((thing for own, thing in things.items() if gid(kind, own) == shown), None)


def number(shown: str) -> str:
    """The number at the end of an id."""
    return shown.rpartition("/")[2]


def bag(money: Money) -> dict[str, Any]:
    """An amount in the buyer's currency."""
    return {"presentmentMoney": plain(money)}


def plain(money: Money) -> dict[str, str]:
    """An amount."""
    return {"amount": money.plain(), "currencyCode": money.currency}


def time(moment: datetime | None) -> str | None:
    """A time, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def searched(rows: Iterable[T], query: str | None, fields: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """The rows that a search finds: `name:"#1001" updated_at:>='2026-11-01T00:00:00Z'`. All terms must hold."""
    found = list(rows)
    terms = list(_TERM.finditer(query or ""))
    if query and not terms:
        raise Refusal(200, "invalid_query", f"Invalid search: {query}")
    for term in terms:
        name, operator = term[1], term[2] or ""
        value = next(each for each in term.groups()[2:] if each is not None)
        if name not in fields:
            raise Refusal(200, "invalid_query", f"Unknown search field {name}")
        found = [row for row in found if _holds(fields[name](row), operator, value)]
    return found


def _holds(own: Any, operator: str, value: str) -> bool:
    if isinstance(own, datetime):
        limit = datetime.fromisoformat(value)
        # Shopify's times have whole seconds.
        own = own.replace(microsecond=0)
        held = {">=": own >= limit, ">": own > limit, "<=": own <= limit, "<": own < limit}
        return bool(held.get(operator, own == limit))
    return str(own).lower().lstrip("#") == value.lower().lstrip("#")
