"""Simulated Amazon: orders, what the finances show of refunds, and the seller's account."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.pages import cursor_page
from sellercare_adapters.amazon.face_base import (
    AmazonBase,
    amount,
    as_item_id,
    as_order_id,
    csv_param,
    since,
    text_time,
)

_STATES = {
    "open": "PENDING",
    "paid": "UNSHIPPED",
    "shipped": "SHIPPED",
    "delivered": "SHIPPED",
    "cancelled": "CANCELLED",
}
_BASE = {"shipping": "SHIPPING", "fee": "GIFT_WRAP"}


def _fulfilled_by(order: Any) -> str:
    return str(order.extra.get("fulfilled_by", "MERCHANT"))


class AmazonOrdersFace(AmazonBase):
    """Orders API 2026-01-01, Finances API 2024-06-19, Sellers API v1. Buyers' wishes to cancel are the world's
    returns of that kind.

    `finance_lag`: seconds after which a refund that was paid shows in the finances. Lines of the world that are no
    goods are proceeds of the order's first item. `extra["tax"]` of a line is the tax that came on top of its price.
    """

    finance_lag = 3600.0
    plan = "PROFESSIONAL"

    @route("GET", "/orders/2026-01-01/orders")
    def search_orders(self, request: Request) -> Reply:
        """Orders of a marketplace, by when they were made or changed; exactly one of the two."""
        self.for_here(request)
        made, changed = since(request, "createdAfter"), since(request, "lastUpdatedAfter")
        if (made is None) == (changed is None):
            raise Refusal(400, "InvalidInput", "Give exactly one of createdAfter and lastUpdatedAfter.")
        orders = [
            order
            for order in self.world.data.orders.values()
            if (made is None or order.created_at >= made) and (changed is None or order.updated_at >= changed)
        ]
        statuses, by = csv_param(request, "fulfillmentStatuses"), csv_param(request, "fulfilledBy")
        orders = [
            order
            for order in orders
            if (not statuses or _STATES[order.state] in statuses) and (not by or _fulfilled_by(order) in by)
        ]
        rows, token = cursor_page(orders, request, size=100, limit="maxResultsPerPage", cursor="paginationToken")
        wanted = csv_param(request, "includedData")
        answer: dict[str, Any] = {"orders": [self.order_row(order, wanted) for order in rows]}
        answer["lastUpdatedBefore" if changed else "createdBefore"] = text_time(self.world.now() - timedelta(minutes=2))
        return Reply.of(answer | ({"pagination": {"nextToken": token}} if token else {}))

    @route("GET", "/orders/2026-01-01/orders/{orderId}")
    def get_order(self, request: Request, orderId: str) -> Reply:  # noqa: N803 - the description's own name
        """One order."""
        return Reply.of({"order": self.order_row(self.of_us(orderId), csv_param(request, "includedData"))})

    def order_row(self, order: Any, wanted: list[str]) -> dict[str, Any]:
        """An order with the data that was asked for."""
        row: dict[str, Any] = {
            "orderId": as_order_id(order.id),
            "orderAliases": [{"aliasId": order.number, "aliasType": "SELLER_ORDER_ID"}],
            "createdTime": text_time(order.created_at),
            "lastUpdatedTime": text_time(order.updated_at),
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": self.marketplace},
            "orderItems": [self._item(order, line, wanted) for line in order.lines if line.kind == "item"],
        }
        buyer = self.world.data.buyers[order.buyer_id]
        if "BUYER" in wanted:
            withheld = {"buyerName": buyer.name, "buyerEmail": buyer.email}
            row["buyer"] = {name: value for name, value in withheld.items() if value}
        paid = order.state != "open"
        if "PROCEEDS" in wanted and paid:
            tax = sum((line.extra.get("tax", Decimal(0)) for line in order.lines), Decimal(0))
            total = order.total.model_copy(update={"amount": order.total.amount + tax})
            row["proceeds"] = {"grandTotal": amount(total)}
        if "FULFILLMENT" in wanted:
            row["fulfillment"] = {"fulfillmentStatus": _STATES[order.state], "fulfilledBy": _fulfilled_by(order)}
        if "PACKAGES" in wanted and order.state in ("shipped", "delivered"):
            status = "DELIVERED" if order.state == "delivered" else "IN_TRANSIT"
            row["packages"] = [{"packageReferenceId": "1", "packageStatus": {"status": status}}]
        return row

    def _item(self, order: Any, line: Any, wanted: list[str]) -> dict[str, Any]:
        row: dict[str, Any] = {
            "orderItemId": as_item_id(line.id),
            "quantityOrdered": line.quantity,
            "product": {"asin": line.product_id, "title": line.title, "sellerSku": line.sku},
        }
        row["product"]["price"] = {"unitPrice": amount(line.price)}
        if "PROCEEDS" in wanted and order.state != "open":
            row["proceeds"] = self._proceeds(order, line)
        wish = self._wish(order, line) if "CANCELLATION" in wanted else None
        return row | ({"cancellation": wish} if wish else {})

    def _wish(self, order: Any, line: Any) -> dict[str, Any] | None:
        """What the buyer asked for about a line: a return of the world that is a cancellation."""
        backs = (back for back in self.world.data.returns.values() if back.order_id == order.id)
        wishes = [back for back in backs if back.kind == "cancellation"]
        wish = next((back for back in wishes if any(each.line_id == line.id for each in back.lines)), None)
        if wish is None:
            return None
        asked = {"requester": "BUYER"} | ({"cancelReason": wish.reason} if wish.reason else {})
        done = {"cancellationExecution": {"cancelledBy": "MERCHANT"}} if order.state == "cancelled" else {}
        return {"cancellationRequest": asked, **done}

    def _proceeds(self, order: Any, line: Any) -> dict[str, Any]:
        first = next(each for each in order.lines if each.kind == "item")
        lines = [line, *(each for each in order.lines if each.kind != "item" and line is first)]
        parts: list[dict[str, Any]] = [
            {"type": _BASE.get(each.kind, "ITEM"), "subtotal": amount(each.total)} for each in lines
        ]
        taxes = [(_BASE.get(each.kind, "ITEM"), each.extra["tax"]) for each in lines if each.extra.get("tax")]
        total = sum((each.total.amount for each in lines), Decimal(0)) + sum((tax for _, tax in taxes), Decimal(0))
        if taxes:
            details = [{"subtype": name, "value": amount(self._money(order, tax))} for name, tax in taxes]
            whole = self._money(order, sum((tax for _, tax in taxes), Decimal(0)))
            parts.append({"type": "TAX", "subtotal": amount(whole), "detailedBreakdowns": details})
        return {"proceedsTotal": amount(self._money(order, total)), "breakdowns": parts}

    def _money(self, order: Any, value: Decimal) -> Any:
        return self.world.money(value, order.currency)

    @route("GET", "/finances/2024-06-19/transactions")
    def list_transactions(self, request: Request) -> Reply:
        """What moved money: a payment for each order, and the refunds that were paid, each after its lag."""
        name, value = request.param("relatedIdentifierName"), request.param("relatedIdentifierValue")
        after, before = since(request, "postedAfter"), since(request, "postedBefore")
        if after is None and not (name == "ORDER_ID" and value):
            raise Refusal(400, "InvalidInput", "Start date cannot be null", "Start date cannot be null")
        before = before or self.world.now() - timedelta(minutes=2)
        rows = [
            row
            for at, order_id, row in sorted(self._transactions(), key=lambda each: each[0])
            if (not value or order_id == value) and (after is None or after <= at < before)
        ]
        if after is not None and before - after > timedelta(days=180):
            rows = []
        page, token = cursor_page(rows, request, size=100, limit="", cursor="nextToken")
        return Reply.of({"payload": {"transactions": list(page)} | ({"nextToken": token} if token else {})})

    def _transactions(self) -> list[tuple[Any, str, dict[str, Any]]]:
        data, found = self.world.data, []
        for order in data.orders.values():
            if order.state != "open":
                row = self._transaction(order, order.created_at, f"pay-{order.id}", order.total.amount)
                found.append((order.created_at, as_order_id(order.id), row))
        for refund in data.refunds.values():
            posted = refund.extra.get("posted_at", refund.created_at)
            if refund.state != "done" or self.world.now() < posted + timedelta(seconds=self.finance_lag):
                continue
            order = data.orders[refund.order_id]
            row = self._transaction(order, posted, refund.id, -refund.amount.amount)
            row["relatedIdentifiers"].append(
                {"relatedIdentifierName": "REFUND_ID", "relatedIdentifierValue": refund.id}
            )
            found.append((posted, as_order_id(order.id), row))
        return found

    def _transaction(self, order: Any, posted: Any, id_: str, value: Decimal) -> dict[str, Any]:
        """A transaction. Amazon keeps its fee of a sale and gives it back with a refund, so the total is not what the
        buyer paid or got."""
        fee = -(value * Decimal("0.15")).quantize(Decimal("0.01"))
        sales = {"currencyCode": order.currency, "currencyAmount": value}
        fees = {"currencyCode": order.currency, "currencyAmount": fee}
        row: dict[str, Any] = {
            "sellingPartnerMetadata": {"sellingPartnerId": self.seller_id, "marketplaceId": self.marketplace},
            "relatedIdentifiers": [
                {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": as_order_id(order.id)}
            ],
            "transactionType": "Refund" if value < 0 else "Shipment",
            "transactionId": id_,
            "transactionStatus": "RELEASED",
            "description": "Refund Order" if value < 0 else "Order Payment",
            "postedDate": text_time(posted),
            "totalAmount": {"currencyCode": order.currency, "currencyAmount": value + fee},
            "breakdowns": [
                {"breakdownType": "Sales", "breakdownAmount": sales, "breakdowns": []},
                {"breakdownType": "Expenses", "breakdownAmount": fees, "breakdowns": []},
            ],
        }
        return row

    @route("GET", "/sellers/v1/marketplaceParticipations")
    def participations(self, request: Request) -> Reply:
        """Where the seller may sell."""
        return Reply.of({"payload": [self._participation()]})

    @route("GET", "/sellers/v1/account")
    def seller_account(self, request: Request) -> Reply:
        """The plan and the business; 403 without the role."""
        if not self.plan:
            raise Refusal(403, "Unauthorized", "Access to requested resource is denied.")
        address = {"addressLine1": "Street 1", "countryCode": "US"}
        business = {"name": "Simulated Seller Inc.", "registeredBusinessAddress": address}
        account = {"businessType": "PRIVATE_LIMITED", "sellingPlan": self.plan, "business": business}
        return Reply.of({"payload": account | {"marketplaceParticipationList": [self._participation()]}})

    def _participation(self) -> dict[str, Any]:
        place = {"id": self.marketplace, "name": "United States", "countryCode": "US", "domainName": "www.amazon.com"}
        place |= {"defaultCurrencyCode": self.world.currency, "defaultLanguageCode": "en_US"}
        standing = {"isParticipating": True, "hasSuspendedListings": False}
        return {"marketplace": place, "storeName": "Simulated Store", "participation": standing}
