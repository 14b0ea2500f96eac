"""The desk of cases that eBay decides (`/casemanagement`): escalated returns, and items that were not received.

A case can be read and its decision appealed. Paying back, giving shipment and closing were shut down on 2026-03-02.
"""

from __future__ import annotations

from collections.abc import Sequence

from sellercare.calls import Json, Listing, Listings
from sellercare.errors import BadInput, OutcomeUnknown
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context
from sellercare.models import Decision, Message, Return, ReturnAction, ReturnKind, ReturnQuery, ReturnVerb, Thread
from sellercare.translation import translated
from sellercare.writes import Found, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, wire, words
from sellercare_adapters.ebay import postorder_translate as translate
from sellercare_adapters.ebay.aftersales import Desk
from sellercare_adapters.ebay.postorder import CheckedPages, act, group_of, look, windows

_GROUP = group_of("casemanagement")
_WHERE = "GET /post-order/v2/casemanagement/{id}"
_APPEAL = "APPEAL"


class EbayCases(Desk):
    """Cases that eBay decides."""

    prefix = ids.EBAY_CASE
    kind = ReturnKind.DISPUTE

    def listings(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Cases of the last 18 months; those of an order all at once."""
        params = {"order_id": query.order_id} if query.order_id else {}
        return [
            Listing(
                look(ctx, "/casemanagement/search", params=params, group=_GROUP),
                items="members",
                translate=translate.ebay_case,
                pages=CheckedPages() if query.order_id else windows(ctx, "case_"),
                applied=frozenset({"order_id", "kind"}),
                capped="eBay finds cases of the last 18 months.",
            )
        ]

    def get(self, ctx: Context, case: str) -> Return:
        """One case."""
        return translated(translate.ebay_case, self._fetched(ctx, case), _WHERE)

    def _fetched(self, ctx: Context, case: str) -> wire.EbayCase:
        row: wire.EbayCase = ctx.read(look(ctx, "/casemanagement/{id}", ids={"id": case}, group=_GROUP))
        return row

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """An appeal, once, against the decision of a closed case."""
        if not translated(translate.may_appeal, self._fetched(ctx, case), _WHERE):
            return ()
        return (
            ReturnAction(
                verb=ReturnVerb.CONTEST,
                variant=_APPEAL,
                title="appeal against eBay's decision",
                consequences="eBay looks at the case again. It wants new information, within 30 days of the closing.",
            ),
        )

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """Appeal. eBay's answer is empty, so it is looked for in the case."""
        if verb is not ReturnVerb.CONTEST or command.variant not in (None, _APPEAL):
            raise BadInput("A case at eBay can only be appealed (contest, APPEAL).", field="variant")
        if command.lines or command.attachments or command.amount is not None:
            raise BadInput("eBay takes neither lines, files nor an amount with an appeal.", field="attachments")
        body: dict[str, Json] = {"comments": {"content": command.note}} if command.note else {}

        def find(search: Search) -> Found | None:
            row = self._fetched(ctx, case)
            told = translated(translate.appeal_of, row, _WHERE)
            if told == (search.before or {}).get("appeal"):
                return None
            if told == words.SELLER_APPEALED:
                return Found(case, row)
            raise OutcomeUnknown("there is an appeal since, and eBay does not say that it is the seller's")

        step = Step(
            "decide",
            lambda kept: act(
                ctx, "/casemanagement/{id}/appeal", body, ids={"id": case}, group=_GROUP, expect="nothing"
            ),
            keep=nothing,
            commits=True,
            find=find,
            native_id=lambda kept: case,
        )
        return Write(
            (step,),
            lambda kept: translate.ebay_case(kept["decide"]),
            lambda: {"appeal": translated(translate.appeal_of, self._fetched(ctx, case), _WHERE)},
        )

    # --- the history ---------------------------------------------------------------------------------

    def thread(self, ctx: Context, case: str) -> Thread:
        """The head of a case's history."""
        return translated(translate.case_thread, self._fetched(ctx, case), _WHERE)

    def messages(self, ctx: Context, case: str) -> Listings[Message]:
        """What was said and done in a case."""
        thread_id = ids.case_id(ids.EBAY_CASE, case)
        return [
            Listing(
                look(ctx, "/casemanagement/{id}", ids={"id": case}, group=_GROUP),
                items="caseHistoryDetails.history",
                translate=lambda row: translate.claim_entry(row, thread_id),
                pages=OnePage(),
            )
        ]

    def may_write(self, ctx: Context, case: str) -> str | None:
        """Never: eBay has no call for it."""
        return "eBay decides this case and takes no messages in it; its decision can be appealed (returns.contest)"
