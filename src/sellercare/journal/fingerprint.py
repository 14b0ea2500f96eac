"""What makes two writes the same: the content that was asked for."""

from __future__ import annotations

import hashlib
import uuid
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from sellercare.calls import Json, parse_json, to_json
from sellercare.errors import BadInput
from sellercare.models import LineQuantity, Money, decimals_of

M = TypeVar("M", bound=BaseModel)

_NAMESPACE = uuid.UUID("6f1c7f0e-7a0b-5c39-9f5d-6a6a3f0f5c1e")


def content_of(command: BaseModel) -> Json:
    """A command as JSON, as it is stored. Raises BadInput as `fingerprint` does."""
    return parse_json(_dumped(command, exclude_defaults=False))


def fingerprint(verb: str, command: BaseModel) -> str:
    """A hash of what the caller asked for, its numbers in one form.

    What was left at its default is no part of it, or a field that a later version adds would make every key another's.
    Raises BadInput for a text with half a character in it (a lone surrogate), which can be neither kept nor sent.
    """
    return as_written(verb, in_one_form(command))


def as_written(verb: str, command: BaseModel) -> str:
    """The same of the numbers as they are written: what journals hold that were begun before they had one form."""
    asked = parse_json(_dumped(command, exclude_defaults=True))
    return hashlib.sha256(verb.encode() + b"\0" + to_json(_sorted(asked))).hexdigest()


def _dumped(command: BaseModel, *, exclude_defaults: bool) -> str:
    try:
        return command.model_dump_json(exclude_defaults=exclude_defaults)
    except PydanticSerializationError:
        raise BadInput(
            "A text has half a character in it (a lone surrogate), which cannot be sent.",
            next_step="It comes from a file that was read in the wrong encoding, or from an emoji that was cut.",
        ) from None


def in_one_form(command: M) -> M:
    """The command with its numbers in one form, and its lines in one order.

    5, 5.0 and 5.00 EUR are the same wish, however a spreadsheet has written them.
    """
    form: M = _form(command)
    return form


def _form(value: Any) -> Any:
    """A value in one form; itself, where it is in it."""
    if isinstance(value, Money):
        amount = _sum(value)
        return value if str(amount) == str(value.amount) else value.model_copy(update={"amount": amount})
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        other = {name: new for name, old in fields.items() if (new := _form(old)) is not old}
        return value.model_copy(update=other) if other else value
    if isinstance(value, tuple) and value:
        forms = tuple(map(_form, value))
        if all(isinstance(each, LineQuantity) for each in forms):
            forms = tuple(sorted(forms, key=_place))
        return forms if any(one is not other for one, other in zip(forms, value, strict=True)) else value
    return _shortest(value) if isinstance(value, Decimal) else value


def _place(line: LineQuantity) -> tuple[str, str]:
    return line.id, line.model_dump_json()


def _sum(money: Money) -> Decimal:
    """With the decimals of its currency, and more only where they are not zero."""
    amount = _shortest(money.amount)
    try:
        decimals = decimals_of(money.currency)
    except ValueError:  # no currency: it is refused before anything is sent
        return amount
    exponent = amount.as_tuple().exponent
    shown = max(decimals, -exponent if isinstance(exponent, int) else 0)
    return Decimal(f"{amount:.{shown}f}") if amount.adjusted() < _LARGEST else amount


def _shortest(number: Decimal) -> Decimal:
    """Without zeros at its end, and without an exponent."""
    if not number.is_finite() or abs(number.adjusted()) >= _LARGEST:
        return number
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


_LARGEST = 40
"""Digits that an amount may have here: one of a billion more must not fill the memory."""


def platform_key(adapter: str, account: str, verb: str, key: str) -> str:
    """A UUID for a platform's own idempotency key: the same for every attempt of one intent."""
    return str(uuid.uuid5(_NAMESPACE, "\0".join((adapter, account, verb, key))))


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
