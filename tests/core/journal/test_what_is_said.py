"""Whatever stops a write, its error never says less than is known: `changed` is the truth, or `unknown`."""

from __future__ import annotations

from typing import Any

import pytest

from sellercare.errors import BadAnswer, Changed, SellercareError, SignInNeeded, StoreError
from sellercare.writes import Found, Search

from .conftest import PROVABLE, UNPROVABLE, Desk, PowerCut


def _disk_full(*_: Any, **__: Any) -> Any:
    raise StoreError("The disk is full.")


@pytest.mark.parametrize("behaviour", ["lose after", "garbage"])
@pytest.mark.parametrize("broken", [("step_lost",), ("step_lost", "release"), ("confirm",), ("confirm", "release")])
def test_a_store_that_breaks_after_the_write_left_does_not_say_that_nothing_happened(
    desk: Desk, behaviour: str, broken: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.platform.behaviour = [behaviour]
    for name in broken:
        monkeypatch.setattr(desk.store.intents, name, _disk_full)
    with pytest.raises(StoreError) as caught:
        desk.send()
    assert caught.value.changed is Changed.UNKNOWN
    assert "Nothing was changed" not in str(caught.value)
    assert len(desk.platform.acted) == 1


def test_what_the_marketplace_accepted_is_said_even_if_the_lease_cannot_be_given_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.store.intents, "confirm", _disk_full)
    monkeypatch.setattr(desk.store.intents, "release", _disk_full)
    with pytest.raises(StoreError, match="accepted the write") as caught:
        desk.send()
    assert caught.value.changed is Changed.YES


def test_an_outcome_that_cannot_be_noted_is_said_to_be_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.platform.behaviour = ["lose before"]
    monkeypatch.setattr(desk.store.intents, "decide", _disk_full)
    with pytest.raises(StoreError) as caught:
        desk.send(contract=UNPROVABLE)
    assert caught.value.changed is Changed.UNKNOWN


def test_a_store_that_breaks_before_anything_left_says_that_nothing_happened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.store.intents, "sending", _disk_full)
    with pytest.raises(StoreError) as caught:
        desk.send()
    assert (caught.value.changed, desk.platform.sent) == (Changed.NO, [])


def test_a_power_cut_is_not_hidden_by_a_store_that_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.platform.behaviour = ["power cut after"]
    monkeypatch.setattr(desk.store.intents, "step_lost", _disk_full)
    monkeypatch.setattr(desk.store.intents, "release", _disk_full)
    with pytest.raises(PowerCut):
        desk.send()


@pytest.mark.parametrize(
    "problem",
    [
        SignInNeeded("The account 'shop' is not signed in."),
        BadAnswer("It is no list."),
        KeyError("messages"),
        TypeError("'NoneType' object is not subscriptable"),
    ],
    ids=repr,
)
def test_a_look_that_fails_leaves_the_write_unknown(
    desk: Desk, problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(_: Desk, search: Search) -> Found | None:
        raise problem

    desk.platform.behaviour = ["lose after"]
    monkeypatch.setattr(Desk, "find", find)
    outcome = desk.send()
    assert isinstance(outcome.error, SellercareError)
    assert (outcome.state, desk.state(), outcome.error.changed) == ("unknown", "unknown", Changed.UNKNOWN)
    monkeypatch.undo()
    assert desk.send(contract=PROVABLE).state == "confirmed"
    assert desk.platform.sent == ["/messages"]
