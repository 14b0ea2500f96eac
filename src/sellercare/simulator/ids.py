"""Ids as platforms have them, for things of a world."""

from __future__ import annotations

import hashlib


def number(world_id: str, digits: int = 9) -> str:
    """The number that stands for an id of the world, always the same: many platforms have numbers for ids.

    A world's own ids are numbers only where a test says so; such a one stays as it is.
    """
    if world_id.isdigit():
        return world_id
    digest = int.from_bytes(hashlib.sha256(world_id.encode()).digest()[:8], "big")
    return str(10 ** (digits - 1) + digest % (9 * 10 ** (digits - 1)))
