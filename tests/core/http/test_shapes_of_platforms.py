"""What platforms do differently: keys in the address, a second credential, errors with a good status."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import pytest
import responses

from sellercare import calls
from sellercare.adapter import FixedAuth, OAuth2, Problem
from sellercare.errors import Forbidden, OutcomeUnknown, RateLimited
from sellercare.support import REFUSALS, Evidence, Readback, Repeat, WriteContract

from .market import BASE, TOKEN_URL, Market, MarketSettings

ME = calls.read("/me")
UPLOAD = calls.read("/files", base="upload")


class AddressMarket(Market):
    """Its key goes into the address; another API of it wants a password."""

    @staticmethod
    def auth(settings: MarketSettings) -> Any:
        upload = FixedAuth({"Authorization": "Basic dXNlcjpwYXNz"})
        return FixedAuth(params={"pwd": settings.key.get_secret_value()}, bases={"upload": upload})


class TestKeysInTheAddress:
    def test_they_are_sent_with_every_call_and_never_logged(self, market, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        with responses.RequestsMock() as platform:
            platform.get(f"{BASE}/me", json={})
            market(AddressMarket).read(calls.read("/me", params={"page": 2}))
            assert platform.calls[0].request.url == f"{BASE}/me?page=2&pwd=fixed-key-4711"
        assert "fixed-key-4711" not in caplog.text

    def test_a_base_has_its_own(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.get("https://upload.market.test:8443/v1/files", json={})
            market(AddressMarket).read(UPLOAD)
            sent = platform.calls[0].request
        assert sent.headers["Authorization"] == "Basic dXNlcjpwYXNz"
        assert "pwd" not in sent.url

    def test_an_error_does_not_repeat_them(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.get(f"{BASE}/me", status=403, json={"errors": [{"code": "X", "message": "?pwd=fixed-key-4711"}]})
            with pytest.raises(Forbidden) as caught:
                market(AddressMarket).read(ME)
        assert "fixed-key-4711" not in str(caught.value)


class OtherTokens(Market):
    """Tokens in a header of its own, another word before them at one API, the client's secret in the form."""

    @staticmethod
    def auth(settings: MarketSettings) -> Any:
        return OAuth2(
            token_url=TOKEN_URL,
            client_id="client-1",
            client_secret="client-secret-4712",
            header="X-Access-Token",
            prefix="",
            prefixes={"upload": "IAF "},
            client="form",
            given_refresh="refresh-1",
        )


def test_tokens_go_where_the_platform_wants_them(market) -> None:
    with responses.RequestsMock() as platform:
        fresh = {"access_token": "access-1", "expires_in": 3600}
        form = {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "client-1",
            "client_secret": "client-secret-4712",
        }
        platform.post(TOKEN_URL, json=fresh, match=[responses.matchers.urlencoded_params_matcher(form)])
        platform.get(f"{BASE}/me", json={})
        platform.get("https://upload.market.test:8443/v1/files", json={})
        http = market(OtherTokens)
        http.read(ME)
        http.read(UPLOAD)
        asked, me, files = (call.request.headers for call in platform.calls)
    assert "Authorization" not in asked
    assert me["X-Access-Token"] == "access-1"
    assert files["X-Access-Token"] == "IAF access-1"


class Friendly(Market):
    """Says no with 200, as GraphQL does."""

    errors_in_success = True
    errors: ClassVar[Any] = {"DENIED": Forbidden, "THROTTLED": RateLimited}

    @staticmethod
    def problem(answer: Any) -> Problem:
        first = answer.json()["errors"][0]
        return Problem(first["code"], first["message"])


def told(code: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": "no"}]}


class TestErrorsWithAGoodStatus:
    contract = WriteContract(
        repeat=Repeat.ACTS_AGAIN,
        readback=Readback.NONE,
        absent_after=None,
        evidence=Evidence.ID,
        nothing_happened=REFUSALS | {"DENIED", "THROTTLED"},
    )

    def test_a_read_raises_what_the_table_says(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.get(f"{BASE}/me", json=told("DENIED"))
            with pytest.raises(Forbidden, match="no"):
                market(Friendly).read(ME)

    def test_a_good_answer_is_one(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.get(f"{BASE}/me", json={"id": 1})
            assert market(Friendly).read(ME).json() == {"id": 1}

    def test_a_read_that_was_throttled_is_asked_again(self, market, clock) -> None:
        with responses.RequestsMock() as platform:
            platform.get(f"{BASE}/me", json=told("THROTTLED"))
            platform.get(f"{BASE}/me", json={"id": 1})
            assert market(Friendly).read(ME).json() == {"id": 1}
        assert clock.slept

    def test_a_write_that_provably_did_nothing_is_refused(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.post(f"{BASE}/x", json=told("DENIED"))
            with pytest.raises(Forbidden) as caught:
                market(Friendly).write(calls.write("POST", "/x"), self.contract)
        assert not isinstance(caught.value, OutcomeUnknown)

    def test_a_write_with_any_other_error_is_unknown(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.post(f"{BASE}/x", json=told("INTERNAL"))
            with pytest.raises(OutcomeUnknown):
                market(Friendly).write(calls.write("POST", "/x"), self.contract)
            assert len(platform.calls) == 1

    def test_others_are_not_asked(self, market) -> None:
        with responses.RequestsMock() as platform:
            platform.get(f"{BASE}/me", json=told("DENIED"))
            assert market(Market).read(ME).json() == told("DENIED")
