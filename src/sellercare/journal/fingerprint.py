"""What makes two writes the same: the content that was asked for."""

from __future__ import annotations

import hashlib
import uuid

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from sellercare.calls import Json, parse_json, to_json
from sellercare.errors import BadInput

_NAMESPACE = uuid.UUID("6f1c7f0e-7a0b-5c39-9f5d-6a6a3f0f5c1e")


def content_of(command: BaseModel) -> Json:
    """A command as JSON, as it is stored."""
    return parse_json(_dumped(command, exclude_defaults=False))


def fingerprint(verb: str, command: BaseModel) -> str:
    """A hash of what the caller asked for.

    What was left at its default is no part of it, or a field that a later version adds would make every key another's.
    """
    asked = parse_json(_dumped(command, exclude_defaults=True))
    return hashlib.sha256(verb.encode() + b"\0" + to_json(_sorted(asked))).hexdigest()


def _dumped(command: BaseModel, *, exclude_defaults: bool) -> str:
    try:
        return command.model_dump_json(exclude_defaults=exclude_defaults)
    except PydanticSerializationError:
        raise BadInput(
            "A text has half a character in it (a lone surrogate), which cannot be sent.",
            next_step="It comes from a file that was read in the wrong encoding, or from an emoji that was cut.",
        ) from None


def platform_key(adapter: str, account: str, verb: str, key: str) -> str:
    """A UUID for a platform's own idempotency key: the same for every attempt of one intent."""
    return str(uuid.uuid5(_NAMESPACE, "\0".join((adapter, account, verb, key))))


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
