"""The audit trail: everything that was asked for, in order, with the words of people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from sellercare.models import Money
from sellercare.simulator import FakeClock
from sellercare.store import Store
from sellercare.store.limits import Limits
from sellercare.store.records import Intent, IntentState
from sellercare.store.stakes import Stake
from sellercare.store.trail import trail


def begin(store: Store, key: str, account: str = "a") -> Intent:
    return store.intents.begin(
        account=account, verb="refunds.issue", key=key, fingerprint=f"of {key}", target="t", content={}
    )


def test_it_is_in_order_and_may_be_long(store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sellercare.store.trail._CHUNK", 2)
    for n in range(7):
        begin(store, f"k{n}", "ab"[n % 2])
        clock.advance(0.0 if n < 4 else 60.0)
    keys = [each.intent.key for each in trail(store)]
    assert sorted(keys) == [f"k{n}" for n in range(7)]
    assert keys[5:] == ["k5", "k6"]
    assert {each.intent.key for each in trail(store, accounts=["b"])} == {"k1", "k3", "k5"}
    assert [each.intent.key for each in trail(store, since=clock.now() - timedelta(minutes=2))] == ["k5", "k6"]


def test_what_was_decided_lately_was_not_wanted_lately(store: Store, clock: FakeClock) -> None:
    intent = begin(store, "k")
    taken = store.intents.take(intent.id, "me", 60.0, alone=False)
    assert taken is not None
    clock.advance(days=3)
    assert list(trail(store, since=clock.now() - timedelta(days=1))) == []
    store.intents.decide(intent.id, "me", IntentState.UNKNOWN, None)
    assert [each.intent.key for each in trail(store, since=clock.now() - timedelta(days=1))] == ["k"]


def test_it_says_who_approved_and_who_settled(store: Store) -> None:
    money = Money(amount=Decimal(5), currency="EUR")
    store.stakes.approve(Stake("a", "refunds.issue", "k1", "of k1", money, Limits()), "grace")
    store.stakes.approve(Stake("a", "refunds.issue", "k2", "of something else", money, Limits()), "grace")
    for key in ("k1", "k2"):
        begin(store, key)
    first, second = sorted(trail(store), key=lambda each: each.intent.key)
    assert first.approval is not None
    assert (first.approval.who, first.approval.at) == ("grace", store.clock.now())
    assert second.approval is None
    intent = first.intent
    store.intents.take(intent.id, "me", 60.0, alone=False)
    store.intents.decide(intent.id, "me", IntentState.UNKNOWN, None)
    store.words.say(intent.id, landed=True, native_id="r1", who="ada")
    first, _ = sorted(trail(store), key=lambda each: each.intent.key)
    assert [(word.who, word.landed) for word in first.words] == [("ada", True)]
