"""Reviews: feedback on sales. eBay has no product reviews for sellers."""

from __future__ import annotations

from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, read, write
from sellercare.errors import BadInput, NotAllowedNow, NotFound, OutcomeUnknown
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Reviews
from sellercare.models import ReplyToReview, Review, ReviewQuery, ReviewReply, ReviewSubject, ReviewSummary
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.ebay import translate, wire

_LIST = "/commerce/feedback/v1/feedback"
_RESPOND = "/commerce/feedback/v1/respond_to_feedback"
_SUMMARY = "/commerce/feedback/v1/feedback_rating_summary"
_GROUP = "reviews"


def _received(ctx: Context, **more: Any) -> dict[str, Any]:
    return {"user_id": ctx.settings.username, "feedback_type": "FEEDBACK_RECEIVED", **more}


class EbayReviews(Reviews):
    """Feedback that buyers left."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """Feedback of buyers, newest sale first."""
        if query.subject is ReviewSubject.PRODUCT:
            return ()
        params = _received(ctx, sort="TIME", filter="role:BUYER")
        if query.product_id:
            params["listing_id"] = query.product_id
        return [
            Listing(
                read(_LIST, params=params, group=_GROUP),
                items="feedbackEntries",
                translate=translate.review,
                pages=OffsetPages(limit=200, total="pagination.total"),
                applied=frozenset({"product_id", "subject"}),
                capped="Feedback that eBay left by itself is not listed; eBay does not tell when feedback changed, nor "
                "its order: `updated_since` leaves none out, `order_id` finds none.",
            )
        ]

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """Totals of the seller."""
        if subject_id not in (None, ctx.settings.username):
            raise BadInput("eBay has totals of the seller only.", field="subject_id")
        params = {"user_id": ctx.settings.username, "filter": "ratingType:OVERALL_EXPERIENCE"}
        return translated(translate.summary, ctx.read(read(_SUMMARY, params=params, group=_GROUP)), f"GET {_SUMMARY}")

    def reply(self, ctx: Context, command: ReplyToReview) -> Write[Review]:
        """Answer feedback, once and for all. It is read first: eBay wants to be told who left it."""
        if command.replace:
            raise NotAllowedNow("An answer to feedback cannot be replaced at eBay.")
        one = read(_LIST, params=_received(ctx, feedback_id=command.review_id), group=_GROUP)

        def call(kept: Kept) -> Call:
            body: dict[str, Json] = {
                "feedbackId": command.review_id,
                "recipientUserId": kept["feedback"]["providerUserDetail"]["userId"],
                "responseType": "REPLY",
                "responseText": command.text,
            }
            return write("POST", _RESPOND, json=body, group=_GROUP, expect="nothing")

        def find(search: Search) -> Found | None:
            row = _only(ctx.http.read(one), command.review_id)
            there = (row.get("replyComment") or {}).get("commentText")
            if there is None:
                return None
            if " ".join(there.split()) != " ".join(command.text.split()):
                raise OutcomeUnknown("the feedback has another answer: it may be ours, altered")
            return Found(command.review_id, None)

        def result(kept: Kept) -> Review:
            made = translate.review(kept["feedback"])
            return made.model_copy(update={"reply": ReviewReply(text=command.text)})

        look = Step("feedback", lambda kept: one, keep=lambda answer: _open(answer, command.review_id))
        step = Step("respond", call, keep=nothing, commits=True, find=find, native_id=lambda kept: command.review_id)
        return Write((look, step), result)


def _only(answer: Answer, feedback_id: str) -> wire.Feedback:
    """The feedback that was asked for. Raises NotFound."""

    def same(rows: Any) -> wire.Feedback | None:
        return next((row for row in rows if row["feedbackId"] == feedback_id), None)

    rows = at_path(answer.json(), "feedbackEntries", answer.where)
    found = translated(same, rows, answer.where, "$.feedbackEntries")
    if found is None:
        raise NotFound(f"eBay shows no feedback {feedback_id} of this seller.")
    return found


def _open(answer: Answer, feedback_id: str) -> Json:
    """The feedback, if it may be answered."""
    row = _only(answer, feedback_id)
    if row.get("automatedFeedback"):
        raise NotAllowedNow("eBay left this feedback by itself, and takes no answer to it.")
    if (row.get("replyComment") or {}).get("commentText"):
        raise NotAllowedNow("This feedback was answered before, and eBay takes one answer only.")
    translated(lambda found: found["providerUserDetail"]["userId"], row, answer.where, "$.feedbackEntries[0]")
    return row
