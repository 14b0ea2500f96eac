"""Apps, credentials, accounts and secrets in one private file."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sellercare.config import Config
from sellercare.errors import Changed, ConfigError, UnknownAccount
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store

FILE = """\
# my shops
[apps.allegro]
adapter = "allegro"
client_id = "c-1"
client_secret = "env:TEST_ALLEGRO_SECRET"  # never written here
user_agent = "from the app"

[accounts.my-shop]  # the first one
adapter = "allegro"
app = "allegro"
site = "allegro-pl"
credential = "my-grant"
user_agent = "from the account"

[accounts."b2b shop"]
adapter = "medusa"
base_url = "https://shop.example"
api_key = "file:keys/medusa"
timeout = 12.5
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def config(home: Path) -> Config:
    return written(home, FILE)


def written(home: Path, text: str) -> Config:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8")
    return Config.load(home)


def test_what_an_account_says(config: Config) -> None:
    account = config.account("my-shop")
    assert (account.name, account.adapter, account.app) == ("my-shop", "allegro", "allegro")
    assert (account.site, account.credential) == ("allegro-pl", "my-grant")
    assert list(config.accounts) == ["my-shop", "b2b shop"]
    assert list(config.apps) == ["allegro"]


def test_an_account_without_app_site_and_credential(config: Config) -> None:
    account = config.account("b2b shop")
    assert (account.app, account.site, account.credential) == (None, None, "b2b shop")
    assert account.settings["base_url"] == "https://shop.example"
    assert account.settings["timeout"] == 12.5


