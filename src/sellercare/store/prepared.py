"""Statements that run for each write: SQLAlchemy words them once, the driver runs them.

To run a statement through SQLAlchemy costs about 0.1 ms of Python each time, mostly to find out again what it is
(measured 2026-11-22); a write needs eight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Executable


class _Words(NamedTuple):
    """A statement as one kind of database takes it: its text, the order of its values, those that never change."""

    text: str
    order: tuple[str, ...] | None
    fixed: Mapping[str, Any]


class Prepared:
    """One statement, whose values are all named by `bindparam`. They are given as the driver takes them."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._worded: dict[str, _Words] = {}

    def run(self, db: Connection, **values: Any) -> Any:
        """Run it in a transaction; the driver's cursor, with `rowcount` and the fetching methods."""
        driver = db.connection.driver_connection
        assert driver is not None
        return self.run_on(driver.cursor(), db.dialect, values)

    def run_on(self, cursor: Any, dialect: Dialect, values: Mapping[str, Any]) -> Any:
        """Run it on a driver's cursor."""
        words = self._worded.get(dialect.name) or self._word(dialect)
        all_values = {**words.fixed, **values}
        cursor.execute(words.text, all_values if words.order is None else [all_values[name] for name in words.order])
        return cursor

    def _word(self, dialect: Dialect) -> _Words:
        compiled: Any = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        words = _Words(compiled.string, tuple(compiled.positiontup) if compiled.positional else None, fixed)
        self._worded[dialect.name] = words
        return words


__all__ = ["Prepared"]
