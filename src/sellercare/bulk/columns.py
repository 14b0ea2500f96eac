"""What all files of rows have in common: the header, cells taken out by column, lines and sums of money."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Protocol

from pydantic import ValidationError

from sellercare.bulk.cells import clean_id, decimal_of, exact_money, plain_text
from sellercare.bulk.files import RawRow, RowFile, normal
from sellercare.errors import BadInput
from sellercare.models import LineQuantity, Money

MAX_KEY = 200

PLACEHOLDER = re.compile(r"\{\{.{0,40}|\{%.{0,40}")
"""What belongs into a template: as a text it would reach the buyer as it stands."""

Patterns = Callable[[str], Mapping[str, str]]
"""The forms of ids of an account's platform, by column; empty where the adapter names none."""


class Draft(Protocol):
    """A write as a row asks for it."""

    @property
    def line(self) -> int:
        """The line of the file."""
        ...

    @property
    def account(self) -> str:
        """The account it is for."""
        ...

    @property
    def key(self) -> str:
        """The key that the row names; empty for none."""
        ...


class BadRow(Exception):
    """One row cannot be used. The message is a sentence for the seller, without the line number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What holds for all rows: a template of the command line, and the account of rows that name none.

    `comma` tells whether `12,50` may be read as twelve and a half: where the file is not separated by commas.
    """

    account: str = ""
    template: str = ""
    run: str = ""
    comma: bool = False


def check_header(rows: RowFile, known: Sequence[str], missing: Callable[[frozenset[str]], str], asked: Asked) -> None:
    """Raise BadInput where a CSV file's header cannot serve, before any row is read.

    `known` are the columns that mean something, `missing` names the column that is not there, if one is.
    """
    if rows.format != "csv":
        return
    for column in rows.columns:
        near = get_close_matches(column, known, n=1, cutoff=0.8) if column and column not in known else []
        if near and near[0] not in rows.columns:
            raise _header_error(rows, f"the column {column!r} is not known; did you mean {near[0]!r}")
    columns = frozenset(rows.columns)
    lacks = "account (or the option --account)" if not asked.account and "account" not in columns else missing(columns)
    if lacks:
        raise _header_error(rows, f"the column {lacks} is missing", f"Known columns: {', '.join(known)}.")


def _header_error(rows: RowFile, what: str, next_step: str = "") -> BadInput:
    return BadInput(f"{rows.name}, line 1: {what}.", field="header", line=1, file=rows.name, next_step=next_step)


def missing_for_text(columns: frozenset[str], asked: Asked, name: str) -> str:
    """What a file lacks whose rows write a text to something that the column `name` names; empty if nothing."""
    if name not in columns:
        return name
    said = asked.template or columns & {"text", "template"}
    return "" if said else "text or template (or the option --template)"


