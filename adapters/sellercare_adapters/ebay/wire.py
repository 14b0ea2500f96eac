"""eBay's payloads, as far as the adapter reads them. Types are annotations only: nothing is checked twice."""

from __future__ import annotations

from typing import Any, TypedDict


class Amount(TypedDict):
    """An amount: the value is a text in the REST APIs, a number in Post-Order."""

    value: Any
    currency: str


class When(TypedDict, total=False):
    """A time of Post-Order."""

    value: str


class OrderRefund(TypedDict, total=False):
    """A refund as an order shows it."""

    refundId: str
    refundStatus: str
    refundDate: str
    amount: Amount


class LineItem(TypedDict, total=False):
    """A line of an order."""

    lineItemId: str
    legacyItemId: str
    title: str
    sku: str
    quantity: int
    lineItemCost: Amount
    total: Amount
    refunds: list[OrderRefund]
    purchaseMarketplaceId: str


class Order(TypedDict, total=False):
    """An order."""

    orderId: str
    salesRecordReference: str
    creationDate: str
    lastModifiedDate: str
    orderFulfillmentStatus: str
    orderPaymentStatus: str
    cancelStatus: dict[str, Any]
    buyer: dict[str, Any]
    lineItems: list[LineItem]
    pricingSummary: dict[str, Amount]
    paymentSummary: dict[str, Any]


class Message(TypedDict, total=False):
    """A message of a conversation."""

    messageId: str
    messageBody: str
    createdDate: str
    senderUsername: str
    recipientUsername: str
    readStatus: bool
    subject: str
    messageMedia: list[dict[str, str]]


class Conversation(TypedDict, total=False):
    """A conversation as the list shows it."""

    conversationId: str
    conversationType: str
    conversationStatus: str
    conversationTitle: str
    createdDate: str
    unreadCount: int
    referenceType: str
    referenceId: str
    latestMessage: Message


class Feedback(TypedDict, total=False):
    """A feedback entry."""

    feedbackId: str
    commentType: str
    feedbackComment: dict[str, Any]
    feedbackEnteredDate: str
    feedbackRatings: list[dict[str, str]]
    replyComment: dict[str, Any]
    automatedFeedback: bool
    orderLineItemSummary: dict[str, Any]
    providerUserDetail: dict[str, Any]


class Dispute(TypedDict, total=False):
    """A payment dispute; the summary has a part of it."""

    paymentDisputeId: str
    paymentDisputeStatus: str
    orderId: str
    reason: str
    amount: Amount
    buyerUsername: str
    openDate: str
    closedDate: str
    respondByDate: str
    revision: int
    sellerResponse: str
    lineItems: list[dict[str, str]]
    evidenceRequests: list[dict[str, Any]]
    note: str


class ReturnSummary(TypedDict, total=False):
    """A return of Post-Order, in short."""

    returnId: Any
    orderId: str
    state: str
    status: str
    currentType: str
    buyerLoginName: str
    creationInfo: dict[str, Any]
    sellerAvailableOptions: list[dict[str, str]]
    sellerResponseDue: dict[str, Any]
    sellerTotalRefund: dict[str, Amount]
    escalationInfo: dict[str, Any]


class ReturnDocument(TypedDict, total=False):
    """A return of Post-Order, in full."""

    summary: ReturnSummary
    detail: dict[str, Any]


class Inquiry(TypedDict, total=False):
    """An inquiry of Post-Order: the summary's and the document's fields, which differ in places."""

    inquiryId: Any
    inquiryStatusEnum: str
    status: str
    state: str
    buyer: str
    claimAmount: Amount
    creationDate: When
    lastModifiedDate: When
    respondByDate: When
    sellerMakeItRightByDate: When
    itemId: Any
    transactionId: Any
    inquiryQuantity: int
    inquiryDetails: dict[str, Any]
    inquiryHistoryDetails: dict[str, Any]
    itemDetails: dict[str, Any]


class EbayCase(TypedDict, total=False):
    """A case that eBay decides: the summary's and the document's fields, which differ in places."""

    caseId: Any
    caseStatusEnum: str
    status: str
    caseType: str
    buyer: str
    claimAmount: Amount
    creationDate: When
    lastModifiedDate: When
    respondByDate: When
    itemId: Any
    transactionId: Any
    returnId: str
    caseQuantity: int
    escalateReason: str
    caseDetails: dict[str, Any]
    appealDetails: dict[str, Any]
    caseHistoryDetails: dict[str, Any]


class Cancellation(TypedDict, total=False):
    """A cancellation of Post-Order."""

    cancelId: Any
    cancelState: str
    cancelStatus: str
    cancelReason: str
    cancelCloseReason: str
    cancelRequestDate: When
    cancelCloseDate: When
    sellerResponseDueDate: When
    legacyOrderId: str
    lineItems: list[dict[str, Any]]
    requestorType: str
    buyerLoginName: str
    requestRefundAmount: Amount
    marketplaceId: str
