"""Simulated eBay: feedback, analytics and notifications."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sellercare.calls import to_json
from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Review, ScoreDay
from sellercare_adapters.ebay.face_base import EbayBase, item_of, number, page_of, text_time, without_nothing

FEEDBACK = "/commerce/feedback/v1"
ANALYTICS = "/sell/analytics/v1"

_GRADES = {"good": "ABOVE_STANDARD", "warning": "ABOVE_STANDARD", "bad": "BELOW_STANDARD"}


def _comment_type(rating: int) -> str:
    return "POSITIVE" if rating >= 4 else "NEUTRAL" if rating == 3 else "NEGATIVE"


class StandingFace(EbayBase):
    """Feedback, standards and metrics, and the keys of notifications."""

    kid = "9936261a-7d7b-4621-a0f1-96ccb428af49"

    # --- feedback ------------------------------------------------------------------------------------

    @route("GET", FEEDBACK + "/feedback")
    def feedback(self, request: Request) -> Reply:
        """Feedback received. eBay's own automatic feedback is left out unless it is asked for."""
        if not request.param("user_id"):
            raise Refusal(400, "501024", "User ID request parameter is required or is invalid.", "user_id")
        if request.param("feedback_type") != "FEEDBACK_RECEIVED":
            raise Refusal(400, "501025", "Feedback type request parameter is required or is invalid.")
        rows = [each for each in self.world.data.reviews.values() if each.subject == "seller"]
        if request.param("feedback_id"):
            rows = [each for each in rows if each.id == request.param("feedback_id")]
        else:
            rows = [each for each in rows if not each.extra.get("automatic")]
        if request.param("listing_id"):
            rows = [each for each in rows if self._listing(each) == request.param("listing_id")]
        rows.sort(key=lambda each: each.created_at, reverse=True)
        shown = page_of(request, rows, size=25, least=25, most=200, code="501023")
        limit, offset = int(request.param("limit") or 25), int(request.param("offset") or 0)
        place = {"count": len(shown), "limit": limit, "offset": offset, "total": len(rows)}
        return Reply.of({"feedbackEntries": [self._entry(each) for each in shown], "pagination": place})

    @route("POST", FEEDBACK + "/respond_to_feedback")
    def respond(self, request: Request) -> Reply:
        """Answer feedback: once, and not eBay's own."""
        body = self.body(request)
        review = self.world.data.reviews.get(body.get("feedbackId", ""))
        if review is None:
            raise Refusal(400, "501026", "Feedback ID request parameter is required or is invalid.")
        if body.get("responseType") not in ("REPLY", "FOLLOW_UP"):
            raise Refusal(400, "501027", "Response type request parameter is required or is invalid.")
        if not body.get("responseText"):
            raise Refusal(400, "501028", "Response text request parameter is required.")
        if len(body["responseText"]) > 500:
            raise Refusal(400, "501013", "Comment text is too long, maximum length is 500 characters.")
        if body.get("recipientUserId") != self.login(review.buyer_id):
            raise Refusal(400, "501029", "Recipient user ID request parameter is required.")
        if review.extra.get("automatic"):
            raise Refusal(403, "501031", "Reply not allowed for automated feedback.")
        if review.reply is not None:
            raise Refusal(409, "501032", "Reply already left for feedback.")
        self.world.answer_review(review, body["responseText"])
        return Reply.of({})

    @route("GET", FEEDBACK + "/feedback_rating_summary")
    def summary(self, request: Request) -> Reply:
        """Counts by value."""
        if not request.param("filter").startswith("ratingType:"):
            raise Refusal(400, "501021", "The filter is required.", "filter")
        kinds = [_comment_type(each.rating) for each in self.world.data.reviews.values() if each.subject == "seller"]
        counts = [{"value": kind, "count": kinds.count(kind)} for kind in ("POSITIVE", "NEUTRAL", "NEGATIVE")]
        part = {"userRoleType": "SELLER", "feedbackRatingValueDistribution": counts, "feedbackMetrics": []}
        row = {"ratingType": "OVERALL_EXPERIENCE", "ratingSummaryByRatingType": [part]}
        return Reply.of({"feedbackRatingSummary": [row]})

    def _listing(self, review: Review) -> str | None:
        order = self.world.data.orders.get(review.order_id or "")
        return item_of(order.lines[0]) if order else None

    def _entry(self, review: Review) -> dict[str, Any]:
        order = self.world.data.orders.get(review.order_id or "")
        about = {"listingId": self._listing(review), "listingTitle": order.lines[0].title} if order else {}
        if order:
            about["orderLineItemId"] = number(order.lines[0].id, 14)
        reply = {"commentText": review.reply, "state": "ENTERED"} if review.reply else None
        rates = [{"ratingType": "DSR_COMMUNICATION", "value": str(review.rating)}]
        row = {
            "feedbackId": review.id,
            "commentType": _comment_type(review.rating),
            "feedbackComment": {"commentText": review.text, "state": "ENTERED"} if review.text else None,
            "feedbackEnteredDate": text_time(review.created_at),
            "feedbackRatings": rates,
            "feedbackState": "ENTERED",
            "replyComment": reply,
            "automatedFeedback": bool(review.extra.get("automatic")),
            "eligibleForRevision": False,
            "orderLineItemSummary": about,
            "providerUserDetail": {"userId": self.login(review.buyer_id), "role": "BUYER"},
        }
        return without_nothing(row)

    # --- standards and metrics -----------------------------------------------------------------------

    @route("GET", ANALYTICS + "/seller_standards_profile")
    def profiles(self, request: Request) -> Reply:
        """The profiles of the newest score, current and projected."""
        days = self.world.data.score_days[:1]
        rows = [self._profile(day, cycle) for day in days for cycle in ("PROJECTED", "CURRENT")]
        return Reply.of({"standardsProfiles": rows})

    def _profile(self, day: ScoreDay, cycle: str) -> dict[str, Any]:
        metrics = [
            {"metricKey": each["code"], "name": each.get("name"), "value": str(each.get("value")), "type": "NUMBER"}
            for each in day.metrics
        ]
        when = {"evaluationDate": f"{day.on.isoformat()}T00:00:00.000Z", "evaluationMonth": f"{day.on:%Y-%m}"}
        return {
            "program": "PROGRAM_DE",
            "defaultProgram": True,
            "standardsLevel": _GRADES.get(day.grade, day.grade),
            "evaluationReason": "Seller level generated by standard monthly evaluation cycle",
            "cycle": {"cycleType": cycle, **when},
            "metrics": [without_nothing(each) for each in metrics],
        }

    @route("GET", ANALYTICS + "/customer_service_metric/{kind}/{cycle}")
    def service_metric(self, request: Request, kind: str, cycle: str) -> Reply:
        """Rates by dimension, put into the world as `extra["service"]` by kind; 409 where there are none."""
        if kind not in ("ITEM_NOT_AS_DESCRIBED", "ITEM_NOT_RECEIVED"):
            raise Refusal(404, "54400", "The specified customer service metric type is not a valid type.")
        rates = self.world.data.extra.get("service", {}).get(kind)
        if not rates:
            raise Refusal(409, "54200", "The specified customer service metric is not available.")
        groups = [
            {
                "dimension": {"dimensionKey": "LISTING_CATEGORY", "name": name, "value": name},
                "metrics": [
                    {"metricKey": "COUNT", "value": "3"},
                    {
                        "metricKey": "RATE",
                        "value": value,
                        "benchmark": {"rating": "AVERAGE", "basis": "PEER", "metadata": {"average": average}},
                    },
                ],
            }
            for name, (value, average) in rates.items()
        ]
        cycle_row = {"evaluationType": cycle}
        site = request.param("evaluation_marketplace_id")
        return Reply.of({"marketplaceId": site, "evaluationCycle": cycle_row, "dimensionMetrics": groups})

    # --- notifications ---------------------------------------------------------------------------------

    @route("GET", "/commerce/notification/v1/public_key/{kid}")
    def public_key(self, request: Request, kid: str) -> Reply:
        """The key that notifications are checked with, all in one line."""
        if kid != self.kid:
            raise Refusal(404, "195001", "The specified key id is invalid.")
        der = self._pushing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = f"-----BEGIN PUBLIC KEY-----{base64.b64encode(der).decode()}-----END PUBLIC KEY-----"
        return Reply.of({"key": key, "algorithm": "ECDSA", "digest": "SHA1"})

    @property
    def _pushing(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(4711, ec.SECP256R1())

    def push(self, topic: str, data: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """The headers and body of a notification."""
        now = text_time(self.world.now())
        about = {"notificationId": self.world.new_uuid(), "eventDate": now, "publishDate": now}
        meta = {"topic": topic, "schemaVersion": "1.0", "deprecated": False}
        body = to_json({"metadata": meta, "notification": about | {"publishAttemptCount": 1, "data": data}})
        return {"X-EBAY-SIGNATURE": self.signature_of(body), "Content-Type": "application/json"}, body

    def signature_of(self, body: bytes) -> str:
        """The header that proves a body."""
        signature = base64.b64encode(self._pushing.sign(body, ec.ECDSA(hashes.SHA1()))).decode()
        told = {"alg": "ecdsa", "kid": self.kid, "signature": signature, "digest": "SHA1"}
        return base64.b64encode(to_json(told)).decode()
