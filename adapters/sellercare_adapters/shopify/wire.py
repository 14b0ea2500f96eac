"""Shopify's payloads, as far as they are read: the shapes that the documents ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

T = TypeVar("T")


class MoneyV2(TypedDict):
    """An amount; a decimal number as text."""

    amount: str
    currencyCode: str


class MoneyBag(TypedDict):
    """An amount in the buyer's currency."""

    presentmentMoney: MoneyV2


class PageInfo(TypedDict):
    """Whether a connection goes on."""

    hasNextPage: bool
    endCursor: NotRequired[str | None]


class Connection(TypedDict, Generic[T]):
    """A page of something."""

    nodes: Sequence[T]
    pageInfo: PageInfo


class Ref(TypedDict):
    """Something of which only the id is asked for."""

    id: str


class TaxLine(TypedDict):
    """A tax of one line, for all its pieces."""

    priceSet: MoneyBag


class Customer(TypedDict):
    """Who bought. Apps without approval get null (protected customer data)."""

    id: str
    displayName: str | None


class LineItem(TypedDict):
    """A line of an order."""

    id: str
    title: str
    sku: str | None
    quantity: int
    refundableQuantity: int
    unfulfilledQuantity: int
    product: Ref | None
    discountedUnitPriceAfterAllDiscountsSet: MoneyBag
    taxLines: Sequence[TaxLine]


class ShippingLine(TypedDict):
    """Delivery."""

    id: str | None
    title: str
    discountedPriceSet: MoneyBag
    taxLines: Sequence[TaxLine]


class Order(TypedDict):
    """An order."""

    id: str
    legacyResourceId: str
    name: str
    email: str | None
    createdAt: str
    updatedAt: str
    cancelledAt: str | None
    displayFinancialStatus: str | None
    displayFulfillmentStatus: str
    returnStatus: str
    presentmentCurrencyCode: str
    taxesIncluded: bool
    customer: Customer | None
    totalPriceSet: MoneyBag
    totalReceivedSet: MoneyBag
    totalRefundedSet: MoneyBag
    shippingLine: ShippingLine | None
    fulfillments: Sequence[dict[str, Any]]
    lineItems: Connection[LineItem]


class RestockingFee(TypedDict):
    """What the buyer pays for taking a line back."""

    percentage: float
    amountSet: MoneyBag


class ReturnShippingFee(TypedDict):
    """What the buyer pays for the way back."""

    amountSet: MoneyBag


class ExchangeLine(TypedDict):
    """Goods that the buyer gets in exchange; they are ordered to be sent when they are processed."""

    id: str
    title: str | None
    variantTitle: str | None
    variantSku: str | None
    quantity: int
    processableQuantity: int
    processedQuantity: int


class ReturnLine(TypedDict):
    """A line of a return. One without a parcel (`unitPrice`) is unverified: it hangs on no line of an order."""

    id: str
    quantity: int
    processableQuantity: int
    processedQuantity: int
    refundableQuantity: int
    refundedQuantity: int
    customerNote: str | None
    returnReasonNote: str
    returnReasonDefinition: dict[str, str] | None
    fulfillmentLineItem: NotRequired[dict[str, Any]]
    withCodeDiscountedTotalPriceSet: NotRequired[MoneyBag]
    restockingFee: NotRequired[RestockingFee | None]
    unitPrice: NotRequired[MoneyV2]


class Tracking(TypedDict):
    """How a parcel is followed. Shopify names the carrier by itself, where it knows it."""

    carrierName: str | None
    number: str | None
    url: str | None


class Deliverable(TypedDict):
    """What a parcel that comes back is known by; one with a label alone has no tracking."""

    tracking: NotRequired[Tracking | None]


class Delivery(TypedDict):
    """A parcel that comes back; which pieces are in it is only asked for where one is made."""

    id: str
    deliverable: Deliverable | None
    reverseDeliveryLineItems: NotRequired[dict[str, Any]]


class ReverseOrder(TypedDict):
    """Goods that are expected back at one place, and the parcels that they come in."""

    id: str
    status: str
    reverseDeliveries: Connection[Delivery]


class OrderOfReturn(TypedDict):
    """The order of a return."""

    id: str
    name: str
    email: str | None
    customer: Customer | None


class Return(TypedDict):
    """A return."""

    id: str
    name: str
    status: str
    createdAt: str
    requestApprovedAt: str | None
    closedAt: str | None
    decline: dict[str, str | None] | None
    order: OrderOfReturn
    returnLineItems: Connection[ReturnLine]
    exchangeLineItems: Connection[ExchangeLine]
    returnShippingFees: Sequence[ReturnShippingFee]
    reverseFulfillmentOrders: Connection[ReverseOrder]


class Dispute(TypedDict):
    """A chargeback or inquiry at Shopify Payments."""

    id: str
    type: Literal["CHARGEBACK", "INQUIRY"]
    status: str
    initiatedAt: str
    evidenceDueBy: str | None
    evidenceSentOn: str | None
    finalizedOn: str | None
    amount: MoneyV2
    reasonDetails: dict[str, str | None]
    order: dict[str, str] | None
    disputeEvidence: NotRequired[dict[str, Any]]


class Transaction(TypedDict):
    """A movement of money."""

    id: str
    kind: str
    status: str
    amountSet: MoneyBag
    parentTransaction: Ref | None


class RefundLineItem(TypedDict):
    """A line that is paid back."""

    quantity: int
    lineItem: Ref
    subtotalSet: MoneyBag
    totalTaxSet: MoneyBag


class RefundShippingLine(TypedDict):
    """Delivery that is paid back."""

    shippingLine: Ref
    subtotalAmountSet: MoneyBag
    taxAmountSet: MoneyBag


class RefundDuty(TypedDict):
    """Customs that are paid back."""

    amountSet: MoneyBag
    originalDuty: Ref | None


class OrderOfRefund(TypedDict):
    """The order of a refund; whether the subtotals of its lines have their tax in them."""

    id: str
    taxesIncluded: bool


class Refund(TypedDict):
    """A refund. It has no status: its transactions have."""

    id: str
    createdAt: str | None
    processedAt: str
    note: str | None
    order: NotRequired[OrderOfRefund]
    totalRefundedSet: MoneyBag
    refundLineItems: NotRequired[dict[str, Sequence[RefundLineItem]]]
    refundShippingLines: NotRequired[dict[str, Sequence[RefundShippingLine]]]
    duties: NotRequired[Sequence[RefundDuty] | None]
    orderAdjustments: NotRequired[dict[str, Any]]
    transactions: dict[str, Sequence[Transaction]]


class SuggestedTransaction(TypedDict):
    """Money that may go back through one payment."""

    gateway: str | None
    formattedGateway: str | None
    amountSet: MoneyBag
    maximumRefundableSet: MoneyBag | None
    parentTransaction: Ref | None
