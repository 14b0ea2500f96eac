"""Fixtures for pytest, loaded wherever sellercare is installed. Nothing heavy is imported before one is used.

def test_a_lost_answer_is_not_a_second_answer(acme):
    thread = acme.world.message().thread_id
    acme.face.faults.add(Fault("lost_answer", on="POST *"))
    acme.shop.messages.reply(thread, "Tomorrow.", key="a")
    acme.shop.messages.reply(thread, "Tomorrow.", key="a")
    assert acme.world.count("message", thread) == 1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sellercare.simulator import FakeClock, World
    from sellercare.testing.platform import Platform


NO_SPECS = "no description of {platform}: SELLERCARE_SPECS names no directory with {platform} in it"


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker that the suite uses."""
    config.addinivalue_line("markers", "contract: checked against a platform's own description (SELLERCARE_SPECS)")


@pytest.fixture(scope="session")
def specs() -> Callable[[str], Path]:
    """`specs("mymarket")` is the folder of a platform's descriptions under the directory that SELLERCARE_SPECS names.

    Skips the test where there is none: descriptions belong to the platforms, and are in no repository of ours.
    """
    import os

    def folder(platform: str) -> Path:
        path = Path(os.environ.get("SELLERCARE_SPECS", "specs"), platform).resolve()
        if not path.is_dir():
            pytest.skip(NO_SPECS.format(platform=platform))
        return path

    return folder


@pytest.fixture
def fake_clock() -> FakeClock:
    """A clock that stands still until somebody sleeps on it or moves it: Monday, 2 March 2026, 9:00 UTC."""
    from sellercare.simulator import FakeClock

    return FakeClock()


@pytest.fixture
def acme_world(fake_clock: FakeClock) -> World:
    """An empty world on `fake_clock`: make buyers, orders and messages in it."""
    from sellercare.simulator import World

    return World(clock=fake_clock)


@pytest.fixture
def simulated(acme_world: World) -> Iterator[Callable[..., Platform]]:
    """A factory of platforms over `acme_world`: `simulated("acme", contract="marker")`. See `Platform.of`."""
    from sellercare.testing.platform import Platform

    made: list[Platform] = []

    def make(adapter: str = "acme", **more: Any) -> Platform:
        made.append(Platform.of(adapter, more.pop("world", acme_world), **more))
        return made[-1]

    yield make
    for platform in made:
        platform.shop.close()


@pytest.fixture
def acme(simulated: Callable[..., Platform]) -> Platform:
    """The reference platform as it comes: its `shop`, its `face` and its `world`."""
    return simulated("acme")
