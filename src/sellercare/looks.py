"""Looks that change something: reading a conversation may mark it as read, and then nobody is reminded of it.

So such a look is noted before it leaves, and its answer is kept, as it came, before anybody gets it. What a crash, a
cut line or a full disk took from us can be found again here, and work that somebody has only looked at is still work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sellercare.calls import Answer, Json


@dataclass(frozen=True, slots=True)
class Look:
    """The newest look at a thing. `answer` is None where none came, or none is left after a purge. Times in UTC."""

    thing: str
    begun_at: datetime
    kept_at: datetime | None = None
    answer: Answer | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """A look that is about to leave: when it began, and what was known before. In seconds since 1970."""

    thing: str
    begun_at: float
    earlier: float | None = None
    kept_at: float | None = None


class Looks(Protocol):
    """The looks of one account."""

    def begin(self, thing: str) -> Begun:
        """Note, durably, that a look at this thing is about to leave."""
        ...

    def keep(self, begun: Begun, answer: Answer) -> None:
        """Keep its answer, durably, in place of that of an earlier look. Of two looks at once, none counts as seen."""
        ...

    def abandon(self, begun: Begun) -> None:
        """The platform refused the look: nothing was changed by it."""
        ...

    def last(self, thing: str) -> Look | None:
        """The newest look at a thing."""
        ...

    def all(self) -> Iterator[Look]:
        """The newest look at each thing, the latest first."""
        ...

    def written(self, targets: Collection[str]) -> Mapping[tuple[str, str], datetime]:
        """When this account last wrote to each of these targets (`thread:…`, `order:…`), as its journal has it; UTC.

        By target, and by the option that a conversation was started with (empty for all else). It is the moment at
        which the write left, not that at which it was known to have arrived.
        """
        ...

    def unnamed(self, targets: Collection[str], since: datetime) -> Sequence[tuple[str, Json]]:
        """Writes to targets that landed, each with its content, and of which the platform told no id; those that left
        since. What is there to see may be theirs, and no `taken` id says so."""
        ...


class NoLooks:
    """Where nothing can be kept, nothing that changes may be looked at."""

    def begin(self, thing: str) -> Begun:
        """Refuse."""
        raise RuntimeError("a look that changes something needs a store that keeps its answer")

    def keep(self, begun: Begun, answer: Answer) -> None:
        """Refuse."""
        self.begin(begun.thing)

    def abandon(self, begun: Begun) -> None:
        """There is nothing to abandon."""

    def last(self, thing: str) -> Look | None:
        """None."""
        return None

    def all(self) -> Iterator[Look]:
        """None."""
        return iter(())

    def written(self, targets: Collection[str]) -> Mapping[tuple[str, str], datetime]:
        """Never."""
        return {}

    def unnamed(self, targets: Collection[str], since: datetime) -> Sequence[tuple[str, Json]]:
        """None."""
        return ()
