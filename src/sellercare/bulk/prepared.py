"""What planning makes of one row, and how an error about a row is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sellercare.adapter import Adapter
from sellercare.bulk.columns import Asked, Draft, Patterns
from sellercare.bulk.files import RawRow
from sellercare.calls import Json
from sellercare.errors import (
    AboveLimit,
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
from sellercare.shop.draft import Checked
from sellercare.shop.draft import Draft as ShopDraft
from sellercare.shop.pipeline import CHECKS, run
from sellercare.shop.stage_recall import recall
from sellercare.store.jobs import Job, JobRow, RowState, WaitsFor
from sellercare.store.limits import Limits

if TYPE_CHECKING:
    from sellercare.shop import Shop


@dataclass(frozen=True, slots=True)
class Prepared:
    """One row as the plan keeps it. `content` has the command, or the draft that an offline plan cannot complete.

    A row of another verb than the job's has it in `content`, too; `seen` in it is what is compared when it is applied.
    """

    target: str
    key: str | None
    state: RowState
    content: Json
    note: str = ""
    money: Money | None = None
    consequences: tuple[str, ...] = ()
    waits_for: WaitsFor = WaitsFor.NOTHING


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the seller asked for beside the rows.

    `run` names the run, `even_if_answered` writes to the answered too, `limits` are held beside the accounts' own.
    """

    run: str = ""
    even_if_answered: bool = False
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def of(cls, job: Job) -> Wishes:
        """What a stored plan was asked for."""
        asked = job.options.get("asked", {})
        return cls(asked.get("run", ""), asked.get("even_if_answered", False), Limits.kept(asked.get("limits", {})))


class Kind(Protocol):
    """What differs between the writes that can be done in bulk. `name` is the job's verb, `columns` the file's."""

    @property
    def name(self) -> str: ...
    @property
    def noun(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def command(self) -> type[Model]: ...

    def missing(self, columns: frozenset[str], asked: Asked) -> str:
        """The column that a header lacks, in words; empty if it has all."""
        ...

    def read(self, row: RawRow, asked: Asked, patterns: Patterns) -> Draft:
        """The write that a row of the file asks for. Raises BadRow."""
        ...

    def sketch(self, shop: Shop, draft: Any, wishes: Wishes) -> Prepared:
        """Plan a row without any call. Raises SellercareError for what is wrong with it all the same."""
        ...

    def prepare(self, shop: Shop, draft: Any, wishes: Wishes) -> Prepared:
        """Plan a row: match it, look, and check it. Raises SellercareError for what is wrong with it."""
        ...

    def draft(self, row: JobRow) -> Draft:
        """The draft of a row that was sketched."""
        ...

    def whole(self, row: JobRow) -> Model | None:
        """The command of a row, if nothing about it waits for the marketplace."""
        ...

    def look_costs(self, adapter: type[Adapter]) -> str:
        """What it costs, for each row, to find out before sending whether the world has changed; empty for nothing."""
        ...

    def look_changes(self, adapter: type[Adapter]) -> str:
        """What looking changes at the marketplace (it may mark a thread as read); empty for nothing."""
        ...

    def look(self, shop: Shop, job: Job, row: JobRow) -> str:
        """Ask whether the world has changed since the plan; what has, in a sentence, or nothing."""
        ...

    def agrees(self, shop: Shop, job: Job, row: JobRow, checked: Checked) -> str:
        """The same out of what the checks before a write ask anyway."""
        ...


def verb_of(kind: Kind, content: Json) -> str:
    """The verb of a row: the job's own, unless its content names another."""
    return str(content.get("verb") or kind.name) if isinstance(content, dict) else kind.name


_UNASKED = tuple(stage for stage in CHECKS if stage is not recall)


def check_unasked(shop: Shop, verb: str, command: Model, key: str, wishes: Wishes) -> Checked:
    """Check a write without a call, and without asking the journal, which is asked for many keys at once.

    Raises NothingSent errors.
    """
    limits = shop.limits_with(wishes.limits)
    return run(ShopDraft(shop, verb, command, key, offline=True, limits=limits, run=wishes.run), _UNASKED).checked


NOT_ASKED = "?"
"""In a row's content, as its `stake`: it may move money, and only the platform knows how much."""


def stake_in(checked: Checked, money: Money | None) -> str | None:
    """What a row's content says of the money at stake, where that is not the row's own `money`: a sum, nothing (the
    empty text), or NOT_ASKED."""
    if not checked.may_move:
        return None if money is None else ""
    if checked.at_stake is None:
        return NOT_ASKED
    return None if checked.at_stake == money else str(checked.at_stake)


def state_of(checked: Checked) -> tuple[RowState, str, WaitsFor]:
    """Where a row stands that was checked: ready, sent before, or waiting for an approval."""
    state, note = known_state(checked.known)
    if state is RowState.READY and checked.above is not None:
        return RowState.HELD, told(checked.above), WaitsFor.APPROVAL
    return state, note, WaitsFor.NOTHING


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
    if isinstance(error, NotAllowedNow | AboveLimit):
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
    """What the rows that are ready come to: sentences and how many rows they are about (the first hundred different
    ones, so that it stays small), and how many rows each account has of each verb."""

    most: int = 100
    seen: dict[str, int] = field(default_factory=dict)
    verbs: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, account: str, verb: str, sentences: tuple[str, ...]) -> None:
        """Count a row, and each of its sentences."""
        counts = self.verbs.setdefault(account, {})
        counts[verb] = counts.get(verb, 0) + 1
        for sentence in sentences:
            if sentence in self.seen or len(self.seen) < self.most:
                self.seen[sentence] = self.seen.get(sentence, 0) + 1


__all__ = [
    "NOT_ASKED",
    "Kind",
    "Prepared",
    "Tally",
    "Watch",
    "Wishes",
    "check_unasked",
    "known_state",
    "stake_in",
    "state_of",
    "told",
    "unwatched",
    "verb_of",
    "verdict",
]
