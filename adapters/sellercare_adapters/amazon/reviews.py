"""Reviews: buyers' feedback about the seller, as a report; and asking buyers for reviews, once an order."""

from __future__ import annotations

from datetime import timedelta

from sellercare.calls import Json, Listings, Rows, read, write
from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.interfaces import Context, Reviews
from sellercare.models import RequestReview, Review, ReviewQuery, ReviewSubject
from sellercare.translation import translated
from sellercare.writes import Found, Search, Step, Write, nothing
from sellercare_adapters.amazon import translate
from sellercare_adapters.amazon.reports import fetched, table, text_of
from sellercare_adapters.amazon.sites import marketplace

FEEDBACK_REPORT = "GET_SELLER_FEEDBACK_DATA"
SOLICITATIONS = "/solicitations/v1/orders/{amazonOrderId}"
SOLICITATION = "productReviewAndSellerFeedback"

_AS_FAR_BACK = timedelta(days=365)
_SURE = timedelta(days=1)


class AmazonReviews(Reviews):
    """Feedback and requests for reviews."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """Feedback of one to three stars; Amazon reports no better one."""
        if query.subject is ReviewSubject.PRODUCT or query.product_id is not None:
            raise BadInput("Amazon lists no reviews of products.", field="subject")
        since = query.updated_since or ctx.clock.now() - _AS_FAR_BACK

        def fetch() -> list[dict[str, str]]:
            answer = fetched(ctx, FEEDBACK_REPORT, "the report of seller feedback", since)
            return table(text_of(answer, ctx.site), "date", "rating", "comments", "orderid")

        return [
            Rows(
                fetch=fetch,
                translate=lambda row: translate.feedback(row, ctx.site),
                where="the report of seller feedback",
                capped="Amazon reports feedback of one to three stars only."
                + ("" if query.updated_since else " Without a time, that of the last year is listed."),
                costs="A report, which Amazon makes in minutes.",
            )
        ]

    def request(self, ctx: Context, command: RequestReview) -> Write[None]:
        """Ask for a product review and seller feedback. Amazon writes the text, once an order, at its own times."""
        ids, params = {"amazonOrderId": command.order_id}, {"marketplaceIds": marketplace(ctx)}

        def offered() -> bool:
            payload = ctx.read(read(SOLICITATIONS, ids=ids, params=params, group="reviews.allowed"))
            return translated(
                lambda found: any(
                    SOLICITATION in (each.get("name"), each["href"].partition("?")[0].rpartition("/")[2])
                    for each in (found.get("_links") or {}).get("actions") or ()
                ),
                payload,
                f"GET {SOLICITATIONS}",
            )

        def before() -> Json:
            if not offered():
                raise NotAllowedNow(
                    f"Amazon does not offer to ask the buyer of {command.order_id} for a review now.",
                    next_step="It does so once, from 5 days after the earliest to 30 after the latest delivery date.",
                )
            return {"offered": True}

        def find(search: Search) -> Found | None:
            if offered():
                return None
            if ctx.clock.now() - search.sent_at > _SURE:
                raise OutcomeUnknown("it is no longer offered: it was sent, or its time is over")
            return Found(command.order_id, None)

        path = f"{SOLICITATIONS}/solicitations/{SOLICITATION}"
        call = write("POST", path, ids=ids, params=params, group="reviews.request", expect="nothing")
        step = Step("ask", lambda kept: call, nothing, commits=True, find=find)
        return Write((step,), lambda kept: None, before)
