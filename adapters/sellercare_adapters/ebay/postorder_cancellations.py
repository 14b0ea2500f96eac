"""The desk of cancellations at Post-Order. eBay cancels whole orders only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, read
from sellercare.errors import BadInput, OutcomeUnknown
from sellercare.interfaces import Context
from sellercare.models import (
    CancelOrder,
    Decision,
    Order,
    OrderState,
    Return,
    ReturnAction,
    ReturnKind,
    ReturnQuery,
    ReturnState,
    ReturnVerb,
)
from sellercare.support import MovesMoney
from sellercare.translation import at_path, translated
from sellercare.writes import DidNothing, Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, wire
from sellercare_adapters.ebay import postorder_translate as translate
from sellercare_adapters.ebay.aftersales import CancelDesk
from sellercare_adapters.ebay.orders import ORDER, ORDER_GROUP
from sellercare_adapters.ebay.postorder import PAGE, CheckedPages, act, group_of, look, windows
from sellercare_adapters.ebay.times import CAPPED
from sellercare_adapters.ebay.translate import order as order_of

_GROUP = group_of("cancellation")
_WHERE = "GET /post-order/v2/cancellation/{id}"
_SEARCH = "GET /post-order/v2/cancellation/search"
_ROLES = ("BUYER", "SELLER")
"""Who asked for it: a search finds those of one, and the seller's own where none is named (eBay's page, 2.10.0)."""
_ASKED = frozenset({ReturnState.APPROVED, ReturnState.REFUNDED, ReturnState.CLOSED})


class Cancellations(CancelDesk):
    """Requests to call an order off."""

    prefix = ids.CANCELLATION
    kind = ReturnKind.CANCELLATION

    def listings(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Cancellations of the last 18 months, by who asked; those of an order all at once."""
        params = {"legacy_order_id": query.order_id} if query.order_id else {}
        return [
            Listing(
                look(ctx, "/cancellation/search", params={**params, "role": role}, group=_GROUP),
                items="cancellations",
                translate=translate.cancellation,
                pages=CheckedPages() if query.order_id else windows(ctx),
                applied=frozenset({"order_id", "kind"}),
                capped=CAPPED,
                together=partial(_sold, ctx),
            )
            for role in _ROLES
        ]

    def get(self, ctx: Context, case: str) -> Return:
        """One of them."""
        return translated(translate.cancellation, self._fetched(ctx, case), _WHERE)

    def _fetched(self, ctx: Context, case: str) -> wire.Cancellation:
        document = ctx.read(
            look(ctx, "/cancellation/{id}", ids={"id": case}, params={"fieldgroups": "FULL"}, group=_GROUP)
        )
        row: wire.Cancellation = at_path(document, "cancelDetail", _WHERE)
        return row

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """Yes or no, while a buyer's request waits for the seller."""
        row = self._fetched(ctx, case)
        found = translated(translate.cancellation, row, _WHERE)
        if found.native_state != "CANCEL_REQUESTED" or row.get("requestorType") == "SELLER":
            return ()
        return (
            ReturnAction(
                verb=ReturnVerb.APPROVE,
                title="call the order off",
                moves_money=MovesMoney.YES,
                most=found.asked,
                due=found.due,
                consequences="eBay pays the whole order back at once.",
            ),
            ReturnAction(verb=ReturnVerb.DECLINE, title="do not call the order off", due=found.due),
        )

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """Yes or no to a buyer's request."""
        if verb not in (ReturnVerb.APPROVE, ReturnVerb.DECLINE):
            raise BadInput("A cancellation is approved or declined.", field="return_id")
        approves = verb is ReturnVerb.APPROVE
        wanted = _ASKED if approves else {ReturnState.DECLINED}
        path = "/cancellation/{id}/approve" if approves else "/cancellation/{id}/reject"

        def find(search: Search) -> Found | None:
            row = self._fetched(ctx, case)
            found = translated(translate.cancellation, row, _WHERE)
            if found.state in wanted:
                return Found(case, row)
            if found.native_state != (search.before or {}).get("status"):
                raise OutcomeUnknown("the cancellation went on since: ours may have come before that")
            return None

        step = Step(
            "decide",
            lambda kept: act(ctx, path, None if approves else {}, ids={"id": case}, group=_GROUP, expect="nothing"),
            keep=nothing,
            commits=True,
            find=find,
            native_id=lambda kept: case,
        )
        return Write(
            (step,),
            lambda kept: translate.cancellation(kept["decide"]),
            lambda: {"status": self.get(ctx, case).native_state},
        )

    def begin(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """The seller calls the whole order off. The order is read first: whether it was paid has to be said."""

        def call(kept: Kept) -> Call:
            body: dict[str, Json] = {"legacyOrderId": command.order_id, "cancelReason": command.reason}
            return act(ctx, "/cancellation", body | kept["order"]["paid"], group=_GROUP)

        def find(search: Search) -> Found | None:
            known = set(search.before or ()) | search.taken
            new = [row for row in self._of_order(ctx, command.order_id) if str(row["cancelId"]) not in known]
            ours = [row for row in new if row.get("requestorType") == "SELLER"]
            if new and not ours:
                raise OutcomeUnknown("a cancellation came since that is not the seller's")
            return Found(str(ours[0]["cancelId"]), {"cancelId": str(ours[0]["cancelId"])}) if ours else None

        def result(kept: Kept) -> Order:
            made = order_of(kept["order"]["row"])
            named = {**made.native_ids, "cancellation": kept["cancel"]["cancelId"]}
            return made.model_copy(update={"state": OrderState.CANCELLED, "native_ids": named})

        read_order = Step(
            "order",
            lambda kept: read(ORDER, ids={"order_id": command.order_id}, group=ORDER_GROUP),
            keep=lambda answer: translated(_paid, answer.json(), answer.where),
        )
        cancel = Step("cancel", call, _cancel_id, commits=True, find=find, native_id=lambda kept: str(kept["cancelId"]))
        return Write(
            (read_order, cancel),
            result,
            lambda: [str(row["cancelId"]) for row in self._of_order(ctx, command.order_id)],
        )

    def _of_order(self, ctx: Context, order_id: str) -> list[wire.Cancellation]:
        rows: list[wire.Cancellation] = []
        for role in _ROLES:
            params = {"legacy_order_id": order_id, "role": role, "limit": PAGE}
            payload = ctx.read(look(ctx, "/cancellation/search", params=params, group=_GROUP))
            rows += at_path(payload, "cancellations", _SEARCH)
        return translated(lambda found: [row for row in found if row["cancelId"]], rows, _SEARCH, "$.cancellations")


def _sold(ctx: Context, rows: list[wire.Cancellation]) -> list[wire.Cancellation]:
    """Without what the seller bought: eBay does not say whether a search by role finds that too."""
    own = ids.own_names(ctx)
    return [row for row in rows if row.get("buyerLoginName") not in own]


def _paid(row: wire.Order) -> dict[str, Any]:
    """The order, and whether and when it was paid, as a cancellation has to say it."""
    payments = (row.get("paymentSummary") or {}).get("payments") or []
    dates = [each["paymentDate"] for each in payments if each.get("paymentDate")]
    paid: dict[str, Any] = {"buyerPaid": bool(dates)}
    if dates:
        paid["buyerPaidDate"] = {"value": dates[0]}
    return {"row": row, "paid": paid}


def _cancel_id(answer: Answer) -> Json:
    """The id of the cancellation. Without one, eBay says why the order cannot be called off."""

    def told(document: Any) -> Json:
        if document.get("cancelId"):
            return {"cancelId": str(document["cancelId"])}
        eligible = document["orderEligibilityResult"]
        if eligible["eligible"] is False:
            why = ", ".join(map(str, eligible.get("failureReason") or [])) or "it does not say why"
            raise DidNothing(f"eBay does not call this order off: {why}.", native_code="NOT_ELIGIBLE")
        raise ValueError("neither an id nor a reason")

    return translated(told, answer.json(), answer.where)
