"""Allegro's words and ours. A word that is not here becomes UNKNOWN; the native word is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping

from sellercare.models import Choice, Delivery, OrderState, Party, RefundState, ReturnKind, ReturnState, ScoreLevel

ORDER: Mapping[str, OrderState] = {
    "BOUGHT": OrderState.OPEN,
    "FILLED_IN": OrderState.OPEN,
    "READY_FOR_PROCESSING": OrderState.PAID,
    "CANCELLED": OrderState.CANCELLED,
}

FULFILLMENT: Mapping[str, OrderState] = {
    "SENT": OrderState.SHIPPED,
    "PICKED_UP": OrderState.DELIVERED,
    "RETURNED": OrderState.DELIVERED,
    "CANCELLED": OrderState.CANCELLED,
    "NEW": OrderState.PAID,
    "PROCESSING": OrderState.PAID,
    "READY_FOR_SHIPMENT": OrderState.PAID,
    "READY_FOR_PICKUP": OrderState.PAID,
    "SUSPENDED": OrderState.PAID,
}
"""What the seller says about shipping; it counts only once an order is READY_FOR_PROCESSING."""

# INTERACTING and DISMISSED are in the description without a sentence about what the other side sees.
DELIVERY: Mapping[str, Delivery] = {
    "DELIVERED": Delivery.DELIVERED,
    "VERIFYING": Delivery.VERIFYING,
    "BLOCKED": Delivery.BLOCKED,
}

ATTACHMENT_READY: Mapping[str, bool] = {"NEW": False, "SAFE": True, "UNSAFE": False, "EXPIRED": False}

ROLES: Mapping[str, Party] = {
    "BUYER": Party.BUYER,
    "SELLER": Party.SELLER,
    "ADMIN": Party.PLATFORM,
    "SYSTEM": Party.PLATFORM,
    "FULFILLMENT": Party.PLATFORM,
}

LAST_MESSAGE_AWAITS: Mapping[str, bool] = {
    "NEW": True,
    "BUYER_REPLIED": True,
    "ALLEGRO_ADVISOR_REPLIED": True,
    "SELLER_REPLIED": False,
}

# COMMISSION_REFUND_CLAIMED tells of the seller's commission, and not whether the buyer was paid: it stays UNKNOWN.
CUSTOMER_RETURN: Mapping[str, ReturnState] = {
    "CREATED": ReturnState.REQUESTED,
    "DISPATCHED": ReturnState.IN_TRANSIT,
    "IN_TRANSIT": ReturnState.IN_TRANSIT,
    "DELIVERED": ReturnState.RECEIVED,
    "WAREHOUSE_DELIVERED": ReturnState.RECEIVED,
    "WAREHOUSE_VERIFICATION": ReturnState.RECEIVED,
    "FINISHED": ReturnState.REFUNDED,
    "FINISHED_APT": ReturnState.REFUNDED,
    "COMMISSION_REFUNDED": ReturnState.REFUNDED,
    "REJECTED": ReturnState.DECLINED,
}

RETURN_OVER = frozenset({"FINISHED", "FINISHED_APT", "COMMISSION_REFUND_CLAIMED", "COMMISSION_REFUNDED", "REJECTED"})
"""The states in which a return can no longer be rejected."""

ISSUE_KIND: Mapping[str, ReturnKind] = {"DISPUTE": ReturnKind.DISPUTE, "CLAIM": ReturnKind.CLAIM}

ISSUE: Mapping[str, ReturnState] = {
    "DISPUTE_ONGOING": ReturnState.REQUESTED,
    "DISPUTE_CLOSED": ReturnState.CLOSED,
    "DISPUTE_UNRESOLVED": ReturnState.CLOSED,
    "CLAIM_SUBMITTED": ReturnState.REQUESTED,
    "CLAIM_ACCEPTED": ReturnState.APPROVED,
    "CLAIM_REJECTED": ReturnState.DECLINED,
}

# PARTIAL is not told further; it is not paid in full, so it is followed on.
REFUND: Mapping[str, RefundState] = {
    "NEW": RefundState.PENDING,
    "VALIDATED": RefundState.PENDING,
    "IN_PROGRESS": RefundState.PENDING,
    "PARTIAL": RefundState.PENDING,
    "SUCCESS": RefundState.DONE,
    "VALIDATE_FAILED": RefundState.FAILED,
    "CANCELED": RefundState.FAILED,
}

# The description names one grade, as an example.
GRADE: Mapping[str, ScoreLevel] = {"GOOD": ScoreLevel.GOOD}

REFUND_REASONS = (
    Choice(code="REFUND", title="the buyer returns goods"),
    Choice(code="COMPLAINT", title="a claim was accepted"),
    Choice(code="PRODUCT_NOT_AVAILABLE", title="the product is not available"),
    Choice(code="PAID_VALUE_TOO_LOW", title="too little was paid"),
    Choice(code="OVERPAID", title="too much was paid"),
    Choice(code="CANCELLED_BY_BUYER", title="the buyer cancelled"),
    Choice(code="NOT_COLLECTED", title="the parcel was not collected"),
)

REJECTION_REASONS = (
    Choice(code="REFUND_REJECTED", title="refund rejected; needs a note"),
    Choice(code="NEW_ITEM_SENT", title="a new item was sent"),
    Choice(code="ITEM_FIXED", title="the item was fixed"),
    Choice(code="MISSING_PART_SENT", title="the missing part was sent"),
    Choice(code="ITEM_MISMATCH", title="another item came back"),
    Choice(code="BUSINESS_PURCHASE", title="bought by a business"),
    Choice(code="NO_RETURN_RIGHT", title="there is no right to return it"),
)

CLAIM_REFUSALS = (
    Choice(code="REJECTED_ADDITIONAL_REQUIREMENTS_NOT_COMPLETED", title="further requirements were not met"),
    Choice(code="REJECTED_PRODUCT_NOT_RETURNED", title="the product was not returned"),
    Choice(code="REJECTED_PRODUCT_DAMAGED_BY_USER", title="damaged by the user"),
    Choice(code="REJECTED_PRODUCT_CONFORMS_TO_CONTRACT", title="the product is as agreed"),
    Choice(code="REJECTED_MINOR_DEFECT", title="the defect is minor"),
    Choice(code="REJECTED_OTHER", title="another reason"),
    Choice(code="REJECTED_CLAIM_WITHDRAWN_BY_BUYER", title="the buyer withdrew the claim"),
)

CLAIM_OFFERS = (
    Choice(code="ACCEPTED_REPAIR", title="accept: repair"),
    Choice(code="ACCEPTED_EXCHANGE", title="accept: exchange"),
    Choice(code="ACCEPTED_REFUND", title="accept: refund"),
    Choice(code="ACCEPTED_PARTIAL_REFUND", title="accept: refund a part"),
)

CHAT_TYPES: Mapping[str, Mapping[str, str]] = {
    "DISPUTE": {"REGULAR": "write in the dispute", "END_REQUEST": "ask the buyer to end the dispute"},
    "CLAIM": {
        "REGULAR": "write in the claim",
        "RETURN_REQUIRED_SELLER_LABEL": "ask for the goods, with the seller's label",
        "RETURN_REQUIRED_CUSTOM": "ask for the goods, in another way",
        "RETURN_NOT_REQUIRED": "tell that the goods need not come back",
    },
}
"""The types of message that an issue's chat takes, by the issue's type."""

MEDIA_TYPES = ("image/png", "image/gif", "image/bmp", "image/tiff", "image/jpeg", "application/pdf")
"""What attachments may be."""
