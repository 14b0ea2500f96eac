"""Simulated Allegro, whole: sign-in, messages, disputes and claims, orders, returns, refunds, ratings, quality."""

from __future__ import annotations

from sellercare.simulator import Limit
from sellercare_adapters.allegro.face_issues import IssuesFace
from sellercare_adapters.allegro.face_money import MoneyFace
from sellercare_adapters.allegro.face_ratings import RatingsFace


class AllegroFace(IssuesFace, MoneyFace, RatingsFace):
    """Allegro's API over a world. Ids that Allegro writes as UUIDs are made from the world's (`face_base.as_uuid`)."""

    name = "allegro"
    limits = (
        Limit("app", 150, 150),
        Limit("message", 1, 1, "POST /messaging/messages"),
        Limit("message", 1, 1, "POST /messaging/threads/*/messages"),
        Limit("returns", 25, 25, "* /order/customer-returns*"),
    )
