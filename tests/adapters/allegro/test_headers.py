"""What goes around every call: media types, User-Agent, language, errors, addresses; and the declaration."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import sellercare
from sellercare.calls import Answer, read, to_json, write
from sellercare.errors import BadAnswer, ConfigError, Invalid, NotFound, Refused
from sellercare.interfaces import VERBS
from sellercare.models import Attachment
from sellercare.support import Level
from sellercare_adapters.allegro import AllegroAdapter
from sellercare_adapters.allegro.adapter import AllegroSettings
from sellercare_adapters.allegro.contracts import REPLY
from sellercare_adapters.allegro.media import BETA, PUBLIC

AGENT = "MyApp/1.0.0 (+https://my.example/app)"


def settings(**more: Any) -> AllegroSettings:
    return AllegroSettings.model_validate({"client_id": "a", "client_secret": "b", "user_agent": AGENT} | more)


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/messaging/threads", PUBLIC),
        ("/payments/refunds", PUBLIC),
        ("/order/checkout-forms/{id}", PUBLIC),
        ("/sale/user-ratings", PUBLIC),
        ("/sale/quality", PUBLIC),
        ("/sale/offers/{offerId}/rating", PUBLIC),
        ("/users/{userId}/ratings-summary", PUBLIC),
        ("/me", PUBLIC),
        ("/sale/issues", BETA),
        ("/sale/issues/{issueId}/message", BETA),
        ("/sale/issues/attachments", BETA),
        ("/order/customer-returns/{customerReturnId}/rejection", BETA),
    ],
)
def test_every_resource_has_its_own_media_type(path: str, media: str) -> None:
    sent = AllegroAdapter.headers(settings(), write("POST", path, json={}), "pl")
    assert (sent["Accept"], sent["Content-Type"], sent["Accept-Language"]) == (media, media, "pl-PL")
    assert sent["User-Agent"] == AGENT
    assert "Content-Type" not in AllegroAdapter.headers(settings(), read(path), "en")


@pytest.mark.parametrize(
    ("locale", "language"), [("cs", "cs-CZ"), ("sk_SK", "sk-SK"), ("hu-HU", "hu-HU"), ("uk", "uk-UA"), ("fr", "en-US")]
)
def test_the_language_is_one_that_allegro_speaks(locale: str, language: str) -> None:
    assert AllegroAdapter.headers(settings(), read("/me"), locale)["Accept-Language"] == language


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "sellercare",
        "MyApp",
        "MyApp/1.0.0",
        "MyApp (+https://x.example)",
        "My/1 (+ftp://x)",
        "My/1 (+https://x)\r\nX: y",
    ],
)
def test_a_user_agent_that_does_not_name_the_app_is_refused(agent: str) -> None:
    with pytest.raises(ValidationError):
        settings(user_agent=agent)


def test_there_is_no_user_agent_that_pretends() -> None:
    with pytest.raises(ValidationError, match="user_agent"):
        AllegroSettings.model_validate({"client_id": "a", "client_secret": "b"})


def test_secrets_are_in_no_repr() -> None:
    shown = repr(settings(client_secret="hidden", access_token="hidden", refresh_token="hidden"))
    shown += repr(AllegroAdapter.auth(settings(client_secret="hidden", access_token="hidden")))
    assert "hidden" not in shown


def test_the_sandbox_is_reached_by_settings() -> None:
    sandbox = settings(
        base_url="https://api.allegro.pl.allegrosandbox.pl", auth_url="https://allegro.pl.allegrosandbox.pl"
    )
    assert AllegroAdapter.bases(sandbox)["api"] == "https://api.allegro.pl.allegrosandbox.pl"
    auth = AllegroAdapter.auth(sandbox)
    assert auth.token_url == "https://allegro.pl.allegrosandbox.pl/auth/oauth/token"
    assert auth.rotates


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"errors": [{"code": "C", "message": "m", "details": None, "path": "text", "userMessage": "dla ludzi"}]},
            ("C", "dla ludzi", "text"),
        ),
        ({"errors": [{"code": "C", "message": "m", "path": None, "userMessage": None}]}, ("C", "m", "")),
        ({"error": "invalid_token", "error_description": "expired"}, ("invalid_token", "expired", "")),
        ({"error": "invalid_token"}, ("invalid_token", "", "")),
    ],
)
def test_both_error_documents_are_read(body: Any, problem: tuple[str, str, str]) -> None:
    found = AllegroAdapter.problem(Answer(422, {}, to_json(body)))
    assert (found.code, found.text, found.field) == problem


def test_an_error_carries_the_trace_id_that_allegros_support_asks_for(allegro: Any) -> None:
    with pytest.raises(NotFound) as caught:
        allegro.shop.messages.thread("nowhere")
    assert caught.value.request_id
    assert str(caught.value).startswith(f"[{caught.value.request_id}]")


def test_a_limit_out_of_range_names_the_field(allegro: Any) -> None:
    with pytest.raises(Invalid) as caught:
        allegro.shop.http.read(read("/messaging/threads", params={"limit": 21}))
    assert caught.value.field == "limit"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Accept": BETA}, 406),
        ({"Accept": "application/json"}, 406),
        ({"Content-Type": "application/json"}, 415),
        ({"User-Agent": "python-requests/2.32"}, 403),
    ],
)
def test_the_face_refuses_what_allegro_refuses(allegro: Any, headers: dict[str, str], status: int) -> None:
    path = "/messaging/threads/{threadId}/messages"
    call = write("POST", path, ids={"threadId": "t"}, json={"text": "x"}, headers=headers)
    with pytest.raises(Refused) as caught:
        allegro.shop.http.write(call, REPLY)
    assert caught.value.status == status


def test_a_file_is_never_fetched_from_a_stranger(allegro: Any) -> None:
    """An address in an answer cannot lead our token somewhere else."""
    file = Attachment(id="a", filename="a.png", url="https://evil.example/a.png", ready=True)
    with pytest.raises(BadAnswer) as caught:
        list(allegro.shop.messages.download(file))
    assert "Authorization" not in str(caught.value)
    assert allegro.face.log == []


def test_every_impossible_verb_says_why_and_every_write_says_what_it_does() -> None:
    for name, support in AllegroAdapter.supports.items():
        if support.level is Level.IMPOSSIBLE:
            assert len(support.text) > 20
        elif VERBS[name].is_write:
            assert support.contract is not None
            assert support.contract.by_hand
            assert support.contract.source


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="client_id"):
        sellercare.connect("allegro", store="sqlite://", user_agent=AGENT, client_secret="x")
