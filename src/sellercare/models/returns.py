"""Returns and everything that is handled like one: cancellations, claims, disputes, inquiries, chargebacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import Field

from sellercare.models.base import Identity, Model, PlatformModel, Vocabulary
from sellercare.models.messages import Attachment, Upload
from sellercare.models.money import Money
from sellercare.models.orders import Buyer, LineQuantity
from sellercare.support import MovesMoney


class ReturnKind(Vocabulary):
    """What is asked for."""

    RETURN = "return", "The buyer sends goods back."
    CANCELLATION = "cancellation", "The order is to be called off before it is shipped."
    CLAIM = "claim", "The goods are faulty, wrong or missing; the seller has to decide."
    DISPUTE = "dispute", "A disagreement in which the marketplace may take part."
    INQUIRY = "inquiry", "The buyer asks where the goods are."
    CHARGEBACK = "chargeback", "The buyer's bank takes the money back."
    UNKNOWN = "unknown", "The platform uses a word that we do not know; see `native_kind`."


class ReturnState(Vocabulary):
    """Where it is."""

    REQUESTED = "requested", "Asked for; the seller has not decided, or no decision is needed."
    APPROVED = "approved", "Agreed to; the goods may come."
    IN_TRANSIT = "in_transit", "The goods are on their way back."
    PARTLY_RECEIVED = "partly_received", "Some of the goods are back."
    RECEIVED = "received", "The goods are back; the money may not be."
    REFUNDED = "refunded", "Finished with money paid back."
    DECLINED = "declined", "The seller said no."
    CANCELLED = "cancelled", "Called off, or dropped."
    ESCALATED = "escalated", "The marketplace decides."
    CLOSED = "closed", "Finished in another way."
    UNKNOWN = "unknown", "The platform uses a word that we do not know; see `native_state`."


class ReturnVerb(Vocabulary):
    """The verbs of `returns` that decide something."""

    APPROVE = "approve", "Agree to it."
    DECLINE = "decline", "Say no."
    RECEIVE = "receive", "Confirm that goods are back."
    OFFER = "offer", "Offer another outcome to the buyer."
    CONTEST = "contest", "Disagree, with evidence, before the marketplace or the bank."
    UNKNOWN = "unknown", "None of the common verbs."


class ReturnLine(Model):
    """One line that comes back. `id` is the platform's id of this return line, `order_line_id` of the order's."""

    id: str
    order_line_id: str | None = None
    title: str | None = None
    quantity: Decimal = Decimal(1)
    received: Decimal | None = None
    price: Money | None = None
    reason: str | None = None
    note: str | None = None


class Return(PlatformModel):
    """One return, claim, dispute and so on. `due` is the platform's own deadline for the seller, in UTC."""

    id: Identity
    kind: ReturnKind = ReturnKind.RETURN
    native_kind: str | None = None
    state: ReturnState = ReturnState.UNKNOWN
    native_state: str | None = None
    number: str | None = None
    order_id: str | None = None
    thread_id: str | None = None
    native_ids: Mapping[str, str] = Field(default_factory=dict)
    buyer: Buyer = Buyer()
    lines: tuple[ReturnLine, ...] = ()
    reason: str | None = None
    note: str | None = None
    wants: tuple[str, ...] = ()
    asked: Money | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    due: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    url: str | None = None


class Choice(Model):
    """One value that a platform accepts, and what people call it."""

    code: str
    title: str


class ReturnAction(Model):
    """One decision that the platform accepts now. `variant` is passed back to choose it; `due` is in UTC.

    One that is `by_name` is never taken because it is the only one: its variant has to be named.
    """

    verb: ReturnVerb
    variant: str | None = None
    by_name: bool = False
    title: str = ""
    moves_money: MovesMoney = MovesMoney.NO
    reasons: tuple[Choice, ...] = ()
    note_required: bool = False
    note_max_length: int | None = None
    evidence_required: bool = False
    amount_required: bool = False
    most: Money | None = None
    due: datetime | None = None
    consequences: str = ""


class ReturnQuery(Model):
    """Which returns to list. Each filter that is given must hold."""

    updated_since: datetime | None = None
    state: ReturnState | None = None
    kind: ReturnKind | None = None
    order_id: str | None = None


class OpenReturn(Model):
    """Open a return for an order, on the seller's side. `return_shipping` is the platform's id of a label option."""

    order_id: str
    lines: tuple[LineQuantity, ...] = Field(min_length=1)
    kind: ReturnKind = ReturnKind.RETURN
    variant: str | None = None
    reason: str | None = None
    note: str | None = None
    return_shipping: str | None = None

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"order:{self.order_id}"


class Decision(Model):
    """A decision about a return: approve, decline, receive, offer or contest."""

    return_id: str
    variant: str | None = None
    lines: tuple[LineQuantity, ...] = ()
    reason: str | None = None
    note: str | None = None
    amount: Money | None = None
    attachments: tuple[Upload, ...] = ()

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"return:{self.return_id}"
