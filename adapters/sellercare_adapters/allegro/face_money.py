"""Simulated Allegro: orders, customer returns and refunds of payments."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from sellercare.calls import to_json
from sellercare.models import Money
from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Line, Order, Refund, Return
from sellercare_adapters.allegro.face_base import AllegroBase, as_uuid, found, is_uuid, number, page, price, since
from sellercare_adapters.allegro.face_base import text_time as at

_FORM = {"open": "FILLED_IN", "cancelled": "CANCELLED"}
_SHIPPING = {"open": "NEW", "paid": "NEW", "shipped": "SENT", "delivered": "PICKED_UP", "cancelled": "CANCELLED"}
_METHODS = {"online": "ONLINE", "cash_on_delivery": "CASH_ON_DELIVERY", "transfer": "WIRE_TRANSFER"}
_RETURNS = {
    "requested": "CREATED",
    "approved": "CREATED",
    "in_transit": "IN_TRANSIT",
    "partly_received": "DELIVERED",
    "received": "DELIVERED",
    "refunded": "FINISHED",
    "declined": "REJECTED",
}
_REASONS = frozenset(
    [
        "MISTAKE",
        "TRANSPORT",
        "DAMAGED",
        "NOT_AS_DESCRIBED",
        "DONT_LIKE_IT",
        "OVERDUE_DELIVERY",
        "INCOMPLETE",
        "HIDDEN_FLAW",
        "OTHER_FLAW",
        "DIFFERENT",
        "COUNTERFEIT",
        "NOT_NEW",
        "TOO_LARGE",
        "TOO_SMALL",
        "NOT_AS_EXPECTED",
        "ORDERED_FOR_COMPARISON",
    ]
)
_REJECTIONS = frozenset(
    [
        "REFUND_REJECTED",
        "NEW_ITEM_SENT",
        "ITEM_FIXED",
        "MISSING_PART_SENT",
        "ITEM_MISMATCH",
        "BUSINESS_PURCHASE",
        "NO_RETURN_RIGHT",
    ]
)
_WHY = frozenset(
    [
        "REFUND",
        "COMPLAINT",
        "PRODUCT_NOT_AVAILABLE",
        "PAID_VALUE_TOO_LOW",
        "OVERPAID",
        "CANCELLED_BY_BUYER",
        "NOT_COLLECTED",
    ]
)
_REFUND_STATES = {"pending": "IN_PROGRESS", "done": "SUCCESS", "failed": "CANCELED"}
_VALUES = ("delivery", "overpaid", "additionalServices")


class MoneyFace(AllegroBase):
    """Orders with one payment each; what is paid back is checked against it."""

    # --- orders --------------------------------------------------------------------

    @route("GET", "/order/checkout-forms")
    def orders(self, request: Request) -> Reply:
        """Orders; without a sort, the newest bought first."""
        changed = since(request, "updatedAt")
        timed = request.param("updatedAt.gte") or request.param("updatedAt.lte")
        sort = request.param("sort", "-lineItems.boughtAt")
        rows = [each for each in self.world.data.orders.values() if not timed or changed(each.updated_at)]
        rows = [each for each in rows if self._order_fits(request, each)]
        by = (lambda each: each.updated_at) if sort.endswith("updatedAt") else (lambda each: each.created_at)
        rows.sort(key=by, reverse=sort.startswith("-"))
        shown = page(request, rows, limit=100, most=100)
        forms = [self._order(each) for each in shown]
        return Reply.of({"checkoutForms": forms, "count": len(forms), "totalCount": len(rows)})

    @route("GET", "/order/checkout-forms/{order_id}")
    def order(self, request: Request, order_id: str) -> Reply:
        """One order; 422 for an id that is no UUID."""
        if not is_uuid(order_id):
            raise Refusal(422, "ConstraintViolationException", "The order id is malformed.", "id")
        return Reply.of(self._order(found(self.world.data.orders, order_id, what="order")))

    def _order_fits(self, request: Request, order: Order) -> bool:
        login, form = request.param("buyer.login"), request.param("status")
        payment = request.param("payment.id")
        return (
            (not login or self.login_of(order.buyer_id) == login)
            and (not form or _FORM.get(order.state, "READY_FOR_PROCESSING") == form)
            and (not payment or any(as_uuid(each.id) == payment for each in order.payments))
        )

    def _order(self, order: Order) -> dict[str, Any]:
        buyer = self.world.data.buyers[order.buyer_id]
        first, _, last = (buyer.name or "").partition(" ")
        names = {"firstName": first, "lastName": last} if buyer.name else {}
        contact = {"id": buyer.id, "email": buyer.email or "", "login": buyer.login, "guest": False}
        items = [each for each in order.lines if each.kind == "item"]
        shipping = [each.total for each in order.lines if each.kind == "shipping"]
        delivery = {"cost": price(sum(shipping[1:], shipping[0]))} if shipping else {}
        return {
            "id": as_uuid(order.id),
            "buyer": contact | names,
            **({"payment": self._payment(order)} if order.payments else {}),
            "status": _FORM.get(order.state, "READY_FOR_PROCESSING"),
            "fulfillment": {"status": _SHIPPING[order.state], "shipmentSummary": {"lineItemsSent": "NONE"}},
            "delivery": delivery | {"smart": False},
            "lineItems": [self._item(order, each, items[0]) for each in items],
            "surcharges": [],
            "marketplace": {"id": order.site or "allegro-pl"},
            "summary": {"totalToPay": price(order.total)},
            "updatedAt": at(order.updated_at),
            "revision": "1",
        }

    def _payment(self, order: Order) -> dict[str, Any]:
        payment = order.payments[0]
        return {
            "id": as_uuid(payment.id),
            "type": _METHODS[payment.method],
            "provider": "PAYU" if payment.method == "online" else "OFFLINE",
            "finishedAt": at(order.created_at),
            "paidAmount": price(payment.amount),
        }

    def _item(self, order: Order, line: Line, first: Line) -> dict[str, Any]:
        fees = [each for each in order.lines if each.kind == "fee"] if line is first else []
        services = [
            {"definitionId": each.id, "name": each.title, "price": price(each.price), "quantity": each.quantity}
            for each in fees
        ]
        return {
            "id": as_uuid(line.id),
            "offer": {"id": line.product_id, "name": line.title, "external": {"id": line.sku}},
            "quantity": line.quantity,
            "originalPrice": price(line.price),
            "price": price(line.price),
            "selectedAdditionalServices": services,
            "boughtAt": at(order.created_at),
        }

    # --- customer returns --------------------------------------------------------------------

    @route("GET", "/order/customer-returns")
    def customer_returns(self, request: Request) -> Reply:
        """Returns, newest first."""
        created = since(request, "createdAt")
        timed = request.param("createdAt.gte") or request.param("createdAt.lte")
        rows = [self._return(each) for each in self._returns().values() if not timed or created(each.created_at)]
        filters = {"customerReturnId": "id", "orderId": "orderId", "referenceNumber": "referenceNumber"}
        for name, field in (filters | {"status": "status", "marketplaceId": "marketplaceId"}).items():
            wanted = request.param(name)
            rows = [each for each in rows if not wanted or each[field] in wanted.split(",")]
        rows.sort(key=lambda each: str(each["createdAt"]), reverse=True)
        size = number(request, "limit", 100)
        if not 1 <= size <= 1000:
            raise Refusal(400, "ConstraintViolationException", "limit must be between 1 and 1000", "limit")
        shown = page(request, rows, limit=100, most=1000)
        return Reply.of({"count": len(rows), "customerReturns": list(shown)})

    @route("GET", "/order/customer-returns/{return_id}")
    def customer_return(self, request: Request, return_id: str) -> Reply:
        """One return."""
        return Reply.of(self._return(found(self._returns(), return_id, what="customer return")))

    @route("POST", "/order/customer-returns/{return_id}/rejection")
    def reject(self, request: Request, return_id: str) -> Reply:
        """Reject the refund of a return."""
        return_ = found(self._returns(), return_id, 400, "customer return")
        rejection = self.body(request).get("rejection") or {}
        code, reason = rejection.get("code"), rejection.get("reason")
        if code not in _REJECTIONS or (reason is not None and not 1 <= len(reason) <= 250):
            raise Refusal(422, "ConstraintViolationException", "code or reason is not valid", "rejection.code")
        if code == "REFUND_REJECTED" and not reason:
            raise Refusal(422, "ConstraintViolationException", "reason is required", "rejection.reason")
        if self._return(return_)["status"] in ("FINISHED", "REJECTED"):
            raise Refusal(422, "InvalidStateException", "The return is finished.")
        return_.extra["rejection"] = {"code": code, "createdAt": at(self.world.now())}
        if reason:
            return_.extra["rejection"]["reason"] = reason
        self.world.decide(return_, "decline", "declined", detail=code)
        return Reply.of(self._return(return_))

    def _returns(self) -> dict[str, Return]:
        return {id_: each for id_, each in self.world.data.returns.items() if each.kind == "return"}

    def _return(self, return_: Return) -> dict[str, Any]:
        order = self.world.data.orders[return_.order_id]
        buyer = self.world.data.buyers[return_.buyer_id]
        word = (return_.reason or "none").upper()
        reason: dict[str, Any] = {"type": word if word in _REASONS else "NONE"}
        if return_.note:
            reason["userComment"] = return_.note
        items = [(order.line(each.line_id), each.quantity) for each in return_.lines]
        rejection = {"rejection": return_.extra["rejection"]} if "rejection" in return_.extra else {}
        return {
            "id": as_uuid(return_.id),
            "isFulfillment": False,
            "createdAt": at(return_.created_at),
            "referenceNumber": return_.number,
            "orderId": as_uuid(order.id),
            "buyer": {"email": buyer.email or "", "login": buyer.login},
            "items": [
                {
                    "offerId": line.product_id,
                    "quantity": quantity,
                    "name": line.title,
                    "price": price(line.price),
                    "url": f"https://allegro.pl/oferta/{line.product_id}",
                    "reason": reason,
                }
                for line, quantity in items
                if line
            ],
            "parcels": [{"carrierId": each.carrier, "waybill": each.number} for each in return_.parcels],
            **rejection,
            "marketplaceId": order.site or "allegro-pl",
            "status": _RETURNS.get(return_.state, "CREATED"),
        }

    # --- refunds --------------------------------------------------------------------

    def by_hand(self, request: Request) -> Request:
        """A person has no command id: the platform makes one."""
        if request.path != "/payments/refunds":
            return request
        return replace(request, body=to_json(request.json() | {"commandId": self.world.new_uuid()}))

    @route("GET", "/payments/refunds")
    def refunds(self, request: Request) -> Reply:
        """Refunds, newest first."""
        occurred = since(request, "occurredAt")
        timed = request.param("occurredAt.gte") or request.param("occurredAt.lte")
        rows = [each for each in self.world.data.refunds.values() if not timed or occurred(each.created_at)]
        rows.sort(key=lambda each: each.created_at, reverse=True)
        for name, of in {"id": "id", "payment.id": "payment_id", "order.id": "order_id"}.items():
            wanted = request.param(name)
            if wanted and not is_uuid(wanted):
                raise Refusal(422, "ConstraintViolationException", f"{name} is malformed", name)
            rows = [each for each in rows if not wanted or as_uuid(getattr(each, of)) == wanted]
        shown = [self._refund(each) for each in page(request, rows, limit=50, most=100)]
        return Reply.of({"refunds": shown, "count": len(shown), "totalCount": len(rows)})

    @route("POST", "/payments/refunds")
    def pay_back(self, request: Request) -> Reply:
        """Pay back. The same commandId is the same refund, told again."""
        body = self.body(request)
        command = str(body.get("commandId") or "")
        known = self.world.data.extra.setdefault("commands", {})
        if command in known:
            return Reply.of(self._refund(self.world.data.refunds[known[command]]))
        order = self._paid_order(body, command)
        total = self._total(order, body)
        payment = order.payments[0]
        if total.amount <= 0:
            raise Refusal(422, "RefundValueException", "There is nothing to refund.")
        if total + self.world.refunded(order) > payment.amount:
            raise Refusal(422, "RefundValueException", "The refund is higher than what was paid.")
        refund = self.world.pay_back(
            order,
            total,
            payment_id=payment.id,
            lines=[{name: body[name] for name in ("lineItems", *_VALUES) if name in body}],
            reason=body["reason"],
            note=body.get("sellerComment"),
            id=self.world.new_uuid(),
        )
        known[command] = refund.id
        return Reply.of(self._refund(refund))

    def _paid_order(self, body: dict[str, Any], command: str) -> Order:
        if not is_uuid(command):
            raise Refusal(422, "ConstraintViolationException", "commandId must be a UUID", "commandId")
        if body.get("reason") not in _WHY or len(body.get("sellerComment") or "") > 250:
            raise Refusal(422, "ConstraintViolationException", "reason or sellerComment is not valid", "reason")
        order = found(self.world.data.orders, (body.get("order") or {}).get("id", ""), 422, "order")
        payment_id = (body.get("payment") or {}).get("id", "")
        if not any(as_uuid(each.id) == payment_id and each.method == "online" for each in order.payments):
            raise Refusal(404, "PaymentNotFound", "There is no such payment.")
        return order

    def _total(self, order: Order, body: dict[str, Any]) -> Money:
        """What the parts come to; 422 where they name no part (#6878), a strange one or another currency."""
        total = Money(amount=Decimal(0), currency=order.currency)
        for item in body.get("lineItems") or []:
            line = found({each.id: each for each in order.lines}, item.get("id", ""), 422, "line item")
            if item.get("type") == "QUANTITY":
                count = Decimal(item.get("quantity") or 0)
                if not 0 < count <= line.quantity:
                    raise Refusal(422, "RefundValueException", "quantity is out of range", "lineItems")
                total += Money(amount=line.price.amount * count, currency=order.currency)
            else:
                total += _money(item.get("value"), order.currency)
        for name in _VALUES:
            if name in body:
                total += _money(body[name].get("value"), order.currency)
        return total

    def _refund(self, refund: Refund) -> dict[str, Any]:
        named = refund.lines[0] if refund.lines and isinstance(refund.lines[0], dict) else {}
        comment = {"sellerComment": refund.note} if refund.note else {}
        return {
            "id": as_uuid(refund.id),
            "payment": {"id": as_uuid(refund.payment_id)},
            "order": {"id": as_uuid(refund.order_id)},
            "reason": refund.reason if refund.reason in _WHY else "REFUND",
            "status": _REFUND_STATES[refund.state],
            "createdAt": at(refund.created_at),
            "totalValue": price(refund.amount),
            **named,
            **comment,
        }


def _money(value: Any, currency: str) -> Money:
    try:
        money = Money(amount=Decimal(value["amount"]), currency=value["currency"])
    except (TypeError, KeyError, InvalidOperation):
        raise Refusal(422, "ConstraintViolationException", "The value is malformed.", "value") from None
    if money.currency != currency or money.amount <= 0:
        raise Refusal(422, "RefundValueException", "The value is not one of this payment.", "value")
    return money
