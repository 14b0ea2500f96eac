"""Simulated eBay: Post-Order v2, as far as eBay's portal still listed it on 2026-08-29.

Field names are from the derived description. That `offset` skips rows, that a return names its order, and that its
history names each activity as the option that allowed it, is from eBay's pages (2.10.0). What they do not tell is
chosen: a seller's cancellation pays back at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Return, Thread
from sellercare_adapters.ebay.face_base import (
    POST_ORDER,
    EbayBase,
    between,
    dated,
    item_of,
    legacy_amount,
    number,
    order_number,
    paid,
    without_nothing,
)

_RETURNS = {
    "requested": ("RETURN_REQUESTED", "RETURN_REQUESTED"),
    "offered": ("PARTIAL_REFUND_REQUESTED", "PARTIAL_REFUND_REQUESTED"),
    "approved": ("ITEM_READY_TO_SHIP", "READY_FOR_SHIPPING"),
    "in_transit": ("ITEM_SHIPPED", "ITEM_SHIPPED"),
    "partly_received": ("ITEM_DELIVERED", "ITEM_DELIVERED"),
    "received": ("ITEM_DELIVERED", "ITEM_DELIVERED"),
    "escalated": ("RETURN_REQUESTED", "ESCALATED"),
}
_WHY_CLOSED = {"refunded": "FULL_REFUNDED", "declined": "REQUEST_DECLINED", "cancelled": "BUYER_CLOSED"}
_ALWAYS = ("SELLER_ISSUE_REFUND", "SELLER_SEND_MESSAGE", "SELLER_ESCALATE")
_OPTIONS: dict[str, tuple[str, ...]] = {
    "requested": (
        "SELLER_APPROVE_REQUEST",
        "SELLER_DECLINE_REQUEST",
        "SELLER_OFFER_PARTIAL_REFUND",
        "SELLER_OFFER_RETURNS",
        *_ALWAYS,
    ),
    "offered": ("SELLER_APPROVE_REQUEST", *_ALWAYS),
    "approved": ("SELLER_PROVIDE_RMA", "SELLER_PROVIDE_LABEL", *_ALWAYS),
    "in_transit": ("SELLER_MARK_AS_RECEIVED", *_ALWAYS),
    "partly_received": _ALWAYS,
    "received": _ALWAYS,
}
_DECISIONS = {
    "APPROVE": ("SELLER_APPROVE_REQUEST", "approve", "approved"),
    "DECLINE": ("SELLER_DECLINE_REQUEST", "decline", "declined"),
    "OFFER_PARTIAL_REFUND": ("SELLER_OFFER_PARTIAL_REFUND", "offer", "offered"),
    "OFFER_RETURN": ("SELLER_OFFER_RETURNS", "offer", "approved"),
    "PROVIDE_RMA": ("SELLER_PROVIDE_RMA", "approve", "approved"),
}
_INQUIRIES = {"requested": "WAITING_SELLER_RESPONSE", "escalated": "CLOSED_WITH_ESCALATION"}
_CANCELLATIONS = {
    "requested": "CANCEL_REQUESTED",
    "approved": "CANCEL_PENDING",
    "refunded": "CANCEL_CLOSED_WITH_REFUND",
    "declined": "CANCEL_REJECTED",
}
_REASONS = frozenset({"OUT_OF_STOCK_OR_CANNOT_FULFILL", "BUYER_ASKED_CANCEL", "ADDRESS_ISSUES"})
_PAID = {"pending": "PENDING", "done": "SUCCESS", "failed": "FAILED"}


class PostOrderFace(EbayBase):
    """Returns, inquiries and cancellations."""

    # --- returns ---------------------------------------------------------------------------------

    @route("GET", POST_ORDER + "/return/search")
    def returns(self, request: Request) -> Reply:
        """Returns of an order, or of up to 90 days."""
        rows = self._searched(request, "return", "order_id", "")
        if request.param("return_state") == "ALL_OPEN":
            rows = [each for each in rows if each.state in _RETURNS]
        return self._page(request, rows, "members", "total", [self._summary(each) for each in rows])

    @route("GET", POST_ORDER + "/return/{case_id}")
    def one_return(self, request: Request, case_id: str) -> Reply:
        """A return in short, or its details: FULL, which is the default, has no summary (GetReturnFieldGroupEnum)."""
        case, part = self.case("return", case_id), request.param("fieldgroups") or "FULL"
        if part not in ("FULL", "SUMMARY"):
            raise Refusal(400, "2004", "Invalid field group.", "fieldgroups")
        return Reply.of({"summary": self._summary(case)} if part == "SUMMARY" else {"detail": self._detail(case)})

    @route("POST", POST_ORDER + "/return/{case_id}/decide")
    def decide(self, request: Request, case_id: str) -> Reply:
        """A decision that `sellerAvailableOptions` allows."""
        case, body = self.case("return", case_id), self.body(request)
        if body.get("decision") not in _DECISIONS:
            raise Refusal(400, "2004", "Invalid decision.", "decision")
        activity, verb, state = _DECISIONS[body["decision"]]
        self._allowed(case, activity)
        detail = ""
        if body["decision"] == "OFFER_PARTIAL_REFUND":
            detail = str(paid(body["partialRefundAmount"], "2004"))
        if body["decision"] == "PROVIDE_RMA":
            case.extra["rma"] = body["RMANumber"]
        self._happened(case, activity, (body.get("comments") or {}).get("content"))
        self.world.decide(case, verb, state, detail)
        return Reply.of({"refundStatus": "OTHER"})

    @route("POST", POST_ORDER + "/return/{case_id}/mark_as_received")
    def mark_as_received(self, request: Request, case_id: str) -> Reply:
        """The item is back."""
        case, body = self.case("return", case_id), self.body(request)
        self._allowed(case, "SELLER_MARK_AS_RECEIVED")
        self.world.receive(case, {})
        self._happened(case, "SELLER_MARK_AS_RECEIVED", (body.get("comments") or {}).get("content"))
        self.world.decide(case, "receive", "received")
        return Reply(200)

    @route("POST", POST_ORDER + "/return/{case_id}/escalate")
    def escalate(self, request: Request, case_id: str) -> Reply:
        """eBay is asked to step in."""
        case, body = self.case("return", case_id), self.body(request)
        self._allowed(case, "SELLER_ESCALATE")
        self._happened(case, "SELLER_ESCALATE", (body.get("comments") or {}).get("content"))
        self.world.decide(case, "contest", "escalated", body["reason"])
        return Reply.of({"caseId": case_number(case)})

    @route("POST", POST_ORDER + "/return/{case_id}/issue_refund")
    def refund_return(self, request: Request, case_id: str) -> Reply:
        """Pay back in parts that sum up to the total."""
        case, detail = self.case("return", case_id), self.body(request)["refundDetail"]
        self._allowed(case, "SELLER_ISSUE_REFUND")
        total = paid(detail["totalAmount"], "2004")
        parts = [paid(each["refundAmount"], "2004").amount for each in detail["itemizedRefundDetail"]]
        if sum(parts, Decimal(0)) != total.amount or (case.asked and total > case.asked):
            raise Refusal(400, "2004", "The amounts do not sum up to the total, or are too much.", "totalAmount")
        made = self.world.pay_back(self.world.data.orders[case.order_id], total, return_id=case.id)
        self._happened(case, "SELLER_ISSUE_REFUND", None)
        case.state, case.updated_at = "refunded", self.world.now()
        return Reply.of({"refundStatus": "PENDING" if made.state == "pending" else "SUCCESS"})

    @route("POST", POST_ORDER + "/return/{case_id}/send_message")
    @route("POST", POST_ORDER + "/inquiry/{case_id}/send_message")
    def send_message(self, request: Request, case_id: str) -> Reply:
        """Write into a return or inquiry. The answer is empty."""
        kind = request.path.split("/")[3]
        case, text = self.case(kind, case_id), self.body(request)["message"]["content"]
        if kind == "return":
            self._allowed(case, "SELLER_SEND_MESSAGE")
        elif case.state not in _INQUIRIES:
            raise Refusal(409, "2004", "The inquiry is closed.")
        self.world.say(self._talk(case), text)
        return Reply(200)

    def _allowed(self, case: Return, activity: str) -> None:
        if activity not in _options(case):
            raise Refusal(409, "2004", f"{activity} is not available for this return now.")

    def _happened(self, case: Return, activity: str, text: str | None) -> None:
        entry = {"activity": activity, "author": "SELLER", "at": self.world.now(), "notes": text}
        case.extra.setdefault("history", []).append(entry)

    def _talk(self, case: Return) -> Thread:
        """The conversation inside a case."""
        found = self.world.data.threads.get(case.thread_id or "")
        if found is None:
            found = self.world.thread(self.world.data.orders[case.order_id], kind="claim_chat")
            found.return_id, case.thread_id = case.id, found.id
        return found

    def _history(self, case: Return) -> list[dict[str, Any]]:
        """What was done and said, oldest first."""
        thread = self.world.data.threads.get(case.thread_id or "")
        said = [
            {
                "activity": f"{each.author.upper()}_SEND_MESSAGE",
                "author": each.author.upper(),
                "at": each.created_at,
                "notes": each.text,
            }
            for each in (thread.messages if thread else [])
        ]
        begun = {"activity": "BUYER_CREATE_RETURN", "author": "BUYER", "at": case.created_at, "notes": case.note}
        rows = sorted([begun, *case.extra.get("history", []), *said], key=lambda each: each["at"])
        return [without_nothing({**each, "at": None, "creationDate": dated(each["at"])}) for each in rows]

    def _events(self, case: Return) -> list[dict[str, Any]]:
        """The same in the words of inquiries and cases."""
        names = {"activity": "action", "author": "actor", "creationDate": "date", "notes": "description"}
        return [{names[name]: value for name, value in each.items()} for each in self._history(case)]

    def _item(self, case: Return) -> dict[str, str]:
        order = self.world.data.orders[case.order_id]
        line = order.known_line(case.lines[0].line_id)
        return {"itemId": item_of(line), "transactionId": number(line.id, 13)}

    def _summary(self, case: Return) -> dict[str, Any]:
        state, status = _RETURNS.get(case.state, ("CLOSED", "CLOSED"))
        if case.state == "refunded" and any(each.state == "pending" for each in self._refunds(case)):
            state = "REFUND_INITIATED"
        refund = {"estimatedRefundAmount": legacy_amount(case.asked)} if case.asked else None
        due = {"activityDue": "SELLER_APPROVE_REQUEST", "respondByDate": dated(case.due)}
        made = {
            "reason": "ARRIVED_DAMAGED" if case.reason == "damaged" else case.reason,
            "comments": {"content": case.note} if case.note else None,
            "item": self._item(case) | {"returnQuantity": case.lines[0].quantity},
            "creationDate": dated(case.created_at),
            "type": "MONEY_BACK",
        }
        row = {
            "returnId": number(case.id),
            "orderId": order_number(case.order_id),
            "state": state,
            "status": status,
            "currentType": "MONEY_BACK",
            "buyerLoginName": self.login(case.buyer_id),
            "sellerLoginName": self.seller,
            "creationInfo": without_nothing(made),
            "sellerAvailableOptions": [{"actionType": each} for each in _options(case)],
            "sellerResponseDue": due if case.state == "requested" else None,
            "sellerTotalRefund": refund,
            "escalationInfo": {"caseId": case_number(case)} if case.state == "escalated" else None,
        }
        return without_nothing(row)

    def _refunds(self, case: Return) -> list[Any]:
        return [each for each in self.world.data.refunds.values() if each.return_id == case.id]

    def _detail(self, case: Return) -> dict[str, Any]:
        estimated = []
        if case.asked:
            parts = {"PURCHASE_PRICE": case.asked}
            estimated = [
                {"refundFeeType": fee, "estimatedAmount": legacy_amount(money), "maxAmount": legacy_amount(money)}
                for fee, money in parts.items()
            ]
        info: dict[str, Any] = {"estimatedRefundDetail": {"itemizedRefundDetails": estimated}}
        for refund in self._refunds(case)[-1:]:
            info["actualRefundDetail"] = {
                "actualRefund": {"totalAmount": legacy_amount(refund.amount)},
                "refundStatus": _PAID[refund.state],
                "refundIssuedDate": dated(refund.created_at),
            }
        closed = _WHY_CLOSED.get(case.state, "OTHER") if case.state not in _RETURNS else None
        row = {
            "buyerLoginName": self.login(case.buyer_id),
            "sellerLoginName": self.seller,
            "itemDetail": self._item(case) | {"returnQuantity": case.lines[0].quantity},
            "refundInfo": info,
            "responseHistory": self._history(case),
            "closeInfo": {"returnCloseReason": closed} if closed else None,
            "marketplaceId": "EBAY_DE",
            "RMANumber": case.extra.get("rma"),
        }
        return without_nothing(row)

    # --- inquiries ---------------------------------------------------------------------------------

    @route("GET", POST_ORDER + "/inquiry/search")
    def inquiries(self, request: Request) -> Reply:
        """Inquiries of an order, or of up to 90 days, without those that became cases (eBay's page, 2.10.0)."""
        found = self._searched(request, "inquiry", "order_id", "inquiry_")
        rows = [each for each in found if each.state != "escalated"]
        if request.param("inquiry_status") == "OPEN":
            rows = [each for each in rows if each.state in _INQUIRIES]
        shown = [
            without_nothing(
                {
                    "inquiryId": int(number(each.id)),
                    "inquiryStatusEnum": _INQUIRIES.get(each.state, "CLOSED"),
                    "buyer": self.login(each.buyer_id),
                    "seller": self.seller,
                    "claimAmount": legacy_amount(each.asked) if each.asked else None,
                    "creationDate": dated(each.created_at),
                    "lastModifiedDate": dated(each.updated_at),
                    "respondByDate": dated(each.due) if each.state == "requested" else None,
                    **{name: int(value) for name, value in self._item(each).items()},
                }
            )
            for each in rows
        ]
        return self._page(request, rows, "members", "totalNumberOfInquiries", shown)

    @route("GET", POST_ORDER + "/inquiry/{case_id}")
    def inquiry(self, request: Request, case_id: str) -> Reply:
        """An inquiry in full."""
        case = self.case("inquiry", case_id)
        refunds = [each for each in self._refunds(case) if each.state != "failed"]
        details: dict[str, Any] = {"creationDate": dated(case.created_at)}
        if refunds:
            details["refundAmounts"] = {"refundAmount": legacy_amount(refunds[-1].amount)}
        row = {
            "inquiryId": number(case.id),
            "status": _INQUIRIES.get(case.state, "CLOSED"),
            "claimAmount": legacy_amount(case.asked) if case.asked else None,
            "inquiryQuantity": case.lines[0].quantity,
            "sellerMakeItRightByDate": dated(case.due) if case.state == "requested" else None,
            "inquiryDetails": details,
            "inquiryHistoryDetails": {"history": self._events(case)},
            **self._item(case),
        }
        return Reply.of(without_nothing(row))

    @route("POST", POST_ORDER + "/inquiry/{case_id}/issue_refund")
    def refund_inquiry(self, request: Request, case_id: str) -> Reply:
        """Pay all of it back."""
        case = self.case("inquiry", case_id)
        if case.state not in _INQUIRIES or not case.asked:
            raise Refusal(409, "2004", "The inquiry is closed.")
        made = self.world.pay_back(self.world.data.orders[case.order_id], case.asked, return_id=case.id)
        case.state, case.updated_at = "refunded", self.world.now()
        status = "PENDING" if made.state == "pending" else "SUCCESS"
        return Reply.of({"refundResult": {"refundSource": "OTHER", "refundStatus": status}})

    @route("POST", POST_ORDER + "/inquiry/{case_id}/escalate")
    def escalate_inquiry(self, request: Request, case_id: str) -> Reply:
        """eBay is asked to step in."""
        case, body = self.case("inquiry", case_id), self.body(request)
        if case.state != "requested":
            raise Refusal(409, "2004", "The inquiry cannot be escalated now.")
        self.world.decide(case, "contest", "escalated", body["escalationReason"])
        return Reply(200)

    # --- cancellations -------------------------------------------------------------------------------

    @route("GET", POST_ORDER + "/cancellation/search")
    def cancellations(self, request: Request) -> Reply:
        """Cancellations of an order, or of up to 90 days, that one side asked for: the seller, if none is named."""
        role = request.param("role") or "SELLER"
        if role not in ("BUYER", "SELLER"):
            raise Refusal(400, "2004", "Invalid role.", "role")
        found = self._searched(request, "cancellation", "legacy_order_id", "")
        rows = [each for each in found if each.extra.get("by", "BUYER") == role]
        shown = [{**self._cancellation(each), "lineItems": None} for each in rows]  # as on eBay's page of 2.10.0
        return self._page(request, rows, "cancellations", "total", [without_nothing(each) for each in shown])

    @route("GET", POST_ORDER + "/cancellation/{case_id}")
    def cancellation(self, request: Request, case_id: str) -> Reply:
        """A cancellation in full."""
        return Reply.of({"cancelDetail": self._cancellation(self.case("cancellation", case_id))})

    @route("POST", POST_ORDER + "/cancellation/{case_id}/approve")
    def approve_cancellation(self, request: Request, case_id: str) -> Reply:
        """The seller agrees: the order is called off and paid back."""
        case = self._waiting(case_id)
        self.world.decide(case, "approve", "refunded")
        self._call_off(case)
        return Reply(200)

    @route("POST", POST_ORDER + "/cancellation/{case_id}/reject")
    def reject_cancellation(self, request: Request, case_id: str) -> Reply:
        """The seller says no. The body may not be missing."""
        case, _ = self._waiting(case_id), self.body(request)
        self.world.decide(case, "decline", "declined")
        return Reply(200)

    @route("POST", POST_ORDER + "/cancellation")
    def cancel(self, request: Request) -> Reply:
        """The seller calls a whole order off, before it is shipped, once."""
        body = self.body(request)
        order = self.order_of(body["legacyOrderId"])
        if order is None or body.get("cancelReason") not in _REASONS:
            raise Refusal(400, "2004", "Invalid order or reason.", "legacyOrderId")
        if body.get("buyerPaid") is not bool(order.payments):
            raise Refusal(400, "2004", "buyerPaid is not true to the order.", "buyerPaid")
        before = [each for each in self.cases("cancellation") if each.order_id == order.id]
        why = "CANCELLATION_EXIST" if before else "SHIPPED_ORDER" if order.state in ("shipped", "delivered") else ""
        if why:
            told = {"eligible": False, "failureReason": [why], "legacyOrderId": body["legacyOrderId"]}
            return Reply.of({"orderEligibilityResult": told})
        made = self.world.return_(order, kind="cancellation", reason=body["cancelReason"], state="refunded")
        made.asked, made.extra["by"] = order.total, "SELLER"
        self._call_off(made)
        return Reply.of({"cancelId": number(made.id)})

    def _waiting(self, case_id: str) -> Return:
        case: Return = self.case("cancellation", case_id)
        if case.state != "requested":
            raise Refusal(409, "2004", "The cancellation is decided.")
        return case

    def _call_off(self, case: Return) -> None:
        order = self.world.data.orders[case.order_id]
        self.world.cancel(order, case.reason or "")
        if order.payments:
            self.world.pay_back(order, order.total - self.world.refunded(order), return_id=case.id)

    def _cancellation(self, case: Return) -> dict[str, Any]:
        order = self.world.data.orders[case.order_id]
        lines = [
            {
                "itemId": item_of(line),
                "transactionId": number(line.id, 13),
                "itemTitle": line.title,
                "cancelQuantity": line.quantity,
            }
            for line in order.lines
            if line.kind == "item"
        ]
        row = {
            "cancelId": number(case.id),
            "cancelState": "APPROVAL_PENDING" if case.state == "requested" else "CLOSED",
            "cancelStatus": _CANCELLATIONS.get(case.state, "CANCEL_CLOSED_NO_REFUND"),
            "cancelReason": case.reason,
            "cancelRequestDate": dated(case.created_at),
            "cancelCloseDate": None if case.state == "requested" else dated(case.updated_at),
            "sellerResponseDueDate": dated(case.due) if case.state == "requested" else None,
            "legacyOrderId": order_number(case.order_id),
            "lineItems": lines,
            "requestorType": case.extra.get("by", "BUYER"),
            "requestRefundAmount": legacy_amount(case.asked) if case.asked else None,
            "marketplaceId": "EBAY_DE",
        }
        return without_nothing(row)

    # --- searching ---------------------------------------------------------------------------------

    def _searched(self, request: Request, kind: str, order_param: str, prefix: str) -> list[Return]:
        rows = self.cases(kind)
        if request.param(order_param):
            return [each for each in rows if order_number(each.order_id) == request.param(order_param)]
        names = (f"{prefix}creation_date_range_from", f"{prefix}creation_date_range_to")

        def made(case: Return) -> datetime:
            return case.created_at

        return between(request, names, rows, made, self.world.now())

    def _page(
        self, request: Request, rows: Sequence[object], items: str, total: str, shown: list[dict[str, Any]]
    ) -> Reply:
        limit, offset = int(request.param("limit") or 25), int(request.param("offset") or 0)
        if not 1 <= limit <= 200 or offset < 0:
            raise Refusal(400, "2004", "Invalid page.", "offset")
        pages = {"limit": limit, "offset": offset, "totalEntries": len(rows), "totalPages": -(-len(rows) // limit)}
        part = shown[offset : offset + limit]
        return Reply.of({items: part, "paginationOutput": pages, total: len(rows)})


def case_number(case: Return) -> str:
    """The number of the case that eBay decides, once a return or inquiry was escalated."""
    return number(f"{case.id}case")


def _options(case: Return) -> list[str]:
    """What the seller may do; a label is given once."""
    given = {"SELLER_PROVIDE_LABEL"} if case.extra.get("label") else set()
    return [each for each in _OPTIONS.get(case.state, ()) if each not in given]
