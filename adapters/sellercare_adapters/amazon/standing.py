"""How Amazon judges the seller (reports of the seller's performance), and the account itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sellercare.calls import read
from sellercare.errors import Forbidden, NotFound
from sellercare.interfaces import Account, Context, Scores
from sellercare.models import AccountCheck, Comparator, Metric, Score, ScoreLevel
from sellercare.translation import at_path, decimal, translated
from sellercare_adapters.amazon import words
from sellercare_adapters.amazon.answer_times import CUSTOMER_METRICS_REPORT, metrics_of
from sellercare_adapters.amazon.reports import fetched
from sellercare_adapters.amazon.sites import MARKETPLACES, marketplace, site_of

PERFORMANCE_REPORT = "GET_V2_SELLER_PERFORMANCE_REPORT"

_SELLERS = "/sellers/v1/marketplaceParticipations"
_ACCOUNT = "/sellers/v1/account"
_COUNTS = ("defectsCount", "count")


class AmazonScores(Scores):
    """The seller performance report."""

    def current(self, ctx: Context) -> Score:
        """The standing in the account's marketplace, with its metrics; two reports with the setting answer_times."""
        answer = fetched(ctx, PERFORMANCE_REPORT, "the seller performance report")
        place = marketplace(ctx)
        found = translated(lambda row: score(row, place), answer.json(), "the seller performance report")
        if not ctx.settings.answer_times:
            return found
        title = "the report of answer times"
        document = fetched(ctx, CUSTOMER_METRICS_REPORT, title).xml()
        more = translated(metrics_of, document, title)
        raw = {**found.raw, "customerMetrics": document}
        return found.model_copy(update={"metrics": (*found.metrics, *more), "raw": raw})


def score(payload: Mapping[str, Any], place: str) -> Score:
    """The score of one marketplace; NotFound where the report has none for it."""
    status = next((each for each in payload["accountStatuses"] if each["marketplaceId"] == place), None)
    row = next((each for each in payload["performanceMetrics"] if each["marketplaceId"] == place), None)
    if status is None and row is None:
        raise NotFound("Amazon's report has nothing about this marketplace: the seller has no sales there, or too few.")
    native = (status or {}).get("status")
    metrics = tuple(_metrics(row or {}))
    days = [end for end in (_last_day(each) for each in _values(row or {})) if end]
    return Score(
        on=max(days, default=None),
        grade=native,
        level=words.LEVELS.get(native or "", ScoreLevel.UNKNOWN),
        metrics=metrics,
        url=f"https://sellercentral.{_domain(place)}/performance/dashboard",
        raw={"accountStatus": status, "performanceMetrics": row},
    )


def _domain(place: str) -> str:
    return next((each.domain for each in MARKETPLACES.values() if each.id == place), "amazon.com")


def _values(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All metrics, those by who fulfils (mfn: the seller, afn: Amazon) taken apart."""
    found: list[Mapping[str, Any]] = []
    for value in row.values():
        if isinstance(value, Mapping):
            found += [value[part] for part in ("mfn", "afn") if part in value] or [value]
    return found


def _metrics(row: Mapping[str, Any]) -> Iterable[Metric]:
    for code, value in row.items():
        if isinstance(value, Mapping):
            parts = {f"{code}.{part}": value[part] for part in ("mfn", "afn") if value.get(part)} or {code: value}
            yield from (_metric(name, each) for name, each in parts.items())
        elif isinstance(value, list):
            yield from (_warning(each) for each in value if isinstance(each, Mapping))


def _metric(code: str, row: Mapping[str, Any]) -> Metric:
    native = row.get("status") or row.get("ahrStatus") or row.get("accountHealthRatingStatus")
    counted = next((row[name] for name in _COUNTS if row.get(name) is not None), None)
    value = row.get("rate") if row.get("rate") is not None else counted
    return Metric(
        code=code,
        value=None if value is None else decimal(value),
        unit="fraction" if row.get("rate") is not None else "count" if counted is not None else None,
        target=None if row.get("targetValue") is None else decimal(row["targetValue"]),
        comparator=words.COMPARATORS.get(row.get("targetCondition") or "", Comparator.UNKNOWN),
        window_days=_window(row),
        level=words.LEVELS.get(native or "", ScoreLevel.UNKNOWN),
    )


def _warning(row: Mapping[str, Any]) -> Metric:
    level = words.LEVELS.get(row.get("status") or "", ScoreLevel.UNKNOWN)
    return Metric(code=f"warning.{row['warningType']}", level=level)


def _window(row: Mapping[str, Any]) -> int | None:
    first, last = _edge(row, "reportingDateFrom"), _last_day(row)
    return (last - first).days + 1 if first and last and last >= first else None


def _last_day(row: Mapping[str, Any]) -> date | None:
    return _edge(row, "reportingDateTo")


def _edge(row: Mapping[str, Any], name: str) -> date | None:
    text = (row.get("reportingDateRange") or {}).get(name)
    return date.fromisoformat(text[:10]) if text else None


class AmazonAccount(Account):
    """The seller's account."""

    def check(self, ctx: Context) -> AccountCheck:
        """Where the seller may sell, and the plan. Two calls; the second wants a role that not every app has."""
        place = marketplace(ctx)
        rows = at_path(ctx.read(read(_SELLERS, group="account")), "payload", f"GET {_SELLERS}")
        plan, name, notes = self._plan(ctx)
        granted = ctx.granted()

        def checked(found: list[Mapping[str, Any]]) -> AccountCheck:
            active = [each["marketplace"]["id"] for each in found if each["participation"]["isParticipating"]]
            held = [
                f"listings in {site_of(each['marketplace']['id'])} are suspended"
                for each in found
                if each["participation"]["hasSuspendedListings"]
            ]
            missing = () if place in active else (f"site {ctx.site}: the seller does not sell there",)
            return AccountCheck(
                ok=not missing,
                seller_id=ctx.settings.seller_id,
                name=name or next((each["storeName"] for each in found if each["marketplace"]["id"] == place), None),
                sites=tuple(str(site_of(each)) for each in active),
                plan=plan,
                expires_at=granted.expires_at,
                missing=missing,
                notes=(*held, *notes),
                raw=found,
            )

        return translated(checked, rows, f"GET {_SELLERS}", "$.payload")

    def _plan(self, ctx: Context) -> tuple[str | None, str | None, tuple[str, ...]]:
        try:
            payload = ctx.read(read(_ACCOUNT, group="account"))
        except Forbidden:
            return None, None, ("the app has no role that shows the selling plan",)

        def plan(found: Mapping[str, Any]) -> tuple[str, str | None]:
            return found["sellingPlan"], (found.get("business") or {}).get("name")

        told, name = translated(plan, at_path(payload, "payload", f"GET {_ACCOUNT}"), f"GET {_ACCOUNT}", "$.payload")
        return told, name, ()
