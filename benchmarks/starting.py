"""How long it takes until a program is there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Times, interleaved, show

BARE = '''
import click


@click.group()
def cli():
    """A program with ten commands."""


for name in "abcdefghij":
    cli.command(name)(lambda: None)

if __name__ == "__main__":
    cli()
'''

ROUNDS = 25


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def measure() -> bool:
    """Print the tables; whether the goals were met."""
    program = str(Path(sys.executable).with_name("sellercare"))
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, "utf-8")
        helps = interleaved(
            {
                "a bare click program --help": lambda: _run(sys.executable, str(bare), "--help"),
                "sellercare --help": lambda: _run(program, "--help"),
            },
            ROUNDS,
        )
    met = show(
        "Starting the program (milliseconds)",
        helps,
        base="a bare click program --help",
        goals={"sellercare --help": 1.5},
        unit=0.001,
    )
    imports = interleaved(
        {
            "python -c 'import click'": lambda: _run(sys.executable, "-c", "import click"),
            "python -c 'import sellercare'": lambda: _run(sys.executable, "-c", "import sellercare"),
            "python -c pass": lambda: _run(sys.executable, "-c", "pass"),
        },
        ROUNDS,
    )
    met &= show(
        "Importing (milliseconds)",
        imports,
        base="python -c 'import click'",
        goals={"python -c 'import sellercare'": 2.0},
        unit=0.001,
    )
    return met & _without_python(imports)


def _without_python(imports: dict[str, Times]) -> bool:
    """The import alone, without the time that Python itself takes."""
    python = imports["python -c pass"].best
    ours = imports["python -c 'import sellercare'"].best - python
    click = imports["python -c 'import click'"].best - python
    print(f"  the imports alone: sellercare {ours * 1000:.0f} ms, click {click * 1000:.0f} ms, {ours / click:.2f}×")
    return True
