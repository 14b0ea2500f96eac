"""From Post-Order's payloads to the common models. No I/O; a payload that lacks an identity raises."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sellercare.calls import Answer, Json
from sellercare.models import (
    Buyer,
    Granularity,
    IssueRefund,
    Message,
    Money,
    Party,
    Refund,
    RefundLine,
    RefundOption,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnState,
    Thread,
    ThreadKind,
)
from sellercare.models.orders import LineKind
from sellercare.translation import decimal, translated
from sellercare.writes import DidNothing
from sellercare_adapters.ebay import ids, wire, words
from sellercare_adapters.ebay import postorder_files as files
from sellercare_adapters.ebay.postorder import entry_id, when
from sellercare_adapters.ebay.translate import money, money_or_none

# --- returns ---------------------------------------------------------------------------------------


def return_summary(row: wire.ReturnSummary) -> Return:
    """A return as the search shows it. It names the order since Post-Order 2.10.0 (eBay's page of 2026-09-30)."""
    return _return(row, {}, row)


def return_(document: wire.ReturnDocument) -> Return:
    """A return in full."""
    found = _return(document["summary"], document.get("detail") or {}, document)
    more = {"attachments": files.attachments(found.id, document), "parcels": files.parcels(document)}
    return found.model_copy(update=more)


def _return(row: wire.ReturnSummary, detail: dict[str, Any], raw: Json) -> Return:
    native = str(row["returnId"])
    made = row.get("creationInfo") or {}
    item = made.get("item") or {}
    refund = row.get("sellerTotalRefund") or {}
    return Return(
        id=ids.case_id(ids.RETURN, native),
        kind=ReturnKind.RETURN,
        state=_return_state(row, detail),
        native_state=row.get("state"),
        number=native,
        order_id=row.get("orderId"),
        thread_id=ids.case_id(ids.RETURN, native),
        native_ids=_named(native, item) | _escalated(row),
        buyer=Buyer(login=row.get("buyerLoginName")),
        lines=(_line(item, item.get("returnQuantity", 1), made.get("reason")),) if item.get("itemId") else (),
        reason=made.get("reason"),
        note=(made.get("comments") or {}).get("content"),
        asked=money_or_none(refund.get("estimatedRefundAmount")),
        created_at=when(made.get("creationDate")),
        due=when((row.get("sellerResponseDue") or {}).get("respondByDate")),
        raw=raw,
    )


def _return_state(row: wire.ReturnSummary, detail: dict[str, Any]) -> ReturnState:
    """eBay's status says that a case was escalated, its state where the goods are, a closing reason how it ended."""
    if row.get("status") == "ESCALATED":
        return ReturnState.ESCALATED
    state = words.RETURN.get(row.get("state") or "", ReturnState.UNKNOWN)
    if state is ReturnState.CLOSED:
        because = (detail.get("closeInfo") or {}).get("returnCloseReason")
        return words.CLOSED_BECAUSE.get(because or "", state)
    return state


def _named(native: str, item: dict[str, Any]) -> dict[str, str]:
    known = {"item": item.get("itemId"), "transaction": item.get("transactionId")}
    return {"case": native} | {name: str(value) for name, value in known.items() if value}


def _escalated(row: wire.ReturnSummary) -> dict[str, str]:
    """The case that a return became when somebody asked eBay to step in: `case:` before it is its id."""
    found = (row.get("escalationInfo") or {}).get("caseId")
    return {"ebay_case": str(found)} if found else {}


def _line(item: dict[str, Any], quantity: Any, reason: str | None) -> ReturnLine:
    """The line of a case; its id is made of the listing's and the transaction's."""
    return ReturnLine(
        id=f"{item['itemId']}-{item.get('transactionId') or 0}", quantity=decimal(quantity), reason=reason
    )


def options_of(document: wire.ReturnDocument) -> list[str]:
    """What eBay says that the seller may do now."""
    return [each["actionType"] for each in document["summary"].get("sellerAvailableOptions") or []]


# --- the conversation in a return ------------------------------------------------------------------


def history_of(document: wire.ReturnDocument) -> list[dict[str, Any]]:
    """What happened in a return."""
    rows: list[dict[str, Any]] = (document.get("detail") or {}).get("responseHistory") or []
    return rows


def activities(document: wire.ReturnDocument) -> list[str]:
    """What was done in a return, as eBay calls it."""
    return [each.get("activity") or "" for each in history_of(document)]


def history_entry(row: dict[str, Any], thread_id: str) -> Message:
    """An entry of a return's history: somebody wrote, or did something, perhaps with a comment."""
    moment = row["creationDate"]["value"]
    text = row.get("notes")
    activity = row.get("activity") or ""
    return Message(
        id=entry_id(thread_id, moment, activity, text or ""),
        thread_id=thread_id,
        author=_author(row),
        author_name=row.get("author"),
        text=text,
        created_at=when(row["creationDate"]),
        native_delivery=activity or None,
        raw=row,
    )


def _author(row: dict[str, Any]) -> Party:
    """Who did it: by eBay's word for the party, or by the beginning of its word for the activity."""
    known = words.PARTIES.get(row.get("author") or "")
    return known or words.PARTIES.get((row.get("activity") or "").partition("_")[0], Party.UNKNOWN)


def return_thread(row: wire.ReturnSummary) -> Thread:
    """The conversation in a return of the search, which does not tell who wrote last."""
    return _chat(return_summary(row), None, row)


def return_chat(document: wire.ReturnDocument) -> Thread:
    """The conversation in a return, with who wrote last."""
    about = return_(document)
    entries = [history_entry(row, about.id) for row in history_of(document)]
    return _chat(about, _waits(entries), document)


def _waits(entries: list[Message]) -> bool | None:
    """Whether the buyer had the last word; None where nobody wrote."""
    said = [each for each in entries if each.text and each.author in (Party.BUYER, Party.SELLER) and each.created_at]
    if not said:
        return None
    # Nothing tells in which order the history comes; of several entries of one moment, the one at the newer end.
    oldest_first = str(said[0].created_at) <= str(said[-1].created_at)
    last = max(reversed(said) if oldest_first else said, key=lambda each: str(each.created_at))
    return last.author is Party.BUYER


def _chat(about: Return, awaiting: bool | None, raw: Json) -> Thread:
    return Thread(
        id=about.id,
        kind=ThreadKind.CLAIM_CHAT,
        buyer=about.buyer,
        parties=(Party.BUYER, Party.SELLER, Party.PLATFORM),
        subject=about.reason,
        order_id=about.order_id,
        return_id=about.id,
        updated_at=about.updated_at,
        awaiting_reply=awaiting,
        closed=about.state in (ReturnState.CLOSED, ReturnState.REFUNDED, ReturnState.DECLINED, ReturnState.CANCELLED),
        raw=raw,
    )


# --- money through a return -------------------------------------------------------------------------


def refund_options(document: wire.ReturnDocument) -> list[RefundOption]:
    """One option, in the parts that eBay estimates."""
    about = return_(document)
    info = (document.get("detail") or {}).get("refundInfo") or {}
    estimated = (info.get("estimatedRefundDetail") or {}).get("itemizedRefundDetails") or []
    parts = [(each["refundFeeType"], _most_of(each)) for each in estimated]
    if not parts and about.asked is not None:
        parts = [("PURCHASE_PRICE", about.asked)]
    parts = [(fee, amount) for fee, amount in parts if amount.amount > 0]
    if not parts:
        return []
    return [
        RefundOption(
            id=about.id,
            title="pay back through the return",
            through="return",
            return_id=about.id,
            granularity=(Granularity.AMOUNT,),
            most=total_of(parts, parts[0][1].currency),
            lines=tuple(
                RefundLine(kind=words.FEES.get(fee, LineKind.FEE), order_line_id=fee, amount=amount)
                for fee, amount in parts
            ),
            consequences="eBay takes the amount from its parts in their order: the price of the goods first.",
        )
    ]


def _most_of(row: dict[str, Any]) -> Money:
    return money(row.get("maxAmount") or row["estimatedAmount"])


def refund_parts(option: RefundOption, command: IssueRefund) -> list[tuple[str, Money]]:
    """The amount cut into eBay's parts, in their order: they have to sum up to the total."""
    left = (command.amount or option.most).amount
    parts = []
    for line in option.lines:
        assert line.order_line_id is not None
        assert line.amount is not None
        part = min(left, line.amount.amount)
        if part > 0:
            parts.append((line.order_line_id, Money(amount=part, currency=line.amount.currency)))
        left -= part
    return parts


def total_of(parts: Sequence[tuple[str, Money]], currency: str) -> Money:
    """What parts sum up to."""
    return Money(amount=sum((amount.amount for _, amount in parts), Decimal(0)), currency=currency)


def accepted_refund(answer: Answer) -> Json:
    """What eBay answers to a refund through a case: its status. FAILED is a no."""
    status = translated(_status, answer.json(), answer.where)
    if status == "FAILED":
        raise DidNothing("eBay says that the refund did not go through.", next_step="Look at your means of payment.")
    return {"refundStatus": status}


def _status(document: Any) -> str:
    status = (document.get("refundResult") or document)["refundStatus"]
    if not isinstance(status, str):
        raise ValueError("no status")
    return status


def refund_state(status: str | None) -> RefundState:
    """What became of a refund through a case."""
    return words.CASE_REFUND.get(status or "", RefundState.UNKNOWN)


def return_refund(document: wire.ReturnDocument, case: str) -> Refund | None:
    """What was paid back through a return; None if nothing was."""
    actual = ((document.get("detail") or {}).get("refundInfo") or {}).get("actualRefundDetail") or {}
    status = actual.get("refundStatus")
    if not status:
        return None
    return Refund(
        id=ids.case_id(ids.RETURN, case),
        return_id=ids.case_id(ids.RETURN, case),
        amount=money_or_none((actual.get("actualRefund") or {}).get("totalAmount")),
        state=refund_state(status),
        native_state=status,
        created_at=when(actual.get("refundIssuedDate")),
        raw=actual,
    )


# --- inquiries ---------------------------------------------------------------------------------------


def inquiry(row: wire.Inquiry) -> Return:
    """An inquiry, item not received, from the search or in full: both say the same in other words."""
    native = str(row["inquiryId"])
    status = row.get("inquiryStatusEnum") or row.get("status")
    details = row.get("inquiryDetails") or {}
    state = words.INQUIRY.get(status or "", ReturnState.UNKNOWN)
    if state is ReturnState.CLOSED and ((details.get("refundAmounts") or {}).get("refundAmount") or {}).get("value"):
        state = ReturnState.REFUNDED
    item = {"itemId": row.get("itemId"), "transactionId": row.get("transactionId")}
    return Return(
        id=ids.case_id(ids.INQUIRY, native),
        kind=ReturnKind.INQUIRY,
        state=state,
        native_state=status,
        number=native,
        thread_id=ids.case_id(ids.INQUIRY, native),
        native_ids=_named(native, item),
        buyer=Buyer(login=row.get("buyer")),
        lines=(_line(item, row.get("inquiryQuantity", 1), None),) if row.get("itemId") else (),
        reason="ITEM_NOT_RECEIVED",
        asked=money_or_none(row.get("claimAmount")),
        created_at=when(row.get("creationDate") or details.get("creationDate")),
        updated_at=when(row.get("lastModifiedDate")),
        due=when(row.get("respondByDate") or row.get("sellerMakeItRightByDate")),
        raw=row,
    )


def inquiry_thread(row: wire.Inquiry) -> Thread:
    """The conversation in an inquiry; in full, with who wrote last."""
    about = inquiry(row)
    entries = [claim_entry(each, about.id) for each in inquiry_history(row)]
    return _chat(about, _waits(entries), row)


def inquiry_history(row: wire.Inquiry) -> list[dict[str, Any]]:
    """What happened in an inquiry."""
    rows: list[dict[str, Any]] = (row.get("inquiryHistoryDetails") or {}).get("history") or []
    return rows


def claim_entry(row: dict[str, Any], thread_id: str) -> Message:
    """An entry of the history of an inquiry or of a case that eBay decides."""
    moment = row["date"]["value"]
    text = row.get("description")
    return Message(
        id=entry_id(thread_id, moment, row.get("action") or "", text or ""),
        thread_id=thread_id,
        author=words.PARTIES.get(row.get("actor") or "", Party.UNKNOWN),
        text=text,
        created_at=when(row["date"]),
        native_delivery=row.get("action"),
        raw=row,
    )


# --- cases that eBay decides -------------------------------------------------------------------------


def ebay_case(row: wire.EbayCase) -> Return:
    """A case that eBay decides, from the search or in full: both say the same in other words.

    `due` is the deadline of the next step, be it the buyer's or the seller's: eBay does not tell whose.
    """
    native = str(row["caseId"])
    status = row.get("caseStatusEnum") or row.get("status")
    item = {"itemId": row.get("itemId"), "transactionId": row.get("transactionId")}
    begun = {"return": str(row["returnId"])} if row.get("returnId") else {}
    return Return(
        id=ids.case_id(ids.EBAY_CASE, native),
        kind=ReturnKind.DISPUTE,
        native_kind=row.get("caseType"),
        state=_case_state(status, row),
        native_state=status,
        number=native,
        thread_id=ids.case_id(ids.EBAY_CASE, native),
        native_ids=_named(native, item) | begun,
        buyer=Buyer(login=row.get("buyer")),
        lines=(_line(item, row.get("caseQuantity", 1), None),) if row.get("itemId") else (),
        reason=row.get("escalateReason") or row.get("caseType"),
        asked=money_or_none(row.get("claimAmount")),
        created_at=when(row.get("creationDate")),
        updated_at=when(row.get("lastModifiedDate")),
        due=when(row.get("respondByDate")),
        raw=row,
    )


def _case_state(status: str | None, row: wire.EbayCase) -> ReturnState:
    """A closed case was paid back or not; one that the seller appealed is at eBay again until that is closed."""
    state = words.EBAY_CASE.get(status or "", ReturnState.UNKNOWN)
    if state is not ReturnState.CLOSED:
        return state
    if appeal_of(row) == words.SELLER_APPEALED and not (row.get("appealDetails") or {}).get("appealCloseReasonEnum"):
        return ReturnState.ESCALATED
    paid = money_or_none(((row.get("caseDetails") or {}).get("refundAmounts") or {}).get("refundAmount"))
    return ReturnState.REFUNDED if paid is not None and paid.amount > 0 else state


def appeal_of(row: wire.EbayCase) -> str | None:
    """eBay's word for the appeal against its decision; None if there is none."""
    return (row.get("appealDetails") or {}).get("appealStatusEnum")


def may_appeal(row: wire.EbayCase) -> bool:
    """Whether the seller may appeal: the case is closed, nobody appealed, and eBay does not say no.

    eBay takes an appeal within 30 days of the closing (its help pages); the day itself is in no field.
    """
    told = row.get("appealDetails") or {}
    closed = words.EBAY_CASE.get(row.get("status") or "") is ReturnState.CLOSED
    return closed and told.get("eligibleForAppeal") is not False and not told.get("appealStatusEnum")


def case_thread(row: wire.EbayCase) -> Thread:
    """The history of a case. Nobody can be answered in it."""
    return _chat(ebay_case(row), False, row)


# --- cancellations ------------------------------------------------------------------------------------


def cancellation(row: wire.Cancellation) -> Return:
    """A request to call an order off, from the search or in full."""
    native = str(row["cancelId"])
    status = row.get("cancelStatus")
    closed = row.get("cancelCloseReason")
    state = words.CANCELLATION.get(status or "", ReturnState.UNKNOWN)
    line = partial(_cancelled_line, reason=row.get("cancelReason"))
    return Return(
        id=ids.case_id(ids.CANCELLATION, native),
        kind=ReturnKind.CANCELLATION,
        state=ReturnState.DECLINED if closed == "SELLER_DECLINE" else state,
        native_state=status,
        number=native,
        order_id=row.get("legacyOrderId"),
        native_ids={"case": native},
        lines=tuple(map(line, row.get("lineItems") or [])),
        reason=row.get("cancelReason"),
        asked=money_or_none(row.get("requestRefundAmount")),
        created_at=when(row.get("cancelRequestDate")),
        updated_at=when(row.get("cancelCloseDate")),
        due=when(row.get("sellerResponseDueDate")),
        raw=row,
    )


def _cancelled_line(row: dict[str, Any], reason: str | None) -> ReturnLine:
    return _line(row, row.get("cancelQuantity", 1), reason).model_copy(update={"title": row.get("itemTitle")})
