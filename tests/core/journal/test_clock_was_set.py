"""The machine's clock is put right, or wrong, while writes are open: nothing is sent on the word of such a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sellercare.errors import InProgress
from sellercare.journal.task import lease_seconds
from sellercare.store.intents import LONGEST_LEASE
from sellercare.support import NativeKey

from .conftest import KEYED, PROVABLE, Desk, PowerCut

_DAY = replace(KEYED, key=NativeKey(remembered=timedelta(days=1)))


def test_a_key_that_left_under_a_clock_that_was_ahead_is_not_trusted(desk: Desk) -> None:
    desk.clock.advance(days=365)
    desk.platform.behaviour = ["power cut after"]
    with pytest.raises(PowerCut):
        desk.send(contract=_DAY, find=False)
    desk.clock.advance(days=-360)  # put right, and five days later: the platform has forgotten its key
    desk.platform.keys.clear()
    assert desk.send(contract=_DAY, find=False).state == "unknown"
    assert len(desk.platform.acted) == 1


def test_a_key_that_left_a_moment_ahead_still_holds(desk: Desk) -> None:
    desk.clock.advance(20)
    desk.platform.behaviour = ["power cut after"]
    with pytest.raises(PowerCut):
        desk.send(contract=_DAY, find=False)
    desk.clock.advance(-15)
    assert desk.send(contract=_DAY, find=False).state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_absence_proves_nothing_while_the_write_lies_in_the_future(desk: Desk) -> None:
    desk.clock.advance(days=365)
    desk.platform.behaviour = ["power cut before"]
    with pytest.raises(PowerCut):
        desk.send()
    desk.clock.advance(days=-365)
    assert desk.send().state == "unknown"
    assert desk.platform.sent == ["/messages"]


@pytest.mark.parametrize("years", [1, -1])
def test_a_lease_of_a_dead_worker_with_a_wrong_clock_does_not_hold_for_years(desk: Desk, years: int) -> None:
    alone = replace(PROVABLE, serialize_by="thread")
    desk.clock.advance(days=365 * years)
    desk.send("done")
    for key in ("k1", "k2"):
        intent = _dead(desk, key)
        assert desk.store.intents.take(intent, "the dead", 180.0, alone=False)
    desk.clock.advance(days=-365 * years)
    assert desk.send("k1", contract=alone).state == "confirmed"


def _dead(desk: Desk, key: str) -> str:
    content = {"text": "hello"}
    return desk.journal.record(
        account="shop", verb="messages.reply", key=key, fingerprint="hello", target="thread:1", content=content
    ).id


def test_a_lease_holds_until_it_ends(desk: Desk) -> None:
    assert desk.store.intents.take(_dead(desk, "k1"), "somebody", LONGEST_LEASE / 2, alone=False)
    with pytest.raises(InProgress):
        desk.send("k1")


def test_no_patience_makes_a_lease_that_is_not_believed() -> None:
    assert lease_seconds(30.0, 1e9) < LONGEST_LEASE
