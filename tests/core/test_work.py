"""Waiting for what a platform does later: one loop, a ceiling, progress, and a handle to go on with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sellercare import calls
from sellercare.calls import Answer, Call
from sellercare.errors import BadAnswer, NotFound, Refused, StillWorking
from sellercare.simulator import FakeClock
from sellercare.work import Progress, Work, Works


class Platform:
    """It makes reports; each is ready after so many looks. `begun` counts beginnings."""

    def __init__(self, looks: int = 2) -> None:
        self.looks = looks
        self.begun = 0
        self.left: dict[str, int] = {}

    def read(self, call: Call) -> Answer:
        if call.method == "POST":
            self.begun += 1
            self.left[f"r{self.begun}"] = self.looks
            return Answer(202, {}, calls.to_json({"id": f"r{self.begun}"}), where="POST /reports")
        handle = call.ids["id"]
        if handle not in self.left:
            raise NotFound("GET /reports/{id}: no such report.")
        self.left[handle] -= 1
        state = "done" if self.left[handle] < 0 else "working"
        return Answer(200, {}, calls.to_json({"id": handle, "state": state}), where="GET /reports/{id}")


def over(payload: Any) -> str | None:
    if payload["state"] == "failed":
        raise Refused("The report failed.")
    return f"file of {payload['id']}" if payload["state"] == "done" else None


REPORT = Work(
    name="the report of returns",
    start=calls.read("/reports", method="POST", json={"type": "returns"}),
    handle=lambda payload: str(payload["id"]),
    look=lambda handle: calls.read("/reports/{id}", ids={"id": handle}),
    over=over,
    pause=10,
    longest_pause=20,
    ceiling=100,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_it_is_begun_once_and_waited_for(clock) -> None:
    platform, works = Platform(looks=3), Works()
    began = clock.now()
    assert works.wait(platform, clock, REPORT) == "file of r1"
    assert (clock.now() - began).total_seconds() == 10 + 15 + 20
    assert platform.begun == 1
    assert works.under_way == {}


def test_those_who_watch_are_told(clock) -> None:
    seen: list[Progress] = []
    Works(seen.append).wait(Platform(looks=2), clock, REPORT)
    assert seen == [Progress(REPORT.name, "r1", 0), Progress(REPORT.name, "r1", 10)]


def test_what_takes_too_long_is_gone_on_with(clock) -> None:
    platform, works = Platform(looks=8), Works()
    with pytest.raises(StillWorking) as caught:
        works.wait(platform, clock, REPORT)
    assert (caught.value.work, caught.value.handle) == (REPORT.name, "r1")
    assert works.under_way == {REPORT.name: "r1"}
    assert works.wait(platform, clock, REPORT) == "file of r1"
    assert platform.begun == 1


def test_the_ceiling_is_never_passed(clock) -> None:
    began = clock.now()
    with pytest.raises(StillWorking):
        Works().wait(Platform(looks=1000), clock, REPORT)
    assert (clock.now() - began).total_seconds() <= REPORT.ceiling


def test_without_patience_it_is_looked_at_once(clock) -> None:
    began = clock.now()
    assert Works().wait(Platform(looks=0), clock, replace(REPORT, ceiling=0)) == "file of r1"
    with pytest.raises(StillWorking):
        Works().wait(Platform(looks=1), clock, replace(REPORT, ceiling=0))
    assert clock.now() == began


def test_another_question_is_another_work(clock) -> None:
    platform, works = Platform(looks=100), Works()
    other = replace(REPORT, start=calls.read("/reports", method="POST", json={"type": "returns", "since": "May"}))
    for work in (REPORT, other):
        with pytest.raises(StillWorking):
            works.wait(platform, clock, work)
    assert platform.begun == 2


def test_an_earlier_one_of_the_platform_serves(clock) -> None:
    platform = Platform()
    platform.left["scheduled"] = 0
    assert Works().wait(platform, clock, replace(REPORT, earlier=lambda: "scheduled")) == "file of scheduled"
    assert platform.begun == 0


def test_a_failed_one_is_begun_anew_next_time(clock) -> None:
    platform, works = Platform(looks=0), Works()

    def fails(payload: Any) -> str | None:
        raise Refused("The report failed.")

    with pytest.raises(Refused):
        works.wait(platform, clock, replace(REPORT, over=fails))
    assert works.wait(platform, clock, REPORT) == "file of r2"


def test_one_that_the_platform_has_forgotten_is_begun_anew(clock) -> None:
    platform, works = Platform(looks=8), Works()
    with pytest.raises(StillWorking):
        works.wait(platform, clock, REPORT)
    platform.left.clear()
    platform.looks = 0
    assert works.wait(platform, clock, REPORT) == "file of r2"


def test_one_that_is_not_there_right_after_its_beginning_is_an_error(clock) -> None:
    platform, works = Platform(), Works()
    lost = replace(REPORT, handle=lambda payload: "elsewhere")
    with pytest.raises(NotFound):
        works.wait(platform, clock, lost)
    assert platform.begun == 1
    assert works.under_way == {}


def test_an_answer_that_cannot_be_read_names_its_place(clock) -> None:
    with pytest.raises(BadAnswer, match=r"\$\.report"):
        Works().wait(Platform(), clock, replace(REPORT, handle=lambda payload: payload["report"]["id"]))
    with pytest.raises(BadAnswer, match=r"\$\.processing"):
        Works().wait(Platform(), clock, replace(REPORT, over=lambda payload: payload["processing"]))


@pytest.mark.parametrize("id_", ["", ".."])
def test_an_id_that_leads_nowhere_is_an_error_and_is_not_remembered(clock, id_) -> None:
    class Mistaken(Platform):
        def read(self, call: Call) -> Answer:
            answer = super().read(call)
            given = {"id": id_} if call.method == "POST" and self.begun == 1 else answer.json()
            return replace(answer, body=calls.to_json(given))

    platform, works = Mistaken(), Works()
    with pytest.raises(BadAnswer) as wrong:
        works.wait(platform, clock, REPORT)
    assert wrong.value.path == "$.id"
    assert works.under_way == {}
    assert works.wait(platform, clock, REPORT) == "file of r2"
