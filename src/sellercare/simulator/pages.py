"""Pages of a list, in the ways that platforms cut them. A face names its parameters; rows are cut after filtering."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from sellercare.simulator.messages import Request

T = TypeVar("T")


def offset_page(
    rows: Sequence[T],
    request: Request,
    *,
    size: int = 20,
    most: int = 100,
    limit: str = "limit",
    offset: str = "offset",
) -> Sequence[T]:
    """The rows from `offset` on, `limit` of them at most. ValueError for numbers that are none."""
    count, start = int(request.param(limit) or size), int(request.param(offset) or 0)
    if not (0 < count <= most and start >= 0):
        raise ValueError(f"{limit} is 1 to {most}, {offset} is not negative")
    return rows[start : start + count]


def cursor_page(
    rows: Sequence[T],
    request: Request,
    *,
    size: int = 20,
    most: int = 100,
    limit: str = "limit",
    cursor: str = "cursor",
) -> tuple[Sequence[T], str | None]:
    """The rows after the cursor, and the cursor of the next page (None at the end). ValueError for a wrong cursor."""
    count = int(request.param(limit) or size)
    if not 0 < count <= most:
        raise ValueError(f"{limit} is 1 to {most}")
    token = request.param(cursor)
    start = int(base64.urlsafe_b64decode(token)) if token else 0
    more = start + count < len(rows)
    return rows[start : start + count], base64.urlsafe_b64encode(str(start + count).encode()).decode() if more else None
