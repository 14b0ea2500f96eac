"""Medusa's payloads as its admin API sends them (2.21, recorded from a running server), and which fields we ask for.

Numbers that are money or quantities come twice: as a number, and exactly as text in a twin (`raw_amount`).
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

ORDER_FIELDS = (
    "id,display_id,custom_display_id,status,payment_status,fulfillment_status,total,summary,currency_code,email,"
    "canceled_at,created_at,updated_at,*items,*shipping_methods,*customer,*fulfillments,*transactions,"
    "*payment_collections,*payment_collections.payments,*payment_collections.payments.captures,"
    "*payment_collections.payments.refunds,*payment_collections.payments.refunds.refund_reason"
)
RETURN_FIELDS = "*items,*items.reason,*fulfillments"
CLAIM_FIELDS = "+metadata,*claim_items"
CHANGE_FIELDS = "id,status,change_type,return_id,claim_id,internal_note,*actions"
PAYMENT_FIELDS = (
    "id,currency_code,canceled_at,updated_at,*captures,*refunds,*refunds.refund_reason,"
    "payment_collection.order.id,payment_collection.order.transactions.*"
)
REVIEW_FIELDS = "id,status,product_id,rating,name,email,content,order_id,created_at,updated_at,*response"

Number = Any
"""An int or a Decimal, as JSON has it; or null."""


class Raw(TypedDict):
    value: str


class Detail(TypedDict):
    raw_quantity: NotRequired[Raw | None]
    raw_fulfilled_quantity: NotRequired[Raw | None]
    raw_return_requested_quantity: NotRequired[Raw | None]
    raw_return_received_quantity: NotRequired[Raw | None]
    raw_return_dismissed_quantity: NotRequired[Raw | None]
    raw_written_off_quantity: NotRequired[Raw | None]


class Item(TypedDict):
    id: str
    title: str | None
    variant_sku: NotRequired[str | None]
    product_id: NotRequired[str | None]
    unit_price: Number
    quantity: Number
    detail: NotRequired[Detail]


class ShippingMethod(TypedDict):
    id: str
    name: str | None
    amount: Number


class Capture(TypedDict):
    id: str
    amount: Number


class Reason(TypedDict):
    id: str
    label: NotRequired[str]
    code: NotRequired[str]
    value: NotRequired[str]


class Refund(TypedDict):
    id: str
    amount: Number
    payment_id: str
    note: str | None
    refund_reason: NotRequired[Reason | None]
    refund_reason_id: NotRequired[str | None]
    created_at: NotRequired[str]


class Transaction(TypedDict):
    reference: str | None
    reference_id: str | None


class OrderOfPayment(TypedDict):
    id: str
    transactions: NotRequired[list[Transaction]]


class CollectionOfPayment(TypedDict):
    order: NotRequired[OrderOfPayment | None]


class Payment(TypedDict):
    id: str
    currency_code: str
    canceled_at: NotRequired[str | None]
    captures: NotRequired[list[Capture]]
    refunds: NotRequired[list[Refund]]
    payment_collection: NotRequired[CollectionOfPayment]


class PaymentCollection(TypedDict):
    id: str
    currency_code: NotRequired[str]
    payments: NotRequired[list[Payment]]


class Customer(TypedDict):
    id: str
    first_name: str | None
    last_name: str | None
    email: str | None


class Fulfillment(TypedDict):
    id: str
    canceled_at: str | None


class Order(TypedDict):
    id: str
    display_id: int | None
    custom_display_id: NotRequired[str | None]
    status: str
    payment_status: NotRequired[str]
    fulfillment_status: NotRequired[str]
    total: NotRequired[Number]
    currency_code: NotRequired[str]
    email: NotRequired[str | None]
    created_at: NotRequired[str]
    updated_at: NotRequired[str]
    summary: NotRequired[dict[str, Any]]
    items: NotRequired[list[Item]]
    shipping_methods: NotRequired[list[ShippingMethod]]
    customer: NotRequired[Customer | None]
    fulfillments: NotRequired[list[Fulfillment]]
    transactions: NotRequired[list[Transaction]]
    payment_collections: NotRequired[list[PaymentCollection]]


class ReturnItem(TypedDict):
    id: str
    item_id: str
    quantity: Number
    received_quantity: Number
    damaged_quantity: Number
    reason_id: str | None
    reason: NotRequired[Reason | None]
    note: str | None


class Return(TypedDict):
    id: str
    order_id: str
    display_id: int | None
    status: str
    location_id: NotRequired[str | None]
    exchange_id: NotRequired[str | None]
    claim_id: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]
    created_at: str
    updated_at: str
    items: NotRequired[list[ReturnItem]]
    fulfillments: NotRequired[list[Fulfillment]]


class ClaimItem(TypedDict):
    id: str
    item_id: str
    quantity: Number
    reason: str | None
    note: str | None


class Claim(TypedDict):
    id: str
    order_id: str
    display_id: int | None
    type: Literal["refund", "replace"]
    canceled_at: str | None
    metadata: NotRequired[dict[str, Any] | None]
    created_at: str
    updated_at: str
    claim_items: NotRequired[list[ClaimItem]]


class Action(TypedDict):
    action: str


class OrderChange(TypedDict):
    id: str
    status: str
    change_type: str | None
    return_id: str | None
    claim_id: str | None
    internal_note: str | None
    actions: list[Action]


class ReviewResponse(TypedDict):
    id: str
    content: str
    created_at: str


class Review(TypedDict):
    id: str
    status: str
    product_id: str | None
    order_id: str | None
    rating: Number
    name: str | None
    email: str | None
    content: str | None
    created_at: str
    updated_at: str
    response: NotRequired[ReviewResponse | None]


class ReviewStats(TypedDict):
    product_id: str
    average_rating: Number
    review_count: int
