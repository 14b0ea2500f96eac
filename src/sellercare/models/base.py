"""What all models share: they are frozen, strict about names, and keep the platform's own payload."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A frozen value. Times are aware and in UTC; money is `Money`; ids are text, as the platform writes them."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)

    def gives(self, name: str) -> bool:
        """Whether a field says something that it could have left alone."""
        default = type(self).model_fields[name].get_default(call_default_factory=True)
        return bool(getattr(self, name) != default)


Identity = Annotated[str, Field(min_length=1)]
"""The id of a thing that is asked for again by it: an empty text is none. A platform that gives none gets one that is
derived and documented; a message or refund that was just made has None where the answer does not tell it."""


class PlatformModel(Model):
    """A thing that a platform told us about. `raw` is its untouched payload (not shown by `repr`)."""

    raw: Any = Field(default=None, repr=False)


class Vocabulary(StrEnum):
    """A small closed list of words; each member's `meaning` is a sentence, and each list has `UNKNOWN`.

    A platform's own word that we have never seen is not an error: it becomes `UNKNOWN`, and the field
    beside it whose name starts with `native_` keeps the word.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
