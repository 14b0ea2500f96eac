"""Sign-in: tokens are renewed when needed, by one at a time, and the seller is told when only a sign-in helps."""

from __future__ import annotations

import base64
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from sellercare import calls
from sellercare.errors import BadAnswer, BadInput, ConfigError, PlatformError, SignInNeeded, Unavailable
from sellercare.http import OAuthClient, TokenSet, new_state

from .market import BASE, TOKEN_URL, Market, MarketSettings, MemoryTokens

CALL = calls.read("/me")
DEVICE_URL = "https://login.market.test/device"
FRESH = {"access_token": "access-new-1", "refresh_token": "refresh-new-1", "expires_in": 43199, "scope": "a b"}
OLD = TokenSet("access-old-1", "refresh-old-1")


@pytest.fixture(autouse=True)
def platform():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def client(clock) -> OAuthClient:
    return OAuthClient.of(Market, MarketSettings(auth="oauth"), account="shop-1", clock=clock)


def form(platform, n: int = 0) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(platform.calls[n].request.body).items()}


class TestTokensOfCalls:
    def test_good_tokens_are_sent(self, market, platform):
        platform.get(f"{BASE}/me", json={})
        market(auth="oauth", tokens=MemoryTokens(OLD)).read(CALL)
        assert platform.calls[0].request.headers["Authorization"] == "Bearer access-old-1"

    def test_tokens_about_to_expire_are_renewed_first_and_stored_before_use(self, market, platform, clock):
        tokens = MemoryTokens(TokenSet("access-old-1", "refresh-old-1", clock.now() + timedelta(seconds=20)))

        def me(request):
            assert tokens.stored is not None
            assert request.headers["Authorization"] == f"Bearer {tokens.stored.access}" == "Bearer access-new-1"
            return (200, {}, "{}")

        platform.post(TOKEN_URL, json=FRESH)
        platform.add_callback("GET", f"{BASE}/me", me)
        http = market(auth="oauth", tokens=tokens)
        http.read(CALL)
        http.read(CALL)
        assert [call.request.url for call in platform.calls] == [TOKEN_URL, f"{BASE}/me", f"{BASE}/me"]
        assert form(platform) == {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-old-1",
            "redirect_uri": "http://localhost:8123/back",
        }
        basic = base64.b64encode(b"client-1:client-secret-4712").decode()
        assert platform.calls[0].request.headers["Authorization"] == f"Basic {basic}"
        assert tokens.stored == TokenSet(
            "access-new-1", "refresh-new-1", clock.now() + timedelta(seconds=43199), ("a", "b")
        )

    def test_tokens_with_time_left_are_not_renewed(self, market, platform, clock):
        platform.get(f"{BASE}/me", json={})
        tokens = MemoryTokens(TokenSet("access-old-1", "refresh-old-1", clock.now() + timedelta(minutes=5)))
        market(auth="oauth", tokens=tokens).read(CALL)
        assert len(platform.calls) == 1

    def test_after_401_they_are_renewed_once_and_the_read_is_sent_again(self, market, platform):
        platform.get(f"{BASE}/me", status=401)
        platform.post(TOKEN_URL, json=FRESH)
        platform.get(f"{BASE}/me", json={"id": 1})
        assert market(auth="oauth", tokens=MemoryTokens(OLD)).read(CALL).json() == {"id": 1}

    def test_what_another_process_has_stored_is_taken_without_renewing(self, market, platform):
        tokens = MemoryTokens(OLD)
        platform.get(f"{BASE}/me", json={})
        http = market(auth="oauth", tokens=tokens)
        http.read(CALL)
        tokens.stored = TokenSet("access-other-1", "refresh-other-1")
        platform.get(f"{BASE}/me", status=401)
        platform.replace("GET", f"{BASE}/me", status=401)
        platform.reset()
        platform.get(f"{BASE}/me", status=401)
        platform.get(f"{BASE}/me", json={})
        http.read(CALL)
        assert platform.calls[-1].request.headers["Authorization"] == "Bearer access-other-1"
        assert tokens.saved == []

    def test_threads_at_once_renew_once(self, market, platform):
        platform.post(TOKEN_URL, json=FRESH)

        def me(request):
            return (200 if request.headers["Authorization"] == "Bearer access-new-1" else 401, {}, "{}")

        platform.add_callback("GET", f"{BASE}/me", me)
        tokens = MemoryTokens(OLD)
        first, second = market(auth="oauth", tokens=tokens), market(auth="oauth", tokens=tokens)
        start = threading.Barrier(4)
        failures: list[BaseException] = []

        def work(http) -> None:
            start.wait()
            try:
                http.read(CALL)
            except PlatformError as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(http,)) for http in (first, first, second, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert [call.request.url for call in platform.calls].count(TOKEN_URL) == 1

    def test_a_used_up_refresh_token_asks_for_a_sign_in(self, market, platform):
        platform.get(f"{BASE}/me", status=401)
        platform.post(TOKEN_URL, json={"error": "invalid_grant", "error_description": "Invalid"}, status=400)
        with pytest.raises(SignInNeeded, match="accounts add shop-1"):
            market(auth="oauth", tokens=MemoryTokens(OLD)).read(CALL)

    def test_no_tokens_at_all_ask_for_a_sign_in(self, market, platform):
        with pytest.raises(SignInNeeded, match="there are no tokens yet"):
            market(auth="oauth").read(CALL)

    def test_a_refresh_token_from_the_settings_is_enough_to_start(self, market, platform):
        platform.post(TOKEN_URL, json=FRESH)
        platform.get(f"{BASE}/me", json={})
        tokens = MemoryTokens()
        market(auth="oauth", tokens=tokens, given_refresh="given-refresh-1").read(CALL)
        assert form(platform)["refresh_token"] == "given-refresh-1"
        assert tokens.stored is not None
        assert tokens.stored.refresh == "refresh-new-1"

    def test_stored_tokens_go_before_those_of_the_settings(self, market, platform):
        platform.get(f"{BASE}/me", json={})
        market(auth="oauth", tokens=MemoryTokens(OLD), given_refresh="given-refresh-1").read(CALL)
        assert platform.calls[0].request.headers["Authorization"] == "Bearer access-old-1"

    def test_a_token_endpoint_that_fails_for_a_moment_is_asked_again_by_a_read(self, market, platform):
        platform.get(f"{BASE}/me", status=401)
        platform.post(TOKEN_URL, status=503)
        platform.post(TOKEN_URL, json=FRESH)
        platform.get(f"{BASE}/me", status=401)
        platform.get(f"{BASE}/me", json={})
        market(auth="oauth", tokens=MemoryTokens(OLD)).read(CALL)


class TestRefresh:
    def test_an_answer_without_a_new_refresh_token_keeps_the_old_one(self, client, platform):
        platform.post(TOKEN_URL, json={"access_token": "access-new-1", "token_type": "bearer"})
        stale = TokenSet("access-old-1", "refresh-old-1", scopes=("a",))
        assert client.refresh(stale) == TokenSet("access-new-1", "refresh-old-1", None, ("a",))

    def test_a_lost_answer_is_told_honestly(self, client, platform):
        platform.post(TOKEN_URL, body=requests.ReadTimeout("refresh-old-1"))
        with pytest.raises(Unavailable, match="may have used up the refresh token") as caught:
            client.refresh(OLD)
        assert "accounts add shop-1" in str(caught.value)
        assert "refresh-old-1" not in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (401, {"error": "invalid_client"}, ConfigError),
            (400, {"error": "unauthorized_client"}, ConfigError),
            (400, {"error": "invalid_scope"}, PlatformError),
            (403, "<html>", PlatformError),
            (302, "", PlatformError),
            (429, "", Unavailable),
            (502, "", Unavailable),
            (200, "<html>", BadAnswer),
            (200, [], BadAnswer),
            (200, {"token_type": "bearer"}, BadAnswer),
            (200, {"access_token": "a\r\nX: y"}, BadAnswer),
            (200, {"access_token": "access-new-1", "expires_in": "soon"}, BadAnswer),
            (200, {"access_token": "access-new-1", "expires_in": -1}, BadAnswer),
        ],
    )
    def test_other_answers_are_errors_of_their_kind(self, client, platform, status, body, kind):
        if isinstance(body, str):
            platform.post(TOKEN_URL, body=body, status=status)
        else:
            platform.post(TOKEN_URL, json=body, status=status)
        with pytest.raises(kind):
            client.refresh(OLD)
        assert len(platform.calls) == 1


