"""Amazon's words, and ours for them. What is not listed becomes `unknown`, with Amazon's word kept beside it."""

from __future__ import annotations

from dataclasses import dataclass

from sellercare.models import Choice, Comparator, OrderState, ReturnState, ScoreLevel

ORDER_STATES = {
    "PENDING_AVAILABILITY": OrderState.OPEN,
    "PENDING": OrderState.OPEN,
    "UNSHIPPED": OrderState.PAID,
    "PARTIALLY_SHIPPED": OrderState.SHIPPED,
    "SHIPPED": OrderState.SHIPPED,
    "CANCELLED": OrderState.CANCELLED,
}
"""Of the fulfilment status (orders 2026-01-01). UNFULFILLABLE belongs to orders from outside Amazon's shops."""

RETURN_REQUESTS = {
    "approved": ReturnState.APPROVED,
    "pending": ReturnState.REQUESTED,
    "pending approval": ReturnState.REQUESTED,
    "declined": ReturnState.DECLINED,
    "closed": ReturnState.CLOSED,
    "completed": ReturnState.CLOSED,
}
"""Of `return_request_status` in the returns report. Amazon publishes no list: these words are unproved."""

FBA_RETURNS = {
    "unit returned to inventory": ReturnState.RECEIVED,
    "reimbursed": ReturnState.RECEIVED,
    "pending repackaging": ReturnState.RECEIVED,
    "repackaged successfully": ReturnState.RECEIVED,
}
"""Of `status` in the report of returns to Amazon: the four of Seller Central's page "FBA customer returns report
(overview)", seen 2026-11-23. It has what "was processed at the fulfillment center"; the words say what became of that.
Reimbursed is the seller, by Amazon: that says nothing of the buyer's money."""

WISHES = {
    "PENDING_AVAILABILITY": ReturnState.REQUESTED,
    "PENDING": ReturnState.REQUESTED,
    "UNSHIPPED": ReturnState.REQUESTED,
    "PARTIALLY_SHIPPED": ReturnState.REQUESTED,
    "SHIPPED": ReturnState.CLOSED,
    "CANCELLED": ReturnState.CLOSED,
}
"""What becomes of a buyer's wish to cancel, by the order's fulfilment status: shipped or cancelled, it is over."""

CANCEL_REASONS = {
    "NoInventory": "out of stock",
    "ShippingAddressUndeliverable": "nothing can be delivered to the address",
    "CustomerExchange": "the buyer exchanges it",
    "BuyerCanceled": "the buyer asked for it",
    "GeneralAdjustment": "another reason",
    "CarrierCreditDecision": "the carrier's decision about credit",
    "RiskAssessmentInformationNotValid": "the risk assessment is not valid",
    "CarrierCoverageFailure": "the carrier does not go there",
    "CustomerReturn": "the buyer sent it back",
    "MerchandiseNotReceived": "the goods did not come in",
}
"""Of `CancelReason` in OrderAcknowledgement.xsd, release 1.9, all ten. They count in the seller's standing."""

EXTERNAL_RETURNS = {
    "CREATED": ReturnState.APPROVED,
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER": ReturnState.APPROVED,
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER": ReturnState.APPROVED,
    "CUSTOMER_CANCELLED_PICK_UP": ReturnState.CANCELLED,
    "CUSTOMER_RESCHEDULED_PICK_UP": ReturnState.APPROVED,
    "PICKED_FROM_CUSTOMER": ReturnState.IN_TRANSIT,
    "CUSTOMER_DROPPED_OFF": ReturnState.IN_TRANSIT,
    "IN_TRANSIT": ReturnState.IN_TRANSIT,
    "OUT_FOR_DELIVERY": ReturnState.IN_TRANSIT,
    "REPLANNED": ReturnState.IN_TRANSIT,
    "DELIVERED": ReturnState.RECEIVED,
    "PARTIALLY_PROCESSED": ReturnState.RECEIVED,
    "PROCESSED": ReturnState.CLOSED,
    "REJECTED": ReturnState.DECLINED,
    "CANCELLED": ReturnState.CANCELLED,
}
"""Of the status in External Fulfillment Returns 2024-09-11, all fifteen."""

