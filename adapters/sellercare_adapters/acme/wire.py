"""What Acme calls differently from the common models. docs/adapters/acme.md has its payloads whole."""

from typing import Any, TypedDict

Row = dict[str, Any]


class Review(TypedDict):
    stars: int
