"""eBay's words and ours. A word that is not here becomes UNKNOWN; the native word is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping

from sellercare.models import Choice, LineKind, OrderState, Party, RefundState, ReturnState, ReturnVerb, ScoreLevel
from sellercare.support import MovesMoney

MARKETPLACES = (
    "EBAY_US",
    "EBAY_GB",
    "EBAY_DE",
    "EBAY_AT",
    "EBAY_AU",
    "EBAY_BE",
    "EBAY_CA",
    "EBAY_CH",
    "EBAY_ES",
    "EBAY_FR",
    "EBAY_HK",
    "EBAY_IE",
    "EBAY_IT",
    "EBAY_MOTORS_US",
    "EBAY_MY",
    "EBAY_NL",
    "EBAY_PH",
    "EBAY_PL",
    "EBAY_SG",
    "EBAY_TW",
)
"""The marketplaces of an account, by the names of MarketplaceIdEnum; those that no longer sell are left out."""

MUST_SIGN = frozenset(
    {
        "EBAY_GB",
        "EBAY_DE",
        "EBAY_AT",
        "EBAY_BE",
        "EBAY_ES",
        "EBAY_FR",
        "EBAY_IE",
        "EBAY_IT",
        "EBAY_NL",
        "EBAY_PL",
    }
)
"""Marketplaces of the EU and the UK. What counts is where the seller lives; this is the nearest that we know."""

# --- orders ---------------------------------------------------------------------------------------

FULFILLMENT: Mapping[str, OrderState] = {
    "NOT_STARTED": OrderState.PAID,
    "IN_PROGRESS": OrderState.SHIPPED,
    "FULFILLED": OrderState.SHIPPED,
}
"""What is shipped. eBay's order does not say that something has arrived."""

UNPAID = frozenset({"PENDING", "FAILED"})

# The values of RefundStatusEnum of an order's refunds are in no file that we have; these three are in its texts.
ORDER_REFUND: Mapping[str, RefundState] = {
    "PENDING": RefundState.PENDING,
    "REFUNDED": RefundState.DONE,
    "FAILED": RefundState.FAILED,
}

CASE_REFUND: Mapping[str, RefundState] = {
    "PENDING": RefundState.PENDING,
    "SUCCESS": RefundState.DONE,
    "FAILED": RefundState.FAILED,
}

REFUND_REASONS = (
    Choice(code="BUYER_CANCEL", title="the buyer cancelled"),
    Choice(code="SELLER_CANCEL", title="the seller cancelled"),
    Choice(code="ITEM_NOT_RECEIVED", title="the item did not arrive"),
    Choice(code="BUYER_RETURN", title="the buyer returned it"),
    Choice(code="ITEM_NOT_AS_DESCRIBED", title="the item is not as described"),
    Choice(code="OTHER_ADJUSTMENT", title="another adjustment"),
    Choice(code="SHIPPING_DISCOUNT", title="a discount on shipping"),
)

CANCEL_REASONS: Mapping[str, str] = {
    "OUT_OF_STOCK_OR_CANNOT_FULFILL": "out of stock, or it cannot be sent",
    "BUYER_ASKED_CANCEL": "the buyer asked for it",
    "ADDRESS_ISSUES": "the address is wrong",
}

# --- cases ---------------------------------------------------------------------------------------

PARTIES: Mapping[str, Party] = {
    "BUYER": Party.BUYER,
    "SELLER": Party.SELLER,
    "CSR": Party.PLATFORM,
    "SYSTEM": Party.PLATFORM,
}

