"""What commands print: tables and cards for people, one JSON object a line for programs.

Results go to standard output, everything else to standard error. Rows are shown as they come, so a long listing
starts at once and needs no memory.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli.text import clean, clean_lines, json_line

if TYPE_CHECKING:
    from pydantic import BaseModel

_GAP = "  "
_FIRST = 25
"""So many rows are looked at before the widths are settled."""
_PATIENCE = 2.0
"""Seconds after which rows are shown even if there are fewer."""
_LEAST = 10
"""A cut column keeps at least so many cells of the terminal."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Ids and amounts are never cut, texts may be. Optional columns go first where width is short."""

    title: str
    value: Callable[[Any], object]
    cut: bool = False
    optional: bool = False


def terminal_width() -> int | None:
    """How wide a table may be: the terminal's width, `COLUMNS` where it is set, no limit in a file or pipe."""
    if os.environ.get("COLUMNS", "").isdigit():
        return max(20, int(os.environ["COLUMNS"]))
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


class Table:
    """Rows for people. The widths are settled by the first rows; a later cell that may not be cut is longer, then."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._widths: list[int] = []
        self._shown: list[int] = []
        self._width = terminal_width()
        self._waiting: list[list[str]] = []
        self._since = time.monotonic()
        self.count = 0

    def add(self, row: Any) -> None:
        """Show a row, at once or together with the next ones."""
        self.count += 1
        self._waiting.append([clean("" if (cell := column.value(row)) is None else cell) for column in self._columns])
        if self._widths or len(self._waiting) >= _FIRST or time.monotonic() - self._since > _PATIENCE:
            self.flush()

    def flush(self) -> None:
        """Show what waits."""
        if not self._waiting:
            return
        if not self._widths:
            self._settle()
        for cells in self._waiting:
            click.echo(self._line(cells))
        self._waiting.clear()

    def _settle(self) -> None:
        from rich.cells import cell_len

        natural = [
            max(cell_len(column.title), *(cell_len(cells[n]) for cells in self._waiting))
            for n, column in enumerate(self._columns)
        ]
        self._widths, self._shown, dropped = fitted(natural, self._columns, self._width)
        if dropped:
            click.echo(f"Too narrow for: {', '.join(dropped)}. A wider window or --json shows them.", err=True)
        click.echo(heading(self._line([column.title for column in self._columns])))

    def _line(self, cells: Sequence[str]) -> str:
        from rich.cells import cell_len, set_cell_size

        parts = []
        for n in self._shown:
            text, width = cells[n], self._widths[n]
            # A file or a pipe keeps the whole text, also of a row that came after the widths were settled.
            if cell_len(text) > width and self._columns[n].cut and self._width is not None:
                text = set_cell_size(text, width - 1).rstrip() + "…"
            parts.append(text + " " * (width - cell_len(text)))
        return _GAP.join(parts).rstrip()


def fitted(natural: list[int], columns: Sequence[Column], width: int | None) -> tuple[list[int], list[int], list[str]]:
    """The widths of the columns, which of them are shown, and the titles of those that are not."""
    shown = [n for n in range(len(columns)) if natural[n]]
    widths = list(natural)
    dropped: list[str] = []
    if width is None:
        return widths, shown, dropped

    def least(n: int) -> int:
        return min(natural[n], _LEAST) if columns[n].cut else natural[n]

    while sum(map(least, shown)) + len(_GAP) * (len(shown) - 1) > width:
        spare = [n for n in shown if columns[n].optional]
        if not spare:
            break
        shown.remove(spare[-1])
        dropped.append(columns[spare[-1]].title)
    over = sum(natural[n] for n in shown) + len(_GAP) * (len(shown) - 1) - width
    while over > 0:
        room = [n for n in shown if columns[n].cut and widths[n] > least(n)]
        if not room:
            break
        widths[max(room, key=lambda n: widths[n])] -= 1
        over -= 1
    return widths, shown, dropped


class Listing:
    """Results as they come: a table for people, JSON lines for programs, with the account where there are several."""

    def __init__(self, columns: Sequence[Column], *, as_json: bool, several: bool = False) -> None:
        first = [Column("account", lambda row: row[0])] if several else []
        self._table = Table([*first, *map(_of_model, columns)])
        self._as_json = as_json

    def add(self, account: str, model: BaseModel) -> None:
        """Show one result."""
        if self._as_json:
            click.echo(json_line(plain(account, model)))
        else:
            self._table.add((account, model))

    def close(self, nothing: str) -> None:
        """Show what waits; if there was nothing at all, say so to people."""
        self._table.flush()
        if nothing and not self._as_json and not self._table.count:
            note(nothing)


def _of_model(column: Column) -> Column:
    """The same column for rows of (account, model)."""
    return Column(column.title, lambda row: column.value(row[1]), column.cut, column.optional)


def plain(account: str, model: BaseModel) -> dict[str, Any]:
    """A model as plain data with its account in front; without the platform's payload."""
    return {"account": account} | model.model_dump(mode="json", exclude={"raw"})


def heading(text: str) -> str:
    """The text in bold, where the terminal shows that and nobody asked for none."""
    return text if os.environ.get("NO_COLOR") else click.style(text, bold=True)


def card(pairs: Iterable[tuple[str, object]], *, err: bool = False) -> None:
    """Names and values below each other; what is not known is left out. Texts of several lines are indented."""
    known = [(name, clean_lines(value)) for name, value in pairs if value not in (None, "", ())]
    width = max((len(name) for name, _ in known), default=0)
    room = max(_LEAST, (terminal_width() or sys.maxsize) - width - len(_GAP))
    for name, value in known:
        first, *more = _wrapped(value, room)
        click.echo(f"{name.ljust(width)}{_GAP}{first}".rstrip(), err=err)
        for line in more:
            click.echo(f"{' ' * width}{_GAP}{line}".rstrip(), err=err)


def _wrapped(text: str, room: int) -> list[str]:
    """The lines of a text, none longer than there is room; a word that is longer, such as an address, stays whole."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""]
    return lines


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show a person at a terminal that something takes its time, until the block ends."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(f"{clean(text)} …", err=True, nl=False)
    try:
        yield
    finally:
        click.echo("\r\x1b[2K", err=True, nl=False)


def note(text: str) -> None:
    """A sentence for the person, on standard error."""
    click.echo(clean(text), err=True)


__all__ = ["Column", "Listing", "Table", "card", "fitted", "heading", "note", "plain", "terminal_width", "waiting"]
