"""Does this platform, for this account, offer the verb at all?"""

from __future__ import annotations

from sellercare.errors import BadInput, Impossible, NotYet
from sellercare.models import Model
from sellercare.shop.draft import Draft
from sellercare.support import Level, Support


def support(draft: Draft) -> None:
    """Fill in the adapter's answer, and what always follows.

    Raises Impossible or NotYet with its reason, and BadInput for what this platform wants and did not get, or got and
    has no place for.
    """
    draft.support = demand(draft.name, draft.shop.adapter.title, draft.shop.supports_now(draft.name, draft.offline))
    _hold(draft.command, draft.support)
    if draft.contract.consequences:
        draft.consequences.append(draft.contract.consequences)


def _hold(command: Model, support: Support) -> None:
    """Hold what is given with a write against what the platform takes."""
    choose = f"Choose one: {', '.join(support.reasons)}." if support.reasons else ""
    for name, why in support.wants.items():
        given = getattr(command, name)
        if not (given.strip() if isinstance(given, str) else given):
            raise BadInput(why, field=name, next_step=choose if name == "reason" else "")
    for name, why in support.refuses.items():
        if command.gives(name):
            raise BadInput(why, field=name)
    reason = getattr(command, "reason", None)
    if support.reasons and reason is not None and reason not in support.reasons:
        raise BadInput(f"{reason!r} is no reason here.", field="reason", next_step=choose)


def demand(verb: str, title: str, answer: Support) -> Support:
    """The answer if it is a yes; else Impossible or NotYet, which say why and where a person does it by hand."""
    if answer.offered:
        return answer
    by_hand = f"Do it by hand: {answer.by_hand}." if answer.by_hand else ""
    if answer.level is Level.IMPOSSIBLE:
        raise Impossible(
            f"{title} does not offer {verb}: {answer.text}.", verb=verb, reason=answer.text, next_step=by_hand
        )
    raise NotYet(
        f"sellercare does not do {verb} at {title} yet: {answer.text}.",
        verb=verb,
        reason=answer.text,
        next_step=by_hand,
    )
