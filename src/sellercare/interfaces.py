"""The verbs, with their promises: what an integrator implements.

One class an interface. Each method is one verb; its parameters are the same for every platform. Methods receive a
`Context` first. Reads return models, or `Listings` that the core walks. Writes return a `Write` that the core records
and sends. An adapter implements the verbs that it declares as native or emulated, and leaves the others alone.

Errors are raised by the core; a method only raises `NotAllowedNow` where it sees that the platform would refuse, and
`BadInput` where the input lacks what this platform needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from sellercare.calls import Answer, Call, Json, Listings, Sender
from sellercare.clock import Clock
from sellercare.looks import Looks, NoLooks
from sellercare.models import (
    AccountCheck,
    Attachment,
    CancelOrder,
    CloseThread,
    Decision,
    DisputeReview,
    EventRequest,
    Handled,
    IssueRefund,
    MarkRead,
    Message,
    MessageOption,
    MessageTarget,
    OpenReturn,
    Order,
    OrderQuery,
    Refund,
    RefundOption,
    RefundQuery,
    RefundTarget,
    Reply,
    ReplyToReview,
    RequestReview,
    Return,
    ReturnAction,
    ReturnQuery,
    Review,
    ReviewQuery,
    ReviewSummary,
    Score,
    ScoreQuery,
    StartThread,
    Thread,
    ThreadQuery,
)
from sellercare.work import Work, Works
from sellercare.writes import Write

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Granted:
    """What the account's stored tokens allow, and until when (UTC). Empty where there are none, or nothing was told."""

    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a method is given: the account's site, settings, clock and locale, and a way to send reads.

    `key` is set for writes only: a UUID that is the same for every attempt of one intent, made from account, verb
    and the caller's key. Where the platform has an idempotency key of its own, this is what to put there. `granted`
    looks up what the stored tokens allow. `works` is what the account waits for at the platform.
    `looks` has the answers to looks that changed something there.
    """

    http: Sender
    settings: Any
    site: str
    clock: Clock
    locale: str = "en"
    key: str = ""
    granted: Callable[[], Granted] = Granted
    works: Works = field(default_factory=Works)
    looks: Looks = field(default_factory=NoLooks)
    recent: Callable[[Call, timedelta], Json] | None = None

    def read(self, call: Call, *, good_for: timedelta | None = None) -> Json:
        """Send a read and return the document that it expects, JSON or XML.

        With `good_for`, a document that was read so short a time ago is given again (a platform's public key).
        """
        if good_for is not None and self.recent is not None:
            return self.recent(call, good_for)
        return self.http.read(call).payload()

    def wait(self, work: Work[T]) -> T:
        """Wait for what the platform does later (a report, an export); see `Works.wait`."""
        return self.works.wait(self.http, self.clock, work)


class Interface:
    """The root of the interfaces."""


class Orders(Interface):
    """Orders, read for what follows them, and cancelled before they are shipped."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order by the platform's id. Raises NotFound."""
        raise NotImplementedError

    def find(self, ctx: Context, number: str) -> Order:
        """One order by the number that people use. Raises NotFound."""
        raise NotImplementedError

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders, newest change first where the platform can."""
        raise NotImplementedError

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Call the order off before it is shipped. May move money: the contract says so."""
        raise NotImplementedError


class Messages(Interface):
    """Conversations with buyers."""

    def threads(self, ctx: Context, query: ThreadQuery) -> Listings[Thread]:
        """Conversations. Never marks anything as read."""
        raise NotImplementedError

    def thread(self, ctx: Context, thread_id: str) -> Thread:
        """One conversation, with `awaiting_reply` told where that can be found out. Raises NotFound."""
        raise NotImplementedError

    def messages(self, ctx: Context, thread_id: str) -> Listings[Message]:
        """The messages of a conversation. Raises NotFound."""
        raise NotImplementedError

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        """What may be written now, in this thread or about this order."""
        raise NotImplementedError

    def download(self, ctx: Context, attachment: Attachment) -> Call | bytes:
        """The call that fetches the bytes of an attachment; the bytes themselves where they come inside a document."""
        raise NotImplementedError

    def reply(self, ctx: Context, command: Reply) -> Write[Message]:
        """Answer in a conversation."""
        raise NotImplementedError

    def start(self, ctx: Context, command: StartThread) -> Write[Message]:
        """Begin a conversation about an order."""
        raise NotImplementedError

    def mark_read(self, ctx: Context, command: MarkRead) -> Write[None]:
        """Mark a conversation as read."""
        raise NotImplementedError

    def close(self, ctx: Context, command: CloseThread) -> Write[None]:
        """Close a conversation, or ask for it."""
        raise NotImplementedError


class Returns(Interface):
    """Returns, cancellations, claims, disputes, inquiries and chargebacks."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Returns of all kinds."""
        raise NotImplementedError

    def get(self, ctx: Context, return_id: str) -> Return:
        """One of them. Raises NotFound."""
        raise NotImplementedError

    def allowed(self, ctx: Context, return_id: str) -> Sequence[ReturnAction]:
        """The decisions that the platform accepts now."""
        raise NotImplementedError

    def open(self, ctx: Context, command: OpenReturn) -> Write[Return]:
        """Open one on the seller's side."""
        raise NotImplementedError

    def approve(self, ctx: Context, command: Decision) -> Write[Return]:
        """Agree. Whether that moves money is told by the contract and by the action."""
        raise NotImplementedError

    def decline(self, ctx: Context, command: Decision) -> Write[Return]:
        """Say no."""
        raise NotImplementedError

    def receive(self, ctx: Context, command: Decision) -> Write[Return]:
        """Confirm that goods are back."""
        raise NotImplementedError

    def offer(self, ctx: Context, command: Decision) -> Write[Return]:
        """Offer another outcome."""
        raise NotImplementedError

    def contest(self, ctx: Context, command: Decision) -> Write[Return]:
        """Disagree before the marketplace or the bank."""
        raise NotImplementedError


class Refunds(Interface):
    """Money back to buyers."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds."""
        raise NotImplementedError

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund. Raises NotFound."""
        raise NotImplementedError

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """The ways to pay back now; empty if nothing is left."""
        raise NotImplementedError

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Pay back through `command.option`, which the core has chosen and checked against the quote."""
        raise NotImplementedError


class Reviews(Interface):
    """Reviews of products and of the seller."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """Reviews."""
        raise NotImplementedError

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """Totals of one product, or of the seller without a subject."""
        raise NotImplementedError

    def reply(self, ctx: Context, command: ReplyToReview) -> Write[Review]:
        """Answer, for everybody to read."""
        raise NotImplementedError

    def request(self, ctx: Context, command: RequestReview) -> Write[None]:
        """Ask a buyer for a review."""
        raise NotImplementedError

    def dispute(self, ctx: Context, command: DisputeReview) -> Write[Review]:
        """Ask the marketplace to remove a review."""
        raise NotImplementedError


class Scores(Interface):
    """How the marketplace judges the seller."""

    def current(self, ctx: Context) -> Score:
        """The newest score."""
        raise NotImplementedError

    def history(self, ctx: Context, query: ScoreQuery) -> Listings[Score]:
        """Earlier scores, newest first."""
        raise NotImplementedError


class Events(Interface):
    """What platforms push."""

    def handle(self, ctx: Context, request: EventRequest, keys: Mapping[str, str]) -> Handled:
        """The events in a request, how far they may be trusted, and the answer that the platform wants."""
        raise NotImplementedError


class Account(Interface):
    """The account itself."""

    def check(self, ctx: Context) -> AccountCheck:
        """Who we are to the platform, until when, and what is missing. Changes nothing."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation of an interface. `command` is the model that a write takes; None for reads."""

    name: str
    summary: str
    command: type[BaseModel] | None = None
    money: bool = False

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.command is not None


def _verbs(*verbs: Verb) -> Mapping[str, Verb]:
    return {verb.name: verb for verb in verbs}


INTERFACES: Mapping[str, type[Interface]] = {
    "orders": Orders,
    "messages": Messages,
    "returns": Returns,
    "refunds": Refunds,
    "reviews": Reviews,
    "scores": Scores,
    "events": Events,
    "account": Account,
}

VERBS: Mapping[str, Verb] = _verbs(
    Verb("orders.get", "read an order"),
    Verb("orders.find", "find an order by its number"),
    Verb("orders.list", "list orders"),
    Verb("orders.cancel", "cancel an order", CancelOrder),
    Verb("messages.threads", "list conversations"),
    Verb("messages.thread", "read a conversation's head"),
    Verb("messages.messages", "read its messages"),
    Verb("messages.allowed", "ask what may be written"),
    Verb("messages.download", "fetch an attachment"),
    Verb("messages.reply", "answer", Reply),
    Verb("messages.start", "begin a conversation", StartThread),
    Verb("messages.mark_read", "mark as read", MarkRead),
    Verb("messages.close", "close a conversation", CloseThread),
    Verb("returns.list", "list returns and claims"),
    Verb("returns.get", "read one"),
    Verb("returns.allowed", "ask what may be decided"),
    Verb("returns.open", "open a return", OpenReturn),
    Verb("returns.approve", "agree", Decision),
    Verb("returns.decline", "say no", Decision),
    Verb("returns.receive", "confirm that goods are back", Decision),
    Verb("returns.offer", "offer another outcome", Decision),
    Verb("returns.contest", "disagree with evidence", Decision),
    Verb("refunds.list", "list refunds"),
    Verb("refunds.get", "read a refund"),
    Verb("refunds.quote", "ask what may be paid back"),
    Verb("refunds.issue", "pay back", IssueRefund, money=True),
    Verb("reviews.list", "list reviews"),
    Verb("reviews.summary", "read totals"),
    Verb("reviews.reply", "answer a review", ReplyToReview),
    Verb("reviews.request", "ask for a review", RequestReview),
    Verb("reviews.dispute", "ask for a removal", DisputeReview),
    Verb("scores.current", "read the seller's score"),
    Verb("scores.history", "read earlier scores"),
    Verb("events.handle", "understand what a platform pushes"),
    Verb("account.check", "check the account"),
)


def implemented(interface: Interface, verb: str) -> bool:
    """Whether an adapter's interface object has its own method for this verb (`messages.reply`)."""
    group, _, name = verb.partition(".")
    return getattr(type(interface), name) is not getattr(INTERFACES[group], name)


__all__ = [
    "INTERFACES",
    "VERBS",
    "Account",
    "Answer",
    "Context",
    "Events",
    "Granted",
    "Interface",
    "Messages",
    "Orders",
    "Refunds",
    "Returns",
    "Reviews",
    "Scores",
    "Verb",
    "implemented",
]
