"""Apps, credentials and accounts: the file `config.toml` in the home folder.

    store = "sqlite:///store.db"          # optional; a relative path begins at the home folder

    [apps.allegro]                        # one registration at a platform, shared by accounts
    adapter = "allegro"
    client_id = "…"
    client_secret = "env:ALLEGRO_SECRET"  # looked up when it is used; or "file:allegro-secret"

    [accounts.my-shop]
    adapter = "allegro"
    app = "allegro"
    site = "allegro-pl"
    credential = "my-grant"               # the account's own name if there is none

    [accounts.my-shop.limits]             # what goes above waits for an approval
    refund = "200 PLN"                    # one write; or a list, one sum for each currency
    run = "5000 PLN"
    day = ["5000 PLN", "1000 EUR"]

What an account says goes before what its app says. File and folder are made for their owner alone.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from sellercare.errors import ConfigError, UnknownAccount
from sellercare.home import STORE_FILE, home_folder, make_private_folder, write_private_file

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE_NAME = "config.toml"

_OWN_KEYS = frozenset({"adapter", "app", "site", "credential"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
_BEGIN = "Run `sellercare accounts add` to set up the first account."

Kind = Literal["apps", "accounts"]


class Values(Mapping[str, object]):
    """Settings of one app or account. `env:NAME` and `file:PATH` are looked up when a value is read.

    Reading raises ConfigError where the variable or file is missing. The repr shows names, never values.
    """

    def __init__(self, owner: str, values: Mapping[str, object], home: Path) -> None:
        self._owner = owner
        self._values = values
        self._home = home

    def __getitem__(self, name: str) -> object:
        return self._resolve(name, self._values[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        return f"Values({self._owner}: {', '.join(self._values)})"

    def _resolve(self, name: str, value: object) -> object:
        if isinstance(value, list):
            return [self._resolve(name, part) for part in value]
        if not isinstance(value, str):
            return value
        how, colon, rest = value.partition(":")
        if colon and how == "env":
            return self._from_environment(name, rest.strip())
        if colon and how == "file":
            return self._from_file(name, rest.strip())
        return value

    def _from_environment(self, name: str, variable: str) -> str:
        found = os.environ.get(variable, "")
        if not found:
            raise ConfigError(
                f"The setting {name} of {self._owner} is read from the environment variable {variable}, "
                "which is not set.",
                setting=name,
                next_step=f"Set {variable}, or change {name} in {FILE_NAME}.",
            )
        return found

    def _from_file(self, name: str, path: str) -> str:
        file = self._home / Path(path).expanduser()
        try:
            found = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not a text file"
            raise ConfigError(
                f"The setting {name} of {self._owner} is read from the file {file}, which cannot be read: {why}.",
                setting=name,
                next_step=f"Write the value into that file, or change {name} in {FILE_NAME}.",
            ) from None
        if not found:
            raise ConfigError(
                f"The setting {name} of {self._owner} is read from the file {file}, which is empty.",
                setting=name,
                next_step="Write the value into that file.",
            )
        return found


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One account as it is configured: one credential on one site.

    `settings` are the app's, overlaid by the account's own; secrets are looked up when a value is read. `limits` are
    the seller's own on money, as they are written; see `sellercare.store.limits`.
    """

    name: str
    adapter: str
    app: str | None
    site: str | None
    credential: str
    settings: Mapping[str, object] = field(default_factory=dict)
    limits: Mapping[str, object] = field(default_factory=dict)


