"""Where calls go: the adapter's own addresses, and addresses that the platform hands us, if they are its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3

from sellercare.calls import Call
from sellercare.errors import BadAnswer, BadInput, ConfigError
from sellercare.http.redaction import Redactor

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of an address: who it leads to."""

    scheme: str
    host: str
    port: int


def normal_url(url: str) -> str:
    """An address as requests would send it; ValueError for one that cannot be sent."""
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url)


def origin_of(url: str) -> Origin:
    """Who an address leads to; ValueError where two readers could disagree about it.

    requests connects by `urllib.parse`, urllib3 reads on its own: an address that they read differently, or that
    carries a user's name, is refused.
    """
    if "\\" in url or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise ValueError("it has characters that no address has")
    one, other = urlsplit(url), urllib3.util.parse_url(url)
    if one.username is not None or other.auth is not None:
        raise ValueError("it carries a user's name")
    host = (one.hostname or "").lower()
    if one.scheme not in ("http", "https") or not host or (other.host or "").strip("[]").lower() != host:
        raise ValueError("it names no host that we can be sure of")
    if one.port != other.port:
        raise ValueError("its port is not clear")
    return Origin(one.scheme, host, one.port or (443 if one.scheme == "https" else 80))


def base_url(name: str, url: str) -> str:
    """A base URL of the settings, ready for paths; ConfigError if it is none."""
    try:
        whole = normal_url(url)
        origin_of(whole)
    except (ValueError, urllib3.exceptions.LocationParseError) as error:
        reason = "it is not an address" if isinstance(error, requests.RequestException) else str(error)
        raise ConfigError(
            f"The base URL {name!r} cannot be used: {reason}.",
            setting="base_url",
            next_step="Give the whole address, such as https://api.example.com.",
        ) from None
    if "?" in whole or "#" in whole:
        raise ConfigError(f"The base URL {name!r} has a query or a fragment.", setting="base_url")
    return whole.rstrip("/")


class Addresses:
    """The addresses of one account's platform."""

    def __init__(self, title: str, bases: Mapping[str, str], redactor: Redactor) -> None:
        self._title = title
        self._redactor = redactor
        self._bases = {name: base_url(name, url) for name, url in bases.items()}
        self._origins = [origin_of(url) for url in self._bases.values()]

    def of(self, call: Call, secret: Mapping[str, str] = _NOTHING) -> str:
        """The whole address of a call, with the `secret` parameters that authorise it.

        Raises BadInput for an id that is none, BadAnswer for a stranger's address.
        """
        if call.url is not None:
            url = self._storage(call, call.url) if call.storage else self._own(call, call.url)
        else:
            try:
                path = call.full_path()
            except ValueError as error:
                raise BadInput(f"{where(call)}: {error}.", field="id") from None
            if "{" in path:
                raise BadInput(f"{where(call)}: an id is missing.", field="id")
            url = self._bases[call.base] + path
        if call.params or secret:
            params = {**call.params, **secret}
            query = urlencode([pair for name, value in params.items() for pair in _pairs(name, value)])
            if query:
                url = f"{url}{'&' if '?' in url else '?'}{query}"
        return url if url.isascii() else normal_url(url)

    def sent_on(self, call: Call, here: str, target: str, status: int) -> str:
        """Where a read that was sent on goes; BadAnswer for any place but the same host."""
        try:
            there = normal_url(urljoin(here, target))
            stays = bool(target) and origin_of(there) == origin_of(here)
        except ValueError:
            stays = False
        if stays and (call.method in ("GET", "HEAD") or status in (307, 308)):
            return there
        raise BadAnswer(
            f"{where(call)}: {self._title} sent us on to another place, and we did not go there (status {status}).",
            status=status,
            next_step="Check the base URL in the settings: https, and the host's final name.",
        )

    def _own(self, call: Call, url: str) -> str:
        """A handed address in normal form; BadAnswer where it is not on one of the adapter's own hosts."""
        try:
            origin = origin_of(url)
            whole = normal_url(url)
            still = origin_of(whole) == origin
        except ValueError as error:
            raise self._stranger(call, str(error)) from None
        for base in self._origins:
            if still and (origin.host, origin.port) == (base.host, base.port):
                if origin.scheme in ("https", base.scheme):
                    return whole
                raise self._stranger(call, "it is not encrypted")
        raise self._stranger(call, f"it leads to {self._redactor.line(origin.host, 80)}")

    def _storage(self, call: Call, url: str) -> str:
        """A storage service's address as it was handed out: a signature covers it to the letter.

        BadAnswer for one that is not encrypted or does not lead to a public name: what a platform says may not make
        us call the machines around us. On one of the adapter's own hosts it is as good as any other address there.
        """
        try:
            origin = origin_of(url)
        except ValueError as error:
            raise self._stranger(call, str(error)) from None
        if origin in self._origins:
            return url
        if origin.scheme != "https":
            raise self._stranger(call, "it is not encrypted")
        if not _public(origin.host):
            raise self._stranger(call, f"{self._redactor.line(origin.host, 80)} is no public name")
        return url

    def _stranger(self, call: Call, why: str) -> BadAnswer:
        return BadAnswer(
            f"{where(call)}: {self._title} handed us an address that is not its own, so nothing was sent there "
            f"({why}).",
            path="$..*",  # anywhere in an earlier answer: where it was found is not known here
            next_step="If the platform has moved, set its base URL in the settings.",
        )


_PRIVATE_ENDINGS = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


def _public(host: str) -> bool:
    """Whether a host is a name of the public net: with a dot, no number of a machine, none of the private endings."""
    numeric = ":" in host or host.rpartition(".")[2].isdecimal()
    return "." in host.strip(".") and not numeric and not host.rstrip(".").endswith(_PRIVATE_ENDINGS)


def where(call: Call) -> str:
    """A call's name in errors and logs; never the ids in it."""
    return call.title or f"{call.method} {call.path or '(a handed address)'}"


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """The pairs of one parameter: nothing for None, several for a list, `true` and `false` as JSON writes them."""
    if type(value) is str:
        return [(name, value)]
    if value is None:
        return []
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    if isinstance(value, list | tuple | set | frozenset):
        return [pair for item in value for pair in _pairs(name, item)]
    return [(name, str(value))]
