"""What answers that are made up are made of: values that a type allows, and that few translations were tried with."""

from __future__ import annotations

from random import Random
from typing import Any

NEVER_SEEN = "NEVER_SEEN_BEFORE"
"""A word that no platform has: what an enumeration may grow by at any time."""

TEXTS = (
    "a word",
    "",
    " ",
    "0",
    "12.50",
    "null",
    "Ünïcode – 漢字 😀",
    "\u202eright to left",
    "<b>&amp;</b> {{buyer}} %s",
    "two\nlines\tand a tab",
    "x" * 5000,
)
"""Texts, ordinary ones first."""

WHOLE = (1, 0, 7, -1, 2**31 - 1, -(2**31), 2**53 + 1, 10**30)
"""Whole numbers. What has a range gets its ends, too."""

DECIMALS = ("12.50", "0", "0.00", "7", "-0.01", "0.000001", "99999999999999999999.99", "1E+3", "-0")
"""Exact numbers as text."""

MOMENTS = (
    "2026-03-02T09:00:00Z",
    "2026-03-02T09:00:00.123+14:00",
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
)
"""Times with a zone; the last two are outside of what Python can tell in UTC."""

DATES = ("2026-03-02", "2024-02-29", "0001-01-01", "9999-12-31")
"""Days."""

CODES = ("6F1C1B1E-0000-4000-8000-00000000000A", "00000000-0000-0000-0000-000000000000", "EUR", "xxx")
"""Texts that patterns often ask for: UUIDs, three letters."""

ODDNESS = (0.0, 0.05, 0.3)
"""How much of an answer is odd: much of it leads nowhere near the end of a translation, so some answers have little."""


Place = tuple[str, ...]
"""Where something is in an answer; the rows of a list are in one place."""


def whole(chance: Random, least: float | None = None, most: float | None = None) -> int:
    """A whole number in a range that may be open."""
    ends = [int(end) for end in (least, most) if end is not None]
    fitting = [each for each in WHOLE if (least is None or each >= least) and (most is None or each <= most)]
    return chance.choice([*fitting, *ends])


def seen_in(value: Any, place: Place = ()) -> dict[Place, list[Any]]:
    """The values of a real answer by where they are; the rows of a list are in one place."""
    found: dict[Place, list[Any]] = {}
    if isinstance(value, dict):
        parts = [seen_in(each, (*place, name)) for name, each in value.items()]
    elif isinstance(value, list):
        parts = [seen_in(each, place) for each in value]
    else:
        return {place: [value]}
    for part in parts:
        for where, values in part.items():
            found.setdefault(where, []).extend(values)
    return found


__all__ = [
    "CODES",
    "DATES",
    "DECIMALS",
    "MOMENTS",
    "NEVER_SEEN",
    "ODDNESS",
    "TEXTS",
    "WHOLE",
    "Place",
    "seen_in",
    "whole",
]
