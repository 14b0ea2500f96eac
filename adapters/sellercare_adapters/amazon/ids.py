"""Ids that sellercare derives where Amazon has none of its own. Their forms are told on the adapter's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from sellercare.models import LineKind, Money

EXTERNAL = "external:"
"""Before the id of a return of the External Fulfillment programme."""

FBA = "fba:"
"""Before the id of a unit that came back to Amazon."""

WISH = "cancel:"
"""Before the order's id: its buyer's wish to cancel. An order has one."""

EXTRA_KINDS = {
    "SHIPPING": LineKind.SHIPPING,
    "GIFT_WRAP": LineKind.FEE,
    "COD_FEE": LineKind.FEE,
    "OTHER": LineKind.FEE,
}
"""The parts of an item's proceeds that are lines of their own."""

_FEED = "feed"
_TIME = "%Y%m%dT%H%M%SZ"


def line_of(item_id: str, part: str) -> str:
    """The line of a part of an item: `60407:shipping`."""
    return f"{item_id}:{part.lower().replace('_', '-')}"


def part_of(line_id: str) -> tuple[str, str]:
    """The item and the part that a line stands for; the part of an item's own line is ITEM."""
    item, _, part = line_id.partition(":")
    return item, part.upper().replace("-", "_") or "ITEM"


def refund_id(order_id: str | None, transaction_id: str) -> str:
    """A refund that the finances show: `ORDER/TRANSACTION`, since transactions are found through their order only."""
    return f"{order_id}/{transaction_id}" if order_id else transaction_id


def fba_return(order_id: str, unit: str, at: datetime | str) -> str:
    """A unit that came back to Amazon: `fba:ORDER:UNIT:TIME`. The unit is its licence plate, or the SKU without one.

    A plate alone is not enough: Amazon uses it again when the unit is sold, and comes back, a second time. The time is
    written in UTC, so that it is the same whatever zone a report is written in.
    """
    moment = at if isinstance(at, str) else at.strftime(_TIME)
    return f"{FBA}{order_id}:{unit}:{moment}"


def fba_time(return_id: str) -> datetime | None:
    """When the unit of such an id came back; None where the report's day could not be read."""
    try:
        return datetime.strptime(return_id.rpartition(":")[2], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class FeedRefund:
    """A refund that was sent as a feed: `feed:FEED:ORDER:AMOUNT:CURRENCY`. Amazon shows what a feed said nowhere."""

    feed_id: str
    order_id: str | None = None
    amount: Money | None = None

    def __str__(self) -> str:
        money = (self.amount.plain(), self.amount.currency) if self.amount else ()
        return ":".join([_FEED, self.feed_id, *([self.order_id] if self.order_id else []), *money])

    @classmethod
    def of(cls, text: str) -> FeedRefund | None:
        """The feed that an id names; None for the id of anything else."""
        parts = text.split(":")
        if parts[0] != _FEED or len(parts) not in (2, 5) or not all(parts):
            return None
        if len(parts) == 2:
            return cls(parts[1])
        try:
            return cls(parts[1], parts[2], Money(amount=Decimal(parts[3]), currency=parts[4]))
        except (InvalidOperation, ValueError):
            return None
