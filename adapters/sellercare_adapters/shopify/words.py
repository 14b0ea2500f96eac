"""Shopify's words, and what they are among ours."""

from __future__ import annotations

from collections.abc import Mapping

from sellercare.models import Choice, OrderState, RefundState, ReturnKind, ReturnState

FINANCIAL: Mapping[str, OrderState] = {
    "PAID": OrderState.PAID,
    "PARTIALLY_REFUNDED": OrderState.PAID,
    "REFUNDED": OrderState.PAID,
    "AUTHORIZED": OrderState.OPEN,
    "EXPIRED": OrderState.OPEN,
    "PARTIALLY_PAID": OrderState.OPEN,
    "PENDING": OrderState.OPEN,
    "VOIDED": OrderState.OPEN,
}
"""What `displayFinancialStatus` says of an order of which nothing is sent."""

FULFILLMENT: Mapping[str, OrderState] = {
    "FULFILLED": OrderState.SHIPPED,
    "PARTIALLY_FULFILLED": OrderState.SHIPPED,
    "UNFULFILLED": OrderState.PAID,
    "OPEN": OrderState.PAID,
    "IN_PROGRESS": OrderState.PAID,
    "ON_HOLD": OrderState.PAID,
    "SCHEDULED": OrderState.PAID,
    "PENDING_FULFILLMENT": OrderState.PAID,
    "REQUEST_DECLINED": OrderState.PAID,
    "RESTOCKED": OrderState.PAID,
    "FULFILLMENT_NOT_REQUIRED": OrderState.PAID,
}
"""What `displayFulfillmentStatus` says of an order that is paid."""

RETURN: Mapping[str, ReturnState] = {
    "REQUESTED": ReturnState.REQUESTED,
    "OPEN": ReturnState.APPROVED,
    "CLOSED": ReturnState.CLOSED,
    "DECLINED": ReturnState.DECLINED,
    "CANCELED": ReturnState.CANCELLED,
}

DISPUTE: Mapping[str, ReturnState] = {
    "NEEDS_RESPONSE": ReturnState.REQUESTED,
    "UNDER_REVIEW": ReturnState.ESCALATED,
    "ACCEPTED": ReturnState.CLOSED,
    "LOST": ReturnState.CLOSED,
    "WON": ReturnState.CLOSED,
    "PREVENTED": ReturnState.CLOSED,
    "CHARGE_REFUNDED": ReturnState.REFUNDED,
}

DISPUTE_KIND: Mapping[str, ReturnKind] = {"CHARGEBACK": ReturnKind.CHARGEBACK, "INQUIRY": ReturnKind.INQUIRY}

TRANSACTION: Mapping[str, RefundState] = {
    "SUCCESS": RefundState.DONE,
    "PENDING": RefundState.PENDING,
    "AWAITING_RESPONSE": RefundState.PENDING,
    "FAILURE": RefundState.FAILED,
    "ERROR": RefundState.FAILED,
}

CANCEL_REASONS = {
    "CUSTOMER": "the buyer changed it or called it off",
    "DECLINED": "the payment was declined",
    "FRAUD": "the payment is fraud",
    "INVENTORY": "out of stock",
    "OTHER": "another reason",
    "STAFF": "a mistake of the shop's people",
}

DECLINE_REASONS = (
    Choice(code="FINAL_SALE", title="the sale was final"),
    Choice(code="RETURN_PERIOD_ENDED", title="the time for returns is over"),
    Choice(code="OTHER", title="another reason"),
)

DISCREPANCY_REASONS = (
    Choice(code="CUSTOMER", title="the customer"),
    Choice(code="DAMAGE", title="damage"),
    Choice(code="RESTOCK", title="restocking"),
    Choice(code="OTHER", title="another reason"),
)
"""Why a sum differs from what the lines come to (`discrepancyReason`)."""
