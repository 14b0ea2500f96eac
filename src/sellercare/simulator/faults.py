"""What goes wrong at platforms, on purpose: per call, seeded, and counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, get_args

FaultKind = Literal[
    "lost_answer",  # the platform acts, then the connection breaks without an answer
    "acts_late",  # the connection breaks, and the platform acts `seconds` later
    "never_arrived",  # the connection breaks before the platform heard anything
    "stale_read",  # a read shows what was there `seconds` ago
    "error_before",  # a 5xx without having acted
    "error_after",  # a 5xx after having acted
    "fails_later",  # accepted now, failed later
    "text_altered",  # the text is stored differently
    "text_moderated",  # the text is looked at first, then blocked
    "by_hand",  # somebody does the same by hand, just before
    "rate_limited",  # a 429 although the budget is not used up
    "cut_body",  # the answer ends in the middle
    "html_body",  # an HTML page with status 200 where JSON was due
    "expired_token",  # all access tokens are invalid from now on
    "slow",  # the answer takes `seconds`
    "double_page",  # a page comes again instead of the next one
    "missing_page",  # a page comes without its rows
    "clock_skew",  # the platform's times are `seconds` off
]


@dataclass
class Fault:
    """One kind of fault. `on` is a pattern of method and path template (`POST /threads/*`, `*`).

    It hits `times` times (None: always) once `after` calls that match have passed, each time with `probability`.
    `seconds` is a delay or an offset, `status` the status of an error.
    """

    kind: FaultKind
    on: str = "*"
    times: int | None = 1
    probability: float = 1.0
    after: int = 0
    seconds: float = 30.0
    status: int = 503
    matched: int = field(default=0, init=False, repr=False)
    hits: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"there is no fault {self.kind!r}")


class Faults:
    """The faults of a face. `injected` counts what hit, by kind; the same seed hits the same calls."""

    def __init__(self, rules: Iterable[Fault] = (), *, seed: int = 1) -> None:
        self.rules = list(rules)
        self.injected: Counter[str] = Counter()
        self._random = random.Random(seed)

    def add(self, fault: Fault) -> Fault:
        """Add a fault while the platform runs."""
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Stop all faults; what was counted stays."""
        self.rules.clear()

    def hitting(self, call: str) -> dict[str, Fault]:
        """The faults that hit this call (`POST /threads/{id}/messages`), by kind."""
        hits: dict[str, Fault] = {}
        for fault in list(self.rules):
            if fault.kind not in hits and fnmatchcase(call, fault.on) and self._strikes(fault):
                hits[fault.kind] = fault
        return hits

    def happened(self, kind: str) -> None:
        """Count a fault that really took place."""
        self.injected[kind] += 1

    def longest(self, kind: str) -> float:
        """The longest `seconds` of the faults of a kind; 0 without any."""
        return max((fault.seconds for fault in self.rules if fault.kind == kind), default=0.0)

    def _strikes(self, fault: Fault) -> bool:
        fault.matched += 1
        if fault.matched <= fault.after or (fault.times is not None and fault.hits >= fault.times):
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        fault.hits += 1
        return True
