"""The filters of the interface that a platform does not apply by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sellercare.models import Model


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on one field of a row. `keep_unsure`: whether a row that does not tell stays in."""

    field: str
    wanted: Any
    holds: Callable[[Any, Any], bool]
    since: bool = False
    keep_unsure: bool = False

    def passes(self, row: Model) -> bool | None:
        """Whether the row passes; None if it does not tell."""
        value = getattr(row, self.field)
        return None if value is None else self.holds(value, self.wanted)

    def rejects_unsure(self, row: Model) -> bool:
        """Whether the row, which does not tell, must go."""
        return self.passes(row) is None and not self.keep_unsure


def _same(value: Any, wanted: Any) -> bool:
    return bool(value == wanted)


def _at_least(value: Any, wanted: Any) -> bool:
    return bool(value >= wanted)


def _at_most(value: Any, wanted: Any) -> bool:
    return bool(value <= wanted)


_FILTERS: Mapping[str, Callable[[Any], Filter]] = {
    # Work must not get lost because a platform is silent: a row without a time, or of which nobody knows who wrote
    # last, stays in.
    "updated_since": lambda wanted: Filter("updated_at", wanted, _at_least, since=True, keep_unsure=True),
    "created_since": lambda wanted: Filter("created_at", wanted, _at_least, since=True, keep_unsure=True),
    "awaiting_reply": lambda wanted: Filter("awaiting_reply", wanted, _same, keep_unsure=True),
    "rating_max": lambda wanted: Filter("rating", wanted, _at_most),
    "since": lambda wanted: Filter("on", wanted.date(), _at_least, since=True, keep_unsure=True),
}


def filters_for(query: Model, applied: frozenset[str]) -> list[Filter]:
    """The filters of a query that the platform does not apply."""
    asked = ((name, getattr(query, name)) for name in type(query).model_fields)
    return [
        _FILTERS.get(name, lambda wanted, field=name: Filter(field, wanted, _same))(wanted)
        for name, wanted in asked
        if wanted is not None and name not in applied
    ]
