"""From an answer with an error status to one of our errors, in words that hold no secrets."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sellercare.adapter import Adapter, Problem
from sellercare.calls import Answer
from sellercare.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PlatformError,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from sellercare.http.redaction import Redactor

logger = logging.getLogger("sellercare.http")

_DEFAULTS: Mapping[int, type[PlatformError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}
_WORDS: Mapping[type[PlatformError], str] = {
    Unauthorized: "does not accept the credential",
    Forbidden: "forbids it",
    NotFound: "has no such thing",
    Conflict: "says that its state forbids it",
    Invalid: "does not accept a value",
    RateLimited: "wants fewer calls",
    Unavailable: "cannot answer now",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A call that went wrong. `error` is what a read raises if it stays so.

    `sent`: bytes may have left. `status`: of the answer, if one came. `again`: sending again may help. `wait`: the
    server's advice in seconds. `tries`: how many attempts are worth it at most (None: as patience allows). `soon`: a
    budget knows when the next call may go, so the first time nobody needs to wait besides.
    """

    error: PlatformError
    sent: bool = True
    status: int | None = None
    again: bool = False
    wait: float | None = None
    tries: int | None = None
    soon: bool = False


def error_of(
    adapter: type[Adapter], answer: Answer, problem: Problem, redactor: Redactor, wait: float | None
) -> PlatformError:
    """The error for an answer: by native code, then by status, in the adapter's table or ours."""
    status = answer.status
    table = adapter.errors
    kind = (table.get(problem.code) if problem.code else None) or table.get(status) or _default(status)
    code = redactor.line(problem.code, 80)
    text = redactor.line(problem.text)
    said = f": {text}" if text else ""
    message = f"{answer.where}: {adapter.title} {_words(kind)} (status {status}{', ' + code if code else ''}){said}"
    more: dict[str, Any] = {
        "status": status,
        "native_code": code,
        "request_id": answer.request_id,
        "field": redactor.line(problem.field, 120),
    }
    message = message if message.endswith((".", "!", "?", "…")) else f"{message}."
    if issubclass(kind, RateLimited):
        return kind(message, wait=wait, **more)
    return kind(message, **more)


def advice(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that a server asks us to wait (Retry-After, as a number or a date), or None.

    A date is taken against the server's own clock where the answer tells it: ours may differ.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    until, sent = _date(text), _date(headers.get("Date", ""))
    if until is None:
        return None
    return max(0.0, (until - (sent or now)).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def problem_of(adapter: type[Adapter], answer: Answer) -> Problem:
    """What the adapter reads in an answer; nothing where it cannot read it."""
    try:
        return adapter.problem(answer)
    except Exception as error:  # noqa: BLE001 - the adapter's promise: it may raise anything, we go by the status
        logger.debug("%s: the error answer could not be read (%s)", answer.where, type(error).__name__)
        return Problem()


def _default(status: int) -> type[PlatformError]:
    if status >= 500:
        return Unavailable
    return _DEFAULTS.get(status) or (Invalid if status >= 400 else Refused)


def _words(kind: type[PlatformError]) -> str:
    for known, words in _WORDS.items():
        if issubclass(kind, known):
            return words
    return "refused"