class Cells:
    """A row's cells, taken out by column; what is wrong with one becomes a BadRow that names the column."""

    def __init__(self, row: RawRow, asked: Asked) -> None:
        if row.problem:
            raise BadRow(row.problem)
        self.line = row.line
        self.asked = asked
        self._cells = row.cells
        self.account = self.text("account").strip() or asked.account
        if not self.account:
            raise BadRow("account is empty, and no account was chosen with --account")

    def take(self, column: str, read: Callable[[Any], Any]) -> Any:
        """A cell as `read` makes it."""
        try:
            return read(self._cells.get(column))
        except ValidationError as error:
            raise BadRow(f"{column}: {error.errors(include_input=False)[0]['msg']}") from None
        except ValueError as error:
            raise BadRow(f"{column} {error}") from None

    def text(self, column: str) -> str:
        """A cell as text; empty if there is none."""
        return str(self.take(column, plain_text))

    def word(self, column: str) -> str:
        """A cell without the blanks around it."""
        return self.text(column).strip()

    def id(self, column: str, pattern: str = "") -> str:
        """An id that no spreadsheet has spoiled."""
        return str(self.take(column, lambda value: clean_id(value, pattern)))

    def key(self) -> str:
        """The row's own key."""
        key = self.id("key")
        if len(key) > MAX_KEY:
            raise BadRow(f"key is longer than {MAX_KEY} characters")
        return key

    def flag(self, column: str) -> bool:
        """Yes or no; empty is no."""
        value = self._cells.get(column)
        word = ("yes" if value else "no") if isinstance(value, bool) else normal(self.text(column))
        if word in ("", "no", "false", "0"):
            return False
        if word in ("yes", "true", "1"):
            return True
        raise BadRow(f"{column} is {word!r}; it may be yes or no")

    def text_or_template(self) -> tuple[str, str]:
        """The row's text, or else the template that makes it: the row's own, or that of the command line."""
        text, template = self.text("text"), self.text("template")
        if text.strip() and template.strip():
            raise BadRow("both text and template are filled in; leave one empty")
        if found := PLACEHOLDER.search(text):
            raise BadRow(f"text has the placeholder {found[0]!r}, which only a template fills in; write it as template")
        if text.strip():
            return text, ""
        template = template if template.strip() else self.asked.template
        if not template:
            raise BadRow("text is empty")
        return "", template

    def money(self) -> Money | None:
        """The amount in its currency, if there is one."""
        if not self.word("amount"):
            return None
        currency = self.word("currency").upper()
        found: Money = self.take("amount", lambda value: exact_money(value, currency, comma=self.asked.comma))
        return found

    def lines(self) -> tuple[LineQuantity, ...]:
        """Lines as a list of JSON objects, or as text: `ID=2|ID|ID=12.50 EUR`; an ID alone means all pieces of it."""
        currency = self.word("currency").upper()
        found: tuple[LineQuantity, ...] = self.take("lines", lambda value: _lines(value, currency, self.asked.comma))
        return found

    def for_template(self) -> dict[str, Any]:
        """The row's data for a template: text, and the truth values of a JSON row."""
        return {name: _plain(value) for name, value in self._cells.items() if not isinstance(value, list | dict)}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else plain_text(value)


def _lines(value: Any, currency: str, comma: bool) -> tuple[LineQuantity, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return tuple(_line(part.strip(), comma=comma) for part in value.split("|") if part.strip())
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise ValueError("is not a list of lines")
    return tuple(_json_line(part, currency, comma=comma) for part in value)


def _line(text: str, *, comma: bool) -> LineQuantity:
    name, mark, much = text.rpartition("=")
    if not mark:
        return LineQuantity(id=clean_id(text))
    number, _, currency = much.strip().partition(" ")
    if currency:
        amount = exact_money(number, currency.strip().upper(), comma=comma)
        return LineQuantity(id=clean_id(name), amount=amount)
    return LineQuantity(id=clean_id(name), quantity=_pieces(number, comma=comma))


def _pieces(value: Any, *, comma: bool) -> Decimal:
    pieces = decimal_of(value, comma=comma)
    if pieces <= 0:
        raise ValueError(f"asks for {pieces} pieces; it must be more than zero")
    return pieces


def _json_line(part: dict[str, Any], currency: str, *, comma: bool) -> LineQuantity:
    unknown = part.keys() - {"id", "quantity", "amount"}
    if unknown:
        raise ValueError(f"has a line with the unknown field {sorted(unknown)[0]!r}")
    amount = part.get("amount")
    quantity = part.get("quantity")
    name = clean_id(part.get("id"))
    if not name:
        raise ValueError("has a line without an id")
    return LineQuantity(
        id=name,
        quantity=None if quantity is None else _pieces(quantity, comma=comma),
        amount=None if amount is None else exact_money(amount, currency, comma=comma),
    )


__all__ = ["MAX_KEY", "Asked", "BadRow", "Cells", "Draft", "Patterns", "check_header"]
