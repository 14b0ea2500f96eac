"""Amazon's Selling Partner API over a world, as far as it is about what follows a sale."""

from __future__ import annotations

from sellercare_adapters.amazon.face_base import limits
from sellercare_adapters.amazon.face_feeds import AmazonFeedsFace
from sellercare_adapters.amazon.face_messages import AmazonMessagesFace
from sellercare_adapters.amazon.face_orders import AmazonOrdersFace
from sellercare_adapters.amazon.face_reports import AmazonReportsFace


class AmazonFace(AmazonOrdersFace, AmazonMessagesFace, AmazonFeedsFace, AmazonReportsFace):
    """Simulated Amazon: the US marketplace of one seller. Limits are the usage plans of the models (2026-08-05)."""

    name = "amazon"
    limits = limits(
        ("GET /messaging/v1/orders/{order_id}", 1, 5),
        ("GET /messaging/v1/orders/{order_id}/attributes", 1, 5),
        ("POST /messaging/v1/orders/{order_id}/messages/{name}", 1, 5),
        ("GET /solicitations/v1/orders/{order_id}", 1, 5),
        ("POST /solicitations/v1/orders/{order_id}/solicitations/productReviewAndSellerFeedback", 1, 5),
        ("POST /uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order_id}/messages/{name}", 10, 10),
        ("GET /orders/2026-01-01/orders", 0.0056, 20),
        ("GET /orders/2026-01-01/orders/{orderId}", 0.5, 30),
        ("GET /finances/2024-06-19/transactions", 0.5, 10),
        ("POST /feeds/2021-06-30/documents", 0.5, 15),
        ("POST /feeds/2021-06-30/feeds", 0.0083, 15),
        ("GET /feeds/2021-06-30/feeds", 0.0222, 10),
        ("GET /feeds/2021-06-30/feeds/{feed_id}", 2, 15),
        ("GET /feeds/2021-06-30/documents/{document_id}", 0.0222, 10),
        ("POST /reports/2021-06-30/reports", 0.0167, 15),
        ("GET /reports/2021-06-30/reports", 0.0222, 10),
        ("GET /reports/2021-06-30/reports/{report_id}", 2, 15),
        ("GET /reports/2021-06-30/documents/{document_id}", 0.0167, 15),
        ("GET /sellers/v1/marketplaceParticipations", 0.016, 15),
        ("GET /sellers/v1/account", 0.016, 15),
    )


__all__ = ["AmazonFace"]
