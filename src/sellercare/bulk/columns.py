"""What the columns of a reply or refund file mean, and a row of cells turned into a draft of a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from sellercare.bulk.cells import clean_id, decimal_of, exact_money, plain_text
from sellercare.bulk.files import RawRow, RowFile, normal
from sellercare.errors import BadInput
from sellercare.models import LineQuantity, Money, Party

REPLY_COLUMNS = ("account", "thread_id", "text", "template", "key", "answers", "to")
REFUND_COLUMNS = (
    "account",
    "order_id",
    "return_id",
    "amount",
    "currency",
    "lines",
    "option",
    "reason",
    "note",
    "key",
)
MAX_KEY = 200

Patterns = Callable[[str], Mapping[str, str]]
"""The forms of ids of an account's platform, by column; empty where the adapter names none."""


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """A reply as the row asks for it. `template` is rendered later; `cells` are the row's data for it."""

    line: int
    account: str
    thread_id: str
    text: str = ""
    template: str = ""
    key: str = ""
    answers: str = ""
    to: Party = Party.BUYER
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """A refund as the row asks for it."""

    line: int
    account: str
    order_id: str
    return_id: str
    amount: Money | None
    lines: tuple[LineQuantity, ...]
    option: str
    reason: str
    note: str
    key: str


Draft = ReplyDraft | RefundDraft


class BadRow(Exception):
    """One row cannot be used. The message is a sentence for the seller, without the line number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What holds for all rows: a template of the command line, and the account of rows that name none."""

    account: str = ""
    template: str = ""
    run: str = ""


def check_header(rows: RowFile, verb: str, asked: Asked) -> None:
    """Raise BadInput where a CSV file's header cannot serve `verb`, before any row is read."""
    if rows.format != "csv":
        return
    known = REPLY_COLUMNS if verb == "messages.reply" else REFUND_COLUMNS
    missing = _missing(frozenset(rows.columns), verb, asked)
    for column in rows.columns:
        near = get_close_matches(column, known, n=1, cutoff=0.8) if column and column not in known else []
        if near and near[0] not in rows.columns:
            raise _header_error(rows, f"the column {column!r} is not known; did you mean {near[0]!r}")
    if missing:
        raise _header_error(rows, f"the column {missing} is missing", f"Known columns: {', '.join(known)}.")


def _missing(columns: frozenset[str], verb: str, asked: Asked) -> str:
    if not asked.account and "account" not in columns:
        return "account (or the option --account)"
    if verb == "messages.reply":
        if "thread_id" not in columns:
            return "thread_id"
        if not asked.template and not columns & {"text", "template"}:
            return "text or template (or the option --template)"
        return ""
    if not columns & {"order_id", "return_id"}:
        return "order_id or return_id"
    if not columns & {"amount", "lines"}:
        return "amount or lines"
    if "amount" in columns and "currency" not in columns:
        return "currency"
    if not asked.run and "key" not in columns:
        return "key (or the option --run NAME, which makes keys)"
    return ""


def _header_error(rows: RowFile, what: str, next_step: str = "") -> BadInput:
    return BadInput(f"{rows.name}, line 1: {what}.", field="header", line=1, file=rows.name, next_step=next_step)


class _Cells:
    """A row's cells, taken out by column; what is wrong with one becomes a BadRow that names the column."""

    def __init__(self, row: RawRow) -> None:
        self._cells = row.cells

    def take(self, column: str, read: Callable[[Any], Any]) -> Any:
        try:
            return read(self._cells.get(column))
        except ValidationError as error:
            raise BadRow(f"{column}: {error.errors(include_input=False)[0]['msg']}") from None
        except ValueError as error:
            raise BadRow(f"{column} {error}") from None

    def text(self, column: str) -> str:
        return str(self.take(column, plain_text))

    def id(self, column: str, pattern: str = "") -> str:
        return str(self.take(column, lambda value: clean_id(value, pattern)))


