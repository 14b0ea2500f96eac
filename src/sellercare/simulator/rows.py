"""The things of a world as rows of JSON, called as in the common models: for faces of platforms that are our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from sellercare.models import Money
from sellercare.simulator import things
from sellercare.simulator.messages import Request
from sellercare.simulator.world import World
from sellercare.translation import instant

Row = dict[str, Any]


def plain(thing: Any, names: str) -> Row:
    """These fields of a thing, as JSON can hold them."""
    return {name: json_of(getattr(thing, name)) for name in names.split()}


def json_of(value: Any) -> Any:
    """Money as amount and currency, times in ISO 8601."""
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
    return row | {"paid": json_of(paid), "refunded": json_of(world.refunded(order)), "lines": lines}


def thread(world: World, thread: things.Thread) -> Row:
    """A conversation without its messages."""
    row = plain(thread, "id kind subject order_id return_id updated_at read closed awaiting_reply")
    return row | _buyer(world, thread)


def message(world: World, message: things.Message) -> Row:
    """A message with the heads of its files."""
    row = plain(message, "id thread_id order_id author text created_at delivery")
    return row | {
        "by": message.author,
        "attachments": [plain(file, "id filename media_type") for file in message.files],
    }


def return_(world: World, return_: things.Return) -> Row:
    """A return with its lines; `by` is who opened it."""
    order = world.data.orders[return_.order_id]
    lines = []
    for line in return_.lines:
        row = plain(line, "id quantity received reason note")
        lines.append(row | {"order_line_id": line.line_id} | plain(order.line(line.line_id), "title price"))
    row = plain(return_, "id number kind state order_id thread_id reason note asked created_at updated_at due")
    parcels = [plain(parcel, "carrier number") for parcel in return_.parcels]
    return row | {"lines": lines, "parcels": parcels, "by": return_.extra.get("by", "buyer")} | _buyer(world, return_)


def refund(world: World, refund: things.Refund) -> Row:
    """A refund."""
    return plain(refund, "id order_id return_id payment_id amount lines reason note state created_at") | {
        "by": "seller"
    }


def review(world: World, review: things.Review) -> Row:
    """A review with the seller's answer."""
    row = plain(review, "id subject product_id order_id title text rating created_at updated_at removal_until")
    reply = {"text": review.reply, "created_at": json_of(review.replied_at)} if review.reply else None
    own = {"reply": reply, "awaiting_reply": reply is None, "removal_asked": review.removal_asked is not None}
    return row | own | _buyer(world, review)


def score(world: World, day: things.ScoreDay) -> Row:
    """The score of a day."""
    return plain(day, "on value most grade metrics") | {"level": day.grade}


def refund_options(world: World, order: things.Order, return_: things.Return | None) -> list[Row]:
    """The ways to pay back now: one a payment that is not paid back whole, at most what a return asks for."""
    lines = [
        plain(line, "kind quantity") | {"order_line_id": line.id, "amount": json_of(line.total)} for line in order.lines
    ]
    options = []
    for payment in order.payments:
        left = payment.amount - world.refunded(order, payment.id)
        most = min(left, return_.asked) if return_ and return_.asked else left
        if most.amount > 0:
            head = {
                "id": f"{order.id}.{payment.id}",
                "payment_id": payment.id,
                "lines": lines,
                "title": f"to the payment ({payment.method})",
            }
            about = {"order_id": order.id, "return_id": return_.id if return_ else None, "most": json_of(most)}
            options.append(head | about | {"through": "payment", "granularity": ["amount", "lines"]})
    return options


def refund_line(line: things.Line, asked: Row) -> Row:
    """A line to pay back: so many pieces, all of them, or a sum of it."""
    count = Decimal(asked.get("quantity") or line.quantity)
    amount = asked.get("amount") or json_of(Money(amount=line.price.amount * count, currency=line.price.currency))
    return {"kind": line.kind, "order_line_id": line.id, "quantity": str(count), "amount": amount}


def sum_of(lines: Iterable[Row]) -> Money | None:
    """What lines to pay back come to; None without any."""
    sums = [Money(amount=Decimal(line["amount"]["amount"]), currency=line["amount"]["currency"]) for line in lines]
    return reduce(add, sums) if sums else None


def review_summary(world: World, id: str) -> Row:
    """Totals of the reviews of a product, or of the sales (`seller`)."""
    stars = [each.rating for each in world.data.reviews.values() if (each.product_id or "seller") == id]
    average = str(round(Decimal(sum(stars)) / len(stars), 2)) if stars else None
    row = {"subject": "seller" if id == "seller" else "product", "subject_id": id, "count": len(stars)}
    return row | {"average": average, "by_rating": {str(n): stars.count(n) for n in sorted(set(stars))}}


_SHOWN: Mapping[str, Callable[[World, Any], Row]] = {
    "orders": order,
    "threads": thread,
    "messages": message,
    "returns": return_,
    "refunds": refund,
    "reviews": review,
    "scores": score,
}


def row_of(world: World, kind: str, thing: Any) -> Row:
    """The row of a thing, one of `orders`, `messages` and so on."""
    return _SHOWN[kind](world, thing)


def everything(world: World, kind: str) -> list[Any]:
    """All things of a kind, the newest last."""
    if kind == "messages":
        return [message for thread in world.data.threads.values() for message in thread.messages]
    return world.data.score_days[::-1] if kind == "scores" else list(getattr(world.data, kind).values())


def matching(rows: Iterable[Row], request: Request, *, but: Iterable[str] = ("limit", "offset", "cursor")) -> list[Row]:
    """The rows that fit the query, newest first. Filters are fields of rows, or `updated_since`, `created_since`,
    `since` (a day) and `rating_max`. KeyError for one that rows do not have."""
    filters = [(name, values[0]) for name, values in request.query.items() if name not in but]
    found = [row for row in rows if all(_fits(row, name, value) for name, value in filters)]
    return sorted(found, key=lambda row: row.get("updated_at") or row.get("created_at") or row["on"], reverse=True)


def _fits(row: Row, name: str, value: str) -> bool:
    if name.endswith("_since"):
        return instant(row[f"{name.removesuffix('_since')}_at"]) >= instant(value)
    if name == "since":
        return bool(row["on"] >= value[:10])
    if name == "rating_max":
        return bool(row["rating" if "rating" in row else "stars"] <= Decimal(value))
    return str(row[name]).lower() == value.lower()
