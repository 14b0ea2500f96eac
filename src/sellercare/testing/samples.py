"""Recorded answers: writing them down without secrets, and reading what platforms and recorders have left."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sellercare.http.redaction import MASK, Redactor
from sellercare.testing.workshop import Exchange

_KEPT_HEADERS = frozenset({"content-type", "accept", "location", "retry-after"})
"""Headers that say something about the API; all others may say something about the seller."""


def recorded(exchange: Exchange, secrets: tuple[str, ...] = ()) -> str:
    """An exchange as a fixture: a JSON document of request and answer, without secrets.

    Parameters and headers that look like secrets are masked, tokens in the bodies too. Buyers' data is not: record
    invented buyers only.
    """
    redactor = Redactor(secrets)
    request, response = exchange.request, exchange.response
    url = urlsplit(request.url or "")
    query = urlencode(parse_qsl(redactor.scrub(f"?{url.query}")[1:], keep_blank_values=True), safe="*")
    document = {
        "call": exchange.call,
        "request": {
            "method": request.method,
            "url": urlunsplit((url.scheme, url.netloc, url.path, query, "")),
            "headers": _headers(dict(request.headers)),
            "body": redactor.scrub(_text(request.body)),
        },
        "answer": None
        if response is None
        else {
            "status": response.status_code,
            "headers": _headers(dict(response.headers)),
            "body": redactor.scrub(_text(exchange.body)),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)


def save(exchange: Exchange, path: Path, secrets: tuple[str, ...] = ()) -> None:
    """Write an exchange down as a fixture; see `recorded`."""
    path.write_text(recorded(exchange, secrets) + "\n", "utf-8")


def _headers(headers: dict[str, str]) -> dict[str, str]:
    return {name: str(value) if name.lower() in _KEPT_HEADERS else MASK for name, value in headers.items()}


def _text(body: bytes | str | None) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else body or ""
