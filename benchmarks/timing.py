"""Taking times on a machine that does other things as well."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """The seconds of one thing, over all rounds."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The fastest round: the one that was disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The round in the middle."""
        return statistics.median(self.seconds)


def interleaved(things: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Run all things in turn, so that a busy minute hits all of them alike. The first round is thrown away."""
    taken: dict[str, list[float]] = {name: [] for name in things}
    for turn in range(rounds + 1):
        for name, thing in things.items():
            started = time.perf_counter()
            thing()
            if turn:
                taken[name].append(time.perf_counter() - started)
    return {name: Times(tuple(seconds)) for name, seconds in taken.items()}


def show(title: str, times: Mapping[str, Times], *, base: str, goals: Mapping[str, float], unit: float = 1.0) -> bool:
    """Print a table of ratios to `base`; False if a goal was missed. `unit` divides the shown seconds."""
    print(f"\n{title}")
    print(f"  {'':<42}{'best':>10}{'median':>10}{'ratio':>9}   goal")
    met = True
    for name, each in times.items():
        ratio = each.best / times[base].best
        goal = goals.get(name)
        verdict = "" if goal is None else f"≤ {goal} {'met' if ratio <= goal else 'MISSED'}"
        met &= goal is None or ratio <= goal
        print(f"  {name:<42}{each.best / unit:>10.3f}{each.median / unit:>10.3f}{ratio:>8.2f}×   {verdict}".rstrip())
    return met
