"""How fast the seller answers, and how content buyers are with returns: the older report of the seller's performance.

Elements: Amazon's "Performance Reports" (XML Customer Metrics Report, seen 2026-11-23) names all but three; those
(`responseTimeMetrics`, `returnDissatisfactionMetrics` and `returnDissatisfaction`) are as two public readers of the
report have them. How they stand in one another is known from readers too, so each is looked for wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sellercare.models import Metric, ScoreLevel
from sellercare.translation import decimal
from sellercare_adapters.amazon import words

CUSTOMER_METRICS_REPORT = "GET_V1_SELLER_PERFORMANCE_REPORT"

_CHECKED = ("contactResponseTime", "returnDissatisfactionRate", "customerServiceDissatisfactionRate")
"""What is judged here alone; all else of the checklist is in the newer report, with its targets."""

_ANSWERS = (
    "averageResponseTimeInHours",
    "responseUnder24Hours",
    "responseTimeGreaterThan24Hours",
    "noResponseForContactsOlderThan24Hours",
)


def metrics_of(document: Mapping[str, Any]) -> tuple[Metric, ...]:
    """The metrics that only this report has. It names no targets, and units in part only.

    ValueError where it is about several marketplaces: nothing says which is which.
    """
    checklist = _only(document, "performanceChecklist")
    contacts = _only(document, "buyerSellerContactResponseTimeMetrics")
    returns = _each(document, "returnDissatisfactionMetrics")
    return (
        *(_checked(name, checklist[name]) for name in _CHECKED if isinstance(checklist.get(name), Mapping)),
        *_over_time(_each(contacts, "responseTimeMetrics") or [contacts], _ANSWERS),
        *_over_time(returns, ("returnDissatisfaction",)),
    )


def _checked(name: str, row: Mapping[str, Any]) -> Metric:
    native = str(row.get("status") or "")
    return Metric(code=name, level=words.LEVELS.get(native.upper(), ScoreLevel.UNKNOWN))


def _over_time(blocks: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterable[Metric]:
    """The metrics of each span of time. Their code has its days, or its number where they are not told."""
    for n, block in enumerate(blocks, 1):
        days = _days(block.get("timeFrame"))
        span = f".{days}d" if days else f".{n}" if len(blocks) > 1 else ""
        for name in names:
            if block.get(name) not in (None, ""):
                value, unit = _number(name, block[name])
                yield Metric(code=f"{name}{span}", value=value, unit=unit, window_days=days)


def _number(name: str, value: Any) -> tuple[Decimal | None, str | None]:
    """A number and its unit, as far as the report tells it: a share with a percent sign, a count, or hours by name.

    `rate` is Amazon's word for a share without the sign, of which nobody says whether it is of 1 or of 100.
    """
    unit = "hours" if name.endswith("InHours") else None
    if isinstance(value, Mapping):
        unit = "rate" if value.get("rate") else "count"
        value = value.get("rate") or value.get("count")
    text = str(value or "").strip()
    if not any(letter.isdigit() for letter in text):
        return None, unit  # such as N/A
    if text.endswith("%"):
        return decimal(text.removesuffix("%").strip()) / 100, "fraction"
    return decimal(text), unit


def _days(frame: Any) -> int | None:
    """How long a span is. None where its ends are days without a time: whether the last one counts is not told."""
    if not isinstance(frame, Mapping):
        return None
    first, last = _moment(frame.get("start")), _moment(frame.get("end"))
    if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return round((last - first).total_seconds() / 86_400) or None


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str) or ":" not in text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _only(document: Any, name: str) -> Mapping[str, Any]:
    found = _each(document, name)
    if len(found) > 1:
        raise ValueError(f"several {name}, and nothing says of which marketplace each is")
    return found[0] if found else {}


def _each(value: Any, name: str) -> list[Mapping[str, Any]]:
    """All elements of this name with others inside, wherever they stand."""
    if isinstance(value, list):
        return [row for each in value for row in _each(each, name)]
    if not isinstance(value, Mapping):
        return []
    mine = value.get(name)
    rows = [row for row in (mine if isinstance(mine, list) else [mine]) if isinstance(row, Mapping)]
    return rows + [row for key, each in value.items() if key != name for row in _each(each, name)]
