"""What can be seen of a run while it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from sellercare.errors import SellercareError
from sellercare.store.jobs import Change, JobRow
from sellercare.waiting import Wait


class Following:
    """Told by the leading thread of what happens, and by the workers of what they wait for. Nobody looks at this one;
    others show it."""

    def done(self, row: JobRow, change: Change) -> None:
        """A row has its outcome."""

    def postponed(self, row: JobRow, error: SellercareError | None) -> None:
        """Nothing happened to a row, because of this; it gets another turn, now or in another run."""

    def saved(self, numbers: Sequence[int]) -> None:
        """The outcomes of these rows are durable."""

    def waits(self, account: str, wait: Wait | None) -> None:
        """A thread that is at work for an account waits for this, or no more (None). That thread calls."""

    def tick(self) -> None:
        """Time passes, about once a second."""


__all__ = ["Following"]
