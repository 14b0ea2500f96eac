"""From a name to a Shop: an account of the configuration, or an adapter with its settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sellercare import registry
from sellercare.adapter import Adapter, FixedAuth, OAuth2, Settings
from sellercare.clock import Clock, SystemClock
from sellercare.config import AccountConfig, Config
from sellercare.errors import ConfigError, UnknownAccount, UnknownAdapter
from sellercare.http import Http
from sellercare.shop.shop import Shop
from sellercare.store import Store
from sellercare.store.limits import Limits

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter


def connect(
    name: str,
    /,
    *,
    store: Store | str | None = None,
    clock: Clock | None = None,
    transport: BaseAdapter | None = None,
    config: Config | None = None,
    account: str | None = None,
    site: str | None = None,
    locale: str = "en",
    patience: float = 60.0,
    **settings: Any,
) -> Shop:
    """An account at a platform.

    `name` is an account of the configuration, or an adapter's name with its settings as keyword arguments
    (`account` then names it in the journal; by default it is called as the adapter, so name each if you have several:
    keys and tokens belong to the name). `store` is a Store or its URL;
    by default the one of the configuration. `patience` is how many seconds one call may wait for the platform.
    Limits on money are those of the configured account; `Shop.limits` may be set to others.
    Raises UnknownAccount, UnknownAdapter and ConfigError, which name the setting. Makes no call.
    """
    config = config or Config.load()
    chosen = _account(config, name, account, site, settings)
    adapter = registry.load(chosen.adapter)
    checked = _settings(adapter, chosen)
    the_clock = clock or SystemClock()
    the_store = store if isinstance(store, Store) else Store.open(store or config.store_url, clock=the_clock)
    if account is None and name not in config.accounts:
        _check_only_one(the_store, adapter, checked)
    http = Http(
        adapter,
        checked,
        account=chosen.name,
        credential=chosen.credential,
        app=chosen.app or adapter.name,
        clock=the_clock,
        tokens=the_store.tokens,
        budgets=the_store.budgets,
        looks=the_store.looks(chosen.name),
        locale=locale,
        transport=transport,
        patience=patience,
    )
    return Shop(
        account_name=chosen.name,
        credential=chosen.credential,
        adapter=adapter,
        settings=checked,
        http=http,
        store=the_store,
        clock=the_clock,
        site=_site(adapter, chosen),
        locale=locale,
        patience=patience,
        limits=Limits.read(chosen.name, chosen.limits),
    )


_UNNAMED: dict[tuple[str, str], bytes] = {}
"""Who stands behind an adapter's own name in a store, as far as this process has connected to it. It is a hash."""


def _check_only_one(store: Store, adapter: type[Adapter], settings: Settings) -> None:
    """Raise ConfigError for a second seller under an adapter's own name: a key of the one would answer for the other.

    Access tokens alone say nothing: they change by the hour.
    """
    auth = adapter.auth(settings)
    told = [*sorted(adapter.bases(settings).items())]
    if isinstance(auth, FixedAuth):
        told += [*sorted(auth.headers.items()), *sorted(auth.params.items())]
    elif isinstance(auth, OAuth2):
        told += [("client", auth.client_id), ("refresh", auth.given_refresh)]
    seller = hashlib.sha256(repr(told).encode()).digest()
    if _UNNAMED.setdefault((store.place, adapter.name), seller) != seller:
        raise ConfigError(
            f"This program has connected to {adapter.title} with other settings before, under the same name "
            f"{adapter.name!r}: keys and tokens of the one would be taken for those of the other.",
            setting="account",
            next_step=f"Name each seller, as in connect({adapter.name!r}, account='my-shop', ...). For the same seller "
            f"with another key or token, say account={adapter.name!r}: what was done under this name stays known.",
        )


def _account(
    config: Config, name: str, account: str | None, site: str | None, settings: Mapping[str, Any]
) -> AccountConfig:
    """The configured account of this name, or one made up from an adapter's name and settings."""
    if name in config.accounts:
        if settings:
            raise ConfigError(
                f"{name!r} is a configured account; settings are not given again.", setting=next(iter(settings))
            )
        return config.account(name)
    try:
        adapter = registry.load(name)
    except UnknownAdapter as unknown:
        if settings or not config.accounts:
            raise
        try:
            return config.account(name)
        except UnknownAccount as neither:
            neither.next_step = f"{neither.next_step} {unknown.next_step}"
            raise neither from None
    label = account or adapter.name
    return AccountConfig(
        name=label, adapter=adapter.name, app=None, site=site, credential=label, settings=dict(settings)
    )


def _settings(adapter: type[Adapter], account: AccountConfig) -> Settings:
    try:
        return adapter.settings.model_validate(dict(account.settings))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        setting = ".".join(str(part) for part in first["loc"])
        known = ", ".join(sorted(adapter.settings.model_fields))
        says = {"missing": "is missing", "extra_forbidden": "is not one of its settings"}.get(
            first["type"], f"is not right: {first['msg']}"
        )
        raise ConfigError(
            f"{adapter.title}, account {account.name!r}: the setting {setting!r} {says}.",
            setting=setting,
            next_step=f"Its settings: {known}.",
        ) from None


def _site(adapter: type[Adapter], account: AccountConfig) -> str:
    if account.site is None:
        return adapter.sites[0] if adapter.sites else ""
    if adapter.sites and account.site not in adapter.sites:
        raise ConfigError(
            f"{adapter.title} has no site {account.site!r}.",
            setting="site",
            next_step=f"Its sites: {', '.join(adapter.sites)}.",
        )
    return account.site