RETURN: Mapping[str, ReturnState] = {
    "INITIAL": ReturnState.REQUESTED,
    "RETURN_REQUESTED": ReturnState.REQUESTED,
    "RETURN_REQUEST_TIMEOUT": ReturnState.REQUESTED,
    "PARTIAL_REFUND_REQUESTED": ReturnState.REQUESTED,
    "PARTIAL_REFUND_DECLINED": ReturnState.REQUESTED,
    "REPLACEMENT_REQUESTED": ReturnState.REQUESTED,
    "REPLACEMENT_REQUEST_TIMEOUT": ReturnState.REQUESTED,
    "RMA_PENDING": ReturnState.APPROVED,
    "RETURN_LABEL_REQUESTED": ReturnState.APPROVED,
    "RETURN_LABEL_REQUESTED_TIMEOUT": ReturnState.APPROVED,
    "RETURN_LABEL_PENDING": ReturnState.APPROVED,
    "RETURN_LABEL_PENDING_TIMEOUT": ReturnState.APPROVED,
    "ITEM_READY_TO_SHIP": ReturnState.APPROVED,
    "ITEM_SHIPPED": ReturnState.IN_TRANSIT,
    "ITEM_DELIVERED": ReturnState.RECEIVED,
    # Money is on its way: whether it arrived is told by the refund.
    "REFUND_INITIATED": ReturnState.REFUNDED,
    "AUTO_REFUND_INITIATED": ReturnState.REFUNDED,
    "PAYOUT_INITIATED": ReturnState.REFUNDED,
    "REFUND_AS_PAYOUT_INITIATED": ReturnState.REFUNDED,
    "REFUND_SENT_PENDING_CONFIRMATION": ReturnState.REFUNDED,
    "PARTIAL_REFUND_INITIATED": ReturnState.REFUNDED,
    "PARTIAL_REFUND_AS_PAYOUT_INITIATED": ReturnState.REFUNDED,
    "PARTIAL_REFUNDED": ReturnState.REFUNDED,
    "LESS_THAN_A_FULL_REFUND_ISSUED": ReturnState.REFUNDED,
    "RETURN_REJECTED": ReturnState.DECLINED,
    "REPLACED": ReturnState.CLOSED,
    "REPLACEMENT_CLOSED": ReturnState.CLOSED,
    "ITEM_KEPT": ReturnState.CLOSED,
    "CLOSED": ReturnState.CLOSED,
}

CLOSED_BECAUSE: Mapping[str, ReturnState] = {
    "FULL_REFUNDED": ReturnState.REFUNDED,
    "PARTIALLY_REFUNDED": ReturnState.REFUNDED,
    "AUTO_REFUNDED": ReturnState.REFUNDED,
    "AUTO_PARTIAL_REFUNDED": ReturnState.REFUNDED,
    "FULL_REFUNDED_BY_DISPOSITION_RULE": ReturnState.REFUNDED,
    "REQUEST_DECLINED": ReturnState.DECLINED,
    "RETURN_REJECTED": ReturnState.DECLINED,
    "BUYER_CLOSED": ReturnState.CANCELLED,
    "ESCALATED": ReturnState.ESCALATED,
}

OFFERED: Mapping[str, tuple[ReturnVerb, str | None, str, MovesMoney]] = {
    "SELLER_APPROVE_REQUEST": (ReturnVerb.APPROVE, None, "accept the return", MovesMoney.LATER),
    "SELLER_PROVIDE_RMA": (ReturnVerb.APPROVE, "PROVIDE_RMA", "give the RMA number (the note)", MovesMoney.NO),
    "SELLER_PROVIDE_LABEL": (ReturnVerb.APPROVE, "UPLOAD_LABEL", "give the buyer your label (a file)", MovesMoney.NO),
    "SELLER_DECLINE_REQUEST": (ReturnVerb.DECLINE, None, "decline the return", MovesMoney.NO),
    "SELLER_OFFER_PARTIAL_REFUND": (
        ReturnVerb.OFFER,
        "OFFER_PARTIAL_REFUND",
        "offer a part of the money; the buyer keeps the item",
        MovesMoney.LATER,
    ),
    "SELLER_OFFER_RETURNS": (ReturnVerb.OFFER, "OFFER_RETURN", "offer to take the item back", MovesMoney.LATER),
    "SELLER_OFFER_REPLACEMENT": (ReturnVerb.OFFER, "OFFER_REPLACEMENT", "offer a replacement", MovesMoney.NO),
    "SELLER_MARK_AS_RECEIVED": (ReturnVerb.RECEIVE, None, "confirm that the item is back", MovesMoney.NO),
    "SELLER_ESCALATE": (ReturnVerb.CONTEST, None, "ask eBay to step in", MovesMoney.NO),
}
"""What `sellerAvailableOptions` allows: verb, variant, title, and whether it moves money."""

