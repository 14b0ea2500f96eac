"""What a platform asks callers to keep for a while is asked for once in that while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sellercare import calls
from sellercare.calls import Answer, to_json
from sellercare.errors import NotFound
from sellercare.http.recent import Recent

from .market import TestClock

HOUR = timedelta(hours=1)


class Counting:
    """A sender that counts, and refuses what is called `missing`."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, call: Any) -> Answer:
        self.asked.append(call.full_path())
        if call.ids.get("id") == "missing":
            raise NotFound("no such key")
        return Answer(200, {}, to_json({"n": len(self.asked)}), "GET /keys/{id}")


def key(name: str, **more: Any) -> Any:
    return calls.read("/keys/{id}", ids={"id": name}, **more)


def test_a_document_is_given_again_until_it_is_too_old() -> None:
    sender, clock = Counting(), TestClock()
    recent = Recent(sender, clock)
    assert [recent.read(key("a"), HOUR), recent.read(key("a"), HOUR)] == [{"n": 1}, {"n": 1}]
    clock.sleep(3600)
    assert recent.read(key("a"), HOUR) == {"n": 2}


def test_calls_that_differ_are_not_mixed_up() -> None:
    recent = Recent(Counting(), TestClock())
    all_of_them = [recent.read(each, HOUR) for each in (key("a"), key("b"), key("a", params={"x": 1}))]
    assert all_of_them == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_what_went_wrong_is_asked_for_again() -> None:
    sender = Counting()
    recent = Recent(sender, TestClock())
    for _ in range(2):
        with pytest.raises(NotFound):
            recent.read(key("missing"), HOUR)
    assert len(sender.asked) == 2


def test_memory_is_bounded() -> None:
    sender = Counting()
    recent = Recent(sender, TestClock())
    for number in range(150):
        recent.read(key(str(number)), HOUR)
    recent.read(key("149"), HOUR)
    assert len(sender.asked) == 150
    recent.read(key("0"), HOUR)
    assert len(sender.asked) == 151
