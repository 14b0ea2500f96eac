"""Simulated eBay: cases that eBay decides, as far as its portal still listed them on 2026-08-29.

Each escalated return or inquiry is one, and each of the world's disputes. What the derived description does not tell is
chosen: a case that was decided is CS_CLOSED, and stays so when it is appealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Return
from sellercare_adapters.ebay.face_base import (
    POST_ORDER,
    between,
    dated,
    legacy_amount,
    number,
    order_number,
    without_nothing,
)
from sellercare_adapters.ebay.face_postorder import PostOrderFace, case_number

_STATUS = {"requested": "OPEN", "escalated": "WAITING_CS", "cancelled": "CLOSED"}
_OPEN = ("requested", "escalated")


@dataclass(frozen=True)
class _Case:
    """A case, and the thing of the world that it is about."""

    id: str
    about: Return

    @property
    def created_at(self) -> datetime:
        """When it began, as near as the world knows."""
        return self.about.created_at


class CasesFace(PostOrderFace):
    """Cases that eBay decides."""

    @route("GET", POST_ORDER + "/casemanagement/search")
    def ebay_cases(self, request: Request) -> Reply:
        """Cases of an order, or of up to 90 days."""
        rows = self._ebay_cases()
        if request.param("order_id"):
            rows = [each for each in rows if order_number(each.about.order_id) == request.param("order_id")]
        else:
            names = ("case_creation_date_range_from", "case_creation_date_range_to")
            rows = between(request, names, rows, lambda each: each.created_at, self.world.now())
        shown = [
            without_nothing(
                {
                    "caseId": int(each.id),
                    "caseStatusEnum": _status(each.about),
                    "buyer": self.login(each.about.buyer_id),
                    "seller": self.seller,
                    "claimAmount": legacy_amount(each.about.asked) if each.about.asked else None,
                    "creationDate": dated(each.created_at),
                    "lastModifiedDate": dated(each.about.updated_at),
                    "respondByDate": dated(each.about.due) if each.about.state in _OPEN else None,
                    **{name: int(value) for name, value in self._item(each.about).items()},
                }
            )
            for each in rows
        ]
        return self._page(request, rows, "members", "totalNumberOfCases", shown)

    @route("GET", POST_ORDER + "/casemanagement/{case_id}")
    def ebay_case(self, request: Request, case_id: str) -> Reply:
        """A case in full, with its history."""
        return Reply.of(self._case_document(self._ebay_case(case_id)))

    @route("POST", POST_ORDER + "/casemanagement/{case_id}/appeal")
    def appeal(self, request: Request, case_id: str) -> Reply:
        """The seller disagrees with eBay's decision, once."""
        case, body = self._ebay_case(case_id).about, self.body(request)
        if case.state in _OPEN or case.extra.get("appealed"):
            raise Refusal(409, "2004", "The case cannot be appealed now.")
        text = (body.get("comments") or {}).get("content")
        case.extra["appealed"] = self.world.now()
        self._happened(case, "SELLER_APPEAL", text)
        self.world.decide(case, "contest", case.state, text or "")
        return Reply(200)

    def _ebay_cases(self) -> list[_Case]:
        found = [_Case(number(each.id), each) for each in self.cases("dispute")]
        for kind in ("return", "inquiry"):
            found += [_Case(case_number(each), each) for each in self.cases(kind) if each.state == "escalated"]
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    def _ebay_case(self, shown: str) -> _Case:
        found = next((each for each in self._ebay_cases() if each.id == shown), None)
        if found is None:
            raise Refusal(404, "2002", "There is no such case.")
        return found

    def _case_document(self, case: _Case) -> dict[str, Any]:
        about = case.about
        details: dict[str, Any] = {"creationDate": dated(case.created_at), "escalationDate": dated(about.updated_at)}
        if about.state == "refunded" and about.asked:
            details["refundAmounts"] = {"refundAmount": legacy_amount(about.asked)}
        row = {
            "caseId": case.id,
            "caseType": "ITEM_NOT_RECEIVED" if about.kind == "inquiry" else "RETURN",
            "status": _status(about),
            "returnId": number(about.id) if about.kind == "return" else None,
            "caseQuantity": about.lines[0].quantity,
            "claimAmount": legacy_amount(about.asked) if about.asked else None,
            "creationDate": dated(case.created_at),
            "lastModifiedDate": dated(about.updated_at),
            "initiator": "BUYER",
            "caseDetails": details,
            "caseHistoryDetails": {"history": self._events(about)},
            "appealDetails": _appeal(about),
            **self._item(about),
        }
        return without_nothing(row)


def _status(case: Return) -> str:
    return _STATUS.get(case.state, "CS_CLOSED")


def _appeal(case: Return) -> dict[str, Any] | None:
    """eBay shows it only where somebody appealed."""
    made = case.extra.get("appealed")
    return {"appealDate": dated(made), "appealStatusEnum": "SELLER_APPEALED"} if made else None
