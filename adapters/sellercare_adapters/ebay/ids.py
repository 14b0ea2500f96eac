"""Ids that eBay does not have and we derive. Their forms are stable: journals and spreadsheets keep them.

`return:5001`, `inquiry:5001`, `cancellation:5001`, `case:5001` and `dispute:5001` name the kinds of case, as returns
and, where they have a history, as threads: eBay's numbers are only unique within a kind. `case:` is one that eBay
itself decides, `dispute:` a payment dispute. `ebay:X` is a conversation with eBay itself: reading one wants to be told
its type. `to:ITEM:USER` is the conversation with a member about a listing, whose own id is not known yet.
`ORDER/REFUND` is a refund of an order; a case's id is also that of the refund through it. `return:5001/7` is a file.
"""

from __future__ import annotations

from sellercare.errors import BadInput
from sellercare.interfaces import Context

RETURN = "return"
INQUIRY = "inquiry"
CANCELLATION = "cancellation"
EBAY_CASE = "case"
DISPUTE = "dispute"
CASES = frozenset({RETURN, INQUIRY, CANCELLATION, EBAY_CASE, DISPUTE})

_EBAY = "ebay:"
_TO = "to:"


def case_id(kind: str, native: object) -> str:
    """Our id of a case."""
    return f"{kind}:{native}"


def case_of(our_id: str) -> tuple[str, str] | None:
    """Kind and eBay's id of a case; None for an id of something else."""
    kind, colon, native = our_id.partition(":")
    return (kind, native) if colon and native and kind in CASES else None


def known_case(our_id: str) -> tuple[str, str]:
    """The same; BadInput for an id of something else."""
    found = case_of(our_id)
    if found is None:
        kinds = ", ".join(sorted(f"{kind}:…" for kind in CASES))
        raise BadInput(f"{our_id!r} names no case at eBay.", field="return_id", next_step=f"Ids look so: {kinds}.")
    return found


def file_id(our_id: str, native: object) -> str:
    """Our id of a file of a case."""
    return f"{our_id}/{native}"


def file_of(our_id: str) -> tuple[str, str, str] | None:
    """Kind and eBay's id of the case, and eBay's id of the file; None for an id of something else."""
    case, slash, native = our_id.partition("/")
    found = case_of(case)
    return (*found, native) if found and slash and native else None


def conversation_id(native: str, conversation_type: str) -> str:
    """Our id of a conversation."""
    return f"{_EBAY}{native}" if conversation_type == "FROM_EBAY" else native


def conversation_of(our_id: str) -> tuple[str, str]:
    """eBay's id of a conversation, and its type."""
    if our_id.startswith(_EBAY):
        return our_id.removeprefix(_EBAY), "FROM_EBAY"
    return our_id, "FROM_MEMBERS"


def talk_id(item: str, username: str) -> str:
    """Our id of the conversation with a member about a listing."""
    return f"{_TO}{item}:{username}"


def talk_of(our_id: str) -> tuple[str, str] | None:
    """Listing and member of such a conversation; None for an id of something else."""
    if not our_id.startswith(_TO):
        return None
    item, colon, username = our_id.removeprefix(_TO).partition(":")
    return (item, username) if colon and item and username else None


def refund_id(order_id: str, native: str) -> str:
    """Our id of a refund of an order."""
    return f"{order_id}/{native}"


def refund_of(our_id: str) -> tuple[str, str]:
    """Order, and eBay's id of the refund; BadInput for an id of something else."""
    order_id, slash, native = our_id.partition("/")
    if not (order_id and slash and native):
        raise BadInput(
            f"{our_id!r} names no refund at eBay.", field="refund_id", next_step="Ids look so: ORDER/REFUND."
        )
    return order_id, native


def own_names(ctx: Context) -> frozenset[str]:
    """The names under which eBay may show this seller."""
    settings = ctx.settings
    return frozenset(filter(None, (settings.username, settings.user_id)))
