"""What goes over a simulated wire: a request, and the reply to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from sellercare.calls import parse_json, to_json


class Headers(Mapping[str, str]):
    """Headers, whatever the case of their names."""

    def __init__(self, pairs: Mapping[str, str] | None = None) -> None:
        self._pairs = {name.lower(): str(value) for name, value in (pairs or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._pairs[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


@dataclass(frozen=True)
class Request:
    """A request as a platform gets it: the path without the query, the query's values by name.

    `target` is path and query to the letter as they were sent, which signatures are made over.
    """

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=Headers, repr=False)
    body: bytes = field(default=b"", repr=False)
    target: str = field(default="", repr=False)

    def json(self) -> Any:
        """The body as JSON, with Decimals; ValueError if it is none."""
        return parse_json(self.body)

    def form(self) -> dict[str, str]:
        """The body as a form, one value a name."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default


@dataclass(frozen=True)
class Reply:
    """An answer. With `lost` nothing of it arrives, with `cut` only half; it leaves after `delay` seconds."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: bool = False
    cut: bool = False
    delay: float = 0.0

    @classmethod
    def of(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A JSON answer."""
        return cls(status, {"Content-Type": "application/json"} | dict(headers or {}), to_json(value))

    @classmethod
    def html(cls, title: str, status: int = 200) -> Reply:
        """A web page, as servers in front of a platform send them."""
        page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return cls(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode())

    def json(self) -> Any:
        """The body as JSON, with Decimals."""
        return parse_json(self.body)
