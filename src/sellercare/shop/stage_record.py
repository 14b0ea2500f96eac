"""The intent, durably, before anything leaves."""

from __future__ import annotations

from sellercare.errors import ConsentNeeded
from sellercare.journal.fingerprint import content_of
from sellercare.journal.journal import Lease
from sellercare.shop.draft import Draft


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
    lease = Lease.of(draft.contract, draft.shop.settings.timeout, draft.shop.patience)
    draft.intent = draft.shop.journal.record(
        lease,
        account=draft.shop.account_name,
        verb=draft.name,
        key=draft.key,
        fingerprint=draft.fingerprint,
        target=draft.command.target,
        content=content_of(draft.command),
        who=draft.who,
        why=draft.why,
        within=draft.shop.store.stakes.take(draft.stake) if draft.stake is not None else None,
    )
    if draft.intent.owner == lease.owner:
        draft.lease = lease
