"""Simulated WooCommerce: orders, payment gateways and refunds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from sellercare.calls import to_json
from sellercare.models import Money
from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Line, Order, Refund
from sellercare_adapters.woocommerce.face_base import (
    API,
    REFUSED,
    WooCommerceBase,
    after,
    newest,
    numbers,
    rounded,
    sum_text,
    times,
)

_STATES = {
    "open": "pending",
    "paid": "processing",
    "shipped": "completed",
    "delivered": "completed",
    "cancelled": "cancelled",
}
_GATEWAYS = {"online": "stripe", "transfer": "bacs", "cash_on_delivery": "cod"}
_SHOWN = {
    "stripe": ("Card", ["products", "refunds"]),
    "bacs": ("Direct bank transfer", ["products"]),
    "cod": ("Cash on delivery", ["products"]),
}
_STATUSES = frozenset(["pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"])


class MoneyFace(WooCommerceBase):
    """Orders and refunds. A line's net sum and its taxes by rate may stand in its `extra`; else it is free of tax.

    `gateway_says` lets the payment gateway fail with these words; with `gateway_pays` it has paid before it fails.
    `knows_lines`: an old shop does not understand an array of lines. `has_refunds_route`: GET /refunds is there.
    """

    gateway_says = ""
    gateway_pays = False
    knows_lines = True
    has_refunds_route = True

    # --- orders ------------------------------------------------------------------------------------------------------

    @route("GET", f"{API}/orders")
    def orders(self, request: Request) -> Reply:
        """Orders, by default the newest first."""
        time = "updated_at" if request.param("orderby") == "modified" else "created_at"
        rows = newest(self.world.data.orders.values(), attrgetter(time))
        wanted, text = numbers(request, "include"), request.param("search")
        rows = [
            each
            for each in rows
            if after(request, "modified_after", each.updated_at)
            and after(request, "after", each.created_at)
            and (wanted is None or self.number(each.id) in wanted)
            and (not text or text in each.number or text == str(self.number(each.id)))
            and request.param("status", "any") in ("any", self.status(each))
        ]
        return self.page(request, [self._order(each) for each in rows])

    @route("GET", f"{API}/orders/{{id}}")
    def order(self, request: Request, id: str) -> Reply:
        """One order."""
        return Reply.of(self._order(self.order_of(id)))

    @route("PUT", f"{API}/orders/{{id}}")
    @route("POST", f"{API}/orders/{{id}}")
    def change_order(self, request: Request, id: str) -> Reply:
        """Set a status. `refunded` books a refund of all that is left, which nobody pays (order2_refunds)."""
        order, status = self.order_of(id), self.body(request).get("status")
        if status not in _STATUSES:
            raise Refusal(400, "rest_invalid_param", "status is not one of the statuses", "status")
        if status == "refunded" and self.left(order) > 0:
            self._book(order, self.left(order), [], "Order fully refunded.", paid=False)
        if status == "cancelled" and self.status(order) != "cancelled":
            self.world.cancel(order)
        order.extra["status"] = status
        order.updated_at = self.world.now()
        return Reply.of(self._order(order))

    def order_of(self, id: str) -> Order:
        """An order by its number; WooCommerce's 404."""
        order = self.world.data.orders.get(self.name_of(id)) if id.isdecimal() else None
        if order is None:
            raise Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return order

    def status(self, order: Order) -> str:
        """The order's status."""
        return str(order.extra.get("status") or _STATES[order.state])

    def total(self, order: Order) -> Decimal:
        """What the order comes to: its unrounded parts together, rounded once; or what its `extra` says."""
        parts = sum((net + sum(taxes.values(), Decimal(0)) for net, taxes in map(worth, order.lines)), Decimal(0))
        return rounded(Decimal(order.extra.get("total", parts)), order.currency)

    def left(self, order: Order) -> Decimal:
        """What can still be refunded."""
        return self.total(order) - self.world.refunded(order).amount

    def refunds_of(self, order: Order) -> list[Refund]:
        """The refunds of an order, newest first."""
        mine = [each for each in self.world.data.refunds.values() if each.order_id == order.id]
        return newest(mine, lambda each: each.created_at)

    def _order(self, order: Order) -> dict[str, Any]:
        buyer = self.world.data.buyers[order.buyer_id]
        first, _, last = (buyer.name or "").partition(" ")
        person = {"first_name": first, "last_name": last, "email": buyer.email or ""}
        currency, method = order.currency, self.method(order)
        id = self.number(order.id)
        refunds = [
            {
                "id": self.number(each.id),
                "reason": each.reason or "",
                "total": f"-{sum_text(each.amount.amount, currency)}",
            }
            for each in sorted(self.refunds_of(order), key=lambda each: str(each.id)[::-1])  # in no fixed order
        ]
        row = {
            "id": id,
            "parent_id": 0,
            "status": self.status(order),
            "currency": currency,
            "version": "11.0.1",
            "prices_include_tax": False,
            "total": sum_text(self.total(order), currency),
            "customer_id": self.number(order.buyer_id),
            "billing": person,
            "payment_method": method,
            "payment_method_title": _SHOWN.get(method, ("", []))[0],
            "customer_note": order.extra.get("customer_note", ""),
            "number": order.number,
            "meta_data": [],
            "tax_lines": [],
            "coupon_lines": [],
            "refunds": refunds,
        }
        row |= times("created", order.created_at) | times("modified", order.updated_at)
        row |= times("paid", order.created_at if order.payments else None)
        for name, kind in (("line_items", "item"), ("shipping_lines", "shipping"), ("fee_lines", "fee")):
            row[name] = [self._line(each, currency) for each in order.lines if each.kind == kind]
        return row | self.links(f"{API}/orders/{id}")

    def _line(self, line: Line, currency: str) -> dict[str, Any]:
        net, taxes = worth(line)
        row: dict[str, Any] = {
            "id": self.number(line.id),
            "total": sum_text(net, currency),
            "total_tax": sum_text(sum(taxes.values(), Decimal(0)), currency),
            "taxes": [{"id": int(rate), "total": str(tax), "subtotal": str(tax)} for rate, tax in taxes.items()],
            "meta_data": [],
        }
        if line.kind == "shipping":
            return row | {"method_title": line.title, "method_id": "flat_rate", "instance_id": ""}
        row["name"] = line.title
        if line.kind == "item":
            product = self.number(line.product_id)
            more = {"product_id": product, "variation_id": 0, "quantity": line.quantity, "sku": line.sku}
            row |= more | {"price": net / line.quantity, "subtotal": row["total"], "subtotal_tax": row["total_tax"]}
        return row

    # --- payment gateways --------------------------------------------------------------------------------------------

    @route("GET", f"{API}/payment_gateways")
    def gateways(self, request: Request) -> Reply:
        """All gateways."""
        return Reply.of([self._gateway(name) for name in _SHOWN])

    @route("GET", f"{API}/payment_gateways/{{id}}")
    def gateway(self, request: Request, id: str) -> Reply:
        """One gateway, with what it can."""
        if id not in _SHOWN:
            raise Refusal(404, "woocommerce_rest_payment_gateway_invalid", "Resource does not exist.")
        return Reply.of(self._gateway(id))

    def _gateway(self, name: str) -> dict[str, Any]:
        title, supports = _SHOWN[name]
        return {"id": name, "title": title, "enabled": True, "method_supports": supports}

    def method(self, order: Order) -> str:
        """The gateway that an order was paid through; an order may have none."""
        methods = [_GATEWAYS.get(each.method, each.method) for each in order.payments]
        return methods[0] if methods else ""

    # --- refunds -----------------------------------------------------------------------------------------------------

    @route("GET", f"{API}/refunds")
    def all_refunds(self, request: Request) -> Reply:
        """Refunds of all orders, newest first, each with its order's id."""
        if not self.has_refunds_route:
            raise Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        found = newest(self.world.data.refunds.values(), lambda each: each.created_at)
        rows = [each for each in found if after(request, "after", each.created_at)]
        return self.page(request, [self._refund(each) | {"parent_id": self.number(each.order_id)} for each in rows])

    @route("GET", f"{API}/orders/{{id}}/refunds")
    def refunds(self, request: Request, id: str) -> Reply:
        """Refunds of an order, newest first."""
        return self.page(request, [self._refund(each) for each in self.refunds_of(self.order_of(id))])

    @route("GET", f"{API}/orders/{{id}}/refunds/{{refund_id}}")
    def refund(self, request: Request, id: str, refund_id: str) -> Reply:
        """One refund."""
        order = self.order_of(id)
        for each in self.refunds_of(order):
            if str(self.number(each.id)) == refund_id:
                return Reply.of(self._refund(each))
        raise Refusal(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")

    @route("POST", f"{API}/orders/{{id}}/refunds")
    def pay_back(self, request: Request, id: str) -> Reply:
        """Book a refund, and let the gateway pay unless `api_refund` is false. Lines are checked against nothing."""
        order, body = self.order_of(id), self.body(request)
        lines = self._lines(order, body.get("line_items") or [])
        amount = self._amount(body, lines)
        if amount < 0:
            raise Refusal(500, "woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.")
        if amount > self.left(order):
            raise Refusal(500, REFUSED, "Invalid refund amount.")
        paid = body["api_refund"] if isinstance(body.get("api_refund"), bool) else True
        if paid:
            self._ask_gateway(order, amount)
        refund = self._book(order, rounded(amount, order.currency), lines, body.get("reason") or "", paid=paid)
        refund.extra["meta"] = list(body.get("meta_data") or [])
        restock = body["api_restock"] if isinstance(body.get("api_restock"), bool) else True
        for line in lines if restock else ():
            stock = order.extra.setdefault("restocked", {})
            stock[line["of"]] = stock.get(line["of"], 0) + line["quantity"]
        return Reply.of(self._refund(refund), 201)

    def by_hand(self, request: Request) -> Request:
        """A person in the admin leaves no mark of ours."""
        if not request.path.endswith("/refunds"):
            return request
        return replace(request, body=to_json({**request.json(), "meta_data": []}))

    def _amount(self, body: dict[str, Any], lines: list[dict[str, Any]]) -> Decimal:
        given = body.get("amount")
        if given is None:
            return sum((each["total"] + sum(each["taxes"].values(), Decimal(0)) for each in lines), Decimal(0))
        if not isinstance(given, str):
            raise Refusal(400, "rest_invalid_param", "amount is not of type string.", "amount")
        try:
            return Decimal(given)
        except InvalidOperation:
            return Decimal(0)

    def _lines(self, order: Order, asked: list[Any]) -> list[dict[str, Any]]:
        """The lines, if every one has an id; else all are ignored, and so are ids that the order lacks."""
        if not self.knows_lines or any("id" not in each for each in asked):
            return []
        known = {self.number(line.id): line for line in order.lines}
        return [
            {
                "of": int(each["id"]),
                "kind": known[int(each["id"])].kind,
                "quantity": each.get("quantity") or 0,
                "total": Decimal(each.get("refund_total") or 0),
                "taxes": {str(tax["id"]): Decimal(tax["refund_total"]) for tax in each.get("refund_tax") or ()},
                "id": self.number(self.world.new_id("lin")),
            }
            for each in asked
            if int(each["id"]) in known
        ]

    def _ask_gateway(self, order: Order, amount: Decimal) -> None:
        method = self.method(order)
        if method not in _SHOWN:
            raise Refusal(500, REFUSED, "The payment gateway for this order does not exist.")
        if "refunds" not in _SHOWN[method][1]:
            text = "The payment gateway for this order does not support automatic refunds."
            raise Refusal(500, REFUSED, text)
        if self.gateway_says:
            if self.gateway_pays:
                self.world.act("paid", order.id, str(amount))
            raise Refusal(500, REFUSED, self.gateway_says)
        self.world.act("paid", order.id, str(amount))

    def _book(self, order: Order, amount: Decimal, lines: list[Any], reason: str, *, paid: bool) -> Refund:
        money = Money(amount=amount, currency=order.currency)
        payment = order.payments[0].id if order.payments else "none"
        refund = self.world.pay_back(order, money, payment_id=payment, lines=lines, reason=reason)
        refund.extra["paid"] = paid
        if self.left(order) <= 0:
            order.extra["status"] = "refunded"
        return refund

    def _refund(self, refund: Refund) -> dict[str, Any]:
        currency = refund.amount.currency
        meta = [*refund.extra.get("meta", ()), {"key": "_refund_type", "value": "partial"}]
        row: dict[str, Any] = {
            "id": self.number(refund.id),
            "amount": sum_text(refund.amount.amount, currency),
            "reason": refund.reason or "",
            "refunded_by": 1,
            "refunded_payment": bool(refund.extra.get("paid")),
            "meta_data": [{"id": n, **each} for n, each in enumerate(meta, 1)],
            "tax_lines": [],
        } | times("created", refund.created_at)
        for name, kind in (("line_items", "item"), ("shipping_lines", "shipping"), ("fee_lines", "fee")):
            row[name] = [_refund_line(each, currency) for each in refund.lines if each["kind"] == kind]
        path = f"{API}/orders/{self.number(refund.order_id)}/refunds/{row['id']}"
        return row | self.links(path)


def worth(line: Line) -> tuple[Decimal, dict[str, Decimal]]:
    """A line's net sum and taxes by rate, not rounded."""
    taxes = {rate: Decimal(tax) for rate, tax in line.extra.get("taxes", {}).items()}
    return Decimal(line.extra.get("net", line.total.amount)), taxes


def _refund_line(each: dict[str, Any], currency: str) -> dict[str, Any]:
    taxes = sum(each["taxes"].values(), Decimal(0))
    origin = {"id": each["id"] + 1, "key": "_refunded_item_id", "value": str(each["of"])}
    row: dict[str, Any] = {
        "id": each["id"],
        "total": f"-{sum_text(each['total'], currency)}",
        "total_tax": f"-{sum_text(taxes, currency)}" if taxes else sum_text(taxes, currency),
        "taxes": [{"id": int(rate), "total": f"-{tax}", "subtotal": f"-{tax}"} for rate, tax in each["taxes"].items()],
        "meta_data": [origin | {"display_key": origin["key"], "display_value": origin["value"]}],
    }
    return row | ({"quantity": -each["quantity"]} if each["kind"] == "item" else {})
