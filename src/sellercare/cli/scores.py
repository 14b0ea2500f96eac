"""`sellercare scores`: how the marketplace judges the seller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from sellercare.cli import options
from sellercare.cli.listing import listed
from sellercare.cli.output import Column, Table, card, heading, plain
from sellercare.cli.shops import opened
from sellercare.cli.text import clean, json_line

if TYPE_CHECKING:
    from sellercare.models import Metric, Score
    from sellercare.shop import Shop

HISTORY = (
    Column("day", lambda score: score.on),
    Column("score", lambda score: _of(score.value, score.most, score.unit)),
    Column("level", lambda score: score.level),
    Column("grade", lambda score: score.grade, cut=True),
)

METRICS = (
    Column("metric", lambda metric: metric.name or metric.code, cut=True),
    Column("value", lambda metric: _of(metric.value, metric.most, metric.unit)),
    Column("target", lambda metric: _target(metric)),
    Column("days", lambda metric: metric.window_days),
    Column("level", lambda metric: metric.level),
)


def _number(value: Decimal, unit: str | None) -> str:
    if unit == "fraction":
        return f"{(value * 100).normalize():f} %"
    return f"{value.normalize():f}" + ("" if unit in (None, "points", "count") else f" {unit}")


def _of(value: Decimal | None, most: Decimal | None, unit: str | None) -> str:
    if value is None:
        return ""
    return _number(value, unit) + ("" if most is None else f" of {_number(most, unit)}")


def _target(metric: Metric) -> str:
    if metric.target is None:
        return ""
    sign = {"at_least": "at least ", "at_most": "at most "}.get(metric.comparator, "")
    return sign + _number(metric.target, metric.unit)


@click.command("scores")
@options.accounts
@click.option("--since", type=options.WHEN, metavar="WHEN", help="The history since then instead: 2025-03-01, 30d.")
@options.as_json
def scores(account: tuple[str, ...], all_accounts: bool, since: datetime | None, as_json: bool) -> None:
    """Show how the marketplace judges the seller."""
    if since is not None:
        listed(
            lambda shop: shop.scores.history(since=since),
            HISTORY,
            account=account,
            all_accounts=all_accounts,
            limit=None,
            as_json=as_json,
            nothing="No scores.",
        )
        return
    with opened(account, all_accounts, as_json=as_json) as desk:

        def work(shop: Shop) -> None:
            score = shop.scores.current()
            if as_json:
                click.echo(json_line(plain(shop.account_name, score)))
            else:
                _show(shop.account_name, score)

        desk.each(work)


def _show(account: str, score: Score) -> None:
    click.echo(heading(clean(account)))
    card(_lines(score))
    if score.metrics:
        click.echo()
        table = Table(METRICS)
        for metric in score.metrics:
            table.add(metric)
        table.flush()
    click.echo()


def _lines(score: Score) -> Iterator[tuple[str, object]]:
    yield "day", score.on
    yield "score", _of(score.value, score.most, score.unit)
    yield "grade", score.grade
    yield "level", score.level.meaning
    yield "page", score.url
