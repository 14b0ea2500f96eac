"""Orders. One sold item is one order here: Rakuten accepts, ships, claims and cancels by the item."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings
from sellercare.errors import BadAnswer, BadInput, NotFound, OutcomeUnknown
from sellercare.http.pages import CursorPages, OnePage, walk
from sellercare.interfaces import Context, Orders
from sellercare.markup import is_xml_text
from sellercare.models import CancelOrder, Order, OrderLine, OrderQuery, OrderState
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.rakuten_fr import translate, wire
from sellercare_adapters.rakuten_fr.asking import MOST, asked, look_at, shown, told

_CURRENT = f"{wire.CURRENT_SALES.root}.response"


class RakutenFrOrders(Orders):
    """Orders: sold items."""

    def get(self, ctx: Context, order_id: str) -> Order:
        """An item among the new and current sales; else what getiteminfos tells, which is less, and is a look."""
        for found in _sold(ctx):
            if found.id == order_id:
                return found
        return translated(
            lambda payload: translate.order_of_item(
                payload[wire.ITEM.root]["response"]["item"], ctx.settings.login, ctx.settings.zone
            ),
            ctx.read(look_at(order_id)),
            wire.ITEM.name,
        )

    def find(self, ctx: Context, number: str) -> Order:
        """An item by `purchase/item`, as Rakuten's mails write it; or by its purchase, where that has but one."""
        purchase, _, item_id = number.strip().partition("/")
        if item_id:
            order = self.get(ctx, item_id)
            if order.number not in (None, f"{purchase}/{item_id}"):
                raise NotFound(f"Rakuten France has sold the item {item_id} in another purchase than {purchase}.")
            return order
        found = [each for each in _sold(ctx) if each.native_ids["purchase"] == purchase]
        if not found:
            raise NotFound(f"Rakuten France shows no purchase {purchase} among the new and current sales.")
        if len(found) > 1:
            raise BadInput(
                f"The purchase {purchase} has {len(found)} items, and each is an order of its own.",
                field="number",
                next_step=f"Name one: {', '.join(each.number or each.id for each in found)}.",
            )
        return found[0]

    def list(self, ctx: Context, query: OrderQuery) -> Listings[Order]:
        """New sales, then the current ones, then those ordered before their release."""
        return listings(ctx)

    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """Cancel an accepted sale, or refuse a new one. It is asked first which of them it is."""
        item_id, reason = command.order_id, (command.reason or "").strip()
        if len(reason) > MOST or not is_xml_text(reason):
            raise BadInput(
                f"The reason goes into an address and comes back in XML: at most {MOST} characters, none for control.",
                field="reason",
            )
        if any(line.id != item_id or line.quantity not in (None, 1) or line.amount for line in command.lines):
            raise BadInput("An order at Rakuten France is one item: it is cancelled whole.", field="lines")

        def call(kept: Kept) -> Call:
            if kept["look"]["is_new"]:
                return told(wire.REFUSE, "orders", itemid=item_id)
            return told(wire.CANCEL, "orders", itemid=item_id, comment=reason)

        def find(search: Search) -> Found | None:
            if search.kept["look"]["is_new"] and not _is_new(ctx.read(asked(wire.NEW_SALES)), item_id):
                raise OutcomeUnknown("the sale is new no more: it was refused, or somebody has accepted it")
            if search.kept["look"]["is_new"]:
                return None
            item = shown(ctx, look_at(item_id), wire.ITEM)["item"]
            return Found(item_id, {"itemid": item_id}) if item["itemstatus"] == "CANCELLED" else None

        steps = (
            Step("look", lambda kept: asked(wire.NEW_SALES), partial(_look, item_id)),
            Step("cancel", call, partial(_cancelled, item_id), commits=True, find=find, native_id=lambda _: item_id),
        )
        return Write(steps, lambda kept: _called_off(kept["cancel"]))


def listings(ctx: Context) -> tuple[Listing[Any, Order], ...]:
    """New sales, which come at once, then the current ones, page by page, then those that wait for a release."""
    zone = ctx.settings.zone
    new: Listing[Any, Order] = Listing(
        asked(wire.NEW_SALES),
        f"{wire.NEW_SALES.root}.response.sales.sale",
        partial(translate.order, zone=zone),
        OnePage(),
        together=translate.sold,
    )
    make = partial(translate.order, zone=zone)
    return new, current(make), current(make, preordered=True)


def current(make: Any, *, only_rated: bool = False, preordered: bool = False) -> Listing[Any, Any]:
    """The items of the current sales; the sales of before are told by no service.

    Those ordered before their release are left out of them, and asked for on their own.
    """

    def items(sales: list[Any]) -> list[Any]:
        found = translate.sold(sales)
        return [row for row in found if row["item"].get("sellerscore")] if only_rated else found

    return Listing(
        asked(wire.CURRENT_SALES, ispendingpreorder="y" if preordered else None),
        f"{_CURRENT}.sales.sale",
        make,
        CursorPages(f"{_CURRENT}.nexttoken", "nexttoken"),
        capped="Rakuten France lists sales in progress only.",
        together=items,
    )


def _sold(ctx: Context) -> Iterator[Order]:
    for listing in listings(ctx):
        yield from walk(ctx.http, listing)


def _look(item_id: str, answer: Answer) -> Json:
    return {"is_new": _is_new(answer.xml(wire.NEW_SALES.lists), item_id)}


def _is_new(payload: Any, item_id: str) -> bool:
    sales = payload[wire.NEW_SALES.root]["response"]["sales"]["sale"]
    return any(item["itemid"] == item_id for sale in sales for item in sale["items"]["item"])


def _cancelled(item_id: str, answer: Answer) -> Json:
    """That a sale was cancelled or refused. A page that says neither, such as one about maintenance, is no proof.

    What a refusal is answered with was never published: it has at least a `response`, as all other answers have.
    """
    ((root, document),) = answer.xml().items()
    told = document.get("response") if isinstance(document, dict) else None
    if answer.where == wire.REFUSE.name:
        proved = isinstance(told, dict)
    else:
        proved = root == wire.CANCEL.root and isinstance(told, dict) and told.get("status") == "CANCELLED"
    if not proved:
        raise BadAnswer(
            f"{answer.where}: it does not say that the sale is called off.", path=f"$.{root}.response.status"
        )
    return {"itemid": item_id}


def _called_off(kept: Json) -> Order:
    item_id = kept["itemid"]
    return Order(id=item_id, state=OrderState.CANCELLED, lines=(OrderLine(id=item_id),), raw=kept)
