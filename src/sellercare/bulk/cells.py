"""Single values out of a row: ids that a spreadsheet may have spoiled, amounts, and plain text.

Each function raises ValueError with the end of a sentence that begins with the column's name. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from sellercare.models import Money, decimals_of

_SCIENTIFIC = re.compile(r"[-+]?[0-9]+[.,][0-9]+[eE][-+]?[0-9]+|[-+]?[0-9]+[eE][-+][0-9]+")
_FRACTION = re.compile(r"[0-9]+[.,]0+")
_GROUPED = re.compile(r"[0-9]{1,3}([.,' \u00a0\u202f’][0-9]{3})+([.,][0-9]+)?")
_POINT = re.compile(r"[0-9]+(\.[0-9]+)?")
_COMMA = re.compile(r"[0-9]+,[0-9]+")
_HALF = re.compile("[\ud800-\udfff]")
_TEXT_FORMAT = "format the column as text in the spreadsheet and paste the ids again"


def plain_text(value: Any) -> str:
    """A cell as text; empty for null. Whole JSON numbers are written out, everything else must be text."""
    if value is None:
        return ""
    if isinstance(value, str):
        if not value.isascii() and _HALF.search(value):
            raise ValueError("has half a character in it, which can be neither kept nor sent")
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ValueError("is neither text nor a number")


def clean_id(value: Any, pattern: str = "") -> str:
    """An id as the platform writes it; empty if the cell is. `pattern` is the form of the adapter's ids, if any."""
    text = plain_text(value).strip()
    if not text:
        return ""
    if set(text) == {"#"}:
        raise ValueError(f"is {text!r}: the column was too narrow when the file was saved; {_TEXT_FORMAT}")
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(f"is {text!r}: a spreadsheet has rounded the id; {_TEXT_FORMAT}")
    if _FRACTION.fullmatch(text):
        raise ValueError(f"is {text!r}: a spreadsheet has made a number of the id; {_TEXT_FORMAT}")
    if not text.isprintable() and any(unicodedata.category(mark).startswith("C") for mark in text):
        raise ValueError("has an invisible character in it; type or paste the id again")
    if pattern and not re.fullmatch(pattern, text):
        raise ValueError(_not_an_id(text, pattern))
    return text


def _not_an_id(text: str, pattern: str) -> str:
    zeros = (text.zfill(length) for length in range(len(text) + 1, 41))
    if text.isdigit() and any(re.fullmatch(pattern, longer) for longer in zeros):
        return f"is {text!r}: a spreadsheet has cut its leading zeros; {_TEXT_FORMAT}"
    return f"is {text!r}, which is not how this platform writes the id"


def exact_money(amount: Any, currency: str, *, comma: bool) -> Money:
    """An amount in a currency, above zero and without more decimals than the currency has.

    `comma` tells whether `12,50` may be read as twelve and a half; thousands are never read. A text such as `2.500`,
    which is 2.50 in one country and 2500 in another, is refused for its decimals, too.
    """
    number = decimal_of(amount, comma=comma)
    if number <= 0:
        raise ValueError(f"is {plain_text(amount).strip()}; a refund must be above zero")
    if not currency:
        raise ValueError("has no currency beside it")
    decimals = decimals_of(currency)
    money = Money(amount=number, currency=currency)
    if not money.is_exact:
        raise ValueError(f"has more decimals than {currency} has ({decimals})")
    if isinstance(amount, str) and -int(number.as_tuple().exponent) > decimals:
        raise ValueError(
            f"is {amount.strip()!r}, which could be read in two ways: {currency} has {decimals} decimals; "
            "write it with these, and without marks for thousands"
        )
    return money


def decimal_of(value: Any, *, comma: bool) -> Decimal:
    """A plain decimal number; ValueError for one that could be read in two ways."""
    text = plain_text(value).strip()
    if isinstance(value, Decimal):
        text = f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 20 else text
    sign, digits = ("-", text[1:]) if text[:1] in ("-", "−") else ("", text)
    if _POINT.fullmatch(digits) and len(digits) <= 30:
        return Decimal(sign + digits)
    if comma and _COMMA.fullmatch(digits) and len(digits) <= 30:
        return Decimal(sign + digits.replace(",", "."))
    if _COMMA.fullmatch(digits):
        raise ValueError(f"is {text!r}, which could be read in two ways; write it with a point, like 12.50")
    if _GROUPED.fullmatch(digits):
        raise ValueError(f"is {text!r}; write it without marks for thousands, like 1234.50")
    raise ValueError(f"is {text!r}, which is not an amount; write it like 12.50, with the currency in its own column")


__all__ = ["clean_id", "decimal_of", "exact_money", "plain_text"]
