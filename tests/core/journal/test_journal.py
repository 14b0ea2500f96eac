"""What the journal promises: each write once, and the truth about it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sellercare import calls
from sellercare.clock import SystemClock
from sellercare.errors import (
    BadAnswer,
    Changed,
    Conflict,
    InProgress,
    KeyConflict,
    OutcomeUnknown,
    StoreError,
    Unavailable,
)
from sellercare.journal.journal import Journal
from sellercare.support import Evidence, NativeKey
from sellercare.writes import Found, Search, Step

from .conftest import BLIND, KEYED, PROVABLE, UNPROVABLE, Desk, PowerCut


def test_a_write_is_sent_and_confirmed(desk: Desk) -> None:
    outcome = desk.send()
    assert (outcome.state, outcome.model, outcome.repeated) == ("confirmed", "m1", False)


def test_the_same_key_again_returns_the_same_and_sends_nothing(desk: Desk) -> None:
    desk.send()
    again = desk.send()
    assert (again.state, again.model, again.repeated) == ("confirmed", "m1", True)
    assert desk.platform.sent == ["/messages"]


def test_the_same_key_with_another_content_is_an_error_that_shows_both(desk: Desk) -> None:
    desk.send()
    with pytest.raises(KeyConflict) as caught:
        desk.send(text="other")
    assert (caught.value.before, caught.value.now) == ({"text": "hello"}, {"text": "other"})


def test_a_lost_answer_is_found_and_not_sent_again(desk: Desk) -> None:
    desk.platform.behaviour = ["lose after"]
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_absence_is_only_proof_after_the_contracts_delay(desk: Desk) -> None:
    desk.platform.behaviour = ["lose before"]
    before = desk.clock.now()
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1
    assert desk.clock.now() - before >= timedelta(seconds=5)


def test_a_platform_that_acts_after_we_looked_is_not_sent_to_again(desk: Desk) -> None:
    desk.platform.behaviour = ["act late"]
    assert desk.send().model == "m1"
    assert len(desk.platform.acted) == 1


def test_absence_that_proves_nothing_leaves_it_unknown(desk: Desk) -> None:
    desk.platform.behaviour = ["lose before"]
    outcome = desk.send(contract=UNPROVABLE)
    assert outcome.state == "unknown"
    assert isinstance(outcome.error, OutcomeUnknown)
    assert outcome.error.changed is Changed.UNKNOWN


def test_unknown_is_never_sent_again_but_looked_for_again(desk: Desk) -> None:
    desk.platform.behaviour = ["act late"]
    assert desk.send(contract=UNPROVABLE).state == "unknown"
    assert desk.send(contract=UNPROVABLE).state == "unknown"
    desk.clock.advance(10)
    assert desk.send(contract=UNPROVABLE).state == "confirmed"
    assert desk.platform.sent == ["/messages"]


def test_a_blind_contract_stays_unknown_for_ever(desk: Desk) -> None:
    desk.platform.behaviour = ["lose after"]
    assert desk.send(contract=BLIND, find=False).state == "unknown"
    desk.clock.advance(days=30)
    assert desk.send(contract=BLIND, find=False).state == "unknown"
    assert desk.platform.sent == ["/messages"]


def test_more_waiting_than_the_caller_allows_leaves_it_unknown_for_now(desk: Desk) -> None:
    desk.platform.behaviour = ["lose before"]
    slow = replace(PROVABLE, absent_after=timedelta(hours=48))
    assert desk.send(contract=slow).state == "unknown"
    desk.clock.advance(hours=49)
    assert desk.send(contract=slow).state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_a_native_key_is_sent_again(desk: Desk) -> None:
    desk.platform.behaviour = ["lose after"]
    assert desk.send(contract=KEYED, find=False).model == "m1"
    assert (len(desk.platform.sent), len(desk.platform.acted)) == (2, 1)


def test_a_native_key_that_is_forgotten_by_then_is_not_trusted(desk: Desk) -> None:
    desk.platform.behaviour = ["power cut after"]
    day = replace(KEYED, key=NativeKey(remembered=timedelta(days=1)))
    with pytest.raises(PowerCut):
        desk.send(contract=day, find=False)
    desk.clock.advance(days=2)
    assert desk.send(contract=day, find=False).state == "unknown"
    assert len(desk.platform.sent) == 1


def test_a_refusal_says_that_nothing_happened_and_may_be_tried_again(desk: Desk) -> None:
    desk.platform.behaviour = ["refuse"]
    outcome = desk.send()
    assert outcome.state == "refused"
    assert isinstance(outcome.error, Conflict)
    assert desk.state() == "refused"
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_what_never_left_stays_ready(desk: Desk) -> None:
    desk.platform.behaviour = ["no connection"]
    outcome = desk.send()
    assert isinstance(outcome.error, Unavailable)
    assert desk.state() == "ready"


def test_an_answer_that_cannot_be_read_is_read_back(desk: Desk) -> None:
    desk.platform.behaviour = ["garbage"]
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_a_read_back_that_stumbles_leaves_it_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the platform shows is not as the adapter expects: nobody can tell, and a job goes on."""
    desk.platform.behaviour = ["lose after"]
    shown: dict[str, str] = {}
    monkeypatch.setattr(desk, "find", lambda search: shown["id"])
    outcome = desk.send()
    assert outcome.state == "unknown"
    assert "could not be read" in outcome.error.message
    assert len(desk.platform.sent) == 1


