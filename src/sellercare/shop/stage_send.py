"""The adapter names the steps; the journal takes them to an outcome."""

from __future__ import annotations

from sellercare.journal.journal import Task, purged
from sellercare.shop.draft import Draft
from sellercare.shop.settling import told_by_hand


def send(draft: Draft) -> None:
    """Bring the intent to its outcome."""
    assert draft.intent is not None
    shop = draft.shop
    if draft.intent.purged_at is not None:
        draft.outcome = purged(draft.intent)
        return
    if draft.known is not None and (told := told_by_hand(shop, draft.intent)) is not None:
        draft.outcome = told
        return
    # What is sent is what was recorded: after a crash the same command is read back from the journal.
    command = type(draft.command).model_validate(draft.intent.content)
    try:
        write = draft.adapter_method(draft.context, command)
    except BaseException:
        if draft.lease is not None:
            shop.journal.give_back(draft.intent, draft.lease)
        raise
    task = Task(
        write=write,
        contract=write.contract or draft.contract,
        writer=shop.http,
        timeout=shop.settings.timeout,
        patience=shop.patience,
    )
    if draft.lease is not None and write.contract is not None and write.contract != draft.contract:
        shop.journal.give_back(draft.intent, draft.lease)  # what it takes to be leased may be another thing
        draft.lease = None
    draft.outcome = shop.journal.settle(draft.intent, task, draft.lease)
