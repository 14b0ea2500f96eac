"""A write that one version of an adapter sent, and another one brings to its end: its steps have other names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sellercare import calls
from sellercare.support import WriteContract
from sellercare.writes import Step, whole

from .conftest import BLIND, PROVABLE, Desk, PowerCut


def _later(desk: Desk, contract: WriteContract, *, find: bool = True, prepares: bool = False) -> Any:
    """The same write by an adapter that calls its committing step otherwise, and maybe has one before it."""

    def steps(commit: Step) -> tuple[Step, ...]:
        declare = Step("declare", call=lambda kept: calls.write("POST", "/files"), keep=whole)
        post = replace(commit, name="post")
        return (declare, post) if prepares else (post,)

    return desk.send(contract=contract, find=find, steps=steps, result=lambda kept: kept["post"]["id"])


@pytest.mark.parametrize("prepares", [False, True])
def test_what_cannot_be_found_out_is_not_sent_again(desk: Desk, prepares: bool) -> None:
    desk.platform.behaviour = ["lose after"]
    assert desk.send(contract=BLIND, find=False).state == "unknown"
    assert _later(desk, BLIND, find=False, prepares=prepares).state == "unknown"
    assert desk.platform.sent == ["/messages"]


@pytest.mark.parametrize("prepares", [False, True])
def test_what_landed_is_found(desk: Desk, prepares: bool) -> None:
    desk.platform.behaviour = ["power cut after"]
    with pytest.raises(PowerCut):
        desk.send()
    outcome = _later(desk, PROVABLE, prepares=prepares)
    assert (outcome.state, outcome.model) == ("confirmed", "m1")
    assert desk.platform.sent == ["/messages"]


def test_what_provably_did_nothing_is_sent(desk: Desk) -> None:
    desk.platform.behaviour = ["power cut before"]
    with pytest.raises(PowerCut):
        desk.send()
    desk.clock.advance(hours=1)
    assert _later(desk, PROVABLE, prepares=True).state == "confirmed"
    assert desk.platform.sent == ["/messages", "/files", "/messages"]
    assert len(desk.platform.acted) == 1


def test_a_first_step_that_is_refused_says_nothing_about_what_left_before(desk: Desk) -> None:
    desk.platform.behaviour = ["lose after", "refuse"]
    assert desk.send(contract=BLIND, find=False).state == "unknown"
    assert _later(desk, BLIND, find=False, prepares=True).state == "unknown"
    assert desk.state() == "unknown"