@pytest.mark.parametrize("moment", ["power cut before", "power cut after"])
def test_whoever_takes_over_an_interrupted_write_reads_back_first(desk: Desk, moment: str) -> None:
    desk.platform.behaviour = [moment]
    with pytest.raises(PowerCut):
        desk.send()
    assert desk.state() == "sending"
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_after_a_crash_absence_counts_from_when_the_call_must_be_over(desk: Desk) -> None:
    desk.platform.behaviour = ["power cut before"]
    with pytest.raises(PowerCut):
        desk.send()
    sent_at = desk.clock.now()
    desk.send()
    assert desk.clock.now() - sent_at >= timedelta(seconds=30 + 5)


def test_an_id_that_proved_one_write_does_not_prove_another(desk: Desk) -> None:
    desk.platform.behaviour = ["lose after", "lose before"]
    assert desk.send("k1").model == "m1"
    assert desk.send("k2", stale_before=True).model == "m2"
    assert len(desk.platform.acted) == 2


def test_nothing_leaves_when_the_journal_cannot_be_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **more: Any) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(type(desk.store.intents), "sending", full)
    with pytest.raises(StoreError):
        desk.send()
    assert desk.platform.sent == []


def test_a_disk_that_fills_up_afterwards_does_not_say_that_nothing_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **more: Any) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.store.intents), "confirm", full)
        with pytest.raises(StoreError) as caught:
            desk.send()
    assert caught.value.changed is Changed.YES
    assert desk.send().state == "confirmed"
    assert len(desk.platform.acted) == 1


