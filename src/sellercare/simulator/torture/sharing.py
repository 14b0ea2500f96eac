"""Seeds shared among processes. A process that is started anew finds what it runs here, by the module's name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from sellercare.simulator.torture.judge import Verdict
from sellercare.simulator.torture.mutations import MUTATIONS
from sellercare.simulator.torture.runs import torture


def share(part: tuple[Iterable[int], str | None]) -> list[Verdict]:
    """The verdicts on a part of the seeds, with a part of the promise switched off, if one is named."""
    seeds, without = part
    with mutated(without), torture() as running:
        return [running.run(seed)[0] for seed in seeds]


def mutated(without: str | None) -> AbstractContextManager[None]:
    """A part of the promise switched off; nothing, if none is named."""
    return MUTATIONS[without]() if without else nullcontext()


__all__ = ["mutated", "share"]
