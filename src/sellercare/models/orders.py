"""Orders, as far as after-sales needs them: who bought what, what was paid, what was paid back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field

from sellercare.models.base import Identity, Model, PlatformModel, Vocabulary
from sellercare.models.money import Money


class OrderState(Vocabulary):
    """Where an order is."""

    OPEN = "open", "Placed; not yet paid or not yet ready to be handled."
    PAID = "paid", "Paid, nothing shipped."
    SHIPPED = "shipped", "Something was shipped."
    DELIVERED = "delivered", "All of it has arrived."
    CANCELLED = "cancelled", "Called off by buyer, seller or platform."
    UNKNOWN = "unknown", "The platform uses a word that we do not know; see `native_state`."


class LineKind(Vocabulary):
    """What a line of an order or refund stands for."""

    ITEM = "item", "Goods."
    SHIPPING = "shipping", "Delivery."
    FEE = "fee", "A surcharge, deposit or service."
    UNKNOWN = "unknown", "Not told by the platform."


class Buyer(Model):
    """Who bought. Platforms withhold what they like: every field may be absent."""

    id: str | None = None
    login: str | None = None
    name: str | None = None
    email: str | None = None


class OrderLine(Model):
    """One line of an order. `price` is for one piece, gross, in the buyer's currency."""

    id: str
    kind: LineKind = LineKind.ITEM
    title: str | None = None
    sku: str | None = None
    product_id: str | None = None
    quantity: Decimal = Decimal(1)
    price: Money | None = None


class Order(PlatformModel):
    """One order. `number` is what people call it; `native_ids` holds further ids of the platform by name."""

    id: Identity
    number: str | None = None
    native_ids: Mapping[str, str] = Field(default_factory=dict)
    site: str | None = None
    state: OrderState = OrderState.UNKNOWN
    native_state: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    buyer: Buyer = Buyer()
    lines: tuple[OrderLine, ...] = ()
    total: Money | None = None
    paid: Money | None = None
    refunded: Money | None = None
    url: str | None = None


class OrderQuery(Model):
    """Which orders to list: those changed at or after `updated_since`."""

    updated_since: AwareDatetime | None = None


class LineQuantity(Model):
    """So many pieces of one order line; without `quantity`, all of them. `amount` where a sum is meant instead."""

    id: str
    quantity: Decimal | None = Field(default=None, gt=0)
    amount: Money | None = None


class CancelOrder(Model):
    """Cancel an order, or some lines of it, before it is shipped."""

    order_id: str
    lines: tuple[LineQuantity, ...] = ()
    reason: str | None = None

    @property
    def target(self) -> str:
        """What the write acts on; writes to one target do not overtake each other."""
        return f"order:{self.order_id}"