def test_two_threads_with_one_key_send_once(desk: Desk) -> None:
    journal = Journal(desk.store.intents, SystemClock())
    outcomes: list[Any] = []
    two = Desk(desk.store, desk.clock, journal, desk.platform)
    threads = [threading.Thread(target=lambda: outcomes.append(two.send())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.model for outcome in outcomes] == ["m1", "m1"]
    assert desk.platform.sent == ["/messages"]


def test_one_target_is_written_to_by_one_at_a_time(desk: Desk) -> None:
    by_thread = replace(PROVABLE, serialize_by="thread")
    other = desk.journal.record(
        account="shop", verb="messages.reply", key="other", fingerprint="x", target="thread:1", content={}
    )
    desk.store.intents.take(other.id, "somebody else", 3600, alone=False)
    with pytest.raises(InProgress):
        desk.send(contract=by_thread, patience=1.0)
    assert desk.platform.sent == []


class TestSteps:
    """Steps that do not commit: harmless, or taken back."""

    @staticmethod
    def draft(desk: Desk, find: bool = False) -> Any:
        def look(search: Search) -> Found | None:
            return Found("d1", {"id": "d1"}) if "/drafts" in desk.platform.sent else None

        begin = Step(
            "begin",
            call=lambda kept: calls.write("POST", "/drafts"),
            undo=lambda kept: calls.write("DELETE", "/drafts/d1"),
            find=look if find else None,
        )
        return lambda commit: (begin, commit)

    def test_what_was_begun_is_taken_back_when_the_platform_refuses(self, desk: Desk) -> None:
        desk.platform.behaviour = ["answer", "refuse"]
        assert desk.send(steps=self.draft(desk)).state == "refused"
        assert desk.platform.sent == ["/drafts", "/messages", "/drafts/d1"]

    def test_a_draft_that_cannot_be_taken_back_is_said_and_gone_on_with(self, desk: Desk) -> None:
        desk.platform.behaviour = ["answer", "refuse", "lose before"]
        outcome = desk.send(steps=self.draft(desk))
        assert outcome.error.changed is Changed.UNKNOWN
        assert desk.send(steps=self.draft(desk)).state == "confirmed"
        assert desk.platform.sent == ["/drafts", "/messages", "/drafts/d1", "/messages"]

    def test_a_lost_beginning_is_found_and_not_begun_twice(self, desk: Desk) -> None:
        desk.platform.behaviour = ["lose after"]
        assert desk.send(steps=self.draft(desk, find=True)).state == "confirmed"
        assert desk.platform.sent == ["/drafts", "/messages"]

    def test_a_lost_beginning_that_is_harmless_is_sent_again(self, desk: Desk) -> None:
        desk.platform.behaviour = ["lose after"]
        assert desk.send(steps=self.draft(desk)).state == "confirmed"
        assert desk.platform.sent == ["/drafts", "/drafts", "/messages"]

    def test_after_a_crash_finished_steps_are_not_repeated(self, desk: Desk) -> None:
        desk.platform.behaviour = ["answer", "power cut after"]
        with pytest.raises(PowerCut):
            desk.send(steps=self.draft(desk))
        assert desk.send(steps=self.draft(desk)).state == "confirmed"
        assert desk.platform.sent == ["/drafts", "/messages"]


def test_a_landed_write_with_a_strange_answer_says_that_it_landed(desk: Desk) -> None:
    with pytest.raises(BadAnswer) as caught:
        desk.send(result=lambda kept: kept["send"]["author"])
    assert (caught.value.changed, caught.value.path) == (Changed.YES, "$.send.author")
    assert desk.state() == "confirmed"


class TestAYesThatShowsNothing:
    """Evidence.NOTHING: a 2xx is not yet a yes, where it can be looked at."""

    SILENT = replace(PROVABLE, evidence=Evidence.NOTHING)

    def test_a_yes_is_looked_at(self, desk: Desk) -> None:
        outcome = desk.send(contract=self.SILENT, silent=True)
        assert (outcome.state, outcome.model) == ("confirmed", "m1")

    def test_a_yes_that_nothing_came_of_is_no_yes(self, desk: Desk) -> None:
        desk.platform.behaviour = ["say yes, do nothing"]
        outcome = desk.send(contract=self.SILENT, silent=True)
        assert (outcome.state, desk.state()) == ("refused", "refused")
        assert "nothing came of it" in outcome.error.message

    def test_a_yes_whose_absence_proves_nothing_stays_unknown(self, desk: Desk) -> None:
        desk.platform.behaviour = ["say yes, do nothing"]
        never = replace(self.SILENT, absent_after=None)
        assert desk.send(contract=never, silent=True).state == "unknown"
        assert desk.send(contract=never, silent=True).state == "unknown"
        assert desk.platform.sent == ["/messages"]

    def test_where_nobody_can_look_a_yes_is_a_yes(self, desk: Desk) -> None:
        desk.platform.behaviour = ["say yes, do nothing"]
        outcome = desk.send(contract=BLIND, find=False, silent=True, result=lambda kept: "sent")
        assert outcome.state == "confirmed"


def test_a_step_that_only_looks_is_a_read(desk: Desk) -> None:
    look = Step("order", call=lambda kept: calls.read("/orders/o1"))
    assert desk.send(steps=lambda commit: (look, commit)).state == "confirmed"
    assert (desk.platform.looked, desk.platform.sent) == (["/orders/o1"], ["/messages"])
