"""What Acme calls differently from the common models. The rest is translated by name."""

from sellercare import models
from sellercare.naming import by_name
from sellercare_adapters.acme import wire

READS = {"message": "messages.thread", "return": "returns.get", "refund": "refunds.get", "order": "orders.get"}


def review(row: wire.Review) -> models.Review:
    return by_name(models.Review, row, rating=row["stars"], native_rating=str(row["stars"]))


def event(row: wire.Row) -> models.Event:
    return by_name(models.Event, row, verb=READS.get(row["type"], row["type"]))
