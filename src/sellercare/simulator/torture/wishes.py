"""What is wanted in one run: writes of all kinds, each with a sign by which the world's own log shows it.

The sign is put into the content (a text, an amount) or is the thing itself (a return). The adapter has no part in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sellercare.adapter import Adapter
from sellercare.models import Decision, IssueRefund, Model, Money, Reply, ReplyToReview, StartThread
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
    """The things of a small world that writes can be about. `shown` turns the world's ids into the platform's."""

    world: World
    orders: list[Order]
    threads: list[Thread]
    returns: list[Return]
    reviews: list[Review]
    shown: Callable[[str], str]


def sign_of(act: Act) -> Sign:
    """The sign of what the world did. A message is known by its text alone: it may open a conversation of its own."""
    if act.kind == "message":
        return ("message", "", act.detail)
    if act.kind.startswith("return."):
        return (act.kind, act.target, "")
    return (act.kind, act.target, act.detail)


def furnished(adapter: type[Adapter], world: World, rng: random.Random, shown: Callable[[str], str]) -> Desk:
    """A few orders with their conversations, returns and reviews: few, so that writes meet."""
    orders = [world.order(lines=[world.line(price="80.00")]) for _ in range(rng.randint(1, 3))]
    threads = [world.message(world.thread(order)).thread_id for order in orders]
    kinds = ("return", "claim") if adapter.name == "allegro" else ("return",)
    returns = [world.return_(order, kind=rng.choice(kinds)) for order in orders]
    reviews = [world.review(order=order, subject="seller") for order in orders]
    return Desk(world, orders, [world.data.threads[each] for each in threads], returns, reviews, shown)


def wishes_for(adapter: type[Adapter], desk: Desk, rng: random.Random, count: int) -> list[Wish]:
    """So many writes; some want the same as another, under a key of their own. Some runs want one kind only."""
    made: list[Wish] = []
    only = rng.choice(_KINDS) if rng.random() < 0.3 else None
    for number in range(count):
        key = f"k{number}"
        if made and rng.random() < 0.2:
            made.append(replace(rng.choice(made), key=key))
        else:
            kind = only or rng.choices(_KINDS, weights=(35, 15, 30, 10, 10))[0]
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


_KINDS: Sequence[Callable[[str, Desk, random.Random, str, int], Wish]] = (_reply, _start, _refund, _decide, _answer)
