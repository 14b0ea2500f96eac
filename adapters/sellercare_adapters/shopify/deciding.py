"""Deciding about a return: what its status allows, agreeing, refusing, calling off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.errors import BadInput
from sellercare.interfaces import Context
from sellercare.models import Decision, Return, ReturnAction, ReturnVerb
from sellercare.writes import Write
from sellercare_adapters.shopify import documents, ids, words
from sellercare_adapters.shopify.receiving import receive_actions
from sellercare_adapters.shopify.writing import set_status

CANCEL = "cancel"
"""The variant of `decline` for a return that was approved: it is called off, if nothing was done about it yet."""

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
    if row["status"] != "OPEN":
        return ()
    actions = list(receive_actions(ctx, row))
    if all(each["processedQuantity"] == 0 for each in row["returnLineItems"]["nodes"]):
        actions.append(
            ReturnAction(
                verb=ReturnVerb.DECLINE,
                variant=CANCEL,
                title="call the approved return off",
                consequences="The goods count as sold again. It works only before anything was done about the return.",
            )
        )
    return actions


def approve(ctx: Context, command: Decision) -> Write[Return]:
    """REQUESTED becomes OPEN."""
    _whole(command)
    return_id = ids.checked(command.return_id, ids.RETURN, "return_id")
    if command.note is not None or command.reason is not None:
        raise BadInput("Shopify takes neither note nor reason when a return is approved.", field="note")
    asked = {"id": return_id, "notifyCustomer": ctx.settings.notify_buyers}
    return set_status(ctx, return_id, "OPEN", "returnApproveRequest", documents.RETURN_APPROVE, {"input": asked})


def decline(ctx: Context, command: Decision) -> Write[Return]:
    """REQUESTED becomes DECLINED; with the variant `cancel`, OPEN becomes CANCELED."""
    _whole(command)
    return_id = ids.checked(command.return_id, ids.RETURN, "return_id")
    notify = ctx.settings.notify_buyers
    if command.variant == CANCEL:
        if command.note is not None or command.reason is not None:
            raise BadInput("Shopify takes neither note nor reason when a return is called off.", field="note")
        variables = {"id": return_id, "notify": notify}
        return set_status(ctx, return_id, "CANCELED", "returnCancel", documents.RETURN_CANCEL, variables)
    if command.variant is not None:
        raise BadInput(f"{command.variant!r} is no way to decline here.", field="variant")
    if command.reason is None:
        raise BadInput("The reason is missing.", field="reason")
    asked: dict[str, Any] = {"id": return_id, "declineReason": command.reason, "notifyCustomer": notify}
    if command.note:
        asked["declineNote"] = command.note
    return set_status(ctx, return_id, "DECLINED", "returnDeclineRequest", documents.RETURN_DECLINE, {"input": asked})


def _whole(command: Decision) -> None:
    """A decision is about the whole return."""
    if command.lines:
        raise BadInput("Shopify decides about whole returns.", field="lines")
    if command.amount is not None or command.attachments:
        raise BadInput("This decision takes no amount and no files.", field="amount")
