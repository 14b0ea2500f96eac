"""Simulated Amazon: feeds, of which the order adjustment pays buyers back, and the acknowledgement calls orders off."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sellercare.calls import parse_json, to_json
from sellercare.markup import parse_xml, to_xml
from sellercare.models import Money
from sellercare.simulator import Refusal, Reply, Request, route
from sellercare_adapters.amazon.face_base import AmazonBase, as_item_id, as_order_id, csv_param, since, text_time

_LISTS = frozenset({"OrderAcknowledgement.Item", "OrderAdjustment.AdjustedItem", "ItemPriceAdjustments.Component"})
_SEQUENCE = (
    "AmazonOrderID",
    "ActionType",
    "AdjustedItem",
    "AmazonOrderItemCode",
    "MerchantAdjustmentItemID",
    "AdjustmentReason",
    "ItemPriceAdjustments",
    "Component",
    "Type",
    "Amount",
)
_ACKNOWLEDGEMENT = ("AmazonOrderID", "StatusCode", "Item", "AmazonOrderItemCode", "CancelReason")
_QUEUED = 30.0


class AmazonFeedsFace(AmazonBase):
    """Feeds API 2021-06-30.

    A feed waits half a minute, and is done when its refund has settled. `stuck_feeds`: they stay under way for ever,
    as some sellers saw (#4914). A feed that Amazon does not accept is DONE too, with errors in its report.
    """

    stuck_feeds = False

    @property
    def feeds(self) -> dict[str, dict[str, Any]]:
        """The feeds by id."""
        found: dict[str, dict[str, Any]] = self.world.data.extra.setdefault("feeds", {})
        return found

    @route("POST", "/feeds/2021-06-30/documents")
    def create_feed_document(self, request: Request) -> Reply:
        """A place for the document of a feed."""
        id_ = self.keep("tortuga", type=self.body(request)["contentType"])
        return Reply.of({"feedDocumentId": id_, "url": self.place(request, id_)}, 201)

    @route("POST", "/feeds/2021-06-30/feeds")
    def create_feed(self, request: Request) -> Reply:
        """The feed is taken, whatever is in it: what comes of it shows later. The same document again pays again."""
        asked = self.body(request)
        document = self.documents.get(asked["inputFeedDocumentId"])
        if document is None or not document["data"] or asked["marketplaceIds"] != [self.marketplace]:
            raise Refusal(400, "InvalidInput", "Invalid input", "Invalid input")
        id_ = str(self.world.random.randrange(10**10, 10**11))
        feed = {"id": id_, "type": asked["feedType"], "at": self.world.now(), "refund": None, "why": ""}
        self.feeds[id_] = feed
        try:
            if asked["feedType"] == "POST_ORDER_ACKNOWLEDGEMENT_DATA":
                self._call_off(document["data"])
                feed["done"] = True
            else:
                feed["refund"] = self._pay(document["data"]).id
        except (Refusal, ValueError, KeyError, AttributeError, TypeError) as error:
            feed["why"] = str(error.args[0] if error.args else error)
        return Reply.of({"feedId": id_}, 202)

    def _call_off(self, data: bytes) -> None:
        """Cancel the order that cannot be taken; ValueError for one that is not accepted."""
        message = parse_xml(data, _LISTS)["AmazonEnvelope"]["Message"]["OrderAcknowledgement"]
        _in_order(data, _ACKNOWLEDGEMENT)
        order = self.of_us(message["AmazonOrderID"])
        if message["StatusCode"] != "Failure":
            raise ValueError("Only orders that cannot be taken are understood here.")
        if order.extra.get("fulfilled_by") == "AMAZON":
            raise ValueError("This order is fulfilled by Amazon.")
        if order.state not in ("open", "paid"):
            raise ValueError("This order is shipped or cancelled already.")
        items = {as_item_id(line.id) for line in order.lines if line.kind == "item"}
        if {each["AmazonOrderItemCode"] for each in message["Item"]} != items:
            raise ValueError("The items are not those of the order.")
        self.world.cancel(order, message["Item"][0]["CancelReason"])

    def _pay(self, data: bytes) -> Any:
        """The refund of an adjustment; ValueError for one that is not accepted."""
        message = parse_xml(data, _LISTS)["AmazonEnvelope"]["Message"]["OrderAdjustment"]
        _in_order(data, _SEQUENCE)
        order = next(
            (each for each in self.world.data.orders.values() if as_order_id(each.id) == message["AmazonOrderID"]), None
        )
        if order is None:
            raise ValueError("There is no such order.")
        if order.extra.get("fulfilled_by") == "AMAZON":
            raise ValueError("This order is fulfilled by Amazon.")
        items, total, components = {as_item_id(line.id) for line in order.lines}, Decimal(0), []
        for item in message["AdjustedItem"]:
            if item["AmazonOrderItemCode"] not in items:
                raise ValueError("There is no such item in the order.")
            for part in item["ItemPriceAdjustments"]["Component"]:
                if part["Amount"]["@currency"] != order.currency:
                    raise ValueError("The currency is not the order's.")
                total += Decimal(part["Amount"]["#text"])
                components.append((item["AmazonOrderItemCode"], part["Type"], part["Amount"]["#text"]))
        tax = sum((line.extra.get("tax", Decimal(0)) for line in order.lines), Decimal(0))
        if not 0 < total <= order.total.amount + tax - self.world.refunded(order).amount:
            raise ValueError("The adjustment is more than what is left of the order.")
        reason = message["AdjustedItem"][0]["AdjustmentReason"]
        money = Money(amount=total, currency=order.currency)
        refund = self.world.pay_back(order, money, lines=components, reason=reason)
        refund.extra["posted_at"] = self.world.now() + timedelta(seconds=self.world.settle_after)
        return refund

    @route("GET", "/feeds/2021-06-30/feeds")
    def get_feeds(self, request: Request) -> Reply:
        """Feeds of some types, since a time. A token goes alone."""
        token = request.param("nextToken")
        if token and len(request.query) > 1:
            raise Refusal(400, "InvalidInput", "nextToken goes alone.")
        asked = parse_json(base64.urlsafe_b64decode(token)) if token else None
        if asked is None:
            if not request.param("feedTypes"):
                raise Refusal(400, "InvalidInput", "Either feedTypes or nextToken is required.")
            first = since(request, "createdSince")
            asked = {"types": csv_param(request, "feedTypes"), "first": first.isoformat() if first else "", "at": 0}
            asked["size"] = int(request.param("pageSize") or 10)
        first = datetime.fromisoformat(asked["first"]) if asked["first"] else None
        rows = [row for row in self.feeds.values() if row["type"] in asked["types"]]
        rows = [row for row in rows if first is None or row["at"] >= first]
        rows.sort(key=lambda row: row["at"], reverse=True)
        end = asked["at"] + asked["size"]
        more = base64.urlsafe_b64encode(to_json({**asked, "at": end})).decode() if len(rows) > end else ""
        page = [self._feed_row(row, request) for row in rows[asked["at"] : end]]
        return Reply.of({"feeds": page} | ({"nextToken": more} if more else {}))

    @route("GET", "/feeds/2021-06-30/feeds/{feed_id}")
    def get_feed(self, request: Request, feed_id: str) -> Reply:
        """One feed."""
        if feed_id not in self.feeds:
            raise Refusal(404, "NotFound", "The feed was not found.")
        return Reply.of(self._feed_row(self.feeds[feed_id], request))

    def _feed_row(self, feed: dict[str, Any], request: Request) -> dict[str, Any]:
        row = {"feedId": feed["id"], "feedType": feed["type"], "marketplaceIds": [self.marketplace]}
        row |= {"createdTime": text_time(feed["at"]), "processingStatus": self._status(feed)}
        if row["processingStatus"] == "DONE":
            row["processingEndTime"] = text_time(self._ended(feed))
            row["resultFeedDocumentId"] = f"amzn1.tortuga.result.{feed['id']}"
        return row

    def _status(self, feed: dict[str, Any]) -> str:
        if feed.get("ended_as"):
            return str(feed["ended_as"])
        if self.world.now() < feed["at"] + timedelta(seconds=_QUEUED):
            return "IN_QUEUE"
        refund = self.world.data.refunds.get(feed["refund"] or "")
        if self.stuck_feeds or (refund is not None and refund.state == "pending"):
            return "IN_PROGRESS"
        return "DONE"

    def _ended(self, feed: dict[str, Any]) -> datetime:
        seconds = self.world.settle_after if feed["refund"] else _QUEUED
        ended: datetime = feed["at"] + timedelta(seconds=seconds)
        return ended

    @route("GET", "/feeds/2021-06-30/documents/{document_id}")
    def get_feed_document(self, request: Request, document_id: str) -> Reply:
        """Where the processing report of a feed is."""
        feed = self.feeds.get(document_id.rpartition(".")[2])
        if feed is None:
            raise Refusal(404, "NotFound", "The document was not found.")
        if document_id not in self.documents:
            self.documents[document_id] = {"data": self._report(feed), "packed": False}
        return Reply.of({"feedDocumentId": document_id, "url": self.place(request, document_id)})

    def _report(self, feed: dict[str, Any]) -> bytes:
        refund = self.world.data.refunds.get(feed["refund"] or "")
        failed = not feed.get("done") and (refund is None or refund.state == "failed")
        result = {"MessageID": "1", "ResultCode": "Error", "ResultMessageCode": "18028"}
        result["ResultDescription"] = feed["why"] or "The adjustment was not accepted."
        summary = {"MessagesProcessed": "1", "MessagesSuccessful": "0" if failed else "1"}
        summary |= {"MessagesWithError": "1" if failed else "0", "MessagesWithWarning": "0"}
        report = {"DocumentTransactionID": feed["id"], "StatusCode": "Complete", "ProcessingSummary": summary}
        message = {"MessageID": "1", "ProcessingReport": report | ({"Result": result} if failed else {})}
        header = {"DocumentVersion": "1.02", "MerchantIdentifier": self.seller_id}
        return to_xml("AmazonEnvelope", {"Header": header, "MessageType": "ProcessingReport", "Message": message})


def _in_order(data: bytes, names: tuple[str, ...]) -> None:
    """The schema is a sequence: elements in another order are not accepted."""
    places = [data.find(f"<{name}".encode()) for name in names]
    if sorted(places) != places:
        raise ValueError("The document does not follow the schema.")
