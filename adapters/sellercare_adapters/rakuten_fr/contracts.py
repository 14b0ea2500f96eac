"""What each write does at Rakuten France. There are no idempotency keys, and no ids in answers.

Nothing is known about how soon a write can be seen, so that absence never proves that it did not happen: what is lost
and not found stays unknown, and is not sent again. Which errors prove that a write did nothing is known from their
codes, not from HTTP statuses: those are told nowhere.
"""

from __future__ import annotations

from datetime import timedelta

from sellercare.support import REFUSALS, Evidence, MovesMoney, Readback, Repeat, WriteContract
from sellercare_adapters.rakuten_fr.asking import NO_SUCH_ID, QUOTA

# A text goes into an address: a server that takes none so long (414, 431) has not read it.
_NO: frozenset[int | str] = REFUSALS | frozenset[int | str](
    (414, 431, "ParameterError", NO_SUCH_ID, "InvalidUserConnection", "InvalidUserRights", QUOTA)
)
_SOURCE = "sample payloads and clients of 2022-12; Rakuten's developer pages"

TELL = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=None,
    evidence=Evidence.ECHO,
    notifies_buyer=True,
    serialize_by="thread",
    nothing_happened=_NO,
    by_hand="open the item in your order tracking at Rakuten and look for the text among its messages",
    source=_SOURCE,
)

MARK_READ = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=timedelta(0),
    evidence=Evidence.ECHO,
    serialize_by="thread",
    nothing_happened=_NO,
    by_hand="open the item in your order tracking at Rakuten",
    source=_SOURCE,
)

# That a second cancellation is refused follows from the actions that an item offers; nobody has written it down.
CANCEL = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=None,
    evidence=Evidence.ECHO,
    money=MovesMoney.YES,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=_NO,
    by_hand="open the item in your order tracking at Rakuten and look whether the sale is cancelled",
    source=_SOURCE,
    consequences=(
        "The sale of this item is cancelled for good. Rakuten pays the buyer back everything, delivery included; a "
        "part cannot be paid back this way. The reason is shown to the buyer. The cancellation counts against your "
        "standing, and sellers report that a commission is charged for it. A sale that is not accepted yet is refused "
        "instead, and the reason is then told to nobody"
    ),
)
