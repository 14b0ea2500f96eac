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
from sellercare_adapters.amazon.answer_times import CUSTOMER_METRICS_REPORT
from sellercare_adapters.amazon.feeds import ADJUSTMENT
from sellercare_adapters.amazon.return_reports import FBA_REPORT, PRIME_REPORT, RETURNS_REPORT
from sellercare_adapters.amazon.reviews import FEEDBACK_REPORT
from sellercare_adapters.amazon.standing import PERFORMANCE_REPORT

_REPORTS = {
    RETURNS_REPORT: "returns.list",
    PRIME_REPORT: "returns.list",
    FBA_REPORT: "returns.list",
    FEEDBACK_REPORT: "reviews.list",
    PERFORMANCE_REPORT: "scores.current",
    CUSTOMER_METRICS_REPORT: "scores.current",
}

_BUYER_WISHES = "BuyerRequestedChange"

Told = list[tuple[str, str]]
"""What a notification is about: verbs, and whose id each is asked with."""


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
        return Handled(events=translated(_events, payload, "the notification"), trust=Trust.UNSIGNED)


def _events(payload: Mapping[str, Any]) -> tuple[Event, ...]:
    """The events of a notification; none for a kind that no verb shows. Amazon writes names in two ways, by type.

    The first has the notification's id, another one the verb behind it: whoever keeps ids to leave out what comes
    twice loses neither.
    """
    kind = _either(payload, "NotificationType")
    body = _either(payload, "Payload")
    about = _either(payload, "NotificationMetadata")
    reader = _READERS.get(kind)
    id_ = _either(about, "NotificationId")
    return tuple(
        Event(
            id=f"{id_}:{verb}" if n else id_,
            verb=verb,
            subject_id=subject,
            happened_at=instant_or_none(payload.get("EventTime") or payload.get("eventTime")),
            raw=payload,
        )
        for n, (verb, subject) in enumerate(reader(body) if reader else ())
    )


def _either(row: Mapping[str, Any], name: str) -> Any:
    """A field in either of Amazon's two ways of writing: `EventTime` and `eventTime`."""
    small = name[0].lower() + name[1:]
    return row[small] if small in row else row[name]


def _order(body: Mapping[str, Any]) -> Told:
    """The order, and its buyer's wish to cancel where an item has one (OrderChangeNotification 1.0)."""
    row = body["OrderChangeNotification"]
    id_ = row["AmazonOrderId"]
    items = row["Summary"].get("OrderItems") or () if row.get("OrderChangeType") == _BUYER_WISHES else ()
    wished = any(item.get("IsBuyerRequestedCancel") for item in items)
    return [("orders.get", id_), *([("returns.get", ids.WISH + id_)] if wished else [])]


def _report(body: Mapping[str, Any]) -> Told:
    row = body["reportProcessingFinishedNotification"]
    verb = _REPORTS.get(row["reportType"])
    return [(verb, row["reportId"])] if verb else []


def _feed(body: Mapping[str, Any]) -> Told:
    row = body["feedProcessingFinishedNotification"]
    return [("refunds.get", str(ids.FeedRefund(row["feedId"])))] if row["feedType"] == ADJUSTMENT else []


def _transaction(body: Mapping[str, Any]) -> Told:
    row = body["TransactionUpdateNotification"]
    related = {each["RelatedIdentifierName"]: each["RelatedIdentifierValue"] for each in row["RelatedIdentifiers"]}
    order_id = related.get("OrderId") or related.get("ORDER_ID")
    return [("refunds.list", order_id)] if order_id else []


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Told]] = {
    "ORDER_CHANGE": _order,
    "REPORT_PROCESSING_FINISHED": _report,
    "FEED_PROCESSING_FINISHED": _feed,
    "TRANSACTION_UPDATE": _transaction,
}