def test_an_accounts_settings_go_before_its_apps(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_ALLEGRO_SECRET", "hunter2")
    assert dict(config.account("my-shop").settings) == {
        "client_id": "c-1",
        "client_secret": "hunter2",
        "user_agent": "from the account",
    }
    assert config.apps["allegro"]["user_agent"] == "from the app"


def test_a_secret_is_looked_up_when_it_is_used(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config.account("my-shop").settings
    assert "client_secret" in settings
    assert settings["client_id"] == "c-1"
    monkeypatch.setenv("TEST_ALLEGRO_SECRET", "one")
    assert settings["client_secret"] == "one"
    monkeypatch.setenv("TEST_ALLEGRO_SECRET", "two")
    assert settings["client_secret"] == "two"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable(config: Config, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("TEST_ALLEGRO_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("TEST_ALLEGRO_SECRET", value)
    with pytest.raises(ConfigError) as caught:
        config.account("my-shop").settings["client_secret"]
    assert caught.value.setting == "client_secret"
    for word in ("client_secret", "'my-shop'", "TEST_ALLEGRO_SECRET", "not set", "Set TEST_ALLEGRO_SECRET"):
        assert word in str(caught.value)
    assert caught.value.changed is Changed.NO


def test_a_secret_in_a_file_beside_the_configuration(config: Config, home: Path) -> None:
    (home / "keys").mkdir()
    (home / "keys" / "medusa").write_text("sk_1\n")
    assert config.account("b2b shop").settings["api_key"] == "sk_1"


def test_a_missing_or_empty_secret_file(config: Config, home: Path) -> None:
    settings = config.account("b2b shop").settings
    with pytest.raises(ConfigError, match="No such file") as caught:
        settings["api_key"]
    assert caught.value.setting == "api_key"
    assert "'b2b shop'" in str(caught.value)
    assert str(home / "keys" / "medusa") in str(caught.value)
    (home / "keys").mkdir()
    (home / "keys" / "medusa").write_text(" \n")
    with pytest.raises(ConfigError, match="is empty"):
        settings["api_key"]
    (home / "keys" / "medusa").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not a text file"):
        settings["api_key"]


def test_references_in_lists(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SCOPE", "orders")
    config = written(home, '[accounts.a]\nadapter = "acme"\nscopes = ["env:TEST_SCOPE", "messages", 3]\n')
    assert config.account("a").settings["scopes"] == ["orders", "messages", 3]


def test_values_are_in_no_repr(home: Path) -> None:
    config = written(home, '[apps.p]\nadapter = "acme"\nk = "hunter2"\n[accounts.a]\nadapter = "acme"\nk = "hunter3"\n')
    shown = f"{config!r} {config.account('a')!r} {config.accounts!r} {config.apps!r} {config.account('a').settings}"
    assert "hunter" not in shown
    assert "a" in repr(config)


def test_an_unknown_account_gets_a_suggestion(config: Config) -> None:
    with pytest.raises(UnknownAccount) as caught:
        config.account("my-shpo")
    assert "Did you mean 'my-shop'?" in str(caught.value)
    assert "b2b shop, my-shop" in str(caught.value)
    assert caught.value.setting == "account"
    with pytest.raises(UnknownAccount) as far:
        config.account("zzz")
    assert "Did you mean" not in str(far.value)


def test_without_a_file_it_says_how_to_begin(home: Path) -> None:
    config = Config.load(home)
    assert (dict(config.accounts), dict(config.apps)) == ({}, {})
    with pytest.raises(UnknownAccount) as caught:
        config.account("my-shop")
    assert "sellercare accounts add" in str(caught.value)
    assert str(home / "config.toml") in str(caught.value)
    assert not home.exists()


def test_the_home_folder_comes_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home, FILE)
    monkeypatch.setenv("SELLERCARE_HOME", str(home))
    assert "my-shop" in Config.load().accounts
    assert Config.load().home == home


def test_without_the_variable_it_is_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SELLERCARE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert Config.load().home == tmp_path / "sellercare"


def test_malformed_toml_names_file_and_line(home: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        written(home, '[accounts.a]\nadapter = "acme"\nsecret = hunter2\n')
    assert str(home / "config.toml") in str(caught.value)
    assert "line 3" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(home: Path) -> None:
    assert "my-shop" in written(home, "\ufeff" + FILE).accounts


def test_a_file_that_is_no_text(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_bytes(b'store = "\xff"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        Config.load(home)


def test_a_folder_in_place_of_the_file(home: Path) -> None:
    (home / "config.toml").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.load(home)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[accounts.a]\nsite = 'x'\n", "[accounts.a] names no adapter"),
        ("[apps.a]\nclient_id = 'x'\n", "[apps.a] names no adapter"),
        ("[accounts.a]\nadapter = 3\n", "`adapter` of [accounts.a] is not a text"),
        ("[accounts.a]\nadapter = 'acme'\nsite = ''\n", "`site` of [accounts.a] is not a text"),
        ("[accounts]\na = 'acme'\n", "`accounts.a` is not a table"),
        ("accounts = 3\n", "`accounts` is not a table"),
        ("store = 3\n", "`store` is not a text"),
        ("[acounts.a]\nadapter = 'acme'\n", "`acounts` is not a setting"),
    ],
)
def test_what_cannot_be_a_configuration(home: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        written(home, text)
    assert said in str(caught.value)
    assert str(home / "config.toml") in str(caught.value)
    assert caught.value.next_step


def test_an_account_with_an_unknown_app(home: Path) -> None:
    config = written(home, FILE.replace('app = "allegro"', 'app = "alegro"'))
    with pytest.raises(ConfigError) as caught:
        config.account("my-shop")
    for word in ("'my-shop'", "'alegro'", "Did you mean 'allegro'?", "[apps.alegro]"):
        assert word in str(caught.value)
    assert config.account("b2b shop").adapter == "medusa"


def test_an_app_of_another_adapter(home: Path) -> None:
    config = written(home, FILE.replace('adapter = "allegro"\nclient_id', 'adapter = "acme"\nclient_id'))
    with pytest.raises(ConfigError, match="is for allegro, but its app 'allegro' is for acme"):
        config.account("my-shop")


def test_the_first_account_makes_a_private_file(home: Path) -> None:
    config = Config.load(home)
    added = config.add_account("my-shop", adapter="acme", site="acme-de", settings={"base_url": "http://127.0.0.1:1"})
    assert added.settings["base_url"] == "http://127.0.0.1:1"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == ["config.toml"]
    again = Config.load(home).account("my-shop")
    assert (again.adapter, again.site, again.credential) == ("acme", "acme-de", "my-shop")
    assert "app" not in (home / "config.toml").read_text()


def test_writing_closes_a_file_that_others_could_read(config: Config, home: Path) -> None:
    (home / "config.toml").chmod(0o644)
    config.remove_account("my-shop")
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600


def test_adding_keeps_comments_and_what_was_there(config: Config, home: Path) -> None:
    config.add_app("second", adapter="allegro", settings={"client_id": "c-2", "scopes": ["a", "b"]})
    config.add_account("third", adapter="allegro", app="second", credential="grant-3")
    text = (home / "config.toml").read_text()
    for line in FILE.splitlines():
        assert line in text
    loaded = Config.load(home)
    assert dict(loaded.account("third").settings) == {"client_id": "c-2", "scopes": ["a", "b"]}
    assert loaded.account("third").credential == "grant-3"
    assert list(config.accounts) == list(loaded.accounts) == ["my-shop", "b2b shop", "third"]


def test_removing_keeps_the_rest(config: Config, home: Path) -> None:
    config.remove_account("my-shop")
    assert list(config.accounts) == list(Config.load(home).accounts) == ["b2b shop"]
    assert "# my shops" in (home / "config.toml").read_text()
    with pytest.raises(UnknownAccount):
        config.remove_account("my-shop")


def test_the_last_account_can_be_removed_and_another_added(home: Path) -> None:
    config = Config.load(home)
    config.add_account("a", adapter="acme")
    config.remove_account("a")
    config.add_account("b", adapter="acme")
    assert list(Config.load(home).accounts) == ["b"]


def test_a_name_that_is_taken(config: Config) -> None:
    with pytest.raises(ConfigError, match="already among the accounts"):
        config.add_account("my-shop", adapter="acme")
    with pytest.raises(ConfigError, match="already among the apps"):
        config.add_app("allegro", adapter="acme")
    config.add_account("my-shop", adapter="acme", replace=True)
    assert config.account("my-shop").adapter == "acme"
    assert config.account("my-shop").app is None


@pytest.mark.parametrize("name", ["", " a", "a b", "a\nb", "-a", "a/b", "a" * 101, "../x", "a,b"])
def test_a_name_that_cannot_be_one(config: Config, home: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name"):
        config.add_account(name, adapter="acme")
    assert (home / "config.toml").read_text() == FILE


def test_adding_an_account_whose_app_does_not_fit_writes_nothing(config: Config, home: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'allegro'"):
        config.add_account("x", adapter="allegro", app="alegro")
    with pytest.raises(ConfigError, match="is for allegro"):
        config.add_account("x", adapter="acme", app="allegro")
    assert (home / "config.toml").read_text() == FILE


@pytest.mark.parametrize("settings", [{"adapter": "other"}, {"credential": "x"}])
def test_settings_cannot_take_the_place_of_what_an_account_is(config: Config, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="not a setting of an adapter"):
        config.add_account("x", adapter="acme", settings=settings)


def test_what_another_program_wrote_meanwhile_stays(config: Config, home: Path) -> None:
    Config.load(home).add_account("other", adapter="acme")
    config.add_account("mine", adapter="acme")
    assert {"other", "mine"} <= set(Config.load(home).accounts)
    Config.load(home).add_account("again", adapter="acme")
    with pytest.raises(ConfigError, match="already"):
        config.add_account("again", adapter="acme")


def test_a_failed_write_leaves_the_old_file(config: Config, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigError, match="No space left") as caught:
        config.add_account("x", adapter="acme")
    assert "as it was before" in str(caught.value)
    assert (home / "config.toml").read_text() == FILE
    assert [file.name for file in home.iterdir()] == ["config.toml"]
    assert "x" not in config.accounts


def test_a_linked_file_stays_a_link(home: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles.toml").write_text(FILE)
    home.mkdir()
    (home / "config.toml").symlink_to(tmp_path / "dotfiles.toml")
    Config.load(home).remove_account("my-shop")
    assert (home / "config.toml").is_symlink()
    assert list(Config.load(home).accounts) == ["b2b shop"]


def test_where_the_store_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Config.load(home).store_url == f"sqlite:///{home}/store.db"
    assert written(home, 'store = "sqlite:///other.db"').store_url == f"sqlite:///{home}/other.db"
    assert written(home, 'store = "sqlite:////var/x.db"').store_url == "sqlite:////var/x.db"
    assert written(home, 'store = "sqlite://"').store_url == "sqlite://"
    assert written(home, 'store = "postgresql://u@h/d"').store_url == "postgresql://u@h/d"
    monkeypatch.setenv("TEST_STORE", "postgresql://u:p@h/d")
    assert written(home, 'store = "env:TEST_STORE"').store_url == "postgresql://u:p@h/d"
    monkeypatch.delenv("TEST_STORE")
    with pytest.raises(ConfigError, match="TEST_STORE"):
        _ = Config.load(home).store_url


def test_the_store_and_the_configuration_mean_the_same_place(
    home: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.setenv("SELLERCARE_HOME", str(home))
    with Store.open(clock=clock) as store, Store.open(Config.load().store_url, clock=clock) as other:
        assert store.place == other.place


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_importing_and_reading_it_is_cheap(config: Config, home: Path) -> None:
    script = (
        "import sys; from sellercare.config import Config\n"
        "Config.load().account('b2b shop')\n"
        "heavy = ('sqlalchemy', 'requests', 'pydantic', 'tomlkit', 'alembic')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={"SELLERCARE_HOME": str(home), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.strip() == "[]"
