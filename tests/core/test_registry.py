"""Adapters are found by entry points, ours as anybody's; a broken one is said, and stops nobody else."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.errors import ConfigError, UnknownAdapter


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    def install(*points: tuple[str, str]) -> None:
        found = tuple(EntryPoint(name, value, registry.GROUP) for name, value in points)
        monkeypatch.setattr(registry, "_installed", lambda: found)

    return install


def test_ours_are_found_as_anybodys() -> None:
    assert {"acme", "allegro", "medusa"} <= set(registry.names())
    assert registry.load("allegro").name == "allegro"


def test_a_mistyped_name_gets_a_suggestion_and_the_list() -> None:
    with pytest.raises(UnknownAdapter, match=r"Did you mean 'allegro'\?.*Installed adapters: acme, allegro") as caught:
        registry.load("alegro")
    assert caught.value.setting == "adapter"


def test_a_broken_adapter_is_said_and_stops_nobody_else(installed) -> None:
    installed(("broken", "no_such_package:Adapter"), ("acme", "sellercare_adapters.acme:AcmeAdapter"))
    assert registry.names() == ["acme", "broken"]
    assert registry.load("acme").name == "acme"
    with pytest.raises(ConfigError, match="'broken' is installed but cannot be loaded"):
        registry.load("broken")


def test_install_order_never_decides_between_two(installed) -> None:
    installed(("twice", "one:Adapter"), ("twice", "other:Adapter"))
    with pytest.raises(ConfigError, match="Two installed packages claim the adapter 'twice': one:Adapter and other:"):
        registry.load("twice")


def test_what_is_no_adapter_is_not_taken_for_one(installed) -> None:
    installed(("json", "json:JSONDecoder"))
    with pytest.raises(ConfigError, match="is not a sellercare adapter"):
        registry.load("json")


def test_an_adapter_of_another_interface_version_is_refused() -> None:
    class Old(registry.load("acme")):  # type: ignore[misc]
        interface_version = 0

    assert issubclass(Old, Adapter)
    with registry.registered("old", Old), pytest.raises(ConfigError, match="version 0 of the interface"):
        registry.load("old")


def test_a_name_given_by_hand_is_given_back() -> None:
    acme = registry.load("acme")
    with registry.registered("mine", acme):
        assert registry.load("mine") is acme
        assert "mine" in registry.names()
    assert "mine" not in registry.names()
