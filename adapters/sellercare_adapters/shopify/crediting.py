"""Store credit: what is paid back stays in the shop, on the customer's account, and no payment is touched.

Shopify suggests it apart (`refundMethodAllocation`) and takes it apart (`refundMethods`). It wants a customer on the
order and new customer accounts in the shop (shopify.dev, changelog of 2025-05-20, "Refund to Store Credit").
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sellercare.errors import NotAllowedNow
from sellercare.models import Money, RefundOption
from sellercare.translation import instant_or_none
from sellercare_adapters.shopify import translate

THROUGH = "store-credit"

OFF, OFFER, ONLY = "off", "offer", "only"
"""The values of the setting `store_credit`."""

GAINED = (
    "The buyer gets store credit and no money. Shopify counts it as paid back: afterwards the same sum is not left for "
    "the payments."
)

TO_PAYMENTS = {"originalPaymentMethodsRefund": True}
"""How a cancellation pays back to the payments."""

ELSEWHERE = 'Pay back in Shopify\'s admin, or to the payments with `store_credit = "off"`.'


def option_id(of: str) -> str:
    """The id of the option, for an order or a return: its own id with `:store-credit` behind it."""
    return f"{of}:{THROUGH}"


def chosen(option: RefundOption) -> bool:
    """Whether an option gives store credit."""
    return option.through == THROUGH


def allocation(credit: bool) -> dict[str, Any]:
    """The variables of a quote that say where the money should go."""
    return {"credit": credit, "allocation": "STORE_CREDIT" if credit else "ORIGINAL_PAYMENT_METHODS"}


def suggested(rows: Iterable[Any]) -> Any | None:
    """What Shopify suggests as store credit: the one method that tells when it expires, if only with null."""
    return next((row for row in rows if "expiresAt" in row), None)


def without_customer(document: Any, customer: Any) -> bool:
    """Whether an order has no customer for sure: the field is null, and not because it is kept from the app."""
    kept = (part for error in document.get("errors") or () for part in error.get("path") or ())
    return customer is None and "customer" not in kept


def refuse(what: str, nobody: bool) -> NotAllowedNow:
    """Why no store credit can be given, where the seller gives nothing else."""
    why = "it has no customer" if nobody else "Shopify suggests none (it wants new customer accounts in the shop)"
    return NotAllowedNow(f"No store credit can be given for {what}: {why}.", next_step=ELSEWHERE)


def methods(option: RefundOption, amount: Decimal) -> list[dict[str, Any]]:
    """`refundMethods` of a refund, which expires when Shopify suggested. NotAllowedNow above the option's most."""
    if amount > option.most.amount:
        raise NotAllowedNow(f"At most {option.most} can be given as store credit.")
    refund: dict[str, Any] = {"amount": {"amount": f"{amount:f}", "currencyCode": option.most.currency}}
    if option.native["expires"]:
        refund["expiresAt"] = option.native["expires"]
    return [{"storeCreditRefund": refund}]


def of_cancelled(row: Any, document: Any) -> dict[str, Any]:
    """How an order that is cancelled is paid back where the seller only gives store credit.

    Where nothing is left to pay back there is nothing to give, and nobody needs an account for it.
    """
    suggested_ = row["suggestedRefund"]
    if suggested_ is None or translate.presented(suggested_["maximumRefundableSet"]).amount <= 0:
        return TO_PAYMENTS
    nobody = without_customer(document, row["customer"])
    method = None if nobody else suggested(suggested_["suggestedRefundMethods"])
    if method is None:
        raise refuse(f"order {row['name']}", nobody)
    return {"storeCreditRefund": {"expiresAt": method["expiresAt"]} if method["expiresAt"] else {}}


def total(method: Any) -> Money:
    """What Shopify suggests as store credit."""
    return translate.presented(method["amount"])


def most(method: Any) -> Money:
    """What may be given as store credit at most."""
    return translate.presented(method["maximumRefundable"])


def said(method: Any) -> str:
    """What follows from store credit, in words."""
    until = instant_or_none(method["expiresAt"])
    return f"{GAINED} It expires on {until:%Y-%m-%d} (UTC)." if until else f"{GAINED} It does not expire."


def contradicts(row: Any, credit: bool) -> bool:
    """Whether a refund that is shown cannot be ours: money goes back through payments of the order, credit does not."""
    paid = [each["parentTransaction"] is not None for each in row["transactions"]["nodes"] if each["kind"] == "REFUND"]
    return any(paid) if credit else not all(paid)
