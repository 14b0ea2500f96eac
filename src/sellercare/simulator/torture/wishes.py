"""What is wanted in one run: writes of all kinds, each with a sign by which the world's own log shows it.

The sign is put into the content (a text, an amount) or is the thing itself (a return). The adapter has no part in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sellercare.adapter import Adapter
from sellercare.models import (
    CancelOrder,
    Decision,
    IssueRefund,
    LineQuantity,
    Model,
    Money,
    OpenReturn,
    Reply,
    ReplyToReview,
    ReturnKind,
    StartThread,
)
from sellercare.models.messages import Upload
from sellercare.simulator.things import Act, Order, Return, Review, Thread
from sellercare.simulator.world import World

Sign = tuple[str, str, str]
"""Kind of act, target, and what was said or paid."""


@dataclass(frozen=True)
class Wish:
    """One write that somebody wants under a key. `about` is the world's own id of what it is about."""

    key: str
    verb: str
    command: Model
    sign: Sign
    about: str


@dataclass
class Desk:
    """The things of a small world that writes can be about. `shown` turns the world's ids into the platform's.

    `waiting` are orders that are paid and not shipped: those that can be called off.
    """

    world: World
    orders: list[Order]
    threads: list[Thread]
    returns: list[Return]
    reviews: list[Review]
    shown: Callable[[str], str]
    waiting: list[Order] = field(default_factory=list)


def sign_of(act: Act) -> Sign:
    """The sign of what the world did. A message is known by its text alone: it may open a conversation of its own.

    A decision, or an order that is called off, is known by the thing: it is so but once, whatever reason is given.
    """
    if act.kind == "message":
        return ("message", "", act.detail)
    if act.kind == "order.cancel" or (act.kind.startswith("return.") and act.kind != "return.open"):
        return (act.kind, act.target, "")
    return (act.kind, act.target, act.detail)


def furnished(
    adapter: type[Adapter], world: World, rng: random.Random, shown: Callable[[str], str], *, all_kinds: bool
) -> Desk:
    """A few orders with their conversations, returns and reviews: few, so that writes meet."""
    pieces = 4 if all_kinds else 1
    orders = [world.order(lines=[world.line(price="80.00", quantity=pieces)]) for _ in range(rng.randint(1, 3))]
    threads = [world.message(world.thread(order)).thread_id for order in orders]
    kinds = ("return", "claim") if adapter.name == "allegro" else ("return",)
    returns = [world.return_(order, kind=rng.choice(kinds)) for order in orders]
    reviews = [world.review(order=order, subject="seller") for order in orders]
    desk = Desk(world, orders, [world.data.threads[each] for each in threads], returns, reviews, shown)
    if all_kinds:
        desk.waiting = [world.order(state="paid", days_ago=1) for _ in range(rng.randint(1, 2))]
    return desk


def wishes_for(
    adapter: type[Adapter], desk: Desk, rng: random.Random, count: int, *, all_kinds: bool = False
) -> list[Wish]:
    """So many writes; some want the same as another, under a key of their own. Some runs want one kind only.

    With `all_kinds` there are those, too, that came to the torture later, where the platform has them.
    """
    made: list[Wish] = []
    kinds = dict(_KINDS)
    if all_kinds:
        kinds |= {kind: weight for kind, (weight, verb) in _LATER.items() if adapter.supports[verb].offered}
    only = rng.choice(list(kinds)) if rng.random() < 0.3 else None
    for number in range(count):
        key = f"k{number}"
        if made and rng.random() < 0.2:
            made.append(replace(rng.choice(made), key=key))
        else:
            kind = only or rng.choices(list(kinds), weights=list(kinds.values()))[0]
            made.append(kind(adapter.name, desk, rng, key, number))
    return made


