"""Simulated eBay: orders, their refunds, and payment disputes (Fulfillment API)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sellercare.models import Money
from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Order, Refund, Return
from sellercare.translation import instant
from sellercare_adapters.ebay.face_base import (
    FULFILLMENT,
    EbayBase,
    amount,
    between,
    item_of,
    number,
    order_number,
    page_of,
    paid,
    text_time,
    without_nothing,
)

_SHIPPED = {"open": "NOT_STARTED", "paid": "NOT_STARTED", "cancelled": "NOT_STARTED"}
_REFUNDS = {"pending": "PENDING", "done": "REFUNDED", "failed": "FAILED"}
_OVER = frozenset({"refunded", "declined", "cancelled", "closed"})
_FILTER = re.compile(r"(\w+):\[([^\]]*?)\.\.([^\]]*)\]")
_REASONS = frozenset(
    {
        "BUYER_CANCEL",
        "SELLER_CANCEL",
        "ITEM_NOT_RECEIVED",
        "BUYER_RETURN",
        "ITEM_NOT_AS_DESCRIBED",
        "OTHER_ADJUSTMENT",
        "SHIPPING_DISCOUNT",
    }
)
_LARGEST = 1_572_864


class OrdersFace(EbayBase):
    """The Fulfillment API."""

    @route("GET", FULFILLMENT + "/order/{order_id}")
    def order(self, request: Request, order_id: str) -> Reply:
        """One order."""
        found = self.order_of(order_id)
        if found is None:
            raise Refusal(404, "32100", "Invalid order ID.", "orderId")
        return Reply.of(self._order(found))

    @route("GET", FULFILLMENT + "/order")
    def orders(self, request: Request) -> Reply:
        """Orders by id, by creation or by change, of two years. Requests to cancel are never in the list."""
        if request.param("orderIds"):
            wanted = request.param("orderIds").split(",")
            shown = [each for each in map(self.order_of, wanted) if each is not None]
            return self._orders(request, shown)
        oldest = self.world.now() - timedelta(days=730)
        rows = [each for each in self.world.data.orders.values() if each.created_at >= oldest]
        filters = {name: (since, until) for name, since, until in _FILTER.findall(request.param("filter"))}
        field = "created_at" if "creationdate" in filters else "updated_at"
        for since, until in [filters.get("creationdate") or filters.get("lastmodifieddate") or ("", "")]:
            rows = [each for each in rows if not since or getattr(each, field) >= instant(since)]
            rows = [each for each in rows if not until or getattr(each, field) <= instant(until)]
        return self._orders(request, sorted(rows, key=lambda each: each.created_at, reverse=True))

    def _orders(self, request: Request, rows: list[Order]) -> Reply:
        shown = page_of(request, rows, size=50, most=200, code="30800")
        limits = {"limit": int(request.param("limit") or 50), "offset": int(request.param("offset") or 0)}
        return Reply.of({"total": len(rows), "orders": [self._order(each) for each in shown], **limits})

    def _order(self, order: Order) -> dict[str, Any]:
        refunds = [each for each in self.world.data.refunds.values() if each.order_id == order.id]
        was_paid = bool(order.payments)
        items = [line for line in order.lines if line.kind == "item"]
        postage = sum((line.total.amount for line in order.lines if line.kind != "item"), Decimal(0))
        zero = Money(amount=Decimal("0.00"), currency=order.currency)
        cancelled = order.state == "cancelled"
        row: dict[str, Any] = {
            "orderId": order_number(order.id),
            "creationDate": text_time(order.created_at),
            "lastModifiedDate": text_time(order.updated_at),
            "orderFulfillmentStatus": _SHIPPED.get(order.state, "FULFILLED"),
            "orderPaymentStatus": "PAID" if was_paid else "PENDING",
            "sellerId": self.seller,
            "buyer": {"username": self.login(order.buyer_id)},
            "cancelStatus": {"cancelState": "CANCELED" if cancelled else "NONE_REQUESTED", "cancelRequests": []},
            "pricingSummary": {
                "priceSubtotal": amount(order.total - Money(amount=postage, currency=order.currency)),
                "deliveryCost": amount(Money(amount=postage, currency=order.currency)),
                "total": amount(order.total),
            },
            "paymentSummary": {
                "totalDueSeller": amount(order.total if was_paid else zero),
                "payments": [
                    without_nothing(
                        {
                            "paymentMethod": "EBAY",
                            "amount": amount(each.amount),
                            "paymentDate": text_time(order.created_at),
                            "paymentStatus": "PAID",
                        }
                    )
                    for each in order.payments
                ],
                "refunds": [self._refund(each) for each in refunds],
            },
            "fulfillmentHrefs": [],
        }
        lines = [self._line(line, postage if line is items[0] else Decimal(0), refunds) for line in items]
        row["lineItems"] = lines
        return row

    def _line(self, line: Any, postage: Decimal, refunds: list[Refund]) -> dict[str, Any]:
        """A line, with its share of delivery: all of it lies on the first."""
        total = Money(amount=line.total.amount + postage, currency=line.price.currency)
        own = [
            {"refundId": each.id, "amount": part["refundAmount"]}
            for each in refunds
            for part in each.lines
            if each.state != "failed" and part.get("lineItemId") == number(line.id, 14)
        ]
        return {
            "lineItemId": number(line.id, 14),
            "legacyItemId": item_of(line),
            "title": line.title,
            "sku": line.sku,
            "quantity": line.quantity,
            "lineItemCost": amount(line.total),
            "total": amount(total),
            "deliveryCost": {"shippingCost": amount(Money(amount=postage, currency=line.price.currency))},
            "refunds": own,
            "taxes": [],
            "listingMarketplaceId": "EBAY_DE",
            "purchaseMarketplaceId": "EBAY_DE",
        }

    def _refund(self, refund: Refund) -> dict[str, Any]:
        """A refund of an order; its date is told once it was issued."""
        issued = text_time(refund.created_at) if refund.state == "done" else None
        row = {"refundId": refund.id, "refundStatus": _REFUNDS[refund.state], "refundDate": issued}
        return without_nothing(row | {"amount": amount(refund.amount)})

    # --- refunds ---------------------------------------------------------------------------------

    @route("POST", FULFILLMENT + "/order/{order_id}/issue_refund")
    def issue_refund(self, request: Request, order_id: str) -> Reply:
        """Pay an order, or lines of it, back. It is done later; the answer always says PENDING."""
        order = self.order_of(order_id)
        if order is None:
            raise Refusal(404, "34913", "Can not find the order.")
        body = self.body(request)
        if body.get("reasonForRefund") not in _REASONS:
            raise Refusal(400, "34903", "The refund reason must be specified.")
        if len(body.get("comment") or "") > 100:
            raise Refusal(400, "34921", "The comment exceeds the length limit.")
        parts = body.get("refundItems") or []
        if bool(parts) == bool(body.get("orderLevelRefundAmount")):
            raise Refusal(400, "34905", "Either orderLevelRefundAmount or refundItems must be specified.")
        total = self._asked(order, parts) if parts else paid(body["orderLevelRefundAmount"], "34907")
        self._refundable(order, total)
        made = self.world.pay_back(order, total, lines=parts, reason=body["reasonForRefund"], note=body.get("comment"))
        return Reply.of({"refundId": made.id, "refundStatus": "PENDING"})

    def _asked(self, order: Order, parts: list[dict[str, Any]]) -> Money:
        total = Money(amount=Decimal(0), currency=order.currency)
        known = {number(line.id, 14) for line in order.lines}
        for part in parts:
            if part.get("lineItemId") not in known:
                raise Refusal(400, "34914", "Can't find the item in the order.")
            total += paid(part["refundAmount"], "34907")
        return total

    def _refundable(self, order: Order, total: Money) -> None:
        if total.currency != order.currency:
            raise Refusal(400, "34909", "The amount currency isn't correct.")
        if not order.payments:
            raise Refusal(409, "34929", "You cannot refund this order yet.")
        cases = [each for each in self.world.data.returns.values() if each.order_id == order.id]
        if any(each.state not in _OVER for each in cases):
            raise Refusal(400, "34916", "A post-transaction case exists on this order.")
        refunds = [each for each in self.world.data.refunds.values() if each.order_id == order.id]
        if any(each.state == "pending" for each in refunds):
            raise Refusal(400, "34922", "Refund can't be issued while previous refund is processing.")
        left = order.total - self.world.refunded(order)
        if left.amount <= 0:
            raise Refusal(400, "34917", "This order was already refunded.")
        if total > left:
            raise Refusal(400, "34915", "The refund amount exceeds order amount.")

    # --- payment disputes --------------------------------------------------------------------------

    @route("GET", FULFILLMENT + "/payment_dispute_summary")
    def dispute_summaries(self, request: Request) -> Reply:
        """Disputes of an order, or of up to 90 days."""
        rows = self.cases("chargeback")
        if request.param("order_id"):
            rows = [each for each in rows if order_number(each.order_id) == request.param("order_id")]
        else:
            names = ("open_date_from", "open_date_to")
            rows = between(request, names, rows, lambda each: each.created_at, self.world.now())
        shown = page_of(request, rows, size=200, most=200, code="33001")
        whole = [self._dispute(each) for each in shown]
        keys = ("amount", "buyerUsername", "openDate", "orderId", "paymentDisputeId", "paymentDisputeStatus", "reason")
        short = [{key: row[key] for key in (*keys, "respondByDate", "closedDate") if key in row} for row in whole]
        limits = {"limit": int(request.param("limit") or 200), "offset": int(request.param("offset") or 0)}
        return Reply.of({"paymentDisputeSummaries": short, "total": len(rows), **limits})

    @route("GET", FULFILLMENT + "/payment_dispute/{dispute_id}")
    def dispute(self, request: Request, dispute_id: str) -> Reply:
        """One dispute."""
        return Reply.of(self._dispute(self.case("chargeback", dispute_id, "33001")))

    def _dispute(self, case: Return) -> dict[str, Any]:
        waits = case.state == "requested"
        order = self.world.data.orders[case.order_id]
        line = order.known_line(case.lines[0].line_id)
        row = {
            "paymentDisputeId": number(case.id),
            "paymentDisputeStatus": "ACTION_NEEDED" if waits else "OPEN" if case.state == "escalated" else "CLOSED",
            "orderId": order_number(case.order_id),
            "reason": case.extra.get("reason", "ITEM_NOT_RECEIVED"),
            "amount": amount(case.asked) if case.asked else None,
            "buyerUsername": self.login(case.buyer_id),
            "openDate": text_time(case.created_at),
            "closedDate": None if waits or case.state == "escalated" else text_time(case.updated_at),
            "respondByDate": text_time(case.due) if waits else None,
            "revision": case.extra.get("revision", 1),
            "sellerResponse": case.extra.get("response"),
            "lineItems": [{"itemId": item_of(line), "lineItemId": number(line.id, 14)}],
            "evidenceRequests": case.extra.get("asked_for", []),
            "evidence": case.extra.get("evidence", []),
            "note": case.extra.get("note"),
        }
        return without_nothing(row)

    def _answerable(self, request: Request, dispute_id: str) -> tuple[Return, dict[str, Any]]:
        case, body = self.case("chargeback", dispute_id, "33001"), self.body(request)
        if body.get("revision") != case.extra.get("revision", 1):
            raise Refusal(409, "33011", "There was a change in payment dispute attributes.")
        if case.state != "requested":
            raise Refusal(409, "33101", "Invalid payment dispute state")
        case.extra["revision"] = case.extra.get("revision", 1) + 1
        return case, body

    @route("POST", FULFILLMENT + "/payment_dispute/{dispute_id}/accept")
    def accept(self, request: Request, dispute_id: str) -> Reply:
        """The buyer gets the money."""
        case, _ = self._answerable(request, dispute_id)
        case.extra["response"] = "ACCEPT"
        order = self.world.data.orders[case.order_id]
        self.world.decide(case, "approve", "refunded")
        if case.asked:
            self.world.pay_back(order, case.asked, return_id=case.id)
        return Reply(204)

    @route("POST", FULFILLMENT + "/payment_dispute/{dispute_id}/contest")
    def contest(self, request: Request, dispute_id: str) -> Reply:
        """The bank decides. An address for the return is wanted where goods are not as described."""
        case = self.case("chargeback", dispute_id, "33001")
        body = self.body(request)
        not_described = case.extra.get("reason") == "SIGNIFICANTLY_NOT_AS_DESCRIBED"
        if (not_described and not body.get("returnAddress")) or len(body.get("note") or "") > 1000:
            raise Refusal(400, "33100", "Invalid input request")
        case, body = self._answerable(request, dispute_id)
        case.extra |= {"response": "CONTEST", "note": body.get("note")}
        self.world.decide(case, "contest", "escalated", body.get("note") or "")
        return Reply(204)

    @route("POST", FULFILLMENT + "/payment_dispute/{dispute_id}/upload_evidence_file")
    def upload(self, request: Request, dispute_id: str) -> Reply:
        """A file of evidence: a form with one part called `file`, JPEG or PNG, 1.5 MB."""
        case = self.case("chargeback", dispute_id, "33001")
        if case.state != "requested":
            raise Refusal(409, "33004", "Upload file for evidence is not permitted for given payment dispute state.")
        if b'name="file"' not in request.body or not re.search(rb"Content-Type: image/(jpeg|png)\r\n", request.body):
            raise Refusal(400, "33005", "File type is invalid.")
        if len(request.body) > _LARGEST:
            raise Refusal(400, "33006", "File size should be 1.5 MB or less.")
        file_id = self.world.new_id("fil")
        case.extra.setdefault("uploaded", {})[file_id] = len(request.body)
        return Reply.of({"fileId": file_id})

    @route("POST", FULFILLMENT + "/payment_dispute/{dispute_id}/add_evidence")
    def add_evidence(self, request: Request, dispute_id: str) -> Reply:
        """Files become a set of evidence."""
        case, body = self.case("chargeback", dispute_id, "33001"), self.body(request)
        if not body.get("evidenceType"):
            raise Refusal(400, "33008", "Invalid evidence type.")
        files = [each["fileId"] for each in body.get("files") or []]
        if not files or any(each not in case.extra.get("uploaded", {}) for each in files):
            raise Refusal(400, "33003", "Invalid Evidence File Id")
        evidence_id = self.world.new_id("evd")
        made = {"evidenceId": evidence_id, "evidenceType": body["evidenceType"]}
        case.extra.setdefault("evidence", []).append(made | {"files": [{"fileId": each} for each in files]})
        case.extra["revision"] = case.extra.get("revision", 1) + 1
        return Reply.of({"evidenceId": evidence_id})
