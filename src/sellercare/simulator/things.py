"""What a simulated seller's account is made of. Plain data; times in UTC; money as `Money`.

States are the words of the common models where there is one (`requested`, `approved`, `pending`). `extra` is for
what only one platform has; its face puts it there and reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sellercare.models import Money

Extra = dict[str, Any]


@dataclass
class Buyer:
    """Somebody who bought. A platform that withholds a field has None."""

    id: str
    login: str
    name: str | None = None
    email: str | None = None
    extra: Extra = field(default_factory=dict)


@dataclass
class Line:
    """A line of an order; `price` is for one piece, gross. `kind` is item, shipping or fee."""

    id: str
    title: str
    price: Money
    quantity: int = 1
    sku: str = ""
    product_id: str = ""
    kind: str = "item"
    extra: Extra = field(default_factory=dict)

    @property
    def total(self) -> Money:
        """The price of all pieces."""
        return Money(amount=self.price.amount * self.quantity, currency=self.price.currency)


@dataclass
class Payment:
    """What the buyer paid, and how."""

    id: str
    amount: Money
    method: str = "online"
    extra: Extra = field(default_factory=dict)


@dataclass
class Order:
    """An order. `state` is open, paid, shipped, delivered or cancelled."""

    id: str
    number: str
    buyer_id: str
    lines: list[Line]
    payments: list[Payment]
    state: str
    created_at: datetime
    updated_at: datetime
    site: str = ""
    extra: Extra = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The currency of the order, an ISO 4217 code."""
        return self.lines[0].price.currency

    @property
    def total(self) -> Money:
        """All lines, shipping included."""
        return Money(
            amount=sum((line.total.amount for line in self.lines[1:]), self.lines[0].total.amount),
            currency=self.currency,
        )

    def line(self, line_id: str) -> Line | None:
        """The line with this id."""
        return next((line for line in self.lines if line.id == line_id), None)

    def known_line(self, line_id: str) -> Line:
        """The line with this id; KeyError if there is none."""
        return {line.id: line for line in self.lines}[line_id]


@dataclass
class File:
    """A file: declared first, its bytes put later. `state` is declared, new, safe or unsafe."""

    id: str
    filename: str
    media_type: str = "application/octet-stream"
    size: int = 0
    data: bytes = field(default=b"", repr=False)
    state: str = "declared"
    extra: Extra = field(default_factory=dict)


@dataclass
class Message:
    """A message. `author` is buyer, seller or platform; `delivery` is delivered, verifying or blocked."""

    id: str
    thread_id: str
    author: str
    text: str
    created_at: datetime
    files: list[File] = field(default_factory=list)
    delivery: str = "delivered"
    order_id: str | None = None
    answers: str | None = None
    extra: Extra = field(default_factory=dict)


@dataclass
class Thread:
    """A conversation. `kind` is a word of `ThreadKind`; messages are oldest first."""

    id: str
    buyer_id: str
    kind: str = "private"
    subject: str | None = None
    order_id: str | None = None
    return_id: str | None = None
    messages: list[Message] = field(default_factory=list)
    read: bool = True
    closed: bool = False
    updated_at: datetime | None = None
    extra: Extra = field(default_factory=dict)

    @property
    def awaiting_reply(self) -> bool:
        """Whether the buyer wrote last."""
        return bool(self.messages) and self.messages[-1].author == "buyer"


@dataclass
class ReturnLine:
    """A line that comes back; `line_id` is the order's line."""

    id: str
    line_id: str
    quantity: int = 1
    received: int = 0
    reason: str | None = None
    note: str | None = None


@dataclass
class Parcel:
    """A parcel on its way back."""

    carrier: str | None = None
    number: str | None = None


@dataclass
class Return:
    """A return, claim, dispute and so on. `kind` and `state` are words of `ReturnKind` and `ReturnState`."""

    id: str
    number: str
    kind: str
    state: str
    order_id: str
    buyer_id: str
    lines: list[ReturnLine]
    created_at: datetime
    updated_at: datetime
    reason: str | None = None
    note: str | None = None
    due: datetime | None = None
    thread_id: str | None = None
    asked: Money | None = None
    wants: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    extra: Extra = field(default_factory=dict)


@dataclass
class Refund:
    """Money paid back. `state` is pending, done or failed; `lines` is what the face was told, untouched."""

    id: str
    order_id: str
    payment_id: str
    amount: Money
    state: str
    created_at: datetime
    return_id: str | None = None
    lines: list[Any] = field(default_factory=list)
    reason: str | None = None
    note: str | None = None
    extra: Extra = field(default_factory=dict)


@dataclass
class Review:
    """A review. `subject` is product or seller; `rating` is 1 (worst) to 5."""

    id: str
    subject: str
    rating: int
    text: str | None
    buyer_id: str
    created_at: datetime
    updated_at: datetime
    product_id: str | None = None
    order_id: str | None = None
    title: str | None = None
    reply: str | None = None
    replied_at: datetime | None = None
    removal_until: datetime | None = None
    removal_asked: str | None = None
    extra: Extra = field(default_factory=dict)


@dataclass
class ScoreDay:
    """The seller's score on a day. A metric is a dict of its code, name, value, most and target, as far as known."""

    on: date
    value: int
    most: int
    grade: str
    metrics: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Data:
    """All that a platform knows about one seller, by id."""

    buyers: dict[str, Buyer] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    score_days: list[ScoreDay] = field(default_factory=list)
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """One thing that the platform did. `detail` tells intents apart (a text, an amount); `by` is api, person or
    platform. Tests count these: a buyer who is answered twice has two."""

    kind: str
    target: str
    detail: str
    at: datetime
    by: str = "api"
