"""Listings of platforms that only look through so many days at once: one window after another, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import Answer, Call, Json, Pages
from sellercare.http.pages import CursorPages, FromId


@dataclass(frozen=True, slots=True)
class DateWindows:
    """All rows between two aware times, in windows of at most `longest`, each walked by `pages`.

    `params` are the parameters of a call for one window. Windows touch: a row of the moment between two may come
    twice, and is left out the second time as any repeated row is. Nothing is lost between them, whether a platform
    takes its bounds as included or not. Pages that go on by a whole address are not for windows: it hides which one.
    """

    pages: Pages
    since: datetime
    until: datetime
    longest: timedelta
    params: Callable[[datetime, datetime], Mapping[str, Any]]

    def first(self, call: Call) -> Call:
        """The first page of the newest window."""
        return self._begin(call, self._bounds(0))

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The next page of this window, or else the first one of the window before it."""
        following = self.pages.after(call, answer, payload, count)
        if following is not None:
            return following
        number = self._number_of(call) + 1
        return self._begin(call, self._bounds(number)) if number < self._windows else None

    def begins(self, call: Call) -> bool:
        """Whether a call is the first of its window: it may show what the one before showed last."""
        return self._begin(call, self._bounds(self._number_of(call))).params == call.params

    @property
    def _windows(self) -> int:
        whole, rest = divmod(self.until - self.since, self.longest)
        return max(1, whole + bool(rest))

    def _bounds(self, number: int) -> tuple[datetime, datetime]:
        until = self.until - number * self.longest
        return max(self.since, until - self.longest), until

    def _begin(self, call: Call, bounds: tuple[datetime, datetime]) -> Call:
        old = {self.pages.param} if isinstance(self.pages, CursorPages | FromId) else set()
        kept = {name: value for name, value in call.params.items() if name not in old}
        return self.pages.first(replace(call, params={**kept, **self.params(*bounds)}))

    def _number_of(self, call: Call) -> int:
        """Which window a call belongs to: it is told by its parameters, since a way of walking keeps no state."""
        for number in range(self._windows):
            own = self.params(*self._bounds(number))
            if all(call.params.get(name) == value for name, value in own.items()):
                return number
        raise ValueError(f"{call.method} {call.path} belongs to no window")
