"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sellercare.cli import cli
from sellercare.clock import SystemClock
from sellercare.simulator.server import serve
from sellercare.simulator.world import World
from sellercare_adapters.acme.face import AcmeFace
from sellercare_adapters.rakuten_fr.face import RakutenFrFace

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SELLERCARE_HOME", str(folder))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """`run("messages", "list", input="y\\n")` as a person would type it."""

    def invoke(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], input=input, prog_name="sellercare")

    return invoke


class Platform:
    """A simulated Acme on a loopback port, and accounts that are configured for it."""

    def __init__(self, home: Path, face: AcmeFace, url: str) -> None:
        self.home = home
        self.face = face
        self.world = face.world
        self.url = url

    def account(self, name: str, url: str = "", **settings: str) -> None:
        """Configure an account; `api_key` and `contract` have good defaults."""
        chosen = {"api_key": AcmeFace.api_key, "contract": self.face.contract} | settings
        lines = [f"[accounts.{name}]", 'adapter = "acme"', f'base_url = "{url or self.url}"']
        lines += [f'{setting} = "{value}"' for setting, value in chosen.items() if value]
        with (self.home / "config.toml").open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n\n")


@pytest.fixture
def acme(home: Path) -> Iterator[Platform]:
    """Acme with nothing in its world yet, and the account `shop`."""
    face = AcmeFace(World(seed=7, clock=SystemClock()))
    with serve(face) as url:
        platform = Platform(home, face, url)
        platform.account("shop")
        yield platform


@dataclass
class Rakuten:
    """An item that was sold at a simulated Rakuten France, on a loopback port."""

    world: World
    face: RakutenFrFace
    item: str


@pytest.fixture
def rakuten(home: Path) -> Iterator[Rakuten]:
    """The account `rk` is configured for it."""
    world = World(clock=SystemClock())
    face = RakutenFrFace(world)
    order = world.order(lines=[world.line("Kettle", "19.90")], state="paid")
    with serve(face) as url:
        settings = {"adapter": "rakuten-fr", "base_url": url, **face.settings()}
        text = "\n".join(f'{name} = "{value}"' for name, value in settings.items())
        (home / "config.toml").write_text(f"[accounts.rk]\n{text}\n", encoding="utf-8")
        yield Rakuten(world, face, face.items.of(order)[0].id)
