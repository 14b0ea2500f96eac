"""A platform in a few lines: it can lose answers, act late, refuse, and it counts what it acted on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from sellercare import calls
from sellercare.calls import Answer, Call, Json
from sellercare.errors import Conflict, OutcomeUnknown, Unavailable
from sellercare.journal.journal import Journal
from sellercare.journal.task import Task
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store
from sellercare.support import Evidence, NativeKey, Readback, Repeat, WriteContract
from sellercare.writes import Found, Search, Step, Write, nothing, whole

PROVABLE = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=timedelta(seconds=5),
    evidence=Evidence.ID,
    by_hand="in the shop's inbox",
)
UNPROVABLE = WriteContract(
    repeat=Repeat.ACTS_AGAIN, readback=Readback.BY_DIFFERENCE, absent_after=None, evidence=Evidence.ID
)
BLIND = WriteContract(repeat=Repeat.ACTS_AGAIN, readback=Readback.NONE, absent_after=None, evidence=Evidence.NOTHING)
KEYED = WriteContract(
    repeat=Repeat.HARMLESS, readback=Readback.BY_KEY, absent_after=None, evidence=Evidence.ID, key=NativeKey()
)


class PowerCut(BaseException):
    """The process is gone at this moment."""


@dataclass
class Platform:
    """Acts on writes as `behaviour` says, call by call; after the list is used up, normally."""

    clock: FakeClock
    behaviour: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    acted: list[tuple[datetime, str]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def write(self, call: Call, contract: WriteContract) -> Answer:
        what = self.behaviour.pop(0) if self.behaviour else "answer"
        self.sent.append(call.path)
        if what == "refuse":
            raise Conflict("It is closed.", status=409)
        if what == "no connection":
            raise Unavailable("No connection.")
        if what == "lose before":
            raise OutcomeUnknown("lost")
        if what == "power cut before":
            raise PowerCut
        if what == "say yes, do nothing":
            return Answer(204, {}, b"")
        act_id = self._act(call, timedelta(seconds=3) if what == "act late" else timedelta(0))
        if what == "power cut after":
            raise PowerCut
        if what in ("lose after", "act late"):
            raise OutcomeUnknown("lost")
        if what == "garbage":
            return Answer(200, {}, b"<html>", where="POST /messages")
        return Answer(200, {}, calls.to_json({"id": act_id, "text": "hello"}))

    def _act(self, call: Call, delay: timedelta) -> str:
        if call.path != "/messages":
            return "d1"
        key = call.headers.get("Key")
        if key in self.keys:
            return self.keys[key]
        act_id = f"m{len(self.acted) + 1}"
        self.acted.append((self.clock.now() + delay, act_id))
        if key:
            self.keys[key] = act_id
        return act_id

    def visible(self) -> list[str]:
        return [act_id for at, act_id in self.acted if at <= self.clock.now()]

    def read(self, call: Call) -> Answer:
        self.looked.append(call.path)
        return Answer(200, {}, calls.to_json({"id": "o1"}))


@dataclass
class Desk:
    """A journal, a platform and a way to ask for one message."""

    store: Store
    clock: FakeClock
    journal: Journal
    platform: Platform

    def send(
        self,
        key: str = "k1",
        contract: WriteContract = PROVABLE,
        *,
        text: str = "hello",
        find: bool = True,
        steps: Callable[[Step], tuple[Step, ...]] = lambda commit: (commit,),
        patience: float = 60.0,
        result: Callable[[Any], Any] = lambda kept: kept["send"]["id"],
        stale_before: bool = False,
        silent: bool = False,
    ) -> Any:
        intent = self.journal.record(
            account="shop",
            verb="messages.reply",
            key=key,
            fingerprint=text,
            target="thread:1",
            content={"text": text},
        )
        commit = Step(
            "send",
            call=lambda kept: calls.write("POST", "/messages", headers={"Key": key} if contract.key else {}),
            keep=nothing if silent else whole,
            commits=True,
            find=self.find if find else None,
            native_id=lambda kept: None if silent else str(kept["id"]),
        )
        before: Callable[[], Json] = list if stale_before else self.platform.visible
        write = Write(steps=steps(commit), result=result, before=before if find else None)
        return self.journal.settle(intent, Task(write, contract, self.platform, timeout=30.0, patience=patience))

    def find(self, search: Search) -> Found | None:
        new = [a for a in self.platform.visible() if a not in search.before and a not in search.taken]
        return Found(new[0], {"id": new[0]}) if new else None

    def state(self, key: str = "k1") -> Json:
        intent = self.store.intents.find("shop", "messages.reply", key)
        assert intent is not None
        return intent.state.value


@pytest.fixture
def desk() -> Iterator[Desk]:
    clock = FakeClock()
    with Store.open("sqlite://", clock=clock) as store:
        yield Desk(store, clock, Journal(store.intents, clock), Platform(clock))
