"""Money that goes back to a buyer: what was paid back, and what may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field, model_validator

from sellercare.errors import BadInput
from sellercare.models.base import Identity, Model, PlatformModel, Vocabulary
from sellercare.models.money import Money
from sellercare.models.orders import LineKind, LineQuantity
from sellercare.models.returns import Choice


class RefundState(Vocabulary):
    """What became of a refund. Accepted is not paid."""

    PENDING = "pending", "Accepted; the money is not there yet."
    DONE = "done", "Paid."
    FAILED = "failed", "Not paid: refused later, or called off."
    UNKNOWN = "unknown", "The platform uses a word that we do not know; see `native_state`."


class RefundLine(Model):
    """A part of a refund. `order_line_id` names the order's line, where there is one."""

    kind: LineKind = LineKind.ITEM
    order_line_id: str | None = None
    quantity: Decimal | None = None
    amount: Money | None = None


class Refund(PlatformModel):
    """One refund. The amount is positive, gross, in the buyer's currency.

    `id` is None only for one that was just asked for, where the platform answers without one; in lists each has its id.
    """

    id: Identity | None
    order_id: str | None = None
    return_id: str | None = None
    payment_id: str | None = None
    amount: Money | None = None
    lines: tuple[RefundLine, ...] = ()
    reason: str | None = None
    note: str | None = None
    state: RefundState = RefundState.UNKNOWN
    native_state: str | None = None
    created_at: datetime | None = None
    url: str | None = None


class Granularity(Vocabulary):
    """How a refund can be cut."""

    AMOUNT = "amount", "Any sum between least and most."
    LINES = "lines", "Whole lines or pieces of lines only."
    WHOLE = "whole", "All of it or nothing."
    UNKNOWN = "unknown", "Not told by the platform."


class RefundOption(Model):
    """One way to pay back now: through which payment, item or return, how much, in what steps.

    `reasons` are the platform's codes; with `any_reason` any words will do, and with neither a reason is refused.
    `native` is what the adapter needs to build the request again; it is stored with the intent.
    """

    id: str
    title: str
    through: str
    order_id: str | None = None
    return_id: str | None = None
    granularity: tuple[Granularity, ...] = (Granularity.AMOUNT,)
    least: Money | None = None
    most: Money
    lines: tuple[RefundLine, ...] = ()
    reasons: tuple[Choice, ...] = ()
    reason_required: bool = False
    any_reason: bool = False
    note_max_length: int | None = None
    consequences: str = ""
    native: Mapping[str, str] = Field(default_factory=dict)


class RefundQuery(Model):
    """Which refunds to list. Each filter that is given must hold."""

    order_id: str | None = None
    created_since: AwareDatetime | None = None


class RefundTarget(Model):
    """What `refunds.quote` is asked about: an order or a return."""

    order_id: str | None = None
    return_id: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> RefundTarget:
        if (self.order_id is None) == (self.return_id is None):
            raise ValueError("name either order_id or return_id")
        return self


class IssueRefund(Model):
    """Pay money back. `amount` or `lines`; with neither, everything that the option allows.

    `option` is the chosen `RefundOption`; the pipeline fills it in before the intent is recorded.
    """

    order_id: str | None = None
    return_id: str | None = None
    option_id: str | None = None
    amount: Money | None = None
    lines: tuple[LineQuantity, ...] = ()
    reason: str | None = None
    note: str | None = None
    option: RefundOption | None = None

    @property
    def chosen(self) -> RefundOption:
        """The way of paying back, which the core has chosen. Raises BadInput where nobody has."""
        if self.option is None:
            raise BadInput("No way to pay back was chosen.", field="option", next_step="Look at `refunds quote`.")
        return self.option

    @property
    def target(self) -> str:
        """What the write acts on: the order, where it is known, so that two refunds of it wait for each other."""
        order = self.order_id or (self.option.order_id if self.option else None)
        return f"order:{order}" if order else f"return:{self.return_id}"