class TestBrowser:
    def test_the_address_carries_what_the_platform_needs(self, client):
        state = new_state()
        url = urlsplit(client.authorize_url(state))
        assert url.netloc + url.path == "login.market.test/authorize"
        assert parse_qs(url.query) == {
            "response_type": ["code"],
            "client_id": ["client-1"],
            "redirect_uri": ["http://localhost:8123/back"],
            "scope": ["messages orders"],
            "state": [state],
        }

    def test_states_cannot_be_guessed(self):
        assert len({new_state() for _ in range(50)}) == 50
        assert len(new_state()) >= 32

    def test_the_code_is_taken_from_our_own_sign_in_only(self, client):
        assert client.code_from("http://localhost:8123/back?code=c-1&state=s-1", "s-1") == "c-1"
        for address in ("http://localhost/back?code=c-1&state=s-2", "http://localhost/back?code=c-1", "nothing"):
            with pytest.raises(BadInput):
                client.code_from(address, "s-1")
        with pytest.raises(BadInput):
            client.code_from("http://localhost/back?state=s-1", "s-1")
        with pytest.raises(SignInNeeded):
            client.code_from("http://localhost/back?error=access_denied&state=s-1", "s-1")

    def test_a_code_becomes_tokens(self, client, platform):
        platform.post(TOKEN_URL, json=FRESH)
        assert client.exchange("code-4713").access == "access-new-1"
        assert form(platform) == {
            "grant_type": "authorization_code",
            "code": "code-4713",
            "redirect_uri": "http://localhost:8123/back",
        }

    def test_an_old_code_asks_to_begin_again(self, client, platform):
        platform.post(TOKEN_URL, json={"error": "invalid_grant"}, status=400)
        with pytest.raises(SignInNeeded):
            client.exchange("code-4713")

    def test_an_adapter_without_oauth_says_so(self, clock):
        with pytest.raises(ConfigError, match="does not use OAuth"):
            OAuthClient.of(Market, MarketSettings(auth="fixed"), account="shop-1", clock=clock)


