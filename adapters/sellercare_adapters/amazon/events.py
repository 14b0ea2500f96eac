"""Amazon's notifications. They come through the seller's own AWS queue, unsigned: the queue's rights are the trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sellercare.calls import parse_json
from sellercare.errors import BadInput
from sellercare.interfaces import Context, Events
from sellercare.models import Event, EventRequest, Handled, Trust
from sellercare.translation import instant_or_none, translated
from sellercare_adapters.amazon import ids
from sellercare_adapters.amazon.feeds import ADJUSTMENT
from sellercare_adapters.amazon.returns import RETURNS_REPORT
from sellercare_adapters.amazon.reviews import FEEDBACK_REPORT
from sellercare_adapters.amazon.standing import PERFORMANCE_REPORT

_REPORTS = {
    RETURNS_REPORT: "returns.list",
    FEEDBACK_REPORT: "reviews.list",
    PERFORMANCE_REPORT: "scores.current",
}

Told = tuple[str, str]


class AmazonEvents(Events):
    """Notifications, one a message of the queue."""

    def handle(self, ctx: Context, request: EventRequest, keys: Mapping[str, str]) -> Handled:
        """The body of one message of SQS, or of one event of EventBridge. Raises BadInput for anything else."""
        try:
            payload = parse_json(request.body)
        except ValueError:
            raise BadInput("The notification is not a JSON document.", field="body") from None
        if isinstance(payload, dict) and isinstance(payload.get("detail"), dict):
            payload = payload["detail"]  # EventBridge puts its own envelope around it
        event = translated(_event, payload, "the notification")
        return Handled(events=(event,) if event else (), trust=Trust.UNSIGNED)


def _event(payload: Mapping[str, Any]) -> Event | None:
    """The event of a notification; None for a kind that no verb shows. Amazon writes names in two ways, by type."""
    kind = _either(payload, "NotificationType")
    body = _either(payload, "Payload")
    about = _either(payload, "NotificationMetadata")
    reader = _READERS.get(kind)
    told = reader(body) if reader else None
    if told is None:
        return None
    return Event(
        id=_either(about, "NotificationId"),
        verb=told[0],
        subject_id=told[1],
        happened_at=instant_or_none(payload.get("EventTime") or payload.get("eventTime")),
        raw=payload,
    )


def _either(row: Mapping[str, Any], name: str) -> Any:
    """A field in either of Amazon's two ways of writing: `EventTime` and `eventTime`."""
    small = name[0].lower() + name[1:]
    return row[small] if small in row else row[name]


def _order(body: Mapping[str, Any]) -> Told:
    return "orders.get", body["OrderChangeNotification"]["AmazonOrderId"]


def _report(body: Mapping[str, Any]) -> Told | None:
    row = body["reportProcessingFinishedNotification"]
    verb = _REPORTS.get(row["reportType"])
    return (verb, row["reportId"]) if verb else None


def _feed(body: Mapping[str, Any]) -> Told | None:
    row = body["feedProcessingFinishedNotification"]
    return ("refunds.get", str(ids.FeedRefund(row["feedId"]))) if row["feedType"] == ADJUSTMENT else None


def _transaction(body: Mapping[str, Any]) -> Told | None:
    row = body["TransactionUpdateNotification"]
    related = {each["RelatedIdentifierName"]: each["RelatedIdentifierValue"] for each in row["RelatedIdentifiers"]}
    order_id = related.get("OrderId") or related.get("ORDER_ID")
    return ("refunds.list", order_id) if order_id else None


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Told | None]] = {
    "ORDER_CHANGE": _order,
    "REPORT_PROCESSING_FINISHED": _report,
    "FEED_PROCESSING_FINISHED": _feed,
    "TRANSACTION_UPDATE": _transaction,
}
