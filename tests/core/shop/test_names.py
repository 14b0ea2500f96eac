"""Two sellers under one name: a key of the one would answer for the other."""

from __future__ import annotations

from pathlib import Path

import pytest

import sellercare
from sellercare.clock import SystemClock
from sellercare.errors import ConfigError
from sellercare.shop import Shop
from sellercare.store import Store


def _connect(store: Store, url: str = "http://one.test", key: str = "key-1", account: str | None = None) -> Shop:
    return sellercare.connect("acme", store=store, base_url=url, api_key=key, account=account)


def _store(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'store.db'}", clock=SystemClock())


@pytest.mark.parametrize("other", [{"url": "http://two.test"}, {"key": "key-2"}])
def test_a_second_seller_has_to_be_named(tmp_path: Path, other: dict[str, str]) -> None:
    with _store(tmp_path) as store:
        _connect(store)
        with pytest.raises(ConfigError, match="other settings before") as caught:
            _connect(store, **other)
        assert "key-" not in str(caught.value)
        assert _connect(store, **other, account="second").account_name == "second"
        assert _connect(store, **other, account="acme").account_name == "acme"  # the same seller with another key


def test_the_same_seller_may_come_again_and_have_another_store(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        with _store(tmp_path / folder) as store:
            assert _connect(store, key=f"key-{folder}").account_name == "acme"
            assert _connect(store, key=f"key-{folder}").account_name == "acme"


@pytest.mark.parametrize(("second", "is_another"), [({"refresh_token": "r-2"}, True), ({"access_token": "a-2"}, False)])
def test_an_access_token_that_changes_by_the_hour_is_no_other_seller(
    tmp_path: Path, second: dict[str, str], is_another: bool
) -> None:
    app = {"client_id": "app", "client_secret": "secret", "user_agent": "tests/1 (+https://shop.test)"}
    first = dict.fromkeys(second, "1")
    with _store(tmp_path) as store:
        sellercare.connect("allegro", store=store, **app, **first)
        if is_another:
            with pytest.raises(ConfigError, match="Name each seller"):
                sellercare.connect("allegro", store=store, **app, **second)
        else:
            sellercare.connect("allegro", store=store, **app, **second)
