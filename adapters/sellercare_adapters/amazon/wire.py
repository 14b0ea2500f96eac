"""Amazon's payloads, as far as they are read. Names from the published models; what may be missing is not required."""

from __future__ import annotations

from typing import Any, Required, TypedDict


class Money(TypedDict):
    """Orders 2026-01-01: amounts are texts."""

    amount: str
    currencyCode: str


class Breakdown(TypedDict, total=False):
    """A part of an item's proceeds: ITEM, SHIPPING, GIFT_WRAP, COD_FEE, TAX, DISCOUNT, OTHER."""

    type: Required[str]
    subtotal: Required[Money]
    detailedBreakdowns: list[dict[str, Any]]


class OrderItem(TypedDict, total=False):
    """One item of an order."""

    orderItemId: Required[str]
    quantityOrdered: Required[int]
    product: Required[dict[str, Any]]
    proceeds: dict[str, Any]
    cancellation: dict[str, Any]


class Order(TypedDict, total=False):
    """An order of the Orders API 2026-01-01."""

    orderId: Required[str]
    createdTime: Required[str]
    lastUpdatedTime: Required[str]
    salesChannel: Required[dict[str, Any]]
    orderItems: Required[list[OrderItem]]
    orderAliases: list[dict[str, str]]
    associatedOrders: list[dict[str, str]]
    buyer: dict[str, str]
    proceeds: dict[str, Any]
    fulfillment: dict[str, Any]
    packages: list[dict[str, Any]]


class Transaction(TypedDict, total=False):
    """A transaction of the Finances API 2024-06-19. Nothing in it is required; a refund without an id is none."""

    transactionId: str
    transactionType: str
    transactionStatus: str
    description: str
    postedDate: str
    totalAmount: dict[str, Any]
    relatedIdentifiers: list[dict[str, str]]
    breakdowns: Any
    items: list[dict[str, Any]]


class Feed(TypedDict, total=False):
    """A feed."""

    feedId: Required[str]
    feedType: Required[str]
    createdTime: Required[str]
    processingStatus: Required[str]
    processingEndTime: str
    resultFeedDocumentId: str


class Report(TypedDict, total=False):
    """A report, as it is made."""

    reportId: Required[str]
    reportType: Required[str]
    createdTime: Required[str]
    processingStatus: Required[str]
    dataStartTime: str
    dataEndTime: str
    reportDocumentId: str
