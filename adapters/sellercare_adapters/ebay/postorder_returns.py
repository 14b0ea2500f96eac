"""The desk of returns at Post-Order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sellercare.calls import Call, Detail, Json, Listing, Listings
from sellercare.errors import BadInput, NotAllowedNow, NotFound, OutcomeUnknown
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context
from sellercare.models import (
    Decision,
    DecisionPart,
    IssueRefund,
    Message,
    Refund,
    RefundOption,
    Reply,
    Return,
    ReturnAction,
    ReturnKind,
    ReturnQuery,
    ReturnVerb,
    Thread,
)
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, wire, words
from sellercare_adapters.ebay import postorder_files as files
from sellercare_adapters.ebay import postorder_translate as translate
from sellercare_adapters.ebay.aftersales import Desk
from sellercare_adapters.ebay.postorder import (
    CheckedPages,
    act,
    group_of,
    look,
    must_be_looked_up,
    newest_window,
    said,
    windows,
    wire_money,
)
from sellercare_adapters.ebay.times import CAPPED

_GROUP = group_of("return")
_WHERE = "GET /post-order/v2/return/{id}"
_REFUNDS = {"SELLER_ISSUE_REFUND", "SELLER_RETRY_REFUND"}


def _read_call(ctx: Context, case: str, part: str) -> Call:
    return look(ctx, "/return/{id}", ids={"id": case}, params={"fieldgroups": part}, group=_GROUP)


def _summary(ctx: Context, case: str) -> wire.ReturnDocument:
    """State, deadline and options of a return. eBay gives this or the details, never both in one answer."""
    return {"summary": at_path(ctx.read(_read_call(ctx, case, "SUMMARY")), "summary", _WHERE)}


def _detail(ctx: Context, case: str) -> wire.ReturnDocument:
    """History, money, files and parcel of a return, without its summary."""
    return {"detail": at_path(ctx.read(_read_call(ctx, case, "FULL")), "detail", _WHERE)}


def _whole(ctx: Context, case: str) -> wire.ReturnDocument:
    """Both, which costs two calls."""
    return {**_summary(ctx, case), **_detail(ctx, case)}


class PostOrderReturns(Desk):
    """Returns."""

    prefix = ids.RETURN
    kind = ReturnKind.RETURN

    def listings(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Returns of the last 18 months; those of an order all at once."""
        params = {"order_id": query.order_id} if query.order_id else {}
        return [
            Listing(
                look(ctx, "/return/search", params=params, group=_GROUP),
                items="members",
                translate=translate.return_summary,
                pages=CheckedPages() if query.order_id else windows(ctx),
                applied=frozenset({"order_id", "kind"}),
                capped=f"{CAPPED} It does not tell when a return changed.",
            )
        ]

    def get(self, ctx: Context, case: str) -> Return:
        """One return."""
        return translated(translate.return_, _whole(ctx, case), _WHERE)

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """What eBay itself says that the seller may do."""
        return translated(_actions, _summary(ctx, case), _WHERE)

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """A decision, found again by what is no longer offered."""
        call, option = _request(ctx, verb, case, command)
        first = (files.label_step(ctx, case, command),) if command.variant == files.UPLOAD_LABEL else ()

        def before() -> Json:
            return {"history": translated(translate.activities, _detail(ctx, case), _WHERE)}

        def find(search: Search) -> Found | None:
            document = _detail(ctx, case)
            new = _newer(translated(translate.activities, document, _WHERE), (search.before or {}).get("history"))
            if option in new:
                return Found(case, {**_summary(ctx, case), **document})
            if new:
                raise OutcomeUnknown("the return went on since: ours may have come before that")
            return None

        step = Step("decide", call, keep=nothing, commits=True, find=find, native_id=lambda kept: case)
        return Write((*first, step), lambda kept: translate.return_(kept["decide"]), before)

    # --- money ---------------------------------------------------------------------------------------

    def quote(self, ctx: Context, case: str) -> Sequence[RefundOption]:
        """Through the return, while eBay offers it."""
        document = _summary(ctx, case)
        if not _REFUNDS & set(translated(translate.options_of, document, _WHERE)):
            return ()
        return translated(translate.refund_options, {**document, **_detail(ctx, case)}, _WHERE)

    def refund(self, ctx: Context, case: str, command: IssueRefund) -> Write[Refund]:
        """Pay back through the return: its parts sum up to the total."""
        option = command.chosen
        parts = translate.refund_parts(option, command)
        total = wire_money(translate.total_of(parts, option.most.currency))
        body: dict[str, Json] = {
            "refundDetail": {
                "totalAmount": total,
                "itemizedRefundDetail": [
                    {"refundFeeType": fee, "refundAmount": wire_money(amount)} for fee, amount in parts
                ],
            }
        }
        if command.note:
            body["comments"] = {"content": command.note}

        def find(search: Search) -> Found | None:
            document = _detail(ctx, case)
            refund = translated(partial(translate.return_refund, case=case), document, _WHERE)
            if refund is None:
                return None
            if refund.amount is not None and refund.amount != translate.total_of(parts, option.most.currency):
                raise OutcomeUnknown("the return was paid back with another amount than was asked for")
            return Found(refund.id or "", {"refundStatus": refund.native_state})

        def result(kept: Kept) -> Refund:
            return Refund(
                id=ids.case_id(ids.RETURN, case),
                return_id=ids.case_id(ids.RETURN, case),
                amount=translate.total_of(parts, option.most.currency),
                note=command.note,
                state=translate.refund_state(kept["refund"]["refundStatus"]),
                native_state=kept["refund"]["refundStatus"],
                raw=kept["refund"],
            )

        step = Step(
            "refund",
            lambda kept: act(ctx, "/return/{id}/issue_refund", body, ids={"id": case}, group=_GROUP),
            keep=translate.accepted_refund,
            commits=True,
            find=find,
            native_id=lambda kept: ids.case_id(ids.RETURN, case),
        )
        return Write((step,), result)

    def refunded(self, ctx: Context, case: str) -> Refund:
        """The refund of a return."""
        found = translated(partial(translate.return_refund, case=case), _detail(ctx, case), _WHERE)
        if found is None:
            raise NotAllowedNow(f"Nothing was paid back through the return {case} yet.")
        return found

    # --- the conversation inside -----------------------------------------------------------------------

    def threads(self, ctx: Context) -> Sequence[Listing[Any, Thread]]:
        """The conversations in open returns of the last 90 days."""
        return [
            Listing(
                look(ctx, "/return/search", params={"return_state": "ALL_OPEN"}, group=_GROUP),
                items="members",
                translate=translate.return_thread,
                pages=newest_window(ctx),
                capped="Of returns, the conversations of open ones of the last 90 days are listed.",
                detail=Detail(
                    fills=frozenset({"awaiting_reply"}),
                    fetch=lambda thread: self.thread(ctx, thread.id.partition(":")[2]),
                    costs="eBay's list does not tell who wrote last in a return: two more calls for each open return.",
                ),
            )
        ]

    def thread(self, ctx: Context, case: str) -> Thread:
        """The conversation in a return, with who wrote last."""
        return translated(translate.return_chat, _whole(ctx, case), _WHERE)

    def messages(self, ctx: Context, case: str) -> Listings[Message]:
        """The history of a return: what was written, and what was done."""
        return [
            Listing(
                _read_call(ctx, case, "FULL"),
                items="detail.responseHistory",
                translate=partial(translate.history_entry, thread_id=ids.case_id(ids.RETURN, case)),
                pages=OnePage(),
            )
        ]

    def may_write(self, ctx: Context, case: str) -> str | None:
        """While eBay offers it."""
        offered = translated(translate.options_of, _summary(ctx, case), _WHERE)
        return None if "SELLER_SEND_MESSAGE" in offered else "eBay offers no message in this return now"

    def download(self, ctx: Context, case: str, file: str) -> bytes:
        """A file of a return, out of the document that has them all."""
        document = ctx.read(look(ctx, "/return/{id}/files", ids={"id": case}, group=_GROUP))
        found = translated(partial(files.content, file=file), document, "GET /post-order/v2/return/{id}/files")
        if found is None:
            raise NotFound(f"The return {case} has no such file.")
        return found

    def say(self, ctx: Context, case: str, command: Reply) -> Write[Message]:
        """Write into a return; eBay's answer is empty, so it is looked for in the history."""
        thread_id = ids.case_id(ids.RETURN, case)

        def entries() -> list[Message]:
            rows = translated(translate.history_of, _detail(ctx, case), _WHERE)
            return [translate.history_entry(row, thread_id) for row in rows]

        step = Step(
            "send",
            lambda kept: act(
                ctx, "/return/{id}/send_message", {"message": {"content": command.text}}, ids={"id": case}, group=_GROUP
            ),
            keep=must_be_looked_up,
            commits=True,
            find=lambda search: said(entries(), command.text or "", search),
        )
        return Write(
            (step,), lambda kept: translate.history_entry(kept["send"], thread_id), lambda: [e.id for e in entries()]
        )


