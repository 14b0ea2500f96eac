"""Simulated Allegro: ratings, sales quality, and who the token belongs to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Review
from sellercare_adapters.allegro.face_base import AllegroBase, as_uuid, found, page, since, text_time


class RatingsFace(AllegroBase):
    """Ratings of sales are reviews of the seller; a product's ratings show as totals only."""

    @route("GET", "/sale/user-ratings")
    def ratings(self, request: Request) -> Reply:
        """Ratings, newest change first."""
        changed = since(request, "lastChangedAt")
        timed = request.param("lastChangedAt.gte") or request.param("lastChangedAt.lte")
        rows = [each for each in self._ratings().values() if not timed or changed(each.updated_at)]
        wanted = request.param("recommended")
        rows = [each for each in rows if not wanted or (each.rating >= 3) == (wanted == "true")]
        rows.sort(key=lambda each: each.updated_at, reverse=True)
        shown = page(request, rows, limit=20, most=100, most_offset=20_000)
        return Reply.of({"ratings": [self._rating(each) for each in shown]})

    @route("GET", "/sale/user-ratings/{rating_id}")
    def rating(self, request: Request, rating_id: str) -> Reply:
        """One rating."""
        return Reply.of(self._rating(found(self._ratings(), rating_id, what="rating")))

    @route("PUT", "/sale/user-ratings/{rating_id}/answer")
    def answer(self, request: Request, rating_id: str) -> Reply:
        """Answer; an answer that is there is overwritten."""
        review = found(self._ratings(), rating_id, what="rating")
        message = self._text(self.body(request).get("message"))
        self.world.answer_review(review, message)
        return Reply.of({"message": review.reply, "createdAt": text_time(review.replied_at)}, 201)

    @route("PUT", "/sale/user-ratings/{rating_id}/removal")
    def remove(self, request: Request, rating_id: str) -> Reply:
        """Ask for a removal, until possibleTo."""
        review = found(self._ratings(), rating_id, what="rating")
        message = self._text((self.body(request).get("request") or {}).get("message"))
        if review.removal_until is None or review.removal_until < self.world.now():
            raise Refusal(400, "RemovalNotPossible", "The removal can no longer be requested.")
        review.removal_asked = message
        review.extra["removal_at"] = review.updated_at = self.world.now()
        self.world.act("review.dispute", review.id, message)
        return Reply.of(self._rating(review)["removal"], 201)

    @route("GET", "/users/{user_id}/ratings-summary")
    def summary(self, request: Request, user_id: str) -> Reply:
        """Totals of the seller; the percentage has a decimal comma."""
        if user_id != self.seller_id:
            raise Refusal(404, "NotFoundException", "There is no such user.")
        rows = list(self._ratings().values())
        good = [each for each in rows if each.rating >= 3]
        bad = [each for each in rows if each.rating < 3]
        buyers = {each.buyer_id for each in rows}
        happy = {each.buyer_id for each in good}
        share = Decimal(100 * len(happy)) / len(buyers) if buyers else Decimal(100)
        return Reply.of(
            {
                "recommended": {"unique": len(happy), "total": len(good)},
                "notRecommended": {"unique": len({each.buyer_id for each in bad}), "total": len(bad)},
                "recommendedPercentage": f"{share:.1f}".replace(".", ","),
                "statistics": {
                    "received": {"total": len(rows)},
                    "excluded": {"total": 0},
                    "removed": {"total": 0, "byAdmin": 0, "byBuyer": 0, "byBuyerDueToCompensation": 0},
                },
                "user": {"createdAt": "2017-05-17"},
            }
        )

    @route("GET", "/sale/offers/{offer_id}/rating")
    def offer_rating(self, request: Request, offer_id: str) -> Reply:
        """Totals of an offer."""
        lines = [line for order in self.world.data.orders.values() for line in order.lines]
        if not any(line.product_id == offer_id for line in lines):
            raise Refusal(404, "NotFoundException", "There is no such offer.")
        rows = [each.rating for each in self.world.data.reviews.values() if each.product_id == offer_id]
        average = f"{Decimal(sum(rows)) / len(rows):.1f}" if rows else "0.0"
        scores = [{"name": str(score), "count": rows.count(score)} for score in (5, 4, 3, 2, 1)]
        sizes = [{"name": name, "count": 0} for name in ("BIGGER", "FIT", "SMALLER")]
        return Reply.of(
            {
                "averageScore": average,
                "scoreDistribution": scores,
                "totalResponses": len(rows),
                "sizeFeedback": sizes,
            }
        )

    @route("GET", "/sale/quality")
    def quality(self, request: Request) -> Reply:
        """Up to thirty days; none for a seller too small."""
        days = [
            {
                "resultFor": day.on.isoformat(),
                "score": day.value,
                "grade": day.grade.upper(),
                "maxScore": day.most,
                "metrics": [self._metric(metric) for metric in day.metrics],
            }
            for day in self.world.data.score_days[:30]
        ]
        return Reply.of({"quality": days})

    @route("GET", "/me")
    def me(self, request: Request) -> Reply:
        """Who the token belongs to."""
        return Reply.of(
            {
                "id": self.seller_id,
                "login": self.seller,
                "firstName": "Amadeusz",
                "lastName": "Iksiński",
                "email": "seller@example.com",
                "baseMarketplace": {"id": "allegro-pl"},
                "company": {"name": None, "taxId": None},
                "features": ["SUPER_SELLER"],
            }
        )

    # --- the inside --------------------------------------------------------------------

    def _ratings(self) -> dict[str, Review]:
        return {id_: each for id_, each in self.world.data.reviews.items() if each.subject == "seller"}

    def _text(self, message: Any) -> str:
        if not isinstance(message, str) or not message.strip() or len(message) > 500:
            raise Refusal(400, "ConstraintViolationException", "message must have 1 to 500 characters", "message")
        return message

    def _metric(self, metric: dict[str, Any]) -> dict[str, Any]:
        most = {"maxScore": metric["most"]} if metric.get("most") is not None else {}
        return {"code": metric["code"], "name": metric.get("name", metric["code"]), "score": metric["value"]} | most

    def _rating(self, review: Review) -> dict[str, Any]:
        order = self.world.data.orders[review.order_id or ""]
        shown: dict[str, Any] = {
            "id": review.id,
            "buyer": {"id": review.buyer_id, "login": self.login_of(review.buyer_id)},
            "recommended": review.rating >= 3,
            "rates": dict.fromkeys(("delivery", "deliveryCost", "description", "service"), review.rating),
            "createdAt": text_time(review.created_at),
            "lastChangedAt": text_time(review.updated_at),
            "order": {
                "id": as_uuid(order.id),
                "offers": [{"id": line.product_id, "title": line.title} for line in order.lines],
            },
            "excludedFromAverageRates": False,
        }
        if review.text is not None:
            shown["comment"] = review.text
        if review.reply is not None:
            shown["answer"] = {"message": review.reply, "createdAt": text_time(review.replied_at)}
        if review.removal_until is not None:
            removal: dict[str, Any] = {"possibleTo": text_time(review.removal_until)}
            if review.removal_asked is not None:
                asked_at = text_time(review.extra.get("removal_at", review.updated_at))
                removal["request"] = {"message": review.removal_asked, "createdAt": asked_at, "source": "SELLER"}
            shown["removal"] = removal
        return shown
