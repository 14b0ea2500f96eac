"""What planning makes of one row, and how an error about a row is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sellercare.bulk.columns import Draft
from sellercare.calls import Json
from sellercare.errors import (
    BadAnswer,
    ConfigError,
    KeyConflict,
    NotAllowedNow,
    PlatformError,
    Refused,
    SellercareError,
    StoreError,
    TryLater,
    Unauthorized,
)
from sellercare.journal import Intent, IntentState
from sellercare.models import Model, Money
from sellercare.shop.draft import Draft as ShopDraft
from sellercare.shop.pipeline import CHECKS, run
from sellercare.shop.stage_recall import recall
from sellercare.store.jobs import JobRow, RowState

if TYPE_CHECKING:
    from sellercare.shop import Shop


@dataclass(frozen=True, slots=True)
class Prepared:
    """One row as the plan keeps it. `content` has the command, or the draft that an offline plan cannot complete."""

    target: str
    key: str | None
    state: RowState
    content: Json
    note: str = ""
    money: Money | None = None
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the seller asked for beside the rows: the name of the run, and whether to write to the answered too."""

    run: str = ""
    even_if_answered: bool = False


class Kind(Protocol):
    """What differs between the verbs that can be done in bulk."""

    verb: str
    noun: str
    command: type[Model]

    def sketch(self, shop: Shop, draft: Draft, wishes: Wishes) -> Prepared:
        """Plan a row without any call. Raises SellercareError for what is wrong with it all the same."""
        ...

    def prepare(self, shop: Shop, draft: Draft, wishes: Wishes) -> Prepared:
        """Plan a row: match it, look, and check it. Raises SellercareError for what is wrong with it."""
        ...

    def draft(self, row: JobRow) -> Draft:
        """The draft of a row that was sketched."""
        ...

    def whole(self, row: JobRow) -> Model | None:
        """The command of a row that was sketched, if nothing about it waits for the marketplace."""
        ...


_UNASKED = tuple(stage for stage in CHECKS if stage is not recall)


def check_unasked(shop: Shop, verb: str, command: Model) -> Money | None:
    """Check a write without a call, and without asking the journal, which is asked for many keys at once.

    Returns what would move. Raises NothingSent errors.
    """
    return run(ShopDraft(shop, verb, command, "", offline=True), _UNASKED).money


def known_state(known: Intent | None) -> tuple[RowState, str]:
    """Where a row stands whose key the journal may know."""
    if known is None:
        return RowState.READY, ""
    if known.state is IntentState.CONFIRMED:
        when = f" on {known.decided_at:%Y-%m-%d %H:%M} UTC" if known.decided_at else ""
        return RowState.DONE, f"sent before{when}"
    return RowState.UNKNOWN, "sent before, and its outcome is unknown: it is looked up, never sent blindly"


def told(error: SellercareError) -> str:
    """An error as a row's note: what is wrong and what to do."""
    return " ".join(part for part in (error.message, error.next_step) if part)


def verdict(error: SellercareError) -> tuple[RowState, str]:
    """What an error means for one row of a plan. Errors that concern every row are raised again."""
    if isinstance(error, StoreError | ConfigError | Unauthorized):
        raise error
    if isinstance(error, NotAllowedNow):
        return RowState.HELD, told(error)
    if isinstance(error, TryLater | BadAnswer) or (isinstance(error, PlatformError) and not isinstance(error, Refused)):
        return RowState.HELD, f"could not be checked: {told(error)}"
    if isinstance(error, KeyConflict):
        return RowState.REJECTED, f"{error.message} {error.next_step}"
    return RowState.REJECTED, told(error)


Watch = Callable[[RowState], None]
"""Told of every row that is planned or done, for a progress bar."""


def unwatched(state: RowState) -> None:
    """A watch that nobody looks at."""


@dataclass(slots=True)
class Tally:
    """Sentences and how many rows they are about; the first hundred different ones, so that it stays small."""

    most: int = 100
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, sentences: tuple[str, ...]) -> None:
        """Count each sentence once."""
        for sentence in sentences:
            if sentence in self.seen or len(self.seen) < self.most:
                self.seen[sentence] = self.seen.get(sentence, 0) + 1


__all__ = [
    "Kind",
    "Prepared",
    "Tally",
    "Watch",
    "Wishes",
    "check_unasked",
    "known_state",
    "told",
    "unwatched",
    "verdict",
]
