"""Addresses of a storage service: another host, no credentials, no headers of ours, packed files."""

from __future__ import annotations

import gzip
import logging
from typing import Any, ClassVar

import pytest
import responses

from sellercare import calls
from sellercare.adapter import Outgoing, Signature
from sellercare.errors import BadAnswer, Forbidden, OutcomeUnknown, Unauthorized
from sellercare.http.packed import unpacked

from .market import BASE, CONTRACT, LimitedMarket, MarketSettings

PLACE = "https://bucket.s3.amazonaws.com/reports/1?X-Amz-Expires=300&X-Amz-Signature=abc%2Fdef0123456789"
DOCUMENT = b"order-id\treason\n1\tbroken\n"


class LoudMarket(LimitedMarket):
    """It has headers of its own for every call, signs what goes to itself, and tells its limit."""

    heard: ClassVar[list[str]] = []

    @staticmethod
    def told(call: calls.Call, answer: calls.Answer) -> None:
        LoudMarket.heard.append(answer.where)

    @staticmethod
    def sign(settings: Any, call: calls.Call, request: Outgoing) -> Signature:
        return Signature({"X-Signed": "yes"}, {})

    @staticmethod
    def headers(settings: MarketSettings, call: calls.Call, locale: str) -> dict[str, str]:
        return {"X-Seller": "seller-1", "Accept": "application/json"}


def test_a_packed_file_is_read_without_anything_of_ours(market) -> None:
    with responses.RequestsMock() as storage:
        storage.get(PLACE, body=gzip.compress(DOCUMENT))
        LoudMarket.heard.clear()
        answer = market(LoudMarket, auth="fixed").read(calls.stored("read", PLACE, packed="gzip"))
        sent = storage.calls[0].request
    assert answer.body == DOCUMENT
    assert sent.url == PLACE
    assert "Authorization" not in sent.headers
    assert "X-Seller" not in sent.headers
    assert "X-Signed" not in sent.headers
    assert LoudMarket.heard == []


def test_bytes_are_put_with_the_headers_of_the_call_alone(market) -> None:
    with responses.RequestsMock() as storage:
        storage.put(PLACE, body=b"")
        call = calls.stored("write", PLACE, method="PUT", body=b"<xml/>", headers={"Content-Type": "text/xml"})
        market(LoudMarket, auth="fixed").write(call, CONTRACT)
        sent = storage.calls[0].request
    assert sent.body == b"<xml/>"
    assert sent.headers["Content-Type"] == "text/xml"
    assert "Authorization" not in sent.headers


def test_the_address_is_in_no_log_and_no_error(market, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    with responses.RequestsMock() as storage:
        storage.get(PLACE, status=403, body=b"<Error><Code>AccessDenied</Code></Error>")
        with pytest.raises(Forbidden) as caught:
            market().read(calls.stored("read", PLACE))
    assert "abc" not in caplog.text + str(caught.value)
    assert "bucket" not in caplog.text + str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "http://bucket.s3.amazonaws.com/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/latest",
        "https://2852039166/latest",
        "https://localhost/x",
        "https://intranet/x",
        "https://vault.internal/x",
        "https://user@bucket.s3.amazonaws.com/x",
        "https://bucket.s3.amazonaws.com\\@evil.example/x",
        "ftp://bucket.s3.amazonaws.com/x",
    ],
)
def test_what_is_not_a_public_encrypted_place_is_not_called(market, place) -> None:
    with responses.RequestsMock(), pytest.raises(BadAnswer):
        market().read(calls.stored("read", place))


def test_an_own_host_serves_as_well(market) -> None:
    """A simulated platform on a loopback port keeps its files itself."""
    with responses.RequestsMock() as storage:
        storage.get("http://127.0.0.1:8123/files/1", body=b"x")
        http = market(base_url="http://127.0.0.1:8123")
        assert http.read(calls.stored("read", "http://127.0.0.1:8123/files/1")).body == b"x"
        with pytest.raises(BadAnswer):
            http.read(calls.stored("read", "http://127.0.0.1:8124/files/1"))


def test_a_stranger_is_still_refused_without_the_word_storage(market) -> None:
    with responses.RequestsMock(), pytest.raises(BadAnswer):
        market().read(calls.read("", url=PLACE))


def test_it_takes_nothing_of_the_platforms_limits(market, clock) -> None:
    http = market(LimitedMarket)
    with responses.RequestsMock() as storage:
        storage.get(PLACE, body=b"x")
        for _ in range(20):
            http.read(calls.stored("read", PLACE))
    assert clock.slept == []


def test_a_refusal_there_renews_no_tokens(market) -> None:
    with responses.RequestsMock() as storage:
        storage.get(PLACE, status=401, body=b"")
        with pytest.raises(Unauthorized):
            market(auth="oauth", given_refresh="r-1").read(calls.stored("read", PLACE))
        assert len(storage.calls) == 1


def test_a_lost_put_is_an_unknown_outcome(market) -> None:
    with responses.RequestsMock() as storage:
        storage.put(PLACE, status=503)
        with pytest.raises(OutcomeUnknown):
            market().write(calls.stored("write", PLACE, method="PUT", body=b"x"), CONTRACT)


def test_a_file_that_was_cut_is_fetched_again(market) -> None:
    whole = gzip.compress(DOCUMENT)
    with responses.RequestsMock() as storage:
        storage.get(PLACE, body=whole[:-9])
        storage.get(PLACE, body=whole)
        assert market().read(calls.stored("read", PLACE, packed="gzip")).body == DOCUMENT


class TestUnpacked:
    def test_what_was_unpacked_on_the_way_stays_as_it_is(self) -> None:
        assert unpacked(DOCUMENT) == DOCUMENT

    def test_several_members_are_one_file(self) -> None:
        assert unpacked(gzip.compress(b"one") + gzip.compress(b"two")) == b"onetwo"

    @pytest.mark.parametrize("cut", [1, 4, 12])
    def test_a_cut_file_is_an_error(self, cut: int) -> None:
        with pytest.raises(ValueError, match="cut"):
            unpacked(gzip.compress(DOCUMENT)[:-cut])

    def test_a_bomb_does_not_go_off(self) -> None:
        with pytest.raises(ValueError, match="larger"):
            unpacked(gzip.compress(bytes(2_000_000)), most=1_000_000)
        two: Any = gzip.compress(bytes(600_000)) * 2
        with pytest.raises(ValueError, match="larger"):
            unpacked(two, most=1_000_000)

    def test_what_fits_exactly_is_whole(self) -> None:
        assert len(unpacked(gzip.compress(bytes(1_000_000)), most=1_000_000)) == 1_000_000

    def test_broken_bytes_are_an_error(self) -> None:
        with pytest.raises(ValueError, match="packed"):
            unpacked(b"\x1f\x8b" + b"\xff" * 40)


def test_the_base_is_not_touched() -> None:
    """A stored call names no base and no path: logs and budgets see neither."""
    call = calls.stored("read", PLACE)
    assert (call.path, call.expect, call.storage) == ("", "bytes", True)
    assert BASE not in str(call.url)
