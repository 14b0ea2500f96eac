"""Deciding about a return: what its status allows, agreeing, refusing, calling off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.interfaces import Context
from sellercare.models import Decision, Return, ReturnAction, ReturnVerb
from sellercare.writes import Write
from sellercare_adapters.shopify import documents, ids, words
from sellercare_adapters.shopify.exchanging import RELEASE, release, release_actions
from sellercare_adapters.shopify.parcels import PARCEL, parcel_actions, tell
from sellercare_adapters.shopify.receiving import receive_actions
from sellercare_adapters.shopify.writing import set_status

CANCEL = "cancel"
"""The variant of `decline` for a return that was approved: it is called off, if nothing was done about it yet."""

CLOSE = "close"
"""The variant of `decline` for an open return of which nothing more is expected."""

REOPEN = "reopen"
"""The variant of `approve` for a closed return."""

_MAIL = "The buyer is told only with `notify_buyers`, and if the order has an e-mail address."


def allowed(ctx: Context, row: Any) -> Sequence[ReturnAction]:
    """The decisions that this return's status and lines allow."""
    if row["status"] == "REQUESTED":
        return (
            ReturnAction(verb=ReturnVerb.APPROVE, title="agree; the goods may come", consequences=_MAIL),
            ReturnAction(
                verb=ReturnVerb.DECLINE,
                title="refuse the request",
                reasons=words.DECLINE_REASONS,
                note_max_length=500,
                consequences=f"The note goes to the buyer. {_MAIL}",
            ),
        )
    if row["status"] == "CLOSED":
        return (
            ReturnAction(verb=ReturnVerb.APPROVE, variant=REOPEN, by_name=True, title="open the closed return again"),
        )
    if row["status"] != "OPEN":
        return ()
    actions = [*receive_actions(ctx, row), *release_actions(row), *parcel_actions(row)]
    lines = [*row["returnLineItems"]["nodes"], *row["exchangeLineItems"]["nodes"]]
    if all(each["processedQuantity"] == 0 for each in lines):
        actions.append(
            ReturnAction(
                verb=ReturnVerb.DECLINE,
                variant=CANCEL,
                title="call the approved return off",
                consequences="The goods count as sold again. It works only before anything was done about the return.",
            )
        )
    actions.append(
        ReturnAction(
            verb=ReturnVerb.DECLINE,
            variant=CLOSE,
            by_name=True,
            title="close the return: it is complete as it is",
            consequences="What was not processed stays so, and nothing more is paid back. It can be opened again.",
        )
    )
    return actions


def approve(ctx: Context, command: Decision) -> Write[Return]:
    """REQUESTED becomes OPEN; so does CLOSED, with the variant `reopen`. `exchange` lets an exchange go out, and
    `parcel` tells of a parcel that comes back."""
    return_id = ids.checked(command.return_id, ids.RETURN, "return_id")
    if command.variant == REOPEN:
        return set_status(ctx, return_id, "OPEN", "returnReopen", documents.RETURN_REOPEN, {"id": return_id})
    if command.variant == RELEASE:
        return release(ctx, return_id)
    if command.variant == PARCEL:
        return tell(ctx, return_id, command)
    asked = {"id": return_id, "notifyCustomer": ctx.settings.notify_buyers}
    return set_status(ctx, return_id, "OPEN", "returnApproveRequest", documents.RETURN_APPROVE, {"input": asked})


def decline(ctx: Context, command: Decision) -> Write[Return]:
    """REQUESTED becomes DECLINED; OPEN becomes CANCELED or CLOSED, with the variants `cancel` and `close`."""
    return_id = ids.checked(command.return_id, ids.RETURN, "return_id")
    notify = ctx.settings.notify_buyers
    if command.variant == CLOSE:
        return set_status(ctx, return_id, "CLOSED", "returnClose", documents.RETURN_CLOSE, {"id": return_id})
    if command.variant == CANCEL:
        variables = {"id": return_id, "notify": notify}
        return set_status(ctx, return_id, "CANCELED", "returnCancel", documents.RETURN_CANCEL, variables)
    asked: dict[str, Any] = {"id": return_id, "declineReason": command.reason, "notifyCustomer": notify}
    if command.note:
        asked["declineNote"] = command.note
    return set_status(ctx, return_id, "DECLINED", "returnDeclineRequest", documents.RETURN_DECLINE, {"input": asked})
