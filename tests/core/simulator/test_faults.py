"""Every kind of fault does what its name says, is counted, and is the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import requests

from sellercare.simulator import Face, Fault, Faults, InProcess, Limit, Refusal, Reply, Request, World, route
from sellercare.simulator.faults import FaultKind

POST, GET = Request("POST", "/notes"), Request("GET", "/notes")


class Notes(Face):
    """A platform of one thread, to which notes are posted."""

    name = "notes"

    def authorize(self, request):
        token = request.headers.get("Authorization", "")
        return None if not token or self.tokens.valid(token) else self.error(401, "token")

    @property
    def thread(self):
        return next(iter(self.world.data.threads.values()))

    @route("POST", "/notes")
    def post(self, request):
        message = self.world.say(self.thread, "Hello")
        return Reply.of({"id": message.id}, 201)

    @route("GET", "/notes")
    def list(self, request):
        start = int(request.param("offset") or 0)
        rows = [message.text for message in self.thread.messages][start : start + 2]
        return Reply.of({"rows": rows, "total": len(self.thread.messages)})

    @route("POST", "/refunds")
    def refund(self, request):
        return Reply.of({"state": self.world.pay_back(self.world.order(), self.world.money("1.00")).state})

    @route("GET", "/bad")
    def bad(self, request):
        raise Refusal(422, "no", "No.", "field")


@pytest.fixture
def notes():
    world = World()
    world.thread(world.order())
    return Notes(world)


def count(face):
    return face.world.count("message")


@pytest.mark.parametrize(
    ("kind", "acted", "status", "lost"),
    [
        ("lost_answer", 1, 201, True),
        ("acts_late", 0, 200, True),
        ("never_arrived", 0, 200, True),
        ("error_before", 0, 503, False),
        ("error_after", 1, 503, False),
        ("rate_limited", 0, 429, False),
        ("html_body", 1, 200, False),
        ("by_hand", 1, 201, False),
    ],
)
def test_what_the_platform_did_and_what_the_caller_sees(notes, kind, acted, status, lost):
    notes.faults.add(Fault(kind, "POST /notes"))
    reply = notes.handle(POST)
    assert (count(notes), reply.status, reply.lost) == (acted, status, lost)
    assert notes.faults.injected == {kind: 1}
    assert notes.handle(POST).status == 201


def test_acting_late_is_acting_at_its_time(notes):
    notes.faults.add(Fault("acts_late", "POST /notes", seconds=10))
    start = notes.world.now()
    notes.handle(POST)
    notes.world.advance(9)
    assert count(notes) == 0
    notes.world.advance(60)
    assert [(act.at - start).total_seconds() for act in notes.world.acts] == [10]


def test_by_hand_is_done_by_a_person_before_us(notes):
    notes.faults.add(Fault("by_hand", "POST /notes"))
    notes.handle(POST)
    assert [act.by for act in notes.world.acts] == ["person", "api"]


def test_a_stale_read_does_not_see_the_last_write_until_later(notes):
    notes.faults.add(Fault("stale_read", "GET /notes", times=2, seconds=10))
    notes.handle(POST)
    assert notes.handle(GET).json()["rows"] == []
    notes.world.advance(11)
    assert notes.handle(GET).json()["rows"] == ["Hello"]
    assert notes.handle(GET).json()["rows"] == ["Hello"]


def test_texts_are_altered_or_moderated(notes):
    notes.faults.add(Fault("text_altered", "POST /notes"))
    notes.handle(POST)
    notes.faults.add(Fault("text_moderated", "POST /notes"))
    notes.handle(POST)
    altered, moderated = notes.thread.messages
    assert altered.text == "Hello [edited]"
    assert moderated.delivery == "verifying"
    notes.world.advance(60)
    assert moderated.delivery == "blocked"
    assert notes.faults.injected == {"text_altered": 1, "text_moderated": 1}


def test_a_refund_is_accepted_and_fails_later(notes):
    notes.faults.add(Fault("fails_later", "POST /refunds"))
    assert notes.handle(Request("POST", "/refunds")).json()["state"] == "pending"
    notes.world.advance(60)
    assert [refund.state for refund in notes.world.data.refunds.values()] == ["failed"]


def test_expired_tokens_are_refused_until_they_are_renewed(notes):
    pair = notes.tokens.issue()
    notes.faults.add(Fault("expired_token", "GET /notes"))
    assert notes.handle(Request("GET", "/notes", {}, {"Authorization": pair.access})).status == 401
    renewed = notes.tokens.refresh(pair.refresh)
    assert notes.handle(Request("GET", "/notes", {}, {"Authorization": renewed.access})).status == 200
    assert notes.tokens.refresh(pair.refresh) is None
    assert notes.tokens.reused == 1


def test_pages_come_twice_or_without_rows(notes):
    for _ in range(4):
        notes.handle(POST)
    notes.thread.messages[2].text = notes.thread.messages[3].text = "Later"
    second = Request("GET", "/notes", {"offset": ["2"]})
    notes.faults.add(Fault("double_page", "GET /notes", after=1))
    assert notes.handle(GET).json() == notes.handle(second).json()
    notes.faults.add(Fault("missing_page", "GET /notes"))
    assert notes.handle(second).json() == {"rows": [], "total": 4}
    assert notes.handle(second).json()["rows"] == ["Later", "Later"]


def test_a_platforms_clock_can_be_wrong_for_a_call(notes):
    notes.faults.add(Fault("clock_skew", "POST /notes", seconds=-120))
    start = notes.world.now()
    notes.handle(POST)
    notes.handle(POST)
    assert [(act.at - start).total_seconds() for act in notes.world.acts] == [-120, 0]


def test_bodies_are_cut_and_answers_slow_over_requests(notes):
    session = requests.Session()
    session.mount("http://", InProcess(notes))
    notes.faults.add(Fault("cut_body", "GET /notes"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        session.get("http://x/notes")
    notes.faults.add(Fault("slow", "GET /notes", times=2, seconds=20))
    before = notes.world.clock.now()
    with pytest.raises(requests.ReadTimeout):
        session.get("http://x/notes", timeout=(3, 5))
    assert (notes.world.clock.now() - before).total_seconds() == 5
    assert session.get("http://x/notes", timeout=30).status_code == 200
    assert (notes.world.clock.now() - before).total_seconds() == 25
    notes.faults.add(Fault("lost_answer", "GET /notes"))
    with pytest.raises(requests.ConnectionError):
        session.get("http://x/notes")


def test_the_same_seed_hits_the_same_calls():
    def hits(seed):
        faults = Faults([Fault("slow", times=None, probability=0.5)], seed=seed)
        return [bool(faults.hitting("GET /a")) for _ in range(40)]

    assert hits(3) == hits(3)
    assert hits(3) != hits(4)
    assert 5 < sum(hits(3)) < 35


def test_a_fault_waits_for_its_turn_and_ends():
    faults = Faults([Fault("slow", "GET /a*", times=2, after=1)])
    assert [bool(faults.hitting(call)) for call in ("GET /b", "GET /a", "GET /a/1", "GET /a", "GET /a")] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="no fault"):
        Fault("earthquake")


def test_every_kind_of_fault_has_its_test():
    source = Path(__file__).read_text("utf-8")
    assert [kind for kind in get_args(FaultKind) if f'"{kind}"' not in source] == []


class Limited(Notes):
    limits = (Limit("few", 2, 3, "POST *"), Limit("all", 10, 10, "*", but="POST *"))


def test_limits_are_a_real_token_bucket():
    world = World()
    world.thread(world.order())
    face = Limited(world)
    statuses = [face.handle(POST).status for _ in range(5)]
    assert statuses == [201, 201, 201, 429, 429]
    refused = face.handle(POST)
    assert refused.headers["Retry-After"] == "1"
    world.advance(0.5)
    assert [face.handle(POST).status for _ in range(2)] == [201, 429]
    assert [face.handle(GET).status for _ in range(11)] == [200] * 10 + [429]


def test_routes_errors_and_unknown_paths(notes):
    assert notes.handle(Request("GET", "/bad")).json() == {"code": "no", "message": "No.", "field": "field"}
    assert notes.handle(Request("DELETE", "/notes")).status == 405
    assert notes.handle(Request("GET", "/nothing")).status == 404
    assert notes.handle(Request("GET", "/notes", {"offset": ["x"]})).status == 400
    type(notes).html_not_found = True
    try:
        assert notes.handle(Request("GET", "/nothing")).body.startswith(b"<!DOCTYPE html>")
    finally:
        type(notes).html_not_found = False