class TestDevice:
    START = {  # noqa: RUF012 - read only
        "device_code": "device-4714",
        "user_code": "ABCD-EFGH",
        "verification_uri": "https://market.test/device",
        "verification_uri_complete": "https://market.test/device?code=ABCDEFGH",
        "expires_in": 3600,
        "interval": 5,
    }

    def test_it_asks_as_often_as_the_platform_wants(self, client, platform, clock):
        platform.post(DEVICE_URL, json=self.START)
        device = client.start_device()
        assert (device.user_code, device.url) == ("ABCD-EFGH", "https://market.test/device")
        assert form(platform) == {"client_id": "client-1", "scope": "messages orders"}
        platform.post(TOKEN_URL, json={"error": "authorization_pending"}, status=400)
        platform.post(TOKEN_URL, json={"error": "slow_down"}, status=400)
        platform.post(TOKEN_URL, json={"error": "authorization_pending"}, status=400)
        platform.post(TOKEN_URL, json=FRESH)
        looks = []
        tokens = client.wait_for_device(device, lambda: looks.append(1))
        assert tokens.refresh == "refresh-new-1"
        assert clock.slept == [5, 5, 10, 10]
        assert len(looks) == 4
        assert form(platform, 1) == {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": "device-4714",
        }

    def test_a_connection_that_breaks_asks_less_often(self, client, platform, clock):
        platform.post(DEVICE_URL, json=self.START)
        device = client.start_device()
        platform.post(TOKEN_URL, body=requests.ConnectionError())
        platform.post(TOKEN_URL, json=FRESH)
        client.wait_for_device(device)
        assert clock.slept == [5, 10]

    @pytest.mark.parametrize("word", ["access_denied", "expired_token"])
    def test_a_no_ends_it(self, client, platform, word):
        platform.post(DEVICE_URL, json=self.START)
        device = client.start_device()
        platform.post(TOKEN_URL, json={"error": word}, status=400)
        with pytest.raises(SignInNeeded):
            client.wait_for_device(device)

    def test_it_ends_when_the_code_expires(self, client, platform, clock):
        platform.post(DEVICE_URL, json={**self.START, "expires_in": 12, "interval": 5})
        device = client.start_device()
        platform.post(TOKEN_URL, json={"error": "authorization_pending"}, status=400)
        with pytest.raises(SignInNeeded, match="not confirmed in time"):
            client.wait_for_device(device)
        assert clock.slept == [5, 5, 5]

    def test_an_answer_without_an_interval_means_five_seconds(self, client, platform):
        start = {name: value for name, value in self.START.items() if name != "interval"}
        platform.post(DEVICE_URL, json=start)
        assert client.start_device().interval == 5.0


def test_no_repr_shows_a_token(client, platform):
    platform.post(DEVICE_URL, json=TestDevice.START)
    shown = repr([OLD, client.start_device(), client])
    for secret in ("access-old-1", "refresh-old-1", "device-4714", "client-secret-4712"):
        assert secret not in shown
