"""Signing: the adapter sees exactly what is sent, once an attempt, and what it adds goes out."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from sellercare import calls
from sellercare.adapter import Outgoing, Signature
from sellercare.errors import ConfigError

from .market import CONTRACT, Market, answer, serving


class Signing(Market):
    """Signs everything but what lies under /plain: a digest and the time in headers, a sign in the address."""

    @staticmethod
    def sign(settings: Any, call: Any, request: Outgoing) -> Signature | None:
        if call.path.startswith("/plain"):
            return None
        if call.path.startswith("/refused"):
            raise ConfigError("There is no key.", setting="key")
        digest = hashlib.sha256(request.method.encode() + request.url.encode() + request.body).hexdigest()
        head = {"X-Digest": digest, "X-Time": request.at.isoformat(), "X-Saw": request.headers.get("Authorization", "")}
        return Signature(head, {"sign": "a+b"})


def noting(seen: list[Any], status: int = 200) -> Any:
    def handle(handler: Any, n: int) -> None:
        seen.append((handler.path, dict(handler.headers.items()), handler.sent_body))
        answer(handler, 503 if n == 1 and status == 503 else 200, b"{}")

    return handle


def test_the_signature_is_over_what_goes_out(market: Any) -> None:
    seen: list[Any] = []
    with serving(noting(seen)) as (base, _):
        http = market(Signing, base_url=base, auth="fixed")
        http.write(calls.write("POST", "/orders/{id}", ids={"id": "ä 1"}, params={"q": "x"}, json={"a": "é"}), CONTRACT)
    path, headers, body = seen[0]
    assert path.endswith("&sign=a%2Bb")
    signed = base + path.removesuffix("&sign=a%2Bb")
    assert headers["X-Digest"] == hashlib.sha256(b"POST" + signed.encode() + body).hexdigest()
    assert headers["X-Time"] == "2026-03-01T12:00:00+00:00"
    assert headers["X-Saw"] == "Bearer fixed-key-4711"


def test_a_call_that_is_not_signed_goes_as_it_is(market: Any) -> None:
    seen: list[Any] = []
    with serving(noting(seen)) as (base, _):
        market(Signing, base_url=base).read(calls.read("/plain"))
    assert seen[0][0] == "/plain"
    assert "X-Digest" not in seen[0][1]


def test_every_attempt_is_signed_anew(market: Any) -> None:
    seen: list[Any] = []
    with serving(noting(seen, 503)) as (base, _):
        market(Signing, base_url=base).read(calls.read("/orders"))
    first, second = (headers["X-Time"] for _, headers, _ in seen)
    assert second > first


def test_without_a_key_nothing_leaves(market: Any) -> None:
    seen: list[Any] = []
    with serving(noting(seen)) as (base, _), pytest.raises(ConfigError):
        market(Signing, base_url=base).write(calls.write("POST", "/refused"), CONTRACT)
    assert seen == []


def test_signatures_are_in_no_log(market: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(noting([])) as (base, _):
        market(Signing, base_url=base, log_bodies=True).read(calls.read("/orders"))
    assert "a+b" not in caplog.text
    assert "a%2Bb" not in caplog.text
    outgoing = Outgoing("GET", "https://x.test/?token=t-1", {"Authorization": "t-2"}, b"t-3", datetime.now(UTC))
    assert not {"t-1", "t-2", "t-3"} & set(repr(outgoing).replace("'", " ").split())
    assert "a+b" not in repr(Signature({}, {"sign": "a+b"}))
