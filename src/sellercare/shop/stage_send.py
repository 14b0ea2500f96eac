"""The adapter names the steps; the journal takes them to an outcome."""

from __future__ import annotations

from sellercare.journal.task import purged
from sellercare.shop.draft import Draft
from sellercare.shop.settling import told_by_hand
from sellercare.shop.stage_record import task_of


def send(draft: Draft) -> None:
    """Bring the intent to its outcome."""
    assert draft.intent is not None
    if draft.intent.purged_at is not None:
        draft.outcome = purged(draft.intent)
        return
    if draft.known is not None and (told := told_by_hand(draft.shop, draft.intent)) is not None:
        draft.outcome = told
        return
    task = draft.task or task_of(draft, draft.intent.content)
    draft.outcome = draft.shop.journal.settle(draft.intent, task, draft.lease)
