"""Ctrl-C at any line of the way from the wish to its outcome: nothing twice, none lost, and nobody waits for ever."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sellercare import calls
from sellercare.journal.journal import Journal
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store
from sellercare.writes import Step, whole

from .conftest import BLIND, Desk, Platform

_OURS = tuple(str(Path("sellercare", room)) for room in ("journal", "store"))


_CLEANING = ("_leave", "_hand_on", "_undo", "_drop", "_keep", "release(", "finished = ")


def _may_be_interrupted(function: str, source: str) -> bool:
    """Whether Python looks for signals there: where something is called, but not where a `with` is left.

    Cleaning up after an interruption is not interrupted once more.
    """
    return "(" in source and "with " not in source and not any(each in source or each == function for each in _CLEANING)


class Lines:
    """Counts the lines of the journal and the store that run, and interrupts at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.count = 0
        self._at = at

    def __call__(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if not any(room in frame.f_code.co_filename for room in _OURS):
            return None
        source = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and _may_be_interrupted(frame.f_code.co_name, source):
            self.count += 1
            if self.count == self._at:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self

    @contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self)
        try:
            yield
        finally:
            sys.settrace(before)


def _steps(commit: Step) -> tuple[Step, ...]:
    return Step("declare", call=lambda kept: calls.write("POST", "/files"), keep=whole), commit


def _sent_and_acted(desk: Desk) -> tuple[int, int]:
    return desk.platform.sent.count("/messages"), len(desk.platform.acted)


@contextmanager
def _store() -> Iterator[Desk]:
    clock = FakeClock()
    with Store.open("sqlite://", clock=clock, lock_timeout=0.5) as store:
        yield Desk(store, clock, Journal(store.intents, clock), Platform(clock))


@pytest.mark.parametrize(("behaviour", "every"), [("answer", 3), ("lose after", 10), ("lose before", 10)])
def test_ctrl_c_at_any_line(behaviour: str, every: int) -> None:
    way, interrupted = Lines(), 0
    with _store() as desk:
        with way.watching():
            desk.send(steps=_steps)
        for at in range(1, way.count, every):
            desk.platform.behaviour = ["answer", behaviour]
            acted, key = len(desk.platform.acted), f"at-{at}"
            try:
                with Lines(at).watching():
                    desk.send(key, steps=_steps)
            except KeyboardInterrupt:
                interrupted += 1
            desk.platform.behaviour = []
            desk.clock.advance(hours=1)
            assert desk.send(key, steps=_steps).state == "confirmed", at
            assert len(desk.platform.acted) == acted + 1, at
            known = desk.store.intents.find("shop", "messages.reply", key)
            assert known is not None
            assert known.owner is None, at
    assert interrupted > 30


def test_ctrl_c_at_any_line_where_nothing_can_be_found_out() -> None:
    way = Lines()
    with _store() as desk:
        with way.watching():
            desk.send(contract=BLIND, find=False)
        for at in range(1, way.count, 5):
            before, key = _sent_and_acted(desk), f"at-{at}"
            with suppress(KeyboardInterrupt), Lines(at).watching():
                desk.send(key, contract=BLIND, find=False)
            desk.clock.advance(hours=1)
            state = desk.send(key, contract=BLIND, find=False).state
            sent, acted = (now - then for now, then in zip(_sent_and_acted(desk), before, strict=True))
            assert (sent, acted) in ((1, 1), (0, 0)), at
            assert state == ("confirmed" if sent and desk.state(key) == "confirmed" else "unknown"), at
