"""What each write does at Shopify.

Shopify names no time after which a request that was lost can no longer act. `QUIET` is our own margin: a request is
answered or given up within a minute at web servers; ten minutes are far beyond that.
"""

from __future__ import annotations

from datetime import timedelta

from sellercare.graphql import NOT_EXECUTED, USER_ERROR
from sellercare.support import REFUSALS, Evidence, MovesMoney, NativeKey, Readback, Repeat, Settles, WriteContract

QUIET = timedelta(minutes=10)

_SCHEMA = "Shopify's Admin schema 2026-10"

_BEFORE = frozenset({402, 423})
"""Statuses of a frozen or locked shop: its gate answers, before the API does (from memory, not proved)."""

_GATE: frozenset[int | str] = (
    REFUSALS
    | _BEFORE
    | {
        "THROTTLED",
        "MAX_COST_EXCEEDED",
        "SHOP_INACTIVE",
        "ACCESS_DENIED",
        "INVALID_VARIABLE",
    }
)
"""What is refused before an operation runs; an error beside a result has another code (`PARTLY`). INVALID_VARIABLE is a
value that the schema does not take (answers of a live shop of 2026-07, recorded in the project shopify-draft-proxy)."""

RETURN_CODES = frozenset(
    {
        "ALREADY_EXISTS",
        "BLANK",
        "EQUAL_TO",
        "FEATURE_NOT_ENABLED",
        "GREATER_THAN",
        "GREATER_THAN_OR_EQUAL_TO",
        "INCLUSION",
        "INCOMPATIBLE_WITH_STANDARD_POLICY",
        "INVALID",
        "INVALID_STATE",
        "LESS_THAN",
        "LESS_THAN_OR_EQUAL_TO",
        "MISSING_PERMISSION",
        "NOT_A_NUMBER",
        "NOT_EDITABLE",
        "NOT_FOUND",
        "PRESENT",
        "TAKEN",
        "TOO_BIG",
        "TOO_LONG",
        "TOO_MANY_ARGUMENTS",
        "TOO_SHORT",
        "WRONG_LENGTH",
    }
)
"""The codes of ReturnErrorCode that say why nothing was done. CREATION_FAILED, INTERNAL_ERROR and NOTIFICATION_FAILED
are not among them: what was done before they happened is not told."""

_CANCEL_CODES = frozenset(
    {
        "INVALID",
        "NOT_FOUND",
        "NO_REFUND_PERMISSION",
        "NO_REFUND_TO_STORE_CREDIT_PERMISSION",
        "STORE_CREDIT_REFUND_EXPIRATION_IN_PAST",
        "STORE_CREDIT_REFUND_MISSING_CUSTOMER",
        "STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED",
    }
)

_REFUSED: frozenset[int | str] = _GATE | RETURN_CODES | {NOT_EXECUTED, USER_ERROR}

CANCEL_ORDER = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    money=MovesMoney.MAYBE,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=_GATE | _CANCEL_CODES | {NOT_EXECUTED, USER_ERROR},
    by_hand="the order in Shopify's admin: whether it is cancelled, and what was paid back",
    source=f"{_SCHEMA}, orderCancel: a job does it; an order that is cancelled already is refused",
)

OPEN_RETURN = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    notifies_buyer=False,
    reversible=True,
    serialize_by="order",
    nothing_happened=_REFUSED,
    by_hand="the order in Shopify's admin: its returns",
    source=f"{_SCHEMA}, returnCreate",
)

DECIDE = WriteContract(
    repeat=Repeat.REFUSED,
    readback=Readback.BY_STATE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    notifies_buyer=True,
    serialize_by="return",
    nothing_happened=_REFUSED,
    by_hand="the return in Shopify's admin: its status",
    source=(
        f"{_SCHEMA}, returnApproveRequest, returnDeclineRequest, returnCancel, returnClose, returnReopen; "
        "returnProcess for the lines of an exchange"
    ),
)

TELL_PARCEL = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    notifies_buyer=True,
    serialize_by="return",
    nothing_happened=_REFUSED,
    by_hand="the return in Shopify's admin: its status, and its parcels",
    source=f"{_SCHEMA}, reverseDeliveryCreateWithShipping: takes no key",
)
"""Telling of a parcel. `returns.approve` declares this one, because it promises less than `DECIDE`."""

RECEIVE = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    notifies_buyer=True,
    serialize_by="return",
    nothing_happened=_REFUSED,
    by_hand="the return in Shopify's admin: how many pieces are processed",
    source=f"{_SCHEMA}, returnProcess without financialTransfer",
)

CONTEST = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_STATE,
    absent_after=QUIET,
    evidence=Evidence.ECHO,
    serialize_by="return",
    nothing_happened=_GATE
    | {NOT_EXECUTED, USER_ERROR, "DISPUTE_EVIDENCE_NOT_FOUND", "EVIDENCE_ALREADY_ACCEPTED", "EVIDENCE_PAST_DUE_DATE"},
    by_hand="the order's chargeback in Shopify's admin: whether evidence was submitted",
    source=f"{_SCHEMA}, disputeEvidenceUpdate",
)

RETURN_REFUND = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.BY_DIFFERENCE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    money=MovesMoney.YES,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=_REFUSED,
    by_hand="the return in Shopify's admin: its refunds",
    source=f"{_SCHEMA}, returnProcess: takes no key",
)
"""Paying back through a return. The verb declares this one: it promises least."""

ORDER_REFUND = WriteContract(
    repeat=Repeat.HARMLESS,
    readback=Readback.BY_DIFFERENCE,
    absent_after=QUIET,
    evidence=Evidence.ID,
    key=NativeKey(timedelta(hours=24)),
    money=MovesMoney.YES,
    settles=Settles.LATER,
    notifies_buyer=True,
    serialize_by="order",
    nothing_happened=_GATE | {NOT_EXECUTED, USER_ERROR},
    by_hand="the order in Shopify's admin: its refunds",
    source=(
        f"{_SCHEMA}, refundCreate; changelog of 2025-12-12: the same key returns the first result; "
        "24 hours: Shopify's guide 'Implementing idempotency', as others quote it"
    ),
)
"""Paying back through an order, under `@idempotent`."""
