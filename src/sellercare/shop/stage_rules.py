"""The marketplace's own rules, before anything leaves."""

from __future__ import annotations

from sellercare.models import DisputeReview, Reply, ReplyToReview, StartThread, ThreadKind
from sellercare.rules import rules_of
from sellercare.shop.draft import Draft


def rules(draft: Draft) -> None:
    """Hold a text against the rule book. Raises RuleBroken."""
    command = draft.command
    book = rules_of(draft.shop.adapter)
    if isinstance(command, Reply):
        kind = draft.message_kind
        book.check_message(draft.name, command.text, command.attachments, kind)
    elif isinstance(command, StartThread):
        book.check_message(draft.name, command.text, command.attachments, ThreadKind.PRIVATE)
    elif isinstance(command, ReplyToReview | DisputeReview):
        book.check_message(draft.name, command.text)
