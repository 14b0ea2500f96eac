"""Orders (checkout forms). The seller cannot cancel one: buyers do, and the seller refunds."""

from __future__ import annotations

from sellercare.calls import Listing, Listings, read
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Orders
from sellercare.models import Order, OrderQuery
from sellercare.translation import translated
from sellercare_adapters.allegro import translate, wire
from sellercare_adapters.allegro.media import stamp


def checkout_form(ctx: Context, order_id: str) -> wire.CheckoutForm:
    """An order as Allegro sends it."""
    form: wire.CheckoutForm = ctx.read(read("/order/checkout-forms/{id}", ids={"id": order_id}))
    return form


class AllegroOrders(Orders):
    """Orders."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """One order by its id, a UUID."""
        return translated(translate.order, checkout_form(ctx, order_id), "GET /order/checkout-forms/{id}")

    def find(self, ctx: Context, number: str) -> Order:
        """The same: the description knows no number of an order beside its id."""
        return self.get(ctx, number.strip())

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """Orders, newest change first."""
        params = {"sort": "-updatedAt"}
        if query.updated_since:
            params["updatedAt.gte"] = stamp(query.updated_since)
        return [
            Listing(
                read("/order/checkout-forms", params=params),
                items="checkoutForms",
                translate=translate.order,
                pages=OffsetPages(limit=100),
                applied=frozenset({"updated_since"}),
                newest_first="updated_at",
            )
        ]
