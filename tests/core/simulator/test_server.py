"""The loopback server: real sockets, kept connections, and connections that really break."""

from __future__ import annotations

from http.client import HTTPConnection

import pytest
import requests

from sellercare.simulator import Face, FastClock, Fault, Reply, World, route, serve


class Echo(Face):
    @route("GET", "/things/{id}")
    def thing(self, request, id):
        told = {"id": id, "q": request.query, "agent": request.headers["USER-AGENT"]}
        return Reply.of(told, headers={"Target": request.target})

    @route("POST", "/things/{id}")
    def change(self, request, id):
        self.world.act("change", id, request.body.decode())
        return Reply(204)


@pytest.fixture
def echo():
    return Echo(World(clock=FastClock(1000)))


def test_requests_arrive_whole(echo):
    with serve(echo) as base, requests.Session() as session:
        answer = session.get(f"{base}/things/a%2Fb?x=1&x=2&y=", headers={"User-Agent": "me"})
        assert answer.json() == {"id": "a/b", "q": {"x": ["1", "2"], "y": [""]}, "agent": "me"}
        assert answer.headers["Target"] == "/things/a%2Fb?x=1&x=2&y="  # to the letter: signatures are made over it
        assert base.startswith("http://127.0.0.1:")


def test_connections_are_kept(echo):
    with serve(echo) as base:
        connection = HTTPConnection(base.removeprefix("http://"), timeout=30)
        connection.connect()
        socket = connection.sock
        for _ in range(3):
            connection.request("POST", "/things/1", body=b"x")
            assert connection.getresponse().read() == b""
            assert connection.sock is socket
        connection.close()
    assert echo.world.count("change") == 3


def test_a_lost_answer_is_a_broken_connection_after_the_act(echo):
    echo.faults.add(Fault("lost_answer", "POST *"))
    with serve(echo) as base, pytest.raises(requests.ConnectionError):
        requests.post(f"{base}/things/1", data=b"x", timeout=30)
    assert echo.world.count("change") == 1


def test_a_cut_body_is_shorter_than_it_said(echo):
    echo.faults.add(Fault("cut_body", "GET *"))
    with serve(echo) as base, pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{base}/things/1", timeout=30)


def test_nothing_answers_once_it_is_closed(echo):
    with serve(echo) as base:
        pass
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/things/1", timeout=30)
