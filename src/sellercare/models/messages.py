"""Conversations with buyers, and what may be said in them right now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, Base64Bytes, Field, model_validator

from sellercare.models.base import Identity, Model, PlatformModel, Vocabulary
from sellercare.models.orders import Buyer


class ThreadKind(Vocabulary):
    """Kinds of conversation that look alike and are not."""

    PRIVATE = "private", "Between buyer and seller."
    PUBLIC_QUESTION = "public_question", "Everybody reads the answer."
    NOTE = "note", "One way: the buyer is told, and cannot answer here."
    CLAIM_CHAT = "claim_chat", "Inside a return, claim or dispute; the marketplace may read and write."
    PLATFORM = "platform", "With the marketplace's own staff."
    UNKNOWN = "unknown", "Not told by the platform."


class Party(Vocabulary):
    """Who wrote, or who is written to."""

    BUYER = "buyer", "The buyer."
    SELLER = "seller", "The seller, or somebody for the seller."
    PLATFORM = "platform", "The marketplace's staff or its software."
    UNKNOWN = "unknown", "Not told by the platform."


class Delivery(Vocabulary):
    """What became of a message. Sent is not delivered."""

    DELIVERED = "delivered", "The other side can read it."
    VERIFYING = "verifying", "The platform is looking at it first; the other side does not see it yet."
    BLOCKED = "blocked", "The platform will not deliver it."
    UNKNOWN = "unknown", "Not told by the platform."


class Attachment(Model):
    """A file at a message, return or claim. `url` needs the account's credential; `ready` is False while the
    platform still checks it, None when it does not say."""

    id: str
    filename: str | None = None
    media_type: str | None = None
    url: str | None = None
    ready: bool | None = None


class Upload(Model):
    """A file to send with a message or decision."""

    filename: str = Field(min_length=1)
    media_type: str
    data: Base64Bytes = Field(repr=False)

    @classmethod
    def of(cls, filename: str, media_type: str, data: bytes) -> Upload:
        """An upload of these bytes."""
        import base64

        return cls(filename=filename, media_type=media_type, data=base64.b64encode(data))


class Message(PlatformModel):
    """One message. `delivery` tells whether the other side can read it.

    `id` is None only for one that was just sent, where the platform answers without one; in a list each has its id.
    """

    id: Identity | None
    thread_id: str
    author: Party = Party.UNKNOWN
    author_name: str | None = None
    text: str | None = None
    created_at: datetime | None = None
    delivery: Delivery = Delivery.UNKNOWN
    native_delivery: str | None = None
    order_id: str | None = None
    attachments: tuple[Attachment, ...] = ()


class Thread(PlatformModel):
    """One conversation. `awaiting_reply` and `order_id` are None where the list does not tell them."""

    id: Identity
    kind: ThreadKind = ThreadKind.PRIVATE
    buyer: Buyer = Buyer()
    parties: tuple[Party, ...] = (Party.BUYER, Party.SELLER)
    subject: str | None = None
    order_id: str | None = None
    return_id: str | None = None
    updated_at: datetime | None = None
    read: bool | None = None
    awaiting_reply: bool | None = None
    closed: bool | None = None
    url: str | None = None


class MessageOption(Model):
    """One thing that may be written now. `text` says whether a text is wanted; sizes are in bytes, times in UTC."""

    id: str
    title: str
    kind: ThreadKind = ThreadKind.PRIVATE
    text: bool = True
    max_length: int | None = None
    fields: Mapping[str, str] = Field(default_factory=dict)
    attachment_types: tuple[str, ...] | None = None
    attachment_max_bytes: int | None = None
    max_attachments: int | None = None
    until: datetime | None = None
    why_not: str | None = None


class ThreadQuery(Model):
    """Which threads to list. Each filter that is given must hold."""

    updated_since: AwareDatetime | None = None
    awaiting_reply: bool | None = None
    order_id: str | None = None


class MessageTarget(Model):
    """What `messages.allowed` is asked about: a thread, or an order that may have none yet."""

    thread_id: str | None = None
    order_id: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> MessageTarget:
        if (self.thread_id is None) == (self.order_id is None):
            raise ValueError("name either thread_id or order_id")
        return self


class Reply(Model):
    """Answer in a thread. `answers` is the id of the message that is answered, where that is known."""

    thread_id: str
    text: str
    attachments: tuple[Upload, ...] = ()
    to: Party = Party.BUYER
    answers: str | None = None

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"thread:{self.thread_id}"


class StartThread(Model):
    """Begin a conversation about an order, through one of the options of `messages.allowed`."""

    order_id: str
    option: str | None = None
    text: str | None = None
    fields: Mapping[str, str] = Field(default_factory=dict)
    attachments: tuple[Upload, ...] = ()

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"order:{self.order_id}"


class MarkRead(Model):
    """Mark a thread as read, up to a message where the platform can."""

    thread_id: str
    up_to: str | None = None

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"thread:{self.thread_id}"


class CloseThread(Model):
    """Close a thread, or ask for it where the other side must agree."""

    thread_id: str

    @property
    def target(self) -> str:
        """What the write acts on."""
        return f"thread:{self.thread_id}"
