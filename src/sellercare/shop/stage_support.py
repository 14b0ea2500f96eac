"""Does this platform, for this account, offer the verb at all?"""

from __future__ import annotations

from sellercare.errors import BadInput, Impossible, NotYet
from sellercare.shop.draft import Draft
from sellercare.support import Level, Support


def support(draft: Draft) -> None:
    """Fill in the adapter's answer, and what always follows.

    Raises Impossible or NotYet with its reason, and BadInput for what was given and has no place at this platform.
    """
    draft.support = demand(draft.name, draft.shop.adapter.title, draft.shop.supports_now(draft.name, draft.offline))
    for name, why in draft.support.refuses.items():
        if draft.command.gives(name):
            raise BadInput(why, field=name)
    if draft.contract.consequences:
        draft.consequences.append(draft.contract.consequences)


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
