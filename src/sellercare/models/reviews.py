"""Reviews of products and of the seller."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field

from sellercare.models.base import Identity, Model, PlatformModel, Vocabulary
from sellercare.models.orders import Buyer


class ReviewSubject(Vocabulary):
    """What is reviewed."""

    PRODUCT = "product", "A product."
    SELLER = "seller", "The seller, or one sale."
    UNKNOWN = "unknown", "Not told by the platform."


class ReviewReply(Model):
    """The seller's public answer to a review."""

    text: str
    created_at: datetime | None = None


class Review(PlatformModel):
    """One review. `rating` is 1 (worst) to 5; `native_rating` is what the platform says; `rates` are its parts."""

    id: Identity
    subject: ReviewSubject = ReviewSubject.UNKNOWN
    product_id: str | None = None
    order_id: str | None = None
    rating: Decimal | None = Field(default=None, ge=1, le=5)
    native_rating: str | None = None
    rates: Mapping[str, Decimal] = Field(default_factory=dict)
    title: str | None = None
    text: str | None = None
    buyer: Buyer = Buyer()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    reply: ReviewReply | None = None
    published: bool | None = None
    removal_until: datetime | None = None
    removal_asked: bool | None = None
    url: str | None = None

    @property
    def awaiting_reply(self) -> bool:
        """Whether the seller has not answered."""
        return self.reply is None


class ReviewSummary(PlatformModel):
    """Counts and averages. `average` is 1–5; `share_positive` is a fraction between 0 and 1."""

    subject: ReviewSubject
    subject_id: str | None = None
    count: int | None = None
    average: Decimal | None = Field(default=None, ge=1, le=5)
    share_positive: Decimal | None = Field(default=None, ge=0, le=1)
    by_rating: Mapping[str, int] = Field(default_factory=dict)


class ReviewQuery(Model):
    """Which reviews to list. `rating_max` keeps ratings up to and including it, on the scale 1–5."""

    subject: ReviewSubject | None = None
    product_id: str | None = None
    order_id: str | None = None
    updated_since: AwareDatetime | None = None
    rating_max: Decimal | None = None
    awaiting_reply: bool | None = None


class ReplyToReview(Model):
    """Answer a review, for everybody to read. `replace` allows overwriting an answer that is there."""

    review_id: str
    text: str
    replace: bool = False

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"review:{self.review_id}"


class RequestReview(Model):
    """Ask the buyer of an order for a review."""

    order_id: str

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"order:{self.order_id}"


class DisputeReview(Model):
    """Ask the marketplace to remove a review."""

    review_id: str
    reason: str | None = None
    text: str | None = None

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"review:{self.review_id}"
