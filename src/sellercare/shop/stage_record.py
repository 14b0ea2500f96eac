"""The intent, durably, before anything leaves."""

from __future__ import annotations

from sellercare.journal.fingerprint import content_of
from sellercare.shop.draft import Draft


def record(draft: Draft) -> None:
    """Write the intent into the journal, or take the one that the key already has. Raises StoreError, KeyConflict."""
    if draft.known is not None:
        draft.intent = draft.known
        return
    draft.intent = draft.shop.journal.record(
        account=draft.shop.account_name,
        verb=draft.name,
        key=draft.key,
        fingerprint=draft.fingerprint,
        target=draft.command.target,
        content=content_of(draft.command),
        who=draft.who,
        why=draft.why,
    )
