"""`sellercare reviews`: reviews of products and of the seller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli import options
from sellercare.cli.listing import listed
from sellercare.cli.output import Column
from sellercare.cli.program import Group
from sellercare.cli.text import moment, yes_no
from sellercare.cli.writing import How, perform

if TYPE_CHECKING:
    from sellercare.models import Review

REVIEWS = (
    Column("review", lambda review: review.id),
    Column("rating", lambda review: None if review.rating is None else f"{review.rating:f}"),
    Column("created (UTC)", lambda review: moment(review.created_at)),
    Column("answered", lambda review: yes_no(review.reply is not None)),
    Column("text", lambda review: review.text or review.title, cut=True),
    Column("about", lambda review: review.subject, optional=True),
    Column("product", lambda review: review.product_id, optional=True),
    Column("order", lambda review: review.order_id, optional=True),
)


@click.group(cls=Group)
def reviews() -> None:
    """Read reviews, and answer."""


@reviews.command("list")
@options.accounts
@click.option("--about", type=click.Choice(["product", "seller"]), help="Only those of products, or of the seller.")
@click.option("--product", metavar="ID", help="Only those of this product.")
@click.option("--order", metavar="ID", help="Only those of this order.")
@click.option("--rating-max", type=click.FloatRange(1, 5), metavar="N", help="Only ratings up to N, from 1 to 5.")
@click.option("--awaiting-reply", is_flag=True, help="Only those without an answer.")
@options.since
@options.limit
@options.as_json
def list_(
    account: tuple[str, ...],
    all_accounts: bool,
    about: str | None,
    product: str | None,
    order: str | None,
    rating_max: float | None,
    awaiting_reply: bool,
    since: datetime | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List reviews."""
    from decimal import Decimal

    from sellercare.models import ReviewSubject

    listed(
        lambda shop: shop.reviews.list(
            subject=None if about is None else ReviewSubject(about),
            product_id=product,
            order_id=order,
            updated_since=since,
            rating_max=None if rating_max is None else Decimal(str(rating_max)),
            awaiting_reply=True if awaiting_reply else None,
        ),
        REVIEWS,
        account=account,
        all_accounts=all_accounts,
        limit=limit,
        as_json=as_json,
        nothing="No reviews.",
    )


def review_lines(review: Review) -> Iterator[tuple[str, object]]:
    """A review with its answer, for a person."""
    yield "review", review.id
    yield "rating", None if review.rating is None else f"{review.rating:f}"
    yield "text", review.text or review.title
    yield "answer", review.reply.text if review.reply else None
    yield "page", review.url


@reviews.command("reply")
@click.argument("review")
@options.text
@click.option("--replace", is_flag=True, help="Overwrite an answer that is there.")
@options.key()
@options.writes
def reply(
    review: str,
    text: str | None,
    text_file: Any,
    replace: bool,
    key: str | None,
    account: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Answer REVIEW. Everybody can read the answer."""
    from sellercare.models import ReplyToReview

    command = ReplyToReview(review_id=review, text=options.text_of(text, text_file), replace=replace)
    perform("reviews.reply", command, How(account, key, yes, dry_run, as_json), review_lines)
