"""Writes: sent once; again only where it is proved that the platform did not act. Over real sockets."""

from __future__ import annotations

import dataclasses
import socket
import ssl
import struct
import threading

import pytest

from sellercare import calls
from sellercare.errors import (
    BadAnswer,
    Changed,
    Conflict,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInNeeded,
    Unauthorized,
    Unavailable,
)
from sellercare.http import TokenSet

from .market import CONTRACT, LimitedMarket, MemoryTokens, answer, serving

WRITE = calls.write("POST", "/threads/{id}/messages", ids={"id": "7"}, json={"text": "hello"})
READ = calls.read("/threads/{id}", ids={"id": "7"})


def reset(handler) -> None:
    """Cut the connection the hard way: the other side sees a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.rfile.close()
    handler.wfile.close = lambda: None
    handler.connection.close()
    handler.close_connection = True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_good_answer_comes_back_and_the_body_left_once(market):
    bodies = []

    def handle(handler, n):
        bodies.append(handler.sent_body)
        answer(handler, 201, b'{"id": "m1"}')

    with serving(handle) as (base, seen):
        assert market(base_url=base).write(WRITE, CONTRACT).json() == {"id": "m1"}
    assert seen == ["POST /threads/7/messages"]
    assert bodies == [b'{"text":"hello"}']


def test_a_reset_after_the_request_is_unknown(market, clock):
    with serving(lambda handler, n: reset(handler)) as (base, seen), pytest.raises(OutcomeUnknown) as caught:
        market(base_url=base).write(WRITE, CONTRACT)
    assert caught.value.changed is Changed.UNKNOWN
    assert "the thread on the website" in str(caught.value)
    assert len(seen) == 1
    assert clock.slept == []


def test_a_reset_of_a_kept_alive_connection_is_unknown(market):
    def handle(handler, n):
        answer(handler) if n == 1 else reset(handler)

    with serving(handle) as (base, seen):
        http = market(base_url=base)
        http.read(READ)
        with pytest.raises(OutcomeUnknown):
            http.write(WRITE, CONTRACT)
    assert len(seen) == 2


def test_a_server_that_closes_idle_connections_does_not_make_writes_unknown(market, monkeypatch):
    connections = []

    def handle(handler, n):
        connections.append(handler.client_address)
        answer(handler)

    with serving(handle) as (base, seen):
        http = market(base_url=base)
        monkeypatch.setattr("sellercare.http.connection.monotonic", lambda: 100.0)
        http.read(READ)
        http.write(WRITE, CONTRACT)
        assert connections[0] == connections[1]
        monkeypatch.setattr("sellercare.http.connection.monotonic", lambda: 104.0)
        http.write(WRITE, CONTRACT)
    assert connections[2] != connections[1]
    assert len(seen) == 3


def test_a_slow_answer_to_a_write_is_unknown_and_to_a_read_unavailable(market, clock):
    wait = threading.Event()
    with serving(lambda handler, n: wait.wait(5)) as (base, seen):
        http = market(base_url=base, timeout=0.1, patience=0.2)
        with pytest.raises(OutcomeUnknown, match="no answer came in time"):
            http.write(WRITE, CONTRACT)
        assert len(seen) == 1
        with pytest.raises(Unavailable, match="no answer came in time"):
            http.read(READ)
        wait.set()


def test_a_refused_connection_is_tried_again_within_patience(market, clock):
    with pytest.raises(Unavailable, match="refused") as caught:
        market(base_url=f"http://127.0.0.1:{free_port()}", patience=5.0).write(WRITE, CONTRACT)
    assert caught.value.changed is Changed.NO
    assert len(clock.slept) >= 2
    assert sum(clock.slept) <= 5.0


def test_a_name_that_does_not_exist_proves_that_nothing_left(market, monkeypatch):
    def nobody(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", nobody)
    with pytest.raises(Unavailable, match="name could not be resolved"):
        market(base_url="http://nowhere.test", patience=0.0).write(WRITE, CONTRACT)


def test_a_handshake_that_fails_proves_that_nothing_left(market, clock):
    """A server that speaks no TLS; and one that hangs up in the middle of the handshake."""
    with serving(lambda handler, n: answer(handler)) as (base, seen):
        with pytest.raises(Unavailable, match="secure connection failed"):
            market(base_url=base.replace("http:", "https:"), patience=0.0).write(WRITE, CONTRACT)
        assert seen == []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        with pytest.raises(Unavailable):
            market(base_url=f"https://127.0.0.1:{listener.getsockname()[1]}", patience=0.0).write(WRITE, CONTRACT)


def test_a_handshake_that_hangs_proves_that_nothing_left(market):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Unavailable):
            market(base_url=base, timeout=0.1, patience=0.0).write(WRITE, CONTRACT)


def test_tls_that_breaks_after_the_handshake_is_unknown(market, monkeypatch):
    """The same kind of error, but bytes have left."""
    with serving(lambda handler, n: answer(handler)) as (base, _):
        http = market(base_url=base)

        def broken(*args, **kwargs):
            raise ssl.SSLEOFError(8, "EOF occurred in violation of protocol")

        monkeypatch.setattr("http.client.HTTPConnection.getresponse", broken)
        with pytest.raises(OutcomeUnknown):
            http.write(WRITE, CONTRACT)


def test_a_proxy_that_is_not_there_proves_that_nothing_left(market, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(Unavailable):
        market(base_url="http://api.market.test", patience=0.0).write(WRITE, CONTRACT)


@pytest.mark.parametrize("status", [201, 500])
def test_a_cut_body_is_unknown_for_a_write(market, status):
    def handle(handler, n):
        answer(handler, status, b'{"id": ', Content_Length="100")
        handler.close_connection = True

    with serving(handle) as (base, seen), pytest.raises(OutcomeUnknown) as caught:
        market(base_url=base).write(WRITE, CONTRACT)
    assert caught.value.status == status
    assert len(seen) == 1


def test_a_refusal_with_a_cut_body_is_a_refusal(market):
    def handle(handler, n):
        answer(handler, 404, b'{"errors": ', Content_Length="100")
        handler.close_connection = True

    with serving(handle) as (base, _), pytest.raises(NotFound):
        market(base_url=base).write(WRITE, CONTRACT)


def test_a_cut_body_is_asked_for_again_by_a_read(market):
    def handle(handler, n):
        if n < 3:
            answer(handler, 200, b'{"id": ', Content_Length="100")
            handler.close_connection = True
        else:
            answer(handler, 200, b'{"id": 1}')

    with serving(handle) as (base, seen):
        assert market(base_url=base).read(READ).json() == {"id": 1}
        assert len(seen) == 3


def test_a_download_that_is_cut_says_so(market):
    def handle(handler, n):
        answer(handler, 200, b"x" * 10, Content_Length="100")
        handler.close_connection = True

    with serving(handle) as (base, _), pytest.raises(Unavailable, match="cut"):
        list(market(base_url=base).stream(READ))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_is_never_sent_on(market, status):
    def handle(handler, n):
        answer(handler, status, Location="/elsewhere")

    with serving(handle) as (base, seen), pytest.raises(OutcomeUnknown):
        market(base_url=base).write(WRITE, CONTRACT)
    assert seen == ["POST /threads/7/messages"]


@pytest.mark.parametrize(("status", "kind"), [(400, Invalid), (404, NotFound), (409, Conflict), (422, Invalid)])
def test_a_declared_refusal_is_a_refusal(market, status, kind):
    with serving(lambda handler, n: answer(handler, status)) as (base, seen), pytest.raises(kind) as caught:
        market(base_url=base).write(WRITE, CONTRACT)
    assert isinstance(caught.value, Refused)
    assert caught.value.changed is Changed.NO
    assert len(seen) == 1


@pytest.mark.parametrize("status", [402, 408, 418, 500, 502, 503, 504])
def test_any_other_status_is_unknown_and_is_not_sent_again(market, clock, status):
    def handle(handler, n):
        answer(handler, status, Retry_After="1")

    with serving(handle) as (base, seen), pytest.raises(OutcomeUnknown) as caught:
        market(base_url=base).write(WRITE, CONTRACT)
    assert caught.value.status == status
    assert len(seen) == 1
    assert clock.slept == []


def test_a_server_error_that_the_contract_declares_proves_that_nothing_happened(market):
    contract = dataclasses.replace(CONTRACT, nothing_happened=frozenset({500}))
    with serving(lambda handler, n: answer(handler, 500)) as (base, seen), pytest.raises(Unavailable):
        market(base_url=base).write(WRITE, contract)
    assert len(seen) == 1


@pytest.mark.parametrize(("code", "kind"), [("CLOSED", Conflict), ("BROKEN", OutcomeUnknown)])
def test_a_native_code_that_the_contract_declares_proves_that_nothing_happened(market, code, kind):
    contract = dataclasses.replace(CONTRACT, nothing_happened=frozenset({404, "CLOSED"}))
    body = f'{{"errors": [{{"code": "{code}", "message": ""}}]}}'.encode()
    with serving(lambda handler, n: answer(handler, 500, body)) as (base, _), pytest.raises(kind):
        market(base_url=base).write(WRITE, contract)


def test_429_is_waited_out_and_then_sent(market, clock):
    def handle(handler, n):
        answer(handler, 429, Retry_After="7") if n < 3 else answer(handler, 201)

    with serving(handle) as (base, seen):
        assert market(base_url=base).write(WRITE, CONTRACT).status == 201
    assert clock.slept == [7.0, 7.0]
    assert len(seen) == 3


def test_429_beyond_patience_is_told(market, clock):
    def handle(handler, n):
        answer(handler, 429, Retry_After="7")

    with serving(handle) as (base, _), pytest.raises(RateLimited) as caught:
        market(base_url=base, patience=20.0).write(WRITE, CONTRACT)
    assert caught.value.changed is Changed.NO
    assert sum(clock.slept) == 14.0


def test_429_that_the_contract_does_not_declare_is_unknown(market):
    contract = dataclasses.replace(CONTRACT, nothing_happened=frozenset({404}))
    with serving(lambda handler, n: answer(handler, 429)) as (base, seen), pytest.raises(OutcomeUnknown):
        market(base_url=base).write(WRITE, contract)
    assert len(seen) == 1


class TestUnauthorized:
    TOKENS = TokenSet("access-old-1", "refresh-old-1")

    @pytest.fixture
    def tokens(self, monkeypatch):
        monkeypatch.setattr(
            "sellercare.http.oauth.OAuthClient.refresh", lambda self, stale: TokenSet("access-new-1", "refresh-new-1")
        )
        return MemoryTokens(self.TOKENS)

    def test_it_is_sent_once_more_with_new_tokens(self, market, tokens):
        authorizations = []

        def handle(handler, n):
            authorizations.append(handler.headers["Authorization"])
            answer(handler, 401) if n == 1 else answer(handler, 201)

        with serving(handle) as (base, _):
            assert market(base_url=base, auth="oauth", tokens=tokens).write(WRITE, CONTRACT).status == 201
        assert authorizations == ["Bearer access-old-1", "Bearer access-new-1"]

    def test_and_never_twice(self, market, tokens):
        with serving(lambda handler, n: answer(handler, 401)) as (base, seen), pytest.raises(Unauthorized):
            market(base_url=base, auth="oauth", tokens=tokens).write(WRITE, CONTRACT)
        assert len(seen) == 2

    def test_not_at_all_where_the_contract_does_not_say_that_nothing_happened(self, market, tokens):
        contract = dataclasses.replace(CONTRACT, nothing_happened=frozenset({404}))
        with serving(lambda handler, n: answer(handler, 401)) as (base, seen), pytest.raises(OutcomeUnknown):
            market(base_url=base, auth="oauth", tokens=tokens).write(WRITE, contract)
        assert len(seen) == 1

    def test_fixed_headers_have_nothing_newer(self, market):
        with serving(lambda handler, n: answer(handler, 401)) as (base, seen), pytest.raises(Unauthorized):
            market(base_url=base, auth="fixed").write(WRITE, CONTRACT)
        assert len(seen) == 1

    def test_without_a_refresh_token_the_seller_must_sign_in(self, market):
        with serving(lambda handler, n: answer(handler, 401)) as (base, _):
            http = market(base_url=base, auth="oauth", tokens=MemoryTokens(TokenSet("access-only-1")))
            with pytest.raises(SignInNeeded, match="accounts add shop-1"):
                http.write(WRITE, CONTRACT)


def test_a_budget_without_room_stops_a_write_before_it_leaves(market, clock):
    with serving(lambda handler, n: answer(handler, 201)) as (base, seen):
        http = market(LimitedMarket, base_url=base, patience=0.3)
        call = dataclasses.replace(WRITE, group="messages")
        http.write(call, CONTRACT)
        with pytest.raises(RateLimited):
            http.write(call, CONTRACT)
    assert len(seen) == 1
    assert clock.slept == []


def test_a_step_never_goes_to_a_strangers_address(market):
    with pytest.raises(BadAnswer) as caught:
        market(auth="fixed").write(calls.write("PUT", "", url="https://evil.test/a", body=b"x"), CONTRACT)
    assert caught.value.changed is Changed.NO


def test_a_read_does_not_go_out_as_a_write(market):
    with pytest.raises(ValueError, match="is a read"):
        market().write(READ, CONTRACT)
