"""Chargebacks and inquiries at Shopify Payments: read, and contested with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing
from sellercare.errors import NotAllowedNow
from sellercare.graphql import ConnectionPages, payload_of
from sellercare.interfaces import Context
from sellercare.models import Decision, Return, ReturnAction, ReturnQuery, ReturnVerb
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import documents, ids, reading, translate
from sellercare_adapters.shopify.documents import ADMIN

_FINAL = "What is submitted goes to the buyer's bank and cannot be taken back."


def listing(query: ReturnQuery) -> Listing[Any, Return]:
    """Disputes of the shop; those that were begun at or after a time cannot be told by when they changed."""
    variables: dict[str, Any] = {}
    return Listing(
        ADMIN.query(documents.DISPUTES, variables, group="lists", cost=40),
        "data.disputes.nodes",
        translate.dispute,
        ConnectionPages("data.disputes", 50),
        capped="Only payments through Shopify Payments have chargebacks here.",
    )


def one(ctx: Context, dispute_id: str) -> Return:
    """A dispute."""
    ids.checked(dispute_id, ids.DISPUTE, "return_id")
    return reading.thing(ctx, documents.DISPUTE, "dispute", dispute_id, translate.dispute)


def allowed(ctx: Context, dispute_id: str) -> Sequence[ReturnAction]:
    """Evidence, once, as long as Shopify waits for a response."""
    ids.checked(dispute_id, ids.DISPUTE, "return_id")
    return reading.thing(ctx, documents.DISPUTE, "dispute", dispute_id, _actions)


def _actions(row: Any) -> Sequence[ReturnAction]:
    if row["status"] != "NEEDS_RESPONSE" or row["disputeEvidence"]["submitted"]:
        return ()
    found = translate.dispute(row)
    return (
        ReturnAction(
            verb=ReturnVerb.CONTEST,
            title="submit evidence, in words",
            note_required=True,
            most=found.asked,
            due=found.due,
            consequences=_FINAL,
        ),
    )


def contest(ctx: Context, command: Decision) -> Write[Return]:
    """Submit the note as evidence. Files would have to be uploaded first, which this does not do."""
    dispute_id = ids.checked(command.return_id, ids.DISPUTE, "return_id")
    look = ADMIN.query(documents.DISPUTE, {"id": dispute_id}, **reading.ONE)

    def waiting(answer: Answer) -> Json:
        row = payload_of("data.dispute")(answer)
        if row["disputeEvidence"]["submitted"]:
            raise NotAllowedNow(f"Evidence for {dispute_id} was submitted already.")
        return row

    def call(kept: Kept) -> Call:
        asked = {"uncategorizedText": command.note, "submitEvidence": True}
        variables = {"id": kept["dispute"]["disputeEvidence"]["id"], "input": asked}
        return ADMIN.mutation(documents.EVIDENCE, variables, group="returns", cost=20)

    def find(search: Search) -> Found | None:
        shown = reading.thing(ctx, documents.DISPUTE, "dispute", dispute_id, lambda row: row["disputeEvidence"])
        return Found(dispute_id, shown) if translated(lambda row: row["submitted"], shown) else None

    evidence = Step(
        "evidence",
        call,
        payload_of("data.disputeEvidenceUpdate.disputeEvidence"),
        commits=True,
        find=find,
        native_id=lambda kept: dispute_id,
    )
    look_step = Step("dispute", lambda kept: look, waiting)
    return Write((look_step, evidence), lambda kept: translate.dispute(kept["dispute"]))
