"""A simulated seller's account: its buyers, orders, talks, returns, refunds, reviews and scores, a clock and a seed.

Tests and demos make data with `buyer`, `order`, `message`, `return_`, `review` and `score_day`; faces act through
`say`, `pay_back`, `decide`, `open_return` and so on, which log every act in `acts`. The same seed makes the same ids.
"""

from __future__ import annotations

import copy
import heapq
import itertools
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sellercare.clock import Clock
from sellercare.models import Money
from sellercare.simulator.clock import FakeClock
from sellercare.simulator.things import (
    Act,
    Buyer,
    Data,
    File,
    Line,
    Message,
    Order,
    Payment,
    Refund,
    Return,
    ReturnLine,
    Review,
    ScoreDay,
    Thread,
)

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_NAMES = ("Ada Novak", "Jan Kowalski", "Mia Weber", "Léa Martin", "Zoë O'Neil", "Řehoř Dvořák", "Li Wei", "José Núñez")
_GOODS = ("Kettle", "Desk lamp", "Rain jacket", "Board game", "Headphones", "Bread knife", "Notebook", "Tea set")


class World:
    """The data of one seller at one platform, with a clock (UTC) and a seed.

    `data` holds everything by id; `acts` logs what the platform did. `whims` are the faults of the running call that
    change what the platform does with it (`text_altered`, `text_moderated`, `fails_later`). `settle_after` is how
    many seconds a refund is pending (0: it is done at once); `moderation_seconds` how long a text is looked at.
    """

    def __init__(self, seed: int = 1, clock: Clock | None = None, *, currency: str = "EUR") -> None:
        self.clock: Clock = clock or FakeClock()
        self.random = random.Random(seed)
        self.currency = currency
        self.data = Data()
        self.acts: list[Act] = []
        self.lock = threading.RLock()
        self.by = "api"
        self.whims: frozenset[str] = frozenset()
        self.skew = 0.0
        self.settle_after = 0.0
        self.moderation_seconds = 60.0
        self.keep_past = 0.0
        self._past: list[tuple[datetime, Data]] = []
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._count = itertools.count(1)
        self._moment: datetime | None = None

    # --- time -----------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The platform's time: the clock's, plus the skew of a fault."""
        return (self._moment or self.clock.now()) + timedelta(seconds=self.skew)

    def later(self, seconds: float, do: Callable[[], object]) -> None:
        """Do something when so many seconds have passed by the world's clock."""
        due = self.clock.now() + timedelta(seconds=seconds)
        with self.lock:
            heapq.heappush(self._due, (due, next(self._count), do))

    def settle(self) -> None:
        """Do everything that is due, each thing at its own moment. Faces call it before every request."""
        with self.lock:
            while self._due and self._due[0][0] <= self.clock.now():
                due, _, do = heapq.heappop(self._due)
                self._moment = due
                try:
                    self.remember()
                    do()
                finally:
                    self._moment = None

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due by then."""
        self.clock.sleep(seconds)
        self.settle()

    # --- what a reader sees of the past ---------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep the state before a write, as long as stale reads may want it (`keep_past` seconds)."""
        if self.keep_past <= 0:
            return
        now = self._moment or self.clock.now()
        oldest = now - timedelta(seconds=self.keep_past)
        self._past = [(at, data) for at, data in self._past if at >= oldest]
        self._past.append((now, copy.deepcopy(self.data)))

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """Show the data as it was at this moment, as far as it is remembered. Nothing may be written meanwhile."""
        with self.lock:
            live = self.data
            self.data = next((data for at, data in self._past if at > moment), live)
            try:
                yield
            finally:
                self.data = live

    # --- ids ------------------------------------------------------------------------------------------------------

    def new_id(self, kind: str = "") -> str:
        """An opaque id, such as `thr_7k2m9qd4xw`."""
        text = "".join(self.random.choice(_LETTERS) for _ in range(10))
        return f"{kind}_{text}" if kind else text

    def new_uuid(self) -> str:
        """An id that is a UUID, made from the seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def money(self, amount: str | int | Decimal, currency: str = "") -> Money:
        """An amount in the world's currency, or another."""
        return Money(amount=Decimal(amount), currency=currency or self.currency)

    # --- making data ----------------------------------------------------------------------------------------------

    def buyer(self, name: str | None = None, *, login: str = "", email: str | None = None, id: str = "") -> Buyer:
        """A buyer; without a name, one of a few."""
        name = self.random.choice(_NAMES) if name is None else name
        login = login or f"buyer{next(self._count)}"
        buyer = Buyer(id or self.new_id("byr"), login, name, email or f"{login}@example.com")
        self.data.buyers[buyer.id] = buyer
        return buyer

    def line(
        self, title: str = "", price: str = "19.90", quantity: int = 1, *, kind: str = "item", id: str = ""
    ) -> Line:
        """A line for `order`; it belongs to nothing yet."""
        title = title or self.random.choice(_GOODS)
        number = next(self._count)
        return Line(
            id or self.new_id("lin"), title, self.money(price), quantity, f"SKU-{number}", self.new_id("prd"), kind
        )

    def order(
        self,
        buyer: Buyer | None = None,
        lines: Sequence[Line] = (),
        *,
        state: str = "delivered",
        days_ago: float = 7,
        number: str = "",
        id: str = "",
    ) -> Order:
        """An order, paid online in one payment unless its state is open."""
        buyer = buyer or self.buyer()
        made = self.now() - timedelta(days=days_ago)
        order = Order(
            id or self.new_id("ord"),
            number or f"{made:%y%m}-{next(self._count):05d}",
            buyer.id,
            list(lines) or [self.line()],
            [],
            state,
            made,
            made,
        )
        if state != "open":
            order.payments = [Payment(self.new_id("pay"), order.total)]
        self.data.orders[order.id] = order
        return order

    def thread(
        self,
        order: Order | None = None,
        *,
        buyer: Buyer | None = None,
        kind: str = "private",
        subject: str | None = None,
        id: str = "",
    ) -> Thread:
        """An empty conversation, about an order or only with a buyer."""
        buyer_id = order.buyer_id if order else (buyer or self.buyer()).id
        thread = Thread(id or self.new_id("thr"), buyer_id, kind, subject, order.id if order else None)
        thread.updated_at = self.now()
        self.data.threads[thread.id] = thread
        return thread

    def message(
        self,
        thread: Thread | None = None,
        text: str = "Where is my parcel?",
        *,
        author: str = "buyer",
        id: str = "",
        minutes_ago: float = 0,
    ) -> Message:
        """A message that is there already; by the buyer unless told otherwise. Not logged as an act."""
        thread = thread or self.thread(self.order())
        at = self.now() - timedelta(minutes=minutes_ago)
        message = Message(id or self.new_id("msg"), thread.id, author, text, at, order_id=thread.order_id)
        thread.messages.append(message)
        thread.updated_at = max(at, thread.updated_at) if thread.messages[:-1] and thread.updated_at else at
        thread.read = author != "buyer"
        return message

    def return_(
        self,
        order: Order | None = None,
        *,
        kind: str = "return",
        state: str = "requested",
        reason: str = "damaged",
        note: str | None = None,
        quantity: int = 1,
        due_in_days: float = 14,
        days_ago: float = 0,
        id: str = "",
    ) -> Return:
        """A return of the first line of an order, asked for by its buyer."""
        order = order or self.order()
        made = self.now() - timedelta(days=days_ago)
        line = ReturnLine(self.new_id("rtl"), order.lines[0].id, quantity, 0, reason)
        return_ = Return(
            id or self.new_id("rtn"),
            f"R-{next(self._count):05d}",
            kind,
            state,
            order.id,
            order.buyer_id,
            [line],
            made,
            made,
            reason,
            note,
            made + timedelta(days=due_in_days),
        )
        return_.asked = self.money(order.lines[0].price.amount * quantity, order.currency)
        self.data.returns[return_.id] = return_
        return return_

    def review(
        self,
        rating: int = 2,
        text: str | None = "Came late.",
        *,
        subject: str = "product",
        order: Order | None = None,
        days_ago: float = 1,
        id: str = "",
    ) -> Review:
        """A review of the product of an order's first line, or of the sale."""
        order = order or self.order()
        made = self.now() - timedelta(days=days_ago)
        review = Review(id or self.new_id("rev"), subject, rating, text, order.buyer_id, made, made, order_id=order.id)
        review.product_id = order.lines[0].product_id if subject == "product" else None
        review.removal_until = made + timedelta(days=90)
        self.data.reviews[review.id] = review
        return review

    def score_day(
        self,
        on: date | None = None,
        value: int = 430,
        *,
        most: int = 500,
        grade: str = "good",
        metrics: Sequence[dict[str, Any]] = (),
    ) -> ScoreDay:
        """The score of a day; today unless told otherwise."""
        day = ScoreDay(on or self.now().date(), value, most, grade, list(metrics))
        self.data.score_days.append(day)
        self.data.score_days.sort(key=lambda day: day.on, reverse=True)
        return day

    # --- what the platform does, on somebody's behalf ----------------------------------------------------------------

    def act(self, kind: str, target: str, detail: str = "") -> Act:
        """Log that the platform did something."""
        act = Act(kind, target, detail, self.now(), self.by)
        self.acts.append(act)
        return act

    def say(
        self,
        thread: Thread,
        text: str,
        *,
        files: Sequence[File] = (),
        author: str = "seller",
        answers: str | None = None,
        kind: str = "message",
    ) -> Message:
        """Somebody writes in a thread. A fault may alter the text, or let the platform look at it first."""
        stored = f"{text.strip()} [edited]" if "text_altered" in self.whims else text
        message = Message(self.new_id("msg"), thread.id, author, stored, self.now(), list(files), answers=answers)
        message.order_id = thread.order_id
        thread.messages.append(message)
        thread.updated_at = message.created_at
        thread.read = author != "buyer"
        if author == "seller":
            self.act(kind, thread.id, text)
        if "text_moderated" in self.whims:
            message.delivery = "verifying"
            self.later(self.moderation_seconds, lambda: setattr(message, "delivery", "blocked"))
        return message

    def pay_back(
        self,
        order: Order,
        amount: Money,
        *,
        payment_id: str = "",
        return_id: str | None = None,
        lines: Sequence[Any] = (),
        reason: str | None = None,
        note: str | None = None,
        id: str = "",
    ) -> Refund:
        """Money goes back: at once, or after `settle_after` seconds; a fault lets it fail then."""
        fails = "fails_later" in self.whims
        state = "pending" if self.settle_after > 0 or fails else "done"
        refund = Refund(
            id or self.new_id("rfd"),
            order.id,
            payment_id or order.payments[0].id,
            amount,
            state,
            self.now(),
            return_id,
            list(lines),
            reason,
            note,
        )
        self.data.refunds[refund.id] = refund
        order.updated_at = refund.created_at
        self.act("refund", order.id, str(amount))
        if state == "pending":
            outcome = "failed" if fails else "done"
            self.later(self.settle_after or 60.0, lambda: setattr(refund, "state", outcome))
        return refund

    def refunded(self, order: Order, payment_id: str = "") -> Money:
        """What was paid back for an order, or through one payment; failed refunds do not count."""
        total = sum(
            (
                refund.amount.amount
                for refund in self.data.refunds.values()
                if refund.order_id == order.id
                and refund.state != "failed"
                and (not payment_id or refund.payment_id == payment_id)
            ),
            Decimal(0),
        )
        return Money(amount=total, currency=order.currency)

    def decide(self, return_: Return, verb: str, state: str, detail: str = "") -> Return:
        """A return is decided: it gets the state, and the act `return.<verb>` is logged."""
        return_.state = state
        return_.updated_at = self.now()
        self.act(f"return.{verb}", return_.id, detail)
        return return_

    def open_return(
        self, order: Order, lines: Iterable[tuple[Line, int | None]], *, kind: str, reason: str | None, note: str | None
    ) -> Return:
        """A return is opened on the seller's side: so many pieces of each line (None: all of them)."""
        made = self.return_(order, kind=kind, reason=reason or "", note=note)
        made.lines = [ReturnLine(self.new_id("rtl"), line.id, count or line.quantity) for line, count in lines]
        made.extra["by"], made.asked = "seller", None
        self.act(
            "return.open", order.id, f"{kind} " + ",".join(f"{each.line_id}x{each.quantity}" for each in made.lines)
        )
        return made

    def receive(self, return_: Return, counts: Mapping[str, int | None]) -> str:
        """Note how many pieces of each order line are back in all (None: all of it; no line named: all lines).

        Returns the state that follows. Nothing is decided yet: see `decide`.
        """
        for line in return_.lines:
            if not counts or line.line_id in counts:
                line.received = counts.get(line.line_id) or line.quantity
        return "received" if all(line.received >= line.quantity for line in return_.lines) else "partly_received"

    def cancel(self, order: Order, detail: str = "") -> Order:
        """An order is called off."""
        order.state = "cancelled"
        order.updated_at = self.now()
        self.act("order.cancel", order.id, detail)
        return order

    def answer_review(self, review: Review, text: str) -> Review:
        """A review is answered for everybody to read."""
        review.reply = f"{text} [edited]" if "text_altered" in self.whims else text
        review.replied_at = review.updated_at = self.now()
        self.act("review.reply", review.id, text)
        return review

    def declare_file(self, filename: str, media_type: str, size: int) -> File:
        """A file that will come; `size` in bytes."""
        file = File(self.new_id("fil"), filename, media_type, size)
        self.data.files[file.id] = file
        return file

    def put_file(self, file: File, data: bytes) -> None:
        """The bytes of a declared file come. ValueError if they are not as many as were declared."""
        if len(data) != file.size:
            raise ValueError("these are not as many bytes as were declared")
        file.data, file.state = data, "safe"

    def whole_files(self, ids: Iterable[str]) -> list[File]:
        """The files of these ids. KeyError for an unknown one, ValueError for one whose bytes have not come."""
        files = [self.data.files[id] for id in ids]
        if any(file.state == "declared" for file in files):
            raise ValueError("the bytes of a file are missing")
        return files

    # --- what people do ---------------------------------------------------------------------------------------------

    @contextmanager
    def person(self) -> Iterator[None]:
        """What is done inside is done by somebody by hand, in the platform's own pages."""
        before, self.by = self.by, "person"
        try:
            yield
        finally:
            self.by = before

    def buyer_writes(self, thread: Thread, text: str, *, after: float = 0.0) -> None:
        """The buyer writes again, now or after so many seconds."""
        self.later(after, lambda: self.say(thread, text, author="buyer"))
        self.settle()

    def person_replies(self, thread: Thread, text: str, *, after: float = 0.0) -> None:
        """Somebody answers by hand, now or after so many seconds."""

        def write() -> None:
            with self.person():
                self.say(thread, text)

        self.later(after, write)
        self.settle()

    def settle_refund(self, refund: Refund, state: str, *, after: float = 0.0) -> None:
        """A refund becomes done or failed, now or after so many seconds."""
        self.later(after, lambda: setattr(refund, "state", state))
        self.settle()

    # --- counting ---------------------------------------------------------------------------------------------------

    def count(self, kind: str, target: str | None = None, *, by: str | None = "api") -> int:
        """How often the platform did this, for this target, on behalf of the API (None: of anybody)."""
        return sum(act.kind == kind and target in (None, act.target) and by in (None, act.by) for act in self.acts)

    def twice(self) -> list[tuple[str, str, str]]:
        """What was done more than once through the API with the same kind, target and detail: should be empty."""
        seen = Counter((act.kind, act.target, act.detail) for act in self.acts if act.by == "api")
        return [what for what, times in seen.items() if times > 1]
