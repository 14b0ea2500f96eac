"""Reviews of products, where the shop has the plugin @lambdacurry/medusa-product-reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, read, write
from sellercare.errors import BadInput, NotAllowedNow, NotFound
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Reviews
from sellercare.models import ReplyToReview, Review, ReviewQuery, ReviewSubject, ReviewSummary
from sellercare.support import Support, impossible
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.medusa import reading, translate, wire

PLUGIN = "the plugin @lambdacurry/medusa-product-reviews"
_LIST = "/admin/product-reviews"


class MedusaReviews(Reviews):
    """Reviews of products."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """Reviews, last changed first. Ratings are compared here: the plugin refuses its own filter for them."""
        if query.subject not in (None, ReviewSubject.PRODUCT):
            return []
        params: dict[str, Any] = {"fields": wire.REVIEW_FIELDS, "order": "-updated_at"}
        if query.product_id is not None:
            params["product_id"] = query.product_id
        if query.order_id is not None:
            params["order_id"] = query.order_id
        if query.updated_since is not None:
            params["updated_at[$gte]"] = query.updated_since.astimezone(UTC).isoformat()
        applied = frozenset({"subject", "product_id", "order_id", "updated_since"})
        pages = OffsetPages(limit=100, total="count")
        return [Listing(read(_LIST, params=params), "product_reviews", translate.review, pages, applied)]

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """The totals of one product."""
        if subject_id is None:
            raise BadInput(
                "Medusa rates products, not the seller.", field="subject_id", next_step="Name a product's id."
            )
        path = "/admin/product-review-stats"
        stats = reading.rows(ctx, path, "product_review_stats", {"product_id": subject_id})
        return translated(lambda rows: translate.summary(rows, subject_id), stats, f"GET {path}")

    def reply(self, ctx: Context, command: ReplyToReview) -> Write[Review]:
        """Answer a review; with `replace`, put another text in the place of the answer that is there."""
        review_id = command.review_id

        def before() -> Json:
            row = _review(ctx, review_id)
            if row is None:
                raise NotFound(f"There is no review {review_id}.")
            if row.get("response") and not command.replace:
                raise NotAllowedNow(
                    f"Review {review_id} has an answer already.", next_step="Pass replace=True to write it anew."
                )
            return None

        def call(kept: Kept) -> Call:
            row = _review(ctx, review_id) if command.replace else None
            method = "PUT" if row and row.get("response") else "POST"
            return write(method, f"{_LIST}/{{id}}/response", ids={"id": review_id}, json={"content": command.text})

        def find(search: Search) -> Found | None:
            row = _review(ctx, review_id)
            response = row.get("response") if row else None
            return Found(response["id"], response) if response and response["content"] == command.text else None

        def result(kept: Kept) -> Review:
            return Review(
                id=review_id,
                subject=ReviewSubject.PRODUCT,
                reply=translate.answer(kept["reply"]),
                raw=kept["reply"],
            )

        step = Step("reply", call, keep=_response, commits=True, find=find, native_id=lambda kept: str(kept["id"]))
        return Write((step,), result, before)


def _review(ctx: Context, review_id: str) -> Any:
    """One review, or None: the plugin has no address for one, only the list with a filter."""
    params = {"id": review_id, "fields": wire.REVIEW_FIELDS}
    return reading.first(reading.rows(ctx, _LIST, "product_reviews", params))


def _response(answer: Answer) -> Json:
    return at_path(answer.json(), "product_review_response", answer.where)


def without_plugin(ctx: Context) -> Mapping[str, Support]:
    """The answers of a shop without the plugin; nothing where it is there. Costs one call."""
    try:
        ctx.read(read(_LIST, params={"limit": 1, "fields": "id"}))
    except NotFound:
        no = impossible(f"this server does not have {PLUGIN}", by_hand="install the plugin")
        return dict.fromkeys(("reviews.list", "reviews.summary", "reviews.reply"), no)
    return {}
