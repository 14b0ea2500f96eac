"""The things of a world as simulated Shopify shows them: rows whose fields are values, or functions of arguments."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sellercare.models import Money
from sellercare.simulator import Refusal
from sellercare.simulator.graphql_face import connection_of
from sellercare.simulator.things import Line, Order, Payment, Return, ReturnLine
from sellercare_adapters.shopify.face_base import ShopifyBase
from sellercare_adapters.shopify.face_exchanges import (
    cost_of,
    owed,
    restocking_row,
    shipping_fees,
    swap_rows,
    worth,
)
from sellercare_adapters.shopify.face_ids import bag, gid, number, plain, searched, time
from sellercare_adapters.shopify.face_parcels import reverse_rows
from sellercare_adapters.shopify.face_refunds import (
    Record,
    adjustment_rows,
    credit_methods,
    duty_rows,
    guest,
    in_store_credit,
    left_of,
    records,
    suggestion,
)

REASONS = ("arrived-late", "defective", "not-as-described", "unwanted")
"""Handles of reasons that the simulated shop has; `unwanted` is deleted."""

STATUS = {
    "requested": "REQUESTED",
    "declined": "DECLINED",
    "cancelled": "CANCELED",
    "refunded": "CLOSED",
    "closed": "CLOSED",
}
"""What Shopify calls a return's state; all others are OPEN."""

DISPUTES = {"chargeback": "CHARGEBACK", "inquiry": "INQUIRY"}
_OLD = timedelta(days=60)
_MONEY_STATES = {"done": "SUCCESS", "pending": "PENDING", "failed": "FAILURE"}


def goods(order: Order) -> list[Line]:
    """The lines of an order that are goods."""
    return [line for line in order.lines if line.kind == "item"]


def delivery(order: Order) -> Line | None:
    """The line that is delivery."""
    return next((line for line in order.lines if line.kind == "shipping"), None)


def sent(order: Order) -> bool:
    """Whether the parcel is on its way or there."""
    return order.state in ("shipped", "delivered")


def refunded_pieces(order: Order, line: Line) -> int:
    """How many pieces of a line are paid back."""
    return int(order.extra.get("refunded", {}).get(line.id, 0))


def returned_pieces(shop: ShopifyRows, line: Line) -> int:
    """How many pieces of a line are in returns that count."""
    return sum(
        each.quantity
        for return_ in shop.world.data.returns.values()
        if return_.kind == "return" and return_.state not in ("declined", "cancelled")
        for each in return_.lines
        if each.line_id == line.id
    )


