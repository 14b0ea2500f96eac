"""What README and docs show is typed here: each page from top to bottom, as a reader would.

- `python` blocks run in one namespace a page.
- `console` blocks run their `$` lines in a shell, in a folder of the page's own; lines below a command must be its
  output (`...` stands for anything), and a command may end with another exit code only where `$ echo $?` shows it.
- `toml` blocks are read as configuration; their settings must be the adapter's.
- A block with `title="name"` is a file that later blocks find in that folder.

Every page has the account `my-shop`: the reference platform over a small world, on a loopback port. A `make` target is
only looked up (`make --dry-run`): what it runs has tests of its own.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from sellercare import registry
from sellercare.clock import SystemClock
from sellercare.config import Config
from sellercare.simulator import World, serve
from sellercare_adapters.acme.face import AcmeFace

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN = {"python", "console", "toml"}
SHOWN = {"text", "csv", "jsonl", "json"}
OUTPUT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def run_console(example: Example) -> str | None:
    """Type the commands of a `console` block; what is wrong with the output, if anything."""
    for command, expected in commands(example.parsed):
        got = typed(command)
        if expected.strip() and not doctest.OutputChecker().check_output(expected, got, OUTPUT):
            return f"$ {command}\nexpected:\n{expected}\ngot:\n{got}"
    return None


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each `$ command` with the lines under it; a backslash carries it on."""
    assert block.startswith("$ "), "a console block begins with a command"
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.replace("\\\n", " ").partition("\n")
        yield command.strip(), expected


def typed(command: str) -> str:
    """The output of a command in a shell. Fails if it ends badly, unless it goes on to show its exit code."""
    command = re.sub(r"^make(?= |$)", f"make --dry-run --directory={ROOT}", command)
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=180, check=False
    )
    assert done.returncode == 0, f"$ {command}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def check_settings(example: Example) -> None:
    """Read a block of configuration, and hold its settings against the adapters'."""
    if "[accounts." not in example.parsed:
        tomllib.loads(example.parsed)
        return
    home = Path("home-of-the-page")
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(example.parsed, "utf-8")
    for account in Config.load(home).accounts.values():
        assert set(account.settings) <= set(registry.load(account.adapter).settings.model_fields)


class FileBlocks:
    """Blocks with a title: files that are written when the page comes to them."""

    lexer = RawFencedCodeBlockLexer(re.compile(r'[a-z0-9]+ title="(?P<name>[\w./-]+)"$\n', re.MULTILINE))

    def __call__(self, document: Document) -> Iterator[Region]:
        for region in self.lexer(document):
            region.parsed = (region.lexemes["name"], region.lexemes["source"])
            region.evaluator = self.write
            yield region

    @staticmethod
    def write(example: Example) -> None:
        """Put the file where the commands will look for it."""
        name, text = example.parsed
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, "utf-8")


SYBIL = Sybil(
    [
        PythonCodeBlockParser(),
        CodeBlockParser("console", run_console),
        CodeBlockParser("toml", check_settings),
        FileBlocks(),
    ]
)


def small_world() -> World:
    """A shop with three conversations that wait, a return, a bad review and a score."""
    world = World(seed=7, clock=SystemClock())
    for number, (name, asks) in enumerate(
        [
            ("Ada Novak", "Where is my parcel?"),
            ("Jan Kowalski", "Can I have an invoice?"),
            ("Léa Martin", "The lid is missing."),
        ],
        start=1,
    ):
        order = world.order(
            world.buyer(name), [world.line("Tea set", "24.50", 2)], number=f"A-100{number}", id=f"ord_{number}"
        )
        world.message(world.thread(order, subject=order.number, id=f"thr_{number}"), asks, minutes_ago=60 * number)
    world.return_(world.data.orders["ord_3"], id="rtn_1")
    world.review(2, "Came late.", order=world.data.orders["ord_1"], id="rev_1")
    world.score_day(value=430)
    return world


@pytest.fixture
def my_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The account `my-shop`, in a home and a working folder that nobody else sees."""
    home, desk = tmp_path / "home", tmp_path / "desk"
    home.mkdir()
    desk.mkdir()
    world = small_world()
    with serve(AcmeFace(world)) as url:
        account = f'[accounts.my-shop]\nadapter = "acme"\nbase_url = "{url}"\napi_key = "acme-key"\n'
        (home / "config.toml").write_text(account, "utf-8")
        monkeypatch.setenv("SELLERCARE_HOME", str(home))
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.chdir(desk)
        yield world


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_the_page_shows_works(page: Path, request: pytest.FixtureRequest) -> None:
    examples = list(SYBIL.parse(page).examples())
    if not examples:
        return
    world: World = request.getfixturevalue("my_shop")
    for example in examples:
        example.evaluate()
    assert world.twice() == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page: Path) -> None:
    """A block without a language, or with one that nobody runs, would be shown and never tried."""
    fences = re.findall(r"^\s*```+(\S*)", page.read_text("utf-8"), re.MULTILINE)[::2]
    assert set(fences) <= RUN | SHOWN


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=name_of)
def test_the_example_works(script: Path, my_shop: World) -> None:
    typed(f"python {script}")
    assert my_shop.twice() == []


def test_every_error_code_has_its_paragraph() -> None:
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    codes = set(re.findall(r"\]\(#([a-z-]+)\)", page))
    described = re.findall(r"^### ([a-z-]+) \{ #\1 \}\n\n\S", page, re.MULTILINE)
    assert codes
    assert codes == set(described)
    assert len(described) == len(set(described))


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
        *(name for group in project["dependency-groups"].values() for name in group),
    ]
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text("utf-8")
    explained = {name.strip() for cell in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for name in cell.split(",")}
    assert {re.split(r"[\[<>=~; ]", name)[0] for name in wanted} - explained == set()
