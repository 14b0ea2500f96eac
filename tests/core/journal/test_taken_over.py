"""What the torture found: a write that somebody else has taken over, keys that are forgotten, proofs of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sellercare.calls import Answer, Call
from sellercare.errors import Changed, Conflict, InProgress, StoreError
from sellercare.journal.journal import CLOCKS_APART
from sellercare.support import NativeKey, Readback, WriteContract
from sellercare.writes import Found, Kept, Search, Step

from .conftest import BLIND, KEYED, PROVABLE, Desk, PowerCut

DAY = replace(KEYED, key=NativeKey(remembered=timedelta(days=1)))


def taken_over(desk: Desk, key: str = "k1") -> None:
    """The owner stood still for too long, and another process has the lease."""
    desk.clock.advance(hours=1)
    intent = desk.store.intents.find("shop", "messages.reply", key)
    assert intent is not None
    assert desk.store.intents.take(intent.id, "another", 3600, alone=False)


def before_answering(desk: Desk, monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Something happens while the answer is on its way."""
    write = desk.platform.write

    def slowly(call: Call, contract: WriteContract) -> Answer:
        do()
        return write(call, contract)

    monkeypatch.setattr(desk.platform, "write", slowly)


def test_who_lost_the_lease_while_looking_does_not_send_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(search: Any) -> None:
        taken_over(desk)

    desk.platform.behaviour = ["lose before"]
    monkeypatch.setattr(desk, "find", look)
    with pytest.raises(InProgress) as caught:
        desk.send()
    assert caught.value.changed is Changed.UNKNOWN
    assert desk.platform.sent == ["/messages"]


