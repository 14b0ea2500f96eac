"""How the suite makes each write and each read. An author overrides the one method that does not fit a platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sellercare.errors import SellercareError
from sellercare.models import (
    EventRequest,
    Granularity,
    LineQuantity,
    MessageOption,
    Model,
    Money,
    RefundOption,
    ReturnAction,
    ReturnKind,
    ReturnVerb,
    Upload,
)
from sellercare.simulator import things
from sellercare.testing.workshop import Site, Workshop

Move = Callable[[str], Any]
"""A write that can be made now, under a key."""

Look = Callable[[], Any]
"""A read that can be made now."""

DECIDABLE_STATES = ("requested", "approved", "in_transit", "received")
"""In which a return may be decided, tried in this order."""


class Moves:
    """One method a verb: it puts what is needed into the world, and gives the call that is then made.

    `do_<verb>` are the writes, `look_<verb>` the reads, with an underscore for the dot. What a method has to ask the
    platform (an option, an action) it asks before it returns, so that faults which come later hit the write itself.
    """

    text = "Your parcel left the house this morning."
    """What buyers are told."""

    review_text = "Thank you for telling us. We have made it better."
    """What is answered to reviews."""

    note = "As agreed with the buyer."
    """The note at a decision or refund, where the platform takes one."""

    upload = Upload.of("proof.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    """A file, where the platform wants evidence."""

    part = "12.50"
    """A part of `price`: what is paid back, where any amount may be."""

    price = "50.00"
    """The price of the goods that are bought."""

    pieces = 1
    """How many pieces come back with a return."""

    # --- what is in the world --------------------------------------------------------------------------------------

    def an_order(self, at: Site, *, state: str = "delivered") -> things.Order:
        """An order of two pieces and their delivery, by a buyer who has no other."""
        world = at.world
        lines = [world.line("Kettle", self.price, 2), world.line("Delivery", "4.99", kind="shipping")]
        return world.order(lines=lines, state=state)

    def a_question(self, at: Site, text: str = "Where is my parcel?") -> things.Message:
        """A buyer's message about an order, in a thread that waits for an answer."""
        return at.world.message(at.world.thread(self.an_order(at)), text)

    def a_return(self, at: Site, *, kind: str = "return", state: str = "requested") -> things.Return:
        """A return that a buyer asks for."""
        return at.world.return_(self.an_order(at), kind=kind, state=state, quantity=self.pieces)

    def a_review(self, at: Site) -> things.Review:
        """A review of what sellers can be reviewed for here, without an answer."""
        return at.world.review(2, "Came late.", subject=self.review_subject, order=self.an_order(at))

    def others(self, listing: str, at: Site) -> None:
        """Things that a platform may keep out of a list: ended, called off, or good."""
        if listing == "orders.list":
            self.an_order(at, state="cancelled")
        elif listing == "returns.list":
            self.a_return(at, state="declined")
        elif listing == "reviews.list":
            at.world.review(5, "Fine.", subject=self.review_subject, order=self.an_order(at))

    review_subject = "product"
    """What the platform's reviews are about: product or seller."""

    # --- how the platform calls it ---------------------------------------------------------------------------------

    def order_id(self, at: Site, order: things.Order) -> str:
        """The platform's id of an order of the world; found in the list where there is one."""
        return self._id_of(at, "orders", order)

    def thread_id(self, at: Site, thread: things.Thread) -> str:
        """The platform's id of a conversation."""
        return self._id_of(at, "messages.threads", thread)

    def return_id(self, at: Site, return_: things.Return) -> str:
        """The platform's id of a return, claim and so on."""
        return self._id_of(at, "returns", return_)

    def review_id(self, at: Site, review: things.Review) -> str:
        """The platform's id of a review."""
        return self._id_of(at, "reviews", review)

    def refund_id(self, at: Site, refund: things.Refund) -> str:
        """The platform's id of a refund."""
        return self._id_of(at, "refunds", refund)

    def product_id(self, at: Site, order: things.Order) -> str:
        """The platform's id of the product in the first line of an order."""
        return order.lines[0].product_id

    def _id_of(self, at: Site, listing: str, thing: Any) -> str:
        """The id in the list of the row that is this thing: of its id, its number, or the only one."""
        verb = listing if "." in listing else f"{listing}.list"
        if not at.shop.offers(verb):
            return str(thing.id)
        group, _, name = verb.partition(".")
        rows: list[Any] = list(getattr(getattr(at.shop, group), name)())
        same = [row for row in rows if row.id == thing.id] or [
            row for row in rows if getattr(row, "number", None) and row.number == getattr(thing, "number", "")
        ]
        if not same and len(rows) == 1:
            same = rows
        if len(same) != 1:
            raise LookupError(
                f"{verb} has {len(rows)} rows, and {len(same)} of them are {thing.id}: override the suite's method "
                f"that tells how the platform calls it"
            )
        return str(same[0].id)

    # --- orders ----------------------------------------------------------------------------------------------------

    def do_orders_cancel(self, at: Site) -> Move:
        """Call a paid order off."""
        order_id = self.order_id(at, self.an_order(at, state="paid"))
        reason = self.cancel_reason(at, order_id)
        return lambda key: at.shop.orders.cancel(order_id, reason=reason, consent=True, key=key)

    def cancel_reason(self, at: Site, order_id: str) -> str | None:
        """The reason for calling off: the first one that is declared."""
        return next(iter(self.workshop.adapter.supports["orders.cancel"].reasons), None)

    def look_orders_get(self, at: Site) -> Look:
        """Read an order."""
        order_id = self.order_id(at, self.an_order(at))
        return lambda: at.shop.orders.get(order_id)

    def look_orders_find(self, at: Site) -> Look:
        """Find it by its number."""
        order_id = self.order_id(at, self.an_order(at))
        number = at.shop.orders.get(order_id).number if at.shop.offers("orders.get") else order_id
        return lambda: at.shop.orders.find(number or order_id)

    def look_orders_list(self, at: Site) -> Look:
        """List two orders."""
        self.an_order(at)
        self.an_order(at, state="paid")
        return lambda: list(at.shop.orders.list())

    # --- messages --------------------------------------------------------------------------------------------------

    def do_messages_reply(self, at: Site) -> Move:
        """Answer a buyer's question."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        return lambda key: at.shop.messages.reply(thread_id, self.text, key=key)

    def do_messages_start(self, at: Site) -> Move:
        """Write about an order, through the first option that is open."""
        order_id = self.order_id(at, self.an_order(at))
        if not at.shop.offers("messages.allowed"):
            return lambda key: at.shop.messages.start(order_id, text=self.text, key=key)
        option = self.choose_option(at.shop.messages.allowed(order_id=order_id))
        said: dict[str, Any] = {"text": self.text if option.text else None, "fields": self.fields(option)}
        return lambda key: at.shop.messages.start(order_id, option=option.id, key=key, **said)

    def choose_option(self, options: Sequence[MessageOption]) -> MessageOption:
        """The option that is taken to write about an order."""
        return next(option for option in options if option.why_not is None)

    def fields(self, option: MessageOption) -> dict[str, str]:
        """What is put into the fields of an option."""
        return dict.fromkeys(option.fields, "x")

    def do_messages_mark_read(self, at: Site) -> Move:
        """Mark a thread with a new message as read."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        return lambda key: at.shop.messages.mark_read(thread_id, key=key)

    def do_messages_close(self, at: Site) -> Move:
        """Close a conversation."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        return lambda key: at.shop.messages.close(thread_id, key=key)

    def look_messages_threads(self, at: Site) -> Look:
        """List two conversations."""
        self.a_question(at)
        self.a_question(at, "Is it dishwasher safe?")
        return lambda: list(at.shop.messages.threads())

    def look_messages_thread(self, at: Site) -> Look:
        """Read a conversation's head."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        return lambda: at.shop.messages.thread(thread_id)

    def look_messages_messages(self, at: Site) -> Look:
        """Read its messages."""
        thread = at.world.data.threads[self.a_question(at).thread_id]
        thread_id = self.thread_id(at, thread)
        return lambda: list(at.shop.messages.messages(thread_id))

    def look_messages_allowed(self, at: Site) -> Look:
        """Ask what may be written in a thread."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        return lambda: list(at.shop.messages.allowed(thread_id=thread_id))

    def look_messages_download(self, at: Site) -> Look:
        """Fetch a file that a buyer sent."""
        message = self.a_question(at)
        self.attach(at, message)
        thread_id = self.thread_id(at, at.world.data.threads[message.thread_id])
        shown = [file for each in at.shop.messages.messages(thread_id) for file in each.attachments]
        assert shown, "the face shows no attachment of a message that has one"
        return lambda: b"".join(at.shop.messages.download(shown[0]))

    def attach(self, at: Site, message: things.Message) -> things.File:
        """Hang a picture on a message of the world."""
        file = at.world.declare_file("broken.png", "image/png", 4)
        at.world.put_file(file, b"\x89PNG")
        message.files.append(file)
        return file

    # --- returns ---------------------------------------------------------------------------------------------------

    def do_returns_open(self, at: Site) -> Move:
        """Open a return for one piece of an order."""
        order = self.an_order(at)
        order_id = self.order_id(at, order)
        lines = [LineQuantity(id=self.line_ids(at, order_id, order)[0], quantity=Decimal(1))]
        return lambda key: at.shop.returns.open(order_id, lines, key=key)

    def line_ids(self, at: Site, order_id: str, order: things.Order) -> list[str]:
        """The platform's ids of an order's lines."""
        if at.shop.offers("orders.get"):
            return [line.id for line in at.shop.orders.get(order_id).lines]
        return [line.id for line in order.lines]

    def do_returns_approve(self, at: Site) -> Move:
        """Agree."""
        return self.decision(at, ReturnVerb.APPROVE)

    def do_returns_decline(self, at: Site) -> Move:
        """Say no."""
        return self.decision(at, ReturnVerb.DECLINE)

    def do_returns_receive(self, at: Site) -> Move:
        """Confirm that goods are back."""
        return self.decision(at, ReturnVerb.RECEIVE)

    def do_returns_offer(self, at: Site) -> Move:
        """Offer another outcome."""
        return self.decision(at, ReturnVerb.OFFER)

    def do_returns_contest(self, at: Site) -> Move:
        """Disagree before somebody else."""
        return self.decision(at, ReturnVerb.CONTEST)

    def decision(self, at: Site, verb: ReturnVerb) -> Move:
        """A decision about the first kind and state of return where the platform accepts it."""
        kind, state = self.decidable(verb)
        return_id = self.return_id(at, self.a_return(at, kind=kind, state=state))
        decide = getattr(at.shop.returns, verb.value)
        if not at.shop.offers("returns.allowed"):
            return lambda key: decide(return_id, key=key)
        mine = [action for action in at.shop.returns.allowed(return_id) if action.verb is verb]
        asked = self.arguments(at, self.choose_action(mine))
        return lambda key: decide(return_id, key=key, **asked)

    def choose_action(self, actions: Sequence[ReturnAction]) -> ReturnAction:
        """The variant of a decision that is taken."""
        return actions[0]

    def arguments(self, at: Site, action: ReturnAction) -> dict[str, Any]:
        """What the platform wants with a decision."""
        asked: dict[str, Any] = {"variant": action.variant} if action.variant else {}
        if action.reasons:
            asked["reason"] = action.reasons[0].code
        if action.note_required or action.note_max_length:
            asked["note"] = self.note[: action.note_max_length]
        if action.amount_required:
            asked["amount"] = at.world.money(self.part)
        if action.evidence_required:
            asked["attachments"] = [self.upload]
        return asked

    def decidable(self, verb: ReturnVerb) -> tuple[str, str]:
        """A kind and state of return where the platform accepts a verb: tried, and remembered."""
        key = f"decidable {verb}"
        if key not in self.workshop.known:
            if not self.workshop.adapter.supports["returns.allowed"].offered:
                return "return", "requested"
            self.workshop.known[key] = next(self._accepting(verb), None)
        found: tuple[str, str] | None = self.workshop.known[key]
        if found is None:
            raise LookupError(f"no return of any kind allows {verb} on the face: override `decidable`")
        return found

    def _accepting(self, verb: ReturnVerb) -> Iterator[tuple[str, str]]:
        for kind in (word.value for word in ReturnKind if word is not ReturnKind.UNKNOWN):
            for state in DECIDABLE_STATES:
                at = self.workshop.site()
                try:
                    return_id = self.return_id(at, self.a_return(at, kind=kind, state=state))
                    actions = at.shop.returns.allowed(return_id)
                except (SellercareError, LookupError):
                    continue  # a kind or state that this platform does not have
                if any(action.verb is verb for action in actions):
                    yield kind, state

    def look_returns_list(self, at: Site) -> Look:
        """List two returns."""
        self.a_return(at)
        self.a_return(at)
        return lambda: list(at.shop.returns.list())

    def look_returns_get(self, at: Site) -> Look:
        """Read a return."""
        return_id = self.return_id(at, self.a_return(at))
        return lambda: at.shop.returns.get(return_id)

    def look_returns_allowed(self, at: Site) -> Look:
        """Ask what may be decided about a return where something may."""
        supports = self.workshop.adapter.supports
        offered = [
            verb for verb in ReturnVerb if verb is not ReturnVerb.UNKNOWN and supports[f"returns.{verb}"].offered
        ]
        kind, state = self.decidable(offered[0]) if offered else ("return", "requested")
        return_id = self.return_id(at, self.a_return(at, kind=kind, state=state))
        return lambda: list(at.shop.returns.allowed(return_id))

    # --- refunds ---------------------------------------------------------------------------------------------------

    def do_refunds_issue(self, at: Site) -> Move:
        """Pay a part of an order back; all of it where the platform cuts nothing."""
        order_id = self.order_id(at, order := self.an_order(at))
        option = self.choose_refund(at.shop.refunds.quote(order_id=order_id))
        asked = self.share(at, option, self.line_ids(at, order_id, order))
        return lambda key: at.shop.refunds.issue(order_id=order_id, option=option.id, key=key, **asked)

    def choose_refund(self, options: Sequence[RefundOption]) -> RefundOption:
        """The way of paying back that is taken."""
        return options[0]

    def share(self, at: Site, option: RefundOption, line_ids: Sequence[str]) -> dict[str, Any]:
        """How much of an option is paid back, and why."""
        asked: dict[str, Any] = {}
        if Granularity.AMOUNT in option.granularity:
            asked["amount"] = Money(amount=at.world.money(self.part).amount, currency=option.most.currency)
        elif Granularity.LINES in option.granularity:
            asked["lines"] = [LineQuantity(id=line_ids[0], quantity=Decimal(1))]
        if option.reasons:
            asked["reason"] = option.reasons[0].code
        return asked

    def a_refund(self, at: Site) -> things.Refund:
        """A refund that is there already."""
        return at.world.pay_back(self.an_order(at), at.world.money(self.part))

    def look_refunds_list(self, at: Site) -> Look:
        """List two refunds."""
        self.a_refund(at)
        self.a_refund(at)
        return lambda: list(at.shop.refunds.list())

    def look_refunds_get(self, at: Site) -> Look:
        """Read a refund."""
        refund_id = self.refund_id(at, self.a_refund(at))
        return lambda: at.shop.refunds.get(refund_id)

    def look_refunds_quote(self, at: Site) -> Look:
        """Ask what may be paid back."""
        order_id = self.order_id(at, self.an_order(at))
        return lambda: list(at.shop.refunds.quote(order_id=order_id))

    # --- reviews ---------------------------------------------------------------------------------------------------

    def do_reviews_reply(self, at: Site) -> Move:
        """Answer a review."""
        review_id = self.review_id(at, self.a_review(at))
        return lambda key: at.shop.reviews.reply(review_id, self.review_text, key=key)

    def do_reviews_request(self, at: Site) -> Move:
        """Ask the buyer of a delivered order for a review."""
        order_id = self.order_id(at, self.an_order(at))
        return lambda key: at.shop.reviews.request(order_id, key=key)

    def do_reviews_dispute(self, at: Site) -> Move:
        """Ask for the removal of a review."""
        review_id = self.review_id(at, self.a_review(at))
        return lambda key: at.shop.reviews.dispute(review_id, text=self.note, key=key, reason=self.dispute_reason)

    dispute_reason: str | None = None
    """Why a review is to be removed, where the platform wants one of its codes."""

    def look_reviews_list(self, at: Site) -> Look:
        """List two reviews."""
        self.a_review(at)
        self.a_review(at)
        return lambda: list(at.shop.reviews.list())

    def look_reviews_summary(self, at: Site) -> Look:
        """Read totals: of a product, or of the seller."""
        order = at.world.data.orders[self.a_review(at).order_id or ""]
        subject = self.product_id(at, order) if self.review_subject == "product" else None
        return lambda: at.shop.reviews.summary(subject)

    # --- scores, events, account -----------------------------------------------------------------------------------

    def score_days(self, at: Site) -> None:
        """Put scores of two days into the world."""
        today = at.world.now().date()
        at.world.score_day(today.replace(day=1), 420, metrics=[])
        at.world.score_day(today, 430, metrics=[])

    def look_scores_current(self, at: Site) -> Look:
        """Read the newest score."""
        self.score_days(at)
        return lambda: at.shop.scores.current()

    def look_scores_history(self, at: Site) -> Look:
        """List earlier scores."""
        self.score_days(at)
        return lambda: list(at.shop.scores.history())

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        """A request as the platform pushes it, and the keys that its signature is checked with."""
        raise LookupError("the adapter declares events.handle: override `event` with a request that the platform sends")

    def look_events_handle(self, at: Site) -> Look:
        """Understand what is pushed."""
        request, keys = self.event(at)
        return lambda: at.shop.events.handle(request, keys=keys)

    def look_account_check(self, at: Site) -> Look:
        """Check the account."""
        return lambda: at.shop.account.check()

    # --- by name ---------------------------------------------------------------------------------------------------

    workshop: Workshop
    """Set by the suite before a test runs."""

    def do(self, verb: str, at: Site) -> Move:
        """The move of a write verb."""
        move: Move = getattr(self, f"do_{verb.replace('.', '_')}")(at)
        return move

    def look(self, verb: str, at: Site) -> Look:
        """The look of a read verb."""
        look: Look = getattr(self, f"look_{verb.replace('.', '_')}")(at)
        return look


def models_in(value: Any) -> list[Model]:
    """The models of a result: itself, or its rows."""
    rows = value if isinstance(value, list | tuple) else [value]
    return [row for row in rows if isinstance(row, Model)]
