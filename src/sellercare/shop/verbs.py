"""The verbs as a caller sees them: plain parameters in, models out, the same for every platform.

Listings are lazy. Every write takes `key`: the same key again returns the same result and sends nothing. Without one
the call is still protected against a lost answer, but a second call is a second write. Verbs that move money want it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sellercare.errors import BadInput
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
    LineQuantity,
    MarkRead,
    Message,
    MessageOption,
    MessageTarget,
    Money,
    OpenReturn,
    Order,
    OrderQuery,
    Parcel,
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
    Upload,
)
from sellercare.shop.results import Results

if TYPE_CHECKING:
    from sellercare.shop.shop import Shop


def made(model: type[Any], **values: Any) -> Any:
    """A query or command from a caller's values; BadInput names the field that is wrong."""
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        says = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{field}: {says}." if field else f"{says}.", field=field) from None


class _Verbs:
    """One interface of one account."""

    group = ""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def _read(self, verb: str, *values: Any) -> Any:
        name = f"{self.group}.{verb}"
        self._shop.demand(name)
        method = getattr(getattr(self._shop.adapter, self.group), verb)
        return method(self._shop.context(), *values)

    def _list(self, verb: str, query: Any) -> Results[Any]:
        return Results(self._shop.http, self._read(verb, query), query)

    def _write(self, verb: str, command: Any, key: str | None, approved_by: str = "", *, consent: bool = False) -> Any:
        return self._shop.written(f"{self.group}.{verb}", command, key, approved_by, consent=consent)


class OrderVerbs(_Verbs):
    """Orders, and cancelling them before they are shipped."""

    group = "orders"

    def get(self, order_id: str) -> Order:
        """One order by the platform's id. Raises NotFound."""
        order: Order = self._read("get", order_id)
        return order

    def find(self, number: str) -> Order:
        """One order by the number that people use. Raises NotFound."""
        order: Order = self._read("find", number)
        return order

    def list(self, *, updated_since: datetime | None = None) -> Results[Order]:
        """Orders changed at or after an aware time."""
        return self._list("list", made(OrderQuery, updated_since=updated_since))

    def cancel(
        self,
        order_id: str,
        *,
        lines: Iterable[LineQuantity] = (),
        reason: str | None = None,
        key: str | None = None,
        approved_by: str = "",
        consent: bool = False,
    ) -> Order:
        """Call an order off. Where that pays money back, a key is wanted.

        Where more follows from it (`shop.supports("orders.cancel").contract.consequences`), it raises ConsentNeeded
        until you say `consent=True`.
        """
        command = made(CancelOrder, order_id=order_id, lines=tuple(lines), reason=reason)
        order: Order = self._write("cancel", command, key, approved_by, consent=consent)
        return order


class MessageVerbs(_Verbs):
    """Conversations with buyers."""

    group = "messages"

    def threads(
        self,
        *,
        updated_since: datetime | None = None,
        awaiting_reply: bool | None = None,
        order_id: str | None = None,
    ) -> Results[Thread]:
        """Conversations. `Results.costs` says if a filter costs a call for each row."""
        query = made(ThreadQuery, updated_since=updated_since, awaiting_reply=awaiting_reply, order_id=order_id)
        return self._list("threads", query)

    def thread(self, thread_id: str) -> Thread:
        """One conversation. Raises NotFound."""
        thread: Thread = self._read("thread", thread_id)
        return thread

    def messages(self, thread_id: str) -> Results[Message]:
        """The messages of a conversation."""
        return Results(self._shop.http, self._read("messages", thread_id), ThreadQuery())

    def allowed(self, *, thread_id: str | None = None, order_id: str | None = None) -> Sequence[MessageOption]:
        """What may be written now, in a thread or about an order."""
        target = made(MessageTarget, thread_id=thread_id, order_id=order_id)
        options: Sequence[MessageOption] = self._read("allowed", target)
        return options

    def download(self, attachment: Attachment) -> Iterator[bytes]:
        """The bytes of an attachment, piece by piece; in one piece where the platform has them inside a document."""
        found = self._read("download", attachment)
        return iter((found,)) if isinstance(found, bytes) else self._shop.http.stream(found)

    def reply(
        self,
        thread_id: str,
        text: str,
        *,
        attachments: Iterable[Upload] = (),
        to: str = "buyer",
        answers: str | None = None,
        key: str | None = None,
    ) -> Message:
        """Answer. Look at `delivery`: sent is not delivered."""
        command = made(Reply, thread_id=thread_id, text=text, attachments=tuple(attachments), to=to, answers=answers)
        message: Message = self._write("reply", command, key)
        return message

    def start(
        self,
        order_id: str,
        *,
        option: str | None = None,
        text: str | None = None,
        fields: Mapping[str, str] | None = None,
        attachments: Iterable[Upload] = (),
        key: str | None = None,
    ) -> Message:
        """Begin a conversation about an order, through one of the options of `allowed`."""
        command = made(
            StartThread,
            order_id=order_id,
            option=option,
            text=text,
            fields=dict(fields or {}),
            attachments=tuple(attachments),
        )
        message: Message = self._write("start", command, key)
        return message

    def mark_read(self, thread_id: str, *, up_to: str | None = None, key: str | None = None) -> None:
        """Mark a conversation as read."""
        self._write("mark_read", made(MarkRead, thread_id=thread_id, up_to=up_to), key)

    def close(self, thread_id: str, *, key: str | None = None) -> None:
        """Close a conversation, or ask for it where the other side must agree."""
        self._write("close", made(CloseThread, thread_id=thread_id), key)


