"""What each write does at Amazon. Sources: the published models (2026-08-05), Amazon's guides, and issues of
github.com/amzn/selling-partner-api-models (#n)."""

from __future__ import annotations

from datetime import timedelta

from sellercare.support import Evidence, MovesMoney, Readback, Repeat, Settles, WriteContract

# Amazon answers 201 with an empty object and shows no message anywhere: there is nothing to read back. Of a 201 its
# model says that the message was created for the order.
MESSAGE = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.NONE,
    absent_after=None,
    evidence=Evidence.ECHO,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the order in Seller Central, Contact buyer, and look for the message",
    source="messaging v1",
)

# Without a key of Amazon's own. Whether a lost feed arrived shows in the list of feeds; what it paid, in the finances,
# which may not have the last 48 hours ("Financial events might not include orders from the last 48 hours").
REFUND = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=timedelta(hours=48),
    evidence=Evidence.ID,
    money=MovesMoney.YES,
    settles=Settles.LATER,
    serialize_by="order",
    by_hand="open the order in Seller Central and look at its refunds; wait two days before you refund again",
    source="feeds 2021-06-30, finances 2024-06-19, #4914",
)

# Whether Amazon has taken the buyer's money by then is told nowhere; what is taken goes back. A feed for an order that
# is cancelled already is accepted like any other, and does nothing. No list says which order a feed was about, so an
# order that is not cancelled yet proves nothing.
CANCEL = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=None,
    evidence=Evidence.ID,
    money=MovesMoney.MAYBE,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the order in Seller Central and look whether it is cancelled",
    source="feeds 2021-06-30; OrderAcknowledgement.xsd, release 1.9",
)

# Once an order: a second request is refused (403). What was sent is no longer offered.
SOLICITATION = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=timedelta(minutes=5),
    evidence=Evidence.ECHO,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the order in Seller Central and look whether Request a Review was used",
    source="solicitations v1, #4927",
)
