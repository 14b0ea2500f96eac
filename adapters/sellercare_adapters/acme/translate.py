"""Acme's payloads as common models, without I/O. A missing identity or an unreadable value is an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar, get_args, get_origin

from sellercare import models
from sellercare.translation import decimal, instant
from sellercare_adapters.acme import wire

M = TypeVar("M", bound=models.Model)
READS = {"message": "messages.thread", "return": "returns.get", "refund": "refunds.get", "order": "orders.get"}


def make(model: type[M], row: Mapping[str, Any], **fields: Any) -> M:
    """A model of these fields, and of what the row has under the names of the model's others."""
    if "raw" in model.model_fields:
        fields["raw"] = row
    for name, field in model.model_fields.items():
        if name not in fields and (name in row or field.is_required()):
            fields[name] = _value(field.annotation, row[name])
        if f"native_{name}" in model.model_fields and name in row:
            fields.setdefault(f"native_{name}", row[name])
    return model(**fields)


def _value(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], each) for each in value)
    kind = next((part for part in get_args(kind) if part is not type(None)), kind)
    if value is None or not isinstance(kind, type):
        return value
    if issubclass(kind, models.Vocabulary):
        return next((word for word in kind if word == value), kind["UNKNOWN"])
    if issubclass(kind, models.Model):
        return make(kind, value)
    read = {datetime: instant, date: date.fromisoformat, Decimal: decimal}.get(kind)
    return read(value) if read else value


order = partial(make, models.Order)
thread = partial(make, models.Thread)
message = partial(make, models.Message)
message_option = partial(make, models.MessageOption)
action = partial(make, models.ReturnAction)
refund = partial(make, models.Refund)
review_summary = partial(make, models.ReviewSummary)
score = partial(make, models.Score)


def return_(row: wire.Return) -> models.Return:
    return make(models.Return, row, due=_value(datetime, row["respond_by"]))


def refund_option(row: wire.RefundOption) -> models.RefundOption:
    return make(models.RefundOption, row, native={"payment_id": row["payment_id"]})


def review(row: wire.Review) -> models.Review:
    return make(models.Review, row, rating=row["stars"], native_rating=str(row["stars"]))


def account(row: wire.Account) -> models.AccountCheck:
    return make(models.AccountCheck, row, ok=not row["missing"])


def event(row: Mapping[str, Any]) -> models.Event:
    return make(models.Event, row, verb=READS.get(row["type"], row["type"]))
