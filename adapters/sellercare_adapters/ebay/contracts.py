"""What each write does at eBay. eBay has no idempotency keys, and says nowhere how soon a write can be read.

So absence never proves that nothing happened: what was lost and is not found stays unknown, and a person looks. Only
what changes nothing when it is repeated is sent again.
"""

from __future__ import annotations

from datetime import timedelta

from sellercare.support import Evidence, MovesMoney, Readback, Repeat, Settles, WriteContract

_CONTRACTS = "eBay's OpenAPI contracts (copies of November 2025)"

REPLY = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=None,
    evidence=Evidence.ID,
    notifies_buyer=True,
    serialize_by="thread",
    by_hand="open the conversation in My eBay messages, or the return or inquiry, and look for the text",
    source=_CONTRACTS,
)

START = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=None,
    evidence=Evidence.ID,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the conversation with the buyer in My eBay messages and look for the text",
    source=_CONTRACTS,
)

UPDATE = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=timedelta(0),
    evidence=Evidence.ECHO,
    reversible=True,
    serialize_by="thread",
    by_hand="look at the conversation in My eBay messages",
    source=_CONTRACTS,
)

# What a second decision does is told nowhere; that it is refused is likely, since eBay then offers it no more.
DECIDE = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=None,
    evidence=Evidence.NOTHING,
    notifies_buyer=True,
    serialize_by="return",
    by_hand="open the return, inquiry, cancellation or payment dispute in Seller Hub and look at its history",
    source="Post-Order v2, derived description",
)

# The same word approves a return (money later), a cancellation and a payment dispute (money now).
APPROVE = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=None,
    evidence=Evidence.NOTHING,
    money=MovesMoney.MAYBE,
    notifies_buyer=True,
    serialize_by="return",
    by_hand="open the return, cancellation or payment dispute in Seller Hub and look at its history",
    source="Post-Order v2, derived description",
)

OFFER = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=None,
    evidence=Evidence.NOTHING,
    money=MovesMoney.LATER,
    notifies_buyer=True,
    serialize_by="return",
    by_hand="open the return in Seller Hub and look at its history",
    source="Post-Order v2, derived description",
)

# A second one is refused with a good status: `eligible` is false.
CANCEL = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_DIFFERENCE,
    absent_after=None,
    evidence=Evidence.ID,
    money=MovesMoney.YES,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the order in Seller Hub and look whether it is cancelled",
    source="Post-Order v2, derived description (EligibilityFailureReasonEnum: CANCELLATION_EXIST)",
)

# Refused while an earlier refund is under way (34922), done again afterwards.
REFUND = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=None,
    evidence=Evidence.ID,
    money=MovesMoney.YES,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the order, or the return or inquiry, in Seller Hub and look at its refunds",
    source=_CONTRACTS,
)

ANSWER_FEEDBACK = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=None,
    evidence=Evidence.ECHO,
    notifies_buyer=True,
    serialize_by="review",
    by_hand="open the feedback profile at eBay and look for the answer",
    source=_CONTRACTS + ", error 501032",
)
