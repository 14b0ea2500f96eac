"""What an adapter answers to a write verb: the steps, which of them commits, and how to find it again.

An adapter never sends a write. It names the steps; the journal records each before and after, the core sends them.
The last step commits, and only that. The others are harmless to repeat, or can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sellercare.calls import Answer, Call, Json
from sellercare.errors import Refused
from sellercare.support import WriteContract

M = TypeVar("M")

Kept = Mapping[str, Any]
"""What the finished steps kept of their answers, by step name."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a read-back may go by.

    `before` is what the platform already showed before anything was sent, `kept` what finished steps kept,
    `sent_at` when the step left (UTC, our clock), `taken` the ids that other intents have already been proved by.
    """

    before: Json
    kept: Kept
    sent_at: datetime
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A write that landed: the platform's id of it, and what the step would have kept of its answer."""

    id: str
    kept: Json


class DidNothing(Refused):
    """Raised by `Step.keep` when a good status carries a refusal (Vendure's ErrorResult, Shopify's userErrors)."""


def whole(answer: Answer) -> Json:
    """Keep the answer's whole JSON document."""
    return answer.json()


def nothing(answer: Answer) -> Json:
    """Keep nothing: the answer says no more than its status."""
    return None


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a write.

    `call` builds it from what earlier steps kept; a step that does not commit may be a read. `keep` reduces the answer
    to what later steps and the result need (stored as JSON; raises DidNothing for a refusal in a good status,
    BadAnswer for an answer that cannot be read). `commits` marks the last step, the one that the buyer feels. `undo`
    takes back a step that did not commit. `find` looks for the step at the platform after its answer was lost: Found,
    or None if it is not there.
    `native_id` takes the platform's id of what was made out of what was kept.
    """

    name: str
    call: Callable[[Kept], Call]
    keep: Callable[[Answer], Json] = whole
    commits: bool = False
    undo: Callable[[Kept], Call] | None = None
    find: Callable[[Search], Found | None] | None = None
    native_id: Callable[[Json], str | None] = lambda kept: None


@dataclass(frozen=True, slots=True)
class Write(Generic[M]):
    """A write as an adapter describes it.

    `result` makes the common model out of what the steps kept, without I/O: it also serves a repeated key days
    later. `before` looks at the platform before the first step and returns JSON that `find` compares with
    (needed where the contract reads back by difference). `contract` is what this write does where that differs from
    the verb's contract, because the platform has several ways of doing it (one with a key, one without): the verb
    then declares the one that promises least.
    """

    steps: tuple[Step, ...]
    result: Callable[[Kept], M]
    before: Callable[[], Json] | None = None
    contract: WriteContract | None = None

    def __post_init__(self) -> None:
        if [step.commits for step in self.steps] != [False] * (len(self.steps) - 1) + [True]:
            raise ValueError("exactly one step of a write commits, and it is the last")
        if len({step.name for step in self.steps}) != len(self.steps):
            raise ValueError("the steps of a write have different names")
