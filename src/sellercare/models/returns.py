"""Returns and everything that is handled like one: cancellations, claims, disputes, inquiries, chargebacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field, model_validator

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


class Parcel(Model):
    """A parcel: who carries it, and the number that it is followed by, as the platform or the carrier writes them.

    `url` is the page where it is followed.
    """

    carrier: str | None = None
    number: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Parcel:
        if not (self.carrier or self.number):
            raise ValueError("a parcel has a carrier or a number")
        return self

    @classmethod
    def known(cls, carrier: str | None, number: str | None, url: str | None = None) -> tuple[Parcel, ...]:
        """The parcel, if a platform tells anything of it that people know it by; else none."""
        return (cls(carrier=carrier or None, number=number or None, url=url or None),) if carrier or number else ()


class Return(PlatformModel):
    """One return, claim, dispute and so on. `due` is the platform's own deadline for the seller, in UTC.

    `parcels` bring the goods back; whether one is on its way is told by the state, not by its number.
    """

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
    parcels: tuple[Parcel, ...] = ()
    url: str | None = None


class DecisionPart(Vocabulary):
    """What may come with a decision."""

    LINES = "lines", "Some lines or pieces, instead of all."
    REASON = "reason", "One of the platform's reasons."
    NOTE = "note", "Words to the buyer or the marketplace."
    AMOUNT = "amount", "A sum of money."
    ATTACHMENTS = "attachments", "Files."
    PARCEL = "parcel", "Carrier and number of a parcel."
    UNKNOWN = "unknown", "The platform uses a word that we do not know."


class Choice(Model):
    """One value that a platform accepts, and what people call it."""

    code: str
    title: str


class ReturnAction(Model):
    """One decision that the platform accepts now. `variant` is passed back to choose it; `due` is in UTC.

    One that is `by_name` is never taken because it is the only one: its variant has to be named. `takes` is what may
    come with it besides what it wants; the core refuses everything else.
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
    takes: tuple[DecisionPart, ...] = ()
    most: Money | None = None
    due: datetime | None = None
    consequences: str = ""

    @property
    def accepted(self) -> frozenset[DecisionPart]:
        """All that may come with it: what it wants, and what it takes."""
        wanted = {
            DecisionPart.REASON: bool(self.reasons),
            DecisionPart.NOTE: self.note_required or self.note_max_length is not None,
            DecisionPart.AMOUNT: self.amount_required,
            DecisionPart.ATTACHMENTS: self.evidence_required,
        }
        return frozenset(self.takes) | {part for part, is_wanted in wanted.items() if is_wanted}


class ReturnQuery(Model):
    """Which returns to list. Each filter that is given must hold."""

    updated_since: AwareDatetime | None = None
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
    parcel: Parcel | None = None

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"return:{self.return_id}"
