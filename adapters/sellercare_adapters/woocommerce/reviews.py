"""Reviews of products, and the shop's answers to them, which are comments of WordPress."""

from __future__ import annotations

from functools import partial
from typing import Any

from sellercare.calls import Call, Json, Listing, Listings, read, write
from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.interfaces import Context, Reviews
from sellercare.models import ReplyToReview, Review, ReviewQuery, ReviewSubject, ReviewSummary
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.woocommerce import reading, translate, wire
from sellercare_adapters.woocommerce.reading import COMMENTS, ME, PAGES
from sellercare_adapters.woocommerce.words import same_words

_REVIEWS, _REVIEW = "/products/reviews", "/products/reviews/{id}"
_PRODUCT = "/products/{id}"
_COMMENT = "/comments/{id}"
MOST_BYTES = 65_525
"""WordPress takes so many bytes of a comment."""


class WooCommerceReviews(Reviews):
    """Reviews of products."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """Reviews, newest first, those held back for moderation included: WooCommerce hides them by itself.

        `updated_at` is when the review came or was answered, so that no filter of WooCommerce fits it.
        """
        if query.order_id is not None:
            raise BadInput("WooCommerce ties reviews to products, not to orders.", field="order_id")
        if query.subject not in (None, ReviewSubject.PRODUCT):
            return []
        params: dict[str, Any] = {"status": "all", "orderby": "date_gmt", "order": "desc"}
        if query.product_id is not None:
            params["product"] = reading.number(query.product_id, "product_id")
        applied = frozenset({"product_id"})
        joined = partial(with_answers, ctx)
        return [Listing(read(_REVIEWS, params=params), "", translate.review, PAGES, applied, together=joined)]

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """The totals of one product."""
        if subject_id is None:
            raise BadInput("WooCommerce rates products, not the seller.", field="subject_id")
        row = ctx.read(read(_PRODUCT, ids={"id": reading.number(subject_id, "subject_id")}))
        return translated(translate.summary, row, f"GET {_PRODUCT}")

    def reply(self, ctx: Context, command: ReplyToReview) -> Write[Review]:
        """Answer, by a comment under the review; with `replace`, put other words into the answer that is there."""
        review_id = reading.number(command.review_id, "review_id")
        if not command.text.strip():
            raise BadInput("An answer needs a text.", field="text")
        if len(command.text.encode()) > MOST_BYTES:
            raise BadInput(f"The text is longer than {MOST_BYTES} bytes.", field="text")
        # Steps that only look: what the answer needs of them is kept with the intent.
        head = Step("review", lambda kept: read(_REVIEW, ids={"id": review_id}))
        there = Step("answers", lambda kept: _under([int(review_id)]))

        def before() -> Json:
            shown = _by_the_shop(ctx, review_id)
            if shown and not command.replace:
                raise NotAllowedNow(
                    f"Review {review_id} has an answer already.", next_step="Pass replace=True to write it anew."
                )
            if shown and not _is_mine(ctx, shown[0]):
                # Customers have accounts, too: who may moderate could put other words into their mouths.
                raise NotAllowedNow(
                    f"The comment under review {review_id} is {shown[0]['author_name']}'s, and not of the user of the "
                    "application password.",
                    next_step="If it is the shop's answer, change it in the shop's admin.",
                )
            return _words_by_id(shown)

        def call(kept: Kept) -> Call:
            review: wire.Review = kept["review"]
            answer = translate.answer_to({**review, "answers": kept["answers"]})
            if answer is not None and command.replace:
                return write("POST", _COMMENT, base="wp", ids={"id": str(answer["id"])}, json={"content": command.text})
            body = {"post": review["product_id"], "parent": int(review_id), "content": command.text}
            return write("POST", COMMENTS, base="wp", json=body)

        def find(search: Search) -> Found | None:
            shown = _by_the_shop(ctx, review_id)
            same = [row for row in shown if same_words(_words(row), command.text)]
            if same:
                return Found(str(same[0]["id"]), same[0])
            if _words_by_id(shown) != search.before:
                raise OutcomeUnknown("another answer is there by now: it may be ours, altered")
            return None

        def result(kept: Kept) -> Review:
            return translate.review(kept["review"]).model_copy(update={"reply": translate.reply(kept["reply"])})

        send = Step("reply", call, commits=True, find=find, native_id=lambda row: str(row["id"]))
        return Write((head, there, send), result, before)


def answers(ctx: Context, reviews: list[int]) -> list[wire.Comment]:
    """The comments under these reviews. They are public: no credential of the shop's own API goes there."""
    return reading.everything(ctx, _under(reviews))


def _under(reviews: list[int]) -> Call:
    params = {"parent": ",".join(map(str, reviews)), "orderby": "date_gmt", "order": "asc", "per_page": PAGES.limit}
    return read(COMMENTS, base="wp", params=params)


def with_answers(ctx: Context, rows: list[wire.Review]) -> list[wire.Review]:
    """Reviews with the comments under them: one call a page, for WooCommerce does not list them (review_list)."""
    if not rows:
        return rows
    under: dict[int, list[wire.Comment]] = {row["id"]: [] for row in rows}
    for each in answers(ctx, list(under)):
        under.setdefault(each["parent"], []).append(each)
    return [{**row, "answers": under[row["id"]]} for row in rows]


def _by_the_shop(ctx: Context, review_id: str) -> list[wire.Comment]:
    row = ctx.read(read(_REVIEW, ids={"id": review_id}))
    return translated(lambda one: translate.by_the_shop(with_answers(ctx, [one])[0]), row, f"GET {_REVIEW}")


def _is_mine(ctx: Context, comment: wire.Comment) -> bool:
    """Whether the user of the application password has written a comment."""
    me = translated(lambda row: int(row["id"]), ctx.read(read(ME, base="wp")), f"GET {ME}")
    return comment["author"] == me


def _words_by_id(rows: list[wire.Comment]) -> dict[str, str]:
    """What was there. A look never shows `raw`, so that the words of two looks compare."""
    return {str(row["id"]): row["content"]["rendered"] for row in rows}


def _words(row: wire.Comment) -> str:
    return row["content"].get("raw") or row["content"]["rendered"]