def _reply(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    if name == "allegro" and rng.random() < 0.3:
        issue = next((each for each in desk.returns if each.kind == "claim"), None)
        if issue is not None:
            text = f"About the claim: {_token(number)}."
            command = Reply(thread_id=f"issue:{desk.shown(issue.id)}", text=text)
            return Wish(key, "messages.reply", command, ("message", "", text), issue.id)
    thread, text = rng.choice(desk.threads), f"Your parcel {_token(number)} comes tomorrow."
    files = (Upload.of("a.png", "image/png", b"1234"),) if rng.random() < 0.15 else ()
    command = Reply(thread_id=thread.id, text=text, attachments=files)
    return Wish(key, "messages.reply", command, ("message", "", text), thread.id)


def _start(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    order, text = rng.choice(desk.orders), f"We have news of {_token(number)}."
    option = "message" if name == "allegro" else "about-order"
    command = StartThread(order_id=desk.shown(order.id), option=option, text=text)
    return Wish(key, "messages.start", command, ("message", "", text), order.id)


def _refund(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    order = rng.choice(desk.orders)
    amount = Money(amount=f"{number % 5 + 1}.{number + 10}", currency=desk.world.currency)
    command = IssueRefund(order_id=desk.shown(order.id), amount=amount)
    return Wish(key, "refunds.issue", command, ("refund", order.id, str(amount)), order.id)


def _decide(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    return_ = rng.choice(desk.returns)
    shown = desk.shown(return_.id)
    if name == "allegro" and return_.kind == "claim":
        if rng.random() < 0.5:
            command = Decision(return_id=f"issue:{shown}", variant="ACCEPTED_REPAIR", note="Yes.")
            return Wish(key, "returns.offer", command, ("return.offer", return_.id, ""), return_.id)
        command = Decision(return_id=f"issue:{shown}", reason="REJECTED_MINOR_DEFECT", note="No.")
        return Wish(key, "returns.decline", command, ("return.decline", return_.id, ""), return_.id)
    if name == "allegro":
        command = Decision(return_id=shown, reason="ITEM_MISMATCH")
        return Wish(key, "returns.decline", command, ("return.decline", return_.id, ""), return_.id)
    if rng.random() < 0.5:
        command = Decision(return_id=shown, reason="goodwill")
        return Wish(key, "returns.decline", command, ("return.decline", return_.id, ""), return_.id)
    return Wish(key, "returns.approve", Decision(return_id=shown), ("return.approve", return_.id, ""), return_.id)


def _answer(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    review, text = rng.choice(desk.reviews), f"We are sorry about {_token(number)}."
    command = ReplyToReview(review_id=review.id, text=text, replace=rng.random() < 0.3)
    return Wish(key, "reviews.reply", command, ("review.reply", review.id, text), review.id)


def _token(number: int) -> str:
    return f"Q{number:03d}Z{number * 7919 % 1000:03d}"


def _open(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    order = rng.choice(desk.orders)
    line, pieces, kind = order.lines[0].id, rng.randint(1, 3), rng.choice(("return", "return", "claim"))
    lines = (LineQuantity(id=line, quantity=pieces),)
    command = OpenReturn(order_id=desk.shown(order.id), lines=lines, kind=ReturnKind(kind), reason="damaged")
    return Wish(key, "returns.open", command, ("return.open", order.id, f"{kind} {line}x{pieces}"), order.id)


def _cancel(name: str, desk: Desk, rng: random.Random, key: str, number: int) -> Wish:
    order = rng.choice(desk.waiting)
    command = CancelOrder(order_id=desk.shown(order.id), reason=rng.choice(("out_of_stock", "buyer_asked")))
    return Wish(key, "orders.cancel", command, ("order.cancel", order.id, ""), order.id)


_Kind = Callable[[str, Desk, random.Random, str, int], Wish]

_KINDS: Mapping[_Kind, int] = {_reply: 35, _start: 15, _refund: 30, _decide: 10, _answer: 10}
"""How often each kind is wanted."""

_LATER: Mapping[_Kind, tuple[int, str]] = {_open: (25, "returns.open"), _cancel: (15, "orders.cancel")}
"""The same for kinds that not every platform has, with their verbs."""
