"""The order in which an account's rows start: a few at once, and never two of one target."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from sellercare.store.jobs import Change, JobRow


class Lane:
    """One account's rows on their way. Only the leading thread uses it, but for `is_shut`.

    A target whose row could not be finished is blocked: what follows for it would overtake. Those rows are `left`.
    """

    def __init__(self, account: str, rows: Iterator[JobRow], workers: int) -> None:
        self.account = account
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix=f"bulk-{account}")
        self.under_way = 0
        self.misses = 0
        self.left: list[Change] = []
        self.is_shut = False
        self._at_end = False
        self._rows = rows
        self._room = workers * 2
        self._parked = 0
        self._behind: dict[str, deque[JobRow]] = {}
        self._blocked: dict[str, int] = {}

    def next(self) -> JobRow | None:
        """The next row that may start now, while there is room."""
        while not self.is_shut and not self._at_end and self.under_way + self._parked < self._room:
            row = next(self._rows, None)
            if row is None:
                self._at_end = True
            elif row.target in self._blocked:
                self._leave(row)
            elif row.target in self._behind:
                self._behind[row.target].append(row)
                self._parked += 1
            else:
                self._behind[row.target] = deque()
                return row
        return None

    def done(self, row: JobRow, *, finished: bool) -> JobRow | None:
        """A row has its result: the next one of its target that may start now, if there is one."""
        behind = self._behind[row.target]
        if finished and behind and not self.is_shut:
            self._parked -= 1
            return behind.popleft()
        del self._behind[row.target]
        self._parked -= len(behind)
        if not finished:
            self._blocked[row.target] = row.line
            for each in behind:
                self._leave(each)
        return None

    def shut(self) -> None:
        """Start nothing more."""
        self.is_shut = True

    def _leave(self, row: JobRow) -> None:
        why = f"waits for line {self._blocked[row.target]}, which is about the same and is not finished"
        self.left.append(Change(row.n, row.state, why))


__all__ = ["Lane"]
