"""Reads that change something by looking: noted before they leave, and kept before anybody gets the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sellercare.calls import Answer, Call
from sellercare.errors import RateLimited, Refused, Unauthorized
from sellercare.http.budgets import Patience
from sellercare.http.problems import Trouble
from sellercare.looks import Looks

Attempt = Callable[[Call, Patience, int], Answer | Trouble]

_REFUSED = (Refused, RateLimited, Unauthorized)
"""What says that a look did nothing."""


class Looking:
    """The looks of one account. Safe for threads."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._here = threading.local()

    @contextmanager
    def once(self) -> Iterator[None]:
        """In this block, and in this thread, the same look is made once: its answer serves again."""
        before = getattr(self._here, "seen", None)
        self._here.seen = {}
        try:
            yield
        finally:
            self._here.seen = before

    def look(self, call: Call, address: str, attempt: Attempt, insist: Callable[[Attempt, Call], Answer]) -> Answer:
        """The answer to a look. `attempt` sends once, `insist` as often as it takes."""
        seen: dict[str, Answer] | None = getattr(self._here, "seen", None)
        if seen is not None and address in seen:
            return seen[address]
        answer = self._look(call, attempt, insist)
        if seen is not None:
            seen[address] = answer
        return answer

    def _look(self, call: Call, attempt: Attempt, insist: Callable[[Attempt, Call], Answer]) -> Answer:
        begun = self._looks.begin(call.looks_at)
        lost = False

        def send(call: Call, patience: Patience, number: int) -> Answer | Trouble:
            nonlocal lost
            outcome = attempt(call, patience, number)
            if isinstance(outcome, Trouble) and outcome.sent and not isinstance(outcome.error, _REFUSED):
                lost = True
            return outcome

        try:
            answer = insist(send, call)
        except _REFUSED:
            # An attempt before may have looked, and its answer was lost: then the note is all that is left of it.
            if not lost:
                self._looks.abandon(begun)
            raise
        self._looks.keep(begun, answer)
        return answer


__all__ = ["Looking"]
