"""Reads: what is sent, what comes back, and what is tried again."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import requests
import responses

from sellercare import calls
from sellercare.errors import (
    BadAnswer,
    BadInput,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
)

BASE = "https://api.market.test"
CALL = calls.read("/threads/{id}", ids={"id": "7"})
URL = f"{BASE}/threads/7"


@pytest.fixture(autouse=True)
def platform():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_a_good_answer_is_a_document_with_exact_fractions(market, platform):
    platform.get(URL, body='{"amount": 1.10}', headers={"X-Request-Id": "r-1"})
    answer = market().read(CALL)
    assert answer.json() == {"amount": Decimal("1.10")}
    assert (answer.status, answer.where, answer.request_id) == (200, "GET /threads/{id}", "r-1")


def test_ids_are_quoted_and_parameters_written_as_platforms_read_them(market, platform):
    platform.get(re.compile(".*"), json={})
    call = calls.read(
        "/threads/{id}", ids={"id": "a/../b?c"}, params={"q": "ü &", "n": 3, "none": None, "b": True, "s": ["x", "y"]}
    )
    market().read(call)
    assert platform.calls[0].request.url == f"{BASE}/threads/a%2F..%2Fb%3Fc?q=%C3%BC+%26&n=3&b=true&s=x&s=y"


def test_headers_of_the_call_win_over_those_of_the_adapter(market, platform):
    platform.get(URL, json={})
    market(user_agent="shop/1.0").read(calls.read("/threads/7", headers={"Accept": "application/vnd.x+json"}))
    sent = platform.calls[0].request.headers
    assert sent["Accept"] == "application/vnd.x+json"
    assert sent["User-Agent"] == "shop/1.0"


@pytest.mark.parametrize("wrong", ["", ".", ".."])
def test_an_id_that_would_be_another_path_is_not_sent(market, platform, wrong):
    with pytest.raises(BadInput):
        market().read(calls.read("/threads/{id}", ids={"id": wrong}))
    assert not platform.calls


def test_a_header_with_a_line_break_is_not_sent_and_not_shown(market, platform):
    with pytest.raises(BadInput) as caught:
        market().read(calls.read("/threads/7", headers={"X-Note": "a\r\nX-Evil: 1"}))
    assert "Evil" not in str(caught.value)
    assert not platform.calls


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, Invalid),
        (418, Invalid),
        (422, Invalid),
        (451, Forbidden),
    ],
)
def test_a_refusal_is_an_error_of_its_kind_and_is_not_tried_again(market, platform, clock, status, kind):
    body = {"errors": [{"code": "E1", "message": "no,\n\x1b[31msorry", "path": "text"}]}
    platform.get(URL, json=body, status=status, headers={"X-Request-Id": "r-2"})
    with pytest.raises(kind) as caught:
        market().read(CALL)
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.native_code, error.field, error.request_id) == (status, "E1", "text", "r-2")
    assert "no, [31msorry" in error.message
    assert len(platform.calls) == 1
    assert clock.slept == []


def test_a_native_code_decides_before_the_status(market, platform):
    platform.get(URL, json={"errors": [{"code": "CLOSED", "message": "it is over"}]}, status=404)
    with pytest.raises(Conflict, match="it is over"):
        market().read(CALL)


def test_an_error_page_that_the_adapter_cannot_read_is_told_by_its_status(market, platform):
    platform.get(URL, body="<html>gone</html>", status=404)
    with pytest.raises(NotFound) as caught:
        market().read(CALL)
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_tried_again_until_it_works(market, platform, clock, status):
    platform.get(URL, status=status)
    platform.get(URL, status=status)
    platform.get(URL, json={"id": 1})
    assert market().read(CALL).json() == {"id": 1}
    assert 0.5 <= clock.slept[0] <= 1.0
    assert 1.0 <= clock.slept[1] <= 1.5


def test_waiting_never_goes_beyond_the_callers_patience(market, platform, clock):
    platform.get(URL, status=503)
    with pytest.raises(Unavailable):
        market(patience=10.0).read(CALL)
    assert sum(clock.slept) <= 10.0
    assert len(platform.calls) == len(clock.slept) + 1 >= 4


def test_the_servers_advice_goes_before_our_guess(market, platform, clock):
    platform.get(URL, status=429, headers={"Retry-After": "17"})
    platform.get(URL, json={})
    market().read(CALL)
    assert clock.slept == [17.0]


def test_advice_as_a_date_is_read_by_the_servers_clock(market, platform, clock):
    headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:40 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    platform.get(URL, status=503, headers=headers)
    platform.get(URL, json={})
    market().read(CALL)
    assert clock.slept == [40.0]


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "inf", "1e9", "Wed, 99 Foo"])
def test_advice_that_cannot_be_read_is_left_aside(market, platform, clock, nonsense):
    platform.get(URL, status=503, headers={"Retry-After": nonsense})
    platform.get(URL, json={})
    market().read(CALL)
    assert 0.5 <= clock.slept[0] <= 1.0


def test_advice_beyond_patience_is_told_at_once(market, platform, clock):
    platform.get(URL, status=429, headers={"Retry-After": "300"})
    with pytest.raises(RateLimited) as caught:
        market(patience=60.0).read(CALL)
    assert caught.value.wait == 300.0
    assert clock.slept == []


def test_a_native_code_for_too_many_calls_is_tried_again(market, platform):
    platform.get(URL, json={"errors": [{"code": "SLOW_DOWN", "message": ""}]}, status=400)
    platform.get(URL, json={})
    market().read(CALL)
    assert len(platform.calls) == 2


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"threads": [{"id": 1}, {"i', b"", b"\xff\xfe"])
def test_a_good_status_with_a_spoiled_body_is_asked_for_a_few_times(market, platform, clock, body):
    platform.get(URL, body=body)
    with pytest.raises(BadAnswer):
        market().read(CALL)
    assert len(platform.calls) == 3
    platform.reset()
    platform.get(URL, body=body)
    platform.get(URL, json=[1])
    assert market().read(CALL).json() == [1]


def test_no_content_is_an_answer(market, platform):
    platform.get(URL, status=204)
    answer = market().read(CALL)
    assert answer.status == 204
    with pytest.raises(BadAnswer):
        answer.json()
    assert len(platform.calls) == 1


def test_bytes_are_not_read_as_a_document(market, platform):
    platform.get(URL, body=b"<\xff>")
    assert market().read(calls.read("/threads/7", expect="bytes")).body == b"<\xff>"


def test_a_broken_connection_is_tried_again(market, platform):
    platform.get(URL, body=requests.ConnectionError(f"secret address {URL}?token=abc"))
    platform.get(URL, json={})
    market().read(CALL)
    platform.reset()
    platform.get(URL, body=requests.ReadTimeout(f"secret address {URL}?token=abc"))
    with pytest.raises(Unavailable) as caught:
        market(patience=1.2).read(CALL)
    assert "abc" not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_read_on_the_same_host_is_followed_and_elsewhere_it_is_not(market, platform):
    platform.get(URL, status=302, headers={"Location": "/threads/8"})
    platform.get(f"{BASE}/threads/8", json={"id": 8})
    assert market().read(CALL).json() == {"id": 8}
    platform.reset()
    for target in ("https://evil.test/x", "http://api.market.test/threads/8", "//evil.test/", "", "https://["):
        platform.get(URL, status=302, headers={"Location": target})
        with pytest.raises(BadAnswer):
            market().read(CALL)
        platform.reset()


def test_a_circle_of_redirects_ends(market, platform):
    platform.get(URL, status=302, headers={"Location": "/threads/7"})
    with pytest.raises(BadAnswer):
        market().read(CALL)
    assert len(platform.calls) == 6


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/a",
        "http://api.market.test/a",
        "http://api.market.test:443/a",
        "https://api.market.test:444/a",
        "https://api.market.test@evil.test/a",
        "https://user:pw@api.market.test/a",
        "https://api.market.test\\@evil.test/a",
        "https://evil.test#@api.market.test/",
        "https://evil.test?@api.market.test/",
        "https://api.market.test.evil.test/a",
        "//api.market.test/a",
        "/a",
        "ftp://api.market.test/a",
        "https://api.market.test /a",
        "https://api.market.test:x/a",
        "https://api.market.test\r\nX: y/a",
        "",
    ],
)
def test_a_handed_address_is_only_followed_to_the_platform_itself(market, platform, url):
    platform.get(re.compile(".*"), json={})
    with pytest.raises(BadAnswer):
        market(auth="fixed").read(calls.read("", url=url))
    assert not platform.calls


@pytest.mark.parametrize("url", ["https://API.market.test/a?b=c%20d", "https://upload.market.test:8443/a"])
def test_a_handed_address_of_the_platform_is_followed(market, platform, url):
    platform.get(re.compile(".*"), json={})
    market(auth="fixed").read(calls.read("", url=url, params={"z": "1"} if "?" in url else {}))
    assert platform.calls[0].request.headers["Authorization"] == "Bearer fixed-key-4711"
    assert platform.calls[0].request.url.endswith("/a?b=c%20d&z=1" if "?" in url else "/a")


def test_netrc_never_puts_another_credential_in(market, platform, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    platform.get(URL, json={})
    market(auth="fixed").read(CALL)
    assert platform.calls[0].request.headers["Authorization"] == "Bearer fixed-key-4711"


def test_a_write_does_not_go_out_as_a_read(market, platform):
    with pytest.raises(ValueError, match="is a write"):
        market().read(calls.write("POST", "/threads"))
    assert not platform.calls


def test_a_read_by_post_is_a_read(market, platform):
    platform.post(f"{BASE}/graphql", status=503)
    platform.post(f"{BASE}/graphql", json={"data": {}})
    market().read(calls.read("/graphql", method="POST", json={"query": "{ me }"}))
    assert platform.calls[1].request.body == b'{"query":"{ me }"}'
    assert platform.calls[1].request.headers["Content-Type"] == "application/json"


def test_a_download_comes_in_pieces(market, platform):
    platform.get(URL, status=503)
    platform.get(URL, body=b"x" * 200_000)
    pieces = list(market().stream(calls.read("/threads/7", expect="bytes")))
    assert b"".join(pieces) == b"x" * 200_000
    assert len(pieces) > 1


def test_a_download_that_is_refused_says_so(market, platform):
    platform.get(URL, status=404)
    with pytest.raises(NotFound):
        next(iter(market().stream(calls.read("/threads/7", expect="bytes"))))
