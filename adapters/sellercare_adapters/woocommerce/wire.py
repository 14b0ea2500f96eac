"""WooCommerce's payloads as its REST API v3 sends them (recorded from a server of 11.0.1).

Sums are text with the shop's decimals; `taxes[].total` is not rounded, and may be the empty text. Times that end in
`_gmt` are UTC and do not say so. Line ids are shared by items, shipping and fees of an order.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

Number = Any
"""An int or a Decimal, as JSON has it."""


class Meta(TypedDict):
    key: str
    value: Any


class Tax(TypedDict):
    id: int
    total: str


class Line(TypedDict):
    id: int
    total: str
    total_tax: str
    taxes: list[Tax]
    meta_data: list[Meta]
    name: NotRequired[str | None]
    method_title: NotRequired[str | None]
    sku: NotRequired[str | None]
    product_id: NotRequired[int]
    quantity: NotRequired[Number]


class RefundOfOrder(TypedDict):
    id: int
    total: str


class Billing(TypedDict, total=False):
    first_name: str
    last_name: str
    email: str


class Order(TypedDict):
    id: int
    number: str
    status: str
    currency: str
    total: str
    customer_id: NotRequired[int]
    customer_note: NotRequired[str]
    billing: NotRequired[Billing]
    payment_method: NotRequired[str]
    payment_method_title: NotRequired[str]
    date_created_gmt: str | None
    date_modified_gmt: str | None
    date_paid_gmt: NotRequired[str | None]
    line_items: list[Line]
    shipping_lines: list[Line]
    fee_lines: list[Line]
    refunds: list[RefundOfOrder]


class Refund(TypedDict):
    id: int
    parent_id: NotRequired[int]
    date_created_gmt: str
    amount: str
    reason: str
    refunded_payment: bool
    meta_data: list[Meta]
    line_items: NotRequired[list[Line]]
    shipping_lines: NotRequired[list[Line]]
    fee_lines: NotRequired[list[Line]]


class Note(TypedDict):
    id: int
    author: str
    date_created_gmt: str
    note: str
    customer_note: bool
    failed: NotRequired[str]
    """Not WooCommerce's: the note below it in which the shop says that the mail did not go out."""


class Comment(TypedDict):
    """A comment of WordPress; the answer to a review is one."""

    id: int
    post: int
    parent: int
    author: int
    author_name: str
    date_gmt: str
    content: dict[str, str]
    status: str


class Review(TypedDict):
    id: int
    date_created_gmt: str
    product_id: int
    product_permalink: NotRequired[str]
    status: str
    reviewer: str
    reviewer_email: NotRequired[str]
    review: str
    rating: int
    answers: NotRequired[list[Comment]]
    """Not WooCommerce's: the comments under it, joined from WordPress."""


class Product(TypedDict):
    id: int
    average_rating: str
    rating_count: int


class Gateway(TypedDict):
    id: str
    title: str
    method_supports: list[str]
