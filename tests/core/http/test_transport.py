"""A transport of one's own: everything goes through it, and it is judged as a network is."""

from __future__ import annotations

import io
import sys
import zlib
from subprocess import run

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from sellercare import calls
from sellercare.errors import BadAnswer, OutcomeUnknown
from sellercare.http import TokenSet, connection

from .market import CONTRACT, TOKEN_URL, MemoryTokens, answer, serving


class Canned(BaseAdapter):
    """Answers from a list of (status, body, headers)."""

    def __init__(self, *answers: tuple[int, bytes, dict[str, str]]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[str] = []

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        self.asked.append(request.url)
        status, body, headers = self.answers.pop(0)
        response = requests.Response()
        response.status_code, response.url, response.request = status, request.url, request
        response.headers.update(headers)
        response.raw = HTTPResponse(io.BytesIO(body), headers=headers, status=status, preload_content=False)
        return response

    def close(self) -> None:
        pass


def test_calls_and_tokens_go_through_it(market):
    fresh = b'{"access_token": "access-new-1", "refresh_token": "refresh-new-1"}'
    transport = Canned((401, b"", {}), (200, fresh, {}), (200, b'{"id": 1}', {}))
    http = market(auth="oauth", tokens=MemoryTokens(TokenSet("a", "r")), transport=transport)
    assert http.read(calls.read("/me", base="upload")).json() == {"id": 1}
    here = "https://upload.market.test:8443/v1/me"
    assert transport.asked == [here, TOKEN_URL, here]


def test_a_body_shorter_than_it_says_is_cut(market):
    cut = (201, b'{"id"', {"Content-Length": "9"})
    whole = (200, b'{"id": 1}', {"Content-Length": "9"})
    assert market(transport=Canned(cut, whole)).read(calls.read("/me")).json() == {"id": 1}
    with pytest.raises(OutcomeUnknown, match="cut"):
        market(transport=Canned(cut)).write(calls.write("POST", "/me"), CONTRACT)


def test_compressed_answers_are_unpacked_and_broken_ones_asked_for_again(market):
    packed = zlib.compress(b'{"id": 1}')
    headers = {"Content-Encoding": "deflate"}
    transport = Canned((200, b"\x00broken", headers), (200, packed, headers))
    assert market(transport=transport).read(calls.read("/me")).json() == {"id": 1}
    assert len(transport.asked) == 2


def test_an_answer_that_unpacks_to_all_memory_is_not_unpacked(market):
    packing = zlib.compressobj(9)
    piece = b"\0" * (1 << 20)
    bomb = b"".join([*(packing.compress(piece) for _ in range(2 * connection.LARGEST >> 20)), packing.flush()])
    assert len(bomb) < 1 << 18
    answers = [(200, bomb, {"Content-Encoding": "deflate"})] * 3
    with pytest.raises(BadAnswer, match="larger than 64 MiB"):
        market(transport=Canned(*answers)).read(calls.read("/me"))
    with pytest.raises(OutcomeUnknown, match="larger than 64 MiB"):
        market(transport=Canned(*answers)).write(calls.write("POST", "/me"), CONTRACT)


def test_packed_answers_leave_the_connection_free(market):
    peers = set()

    def handle(handler, n):
        peers.add(handler.client_address)
        answer(handler, 200, zlib.compress(b'{"id": 1}'), Content_Encoding="deflate")

    with serving(handle) as (base, _):
        http = market(base_url=base)
        assert [http.read(calls.read("/me")).json() for _ in range(3)] == [{"id": 1}] * 3
    assert len(peers) == 1


class Socket:
    """Takes note of what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)

    def settimeout(self, timeout: object) -> None:
        pass


@pytest.mark.parametrize("kind", [connection._Connection, connection._SecureConnection])
def test_a_request_leaves_in_one_piece_and_a_long_body_uncopied(kind):
    line = kind("market.test")
    line.sock = short = Socket()
    line.request("POST", "/me", b'{"id": 1}', {"Content-Length": "9"})
    assert len(short.sent) == 1
    assert short.sent[0].startswith(b"POST /me HTTP/1.1\r\n")
    assert short.sent[0].endswith(b'\r\n\r\n{"id": 1}')
    body = b"x" * connection._ONE_PIECE
    line = kind("market.test")
    line.sock = long = Socket()
    line.request("POST", "/me", body, {"Content-Length": str(len(body))})
    assert long.sent[0].endswith(b"\r\n\r\n")
    assert long.sent[1] is body


def test_connections_are_kept_alive_and_freed_for_the_next_call(market):
    peers = set()

    def handle(handler, n):
        peers.add(handler.client_address)
        answer(handler, 404 if n == 2 else 200, b'{"id": 1}')

    with serving(handle) as (base, seen):
        http = market(base_url=base)
        http.read(calls.read("/me"))
        with pytest.raises(Exception, match="no such thing"):
            http.read(calls.read("/me"))
        list(http.stream(calls.read("/me")))
        http.read(calls.read("/me"))
        http.close()
    assert len(seen) == 4
    assert len(peers) == 1


@pytest.mark.parametrize(
    ("line", "unwanted"),
    [
        ("import sellercare.http.protocols, sellercare.http.pages, sellercare.http", ("requests", "tenacity")),
        ("from sellercare.http import Http", ("tenacity", "sqlalchemy")),
    ],
)
def test_what_is_not_needed_is_not_loaded(line, unwanted):
    code = f"import sys; {line}; print([name for name in {unwanted!r} if name in sys.modules])"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