REFUND_REASONS = (
    Choice(code="CustomerReturn", title="the buyer sent goods back"),
    Choice(code="GeneralAdjustment", title="a concession"),
    Choice(code="DifferentItem", title="another item was sent"),
    Choice(code="NoInventory", title="not in stock"),
    Choice(code="CouldNotShip", title="could not be shipped"),
    Choice(code="Abandoned", title="abandoned"),
    Choice(code="CustomerCancel", title="the buyer cancelled"),
    Choice(code="PriceError", title="a wrong price"),
    Choice(code="ProductOutofStock", title="the product was out of stock"),
    Choice(code="CustomerAddressIncorrect", title="the buyer's address is wrong"),
    Choice(code="Exchange", title="exchanged"),
    Choice(code="Other", title="another reason"),
    Choice(code="CarrierCreditDecision", title="the carrier decided on a credit"),
    Choice(code="RiskAssessmentInformationNotValid", title="the risk assessment was not valid"),
    Choice(code="CarrierCoverageFailure", title="the carrier does not go there"),
    Choice(code="TransactionRecord", title="a record of the transaction"),
    Choice(code="Undeliverable", title="could not be delivered"),
    Choice(code="RefusedDelivery", title="the buyer refused the delivery"),
)
"""AdjustmentReason of the order adjustment feed, all eighteen."""

LEVELS = {
    "NORMAL": ScoreLevel.GOOD,
    "AT_RISK": ScoreLevel.WARNING,
    "DEACTIVATED": ScoreLevel.BAD,
    "SUSPENDED": ScoreLevel.BAD,
    "GREAT": ScoreLevel.GOOD,
    "GOOD": ScoreLevel.GOOD,
    "FAIR": ScoreLevel.WARNING,
    "WARNED": ScoreLevel.WARNING,
    "BAD": ScoreLevel.BAD,
    "CRITICAL": ScoreLevel.BAD,
}
"""Of accounts and metrics in the seller performance report. Its example says SUSPENDED, its list DEACTIVATED."""

COMPARATORS = {
    "LESS_THAN": Comparator.AT_MOST,
    "LESS_THAN_OR_EQUALS": Comparator.AT_MOST,
    "EQUALS": Comparator.AT_MOST,
    "GREATER_THAN": Comparator.AT_LEAST,
    "GREATER_THAN_OR_EQUALS": Comparator.AT_LEAST,
}
"""Of `targetCondition`. EQUALS is only said of counts of defects, whose target is 0."""


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of message: the end of its path, what it takes, and what Amazon's live list may call it besides.

    `text` is the longest text (0: none is taken). `files` are the least and the most attachments.
    """

    path: str
    title: str
    text: int = 0
    files: tuple[int, int] = (0, 0)
    dates: bool = False
    names: tuple[str, ...] = ()


TEMPLATES = (
    Template("confirmCustomizationDetails", "ask about the customisation of the order", 800, (0, 5)),
    Template("confirmDeliveryDetails", "arrange the delivery", 2000),
    Template("legalDisclosure", "send a legal disclosure", 0, (1, 5)),
    Template("confirmOrderDetails", "ask about the order, before it is shipped", 2000),
    Template("confirmServiceDetails", "arrange a home service", 2000),
    Template("warranty", "send a warranty", 0, (1, 5), dates=True),
    Template("digitalAccessKey", "send a key for digital content", 400, (0, 5)),
    Template("unexpectedProblem", "tell of an unexpected problem with the order", 2000),
    Template("invoice", "send an invoice", 0, (1, 5), names=("sendInvoice",)),
)
"""Messaging v1 (last change 2026-01-30). Live lists call the invoice `sendInvoice` (Amazon's own fixture)."""