def test_who_lost_the_lease_does_not_decide(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that comes late says nothing about what the one who took over has sent meanwhile."""
    desk.platform.behaviour = ["refuse"]
    before_answering(desk, monkeypatch, lambda: taken_over(desk))
    with pytest.raises(InProgress):
        desk.send()
    assert desk.state() == "sending"


def test_who_lost_the_lease_does_not_call_a_confirmed_write_unknown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirmed_by_another() -> None:
        taken_over(desk)
        intent = desk.store.intents.find("shop", "messages.reply", "k1")
        assert intent is not None
        desk.store.intents.confirm(intent.id, "send", {"id": "m1"}, "m1", "")

    desk.platform.behaviour = ["lose before"]
    before_answering(desk, monkeypatch, confirmed_by_another)
    with pytest.raises(InProgress):
        desk.send(contract=BLIND, find=False)
    assert desk.state() == "confirmed"


def test_the_platforms_own_yes_counts_whoever_has_the_lease(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before_answering(desk, monkeypatch, lambda: taken_over(desk))
    assert desk.send().state == "confirmed"
    assert desk.state() == "confirmed"


def test_a_target_is_busy_while_an_unknown_write_to_it_is_looked_up(desk: Desk) -> None:
    by_thread = replace(PROVABLE, serialize_by="thread", absent_after=None)
    desk.platform.behaviour = ["lose before"]
    assert desk.send("first", by_thread).state == "unknown"
    first = desk.store.intents.find("shop", "messages.reply", "first")
    assert first is not None
    desk.store.intents.take(first.id, "another", 3600, alone=True)
    with pytest.raises(InProgress):
        desk.send("second", by_thread, patience=1.0)


def test_a_key_is_remembered_from_its_first_use_not_its_last(desk: Desk) -> None:
    for hours in (0, 23):
        desk.clock.advance(hours=hours)
        desk.platform.behaviour = ["power cut after"]
        with pytest.raises(PowerCut):
            desk.send(contract=DAY, find=False)
    desk.clock.advance(hours=23)
    assert desk.send(contract=DAY, find=False).state == "unknown"
    assert len(desk.platform.sent) == 2


def test_a_forgotten_key_that_is_not_found_proves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    by_key = replace(DAY, readback=Readback.BY_KEY, absent_after=timedelta(seconds=5))
    monkeypatch.setattr(desk, "find", lambda search: None)
    desk.platform.behaviour = ["power cut after"]
    with pytest.raises(PowerCut):
        desk.send(contract=by_key)
    desk.clock.advance(days=2)
    outcome = desk.send(contract=by_key)
    assert outcome.state == "unknown"
    assert "forgotten" in outcome.error.message
    assert len(desk.platform.acted) == 1


def test_what_proved_a_write_to_another_target_does_not_prove_this_one(desk: Desk) -> None:
    """An answer in a conversation is a message about its order, too."""
    other = desk.journal.record(
        account="shop", verb="messages.start", key="o", fingerprint="x", target="order:9", content={}
    )
    desk.store.intents.confirm(other.id, "send", {"id": "m1"}, "m1", "")
    desk.platform.behaviour = ["lose after", "lose before"]
    assert desk.send("k1").model == "m2"


def test_what_became_the_proof_of_another_write_while_it_was_looked_for_is_not_ours(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = desk.journal.record(
        account="shop", verb="messages.reply", key="o", fingerprint="x", target="thread:1", content={}
    )
    find = desk.find

    def found_by_two(search: Search) -> Found | None:
        found = find(search)
        desk.store.intents.confirm(other.id, "send", {"id": "m1"}, "m1", "")
        return found

    monkeypatch.setattr(desk, "find", found_by_two)
    desk.platform.behaviour = ["lose after"]
    kept_at_sending: list[dict[str, Any]] = []

    def watched(commit: Step) -> tuple[Step, ...]:
        def call(kept: Kept) -> Call:
            kept_at_sending.append(dict(kept))
            return commit.call(kept)

        return (replace(commit, call=call),)

    assert desk.send("k1", steps=watched).model == "m2"
    assert kept_at_sending == [{}, {}]  # what was another's goes into no request of ours


def test_what_another_write_of_the_same_words_may_have_done_is_no_proof(desk: Desk) -> None:
    """Its worker may hold the answer in its hands, and confirm it later: then one act would prove two writes."""
    desk.platform.behaviour = ["lose before", "power cut after"]
    assert desk.send("k1", patience=0).state == "unknown"
    with pytest.raises(PowerCut):
        desk.send("k2")
    desk.clock.advance(days=1)
    outcome = desk.send("k1")
    assert outcome.state == "unknown"
    assert "another write with the same content" in outcome.error.message
    assert desk.send("k2").model == "m1"  # looked up, and decided
    assert desk.send("k1").model == "m2"  # by now its absence is proof, and it is sent
    assert len(desk.platform.acted) == 2


def test_what_never_left_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where nothing can be looked up: the next call sends it."""

    def full(call: Call, contract: WriteContract) -> Answer:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(desk.platform, "write", full)
        with pytest.raises(StoreError):
            desk.send(contract=BLIND, find=False)
    assert desk.state() == "ready"
    assert desk.send(contract=BLIND, find=False).state == "confirmed"


def test_after_ctrl_c_absence_counts_from_then(desk: Desk) -> None:
    desk.platform.behaviour = ["power cut before"]
    with pytest.raises(PowerCut):
        desk.send()
    stopped = desk.clock.now()
    assert desk.send().state == "confirmed"
    assert desk.clock.now() - stopped == CLOCKS_APART + timedelta(seconds=5)


def test_a_death_that_nobody_noted_gives_the_call_all_its_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have waited for its turn, then been on its way: patience and time-out of the one who died."""

    def gone(*what: Any, **more: Any) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        for name in ("step_lost", "release"):
            patch.setattr(desk.store.intents, name, gone)
        desk.platform.behaviour = ["power cut before"]
        with pytest.raises(PowerCut):
            desk.send(patience=60.0)
    died = desk.clock.now()
    desk.clock.advance(181)  # the lease: twice the time that a call has
    assert desk.send(patience=60.0).state == "confirmed"
    assert desk.clock.now() - died >= timedelta(seconds=60 + 30 + 5)
    assert len(desk.platform.acted) == 1


def test_steps_are_not_made_of_a_content_that_has_changed_since(desk: Desk) -> None:
    """Two workers checked the same refund; the option of one is not the option of the other."""
    what = {"account": "shop", "verb": "messages.reply", "key": "k1", "fingerprint": "hello", "target": "thread:1"}
    desk.journal.record(**what, content={"text": "hello", "option": 1})
    record = desk.journal.record

    def overtaken(**mine: Any) -> Any:
        intent = record(**mine)
        record(**what, content={"text": "hello", "option": 2})
        return intent

    desk.journal.record = overtaken  # type: ignore[method-assign]
    with pytest.raises(InProgress):
        desk.send()
    assert desk.platform.sent == []


def test_a_refusal_is_still_a_refusal(desk: Desk) -> None:
    desk.platform.behaviour = ["refuse"]
    assert isinstance(desk.send().error, Conflict)
    assert desk.state() == "refused"


def test_an_old_look_is_no_proof_however_late_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process asked at once, and stood still for an hour with the answer in hand."""
    look, looks = desk.find, []

    def slowly(search: Any) -> Any:
        looks.append(look(search))
        if len(looks) == 1:
            desk.clock.advance(minutes=1)
        return looks[-1]

    monkeypatch.setattr(desk, "find", slowly)
    desk.platform.behaviour = ["act late"]
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1


@pytest.mark.parametrize("trouble", ["refuse", "no connection"])
def test_a_repeat_that_is_refused_says_nothing_about_the_first(desk: Desk, trouble: str) -> None:
    """The platform checks what is left to pay back, or who asks, before it looks at the key."""
    desk.platform.behaviour = ["lose after", trouble]
    assert desk.send(contract=KEYED, find=False).state == "unknown"
    assert desk.state() == "unknown"
    assert desk.send(contract=KEYED, find=False).model == "m1"
    assert len(desk.platform.acted) == 1


def test_a_repeat_that_never_left_says_nothing_about_the_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.platform.behaviour = ["power cut after"]
    with pytest.raises(PowerCut):
        desk.send(contract=KEYED, find=False)

    def full(call: Call, contract: WriteContract) -> Answer:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(desk.platform, "write", full)
        with pytest.raises(StoreError):
            desk.send(contract=KEYED, find=False)
    assert desk.state() == "sending"
    assert desk.send(contract=KEYED, find=False).model == "m1"


def test_a_note_is_dated_when_it_is_made_not_when_it_was_asked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who had to wait for the database would otherwise leave under a lease that is over."""
    transaction = desk.store.transaction

    @contextmanager
    def slowly() -> Iterator[Any]:
        desk.clock.advance(minutes=15)
        with transaction() as db:
            yield db

    intent = desk.journal.record(account="shop", verb="v", key="k", fingerprint="f", target="t", content={})
    monkeypatch.setattr(desk.store, "transaction", slowly)
    taken = desk.store.intents.take(intent.id, "me", 180, alone=True)
    assert taken is not None
    assert taken.owned_until == desk.clock.now() + timedelta(seconds=180)
    assert desk.store.intents.sending(intent.id, "send", commits=True, owner="me", seconds=180)
    assert desk.store.intents.steps(intent.id)["send"].sent_at == desk.clock.now()
    noted = desk.store.intents.get(intent.id)
    assert noted.owned_until == desk.clock.now() + timedelta(seconds=180)
