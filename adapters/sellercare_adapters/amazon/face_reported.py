"""Simulated Amazon: what stands in its reports.

Written from Amazon's lists of their attributes, and for the XML of returns from a report of 2020 that a public
integration has kept (AmazonEnvelope, Message, return_details).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import to_json
from sellercare.markup import to_xml
from sellercare_adapters.amazon.face_base import AmazonBase, as_order_id, text_time

_FEEDBACK = ("Date", "Rating", "Comments", "Your Response", "Order ID", "Rater Email")
_FBA = (
    "return-date",
    "order-id",
    "sku",
    "asin",
    "fnsku",
    "product-name",
    "quantity",
    "fulfillment-center-id",
    "detailed-disposition",
    "reason",
    "status",
    "license-plate-number",
    "customer-comments",
)
_STATUS = {"requested": "Pending Approval", "approved": "Approved", "declined": "Declined", "closed": "Closed"}
_CAME_BACK = "Unit returned to inventory"


class AmazonReported(AmazonBase):
    """The documents of reports, over the world.

    Returns of orders with `extra["fulfilled_by"]` AMAZON are in the report of returns to Amazon, with
    `extra["license_plate"]` of the return (or `extra["fba_status"]`) where it has one. Those of orders with
    `extra["prime"]` are in the report of Prime returns, and in that of returns unless `prime_apart`. Cancellations
    are in their orders.
    """

    prime_apart = False

    def makers(self) -> dict[str, Callable[[dict[str, Any]], bytes]]:
        return {
            "GET_XML_RETURNS_DATA_BY_RETURN_DATE": self._returns,
            "GET_XML_MFN_PRIME_RETURNS_REPORT": self._prime_returns,
            "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": self._fba_returns,
            "GET_SELLER_FEEDBACK_DATA": self._feedback,
            "GET_V2_SELLER_PERFORMANCE_REPORT": self._performance,
            "GET_V1_SELLER_PERFORMANCE_REPORT": self._customer_metrics,
        }

    def _within(self, report: dict[str, Any], at: datetime) -> bool:
        first, last = report.get("dataStartTime"), report.get("dataEndTime")
        return (not first or at >= datetime.fromisoformat(first)) and (not last or at <= datetime.fromisoformat(last))

    def _backs(self, report: dict[str, Any]) -> list[Any]:
        """The returns of the report's time, without those that stand elsewhere."""
        return [
            back
            for back in self.world.data.returns.values()
            if not back.extra.get("external") and back.kind != "cancellation" and self._within(report, back.created_at)
        ]

    def _order_of(self, back: Any) -> Any:
        return self.world.data.orders[back.order_id]

    def _by_amazon(self, back: Any) -> bool:
        return bool(self._order_of(back).extra.get("fulfilled_by") == "AMAZON")

    def _returns(self, report: dict[str, Any]) -> bytes:
        backs = [back for back in self._backs(report) if not self._by_amazon(back)]
        return self._envelope(
            [back for back in backs if not (self.prime_apart and self._order_of(back).extra.get("prime"))]
        )

    def _prime_returns(self, report: dict[str, Any]) -> bytes:
        backs = [back for back in self._backs(report) if not self._by_amazon(back)]
        return self._envelope([back for back in backs if self._order_of(back).extra.get("prime")])

    def _envelope(self, backs: list[Any]) -> bytes:
        message = {"return_details": [self._return(back) for back in backs]}
        head = {"Header": {"DocumentVersion": "1.00"}, "MessageType": "Returns-Report"}
        return to_xml("AmazonEnvelope", head | {"Message": message})

    def _fba_returns(self, report: dict[str, Any]) -> bytes:
        """A row for each unit. Its plate is the return's, with its number where several units came back."""
        lines = ["\t".join(_FBA)]
        for back in self._backs(report):
            if self._by_amazon(back):
                lines += ["\t".join(cells) for each in back.lines for cells in self._units(back, each)]
        return "\n".join(lines).encode()

    def _units(self, back: Any, each: Any) -> list[list[str]]:
        order = self._order_of(back)
        line, plate = order.known_line(each.line_id), back.extra.get("license_plate", f"LPN{back.number}")
        row = [
            back.created_at.isoformat(timespec="seconds"),
            as_order_id(order.id),
            line.sku,
            line.product_id,
            f"X00{line.product_id[-7:]}",
            line.title,
            "1",
            "PHX7",
            "SELLABLE",
            each.reason or back.reason or "",
            back.extra.get("fba_status", _CAME_BACK),
        ]
        note = (back.note or "").replace("\t", " ").replace("\n", " ")
        return [[*row, f"{plate}{n or ''}" if plate else "", note] for n in range(each.quantity)]

    def _return(self, back: Any) -> dict[str, Any]:
        order = self._order_of(back)
        items = []
        for each in back.lines:
            line = order.known_line(each.line_id)
            items.append(
                {
                    "item_name": line.title,
                    "asin": line.product_id,
                    "return_reason_code": each.reason or back.reason,
                    "merchant_sku": line.sku,
                    "in_policy": "Y",
                    "return_quantity": str(each.quantity),
                    "resolution": "StandardRefund",
                    "refund_amount": (line.price.amount * each.quantity).to_eng_string(),
                }
            )
        return {
            "item_details": items,
            "order_id": as_order_id(order.id),
            "order_date": text_time(order.created_at),
            "amazon_rma_id": back.number,
            "return_request_date": text_time(back.created_at),
            "return_request_status": _STATUS.get(back.state, "Closed"),
            "a_to_z_claim": "true" if back.kind == "claim" else "false",
            "is_prime": "Y" if order.extra.get("prime") else "N",
            "label_details": {"currency_code": order.currency, "label_type": "AmazonUnPaidLabel"},
            "return_type": "C-Returns",
            "order_amount": order.total.plain(),
            "order_quantity": str(len(order.lines)),
        }

    def _feedback(self, report: dict[str, Any]) -> bytes:
        lines = ["\t".join(_FEEDBACK)]
        for review in self.world.data.reviews.values():
            if review.subject == "seller" and review.rating <= 3 and self._within(report, review.created_at):
                at, buyer = review.created_at, self.world.data.buyers[review.buyer_id]
                cells = [f"{at.month}/{at.day}/{at:%y}", str(review.rating), review.text or "", review.reply or ""]
                lines.append("\t".join([*cells, as_order_id(review.order_id or ""), buyer.email or ""]))
        return "\r\n".join(lines).encode("cp1252", "replace")

    def _performance(self, report: dict[str, Any]) -> bytes:
        """The newest score day of the world: its grade is the account's status, its metrics are shares of orders."""
        day = next(iter(self.world.data.score_days), None)
        if day is None:
            return to_json({"accountStatuses": [], "performanceMetrics": []})
        status = day.grade.upper() if day.grade.upper() in ("NORMAL", "AT_RISK", "DEACTIVATED") else "NORMAL"
        first, last = day.on - timedelta(days=29), day.on
        window = {"reportingDateFrom": f"{first}T00:00Z", "reportingDateTo": f"{last}T23:59Z"}
        metrics: dict[str, Any] = {
            each["code"]: {"reportingDateRange": window, "status": "GOOD", "rate": each["value"]}
            | ({"targetValue": each["target"], "targetCondition": "LESS_THAN"} if "target" in each else {})
            for each in day.metrics
        }
        return to_json(
            {
                "accountStatuses": [{"marketplaceId": self.marketplace, "status": status}],
                "performanceMetrics": [{"marketplaceId": self.marketplace, **metrics}],
            }
        )

    def _customer_metrics(self, report: dict[str, Any]) -> bytes:
        """Answer times over two spans, out of `extra["answers"]` of the world's data: hours by days."""
        spans = self.world.data.extra.get("answers", {7: "5.2", 30: "6.0"})
        today = self.world.now().replace(hour=0, minute=0, second=0, microsecond=0)

        def frame(days: int) -> dict[str, str]:
            last = today - timedelta(seconds=1)
            return {"start": text_time(today - timedelta(days=days)), "end": text_time(last)}

        answers = [
            {
                "timeFrame": frame(days),
                "averageResponseTimeInHours": hours,
                "responseUnder24Hours": "98",
                "responseTimeGreaterThan24Hours": "2",
                "noResponseForContactsOlderThan24Hours": "0",
            }
            for days, hours in spans.items()
        ]
        content = {"rate": "3.5%", "count": "7"}
        whole = {
            "performanceChecklist": {
                "orderDefectRate": {"status": "Good"},
                "contactResponseTime": {"status": "Good"},
                "returnDissatisfactionRate": {"status": "Fair"},
            },
            "buyerSellerContactResponseTimeMetrics": {"responseTimeMetrics": answers},
            "returnDissatisfaction": {
                "returnDissatisfactionMetrics": {"timeFrame": frame(30), "returnDissatisfaction": content}
            },
        }
        return to_xml("sellerPerformanceReports", {"sellerPerformanceReport": whole})
