"""Simulated Amazon: reports that are asked for, made after a while, and kept in the storage service; External
Fulfillment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.pages import cursor_page
from sellercare_adapters.amazon.face_base import as_order_id, csv_param, since, text_time
from sellercare_adapters.amazon.face_reported import AmazonReported

_EXTERNAL = {
    "requested": "CREATED",
    "approved": "CREATED",
    "in_transit": "IN_TRANSIT",
    "received": "DELIVERED",
    "declined": "REJECTED",
    "cancelled": "CANCELLED",
    "closed": "PROCESSED",
}


class AmazonReportsFace(AmazonReported):
    """Reports API 2021-06-30 and External Fulfillment Returns 2024-09-11.

    A report is queued for `report_queue` seconds and made in `report_time` more. `spoil_reports` lets them end as
    CANCELLED or FATAL. `packed_reports`: they are kept packed. Returns with `extra["external"]` are External
    Fulfillment's.
    """

    report_queue = 20.0
    report_time = 60.0
    packed_reports = True
    spoil_reports = ""

    @property
    def reports(self) -> dict[str, dict[str, Any]]:
        """The reports by id."""
        found: dict[str, dict[str, Any]] = self.world.data.extra.setdefault("reports", {})
        return found

    @route("POST", "/reports/2021-06-30/reports", reads=True)
    def create_report(self, request: Request) -> Reply:
        """Ask for a report."""
        asked = self.body(request)
        if asked["marketplaceIds"] != [self.marketplace] or asked["reportType"] not in self.makers():
            raise Refusal(400, "InvalidInput", "Invalid input", "Invalid input")
        id_ = str(self.world.random.randrange(10**11, 10**12))
        made = {"id": id_, "at": self.world.now(), "document": "", "spoiled": self.spoil_reports, **asked}
        self.reports[id_] = made
        return Reply.of({"reportId": id_}, 202)

    @route("GET", "/reports/2021-06-30/reports")
    def get_reports(self, request: Request) -> Reply:
        """Reports of some types, newest first."""
        types, first = csv_param(request, "reportTypes"), since(request, "createdSince")
        if not types:
            raise Refusal(400, "InvalidInput", "Either reportTypes or nextToken is required.")
        rows = [
            row for row in self.reports.values() if row["reportType"] in types and (first is None or row["at"] >= first)
        ]
        rows.sort(key=lambda row: row["at"], reverse=True)
        size = int(request.param("pageSize") or 10)
        return Reply.of({"reports": [self._report_row(row) for row in rows[:size]]})

    @route("GET", "/reports/2021-06-30/reports/{report_id}")
    def get_report(self, request: Request, report_id: str) -> Reply:
        """One report."""
        if report_id not in self.reports:
            raise Refusal(404, "NotFound", "The report was not found.")
        return Reply.of(self._report_row(self.reports[report_id]))

    def _report_row(self, report: dict[str, Any]) -> dict[str, Any]:
        names = ("reportType", "marketplaceIds", "dataStartTime", "dataEndTime")
        row = {"reportId": report["id"], "createdTime": text_time(report["at"])}
        row |= {name: report[name] for name in names if name in report}
        age = self.world.now() - report["at"]
        if age < timedelta(seconds=self.report_queue):
            return row | {"processingStatus": "IN_QUEUE"}
        if age < timedelta(seconds=self.report_queue + self.report_time):
            return row | {"processingStatus": "IN_PROGRESS"}
        if report["spoiled"]:
            return row | {"processingStatus": report["spoiled"]}
        if not report["document"]:
            data = self.makers()[report["reportType"]](report)
            report["document"] = self.keep("spdoc", data, packed=self.packed_reports)
        return row | {"processingStatus": "DONE", "reportDocumentId": report["document"]}

    @route("GET", "/reports/2021-06-30/documents/{document_id}")
    def get_report_document(self, request: Request, document_id: str) -> Reply:
        """Where the document of a report is."""
        if document_id not in self.documents:
            raise Refusal(404, "NotFound", "The document was not found.")
        row = {"reportDocumentId": document_id, "url": self.place(request, document_id)}
        return Reply.of(row | ({"compressionAlgorithm": "GZIP"} if self.documents[document_id]["packed"] else {}))

    # --- External Fulfillment ------------------------------------------------------------------------------------

    @route("GET", "/externalFulfillment/2024-09-11/returns")
    def list_external(self, request: Request) -> Reply:
        """Returns of the programme."""
        first, status = since(request, "createdSince"), request.param("status")
        backs = [back for back in self.world.data.returns.values() if back.extra.get("external")]
        all_rows = [self._external(back) for back in backs if first is None or back.created_at >= first]
        rows = [row for row in all_rows if not status or row["status"] == status]
        page, token = cursor_page(rows, request, size=10, limit="maxResults", cursor="nextToken")
        return Reply.of({"returns": list(page)} | ({"nextToken": token} if token else {}))

    @route("GET", "/externalFulfillment/2024-09-11/returns/{return_id}")
    def get_external(self, request: Request, return_id: str) -> Reply:
        """One of them."""
        back = self.world.data.returns.get(return_id)
        if back is None or not back.extra.get("external"):
            raise Refusal(400, "InvalidInput", f"Invalid input '{return_id}' for parameter 'returnId'")
        return Reply.of(self._external(back))

    def _external(self, back: Any) -> dict[str, Any]:
        order = self.world.data.orders[back.order_id]
        return {
            "id": back.id,
            "merchantSku": order.lines[0].sku,
            "returnType": "CUSTOMER",
            "returnSubType": "NORMAL",
            "numberOfUnits": sum(line.quantity for line in back.lines),
            "status": _EXTERNAL.get(back.state, "CREATED"),
            "fulfillmentLocationId": "450a6661-1a97-4abd-99e4-45714bcf4439",
            "creationDateTime": text_time(back.created_at),
            "lastUpdatedDateTime": text_time(back.updated_at),
            "returnMetadata": {"returnReason": back.reason or "Missed", "rmaId": back.number},
            "returnShippingInfo": {"reverseTrackingInfo": {"carrierName": "ATS", "trackingId": "19124773658"}},
            "marketplaceChannelDetails": {"customerOrderId": as_order_id(order.id), "shipmentId": "D39CwZpdj"},
        }