def _newer(now: Sequence[str], before: Sequence[str] | None) -> list[str]:
    """The activities that came since; the history may be told in either order."""
    return list((Counter(now) - Counter(before or ())).elements())


def _request(ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> tuple[Callable[[Kept], Call], str]:
    """What makes the call of a decision, and the activity that the history then shows."""
    option = next(
        (name for name, (of, variant, *_) in words.OFFERED.items() if (of, variant) == (verb, command.variant)), None
    )
    if option is None:
        raise BadInput(f"{command.variant!r} is no such decision about a return.", field="variant")
    if command.variant == files.UPLOAD_LABEL:
        return partial(files.label_call, ctx, case, command), option
    path, body = _plain_request(verb, command)
    call = act(ctx, path, body, ids={"id": case}, group=_GROUP)
    return lambda kept: call, option


def _plain_request(verb: ReturnVerb, command: Decision) -> tuple[str, dict[str, Json]]:
    """Path and body of a decision without a file."""
    body: dict[str, Json] = {"comments": {"content": command.note}} if command.note else {}
    if verb is ReturnVerb.RECEIVE:
        return "/return/{id}/mark_as_received", body
    if verb is ReturnVerb.CONTEST:
        return "/return/{id}/escalate", {"reason": command.reason, **body}
    decision = words.DECISIONS[verb, command.variant]
    if decision == "PROVIDE_RMA":
        return "/return/{id}/decide", {"decision": decision, "RMANumber": command.note}
    if command.amount is not None:
        body["partialRefundAmount"] = wire_money(command.amount)
    return "/return/{id}/decide", {"decision": decision, **body}


def _actions(document: wire.ReturnDocument) -> list[ReturnAction]:
    about = translate.return_(document)
    found = []
    for option in translate.options_of(document):
        if option not in words.OFFERED:
            continue
        verb, variant, title, moves = words.OFFERED[option]
        amount = variant == "OFFER_PARTIAL_REFUND"
        found.append(
            ReturnAction(
                verb=verb,
                variant=variant,
                title=title,
                moves_money=moves,
                reasons=words.RETURN_ESCALATIONS if option == "SELLER_ESCALATE" else (),
                note_required=variant == "PROVIDE_RMA",
                evidence_required=variant == files.UPLOAD_LABEL,
                amount_required=amount,
                takes=_LABEL if variant == files.UPLOAD_LABEL else (DecisionPart.NOTE,),
                most=about.asked,
                due=about.due,
                consequences=_CONSEQUENCES.get(option, ""),
            )
        )
    return found


_LABEL = (DecisionPart.NOTE, DecisionPart.PARCEL)
_CONSEQUENCES = {
    "SELLER_APPROVE_REQUEST": "The buyer sends the item back; then the money is due.",
    "SELLER_OFFER_PARTIAL_REFUND": "If the buyer accepts, eBay pays this amount and the buyer keeps the item.",
    "SELLER_ESCALATE": "eBay decides the case, and its decision may cost the money.",
}