class ReturnVerbs(_Verbs):
    """Returns, cancellations, claims, disputes, inquiries and chargebacks."""

    group = "returns"

    def list(
        self,
        *,
        updated_since: datetime | None = None,
        state: str | None = None,
        kind: str | None = None,
        order_id: str | None = None,
    ) -> Results[Return]:
        """Returns of all kinds."""
        query = made(ReturnQuery, updated_since=updated_since, state=state, kind=kind, order_id=order_id)
        return self._list("list", query)

    def get(self, return_id: str) -> Return:
        """One of them. Raises NotFound."""
        found: Return = self._read("get", return_id)
        return found

    def allowed(self, return_id: str) -> Sequence[ReturnAction]:
        """The decisions that the platform accepts now."""
        actions: Sequence[ReturnAction] = self._read("allowed", return_id)
        return actions

    def open(
        self,
        order_id: str,
        lines: Iterable[LineQuantity],
        *,
        kind: str = "return",
        variant: str | None = None,
        reason: str | None = None,
        note: str | None = None,
        return_shipping: str | None = None,
        key: str | None = None,
    ) -> Return:
        """Open a return on the seller's side."""
        command = made(
            OpenReturn,
            order_id=order_id,
            lines=tuple(lines),
            kind=kind,
            variant=variant,
            reason=reason,
            note=note,
            return_shipping=return_shipping,
        )
        found: Return = self._write("open", command, key)
        return found

    def approve(self, return_id: str, **decision: Any) -> Return:
        """Agree. Takes `variant, lines, reason, note, amount, attachments, parcel, key, approved_by`, as all decisions
        do; what this one has no place for is refused."""
        return self._decide("approve", return_id, **decision)

    def decline(self, return_id: str, **decision: Any) -> Return:
        """Say no."""
        return self._decide("decline", return_id, **decision)

    def receive(self, return_id: str, **decision: Any) -> Return:
        """Confirm that goods are back."""
        return self._decide("receive", return_id, **decision)

    def offer(self, return_id: str, **decision: Any) -> Return:
        """Offer another outcome."""
        return self._decide("offer", return_id, **decision)

    def contest(self, return_id: str, **decision: Any) -> Return:
        """Disagree before the marketplace or the bank."""
        return self._decide("contest", return_id, **decision)

    def _decide(
        self,
        verb: str,
        return_id: str,
        *,
        variant: str | None = None,
        lines: Iterable[LineQuantity] = (),
        reason: str | None = None,
        note: str | None = None,
        amount: Money | None = None,
        attachments: Iterable[Upload] = (),
        parcel: Parcel | None = None,
        key: str | None = None,
        approved_by: str = "",
    ) -> Return:
        command = made(
            Decision,
            return_id=return_id,
            variant=variant,
            lines=tuple(lines),
            reason=reason,
            note=note,
            amount=amount,
            attachments=tuple(attachments),
            parcel=parcel,
        )
        found: Return = self._write(verb, command, key, approved_by)
        return found