class ShopifyRows(ShopifyBase):
    """Reading."""

    def need(self, scope: str) -> None:
        """Refuse where the app lacks a scope."""
        if scope not in self.scopes:
            text = f"Access denied for this field. Required access: `{scope}` access scope."
            raise Refusal(200, "ACCESS_DENIED", text)

    def _private(self, value: Any) -> Any:
        """A field about a buyer, kept from apps without approval."""

        def field(info: Any) -> Any:
            if self.withholds:
                raise Refusal(200, "ACCESS_DENIED", f"This app is not approved to use the {info.field_name} field.")
            return value() if callable(value) else value

        return field

    # --- orders ------------------------------------------------------------------------------------------------------

    def visible(self, order: Order) -> bool:
        """Orders older than 60 days want a scope of their own."""
        return "read_all_orders" in self.scopes or order.created_at > self.world.now() - _OLD

    def orders(self, info: Any, **asked: Any) -> Any:
        """A page of orders."""
        self.need("read_orders")
        found = searched(
            filter(self.visible, self.world.data.orders.values()),
            asked.get("query"),
            {
                "name": lambda order: order.number,
                "updated_at": lambda order: order.updated_at,
                "return_status": lambda order: self.return_status(order),
            },
        )
        key = (
            (lambda order: order.updated_at) if asked.get("sortKey") == "UPDATED_AT" else lambda order: order.created_at
        )
        found.sort(key=key, reverse=bool(asked.get("reverse")))
        page = connection_of(found, asked.get("first"), asked.get("after"))
        return page | {"nodes": [self.order_row(order) for order in page["nodes"]]}

    def return_status(self, order: Order) -> str:
        """What Shopify says of an order's returns as a whole."""
        states = {STATUS.get(each.state, "OPEN") for each in self.returns_of(order)}
        for state, status in (("REQUESTED", "RETURN_REQUESTED"), ("OPEN", "IN_PROGRESS"), ("CLOSED", "RETURNED")):
            if state in states:
                return status
        return "NO_RETURN"

    def returns_of(self, order: Order) -> list[Return]:
        """The returns of an order."""
        every = self.world.data.returns.values()
        return [each for each in every if each.order_id == order.id and each.kind == "return"]

    def order_row(self, order: Order) -> dict[str, Any]:
        """An order."""
        buyer = self.world.data.buyers[order.buyer_id]
        paid = sum((each.amount.amount for each in order.payments), Decimal(0))
        back = self.world.refunded(order)
        status = "PENDING" if not order.payments else "PAID" if back.amount == 0 else "PARTIALLY_REFUNDED"
        if order.payments and back.amount >= paid:
            status = "REFUNDED"
        shipping = delivery(order)
        customer = None if guest(order) else {"id": gid("Customer", buyer.id), "displayName": buyer.name or ""}
        gone = order.state == "cancelled"
        return {
            "__typename": "Order",
            "id": gid("Order", order.id),
            "legacyResourceId": number(gid("Order", order.id)),
            "name": f"#{order.number}",
            "email": self._private(buyer.email),
            "createdAt": time(order.created_at),
            "updatedAt": time(order.updated_at),
            "cancelledAt": time(order.updated_at) if gone else None,
            "displayFinancialStatus": status,
            "displayFulfillmentStatus": "FULFILLED" if sent(order) else "UNFULFILLED",
            "returnStatus": self.return_status(order),
            "presentmentCurrencyCode": order.currency,
            "taxesIncluded": order.extra.get("taxes_included", True),
            "customer": self._private(customer),
            "totalPriceSet": bag(order.total),
            "totalReceivedSet": bag(Money(amount=paid, currency=order.currency)),
            "totalRefundedSet": bag(back),
            "shippingLine": self._shipping_row(shipping) if shipping else None,
            "fulfillments": lambda info, **asked: self._parcels(order)[: asked.get("first")],
            "lineItems": lambda info, **asked: connection_of(
                [self._line_row(order, line) for line in goods(order)], asked.get("first"), asked.get("after")
            ),
            "returns": lambda info, **asked: self._returns_page(order, **asked),
            "refunds": lambda info, **asked: [
                self.refund_row(each) for each in records(self.world, order)[: asked.get("first")]
            ],
            "suggestedRefund": lambda info, **asked: suggestion(self, order, **asked),
        }

    def _parcels(self, order: Order) -> list[dict[str, Any]]:
        """One parcel, or as many as `parcels` says; in an order that is not there yet the last is on its way."""
        if not sent(order):
            return []
        arrived = {"deliveredAt": time(order.updated_at)}
        last = arrived if order.state == "delivered" else {"deliveredAt": None}
        return [*[arrived] * (order.extra.get("parcels", 1) - 1), last]

    def _shipping_row(self, line: Line) -> dict[str, Any]:
        row = {"id": gid("ShippingLine", line.id), "title": line.title}
        return row | {"discountedPriceSet": bag(line.price), "taxLines": line.extra.get("taxes", [])}

    def _line_row(self, order: Order, line: Line) -> dict[str, Any]:
        return {
            "id": gid("LineItem", line.id),
            "title": line.title,
            "sku": line.sku or None,
            "quantity": line.quantity,
            "refundableQuantity": line.quantity - refunded_pieces(order, line),
            "unfulfilledQuantity": 0 if sent(order) else line.quantity,
            "product": {"id": gid("Product", line.product_id)} if line.product_id else None,
            "discountedUnitPriceAfterAllDiscountsSet": bag(line.price),
            "taxLines": [{"priceSet": bag(each)} for each in line.extra.get("taxes", ())],
        }

    # --- returns -----------------------------------------------------------------------------------------------------

    def _returns_page(self, order: Order, **asked: Any) -> Any:
        self.need("read_returns")
        fields = {"status": lambda each: STATUS.get(each.state, "OPEN")}
        found = searched(self.returns_of(order), asked.get("query"), fields)
        page = connection_of(found, asked.get("first"), asked.get("after"))
        return page | {"nodes": [self.return_row(each) for each in page["nodes"]]}

    def return_row(self, return_: Return) -> dict[str, Any]:
        """A return."""
        order = self.world.data.orders[return_.order_id]
        declined = {"reason": return_.extra.get("reason", "OTHER"), "note": return_.extra.get("note")}
        status = STATUS.get(return_.state, "OPEN")
        return {
            "id": gid("Return", return_.id),
            "name": f"#{order.number}-{return_.number}",
            "status": status,
            "createdAt": time(return_.created_at),
            "requestApprovedAt": time(return_.updated_at) if status in ("OPEN", "CLOSED") else None,
            "closedAt": time(return_.updated_at) if status == "CLOSED" else None,
            "decline": declined if status == "DECLINED" else None,
            "order": lambda info: self.order_row(order),
            "exchangeLineItems": lambda info, **asked: connection_of(swap_rows(return_), asked.get("first"), None),
            "returnShippingFees": shipping_fees(order, return_),
            "returnLineItems": lambda info, **asked: connection_of(
                [self._return_line_row(return_, each) for each in return_.lines], asked.get("first"), asked.get("after")
            ),
            "refunds": lambda info, **asked: connection_of(
                [self.refund_row(each) for each in records(self.world, order) if each.return_id == return_.id],
                asked.get("first"),
                asked.get("after"),
            ),
            "reverseFulfillmentOrders": lambda info, **asked: connection_of(
                reverse_rows(return_, status), asked.get("first"), asked.get("after")
            ),
            "suggestedFinancialOutcome": lambda info, **asked: self.outcome(return_, **asked),
        }

    def _return_line_row(self, return_: Return, line: ReturnLine) -> dict[str, Any]:
        order = self.world.data.orders[return_.order_id]
        sold = order.known_line(line.line_id)
        paid = int(return_.extra.get("refunded", {}).get(line.id, 0))
        is_open = STATUS.get(return_.state, "OPEN") == "OPEN"
        total = Money(amount=sold.price.amount * line.quantity, currency=order.currency)
        handle = line.reason if line.reason in REASONS else None
        row = {
            "id": gid("ReturnLineItem", line.id),
            "quantity": line.quantity,
            "processableQuantity": line.quantity - line.received if is_open else 0,
            "processedQuantity": line.received,
            "refundableQuantity": line.quantity - paid if is_open else 0,
            "refundedQuantity": paid,
            "customerNote": line.note if return_.extra.get("by") != "seller" else None,
            "returnReasonNote": (line.note or return_.note or "") if return_.extra.get("by") == "seller" else "",
            "returnReasonDefinition": reason_row(handle) if handle else None,
        }
        if return_.extra.get("unverified"):
            return row | {"__typename": "UnverifiedReturnLineItem", "unitPrice": plain(sold.price)}
        parcel = {"id": gid("FulfillmentLineItem", sold.id), "lineItem": self._line_row(order, sold)}
        return row | {
            "__typename": "ReturnLineItem",
            "fulfillmentLineItem": parcel,
            "withCodeDiscountedTotalPriceSet": bag(total),
            "restockingFee": restocking_row(order, return_, line),
        }

    def outcome(self, return_: Return, **asked: Any) -> dict[str, Any]:
        """What Shopify would pay back for these lines of a return, as far as the order holds it: their price, less fees
        and what is exchanged for them."""
        order = self.world.data.orders[return_.order_id]
        left = left_of(self.world, order)
        total = -cost_of(return_, asked["exchangeLineItems"]) - owed(return_)
        for each in asked["returnLineItems"]:
            line = next((own for own in return_.lines if gid("ReturnLineItem", own.id) == each["id"]), None)
            if line is None:
                raise Refusal(200, "invalid", "Return line item not found")
            total += worth(order, return_, line, each["quantity"])
        amount = Money(amount=max(min(total, left), Decimal(0)), currency=order.currency)
        allocation = asked.get("refundMethodAllocation")
        to_payments = Decimal(0) if allocation == "STORE_CREDIT" else amount.amount
        transfer = {
            "__typename": "RefundReturnOutcome",
            "amount": bag(amount),
            "suggestedTransactions": self.suggested(order, to_payments, for_order=False),
            "suggestedRefundMethods": credit_methods(self, order, amount.amount, allocation),
        }
        most = bag(Money(amount=left, currency=order.currency))
        return {"maximumRefundable": most, "financialTransfer": transfer if amount.amount > 0 else None}

    def suggested(self, order: Order, amount: Decimal, *, for_order: bool) -> list[dict[str, Any]]:
        """The payments that a sum would go back through."""
        rows = []
        for payment in order.payments:
            held = left_of(self.world, order, payment)
            part = min(amount, held)
            amount -= part
            if part > 0 or (for_order and held > 0):
                rows.append(
                    {
                        "amountSet": bag(Money(amount=part, currency=order.currency)),
                        "maximumRefundableSet": bag(Money(amount=held, currency=order.currency)) if for_order else None,
                        "gateway": payment.method,
                        "formattedGateway": payment.method.replace("_", " ").title(),
                        "parentTransaction": payment_row(payment),
                    }
                )
        return rows

    # --- refunds and chargebacks -------------------------------------------------------------------------------------

    def refund_row(self, record: Record) -> dict[str, Any]:
        """A refund."""
        data = self.world.data
        order = data.orders[record.order_id]
        parts = [data.refunds[each] for each in record.parts]
        total = sum((each.amount.amount for each in parts if each.state != "failed"), Decimal(0))
        payments = {each.id: each for each in order.payments}
        transactions = [
            {
                "id": gid("OrderTransaction", each.id),
                "kind": "REFUND",
                "status": _MONEY_STATES[each.state],
                "amountSet": bag(each.amount),
                **self._gateway(None if in_store_credit(each) else payments[each.payment_id]),
            }
            for each in parts
        ]

        def money(amount: Decimal) -> dict[str, Any]:
            return bag(Money(amount=amount, currency=order.currency))

        lines = [
            {
                "quantity": count,
                "lineItem": self._line_row(order, order.known_line(line_id)),
                "subtotalSet": money(order.known_line(line_id).price.amount * count),
                "totalTaxSet": money(Decimal(0)),
            }
            for line_id, count in record.lines.items()
        ]
        shipping = delivery(order)
        shipped = [
            {
                "shippingLine": self._shipping_row(each),
                "subtotalAmountSet": money(record.shipping),
                "taxAmountSet": money(Decimal(0)),
            }
            for each in ([shipping] if record.shipping and shipping else [])
        ]
        return {
            "__typename": "Refund",
            "id": gid("Refund", record.id),
            "createdAt": time(record.created_at),
            "processedAt": time(record.created_at),
            "note": record.note,
            "order": lambda info: self.order_row(order),
            "return": lambda info: self.return_row(data.returns[record.return_id]) if record.return_id else None,
            "totalRefundedSet": money(total),
            "duties": duty_rows(order, record.duties),
            "orderAdjustments": lambda info, **asked: {"nodes": adjustment_rows(record)},
            "refundLineItems": lambda info, **asked: {"nodes": lines[: asked.get("first")]},
            "refundShippingLines": lambda info, **asked: {"nodes": shipped},
            "transactions": lambda info, **asked: {"nodes": transactions[: asked.get("first")]},
        }

    def _gateway(self, payment: Payment | None) -> dict[str, Any]:
        """Where a transaction's money went. Credit went to no payment; its gateway is as others report it."""
        if payment is None:
            return {
                "gateway": "shopify_store_credit",
                "formattedGateway": "Store credit",
                "parentTransaction": None,
            }
        return {
            "gateway": payment.method,
            "formattedGateway": payment.method.replace("_", " ").title(),
            "parentTransaction": payment_row(payment),
        }

    def dispute_row(self, return_: Return) -> dict[str, Any]:
        """A chargeback or inquiry."""
        order = self.world.data.orders[return_.order_id]
        status = {"requested": "NEEDS_RESPONSE", "escalated": "UNDER_REVIEW", "closed": "LOST"}
        return {
            "id": gid("ShopifyPaymentsDispute", return_.id),
            "type": DISPUTES[return_.kind],
            "status": return_.extra.get("status") or status.get(return_.state, "LOST"),
            "initiatedAt": time(return_.created_at),
            "evidenceDueBy": time(return_.due),
            "evidenceSentOn": None,
            "finalizedOn": None,
            "amount": plain(return_.asked or order.total),
            "reasonDetails": {"reason": "PRODUCT_NOT_RECEIVED", "networkReasonCode": "4855"},
            "order": lambda info: self.order_row(order),
            "disputeEvidence": {
                "id": gid("ShopifyPaymentsDisputeEvidence", return_.id),
                "submitted": bool(return_.extra.get("submitted")),
            },
        }


def payment_row(payment: Payment) -> dict[str, Any]:
    """What the buyer paid, as a transaction."""
    return {
        "id": gid("OrderTransaction", payment.id),
        "kind": "SALE",
        "status": "SUCCESS",
        "amountSet": bag(payment.amount),
        "parentTransaction": None,
    }


def reason_row(handle: str) -> dict[str, Any]:
    """A reason for returns."""
    row = {"id": gid("ReturnReasonDefinition", handle), "handle": handle, "name": handle.replace("-", " ").title()}
    return row | {"deleted": handle == "unwanted"}
