"""What each write does at Medusa, as seen on a running server of 2.21.2 and in its source."""

from __future__ import annotations

from datetime import timedelta

from sellercare.support import Evidence, MovesMoney, Readback, Repeat, WriteContract

QUIET = timedelta(minutes=2)
"""How long a request may still be at work in the server after its answer was lost.

The server goes on when the caller is gone. A call takes 0.1 to 0.6 seconds; inside, a refund waits at most 3 seconds
for the row of its payment and any call at most a minute for a database connection, and what we look for is written
before a payment provider is asked. Two minutes is twice the longest of these.
"""

_BEFORE_ACTING = frozenset({401, 403, 404, 405, 413, 415, 429})
"""Statuses that Medusa answers before a workflow changes anything. 400 is not among them: see SOURCE_400."""

_WELL_KNOWN: frozenset[int | str] = frozenset({"invalid_request", "over_refund", "already_canceled", "not_allowed"})
"""Refusals, told by type or by the beginning of the message, that a workflow answers in its first steps."""

SOURCE_400 = (
    "running server 2.21.2: a refund or a cancellation of an order with an open change is answered 400, "
    "but the money has gone"
)

CANCEL_ORDER = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    money=MovesMoney.MAYBE,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=_BEFORE_ACTING | _WELL_KNOWN,
    by_hand="the order in Medusa's admin: whether it is cancelled, and the refunds of its payments",
    source=SOURCE_400,
)

OPEN_RETURN = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_MARKER,
    absent_after=QUIET,
    evidence=Evidence.ID,
    notifies_buyer=True,
    reversible=True,
    serialize_by="order",
    by_hand="the order in Medusa's admin: its returns and claims, and whether a change of it is still open",
    source="running server 2.21.2: metadata given when a return or claim is begun comes back in the lists",
)

DECLINE_RETURN = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=QUIET,
    evidence=Evidence.NOTHING,
    notifies_buyer=True,
    serialize_by="return",
    by_hand="the return in Medusa's admin: whether it is cancelled",
    source="running server 2.21.2: a good answer is {}",
)

RECEIVE_RETURN = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_MARKER,
    absent_after=QUIET,
    evidence=Evidence.ECHO,
    notifies_buyer=True,
    serialize_by="return",
    by_hand="the return in Medusa's admin: how many pieces are received, and whether receiving is still open",
    source="running server 2.21.2: the note given when receiving is begun comes back in the order's changes",
)

REFUND = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_MARKER,
    absent_after=QUIET,
    evidence=Evidence.ID,
    money=MovesMoney.YES,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=_BEFORE_ACTING | {"invalid_request", "over_refund"},
    by_hand="the payment of the order in Medusa's admin: its refunds and their notes",
    source=SOURCE_400,
)

REPLY_TO_REVIEW = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    reversible=True,
    serialize_by="review",
    by_hand="the review in Medusa's admin",
    source="@lambdacurry/medusa-product-reviews 1.4.0 on a running server: a second POST is refused",
)
