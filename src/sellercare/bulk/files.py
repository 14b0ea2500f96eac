"""Rows out of a file: CSV as spreadsheets write it, or JSON Lines, from a path or standard input.

The file is read line by line, so its size does not matter. Every row knows the physical line on which it starts.
What breaks the file itself (encoding, NUL bytes, quotes) ends the reading with an error. What breaks one row (too few
fields, a line that is no JSON object) is that row's `problem`, and the reading goes on.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal

from sellercare.errors import BadInput

MAX_LINE = 1 << 20
"""The longest line that is read, in bytes. A longer one is a broken file, not a row."""

Format = Literal["csv", "jsonl"]

_JSON_ENDINGS = {".jsonl", ".ndjson", ".json"}
_OTHER_ENCODINGS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK": "a spreadsheet file (XLSX or ODS)",
    b"\xd0\xcf": "an old spreadsheet file (XLS)",
}
_SAVE_AS = "Save it as “CSV UTF-8” and try again."


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in the file. `line` is the line where it starts, from 1; `problem` says what breaks it."""

    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RowFile:
    """An open file of rows. `columns` is empty for JSON Lines, where every row names its own; so is `delimiter`."""

    name: str
    format: Format
    columns: tuple[str, ...]
    delimiter: str
    rows: Iterator[RawRow]


@contextmanager
def open_rows(source: str | Path | BinaryIO, *, format: Format | None = None) -> Iterator[RowFile]:
    """Open a file of rows. `source` is a path, `-` for standard input, or an open binary file.

    Raises BadInput, with file and line, for a file that cannot be read as UTF-8 CSV or JSON Lines.
    """
    name = source if isinstance(source, str) else getattr(source, "name", str(source))
    name = "standard input" if name == "-" else str(name)
    with ExitStack() as stack:
        lines = _Lines(_opened(source, name, stack), name)
        kind = format or _format_of(name, lines)
        if kind == "jsonl":
            yield RowFile(name, "jsonl", (), "", _json_rows(lines))
        else:
            yield _csv_file(lines)


def _opened(source: str | Path | BinaryIO, name: str, stack: ExitStack) -> BinaryIO:
    if source == "-":
        if sys.stdin is None:  # the process was started with it closed
            raise BadInput("Standard input is closed, so there are no rows.", file=name)
        return sys.stdin.buffer
    if source == "":
        raise BadInput("The file has no name.", field="file")
    if not isinstance(source, str | Path):
        return source
    try:
        return stack.enter_context(Path(source).open("rb"))
    except OSError as error:
        raise BadInput(f"{name} cannot be opened: {error.strerror or error}.", file=name) from None


class _Lines:
    """The decoded lines of a file, counted, with line ends kept. The first can be looked at before it is taken."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self.file = file
        self.number = 0
        self._stream = stream
        self._peeked: list[str] = []

    def peek(self) -> str:
        """The next line, which stays; empty at the end."""
        if not self._peeked:
            self._peeked.append(self._read())
        return self._peeked[0]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._peeked.pop() if self._peeked else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        return line

    def wrong(self, what: str, line: int | None = None, next_step: str = "") -> BadInput:
        """The error for this file."""
        at = self.number if line is None else line
        return BadInput(f"{self.file}, line {at}: {what}.", file=self.file, line=at, next_step=next_step)

    def _read(self) -> str:
        number = self.number + 1
        try:
            data = self._stream.readline(MAX_LINE + 1)
        except OSError as error:
            raise self.wrong(f"it cannot be read ({error.strerror or error})", number) from None
        if number == 1:
            data = self._without_mark(data)
        if len(data) > MAX_LINE:
            raise self.wrong(f"the line is longer than {MAX_LINE:,} bytes", number)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = data[error.start]
            raise self.wrong(f"it is not UTF-8 (byte 0x{byte:02X})", number, _SAVE_AS) from None
        if "\0" in text:
            raise self.wrong("it has a NUL byte, so it is not a text file", number, _SAVE_AS)
        return text

    def _without_mark(self, data: bytes) -> bytes:
        for start, what in _OTHER_ENCODINGS.items():
            if data.startswith(start):
                raise self.wrong(f"this is {what}, not UTF-8 text", 1, _SAVE_AS)
        return data.removeprefix(b"\xef\xbb\xbf")


def _format_of(name: str, lines: _Lines) -> Format:
    if Path(name).suffix.lower() in _JSON_ENDINGS or lines.peek().lstrip().startswith("{"):
        return "jsonl"
    return "csv"


def normal(column: str) -> str:
    """A column's name as it is compared: `Thread ID` and `thread_id` are the same."""
    return re.sub(r"[\s\-]+", "_", column.strip().casefold())


