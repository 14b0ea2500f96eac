"""Writing at simulated Shopify: mutations answer with the thing, or with userErrors and status 200."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sellercare.models import Money
from sellercare.simulator import Refusal
from sellercare.simulator.things import Line, Order, Payment, Return, ReturnLine
from sellercare_adapters.shopify.face_exchanges import Swap, owe, swaps, worth
from sellercare_adapters.shopify.face_ids import gid, known
from sellercare_adapters.shopify.face_refunds import STORE_CREDIT, Record, duties_left, guest, left_of
from sellercare_adapters.shopify.face_rows import (
    DISPUTES,
    REASONS,
    STATUS,
    ShopifyRows,
    delivery,
    goods,
    refunded_pieces,
    returned_pieces,
    sent,
)

_REMEMBERED = timedelta(hours=24)
_NOTHING = Decimal(0)


class _No(Exception):
    """A mutation's own refusal: it becomes userErrors."""

    def __init__(self, message: str, field: str, code: str = "INVALID") -> None:
        super().__init__(message)
        self.message, self.field, self.code = message, field, code

    def row(self, coded: bool = True) -> dict[str, Any]:
        row = {"message": self.message, "field": self.field.split(".")}
        return row | {"code": self.code} if coded else row


class ShopifyWrites(ShopifyRows):
    """Writing."""

    # --- orders ------------------------------------------------------------------------------------------------------

    def order_cancel(self, info: Any, **asked: Any) -> Any:
        """A job cancels the order a few seconds later, and pays it back."""
        self.need("write_orders")
        wanted = asked.get("refundMethod") or {}
        pays, credit = bool(wanted.get("originalPaymentMethodsRefund")), wanted.get("storeCreditRefund")
        try:
            order = self._order(asked["orderId"], "orderId")
            if order.state == "cancelled":
                raise _No("The order has already been cancelled", "orderId")
            if sent(order):
                raise _No("Cannot cancel an order that has been fulfilled", "orderId")
            if any(STATUS.get(each.state, "OPEN") in ("OPEN", "REQUESTED") for each in self.returns_of(order)):
                raise _No("Cannot cancel an order with returns in progress", "orderId")
            if credit is not None:
                self._check_credit(order, credit)
        except _No as refusal:
            return {"job": None, "orderCancelUserErrors": [refusal.row()]}
        by = self.world.by

        def job() -> None:
            if order.state == "cancelled":
                return
            live = self.world.data.orders[order.id]
            before, self.world.by = self.world.by, by
            try:
                self.world.cancel(live, asked["reason"])
                if pays:
                    self._pay(live, [(each, left_of(self.world, live, each)) for each in live.payments], None, {})
                elif credit is not None:
                    self._pay(live, [], None, {}, credit=left_of(self.world, live))
            finally:
                self.world.by = before

        if self.job_seconds > 0:
            self.world.later(self.job_seconds, job)
        else:
            job()
        return {"job": {"id": gid("Job", self.world.new_id("job")), "done": False}, "orderCancelUserErrors": []}

    def _order(self, shown: str, field: str) -> Order:
        order = known(self.world.data.orders, "Order", shown)
        if order is None or not self.visible(order):
            raise _No("Order does not exist", field, "NOT_FOUND")
        return order

    # --- refunds -----------------------------------------------------------------------------------------------------

    def refund_create(self, info: Any, **asked: Any) -> Any:
        """A refund. The key is wanted since 2026-04, although the schema does not say so."""
        self.need("write_orders")
        key = idempotency_key(info)
        if not key:
            raise Refusal(
                200, "BAD_REQUEST", "The @idempotent directive is required for this mutation but was not provided."
            )
        given = asked["input"]
        keys: dict[str, tuple[Any, str, datetime]] = self.world.data.extra.setdefault("keys", {})
        try:
            if key in keys and self.world.now() - keys[key][2] < _REMEMBERED:
                first, record_id, _ = keys[key]
                if first != given:
                    raise _No("The same idempotency key cannot be used with different operation parameters.", "base")
                record = next(each for each in self.world.data.extra["records"] if each.id == record_id)
            else:
                record = self._refunded(given)
                keys[key] = (given, record.id, self.world.now())
        except _No as refusal:
            return {"refund": None, "userErrors": [refusal.row(coded=False)]}
        return {"refund": self.refund_row(record), "userErrors": []}

    def _refunded(self, given: dict[str, Any]) -> Record:
        order = self._order(given["orderId"], "orderId")
        if given.get("currency") not in (None, order.currency):
            raise _No("Currency must be the presentment currency of the order", "currency")
        lines = dict(self._lines_to_refund(order, given.get("refundLineItems") or ()))
        parts = []
        for each in given.get("transactions") or ():
            payment = self._payment(order, each.get("parentId") or "")
            if each["kind"] != "REFUND" or each["gateway"] != payment.method:
                raise _No("Transactions kind or gateway is invalid", "transactions")
            parts.append((payment, Decimal(each["amount"])))
        duties = self._duties(order, given.get("refundDuties") or ())
        credit = self._credit(order, given.get("refundMethods"))
        if not given.get("allowOverRefunding"):
            self._check_held(order, parts, credit)
        record = self._pay(order, parts, None, lines, given.get("note"), credit)
        record.duties = duties
        record.adjusted = given.get("discrepancyReason")
        if given.get("shipping"):
            whole = delivery(order)
            record.shipping = Decimal(given["shipping"].get("amount") or (whole.price.amount if whole else 0))
            order.extra["refunded_shipping"] = Decimal(order.extra.get("refunded_shipping", 0)) + record.shipping
        return record

    def _lines_to_refund(self, order: Order, asked: Iterable[dict[str, Any]]) -> Iterable[tuple[str, int]]:
        for each in asked:
            line = next((own for own in goods(order) if gid("LineItem", own.id) == each["lineItemId"]), None)
            if line is None:
                raise _No("Line item does not exist on the order", "refundLineItems.lineItemId")
            if not 0 < each["quantity"] <= line.quantity - refunded_pieces(order, line):
                raise _No("Cannot refund more items than were purchased", "refundLineItems.quantity")
            if each.get("restockType") in ("RETURN", "CANCEL") and not each.get("locationId"):
                raise _No("Location must be set to restock", "refundLineItems.locationId")
            yield line.id, each["quantity"]

    def _payment(self, order: Order, shown: str) -> Payment:
        payment = next((each for each in order.payments if gid("OrderTransaction", each.id) == shown), None)
        if payment is None:
            raise _No("Parent transaction is not a capture or sale of the order", "transactions.parentId")
        return payment

    def _duties(self, order: Order, asked: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
        left = {gid("Duty", duty): (duty, amount) for duty, amount in duties_left(self.world, order).items()}
        if any(each["dutyId"] not in left for each in asked):
            raise _No("Duty does not exist or is refunded already", "refundDuties.dutyId")
        return dict(left[each["dutyId"]] for each in asked)

    def _credit(self, order: Order, methods: list[dict[str, Any]] | None) -> Decimal:
        """How much is to become store credit."""
        total = Decimal(0)
        for each in methods or ():
            wanted = each["storeCreditRefund"]
            self._check_credit(order, wanted)
            if wanted["amount"]["currencyCode"] != order.currency:
                raise _No("Currency must be the presentment currency of the order", "refundMethods")
            if Decimal(wanted["amount"]["amount"]) <= 0:
                raise _No("Store credit amount must be greater than zero", "refundMethods")
            total += Decimal(wanted["amount"]["amount"])
        return total

    def _check_credit(self, order: Order, wanted: dict[str, Any]) -> None:
        if guest(order) or not self.store_credit:
            code = "STORE_CREDIT_REFUND_MISSING_CUSTOMER"
            raise _No("Order must have a customer to refund to store credit", "refundMethod", code)
        if wanted.get("expiresAt") and datetime.fromisoformat(wanted["expiresAt"]) <= self.world.now():
            raise _No("Expiration must be in the future", "refundMethod", "STORE_CREDIT_REFUND_EXPIRATION_IN_PAST")

    def _check_held(self, order: Order, parts: list[tuple[Payment, Decimal]], credit: Decimal) -> None:
        if credit + sum((amount for _, amount in parts), Decimal(0)) > left_of(self.world, order):
            raise _No("Refund amount is greater than net payment received", "transactions.amount", "GREATER_THAN")
        for payment, amount in parts:
            if amount <= 0:
                raise _No("Refund amount must be greater than zero", "transactions.amount")
            if amount > left_of(self.world, order, payment):
                raise _No("Refund amount is greater than net payment received", "transactions.amount", "GREATER_THAN")

    def _pay(
        self,
        order: Order,
        parts: Iterable[tuple[Payment, Decimal]],
        return_id: str | None,
        lines: dict[str, int],
        note: str | None = None,
        credit: Decimal = _NOTHING,
    ) -> Record:
        """The one place where money moves: a refund of the world for each payment, and Shopify's record of them."""
        record = Record(self.world.new_id("rfd"), order.id, self.world.now(), note, return_id, lines)
        for place, amount in [*((payment.id, amount) for payment, amount in parts), (STORE_CREDIT, credit)]:
            if amount > 0:
                money = Money(amount=amount, currency=order.currency)
                paid = self.world.pay_back(order, money, payment_id=place, return_id=return_id, note=note)
                record.parts.append(paid.id)
        refunded = order.extra.setdefault("refunded", {})
        for line_id, count in lines.items():
            refunded[line_id] = refunded.get(line_id, 0) + count
        order.updated_at = self.world.now()
        self.world.data.extra.setdefault("records", []).append(record)
        return record

    # --- returns -----------------------------------------------------------------------------------------------------

    def _mutated(self, do: Any) -> Any:
        self.need("write_returns")
        try:
            return {"return": self.return_row(do()), "userErrors": []}
        except _No as refusal:
            return {"return": None, "userErrors": [refusal.row()]}

    def _return(self, shown: str, *wanted: str) -> Return:
        found = known(self.world.data.returns, "Return", shown)
        if found is None or found.kind != "return":
            raise _No("Return not found.", "id", "NOT_FOUND")
        if STATUS.get(found.state, "OPEN") not in wanted:
            raise _No("Return is not in a state that allows this.", "id", "INVALID_STATE")
        return found

    def _decided(self, return_: Return, verb: str, state: str, detail: str = "") -> Return:
        self.world.decide(return_, verb, state, detail)
        self.world.data.orders[return_.order_id].updated_at = self.world.now()
        return return_

    def return_approve(self, info: Any, **asked: Any) -> Any:
        """REQUESTED becomes OPEN."""
        shown = asked["input"]["id"]
        return self._mutated(lambda: self._decided(self._return(shown, "REQUESTED"), "approve", "approved"))

    def return_decline(self, info: Any, **asked: Any) -> Any:
        """REQUESTED becomes DECLINED."""
        given = asked["input"]

        def do() -> Return:
            if len(given.get("declineNote") or "") > 500:
                raise _No("Decline note is too long (maximum is 500 characters)", "declineNote", "TOO_LONG")
            return_ = self._return(given["id"], "REQUESTED")
            return_.extra |= {"reason": given["declineReason"], "note": given.get("declineNote")}
            return self._decided(return_, "decline", "declined", given["declineReason"])

        return self._mutated(do)

    def return_cancel(self, info: Any, **asked: Any) -> Any:
        """OPEN becomes CANCELED, before anything was done."""

        def do() -> Return:
            return_ = self._return(asked["id"], "OPEN", "REQUESTED")
            if any(line.received for line in return_.lines) or any(each.done for each in swaps(return_)):
                raise _No("Return has been processed and cannot be canceled.", "id", "INVALID_STATE")
            return self._decided(return_, "decline", "cancelled", "cancel")

        return self._mutated(do)

    def return_close(self, info: Any, **asked: Any) -> Any:
        """OPEN becomes CLOSED, whatever was done about it."""
        return self._mutated(lambda: self._decided(self._return(asked["id"], "OPEN"), "decline", "closed", "close"))

    def return_reopen(self, info: Any, **asked: Any) -> Any:
        """CLOSED becomes OPEN."""

        def do() -> Return:
            return_ = self._return(asked["id"], "CLOSED")
            got = [line.received >= line.quantity for line in return_.lines]
            some = "partly_received" if any(line.received for line in return_.lines) else "approved"
            return self._decided(return_, "approve", "received" if all(got) else some, "reopen")

        return self._mutated(do)

    def return_create(self, info: Any, **asked: Any) -> Any:
        """A return that is approved from the start."""
        given = asked["returnInput"]

        def do() -> Return:
            order = self._order(given["orderId"], "orderId")
            lines = [self._to_return(order, each) for each in given["returnLineItems"]]
            first = given["returnLineItems"][0]
            made = self.world.open_return(
                order,
                [(line, count) for line, count, _ in lines],
                kind="return",
                reason=None,
                note=first.get("returnReasonNote"),
            )
            for own, (_, _, handle) in zip(made.lines, lines, strict=True):
                own.reason = handle
            made.state = "approved"
            order.updated_at = self.world.now()
            return made

        return self._mutated(do)

    def _to_return(self, order: Order, asked: dict[str, Any]) -> tuple[Line, int, str | None]:
        shown = asked["fulfillmentLineItemId"]
        line = next((each for each in goods(order) if gid("FulfillmentLineItem", each.id) == shown), None)
        if line is None or not sent(order):
            raise _No("Fulfillment line item does not exist", "returnLineItems.fulfillmentLineItemId", "NOT_FOUND")
        if not 0 < asked["quantity"] <= line.quantity - returned_pieces(self, line):
            raise _No("Quantity is more than can be returned", "returnLineItems.quantity", "GREATER_THAN")
        if len(asked.get("returnReasonNote") or "") > 255:
            raise _No("Note is too long (maximum is 255 characters)", "returnLineItems.returnReasonNote", "TOO_LONG")
        reason = asked.get("returnReasonDefinitionId")
        handle = next((each for each in REASONS if gid("ReturnReasonDefinition", each) == reason), None)
        if reason and handle is None:
            raise _No("Reason does not exist", "returnLineItems.returnReasonDefinitionId", "NOT_FOUND")
        return line, asked["quantity"], handle

    def return_process(self, info: Any, **asked: Any) -> Any:
        """Pieces are confirmed, and money goes back where it is asked for. Nothing of it happens if a part cannot."""
        given = asked["input"]

        def do() -> Return:
            return_ = self._return(given["returnId"], "OPEN")
            order = self.world.data.orders[return_.order_id]
            lines = [self._to_process(return_, each) for each in given.get("returnLineItems") or ()]
            transfer = (given.get("financialTransfer") or {}).get("issueRefund")
            parts = self._transfer(order, transfer) if transfer else []
            credit = self._credit(order, transfer.get("refundMethods")) if transfer else _NOTHING
            if transfer and not transfer.get("allowOverRefunding"):
                self._check_held(order, parts, credit)
            swapped = [self._to_swap(return_, each) for each in given.get("exchangeLineItems") or ()]
            if not lines and not parts and not credit and not swapped:
                raise _No("Nothing to process", "returnLineItems", "BLANK")
            for swap, count in swapped:
                swap.done += count
                owe(return_, swap.price * count)
                self.world.act("return.exchange", return_.id, f"{swap.title} {swap.done}")
            for line, count, dispositions in lines:
                line.received += count
                self._dispose(return_, line, dispositions)
            if lines:
                counts = ",".join(f"{line.line_id}x{line.received}" for line, _, _ in lines)
                whole = all(each.received >= each.quantity for each in return_.lines)
                self._decided(return_, "receive", "received" if whole else "partly_received", counts)
            if parts or credit:
                paid = [(line, count) for line, count, _ in lines]
                self._pay_return(order, return_, paid, parts, given.get("note"), credit)
            return return_

        return self._mutated(do)

    def _to_process(self, return_: Return, asked: dict[str, Any]) -> tuple[ReturnLine, int, list[dict[str, Any]]]:
        line = next((each for each in return_.lines if gid("ReturnLineItem", each.id) == asked["id"]), None)
        if line is None:
            raise _No("Return line item does not exist", "returnLineItems.id", "NOT_FOUND")
        count: int = asked["quantity"]
        if not 0 < count <= line.quantity - line.received:
            raise _No("Quantity is more than can be processed", "returnLineItems.quantity", "GREATER_THAN")
        dispositions: list[dict[str, Any]] = asked.get("dispositions") or []
        for each in dispositions:
            if each["reverseFulfillmentOrderLineItemId"] != gid("ReverseFulfillmentOrderLineItem", line.id):
                raise _No("Reverse fulfillment order line item does not exist", "returnLineItems", "NOT_FOUND")
            if each["dispositionType"] == "RESTOCKED" and not each.get("locationId"):
                raise _No("Location can't be blank", "returnLineItems.dispositions.locationId", "BLANK")
        return line, count, dispositions

    def _to_swap(self, return_: Return, asked: dict[str, Any]) -> tuple[Swap, int]:
        swap = next((each for each in swaps(return_) if each.shown == asked["id"]), None)
        if swap is None:
            raise _No("Exchange line item does not exist", "exchangeLineItems.id", "NOT_FOUND")
        if not 0 < asked["quantity"] <= swap.quantity - swap.done:
            raise _No("Quantity is more than can be processed", "exchangeLineItems.quantity", "GREATER_THAN")
        return swap, asked["quantity"]

    def _dispose(self, return_: Return, line: ReturnLine, dispositions: list[dict[str, Any]]) -> None:
        disposed = return_.extra.setdefault("disposed", {})
        for each in dispositions:
            disposed[line.id] = disposed.get(line.id, 0) + each["quantity"]
            self.world.act("disposition", return_.id, f"{each['dispositionType']} {each['quantity']}")

    def _transfer(self, order: Order, transfer: dict[str, Any]) -> list[tuple[Payment, Decimal]]:
        parts = []
        for each in transfer["orderTransactions"]:
            money = each["transactionAmount"]
            if money["currencyCode"] != order.currency:
                raise _No("Currency must be the presentment currency of the order", "financialTransfer", "INVALID")
            parts.append((self._payment(order, each["parentId"]), Decimal(money["amount"])))
        return parts

    def _pay_return(
        self,
        order: Order,
        return_: Return,
        lines: list[tuple[ReturnLine, int]],
        parts: list[tuple[Payment, Decimal]],
        note: str | None,
        credit: Decimal,
    ) -> None:
        """Lines that are named are paid back; without any, those that were processed before."""
        paid = return_.extra.setdefault("refunded", {})
        now = lines or [(each, each.received - paid.get(each.id, 0)) for each in return_.lines]
        given = credit + sum((amount for _, amount in parts), Decimal(0))
        owe(return_, given - sum((worth(order, return_, line, count) for line, count in now), Decimal(0)))
        for line, count in now:
            paid[line.id] = paid.get(line.id, 0) + count
        counts: dict[str, int] = {}
        for line, count in now:
            counts[line.line_id] = counts.get(line.line_id, 0) + count
        self._pay(order, parts, return_.id, counts, note, credit)

    # --- chargebacks -------------------------------------------------------------------------------------------------

    def evidence_update(self, info: Any, **asked: Any) -> Any:
        """Evidence; once submitted it stays."""
        self.need("write_shopify_payments_dispute_evidences")
        found = known(self.world.data.returns, "ShopifyPaymentsDisputeEvidence", asked["id"])
        if found is None or found.kind not in DISPUTES:
            error = {"code": "DISPUTE_EVIDENCE_NOT_FOUND", "field": ["id"], "message": "Dispute evidence was not found"}
            return {"disputeEvidence": None, "userErrors": [error]}
        if found.due and found.due < self.world.now():
            error = {"code": "EVIDENCE_PAST_DUE_DATE", "field": ["id"], "message": "The evidence is past its due date"}
            return {"disputeEvidence": None, "userErrors": [error]}
        if asked["input"].get("submitEvidence"):
            found.extra["submitted"] = True
            self.world.decide(found, "contest", "escalated", asked["input"].get("uncategorizedText") or "")
        return {"disputeEvidence": self.dispute_row(found)["disputeEvidence"], "userErrors": []}


def idempotency_key(info: Any) -> str:
    """The key in the directive on the mutation's field; empty without one."""
    from graphql import get_directive_values

    directive = info.schema.get_directive("idempotent")
    given = get_directive_values(directive, info.field_nodes[0], info.variable_values) or {}
    return str(given.get("key", ""))
