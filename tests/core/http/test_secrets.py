"""No secret in a log line, an error text or a repr; no buyer's id in a log line."""

from __future__ import annotations

import logging
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare import calls
from sellercare.errors import SellercareError
from sellercare.http import TokenSet
from sellercare.http.redaction import _ONE_WORD, _PATTERNS, MASK, Redactor

from .market import CONTRACT, MemoryTokens, answer, serving

SECRETS = ("fixed-key-4711", "client-secret-4712", "access-old-1", "refresh-old-1", "access-new-1")


def talkative(handler, n: int) -> None:
    """A platform that repeats our credential in its errors."""
    echo = handler.headers.get("Authorization", "")
    body = f'{{"errors": [{{"code": "E{echo}", "message": "bad {echo} at {handler.path}", "path": "{echo}"}}]}}'
    answer(handler, 422, body.encode(), X_Request_Id=echo)


@pytest.mark.parametrize("auth", ["fixed", "oauth"])
@pytest.mark.parametrize("act", ["read", "write"])
def test_nothing_secret_is_logged_or_raised(market, caplog, auth, act):
    caplog.set_level(logging.DEBUG)
    tokens = MemoryTokens(TokenSet("access-old-1", "refresh-old-1"))
    params = {"login": "buyer-anna", "key": "fixed-key-4711", "access_token": "access-old-1"}
    with serving(talkative) as (base, seen):
        http = market(base_url=base, auth=auth, tokens=tokens, log_bodies=True)
        call = calls.Call(act, "POST", "/buyers/{id}", ids={"id": "buyer-anna"}, params=params)
        with pytest.raises(SellercareError) as caught:
            http.read(call) if act == "read" else http.write(call, CONTRACT)
    assert len(seen) == 1
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.details()) + repr(http)
    for secret in SECRETS:
        assert secret not in caplog.text
        assert secret not in shown
    assert MASK in shown
    assert "POST /buyers/{id} 422" in caplog.text


def test_the_log_names_the_template_and_never_a_buyer(market, caplog):
    caplog.set_level(logging.DEBUG)
    with serving(lambda handler, n: answer(handler, X_Request_Id="r-77")) as (base, _):
        http = market(base_url=base)
        http.read(calls.read("/buyers/{id}", ids={"id": "buyer-anna"}, params={"login": "buyer-anna"}))
        http.read(calls.read("", url=f"{base}/buyers/buyer-anna?sig=4715"))
    assert "buyer-anna" not in caplog.text
    assert "4715" not in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name == "sellercare.http"]
    assert ours[0].startswith("GET /buyers/{id} 200 ")
    assert "attempt 1 request r-77" in ours[0]


def test_bodies_are_logged_only_when_asked_for(market, caplog):
    caplog.set_level(logging.DEBUG)
    with serving(lambda handler, n: answer(handler, 200, b'{"text": "dear seller"}')) as (base, _):
        call = calls.write("POST", "/threads", json={"text": "dear buyer"})
        market(base_url=base).write(call, CONTRACT)
        assert "dear" not in caplog.text
        market(base_url=base, log_bodies=True).write(call, CONTRACT)
    assert "dear buyer" in caplog.text
    assert "dear seller" in caplog.text


def test_what_others_do_with_urllib3_is_still_logged(market, caplog):
    import urllib3

    caplog.set_level(logging.DEBUG)
    with serving(lambda handler, n: answer(handler)) as (base, _):
        market(base_url=base).read(calls.read("/ours"))
        assert "/ours HTTP" not in caplog.text
        with urllib3.PoolManager() as pool:
            pool.request("GET", f"{base}/theirs")
    assert "/theirs" in caplog.text


def test_a_platform_that_cannot_be_reached_leaves_no_address_in_the_chain(market):
    call = calls.read("/x", params={"token": "tok-4716"})
    with pytest.raises(SellercareError) as caught:
        market(base_url="http://127.0.0.1:1", patience=0.0).read(call)
    assert "tok-4716" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF), min_size=4, max_size=40), around=st.text())
def test_a_known_secret_never_survives(secret, around):
    redactor = Redactor([secret])
    if secret not in MASK * 40:
        assert secret not in redactor.scrub(f"{around.replace(secret, '')} {secret} ").replace(MASK, "")


def test_a_known_secret_is_found_in_xml():
    assert "y&lt;9" not in Redactor(["tok&y<9"]).scrub("<url>https://x.test/?pwd=tok&amp;y&lt;9</url>")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("{'Authorization': 'Basic QWxhZGRpbjpvcGVu'}", "QWxhZGRpbjpvcGVu"),
        ("x-api-key: k-123456", "k-123456"),
        ("Set-Cookie: session=abc123; Path=/", "abc123"),
        ("https://x.test/a?access_token=tok-1&b=2", "tok-1"),
        ("https://x.test/a?b=2&sig=s-1", "s-1"),
        ("https://x.test/a?code=c-1&state=2", "c-1"),
        ("https://x.test/a?X-Amz-Signature=ff00aa", "ff00aa"),
        ('{"refresh_token": "r-1", "n": 1}', "r-1"),
        ('{"clientSecret":"cs-1"}', "cs-1"),
        ("grant_type=refresh_token&refresh_token=r-2", "r-2"),
        ("password=hunter22 and more", "hunter22"),
        ("https://user:pass99@x.test/", "pass99"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text, hidden):
    assert hidden not in Redactor().scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"code": "INVALID_STATE"}',
        "Token expired",
        "Bearer authentication failed",
        "GET /tokens?limit=20",
        "the key of the order is missing",
    ],
)
def test_ordinary_words_are_left_alone(text):
    assert Redactor().scrub(text) == text


def test_a_line_is_one_line_of_printable_characters():
    line = Redactor(["topsecret"]).line("a\n\x1b[2Jb\u202e topsecret " + "x" * 500, limit=40)
    assert line.startswith("a [2Jb *** xxx")
    assert len(line) == 40


def test_secrets_in_nested_settings_are_known():
    from pydantic import BaseModel, SecretStr

    from sellercare.http.redaction import secrets_of

    class Inner(BaseModel):
        key: SecretStr

    class Outer(BaseModel):
        one: SecretStr
        inner: Inner
        many: dict[str, list[SecretStr]]

    outer = Outer(one=SecretStr("s-one"), inner=Inner(key=SecretStr("s-two")), many={"a": [SecretStr("s-three")]})
    assert set(secrets_of(outer)) == {"s-one", "s-two", "s-three"}


@given(st.from_regex(_ONE_WORD, fullmatch=True))
def test_one_word_is_no_matter_for_the_patterns(word: str) -> None:
    """A request's id is not searched with them: it is looked at for each page of each listing."""
    assert all(pattern.sub(instead, word) == word for pattern, instead in _PATTERNS)
    assert Redactor().line(word, 100) == word


def test_a_secret_in_one_word_is_hidden() -> None:
    assert Redactor(["topsecret"]).line("req-topsecret-17") == f"req-{MASK}-17"