def reply_draft(row: RawRow, asked: Asked, patterns: Patterns) -> ReplyDraft:
    """The reply that a row asks for; BadRow says what is wrong with it."""
    cells = _usable(row)
    account = cells.text("account").strip() or asked.account
    if not account:
        raise BadRow("account is empty, and no account was chosen with --account")
    forms = patterns(account)
    thread_id = cells.id("thread_id", forms.get("thread_id", ""))
    if not thread_id:
        raise BadRow("thread_id is empty")
    text, template = cells.text("text"), cells.text("template")
    if text.strip() and template.strip():
        raise BadRow("both text and template are filled in; leave one empty")
    if not text.strip():
        text, template = "", template if template.strip() else asked.template
    if not text and not template:
        raise BadRow("text is empty")
    return ReplyDraft(
        line=row.line,
        account=account,
        thread_id=thread_id,
        text=text,
        template=template,
        key=_key(cells),
        answers=cells.id("answers"),
        to=_party(cells.text("to")),
        cells={name: plain for name, value in row.cells.items() if (plain := _for_template(value)) is not None},
    )


def refund_draft(row: RawRow, asked: Asked, patterns: Patterns, *, comma: bool) -> RefundDraft:
    """The refund that a row asks for; BadRow says what is wrong with it."""
    cells = _usable(row)
    account = cells.text("account").strip() or asked.account
    if not account:
        raise BadRow("account is empty, and no account was chosen with --account")
    forms = patterns(account)
    order_id = cells.id("order_id", forms.get("order_id", ""))
    return_id = cells.id("return_id", forms.get("return_id", ""))
    if bool(order_id) == bool(return_id):
        raise BadRow("fill in either order_id or return_id" + (", not both" if order_id else ""))
    currency = cells.text("currency").strip().upper()
    lines = cells.take("lines", lambda value: _lines(value, currency, comma=comma))
    amount = None
    if cells.text("amount").strip():
        amount = cells.take("amount", lambda value: exact_money(value, currency, comma=comma))
    if (amount is None) == (not lines):
        raise BadRow("fill in either amount and currency, or lines" + (", not both" if lines else ""))
    key = _key(cells)
    if not key and not asked.run:
        raise BadRow("key is empty; a refund needs one, or give the run a name with --run")
    return RefundDraft(
        line=row.line,
        account=account,
        order_id=order_id,
        return_id=return_id,
        amount=amount,
        lines=lines,
        option=cells.text("option").strip(),
        reason=cells.text("reason").strip(),
        note=cells.text("note").strip(),
        key=key,
    )


def _usable(row: RawRow) -> _Cells:
    if row.problem:
        raise BadRow(row.problem)
    return _Cells(row)


def _key(cells: _Cells) -> str:
    key = cells.id("key")
    if len(key) > MAX_KEY:
        raise BadRow(f"key is longer than {MAX_KEY} characters")
    return key


def _party(text: str) -> Party:
    word = normal(text) or Party.BUYER.value
    known = [party.value for party in Party if party is not Party.UNKNOWN]
    if word not in known:
        raise BadRow(f"to is {text!r}; it may be {', '.join(known)}")
    return Party(word)


def _for_template(value: Any) -> Any:
    return None if isinstance(value, list | dict) else "" if value is None else plain_or_bool(value)


def plain_or_bool(value: Any) -> Any:
    """A cell as a template sees it: text, or the truth value of a JSON row."""
    return value if isinstance(value, bool) else plain_text(value)


def _lines(value: Any, currency: str, *, comma: bool) -> tuple[LineQuantity, ...]:
    """Lines as a list of JSON objects, or as text: `ID=2|ID|ID=12.50 EUR`; an ID alone means all pieces of it."""
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


def drafts(verb: str, rows: RowFile, asked: Asked, patterns: Patterns) -> Callable[[RawRow], Draft]:
    """The function that turns one row of this file into a draft of this verb."""
    if verb == "messages.reply":
        return lambda row: reply_draft(row, asked, patterns)
    comma = rows.delimiter in (";", "\t")
    return lambda row: refund_draft(row, asked, patterns, comma=comma)


__all__ = [
    "REFUND_COLUMNS",
    "REPLY_COLUMNS",
    "Asked",
    "BadRow",
    "Draft",
    "RefundDraft",
    "ReplyDraft",
    "check_header",
    "drafts",
    "refund_draft",
    "reply_draft",
]
