"""Reading `rules.toml`, and holding a message against it."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Protocol

from pydantic import Field, field_validator

from sellercare.adapter import Adapter
from sellercare.errors import RuleBroken
from sellercare.models import Model, ThreadKind, Upload


class Use(Model):
    """What the platform lets software do: whether, and where it says so."""

    allowed: bool
    says: str = ""
    source: str
    date: date


class Forbidden(Model):
    """A pattern that a text may not contain. `says` is the sentence for the seller."""

    name: str
    pattern: str
    says: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return pattern


class MessageRule(Model):
    """What may be written by one verb, in these kinds of thread (none named: in all). Lengths in characters."""

    verb: str
    kinds: tuple[ThreadKind, ...] = ()
    max_length: int | None = None
    text_required: bool = True
    forbid: tuple[Forbidden, ...] = ()
    attachment_types: tuple[str, ...] | None = None
    attachment_max_bytes: int | None = None
    max_attachments: int | None = None
    source: str
    date: date

    @property
    def cited(self) -> str:
        """Where the rule is written, and when that was read."""
        return f"{self.source} ({self.date})"


class Deadline(Model):
    """How soon the seller has to act on one kind of thing, in hours."""

    kind: str
    hours: int
    says: str
    source: str
    date: date


class RuleBook(Model):
    """All rules of one platform."""

    use: Mapping[str, Use] = Field(default_factory=dict)
    message: tuple[MessageRule, ...] = ()
    deadline: tuple[Deadline, ...] = ()

    def rule_for(self, verb: str, kind: ThreadKind | None = None) -> MessageRule | None:
        """The first rule that speaks about this verb and kind of thread; None if the platform sets none.

        While the kind is not known, the rule that takes the longest text speaks: nothing is refused on a guess.
        """
        rules = [rule for rule in self.message if rule.verb == verb]
        if kind is None:
            return max(rules, key=lambda rule: rule.max_length or sys.maxsize, default=None)
        return next((rule for rule in rules if not rule.kinds or kind in rule.kinds), None)

    def check_message(
        self, verb: str, text: str | None, attachments: Sequence[Upload] = (), kind: ThreadKind | None = None
    ) -> None:
        """Raise RuleBroken for the first rule that this message breaks."""
        rule = self.rule_for(verb, kind)
        if rule is not None:
            _check_text(rule, text or "")
            check_attachments(rule, attachments, rule.cited)


def _check_text(rule: MessageRule, text: str) -> None:
    if rule.text_required and not text.strip():
        raise _broken("text", "empty-text", "The text is empty.", rule.cited)
    if rule.max_length is not None and len(text) > rule.max_length:
        too_long = f"The text has {len(text)} characters; the platform takes {rule.max_length}."
        raise _broken("text", "max-length", too_long, rule.cited)
    for forbidden in rule.forbid:
        if re.search(forbidden.pattern, text):
            raise _broken("text", forbidden.name, forbidden.says, rule.cited)


class FileLimits(Protocol):
    """What a rule, or an option of the moment, says about files. Sizes in bytes; None where it says nothing."""

    @property
    def max_attachments(self) -> int | None:
        """How many there may be."""
        ...

    @property
    def attachment_types(self) -> Sequence[str] | None:
        """The media types that there may be."""
        ...

    @property
    def attachment_max_bytes(self) -> int | None:
        """How large each may be."""
        ...


def check_attachments(limits: FileLimits, attachments: Sequence[Upload], source: str = "") -> None:
    """Raise RuleBroken for the first limit that these files are above."""
    most, kinds, size = limits.max_attachments, limits.attachment_types, limits.attachment_max_bytes
    if most is not None and len(attachments) > most:
        too_many = f"{len(attachments)} attachments; the platform takes {most or 'none'} here."
        raise _broken("attachments", "max-attachments", too_many, source)
    for upload in attachments:
        if kinds is not None and upload.media_type not in kinds:
            wrong = f"{upload.filename} is {upload.media_type}; the platform takes {', '.join(kinds)}."
            raise _broken("attachments", "attachment-type", wrong, source)
        if size is not None and len(upload.data) > size:
            too_big = f"{upload.filename} has {len(upload.data)} bytes; the platform takes {size}."
            raise _broken("attachments", "attachment-size", too_big, source)


def _broken(field: str, name: str, says: str, source: str) -> RuleBroken:
    next_step = f"Change the {field} and try again."
    return RuleBroken(says, rule=name, field=field, source=source, next_step=next_step)


def rules_of(adapter: type[Adapter]) -> RuleBook:
    """The rule book of an adapter, read once; an empty one if its package has no `rules.toml`."""
    package = adapter.__module__.rpartition(".")[0]
    return _book_in(package) if package else RuleBook()


@cache
def _book_in(package: str) -> RuleBook:
    file = resources.files(package).joinpath("rules.toml")
    if not file.is_file():
        return RuleBook()
    return RuleBook.model_validate(tomllib.loads(file.read_text("utf-8")))
