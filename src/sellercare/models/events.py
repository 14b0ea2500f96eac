"""What platforms push to us: webhooks and notifications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from sellercare.models.base import Model, PlatformModel, Vocabulary


class Trust(Vocabulary):
    """How far an event may be believed."""

    SIGNED = "signed", "The signature was checked: it is the platform's."
    UNSIGNED = "unsigned", "The platform signs nothing: fetch the thing again before acting."
    UNKNOWN = "unknown", "Not told."


class Event(PlatformModel):
    """Something happened. `verb` is the read that shows it, such as `messages.thread`, with `subject_id`."""

    id: str | None = None
    verb: str
    subject_id: str
    happened_at: datetime | None = None


class EventRequest(Model):
    """An HTTP request as a web server received it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = Field(default=b"", repr=False)


class Handled(Model):
    """The events of a request, how far they may be trusted, and the answer that the platform wants."""

    events: tuple[Event, ...] = ()
    trust: Trust = Trust.UNKNOWN
    status: int = 200
    headers: Mapping[str, str] = Field(default_factory=dict)
    body: bytes = b""