DECISIONS: Mapping[tuple[ReturnVerb, str | None], str] = {
    (ReturnVerb.APPROVE, None): "APPROVE",
    (ReturnVerb.APPROVE, "PROVIDE_RMA"): "PROVIDE_RMA",
    (ReturnVerb.DECLINE, None): "DECLINE",
    (ReturnVerb.OFFER, "OFFER_PARTIAL_REFUND"): "OFFER_PARTIAL_REFUND",
    (ReturnVerb.OFFER, "OFFER_RETURN"): "OFFER_RETURN",
    (ReturnVerb.OFFER, "OFFER_REPLACEMENT"): "OFFER_REPLACEMENT",
}
"""The decision that a verb and variant are."""

RETURN_ESCALATIONS = (
    Choice(code="BUYER_RETURNED_WRONG_ITEM", title="the buyer returned another item"),
    Choice(code="ITEM_RECEIVED_IN_DIFFERENT_CONDITION", title="it came back in another condition"),
    Choice(code="DISAGREE_WITH_RETURN_REASON", title="the reason for the return is not true"),
    Choice(code="BUYER_NORESPONSE", title="the buyer does not answer"),
    Choice(code="TROUBLE_COMMUNICATION_WITH_BUYER", title="trouble in talking to the buyer"),
    Choice(code="OTHER", title="another reason"),
)

INQUIRY: Mapping[str, ReturnState] = {
    "OPEN": ReturnState.REQUESTED,
    "PENDING": ReturnState.REQUESTED,
    "WAITING_SELLER_RESPONSE": ReturnState.REQUESTED,
    "WAITING_BUYER_RESPONSE": ReturnState.APPROVED,
    "CLOSED": ReturnState.CLOSED,
    "CS_CLOSED": ReturnState.CLOSED,
    "CLOSED_WITH_ESCALATION": ReturnState.ESCALATED,
}

INQUIRY_OVER = frozenset({"CLOSED", "CS_CLOSED", "CLOSED_WITH_ESCALATION"})

CANCELLATION: Mapping[str, ReturnState] = {
    "CANCEL_REQUESTED": ReturnState.REQUESTED,
    "CANCEL_PENDING": ReturnState.APPROVED,
    "CANCEL_REJECTED": ReturnState.DECLINED,
    "CANCEL_CLOSED_WITH_REFUND": ReturnState.REFUNDED,
    "CANCEL_CLOSED_NO_REFUND": ReturnState.CLOSED,
    "CANCEL_CLOSED_UNKNOWN_REFUND": ReturnState.CLOSED,
    "CANCEL_CLOSED_FOR_COMMITMENT": ReturnState.CLOSED,
}

EBAY_CASE: Mapping[str, ReturnState] = {
    "OPEN": ReturnState.ESCALATED,
    "WAITING_CS": ReturnState.ESCALATED,
    "WAITING_DELIVERY": ReturnState.ESCALATED,
    "ON_HOLD": ReturnState.ESCALATED,
    # Both agreed on a refund, which then failed: the money is still owed.
    "REFUND_AGREED_BUT_FAILED": ReturnState.APPROVED,
    "CLOSED": ReturnState.CLOSED,
    "CS_CLOSED": ReturnState.CLOSED,
}
"""CaseStatusEnum of Post-Order 2.8.0, as eBay's page explains each word."""

SELLER_APPEALED = "SELLER_APPEALED"
"""The one word of AppealStatusEnum that names the seller alone; the others leave open who appealed."""

DISPUTE: Mapping[str, ReturnState] = {
    "OPEN": ReturnState.REQUESTED,
    "ACTION_NEEDED": ReturnState.REQUESTED,
    "CLOSED": ReturnState.CLOSED,
}
"""The states that eBay's contract names in its texts."""

FEES: Mapping[str, LineKind] = {
    "PURCHASE_PRICE": LineKind.ITEM,
    "ORIGINAL_SHIPPING": LineKind.SHIPPING,
    "RETURN_SHIPPING": LineKind.SHIPPING,
    "DOMESTIC_SHIPPING": LineKind.SHIPPING,
    "INTERNATIONAL_SHIPPING": LineKind.SHIPPING,
}
"""The parts of a refund that are goods or delivery; the others are fees and taxes."""

# --- feedback and standing ------------------------------------------------------------------------

RATING: Mapping[str, int] = {"POSITIVE": 5, "NEUTRAL": 3, "NEGATIVE": 1}

STANDARD: Mapping[str, ScoreLevel] = {
    "TOP_RATED": ScoreLevel.GOOD,
    "ABOVE_STANDARD": ScoreLevel.GOOD,
    "BELOW_STANDARD": ScoreLevel.BAD,
}
