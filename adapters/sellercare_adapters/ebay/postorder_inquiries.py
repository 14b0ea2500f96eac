"""The desk of inquiries (item not received) at Post-Order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.calls import Detail, Json, Listing
from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.interfaces import Context
from sellercare.models import (
    Choice,
    Decision,
    DecisionPart,
    Granularity,
    IssueRefund,
    Message,
    Refund,
    RefundOption,
    Reply,
    Return,
    ReturnAction,
    ReturnKind,
    ReturnState,
    ReturnVerb,
    Thread,
)
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, wire, words
from sellercare_adapters.ebay import postorder_translate as translate
from sellercare_adapters.ebay.postorder import (
    act,
    look,
    must_be_looked_up,
    newest_window,
    said,
)
from sellercare_adapters.ebay.postorder_claims import Claims
from sellercare_adapters.ebay.times import CAPPED
from sellercare_adapters.ebay.translate import money_or_none

_ESCALATIONS = (
    Choice(code="TROUBLE_COMMUNICATION_WITH_BUYER", title="trouble in talking to the buyer"),
    Choice(code="BUYER_NORESPONSE", title="the buyer does not answer"),
    Choice(code="OTHER", title="another reason"),
)


class Inquiries(Claims):
    """Inquiries. What the seller may do is not told: it is taken from the status."""

    prefix = ids.INQUIRY
    kind = ReturnKind.INQUIRY
    resource = "inquiry"
    dates = "inquiry_"
    history = "inquiryHistoryDetails.history"
    capped = CAPPED

    def as_return(self, row: wire.Inquiry) -> Return:
        """An inquiry."""
        return translate.inquiry(row)

    def as_thread(self, row: wire.Inquiry) -> Thread:
        """The head of its history."""
        return translate.inquiry_thread(row)

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """eBay may be asked to step in until the inquiry is over."""
        found = self.get(ctx, case)
        if found.native_state in words.INQUIRY_OVER:
            return ()
        return (
            ReturnAction(
                verb=ReturnVerb.CONTEST,
                title="ask eBay to step in",
                reasons=_ESCALATIONS,
                takes=(DecisionPart.NOTE,),
                due=found.due,
                consequences="eBay decides the case, and its decision may cost the money.",
            ),
        )

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """Ask eBay to step in. Money goes back with refunds.issue."""
        if verb is not ReturnVerb.CONTEST:
            raise BadInput("An inquiry is answered by paying back, by a message, or by asking eBay.", field="return_id")
        body: dict[str, Json] = {"escalationReason": command.reason}
        if command.note:
            body["comments"] = {"content": command.note}

        def find(search: Search) -> Found | None:
            row = self.fetched(ctx, case)
            found = translated(translate.inquiry, row, self.where)
            if found.state is ReturnState.ESCALATED:
                return Found(case, row)
            if found.native_state != (search.before or {}).get("status"):
                raise OutcomeUnknown("the inquiry went on since: ours may have come before that")
            return None

        step = Step(
            "decide",
            lambda kept: act(ctx, "/inquiry/{id}/escalate", body, ids={"id": case}, group=self.group),
            keep=nothing,
            commits=True,
            find=find,
            native_id=lambda kept: case,
        )
        return Write(
            (step,),
            lambda kept: translate.inquiry(kept["decide"]),
            lambda: {"status": self.get(ctx, case).native_state},
        )

    def quote(self, ctx: Context, case: str) -> Sequence[RefundOption]:
        """All of it or nothing: the call takes no amount."""
        found = self.get(ctx, case)
        if found.native_state in words.INQUIRY_OVER or found.asked is None:
            return ()
        return (
            RefundOption(
                id=found.id,
                title="pay back all of it through the inquiry",
                through="inquiry",
                return_id=found.id,
                granularity=(Granularity.WHOLE,),
                most=found.asked,
                consequences="eBay pays the whole amount back and closes the inquiry.",
            ),
        )

    def refund(self, ctx: Context, case: str, command: IssueRefund) -> Write[Refund]:
        """Pay all of it back."""
        option = command.chosen
        body: dict[str, Json] = {"comments": {"content": command.note}} if command.note else {}
        our_id = ids.case_id(ids.INQUIRY, case)

        def find(search: Search) -> Found | None:
            refund = self._refund(ctx, case)
            return Found(our_id, {"refundStatus": refund.native_state}) if refund else None

        def result(kept: Kept) -> Refund:
            status = kept["refund"]["refundStatus"]
            return Refund(
                id=our_id,
                return_id=our_id,
                amount=option.most,
                note=command.note,
                state=translate.refund_state(status),
                native_state=status,
                raw=kept["refund"],
            )

        step = Step(
            "refund",
            lambda kept: act(ctx, "/inquiry/{id}/issue_refund", body, ids={"id": case}, group=self.group),
            keep=translate.accepted_refund,
            commits=True,
            find=find,
            native_id=lambda kept: our_id,
        )
        return Write((step,), result)

    def refunded(self, ctx: Context, case: str) -> Refund:
        """The refund of an inquiry. eBay's document does not tell whether it arrived."""
        found = self._refund(ctx, case)
        if found is None:
            raise NotAllowedNow(f"Nothing was paid back through the inquiry {case} yet.")
        return found

    def _refund(self, ctx: Context, case: str) -> Refund | None:
        def told(row: wire.Inquiry) -> Refund | None:
            amounts = (row.get("inquiryDetails") or {}).get("refundAmounts") or {}
            paid = money_or_none(amounts.get("refundAmount"))
            if paid is None or paid.amount <= 0:
                return None
            our_id = ids.case_id(ids.INQUIRY, case)
            return Refund(id=our_id, return_id=our_id, amount=paid, raw=amounts)

        return translated(told, self.fetched(ctx, case), self.where)

    # --- the conversation inside -----------------------------------------------------------------------

    def threads(self, ctx: Context) -> Sequence[Listing[Any, Thread]]:
        """The conversations in open inquiries of the last 90 days."""
        return [
            Listing(
                look(ctx, "/inquiry/search", params={"inquiry_status": "OPEN"}, group=self.group),
                items="members",
                translate=translate.inquiry_thread,
                pages=newest_window(ctx, "inquiry_"),
                capped="Of inquiries, the conversations of open ones of the last 90 days are listed.",
                detail=Detail(
                    fills=frozenset({"awaiting_reply"}),
                    fetch=lambda thread: self.thread(ctx, thread.id.partition(":")[2]),
                    costs="eBay's list does not tell who wrote last in an inquiry: one more call for each open one.",
                ),
            )
        ]

    def may_write(self, ctx: Context, case: str) -> str | None:
        """Until it is over."""
        return "the inquiry is over" if self.get(ctx, case).native_state in words.INQUIRY_OVER else None

    def say(self, ctx: Context, case: str, command: Reply) -> Write[Message]:
        """Write into an inquiry; eBay's answer is empty, so it is looked for in the history."""
        thread_id = ids.case_id(ids.INQUIRY, case)

        def entries() -> list[Message]:
            rows = translated(translate.inquiry_history, self.fetched(ctx, case), self.where)
            return [translate.claim_entry(row, thread_id) for row in rows]

        body = {"message": {"content": command.text}}
        step = Step(
            "send",
            lambda kept: act(ctx, "/inquiry/{id}/send_message", body, ids={"id": case}, group=self.group),
            keep=must_be_looked_up,
            commits=True,
            find=lambda search: said(entries(), command.text or "", search),
        )
        return Write(
            (step,), lambda kept: translate.claim_entry(kept["send"], thread_id), lambda: [e.id for e in entries()]
        )
