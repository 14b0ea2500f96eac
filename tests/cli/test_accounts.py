"""Accounts: adding with settings and sign-in, listing, checking, removing; and every way to get them wrong."""

from __future__ import annotations

import json
import socket
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import Field, SecretStr

from sellercare import registry
from sellercare.adapter import Adapter, Auth, OAuth2, Settings
from sellercare.cli.signin import Door, _Knock
from sellercare.clock import SystemClock
from sellercare.config import Config
from sellercare.errors import ConfigError
from sellercare.http.oauth import OAuthClient
from sellercare.interfaces import VERBS
from sellercare.simulator.face import Face, Reply, Request, route
from sellercare.simulator.server import serve
from sellercare.simulator.world import World
from sellercare.store import Store
from sellercare.support import Support, impossible

from .conftest import Platform, Run

OF_APP = {"of": "app"}


class DoorSettings(Settings):
    """Settings of an app with a secret, and one of the account."""

    client_id: str = Field(json_schema_extra=OF_APP)
    client_secret: SecretStr = Field(json_schema_extra=OF_APP)
    shop_id: str = Field(description="the number under your shop's name")
    redirect_uri: str = ""


class DoorAdapter(Adapter):
    """A platform that can only be signed in to."""

    name = "door"
    title = "The Door"
    kind = "marketplace"
    proof = "tests"
    settings = DoorSettings
    sites = ("door-pl", "door-cz")
    supports: ClassVar[Mapping[str, Support]] = {verb: impossible("there is nothing behind it") for verb in VERBS}

    @staticmethod
    def auth(settings: Any) -> Auth:
        return OAuth2(
            token_url=f"{settings.base_url}/token",
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            authorize_url=f"{settings.base_url}/authorize",
            device_url=f"{settings.base_url}/device",
            redirect_uri=settings.redirect_uri,
            scopes=("read", "write"),
        )


class DoorFace(Face):
    """The endpoints of RFC 6749 and RFC 8628. The device is confirmed at the second question."""

    name = "door"

    def __init__(self) -> None:
        super().__init__(World(clock=SystemClock()))
        self.questions = 0
        self.says_no = False

    @route("POST", "/device", open=True)
    def device(self, request: Request) -> Reply:
        return Reply.of(
            {
                "device_code": "secret-device",
                "user_code": "ABCD-EFGH",
                "verification_uri": "https://door.example/link",
                "expires_in": 60,
                "interval": 0,
            }
        )

    @route("POST", "/token", open=True)
    def token(self, request: Request) -> Reply:
        form = request.form()
        if form["grant_type"] == "authorization_code":
            return self._tokens() if form["code"] == "good" else Reply.of({"error": "invalid_grant"}, 400)
        self.questions += 1
        if self.says_no:
            return Reply.of({"error": "access_denied"}, 400)
        return self._tokens() if self.questions > 1 else Reply.of({"error": "authorization_pending"}, 400)

    def _tokens(self) -> Reply:
        return Reply.of({"access_token": "the-access", "refresh_token": "the-refresh", "expires_in": 3600})


@pytest.fixture
def door() -> Iterator[tuple[DoorFace, str]]:
    face = DoorFace()
    with registry.registered("door", DoorAdapter), serve(face) as url:
        yield face, url


def stored_access(home: Path, credential: str) -> str | None:
    store = Store.open(Config.load(home).store_url, clock=SystemClock())
    try:
        tokens = store.tokens.load(credential)
    finally:
        store.close()
    return tokens.access if tokens else None


def add(run: Run, url: str, name: str = "mine", *more: str, input: str = "the-secret\n") -> Any:
    return run(
        "accounts", "add", name, "--adapter", "door", "--set", f"base_url={url}", "--set", "client_id=app-1",
        "--set", "shop_id=77", *more, input=input,
    )  # fmt: skip


