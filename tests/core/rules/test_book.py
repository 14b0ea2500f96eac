"""Rules are data; breaking one is said with its source, before anything leaves."""

from __future__ import annotations

import tomllib

import pytest
from pydantic import ValidationError

from sellercare.errors import RuleBroken
from sellercare.models import ThreadKind, Upload
from sellercare.rules import RuleBook

BOOK = """
[use]
bulk = { allowed = false, says = "no batch messages", source = "the terms", date = 2026-01-01 }

[[message]]
verb = "messages.reply"
kinds = ["claim_chat"]
max_length = 20
source = "the claims page"
date = 2026-02-01

[[message]]
verb = "messages.reply"
max_length = 10
forbid = [ { name = "outside-link", pattern = "https?://", says = "Links are not allowed." } ]
attachment_types = ["image/png"]
attachment_max_bytes = 4
max_attachments = 1
source = "the messages page"
date = 2026-02-01

[[deadline]]
kind = "return"
hours = 336
says = "Fourteen days to withdraw."
source = "the help centre"
date = 2026-01-01
"""


@pytest.fixture
def book() -> RuleBook:
    return RuleBook.model_validate(tomllib.loads(BOOK))


def png(size: int, media_type: str = "image/png") -> Upload:
    return Upload.of("a.png", media_type, b"x" * size)


@pytest.mark.parametrize(
    ("text", "attachments", "rule"),
    [
        ("", (), "empty-text"),
        (" \n", (), "empty-text"),
        ("12345678901", (), "max-length"),
        ("http://x", (), "outside-link"),
        ("ok", (png(1), png(1)), "max-attachments"),
        ("ok", (png(5),), "attachment-size"),
        ("ok", (png(1, "text/html"),), "attachment-type"),
    ],
)
def test_a_broken_rule_is_named_with_its_source(
    book: RuleBook, text: str, attachments: tuple[Upload, ...], rule: str
) -> None:
    with pytest.raises(RuleBroken) as caught:
        book.check_message("messages.reply", text, attachments, ThreadKind.PRIVATE)
    assert caught.value.rule == rule
    assert caught.value.source


def test_the_limit_itself_is_allowed(book: RuleBook) -> None:
    book.check_message("messages.reply", "1234567890", (png(4),), ThreadKind.PRIVATE)


def test_the_kind_of_thread_decides(book: RuleBook) -> None:
    book.check_message("messages.reply", "12345678901234567890", kind=ThreadKind.CLAIM_CHAT)
    with pytest.raises(RuleBroken):
        book.check_message("messages.reply", "12345678901234567890", kind=ThreadKind.PRIVATE)


def test_while_the_kind_is_not_known_nothing_is_refused_on_a_guess(book: RuleBook) -> None:
    book.check_message("messages.reply", "12345678901234567890")
    with pytest.raises(RuleBroken):
        book.check_message("messages.reply", "123456789012345678901")


def test_a_verb_without_a_rule_is_free(book: RuleBook) -> None:
    book.check_message("reviews.reply", "anything, at any length, with https://links")


def test_use_and_deadlines_are_read(book: RuleBook) -> None:
    assert not book.use["bulk"].allowed
    assert book.deadline[0].hours == 336


def test_a_pattern_that_is_none_is_found_when_the_book_is_read() -> None:
    broken = BOOK.replace('pattern = "https?://"', 'pattern = "("')
    with pytest.raises(ValidationError, match="not a regular expression"):
        RuleBook.model_validate(tomllib.loads(broken))
