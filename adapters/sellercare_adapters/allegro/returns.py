"""Returns: customer returns, and issues (disputes and claims) under ids of the form `issue:UUID`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.calls import Call, Json, Listing, Listings, read, write
from sellercare.errors import BadInput
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Returns
from sellercare.models import (
    Decision,
    Return,
    ReturnAction,
    ReturnKind,
    ReturnQuery,
    ReturnState,
    ReturnVerb,
)
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.allegro import ids, translate, wire, words
from sellercare_adapters.allegro.conversations import issue_row

_RETURN = "/order/customer-returns/{customerReturnId}"
_PAY = "It moves no money. Pay it back with `refunds issue` on this claim."


def return_row(ctx: Context, return_id: str) -> wire.CustomerReturn:
    """A customer return as Allegro sends it."""
    call = read(_RETURN, ids={"customerReturnId": return_id}, group="customer-returns")
    row: wire.CustomerReturn = ctx.read(call)
    return row


def one_return(ctx: Context, return_id: str) -> Return:
    """A return, dispute or claim by our id."""
    issue = ids.issue_of(return_id)
    if issue is not None:
        return translated(translate.issue, issue_row(ctx, issue), "GET /sale/issues/{issueId}")
    return translated(translate.customer_return, return_row(ctx, return_id), f"GET {_RETURN}")


class AllegroReturns(Returns):
    """Returns, disputes and claims."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Customer returns, then disputes and claims with the newest opened first."""
        listings: list[Listing[Any, Return]] = []
        if query.kind in (None, ReturnKind.RETURN):
            listings.append(_customer_returns(query))
        if query.kind in (None, ReturnKind.DISPUTE, ReturnKind.CLAIM, ReturnKind.UNKNOWN):
            listings.append(_issues(query))
        return listings

    def get(self, ctx: Context, return_id: str) -> Return:
        """One of them."""
        return one_return(ctx, return_id)

    def allowed(self, ctx: Context, return_id: str) -> Sequence[ReturnAction]:
        """A return may be rejected until it is over; a claim decided while it is submitted; a dispute never."""
        found = one_return(ctx, return_id)
        if found.kind is ReturnKind.RETURN:
            return () if found.native_state in words.RETURN_OVER else (_rejection(),)
        if found.kind is ReturnKind.CLAIM and found.native_state == "CLAIM_SUBMITTED":
            return (*_claim_offers(found), _claim_refusal(found))
        return ()

    def decline(self, ctx: Context, command: Decision) -> Write[Return]:
        """Reject a return's refund, or a claim; `reason` is Allegro's code."""
        issue = ids.issue_of(command.return_id)
        if issue is None:
            return _reject(ctx, command)
        return _decide(ctx, command, issue, command.reason or "", ReturnState.DECLINED)

    def offer(self, ctx: Context, command: Decision) -> Write[Return]:
        """Accept a claim, in one of four ways. It moves no money."""
        issue = ids.issue_of(command.return_id)
        if issue is None:
            raise BadInput(
                "Only a claim can be accepted so; a return is accepted by paying it back.", field="return_id"
            )
        return _decide(ctx, command, issue, command.variant or "", ReturnState.APPROVED)


# --- listing ---------------------------------------------------------------------------------------


def _customer_returns(query: ReturnQuery) -> Listing[Any, Return]:
    params: dict[str, str] = {}
    applied = {"kind"}
    if query.order_id:
        params["orderId"] = query.order_id
        applied.add("order_id")
    natives = [native for native, state in words.CUSTOMER_RETURN.items() if state is query.state]
    if len(natives) == 1:
        params["status"] = natives[0]
        applied.add("state")
    return Listing(
        read("/order/customer-returns", params=params, group="customer-returns"),
        items="customerReturns",
        translate=translate.customer_return,
        pages=OffsetPages(limit=100),
        applied=frozenset(applied),
        capped="Allegro does not tell when a return changed: `updated_since` leaves none out.",
    )


def _issues(query: ReturnQuery) -> Listing[Any, Return]:
    params: dict[str, Any] = {}
    applied = set()
    if query.order_id:
        params["checkoutForm.id"] = query.order_id
        applied.add("order_id")
    natives = [native for native, state in words.ISSUE.items() if state is query.state]
    if natives:
        params["status"] = natives
    return Listing(
        read("/sale/issues", params=params),
        items="issues",
        translate=translate.issue,
        pages=OffsetPages(limit=100),
        applied=frozenset(applied),
    )


# --- deciding ---------------------------------------------------------------------------------------


def _rejection() -> ReturnAction:
    return ReturnAction(
        verb=ReturnVerb.DECLINE,
        title="reject the refund of the return",
        reasons=words.REJECTION_REASONS,
        note_max_length=250,
    )


def _claim_offers(claim: Return) -> list[ReturnAction]:
    return [
        ReturnAction(
            verb=ReturnVerb.OFFER,
            variant=choice.code,
            title=choice.title,
            note_required=True,
            amount_required=choice.code == "ACCEPTED_PARTIAL_REFUND",
            due=claim.due,
            consequences=_PAY if choice.code.endswith("REFUND") else "",
        )
        for choice in words.CLAIM_OFFERS
    ]


def _claim_refusal(claim: Return) -> ReturnAction:
    return ReturnAction(
        verb=ReturnVerb.DECLINE,
        title="reject the claim",
        reasons=words.CLAIM_REFUSALS,
        note_required=True,
        due=claim.due,
    )


def _reject(ctx: Context, command: Decision) -> Write[Return]:
    if command.reason == "REFUND_REJECTED" and not (command.note or "").strip():
        raise BadInput("REFUND_REJECTED needs a note of 1 to 250 characters.", field="note")
    rejection = {"code": command.reason} | ({"reason": command.note} if command.note else {})
    where = {"customerReturnId": command.return_id}

    def find(search: Search) -> Found | None:
        row = return_row(ctx, command.return_id)
        code = translated(lambda seen: (seen.get("rejection") or {}).get("code"), row, f"GET {_RETURN}")
        return Found(command.return_id, row) if code == command.reason else None

    step = Step(
        "decide",
        lambda kept: write(
            "POST", _RETURN + "/rejection", ids=where, json={"rejection": rejection}, group="customer-returns"
        ),
        commits=True,
        find=find,
        native_id=lambda kept: command.return_id,
    )
    return Write((step,), lambda kept: translate.customer_return(kept["decide"]))


def _decide(ctx: Context, command: Decision, issue: str, status: str, state: ReturnState) -> Write[Return]:
    offers = state is ReturnState.APPROVED
    body: dict[str, Json] = {"status": status, "message": command.note}
    if command.amount is not None:
        body["partialRefund"] = {"amount": command.amount.plain(), "currency": command.amount.currency}

    def call(kept: Kept) -> Call:
        return write("POST", "/sale/issues/{issueId}/status", ids={"issueId": issue}, json=body, expect="nothing")

    def find(search: Search) -> Found | None:
        row = issue_row(ctx, issue)
        found = translated(translate.issue, row, "GET /sale/issues/{issueId}")
        return Found(command.return_id, row) if found.state is state else None

    def result(kept: Kept) -> Return:
        if kept["decide"]:
            return translate.issue(kept["decide"])
        return Return(
            id=command.return_id,
            kind=ReturnKind.CLAIM,
            native_kind="CLAIM",
            state=state,
            native_state="CLAIM_ACCEPTED" if offers else "CLAIM_REJECTED",
            thread_id=command.return_id,
            native_ids={"issue": issue},
        )

    step = Step("decide", call, keep=nothing, commits=True, find=find, native_id=lambda kept: command.return_id)
    return Write((step,), result)
