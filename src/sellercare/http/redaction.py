"""Keeping secrets out of log lines and error texts, at the lowest level.

Two nets. What is known to be secret (the settings' secrets, tokens) is replaced wherever it appears. What looks like
a secret (a header, a parameter of an address, a field of a document) is replaced by its name.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretBytes, SecretStr

MASK = "***"
_SHORTEST = 4
"""A shorter secret is not replaced by its value: that would tear ordinary words apart."""
_MOST = 200
"""So many secrets are remembered; tokens come and go, and the oldest are useless."""
_LONGEST = 20_000
"""What a platform says is read no further: somebody may send a book."""

_WORDS = r"(?:[\w-]*(?:token|secret|passw(?:or)?d|signature|api[_-]?key|consumer_key|credential)|pwd)"
_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic|token)\s+(?=\S*[\d=._])[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization|x-[\w-]*(?:key|token)|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+"),
        rf"\1\2{MASK}",
    ),
    (re.compile(rf"(?i)([?&;](?:{_WORDS}|key|sig|code|auth)=)[^&\s#'\"]+"), rf"\1{MASK}"),
    (re.compile(rf"(?i)(['\"]{_WORDS}['\"]\s*:\s*['\"])[^'\"]*"), rf"\1{MASK}"),
    (re.compile(rf"(?i)\b({_WORDS}=)[^&\s#'\"]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(https?://)[^/\s@]+@"), rf"\1{MASK}@"),
)

_ONE_WORD = re.compile(r"[0-9A-Za-z_.-]{1,100}")
"""What no pattern finds anything in, such as a request's id: each of them wants a space, a sign or a quote."""


class Redactor:
    """Knows the secrets of one account and takes them out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Remember secrets, as they are and as they look in an address, in XML and in HTML."""
        with self._lock:
            for secret in secrets:
                if len(secret) >= _SHORTEST:
                    self._known.update(
                        dict.fromkeys((secret, quote(secret, safe=""), quote_plus(secret), escape(secret)))
                    )
            while len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
            longest_first = sorted(self._known, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def scrub(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        if _ONE_WORD.fullmatch(text):
            return text
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def line(self, text: str, limit: int = 300) -> str:
        """The text without secrets, in one line of printable characters, cut to `limit`."""
        scrubbed = self.scrub(text[:_LONGEST])
        if not _ONE_WORD.fullmatch(scrubbed):
            scrubbed = " ".join("".join(letter if letter.isprintable() else " " for letter in scrubbed).split())
        return scrubbed if len(scrubbed) <= limit else scrubbed[: limit - 1] + "…"


def secrets_of(settings: BaseModel) -> list[str]:
    """The values of all secret settings."""
    return list(_secrets(dict(settings)))


def _secrets(value: Any) -> Iterable[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode(errors="ignore")
    elif isinstance(value, BaseModel):
        yield from _secrets(dict(value))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)


ours = threading.local()
"""`ours.active` is true while this thread is inside one of our calls."""


class _NotOurs(logging.Filter):
    """Drops what urllib3 says about our calls: its lines carry whole addresses. We log each call ourselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(ours, "active", False)


def silence_urllib3() -> None:
    """Keep urllib3 from logging our calls; what others do with it is not touched."""
    for name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.response", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, _NotOurs) for known in logger.filters):
            logger.addFilter(_NotOurs())
