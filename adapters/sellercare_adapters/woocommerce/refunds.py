"""Refunds: through the order's payment gateway, or only booked; each found again by a mark in its metadata."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, Nested, parse_json, read, to_json, write
from sellercare.errors import BadAnswer, BadInput, NotAllowedNow, NotFound, OutcomeUnknown
from sellercare.finding import CLOCK_SKEW
from sellercare.interfaces import Context, Refunds
from sellercare.models import (
    Granularity,
    IssueRefund,
    Money,
    Refund,
    RefundOption,
    RefundQuery,
    RefundTarget,
)
from sellercare.translation import decimal, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.woocommerce import reading, translate, wire
from sellercare_adapters.woocommerce.orders import changed_since, stamp
from sellercare_adapters.woocommerce.reading import ORDER, ORDERS, PAGES, REFUNDS
from sellercare_adapters.woocommerce.refundable import (
    Part,
    left_of,
    parts_of,
    slices_for,
    step_of,
    wire_lines,
)

GATEWAY, MANUAL = "gateway", "manual"
MARK = "_sellercare"
"""The metadata of a refund that holds our key. Names with an underscore are not shown in the shop's admin."""

_A_SECOND = timedelta(seconds=1)
_ONE_REFUND = "/orders/{id}/refunds/{refund}"
_ALL = "/refunds"
_GATEWAY = "/payment_gateways/{id}"


class WooCommerceRefunds(Refunds):
    """Refunds of orders."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds, newest first: of one order, or of all.

        A refund does not tell its currency, which is its order's: one more call for an order, or for each page.
        """
        if query.order_id is not None:
            which = {"include": reading.number(query.order_id, "order_id"), "status": "any"}
            return [_of_orders(ctx, read(ORDERS, params=which), "one call for the order's currency")]
        if not ctx.settings.all_refunds:
            call = read(ORDERS, params=changed_since(query.created_since))
            return [_of_orders(ctx, call, "the pages of all orders changed since, and a call for each with refunds")]
        params: dict[str, Any] = {"orderby": "date", "order": "desc"}
        if query.created_since is not None:
            params |= {"after": stamp(query.created_since - _A_SECOND), "dates_are_gmt": "true"}
        shown = Listing(
            read(_ALL, params=params),
            "",
            _with_currency,
            PAGES,
            newest_first="created_at",
            together=partial(_joined, ctx),
        )
        return [shown]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund by our id of it, `ORDER:REFUND`."""
        order_id, colon, native_id = refund_id.partition(":")
        if not (colon and order_id.isdecimal() and native_id.isdecimal()):
            raise BadInput(f"{refund_id!r} is no id of a refund; they look like 13:24.", field="refund_id")
        currency = _currency_of(reading.order(ctx, order_id))
        row = ctx.read(read(_ONE_REFUND, ids={"id": order_id, "refund": native_id}))
        return translated(partial(translate.refund, order_id=order_id, currency=currency), row, f"GET {_ONE_REFUND}")

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """What is left of the order, line by line: through its payment gateway, or only booked.

        Booking alone is offered where the account's settings say that somebody pays by hand.
        """
        if target.order_id is None:
            raise BadInput("WooCommerce has no returns.", field="return_id", next_step="Name the order.")
        row = reading.order(ctx, target.order_id)
        earlier = reading.refunds(ctx, target.order_id)
        _all_there(row, earlier)
        option = translated(lambda order: _option(order, earlier, ctx.settings.restock), row, f"GET {ORDER}")
        if option is None:
            return ()
        manual = (_manual(option),) if ctx.settings.manual_refunds else ()
        why_not = _cannot_pay_back(ctx, row)
        if why_not and not manual:
            raise NotAllowedNow(
                f"{why_not} Only the buyer's bank account is left.",
                next_step="Pay the buyer yourself; with the setting manual_refunds = true such a refund is booked.",
            )
        return manual if why_not else (option, *manual)

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Pay back, or book. The sum, the way and the restocking are always said: left out, the shop pays."""
        option = command.chosen
        order_id, currency = option.order_id or "", option.most.currency
        through_gateway = option.id == GATEWAY
        body = _body(ctx, command, option)
        amount = decimal(body["amount"])

        def before() -> Json:
            rows = reading.refunds(ctx, order_id)
            return translated(lambda found: [row["id"] for row in found], rows, f"GET {REFUNDS}")

        def find(search: Search) -> Found | None:
            rows = reading.refunds(ctx, order_id)
            look = partial(_find, key=ctx.key, amount=amount, search=search)
            row = translated(look, rows, f"GET {REFUNDS}")
            return Found(translate.refund_id(order_id, row["id"]), row) if row else None

        def keep(answer: Answer) -> Json:
            row = answer.json()
            translated(partial(translate.refund, order_id=order_id, currency=currency), row, answer.where)
            return row

        def result(kept: Kept) -> Refund:
            row = kept["refund"]
            booked = {translate.order_line_of(line) for _, line in translate.lines_of(row)}
            asked = {str(line["id"]) for line in body.get("line_items", ())}
            return translate.refund(row, order_id, currency, without_lines=not asked <= booked)

        # The shop waits for its gateway, which may take its time.
        call = write("POST", REFUNDS, ids={"id": order_id}, json=body | {"api_refund": through_gateway}, timeout=90)
        step = Step(
            "refund",
            lambda kept: call,
            keep,
            commits=True,
            find=find,
            native_id=lambda row: translate.refund_id(order_id, row["id"]),
        )
        return Write((step,), result, before)


