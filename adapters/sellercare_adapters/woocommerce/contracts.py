"""What each write does at WooCommerce: recorded from a server of 11.0.1, and read in the source of its refunds."""

from __future__ import annotations

from datetime import timedelta

from sellercare.support import REFUSALS, Evidence, MovesMoney, Readback, Repeat, WriteContract

_ABSENT_AFTER = timedelta(minutes=5)
"""WooCommerce names no time. A note or an answer is stored in the first moments of its request, before mails are sent;
PHP by itself ends a request after 30 seconds. Five minutes are ten times that."""

BAD_AMOUNT = "woocommerce_rest_cannot_create_order_refund: amount"
NO_GATEWAY = "woocommerce_rest_cannot_create_order_refund: no refunds"
"""Our codes for two refusals that share WooCommerce's. They come before anything is booked or paid; what else comes
under that code may be the words of a payment gateway that has paid and failed afterwards."""

NOTE = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ID,
    notifies_buyer=True,
    serialize_by="thread",
    nothing_happened=REFUSALS | {"woocommerce_api_cannot_create_order_note"},
    by_hand="the order's page in the shop's admin: its notes to the customer",
    source="recorded from 11.0.1: note_customer, notes_any; a text of 70,000 characters was answered 500",
)

REFUND = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_MARKER,
    absent_after=None,
    evidence=Evidence.ID,
    money=MovesMoney.YES,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=REFUSALS | {BAD_AMOUNT, NO_GATEWAY, "woocommerce_rest_invalid_order_refund"},
    by_hand="the order's page in the shop's admin (its refunds), and the payment at the payment gateway",
    source=(
        "recorded from 11.0.1: refund_over, refund_gateway_cannot, refund_negative are HTTP 500; in wc_create_refund "
        "(woocommerce/woocommerce) a booking is deleted when anything fails after the gateway was asked, so that a "
        "missing booking does not prove that nothing was paid"
    ),
)

CANCEL = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ECHO,
    money=MovesMoney.MAYBE,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="the order's page in the shop's admin: its status",
    source="documentation of PUT /orders/<id>; some payment gateways give back reserved money, which nobody declares",
)

ANSWER = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ID,
    notifies_buyer=True,
    reversible=True,
    serialize_by="review",
    # The same text again is refused with 409: after a lost answer that is no word about the first attempt.
    nothing_happened=REFUSALS - {409},
    by_hand="the review in the shop's admin: the answers to it",
    source="recorded from 11.0.1: review_reply_wp_comment, review_reply_duplicate",
)
