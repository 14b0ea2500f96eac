"""Days in Amazon's reports. Amazon documents no form: these were chosen so that none can be read in two ways."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DAY_FIRST = ("UK", "FR", "IT", "ES", "BE", "IE", "AU", "SG", "IN", "BR", "MX", "AE", "SA", "TR", "NL", "DE", "PL")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")


def day(text: str | None, site: str, *, day_first: bool = False) -> datetime | None:
    """A day or moment of a report, in UTC; a day stands for its first moment. None where the form is not known.

    `3/4/26` is March in the US and April in Europe, so the site decides, unless Amazon says of a report that the day
    comes first (`day_first`); where neither is known to be the custom, a day that could be both is none.
    """
    text = (text or "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-") if text[:4].isdecimal() else text)
    except ValueError:
        return _with_month_name(text) or _of_numbers(text, "UK" if day_first else site)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _with_month_name(text: str) -> datetime | None:
    for form in ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%B %d, %Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _of_numbers(text: str, site: str) -> datetime | None:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    first, second, year = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    if site == "US":
        first, second = second, first
    elif site not in _DAY_FIRST and first <= 12 and second <= 12 and first != second:
        return None
    elif site not in _DAY_FIRST and second > 12:
        first, second = second, first
    try:
        return datetime(year, second, first, tzinfo=UTC)
    except ValueError:
        return None
