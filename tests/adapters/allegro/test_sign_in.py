"""Access at Allegro: by code, by device, and refresh tokens that work once, for all processes together."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import sellercare
from sellercare.errors import SignInNeeded
from sellercare.http.oauth import OAuthClient
from sellercare.simulator import InProcess
from sellercare_adapters.allegro import AllegroAdapter
from sellercare_adapters.allegro.adapter import AllegroSettings

BACK = "https://my.example/back"


def client_of(seller: Any) -> OAuthClient:
    settings = seller.shop.settings.model_copy(update={"redirect_uri": BACK})
    transport = InProcess(seller.face)
    return OAuthClient.of(AllegroAdapter, settings, account="a", clock=seller.clock, transport=transport)


def test_a_seller_agrees_in_a_browser(allegro: Any) -> None:
    client = client_of(allegro)
    address = client.authorize_url("state-1")
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith("https://allegro.pl/auth/oauth/authorize?")
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == (["code"], ["simulated-app"], [BACK])
    session = requests.Session()
    session.mount("https://", InProcess(allegro.face))
    back = session.get(address, allow_redirects=False).headers["Location"]
    tokens = client.exchange(client.code_from(back, "state-1"))
    assert allegro.face.tokens.valid(tokens.access)
    lifetime = tokens.expires_at - allegro.clock.now()
    assert lifetime.total_seconds() == 43_199
    with pytest.raises(SignInNeeded):
        client.exchange(client.code_from(back, "state-1"))


def test_a_seller_agrees_on_another_device(allegro: Any) -> None:
    client = client_of(allegro)
    device = client.start_device()
    asked = []

    def waiting() -> None:
        asked.append(allegro.clock.now())
        if len(asked) == 3:
            allegro.face.agree(device.secret)

    tokens = client.wait_for_device(device, waiting)
    assert allegro.face.tokens.valid(tokens.access)
    assert [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(asked)] == [5, 5]


def test_an_expired_token_is_renewed_once_and_the_new_pair_is_stored(
    make_allegro: Callable[..., Any], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    seller = make_allegro(store=url)
    seller.shop.account.check()
    seller.clock.advance(hours=13)
    seller.shop.account.check()
    assert (seller.face.tokens.refreshed, seller.face.tokens.reused) == (1, 0)
    settings = {**seller.face.settings(), "access_token": "used-up", "refresh_token": "used-up"}
    transport = InProcess(seller.face)
    where: dict[str, Any] = {"account": "allegro", "store": url, "clock": seller.clock, "transport": transport}
    with sellercare.connect("allegro", **where, **settings) as again:
        again.account.check()
    assert (seller.face.tokens.refreshed, seller.face.tokens.reused) == (1, 0)


def test_a_refresh_token_that_is_used_up_asks_for_a_sign_in(make_allegro: Callable[..., Any]) -> None:
    seller = make_allegro(refresh_token="used-up")
    seller.clock.advance(hours=13)
    with pytest.raises(SignInNeeded) as caught:
        seller.shop.account.check()
    assert "used-up" not in str(caught.value)


def test_the_settings_say_what_belongs_to_the_app() -> None:
    of_app = {
        name for name, field in AllegroSettings.model_fields.items() if (field.json_schema_extra or {}) == {"of": "app"}
    }
    assert of_app == {"client_id", "client_secret", "user_agent", "redirect_uri", "base_url", "auth_url", "upload_url"}
