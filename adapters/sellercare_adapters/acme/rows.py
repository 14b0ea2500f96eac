"""How Acme's face shows the things of its world."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sellercare.models import Money
from sellercare.simulator import things
from sellercare.simulator.face import Refusal
from sellercare.simulator.world import World

Row = dict[str, Any]


def plain(thing: Any, names: str) -> Row:
    """These fields of a thing, as JSON can hold them."""
    return {name: json_of(getattr(thing, name)) for name in names.split()}


def json_of(value: Any) -> Any:
    """Money and times as Acme writes them."""
    if isinstance(value, Money):
        return {"amount": value.plain(), "currency": value.currency}
    return value.isoformat() if hasattr(value, "isoformat") else value


def _buyer(world: World, thing: Any) -> Row:
    return {"buyer": plain(world.data.buyers[thing.buyer_id], "id login name email")}


def order(world: World, order: things.Order) -> Row:
    """An order with its lines and sums."""
    row = plain(order, "id number state created_at updated_at total") | _buyer(world, order)
    paid = Money(amount=sum((each.amount.amount for each in order.payments), Decimal(0)), currency=order.currency)
    lines = [plain(line, "id kind title sku product_id quantity price") for line in order.lines]
    sums = {"paid": json_of(paid), "refunded": json_of(world.refunded(order))}
    return row | sums | {"lines": lines, "review_requested": "review_requested" in order.extra}


def thread(world: World, thread: things.Thread) -> Row:
    """A conversation without its messages."""
    row = plain(thread, "id kind subject order_id return_id updated_at read closed awaiting_reply")
    return row | _buyer(world, thread)


def message(world: World, message: things.Message) -> Row:
    """A message with the heads of its files."""
    row = plain(message, "id thread_id order_id author text created_at delivery")
    files = [plain(file, "id filename media_type") for file in message.files]
    return row | {"attachments": files, "reference": message.extra.get("reference")}


def return_(world: World, return_: things.Return) -> Row:
    """A return with its lines."""
    order = world.data.orders[return_.order_id]
    lines = [
        plain(line, "id quantity received reason note") | {"order_line_id": line.line_id}
        | plain(order.line(line.line_id), "title price")
        for line in return_.lines
    ]  # fmt: skip
    row = plain(return_, "id number kind state order_id thread_id reason note asked created_at updated_at")
    own = {"reference": return_.extra.get("reference"), "opened_by": return_.extra.get("opened_by", "buyer")}
    return row | own | {"respond_by": json_of(return_.due), "lines": lines} | _buyer(world, return_)


def refund(world: World, refund: things.Refund) -> Row:
    """A refund."""
    row = plain(refund, "id order_id return_id payment_id amount lines reason note state created_at")
    return row | {"reference": refund.extra.get("reference")}


def review(world: World, review: things.Review) -> Row:
    """A review with the seller's answer."""
    row = plain(review, "id subject product_id order_id title text created_at updated_at removal_until")
    reply = {"text": review.reply, "created_at": json_of(review.replied_at)} if review.reply else None
    own = {"stars": review.rating, "reply": reply, "awaiting_reply": not reply}
    return row | own | {"removal_asked": review.removal_asked is not None} | _buyer(world, review)


def score(world: World, day: things.ScoreDay) -> Row:
    """The score of a day."""
    return plain(day, "on value most grade metrics") | {"level": day.grade}


def refund_option(world: World, payment: things.Payment, order: things.Order, most: Money) -> Row:
    """One way to pay back: through one payment, by amount or by lines."""
    lines = [
        {"kind": line.kind, "order_line_id": line.id, "quantity": line.quantity, "amount": json_of(line.total)}
        for line in order.lines
    ]
    ids = {"id": f"{order.id}.{payment.id}", "order_id": order.id, "payment_id": payment.id, "through": "payment"}
    how = {"title": f"to the payment ({payment.method})", "granularity": ["amount", "lines"], "note_max_length": 250}
    return ids | how | {"most": json_of(most), "lines": lines}


def refund_line(order: things.Order, asked: Row) -> Row:
    """A line to pay back: so many pieces, all of them, or a sum of it."""
    line = order.line(asked["id"])
    if line is None:
        raise Refusal(422, "unknown-line", "This order has no such line.", "lines")
    count = Decimal(asked.get("quantity") or line.quantity)
    amount = Decimal(asked["amount"]["amount"]) if asked.get("amount") else line.price.amount * count
    sum_ = {"amount": str(amount), "currency": order.currency}
    return {"kind": line.kind, "order_line_id": line.id, "quantity": str(count), "amount": sum_}


def sum_of(lines: list[Row], currency: str) -> Money:
    """What these lines come to."""
    return Money(amount=sum((Decimal(line["amount"]["amount"]) for line in lines), Decimal(0)), currency=currency)


def receive(return_: things.Return, asked: Sequence[Row]) -> str:
    """Note how many pieces of each line are back in all (none named: all), and say which state that is."""
    counts = {line["id"]: line.get("quantity") for line in asked}
    for line in return_.lines:
        if not counts or line.line_id in counts:
            line.received = int(Decimal(counts.get(line.line_id) or line.quantity))
    return "received" if all(line.received >= line.quantity for line in return_.lines) else "partly_received"
