"""Limits on money hold however many ask at once: room is taken in the transaction that records the write."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from sellercare.errors import AboveLimit, BadInput
from sellercare.models import Money
from sellercare.store import Store
from sellercare.store.limits import Limits
from sellercare.store.records import Intent, IntentState
from sellercare.store.stakes import Stake


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def stake(key: str, amount: str, run: str = "") -> Stake:
    limits = Limits.of(day=[eur("50")], run=[eur("30")])
    return Stake("shop", "refunds.issue", key, "print", eur(amount), limits, run)


def begin(store: Store, wanted: Stake) -> Intent:
    return store.intents.begin(
        account=wanted.account,
        verb=wanted.verb,
        key=wanted.key,
        fingerprint=wanted.fingerprint,
        target="order:1",
        content={},
        within=store.stakes.take(wanted),
    )


def decide(store: Store, intent: Intent, state: IntentState) -> None:
    store.intents.take(intent.id, "me", 10, alone=False)
    store.intents.decide(intent.id, "me", state, None)


@pytest.fixture
def taken(store: Store) -> list[str]:
    """Eight at once ask for ten each; the keys of those that got it."""
    found: list[str] = []

    def ask(n: int) -> None:
        try:
            begin(store, stake(f"k{n}", "10"))
        except AboveLimit:
            return
        found.append(f"k{n}")

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_many_at_once_never_pass_a_limit_together(store: Store, taken: list[str]) -> None:
    assert len(taken) == 5
    assert {intent.key for intent in store.intents.list()} == set(taken)
    assert store.stakes.since("shop", "order:1", "EUR", store.clock.now().replace(hour=0)) == Decimal(50)


def test_what_was_refused_gives_its_room_back_and_takes_it_again(store: Store, taken: list[str]) -> None:
    refused = store.intents.find("shop", "refunds.issue", taken[0])
    assert refused is not None
    decide(store, refused, IntentState.REFUSED)
    begin(store, stake("other", "10"))
    with pytest.raises(AboveLimit):
        begin(store, stake(taken[0], "10"))
    assert store.intents.get(refused.id).state is IntentState.REFUSED


def test_a_run_has_its_own_limit(store: Store) -> None:
    begin(store, stake("a", "20", "march"))
    above = store.stakes.above(stake("b", "11", "march"))
    assert above is not None
    assert above.limit == "run"
    assert store.stakes.above(stake("b", "11", "april")) is None


def test_an_approval_is_for_one_content_and_sum(store: Store) -> None:
    store.stakes.approve(stake("a", "60"), "anna")
    store.stakes.approve(stake("a", "70"), "berta")
    found = store.stakes.approval(stake("a", "70"))
    assert found is not None
    assert found.who == "berta"
    assert store.stakes.above(stake("a", "70")) is None
    assert store.stakes.above(stake("a", "71")) is not None
    begin(store, stake("a", "65"))


def test_words_move_only_what_is_unknown(store: Store) -> None:
    intent = begin(store, stake("a", "10"))
    with pytest.raises(BadInput, match="not unknown, it is ready"):
        store.words.say(intent.id, landed=True, native_id=None, who="anna")
    decide(store, intent, IntentState.UNKNOWN)
    store.words.say(intent.id, landed=False, native_id=None, who="anna")
    decide(store, intent, IntentState.UNKNOWN)
    store.words.say(intent.id, landed=True, native_id="r1", who="berta")
    word = store.words.last(intent.id)
    assert word is not None
    assert (word.landed, word.who, word.native_id) == (True, "berta", "r1")
    assert store.intents.get(intent.id).native_id == "r1"


@pytest.mark.parametrize("now_left", ["5", None])
def test_who_asks_beside_the_one_at_work_does_not_change_what_that_one_moves(
    store: Store, now_left: str | None
) -> None:
    """ "All that is left" was 40 when the first looked, and is less, or untold, for the second."""
    intent = begin(store, stake("a", "40"))
    assert store.intents.take(intent.id, "the first", 60, alone=False)
    later = Money(amount=Decimal(now_left), currency="EUR") if now_left else None
    begin(store, replace(stake("a", "40"), money=later, limits=Limits()))
    with pytest.raises(AboveLimit):
        begin(store, stake("b", "11"))
    store.intents.release(intent.id, "the first")
    begin(store, stake("a", "5"))
    begin(store, stake("b", "11"))
