"""What a person says about a write whose outcome is unknown: the only thing that moves one without proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from sellercare.errors import BadInput, InProgress
from sellercare.store.intents import leased
from sellercare.store.records import IntentState, when_of
from sellercare.store.schema import intents, rows, steps, words

if TYPE_CHECKING:
    from sellercare.store.engine import Store


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said about an intent, and when (UTC)."""

    landed: bool
    native_id: str | None
    who: str
    said_at: datetime


class Words:
    """Keeping what people said. Every word stays, for whoever asks later why something was or was not sent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def say(
        self, intent_id: str, *, landed: bool, native_id: str | None, who: str, settlement: str = "", owner: str = ""
    ) -> None:
        """Decide an unknown intent: it is confirmed, or may be sent again under its key. Its rows follow.

        `owner` is whose lease it may be under, if somebody's: the speaker's own.
        Raises BadInput for one whose outcome is not unknown, InProgress while somebody looks it up.
        """
        now = self._store.clock.now().timestamp()
        with self._store.transaction() as db:
            intent = db.execute(select(intents).where(intents.c.id == intent_id)).one()
            if intent.state != IntentState.UNKNOWN.value:
                raise BadInput(
                    f"The outcome of this write is not unknown, it is {intent.state}.",
                    field="intent",
                    next_step="Ask again with its key, or `sellercare jobs resume`: that looks it up."
                    if intent.state == IntentState.SENDING.value
                    else "",
                )
            if intent.owner not in (None, owner) and leased(when_of(intent.owned_until), now):
                raise InProgress("Somebody is looking this write up right now.", next_step="Wait for it.")
            state = IntentState.CONFIRMED if landed else IntentState.READY
            values = {"state": state.value, "owner": None, "owned_until": None, "decided_at": now}
            if landed:
                values |= {"native_id": native_id, "settlement": settlement, "error": None}
            else:
                db.execute(steps.delete().where(steps.c.intent_id == intent_id))
                values |= {"before": None}
            db.execute(update(intents).where(intents.c.id == intent_id).values(values))
            count = db.execute(select(func.count()).where(words.c.intent_id == intent_id)).scalar_one()
            said = {"landed": landed, "native_id": native_id, "who": who[:200], "said_at": now}
            db.execute(insert(words).values(intent_id=intent_id, n=count + 1, **said))
            note = f"{who or 'somebody'} said that it {'landed' if landed else 'did not land'}"
            row = {"state": "confirmed" if landed else "ready", "note": note}
            mine = (rows.c.intent_id == intent_id, rows.c.state == "unknown")
            db.execute(update(rows).where(*mine).values(row))

    def last(self, intent_id: str) -> Word | None:
        """What was said last, if anything."""
        mine = select(words).where(words.c.intent_id == intent_id).order_by(words.c.n.desc()).limit(1)
        with self._store.reading() as db:
            found = db.execute(mine).one_or_none()
        if found is None:
            return None
        return Word(found.landed, found.native_id, found.who, datetime.fromtimestamp(found.said_at, UTC))


__all__ = ["Word", "Words"]
