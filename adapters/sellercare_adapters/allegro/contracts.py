"""What each write does at Allegro. Sources are numbers of issues in github.com/allegro/allegro-api, or the description.

Five minutes of absence prove that a write did nothing. Allegro names no time. After a 504 that may have acted, its
staff say: read, then send again (#12757); what was slow to appear then appeared within 5 seconds (#12423).
"""

from __future__ import annotations

from datetime import timedelta

from sellercare.support import Evidence, MovesMoney, NativeKey, Readback, Repeat, Settles, WriteContract

_ABSENT_AFTER = timedelta(minutes=5)
_DESCRIPTION = "Allegro's OpenAPI description, July 2026"

REPLY = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ID,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="thread",
    by_hand="open the conversation in Allegro's message center, or the discussion or claim, and look for the text",
    source="#12757, #12423",
)

# A new thread is looked for among the newest twenty only, so that absence proves nothing.
START = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=None,
    evidence=Evidence.ID,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    by_hand="open the conversation with the buyer of the order in Allegro's message center and look for the text",
    source="#12757, #12423",
)

MARK_READ = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=timedelta(0),
    evidence=Evidence.ECHO,
    reversible=True,
    serialize_by="thread",
    by_hand="look at the conversation in Allegro's message center",
    source=_DESCRIPTION,
)

CLOSE = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ID,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="thread",
    by_hand="open the discussion and look whether the buyer was asked to end it",
    source="#12757",
)

# A claim's new status is answered by an empty 200; a return's rejection by the return. What a second request does is
# told nowhere.
DECIDE = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_STATE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.NOTHING,
    notifies_buyer=True,
    serialize_by="return",
    by_hand="open the return or the claim at Allegro and look at its status",
    source=_DESCRIPTION,
)

REFUND = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_KEY,
    absent_after=None,
    evidence=Evidence.ID,
    key=NativeKey(),
    money=MovesMoney.YES,
    settles=Settles.LATER,
    serialize_by="order",
    by_hand="open the order at Allegro and look at the refunds of its payment",
    source="#12208 and " + _DESCRIPTION,
)

# An answer to a rating is put: the same text again changes nothing, unless another was put in between. So a lost one
# is waited for like any other.
ANSWER_RATING = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ECHO,
    notifies_buyer=True,
    reversible=True,
    serialize_by="review",
    by_hand="open the rating at Allegro and look for the answer",
    source=_DESCRIPTION,
)

DISPUTE_RATING = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=_ABSENT_AFTER,
    evidence=Evidence.ECHO,
    serialize_by="review",
    by_hand="open the rating at Allegro and look whether its removal was asked for",
    source=_DESCRIPTION,
)
