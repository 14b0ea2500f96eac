"""How the marketplace judges the seller."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, Field

from sellercare.models.base import Model, PlatformModel, Vocabulary


class ScoreLevel(Vocabulary):
    """What a score means for the seller's standing."""

    GOOD = "good", "Targets are met."
    WARNING = "warning", "A target is close to being missed, or just is."
    BAD = "bad", "A target is missed; the platform may act."
    UNKNOWN = "unknown", "The platform does not say, or uses a word that we do not know."


class Comparator(Vocabulary):
    """How a metric's value is held against its target."""

    AT_LEAST = "at_least", "The value should be the target or more."
    AT_MOST = "at_most", "The value should be the target or less."
    UNKNOWN = "unknown", "The platform names no target."


class Metric(Model):
    """One number of a score, or where the platform tells no number, its level.

    `unit` is `points`, `fraction` (0–1), `hours`, `count` or the platform's own word; None where it is not told.
    """

    code: str
    name: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    most: Decimal | None = None
    target: Decimal | None = None
    comparator: Comparator = Comparator.UNKNOWN
    window_days: int | None = None
    level: ScoreLevel = ScoreLevel.UNKNOWN


class Score(PlatformModel):
    """The seller's standing on one day. `value` is on the platform's scale, up to `most`, in `unit` as in `Metric`."""

    on: date | None = None
    value: Decimal | None = None
    most: Decimal | None = None
    unit: str | None = None
    grade: str | None = None
    level: ScoreLevel = ScoreLevel.UNKNOWN
    metrics: tuple[Metric, ...] = ()
    url: str | None = None


class ScoreQuery(Model):
    """Which days of history to list."""

    since: AwareDatetime | None = Field(default=None, description="aware; days before it are left out")