# --- listing ---------------------------------------------------------------------------------------------------------


def _currency_of(row: wire.Order) -> str:
    return translated(lambda order: str(order["currency"]), row, f"GET {ORDER}")


def _of_orders(ctx: Context, orders: Call, costs: str) -> Nested[Refund]:
    """The refunds of orders, which name them and tell their currency."""
    parents: Listing[wire.Order, tuple[str, str, bool]] = Listing(orders, "", _head, PAGES)

    def children(parent: tuple[str, str, bool]) -> Listings[Refund]:
        order_id, currency, has_refunds = parent
        if not has_refunds:
            return []
        shape = partial(translate.refund, order_id=order_id, currency=currency)
        return [Listing(read(REFUNDS, ids={"id": order_id}), "", shape, PAGES, applied=frozenset({"order_id"}))]

    return Nested(parents, children, costs)


def _head(row: wire.Order) -> tuple[str, str, bool]:
    return str(row["id"]), row["currency"], bool(row["refunds"])


def _joined(ctx: Context, rows: list[Any]) -> list[Any]:
    """Refunds of a page with the currencies of their orders: one call for all of them."""
    wanted = sorted({row["parent_id"] for row in rows})
    if not wanted:
        return rows
    params = {"include": ",".join(map(str, wanted)), "per_page": PAGES.limit, "status": "any"}
    orders = ctx.read(read(ORDERS, params=params))
    currencies = translated(lambda found: {each["id"]: each["currency"] for each in found}, orders, f"GET {ORDERS}")
    gone = [order for order in wanted if order not in currencies]
    for order_id in gone:  # an order in the trash is in no list, and can still be read
        currencies[order_id] = _currency_of(reading.order(ctx, str(order_id)))
    return [(row, currencies[row["parent_id"]]) for row in rows]


def _with_currency(pair: tuple[wire.Refund, str]) -> Refund:
    row, currency = pair
    return translate.refund(row, str(row["parent_id"]), currency)


# --- what may be paid back -------------------------------------------------------------------------------------------


def _all_there(row: wire.Order, earlier: Sequence[wire.Refund]) -> None:
    """Raise BadAnswer where the order names refunds that the list lacks: more would seem to be left than is."""

    def missing(order: wire.Order) -> list[int]:
        return sorted({each["id"] for each in order["refunds"]} - {each["id"] for each in earlier})

    if translated(missing, row, f"GET {ORDER}"):
        raise BadAnswer(f"GET {REFUNDS}: refunds are missing that the order has.", path="$")


