"""What can be seen of a run while it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from sellercare.errors import SellercareError
from sellercare.store.jobs import Change, JobRow


class Following:
    """Told by the leading thread of what happens. Nobody looks at this one; others show it."""

    def done(self, row: JobRow, change: Change) -> None:
        """A row has its outcome."""

    def postponed(self, row: JobRow, error: SellercareError | None) -> None:
        """Nothing happened to a row, because of this; it gets another turn, now or in another run."""

    def saved(self, numbers: Sequence[int]) -> None:
        """The outcomes of these rows are durable."""

    def tick(self) -> None:
        """Time passes, about once a second."""


__all__ = ["Following"]
