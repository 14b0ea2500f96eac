"""Media types, languages and error documents: what goes around every call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sellercare.adapter import Problem
from sellercare.calls import Answer, Call, Json
from sellercare.translation import translated

PUBLIC = "application/vnd.allegro.public.v1+json"
BETA = "application/vnd.allegro.beta.v1+json"

# A resource's version lives in its media type; these two are still beta (description of July 2026).
_BETA_PATHS = ("/sale/issues", "/order/customer-returns")

_LANGUAGES: Mapping[str, str] = {
    "en": "en-US",
    "pl": "pl-PL",
    "uk": "uk-UA",
    "sk": "sk-SK",
    "cs": "cs-CZ",
    "hu": "hu-HU",
}


def media_type(path: str) -> str:
    """The media type of a resource, both for what is sent and for what is wanted."""
    return BETA if path.startswith(_BETA_PATHS) else PUBLIC


def language(locale: str) -> str:
    """The nearest language that Allegro speaks; English where it speaks none of it."""
    return _LANGUAGES.get(locale.replace("_", "-").partition("-")[0].lower(), "en-US")


def headers_of(user_agent: str, call: Call, locale: str) -> Mapping[str, str]:
    """The headers of a call."""
    headers = {
        "Accept": "*/*" if call.expect == "bytes" else media_type(call.path),
        "Accept-Language": language(locale),
        "User-Agent": user_agent,
    }
    if call.json is not None:
        headers["Content-Type"] = media_type(call.path)
    return headers


def problem_of(answer: Answer) -> Problem:
    """The first error of the API's document, or what the authorisation layer says."""
    document: Any = answer.json()
    if "error" in document:
        return Problem(code=document["error"], text=document.get("error_description") or "")
    first = document["errors"][0]
    text = first.get("userMessage") or first.get("message") or ""
    return Problem(code=first.get("code") or "", text=text, field=first.get("path") or "")


def with_id(answer: Answer) -> Json:
    """What a write answered, if it names what was made; else BadAnswer, after which it is looked up."""

    def checked(row: Any) -> Json:
        if not isinstance(row["id"], str) or not row["id"]:
            raise ValueError("no id")
        return row

    return translated(checked, answer.json(), answer.where)


def stamp(moment: datetime) -> str:
    """A time as Allegro's filters want it, to the millisecond, never later than the moment."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
