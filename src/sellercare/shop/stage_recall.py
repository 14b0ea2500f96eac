"""Was this key used before?"""

from __future__ import annotations

import unicodedata
from functools import partial

from sellercare.errors import BadInput, KeyConflict
from sellercare.journal import Intent
from sellercare.journal.fingerprint import as_written, content_of
from sellercare.shop.draft import Draft
from sellercare.store.records import IntentState
from sellercare.support import MovesMoney


def recall(draft: Draft) -> None:
    """Fill in the intent that the key already has, with its stored command. Raises KeyConflict.

    Money does not move without a key: a caller who cannot name the write cannot ask for it twice safely.
    """
    check_name(draft.command.target, "id")
    if draft.key is not None and not isinstance(draft.key, str):
        raise BadInput(
            f"The key is {type(draft.key).__name__}, not a text.", field="key", next_step='Write it as text: "17".'
        )
    if not draft.key:
        if draft.verb.money or draft.contract.money is not MovesMoney.NO:
            raise BadInput(
                f"{draft.name} moves money, so it needs a key.",
                field="key",
                next_step="Give it one, a name of yours for this one write, such as the number of the return.",
            )
        draft.key = draft.shop.fresh_key()
        return
    check_name(draft.key, "key")
    if draft.key != draft.key.strip():
        raise BadInput("It begins or ends with a blank, which nobody sees.", field="key")
    draft.key = _in_one_form(draft)
    if draft.new:
        return
    known = _known(draft)
    # A write that was refused, or never left, is checked like a new one: the world may have changed.
    if known is not None and known.state not in (IntentState.REFUSED, IntentState.READY):
        draft.known = known
        if known.purged_at is None:
            draft.command = type(draft.command).model_validate(known.content)


def _known(draft: Draft) -> Intent | None:
    """The intent of the key, if it is of the same content; KeyConflict if it is of another."""
    look = partial(draft.shop.journal.known, draft.shop.account_name, draft.name, draft.key)
    content = content_of(draft.command)
    try:
        return look(draft.fingerprint, content)
    except KeyConflict:
        earlier = as_written(draft.name, draft.command)
        if earlier == draft.fingerprint:
            raise
        known = look(earlier, content)
        draft.fingerprint = earlier
        return known


def _in_one_form(draft: Draft) -> str:
    """The key with each letter as one sign: systems write an é in two ways, and people see one key.

    A key that the journal has as it was given stays so: what it names was done.
    """
    one_form = unicodedata.normalize("NFC", draft.key)
    if one_form == draft.key or draft.shop.store.intents.find(draft.shop.account_name, draft.name, draft.key):
        return draft.key
    return one_form


def check_name(name: str, field: str) -> None:
    """Raise BadInput for a key or id that a journal cannot hold, or that people cannot tell from another one.

    That is one over 250 characters, with control characters, or with a blank at its beginning or end.
    """
    if len(name) > 250:
        raise BadInput(f"The {field} has {len(name)} characters; at most 250 can be kept.", field=field)
    if not name.isprintable():
        raise BadInput(f"The {field} has control characters in it.", field=field)
    if name != name.strip():
        raise BadInput(
            f"The {field} {name!r} begins or ends with a blank, which nobody sees.",
            field=field,
            next_step="Leave the blank out: with it, the same name would be another one, and could be sent again.",
        )
