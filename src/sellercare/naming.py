"""Translation by name: for payloads, or parts of them, that a platform calls as the common models do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from sellercare.models import Model, Vocabulary
from sellercare.translation import decimal, instant

M = TypeVar("M", bound=Model)

_READ: Mapping[type, Callable[[Any], Any]] = {datetime: instant, date: date.fromisoformat, Decimal: decimal}


def by_name(model: type[M], row: Mapping[str, Any], **fields: Any) -> M:
    """A model of these fields, and of what the row has under the names of the model's others.

    Words that a vocabulary does not know become its `unknown`; a field `native_…` keeps them. Run it inside
    `translated`: a missing identity is a KeyError, an unreadable value a ValueError.
    """
    if "raw" in model.model_fields:
        fields.setdefault("raw", row)
    for name, field in model.model_fields.items():
        if name not in fields and (name in row or field.is_required()):
            fields[name] = _value(field.annotation, row[name])
        if f"native_{name}" in model.model_fields and name in row:
            fields.setdefault(f"native_{name}", row[name])
    return model(**fields)


def _value(kind: Any, value: Any) -> Any:
    """A value as a field of this type wants it; what needs nothing is left to the model."""
    if value is None:
        return None
    origin, parts = get_origin(kind), [part for part in get_args(kind) if part is not type(None)]
    if origin is tuple:
        return tuple(_value(parts[0], each) for each in value)
    if origin in (Union, UnionType):
        return _value(parts[0], value)
    if origin is not None:
        return value
    if issubclass(kind, Vocabulary):
        return next((word for word in kind if word == value), kind["UNKNOWN"])
    if issubclass(kind, Model):
        return by_name(kind, value)
    return _READ[kind](value) if kind in _READ else value
