"""The desk of cases that eBay decides (`/casemanagement`): escalated returns, and items that were not received.

A case can be read and its decision appealed. Paying back, giving shipment and closing were shut down on 2026-03-02.
"""

from __future__ import annotations

from collections.abc import Sequence

from sellercare.calls import Json
from sellercare.errors import BadInput, OutcomeUnknown
from sellercare.interfaces import Context
from sellercare.models import Decision, DecisionPart, Return, ReturnAction, ReturnKind, ReturnVerb, Thread
from sellercare.translation import translated
from sellercare.writes import Found, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, wire, words
from sellercare_adapters.ebay import postorder_translate as translate
from sellercare_adapters.ebay.postorder import act
from sellercare_adapters.ebay.postorder_claims import Claims
from sellercare_adapters.ebay.times import CAPPED

_APPEAL = "APPEAL"


class EbayCases(Claims):
    """Cases that eBay decides."""

    prefix = ids.EBAY_CASE
    kind = ReturnKind.DISPUTE
    resource = "casemanagement"
    dates = "case_"
    history = "caseHistoryDetails.history"
    capped = CAPPED

    def as_return(self, row: wire.EbayCase) -> Return:
        """A case."""
        return translate.ebay_case(row)

    def as_thread(self, row: wire.EbayCase) -> Thread:
        """The head of its history."""
        return translate.case_thread(row)

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """An appeal, once, against the decision of a closed case."""
        if not translated(translate.may_appeal, self.fetched(ctx, case), self.where):
            return ()
        return (
            ReturnAction(
                verb=ReturnVerb.CONTEST,
                variant=_APPEAL,
                title="appeal against eBay's decision",
                takes=(DecisionPart.NOTE,),
                consequences="eBay looks at the case again. It wants new information, within 30 days of the closing.",
            ),
        )

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """Appeal. eBay's answer is empty, so it is looked for in the case."""
        if verb is not ReturnVerb.CONTEST or command.variant not in (None, _APPEAL):
            raise BadInput("A case at eBay can only be appealed (contest, APPEAL).", field="variant")
        body: dict[str, Json] = {"comments": {"content": command.note}} if command.note else {}

        def find(search: Search) -> Found | None:
            row = self.fetched(ctx, case)
            told = translated(translate.appeal_of, row, self.where)
            if told == (search.before or {}).get("appeal"):
                return None
            if told == words.SELLER_APPEALED:
                return Found(case, row)
            raise OutcomeUnknown("there is an appeal since, and eBay does not say that it is the seller's")

        step = Step(
            "decide",
            lambda kept: act(
                ctx, "/casemanagement/{id}/appeal", body, ids={"id": case}, group=self.group, expect="nothing"
            ),
            keep=nothing,
            commits=True,
            find=find,
            native_id=lambda kept: case,
        )
        return Write(
            (step,),
            lambda kept: translate.ebay_case(kept["decide"]),
            lambda: {"appeal": translated(translate.appeal_of, self.fetched(ctx, case), self.where)},
        )

    # --- the history ---------------------------------------------------------------------------------

    def may_write(self, ctx: Context, case: str) -> str | None:
        """Never: eBay has no call for it."""
        return "eBay decides this case and takes no messages in it; its decision can be appealed (returns.contest)"
