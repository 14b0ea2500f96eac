"""Reviews: buyers' ratings of sales, in their public shape. Products have totals only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from sellercare.calls import Json, Listing, Listings, read, write
from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Reviews
from sellercare.models import (
    DisputeReview,
    ReplyToReview,
    Review,
    ReviewQuery,
    ReviewSubject,
    ReviewSummary,
)
from sellercare.translation import identity, instant, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.allegro import translate, wire
from sellercare_adapters.allegro.chats import same_but_edited, same_words
from sellercare_adapters.allegro.media import stamp

_RATING = "/sale/user-ratings/{ratingId}"


class AllegroReviews(Reviews):
    """Ratings."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """Ratings of sales; those that changed since, by Allegro's own filter."""
        if query.subject is ReviewSubject.PRODUCT or query.product_id is not None:
            raise BadInput(
                "Allegro lists no ratings of products, only their totals.",
                field="subject" if query.product_id is None else "product_id",
                next_step="Ask for the summary of the offer, or for the ratings of sales.",
            )
        params = {"lastChangedAt.gte": stamp(query.updated_since)} if query.updated_since else {}
        return [
            Listing(
                read("/sale/user-ratings", params=params),
                items="ratings",
                translate=translate.review,
                pages=OffsetPages(limit=100, max_offset=20_000),
                applied=frozenset({"updated_since"}),
                capped="Allegro shows no more than 20,100 ratings; ask for those since a day to see others.",
            )
        ]

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """Totals of the seller, or of an offer by its id."""
        if subject_id is not None:
            path = "/sale/offers/{offerId}/rating"
            row = ctx.read(read(path, ids={"offerId": subject_id}))
            return translated(lambda found: translate.offer_summary(found, subject_id), row, f"GET {path}")
        me = translated(lambda found: identity(found["id"]), ctx.read(read("/me")), "GET /me")
        path = "/users/{userId}/ratings-summary"
        row = ctx.read(read(path, ids={"userId": me}))
        return translated(lambda found: translate.seller_summary(found, me), row, f"GET {path}")

    def reply(self, ctx: Context, command: ReplyToReview) -> Write[Review]:
        """Answer a rating. Allegro overwrites an answer that is there: only with `replace`."""

        def may(row: wire.Rating) -> bool:
            answer = row.get("answer")
            return not answer or command.replace or same_words(command.text, answer["message"])

        def landed(row: wire.Rating) -> Any:
            answer = row.get("answer")
            return answer if answer and same_but_edited(command.text, answer["message"]) else None

        def check(row: wire.Rating) -> None:
            if not translated(may, row, f"GET {_RATING}"):
                raise NotAllowedNow(
                    "The rating has an answer, which a new one would overwrite.",
                    next_step="Say `replace=True` if that is meant.",
                )

        return _put(ctx, command.review_id, "answer", {"message": command.text}, landed, check)

    def dispute(self, ctx: Context, command: DisputeReview) -> Write[Review]:
        """Ask for a removal, with a text, as long as Allegro takes it."""
        text = command.text or ""

        def may(row: wire.Rating) -> bool:
            removal = row.get("removal")
            return removal is not None and ctx.clock.now() <= instant(removal["possibleTo"])

        def landed(row: wire.Rating) -> Any:
            removal = row.get("removal")
            request = removal.get("request") if removal else None
            return removal if request and same_but_edited(text, request["message"]) else None

        def check(row: wire.Rating) -> None:
            if not translated(may, row, f"GET {_RATING}"):
                raise NotAllowedNow("Allegro does not take a request to remove this rating, or no longer.")

        return _put(ctx, command.review_id, "removal", {"request": {"message": text}}, landed, check)


def rating_row(ctx: Context, rating_id: str) -> wire.Rating:
    """A rating as Allegro sends it."""
    row: wire.Rating = ctx.read(read(_RATING, ids={"ratingId": rating_id}))
    return row


def _put(
    ctx: Context,
    rating_id: str,
    what: Literal["answer", "removal"],
    body: Json,
    landed: Callable[[wire.Rating], Any],
    check: Callable[[wire.Rating], None],
) -> Write[Review]:
    """Read the rating as a step, for the result; then put the answer or the request, which come back without it."""
    where = {"ratingId": rating_id}

    def before() -> Json:
        row = rating_row(ctx, rating_id)
        check(row)
        return row.get(what)

    def find(search: Search) -> Found | None:
        row = rating_row(ctx, rating_id)
        there = translated(landed, row, f"GET {_RATING}")
        if not there and row.get(what) != search.before:
            # What is put overwrites: ours may have been there before it, and put again it would be there twice.
            raise OutcomeUnknown(f"The rating has another {what} by now, and ours may have been there before it.")
        return Found(rating_id, there) if there else None

    def result(kept: Kept) -> Review:
        rating: Any = {**kept["rating"], what: kept["put"]}
        return translate.review(rating)

    put = Step(
        "put",
        lambda kept: write("PUT", f"{_RATING}/{what}", ids=where, json=body),
        commits=True,
        find=find,
        native_id=lambda kept: rating_id,
    )
    return Write((Step("rating", lambda kept: read(_RATING, ids=where)), put), result, before)
