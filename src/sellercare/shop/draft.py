"""One write on its way through the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sellercare.errors import AboveLimit
from sellercare.interfaces import VERBS, Context, Verb
from sellercare.journal import Intent, Outcome
from sellercare.journal.fingerprint import fingerprint
from sellercare.models import Model, Money, ThreadKind
from sellercare.store.limits import Limits
from sellercare.store.records import Lease
from sellercare.store.stakes import Stake
from sellercare.support import MovesMoney, Support, WriteContract

if TYPE_CHECKING:
    from sellercare.journal.task import Task
    from sellercare.shop.shop import Shop


@dataclass(slots=True)
class Draft:
    """What is wanted, and what the stages have found out about it.

    `offline` stages make no call. `command` may be replaced by one that says more (the chosen option or variant);
    `fingerprint` stays that of what was asked for, so that the same words under the same key are the same write.
    `money` is what would move; `at_stake` the most that may move now or later, where `moves` says that some may.
    `may_move` says whether this counts for limits on money, and `stake` what of it.
    `agree` is asked with what was checked, before anything is recorded, and may raise NothingSent. `consent` says that
    the caller knows what follows from the write by its contract, `new` that the journal did not know the key just now.
    """

    shop: Shop
    name: str
    command: Any
    key: str
    offline: bool = False
    who: str = ""
    why: str = ""
    support: Support | None = None
    known: Intent | None = None
    intent: Intent | None = None
    money: Money | None = None
    message_kind: ThreadKind | None = None
    consequences: list[str] = field(default_factory=list)
    outcome: Outcome[Any] | None = None
    fingerprint: str = ""
    limits: Limits = field(default_factory=Limits)
    run: str = ""
    approved_by: str = ""
    agree: Callable[[Checked], None] | None = None
    consent: bool = False
    new: bool = False
    moves: MovesMoney | None = None
    at_stake: Money | None = None
    may_move: bool = False
    stake: Stake | None = None
    task: Task[Any] | None = None
    lease: Lease | None = None
    above: AboveLimit | None = None

    def __post_init__(self) -> None:
        self.fingerprint = fingerprint(self.name, self.command)

    @property
    def verb(self) -> Verb:
        """The verb as the interfaces list it."""
        return VERBS[self.name]

    @property
    def contract(self) -> WriteContract:
        """The write contract; every offered write has one, or its adapter could not be made."""
        assert self.support is not None
        assert self.support.contract is not None
        return self.support.contract

    @property
    def context(self) -> Context:
        """What the adapter's methods receive, with the key for the platform."""
        return self.shop.context(verb=self.name, key=self.key)

    @property
    def checked(self) -> Checked:
        """What the checks have found."""
        at_stake = self.stake.money if self.stake else None
        seen = tuple(self.consequences)
        return Checked(self.command, self.key, self.known, self.money, seen, self.above, self.may_move, at_stake)

    @property
    def adapter_method(self) -> Any:
        """The adapter's method for this verb."""
        group, _, name = self.name.partition(".")
        return getattr(getattr(self.shop.adapter, group), name)


@dataclass(frozen=True, slots=True)
class Checked:
    """A write that may be sent: the completed command, what it costs, what follows from it.

    `known` is the intent that the key already has. `money` is what would move, if anything. `above` is the limit of
    the seller's own that it would be above: it is not sent, then, unless somebody approves. `may_move` tells whether it
    counts for these limits, and `at_stake` with how much, if that can be told.
    """

    command: Model
    key: str
    known: Intent | None
    money: Money | None
    consequences: tuple[str, ...]
    above: AboveLimit | None = None
    may_move: bool = False
    at_stake: Money | None = None