def test_an_account_is_added_and_signed_in_with_a_code(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    _, url = door
    result = add(run, url)
    assert result.exit_code == 0, result.stderr
    assert "ABCD-EFGH" in result.stderr
    assert "https://door.example/link" in result.stderr
    assert "mine is signed in." in result.stderr
    assert stored_access(home, "mine") == "the-access"
    for secret in ("the-secret", "the-access", "the-refresh", "secret-device"):
        assert secret not in result.output
    account = Config.load(home).account("mine")
    assert (account.adapter, account.app) == ("door", "door")
    assert account.settings["client_secret"] == "the-secret"
    assert Config.load(home).apps["door"]["client_id"] == "app-1"


def test_a_second_account_shares_the_app(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    _, url = door
    add(run, url)
    result = run(
        "accounts", "add", "other", "--adapter", "door", "--site", "door-cz", "--set", f"base_url={url}", input="88\n"
    )
    assert result.exit_code == 0, result.stderr
    assert "shop_id (the number under your shop's name)" in result.stderr
    assert "client_secret" not in result.stderr
    assert Config.load(home).account("other").app == "door"
    listed = run("accounts", "list")
    assert listed.stdout.split()[:4] == ["account", "adapter", "site", "app"]
    assert "door-cz" in listed.stdout
    assert [json.loads(line)["account"] for line in run("accounts", "list", "--json").stdout.splitlines()] == [
        "mine",
        "other",
    ]
    assert "the-secret" not in run("accounts", "list", "--json").stdout


def test_a_seller_who_says_no(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    face, url = door
    face.says_no = True
    result = add(run, url)
    assert result.exit_code == 4
    assert "not signed in" in result.stderr
    assert "sellercare accounts add mine" in result.stderr
    face.says_no = False
    again = run("accounts", "add", "mine")
    assert again.exit_code == 0, again.stderr
    assert stored_access(home, "mine") == "the-access"


def test_signing_in_with_a_browser_and_a_pasted_address(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    _, url = door
    assert add(run, url, "mine", "--no-sign-in").exit_code == 0
    wrong = run("accounts", "add", "mine", "--flow", "browser", input="https://me.example/?code=good&state=forged\n")
    assert wrong.exit_code == 2
    assert "does not belong to the sign-in" in wrong.stderr
    assert stored_access(home, "mine") is None


def test_signing_in_with_a_browser_that_comes_back(
    run: Run, home: Path, door: tuple[DoorFace, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = door
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    back = f"http://localhost:{port}/back"
    assert add(run, url, "mine", "--no-sign-in", "--set", f"redirect_uri={back}").exit_code == 0
    answers: list[int] = []

    def browser(address: str) -> None:
        state = parse_qs(urlsplit(address).query)["state"][0]
        with socket.create_connection(("127.0.0.1", port)):
            for query in ("favicon.ico", "back?code=bad&state=other", f"back?code=good&state={state}"):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{query}", timeout=30) as answer:
                        answers.append(answer.status)
                except urllib.error.HTTPError as refused:
                    answers.append(refused.code)

    original = OAuthClient.authorize_url
    threads: list[threading.Thread] = []

    def shown_at(client: OAuthClient, state: str) -> str:
        address = original(client, state)
        # The port has to be open by now: the browser comes at once, and only once.
        threads.append(threading.Thread(target=browser, args=(address,), daemon=True))
        threads[0].start()
        return address

    monkeypatch.setattr(OAuthClient, "authorize_url", shown_at)
    monkeypatch.setattr(_Knock, "timeout", 0.05)
    result = run("accounts", "add", "mine", "--flow", "browser")
    threads[0].join(timeout=30)
    assert answers == [404, 404, 200]
    assert result.exit_code == 0, result.stderr
    [shown] = [line.strip() for line in result.stderr.splitlines() if "/authorize?" in line]
    query = parse_qs(urlsplit(shown).query)
    assert query["redirect_uri"] == [back]
    assert query["response_type"] == ["code"]
    assert query["scope"] == ["read write"]
    assert stored_access(home, "mine") == "the-access"


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="cannot be used"):
            Door(taken.getsockname()[1], "state")


WRONG = [
    (("accounts", "add", "x"), 2, "--adapter"),
    (("accounts", "add", "x", "--adapter", "alegro"), 4, "Did you mean 'allegro'?"),
    (("accounts", "add", "x", "--adapter", "door", "--site", "door-de"), 4, "Its sites: door-pl, door-cz."),
    (("accounts", "add", "x", "--adapter", "door", "--set", "shopid=1"), 4, "Did you mean 'shop_id'?"),
    (("accounts", "add", "x", "--adapter", "door", "--set", "shop_id"), 2, "--set shop_id=VALUE"),
    (("accounts", "add", "x", "--adapter", "door", "--set", "client_secret=s3cr3t"), 2, "--ask client_secret"),
    (("accounts", "add", "x", "--adapter", "door", "--ask", "secret"), 4, "Did you mean 'client_secret'?"),
    (("accounts", "remove", "nobody", "--yes"), 4, "no account is configured"),
    (("accounts", "check"), 4, "No account is configured yet."),
    (("messages", "list"), 4, "sellercare accounts add"),
]


@pytest.mark.parametrize(("args", "code", "why"), WRONG, ids=str)
def test_what_is_wrong_is_said(
    run: Run, home: Path, door: tuple[DoorFace, str], args: tuple[str, ...], code: int, why: str
) -> None:
    result = run(*args)
    assert (result.exit_code, why in result.stderr) == (code, True), result.stderr
    assert "s3cr3t" not in result.output
    assert not (home / "config.toml").exists()


def test_an_account_without_a_key_is_not_kept(run: Run, home: Path) -> None:
    result = run("accounts", "add", "new", "--adapter", "acme", "--set", "base_url=http://127.0.0.1:1")
    assert result.exit_code == 4
    assert "--ask" in result.stderr
    assert "new" not in Config.load(home).accounts


def test_a_key_is_asked_for_without_showing_it(run: Run, acme: Platform) -> None:
    settings = ("--set", f"base_url={acme.url}", "--ask", "api_key")
    result = run("accounts", "add", "new", "--adapter", "acme", *settings, input=f"{acme.face.api_key}\n")
    assert result.exit_code == 0, result.stderr
    assert acme.face.api_key not in result.output
    assert "new: works" in result.stdout


def test_an_account_with_a_wrong_setting_is_not_kept(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    _, url = door
    result = add(run, url, "mine", "--set", "timeout=soon")
    assert result.exit_code == 4
    assert "timeout" in result.stderr
    assert "mine" not in Config.load(home).accounts


def test_an_account_that_is_there_keeps_its_settings(run: Run, door: tuple[DoorFace, str]) -> None:
    _, url = door
    add(run, url)
    result = run("accounts", "add", "mine", "--adapter", "door")
    assert result.exit_code == 4
    assert "remove it first" in result.stderr


def test_removing_an_account_forgets_its_sign_in(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    _, url = door
    add(run, url)
    assert run("accounts", "remove", "mine", input="n\n").exit_code == 1
    assert "mine" in Config.load(home).accounts
    assert run("accounts", "remove", "mine", input="y\n").exit_code == 0
    assert "mine" not in Config.load(home).accounts
    assert stored_access(home, "mine") is None


def test_a_shared_sign_in_stays_for_the_other(run: Run, home: Path, door: tuple[DoorFace, str]) -> None:
    _, url = door
    add(run, url)
    run("accounts", "add", "cz", "--adapter", "door", "--credential", "mine", "--set", f"base_url={url}",
        "--set", "shop_id=2", "--no-sign-in")  # fmt: skip
    result = run("accounts", "remove", "cz", "--yes")
    assert "stays, for mine" in result.stderr
    assert stored_access(home, "mine") == "the-access"


def test_check_tells_whether_an_account_works(run: Run, acme: Platform) -> None:
    result = run("accounts", "check")
    assert result.exit_code == 0, result.stderr
    assert "shop: works" in result.stdout
    assert "Corner Shop" in result.stdout


@pytest.mark.parametrize(("mode", "open_to_others"), [(0o600, False), (0o640, True), (0o604, True)])
def test_check_says_if_others_may_read_the_settings(run: Run, acme: Platform, mode: int, open_to_others: bool) -> None:
    file = Config.load().file
    file.chmod(mode)
    result = run("accounts", "check")
    assert result.exit_code == 0, result.stderr
    assert (f"may read {file}" in result.stderr) is open_to_others


def test_a_wrong_key_names_the_account_and_how_to_go_on(run: Run, acme: Platform) -> None:
    acme.account("broken", api_key="wrong-key")
    result = run("accounts", "check", "broken")
    assert result.exit_code == 4
    assert "wrong-key" not in result.output
    assert "sellercare accounts" in result.stderr


def test_a_secret_from_a_variable_that_is_not_set(run: Run, acme: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.account("env", api_key="env:ACME_KEY")
    monkeypatch.delenv("ACME_KEY", raising=False)
    result = run("messages", "list", "-a", "env")
    assert result.exit_code == 4
    assert "ACME_KEY" in result.stderr
    assert "api_key" in result.stderr
    monkeypatch.setenv("ACME_KEY", acme.face.api_key)
    assert run("messages", "list", "-a", "env").exit_code == 0


def test_tokens_that_are_used_up_ask_for_a_sign_in(run: Run, acme: Platform) -> None:
    acme.account(
        "old", api_key="", client_id="acme-app", client_secret="acme-secret", access_token="a", refresh_token="used"
    )
    result = run("messages", "list", "-a", "old")
    assert result.exit_code == 4
    assert "sellercare accounts add old" in result.stderr


@pytest.mark.parametrize("typed", ["sohp", "shopp"])
def test_a_mistyped_account_gets_a_suggestion(run: Run, acme: Platform, typed: str) -> None:
    result = run("messages", "list", "--account", typed)
    assert result.exit_code == 4
    assert "Did you mean 'shop'?" in result.stderr


def test_several_accounts_want_a_choice(run: Run, acme: Platform) -> None:
    acme.account("second")
    result = run("messages", "list")
    assert result.exit_code == 2
    assert "--account NAME" in result.stderr
    assert run("messages", "list", "--all", "--account", "shop").exit_code == 2


def test_a_marketplace_that_is_not_there(run: Run, acme: Platform) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    acme.account("away", url=url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "sleep", lambda *_: None)
        result = run("messages", "list", "-a", "away")
    assert result.exit_code == 1
    assert "Try again later" in result.stderr
    assert "Error: Acme gave no answer: the connection was refused." in result.stderr


def test_a_store_that_cannot_be_written(run: Run, acme: Platform) -> None:
    thread = acme.world.message().thread_id
    text = (acme.home / "config.toml").read_text()
    (acme.home / "config.toml").write_text('store = "sqlite:////proc/nowhere/store.db"\n' + text)
    result = run("messages", "reply", thread, "--text", "x", "--yes")
    assert result.exit_code == 5
    assert "Nothing was changed at the marketplace." in result.stderr
    assert not acme.face.log


@pytest.mark.parametrize(
    ("ask", "says"), [((), "--set base_url=VALUE"), (("--set", "base_url=x", "--ask", "api_key"), "--set api_key=env:")]
)
def test_nobody_to_ask_names_what_is_missing(run: Run, home: Path, ask: tuple[str, ...], says: str) -> None:
    result = run("accounts", "add", "new", "--adapter", "acme", *ask, input="")
    assert result.exit_code == 2
    assert says in result.stderr
    assert "--yes" not in result.stderr