def _option(row: wire.Order, earlier: Sequence[wire.Refund], restock: bool) -> RefundOption | None:
    currency, left = row["currency"], left_of(row, earlier)
    if left <= 0:
        return None
    parts = parts_of(row, earlier)
    stock = "Named pieces go back into stock." if restock else "Stock stays as it is."
    return RefundOption(
        id=GATEWAY,
        title=f"through {row.get('payment_method_title') or row.get('payment_method') or 'the payment gateway'}",
        through="payment",
        any_reason=True,
        order_id=str(row["id"]),
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        least=Money(amount=step_of(currency), currency=currency),
        most=Money(amount=left, currency=currency),
        lines=tuple(part.as_line(currency) for part in parts),
        consequences=(
            "The payment gateway pays at once, and the shop mails the buyer, who can read the reason. "
            f"{stock} An amount without lines is booked without items and taxes, and touches no stock."
        ),
        native={"parts": to_json([part.as_json() for part in parts]).decode()},
    )


def _manual(option: RefundOption) -> RefundOption:
    _, _, rest = option.consequences.partition(", and the shop")
    return option.model_copy(
        update={
            "id": MANUAL,
            "title": "only booked: you pay the buyer by hand",
            "through": "books",
            "consequences": f"Nobody is paid by it: that is left to you. It is booked, and the shop{rest}",
        }
    )


def _cannot_pay_back(ctx: Context, row: wire.Order) -> str:
    """Why the order's gateway pays nothing back, in a sentence; empty if it does."""
    name = str(row.get("payment_method") or "")
    if not name:
        return f"Order {row['id']} was paid through no payment gateway."
    try:
        gateway = ctx.read(read(_GATEWAY, ids={"id": name}))
    except NotFound:
        return f"The payment gateway {name!r} of order {row['id']} is no longer in the shop."
    supports = translated(lambda found: list(found["method_supports"]), gateway, f"GET {_GATEWAY}")
    if not supports:  # every gateway supports something, if only products
        raise BadAnswer(f"GET {_GATEWAY}: it does not say what it supports.", path="$.method_supports")
    return "" if "refunds" in supports else f"The payment gateway {name!r} cannot pay back."


# --- asking for it, and finding it again -----------------------------------------------------------------------------


def _body(ctx: Context, command: IssueRefund, option: RefundOption) -> dict[str, Any]:
    """The request: text where WooCommerce wants text, and a sum that is exactly what its lines come to."""
    currency = option.most.currency
    parts = [Part.of_json(kept) for kept in parse_json(option.native["parts"])]
    slices = slices_for(parts, option.most, command.amount, command.lines)
    if command.lines:
        money = sum((each.money for each in slices), decimal(0))
    else:
        money = (command.amount or option.most).amount
    if money < step_of(currency):
        # The shop would book an empty refund of 0.00 (refund_zero, refund_too_precise).
        raise BadInput("It comes to nothing: there is no sum to pay back.", field="lines" if slices else "amount")
    body: dict[str, Any] = {
        "amount": str(money.quantize(step_of(currency))),
        "api_restock": ctx.settings.restock,
        "meta_data": [{"key": MARK, "value": ctx.key}],
    }
    words = ": ".join(filter(None, (command.reason, command.note)))
    if words:
        body["reason"] = words
    if slices:
        body["line_items"] = wire_lines(slices, currency)
    return body


def _find(rows: Sequence[wire.Refund], key: str, amount: Any, search: Search) -> wire.Refund | None:
    """The refund with our mark. The shop sets it last, when the gateway has paid: a new one of the same sum without
    any may be ours on its way there, or left behind on it, or somebody else's."""
    for row in rows:
        if any(meta["key"] == MARK and meta["value"] == key for meta in row["meta_data"]):
            return row
    known, since = set(search.before or ()), search.sent_at - CLOCK_SKEW
    for row in rows:
        # What was not there before is new whatever its time: our clock may be ahead of the shop's.
        in_time = search.before is not None or translate.moment(row["date_created_gmt"]) >= since
        new = row["id"] not in known and in_time
        if new and decimal(row["amount"]) == amount and not _marked(row):
            raise OutcomeUnknown(
                f"A new refund of the same sum is there ({row['id']}) without our mark: the gateway may still be "
                "paying, or somebody has booked it by hand"
            )
    return None


def _marked(row: wire.Refund) -> bool:
    return any(meta["key"] == MARK for meta in row["meta_data"])
