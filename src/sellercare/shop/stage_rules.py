"""The marketplace's own rules, before anything leaves."""

from __future__ import annotations

from sellercare.models import DisputeReview, Reply, ReplyToReview, StartThread
from sellercare.rules import rules_of
from sellercare.shop.draft import Draft


def rules(draft: Draft) -> None:
    """Hold a text against the rule book. Raises RuleBroken."""
    command = draft.command
    book = rules_of(draft.shop.adapter)
    if isinstance(command, Reply | StartThread):
        book.check_message(draft.name, command.text, command.attachments, draft.message_kind)
    elif isinstance(command, ReplyToReview | DisputeReview):
        book.check_message(draft.name, command.text)