class Config:
    """What is configured. `Config.load()` reads it; adding and removing write the file and keep its comments."""

    def __init__(self, home: Path, tables: Mapping[str, Any]) -> None:
        self.home = home
        self._use(tables)

    @classmethod
    def load(cls, home: Path | None = None) -> Config:
        """Read the configuration; an empty one if there is no file yet.

        `home` is `$SELLERCARE_HOME` or the user's configuration folder unless it is given. Raises ConfigError with
        the file and line where the file is malformed.
        """
        folder = (home or home_folder()).expanduser().absolute()
        return cls(folder, _read(folder / FILE_NAME))

    @property
    def file(self) -> Path:
        """The configuration's file, whether it is there or not."""
        return self.home / FILE_NAME

    @property
    def exposed(self) -> bool:
        """Whether others on this machine may read the file. What sellercare writes, it closes to them."""
        try:
            return os.name == "posix" and bool(self.file.stat().st_mode & 0o077)
        except OSError:
            return False

    @property
    def store_url(self) -> str:
        """The URL of the store; a file in the home folder unless the configuration names another."""
        if self._store is None:
            return f"sqlite:///{self.home / STORE_FILE}"
        url = str(Values(f"the file {self.file}", {"store": self._store}, self.home)["store"])
        start, path = url[: len("sqlite:///")], url[len("sqlite:///") :]
        if start == "sqlite:///" and path and path != ":memory:":
            return f"{start}{self.home / Path(path).expanduser()}"
        return url

    def account(self, name: str) -> AccountConfig:
        """One account. Raises UnknownAccount with a suggestion, ConfigError for an app that is missing or another's."""
        account = self.accounts.get(name)
        if account is None:
            raise self._unknown_account(name)
        self._check_app(account)
        return account

    def add_account(
        self,
        name: str,
        *,
        adapter: str,
        app: str | None = None,
        site: str | None = None,
        credential: str | None = None,
        settings: Mapping[str, object] | None = None,
        replace: bool = False,
    ) -> AccountConfig:
        """Write an account into the file. Raises ConfigError for a name that is taken or cannot be one."""
        own = {"adapter": adapter, "app": app, "site": site, "credential": credential}
        document = self._document()
        self._check_app(AccountConfig(name, adapter, app, site, credential or name))
        self._add(document, "accounts", name, own, settings or {}, replace=replace)
        return self.account(name)

    def add_app(
        self, name: str, *, adapter: str, settings: Mapping[str, object] | None = None, replace: bool = False
    ) -> None:
        """Write an app into the file. Raises ConfigError for a name that is taken or cannot be one."""
        self._add(self._document(), "apps", name, {"adapter": adapter}, settings or {}, replace=replace)

    def remove_account(self, name: str) -> None:
        """Take an account out of the file. Its tokens stay in the store. Raises UnknownAccount."""
        document = self._document()
        if name not in self.accounts:
            raise self._unknown_account(name)
        del document["accounts"][name]
        self._write(document)

    def __repr__(self) -> str:
        return f"Config({self.home}, accounts: {', '.join(self.accounts) or 'none'})"

    def _use(self, tables: Mapping[str, Any]) -> None:
        unknown = sorted(tables.keys() - {"store", "apps", "accounts"})
        if unknown:
            raise self._wrong(f"`{unknown[0]}` is not a setting", unknown[0], "Only store, apps and accounts are.")
        store = tables.get("store")
        if store is not None and not isinstance(store, str):
            raise self._wrong("`store` is not a text", "store", 'Write a URL such as "sqlite:///store.db".')
        self._store: str | None = store
        apps = {name: self._entry("apps", name, entry) for name, entry in self._tables(tables, "apps")}
        self.apps: Mapping[str, Mapping[str, object]] = MappingProxyType(
            {name: Values(f"the app {name!r}", entry, self.home) for name, entry in apps.items()}
        )
        self.accounts: Mapping[str, AccountConfig] = MappingProxyType(
            {
                name: self._account(name, self._entry("accounts", name, entry), apps)
                for name, entry in self._tables(tables, "accounts")
            }
        )

    def _tables(self, tables: Mapping[str, Any], kind: Kind) -> Iterable[tuple[str, Any]]:
        group = tables.get(kind, {})
        if not isinstance(group, dict):
            raise self._wrong(f"`{kind}` is not a table", kind, f"Write [{kind}.NAME] above its settings.")
        return group.items()

    def _entry(self, kind: Kind, name: str, entry: Any) -> dict[str, object]:
        if not isinstance(entry, dict):
            raise self._wrong(f"`{kind}.{name}` is not a table", name, f"Write [{kind}.{name}] above its settings.")
        for key in sorted(_OWN_KEYS & entry.keys()):
            if not isinstance(entry[key], str) or not entry[key]:
                raise self._wrong(f"`{key}` of [{kind}.{name}] is not a text", key, f'Write {key} = "…".')
        if "adapter" not in entry:
            raise self._wrong(f"[{kind}.{name}] names no adapter", "adapter", 'Write adapter = "…" into it.')
        return entry

    def _account(self, name: str, entry: dict[str, object], apps: Mapping[str, dict[str, object]]) -> AccountConfig:
        def text(key: str) -> str | None:
            value = entry.get(key)
            return value if isinstance(value, str) else None

        app = text("app")
        shared = {key: value for key, value in apps.get(app or "", {}).items() if key != "adapter"}
        own = {key: value for key, value in entry.items() if key not in _OWN_KEYS and key != "limits"}
        limits = entry.get("limits", {})
        if not isinstance(limits, dict):
            raise self._wrong(
                f"`limits` of [accounts.{name}] is not a table", "limits", f"Write [accounts.{name}.limits]."
            )
        return AccountConfig(
            name=name,
            adapter=str(entry["adapter"]),
            app=app,
            site=text("site"),
            credential=text("credential") or name,
            settings=Values(f"the account {name!r}", shared | own, self.home),
            limits=limits,
        )

    def _check_app(self, account: AccountConfig) -> None:
        app = account.app
        if app is None:
            return
        if app not in self.apps:
            raise _unknown_app(f"The account {account.name!r}", app, self.apps)
        adapter = self.apps[app]["adapter"]
        if adapter != account.adapter:
            raise ConfigError(
                f"The account {account.name!r} is for {account.adapter}, but its app {app!r} is for {adapter}.",
                setting="app",
                next_step=f"Name an app for {account.adapter} in {self.file}.",
            )

    def _unknown_account(self, name: str) -> UnknownAccount:
        if not self.accounts:
            return UnknownAccount(
                f"There is no account {name!r}: no account is configured in {self.file}.",
                setting="account",
                next_step=_BEGIN,
            )
        return UnknownAccount(
            f"There is no account {name!r}.{_did_you_mean(name, self.accounts)}",
            setting="account",
            next_step=f"Known accounts: {', '.join(sorted(self.accounts))}. `sellercare accounts add` makes another.",
        )

    def _wrong(self, what: str, setting: str, next_step: str) -> ConfigError:
        return ConfigError(f"The configuration {self.file} is wrong: {what}.", setting=setting, next_step=next_step)

    def _add(
        self,
        document: TOMLDocument,
        kind: Kind,
        name: str,
        own: Mapping[str, str | None],
        settings: Mapping[str, object],
        *,
        replace: bool,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} cannot be the name of an account or app.",
                setting="name",
                next_step="Use letters, digits, dot, dash, underscore and @, and begin with a letter or digit.",
            )
        taken = name in (self.apps if kind == "apps" else self.accounts)
        if taken and not replace:
            raise ConfigError(
                f"{name!r} is already among the {kind}.",
                setting="name",
                next_step="Choose another name, or remove the old one first.",
            )
        if reserved := sorted({*_OWN_KEYS, "limits"} & settings.keys()):
            raise ConfigError(f"{reserved[0]} is not a setting of an adapter.", setting=reserved[0])
        import tomlkit

        group = document.setdefault(kind, tomlkit.table(is_super_table=True))
        entry = tomlkit.table()
        for key, value in {**own, **settings}.items():
            if value is not None:
                entry.add(key, value)
        group[name] = entry
        self._write(document)

    def _document(self) -> TOMLDocument:
        """The file as it is now, comments included: another program may have written it since it was loaded."""
        import tomlkit

        self._use(_read(self.file))
        return tomlkit.parse(_text(self.file) or "")

    def _write(self, document: TOMLDocument) -> None:
        text = document.as_string()
        new = Config(self.home, tomllib.loads(text))
        try:
            make_private_folder(self.home)
            # A link to a file elsewhere stays a link.
            write_private_file(self.file.resolve(), text)
        except OSError as error:
            raise ConfigError(
                f"The configuration {self.file} cannot be written: {error.strerror}. It is as it was before.",
                setting="config",
                next_step="Check who owns the folder, whether it is read-only, and whether the disk is full.",
            ) from error
        self._store, self.apps, self.accounts = new._store, new.apps, new.accounts


def _text(file: Path) -> str | None:
    """The file's text; None if there is no file."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"The configuration {file} cannot be read: {why}.", setting="config", next_step="Correct the file."
        ) from None


def _read(file: Path) -> Mapping[str, Any]:
    text = _text(file)
    if text is None:
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"The configuration {file} is not valid TOML: {error}.",
            setting="config",
            next_step="Correct that line. A text needs quotes, and a table's name square brackets.",
        ) from None


def _unknown_app(whose: str, app: str, known: Iterable[str]) -> ConfigError:
    return ConfigError(
        f"{whose} names the app {app!r}, which is not configured.{_did_you_mean(app, known)}",
        setting="app",
        next_step=f"Add [apps.{app}] to the configuration, or name one of: {', '.join(sorted(known)) or 'none yet'}.",
    )


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
