"""Taking times on a machine that does other things as well."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """The seconds of one thing, over all rounds: by the clock, and of processor time (ours and our children's)."""

    seconds: tuple[float, ...]
    processor: tuple[float, ...]

    @property
    def best(self) -> float:
        """The fastest round: the one that was disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The round in the middle."""
        return statistics.median(self.seconds)

    @property
    def work(self) -> float:
        """The least processor time: it hardly depends on what else the machine does."""
        return min(self.processor)


def interleaved(things: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Run all things in turn, so that a busy minute hits all of them alike. The first round is thrown away."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in things}
    for turn in range(rounds + 1):
        for name, thing in things.items():
            started, worked = time.perf_counter(), _processor()
            thing()
            if turn:
                taken[name].append((time.perf_counter() - started, _processor() - worked))
    return {name: Times(*zip(*both, strict=True)) for name, both in taken.items()}


def _processor() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def show(title: str, times: Mapping[str, Times], *, base: str, goals: Mapping[str, float], unit: float = 1.0) -> bool:
    """Print a table with ratios to `base`; False if a goal was missed. `unit` divides the shown seconds."""
    print(f"\n{title}")
    print(f"  {'':<40}{'best':>9}{'median':>9}{'ratio':>8}{'processor':>12}{'ratio':>8}   goal")
    met = True
    for name, each in times.items():
        ratio = each.best / times[base].best
        goal = goals.get(name)
        verdict = "" if goal is None else f"≤ {goal} {'met' if ratio <= goal else 'MISSED'}"
        met &= goal is None or ratio <= goal
        clock = f"{each.best / unit:>9.3f}{each.median / unit:>9.3f}{ratio:>7.2f}×"
        work = f"{each.work / unit:>12.3f}{each.work / times[base].work:>7.2f}×"
        print(f"  {name:<40}{clock}{work}   {verdict}".rstrip())
    return met