def _csv_file(lines: _Lines) -> RowFile:
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records = _records(lines, reader)
    header = next(((line, cells) for line, cells in records if any(cell.strip() for cell in cells)), None)
    if header is None:
        raise BadInput(f"{lines.file} is empty: it has no header line.", file=lines.file)
    at, names = header
    columns = tuple(normal(name) for name in names)
    named = [column for column in columns if column]
    for column in named:
        if named.count(column) > 1:
            raise lines.wrong(f"the column {column!r} is there twice", at)
    return RowFile(lines.file, "csv", columns, delimiter, _csv_rows(records, columns))


def _delimiter(lines: _Lines) -> str:
    """Comma, semicolon or tab: the one that the header line has most of, outside quotes."""
    told = re.fullmatch(r"sep=([,;\t])\s*", lines.peek(), re.IGNORECASE)
    if told:
        next(lines)
        return told.group(1)
    while lines.peek() and not lines.peek().strip():
        next(lines)
    bare = re.sub(r'"[^"]*"', "", lines.peek())
    counts = {mark: bare.count(mark) for mark in ",;\t"}
    most = max(counts.values())
    found = [mark for mark, count in counts.items() if count == most]
    if most and len(found) > 1:
        raise lines.wrong("the header does not show whether comma, semicolon or tab separates the fields", 1)
    return found[0]


def _records(lines: _Lines, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    while True:
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise lines.wrong(_quote_trouble(error, start, lines.number), start) from None
        yield start, cells


def _quote_trouble(error: csv.Error, start: int, end: int) -> str:
    text = str(error)
    if "field limit" in text:
        most = csv.field_size_limit()
        return f'a field here has more than {most:,} characters, or the quote (") that opens it is never closed'
    if "unexpected end of data" in text:
        return 'a quote (") that opens a field here is never closed'
    if "expected after" in text:
        return 'a quoted field goes on after its closing quote; a quote inside a field is written twice ("")'
    if "new-line character" in text:
        return "it has a bare carriage return outside quotes; save the file with ordinary line ends"
    return f"it is not well-formed CSV (seen on line {end})" if end != start else "it is not well-formed CSV"


def _csv_rows(records: Iterator[tuple[int, list[str]]], columns: Sequence[str]) -> Iterator[RawRow]:
    unnamed = [at for at, column in enumerate(columns) if not column]
    wanted = len(columns)
    for line, cells in records:
        if not any(cells) or not any(cell.strip() for cell in cells):
            continue
        if len(cells) != wanted:
            yield RawRow(line, problem=f"it has {_fields(len(cells))}, the header has {_fields(wanted)}")
        elif unnamed and any(cells[at].strip() for at in unnamed):
            yield RawRow(line, problem="it has a value in a column without a name")
        else:
            row = dict(zip(columns, cells, strict=True))
            if unnamed:
                del row[""]
            yield RawRow(line, row)


def _fields(count: int) -> str:
    return f"{count} field" if count == 1 else f"{count} fields"


def _json_rows(lines: _Lines) -> Iterator[RawRow]:
    for text in lines:
        if not text.strip():
            continue
        try:
            yield RawRow(lines.number, _json_row(text))
        except (ValueError, RecursionError) as error:
            yield RawRow(lines.number, problem=_json_trouble(error))


def _json_trouble(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is not a JSON object on one line ({error.msg}, character {error.colno})"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error)


def _json_row(text: str) -> dict[str, Any]:
    value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    row: dict[str, Any] = {}
    for name, cell in value.items():
        if normal(name) in row:
            raise ValueError(f"the field {name!r} is there twice")
        row[normal(name)] = cell
    return row


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is there twice")
    return found


__all__ = ["MAX_LINE", "Format", "RawRow", "RowFile", "normal", "open_rows"]
