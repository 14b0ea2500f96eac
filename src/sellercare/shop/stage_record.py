"""The intent, durably, before anything leaves."""

from __future__ import annotations

from typing import Any

from sellercare.calls import Json
from sellercare.errors import ConsentNeeded
from sellercare.journal.fingerprint import content_of
from sellercare.journal.task import Task, lease_for
from sellercare.shop.draft import Draft
from sellercare.store.records import IntentState


def record(draft: Draft) -> None:
    """Write the intent into the journal, or take the one that the key already has.

    Raises StoreError, KeyConflict, ConsentNeeded, and AboveLimit for money that goes above the seller's own limits.
    """
    if draft.known is not None:
        draft.intent = draft.known
        return
    if draft.contract.consequences and not draft.consent:
        raise ConsentNeeded(
            f"{draft.name} at {draft.shop.adapter.title} does more than what is asked for: "
            f"{draft.contract.consequences}",
            consequences=draft.contract.consequences,
        )
    if draft.agree is not None:
        draft.agree(draft.checked)
    content = content_of(draft.command)
    draft.task = task_of(draft, content)
    draft.lease = lease_for(draft.task)
    draft.intent = draft.shop.journal.record(
        draft.lease,
        account=draft.shop.account_name,
        verb=draft.name,
        key=draft.key,
        fingerprint=draft.fingerprint,
        target=draft.command.target,
        content=content,
        who=draft.who,
        why=draft.why,
        within=draft.shop.store.stakes.take(draft.stake) if draft.stake is not None else None,
    )
    if draft.intent.content != content:
        draft.task = None  # somebody else recorded it at the same moment, with another option
    if draft.intent.owner != draft.lease.owner and draft.intent.state not in (IntentState.READY, IntentState.REFUSED):
        draft.known = draft.intent


def task_of(draft: Draft, content: Json) -> Task[Any]:
    """The adapter's steps for what is recorded: after a crash the same command is read back from the journal."""
    command = type(draft.command).model_validate(content)
    write = draft.adapter_method(draft.context, command)
    shop = draft.shop
    return Task(write, write.contract or draft.contract, shop.http, shop.settings.timeout, shop.patience)