class RefundVerbs(_Verbs):
    """Money back to buyers."""

    group = "refunds"

    def list(self, *, order_id: str | None = None, created_since: datetime | None = None) -> Results[Refund]:
        """Refunds."""
        return self._list("list", made(RefundQuery, order_id=order_id, created_since=created_since))

    def get(self, refund_id: str) -> Refund:
        """One refund. Raises NotFound."""
        refund: Refund = self._read("get", refund_id)
        return refund

    def quote(self, *, order_id: str | None = None, return_id: str | None = None) -> Sequence[RefundOption]:
        """The ways to pay back now; empty if nothing is left."""
        options: Sequence[RefundOption] = self._read(
            "quote", made(RefundTarget, order_id=order_id, return_id=return_id)
        )
        return options

    def issue(
        self,
        *,
        key: str,
        order_id: str | None = None,
        return_id: str | None = None,
        option: str | RefundOption | None = None,
        amount: Money | None = None,
        lines: Iterable[LineQuantity] = (),
        reason: str | None = None,
        note: str | None = None,
        approved_by: str = "",
    ) -> Refund:
        """Pay back: an amount, or lines, or with neither all that the option allows.

        With several ways to pay back, name one of `quote` as `option`; else AmbiguousRefund lists them. The amount
        is positive, gross, in the buyer's currency. Raises NotAllowedNow above what is left, and AboveLimit above the
        account's own limits, unless `approved_by` says who lets it go.
        """
        if isinstance(option, RefundOption):
            order_id, return_id = order_id or option.order_id, return_id or option.return_id
        option_id = option.id if isinstance(option, RefundOption) else option
        if order_id is None and return_id is None:
            raise BadInput("Name the order or the return to pay back for.", field="order_id")
        command = made(
            IssueRefund,
            order_id=order_id,
            return_id=return_id,
            option_id=option_id,
            amount=amount,
            lines=tuple(lines),
            reason=reason,
            note=note,
        )
        refund: Refund = self._write("issue", command, key, approved_by)
        return refund


class ReviewVerbs(_Verbs):
    """Reviews of products and of the seller."""

    group = "reviews"

    def list(
        self,
        *,
        subject: str | None = None,
        product_id: str | None = None,
        order_id: str | None = None,
        updated_since: datetime | None = None,
        rating_max: Decimal | int | None = None,
        awaiting_reply: bool | None = None,
    ) -> Results[Review]:
        """Reviews. `rating_max` is on the scale 1–5."""
        query = made(
            ReviewQuery,
            subject=subject,
            product_id=product_id,
            order_id=order_id,
            updated_since=updated_since,
            rating_max=rating_max,
            awaiting_reply=awaiting_reply,
        )
        return self._list("list", query)

    def summary(self, subject_id: str | None = None) -> ReviewSummary:
        """Totals of one product, or of the seller."""
        summary: ReviewSummary = self._read("summary", subject_id)
        return summary

    def reply(self, review_id: str, text: str, *, replace: bool = False, key: str | None = None) -> Review:
        """Answer, for everybody to read."""
        review: Review = self._write("reply", made(ReplyToReview, review_id=review_id, text=text, replace=replace), key)
        return review

    def request(self, order_id: str, *, key: str | None = None) -> None:
        """Ask a buyer for a review."""
        self._write("request", made(RequestReview, order_id=order_id), key)

    def dispute(
        self, review_id: str, *, reason: str | None = None, text: str | None = None, key: str | None = None
    ) -> Review:
        """Ask the marketplace to remove a review."""
        review: Review = self._write("dispute", made(DisputeReview, review_id=review_id, reason=reason, text=text), key)
        return review


class ScoreVerbs(_Verbs):
    """How the marketplace judges the seller."""

    group = "scores"

    def current(self) -> Score:
        """The newest score."""
        score: Score = self._read("current")
        return score

    def history(self, *, since: datetime | None = None) -> Results[Score]:
        """Earlier scores, newest first."""
        return self._list("history", made(ScoreQuery, since=since))


class EventVerbs(_Verbs):
    """What platforms push."""

    group = "events"

    def handle(self, request: EventRequest, *, keys: Mapping[str, str] | None = None) -> Handled:
        """The events in a request, how far they may be trusted, and the answer that the platform wants."""
        handled: Handled = self._read("handle", request, dict(keys or {}))
        return handled


class AccountVerbs(_Verbs):
    """The account itself."""

    group = "account"

    def check(self) -> AccountCheck:
        """Who we are to the platform, until when, and what is missing."""
        check: AccountCheck = self._read("check")
        return check
