"""Acme's payloads as they are sent. Acme was made after the common models, so most rows are called as they are there;
only what differs is named here. docs/adapters/acme.md has the payloads whole."""

from __future__ import annotations

from typing import Any, TypedDict

Row = dict[str, Any]


class Return(TypedDict):
    respond_by: str | None


class RefundOption(TypedDict):
    payment_id: str


class Review(TypedDict):
    stars: int


class Account(TypedDict):
    missing: list[str]
