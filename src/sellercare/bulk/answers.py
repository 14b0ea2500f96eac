"""Answers to reviews out of rows. Everybody reads them, so no template sees who the buyer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sellercare.bulk.columns import Asked, BadRow, Cells, Draft, Patterns, missing_for_text
from sellercare.bulk.files import RawRow
from sellercare.bulk.prepared import Wishes
from sellercare.bulk.templates import public_text
from sellercare.bulk.whole import Wanted, Whole, made_key
from sellercare.models import Model, ReplyToReview

if TYPE_CHECKING:
    from sellercare.shop import Shop


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """An answer to a review as the row asks for it; `cells` are the row's data for a template."""

    line: int
    account: str
    review_id: str
    text: str
    template: str
    replace: bool
    key: str
    cells: Mapping[str, Any] = field(default_factory=dict)


class Answers(Whole):
    """`reviews.reply` in bulk."""

    name = "reviews.reply"
    noun = "answer"
    command: type[Model] = ReplyToReview
    columns = ("account", "review_id", "text", "template", "replace", "key")

    def missing(self, columns: frozenset[str], asked: Asked) -> str:
        """Which review, and what to say."""
        return missing_for_text(columns, asked, "review_id")

    def read(self, row: RawRow, asked: Asked, patterns: Patterns) -> Draft:
        """The answer that a row asks for."""
        cells = Cells(row, asked)
        review_id = cells.id("review_id", patterns(cells.account).get("review_id", ""))
        if not review_id:
            raise BadRow("review_id is empty")
        text, template = cells.text_or_template()
        return AnswerDraft(
            line=row.line,
            account=cells.account,
            review_id=review_id,
            text=text,
            template=template,
            replace=cells.flag("replace"),
            key=cells.key(),
            cells=cells.for_template() if template else {},
        )

    def wanted(self, shop: Shop, draft: AnswerDraft, wishes: Wishes) -> Wanted:
        """The answer, with its text rendered: what is approved is what is sent."""
        text = draft.text or public_text(draft.template, draft.cells, draft.account, draft.line)
        command = ReplyToReview(review_id=draft.review_id, text=text, replace=draft.replace)
        return Wanted(self.name, command, draft.key or made_key("answer", [draft.review_id, text]))

    def named(self, command: ReplyToReview) -> tuple[str, str]:
        """The review."""
        return "review_id", command.review_id


__all__ = ["AnswerDraft", "Answers"]
