"""Refunds of payments. `commandId` is made from the key, so that a repeat is harmless (required since 2025-12-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sellercare.calls import Call, Listing, Listings, read, write
from sellercare.errors import NotAllowedNow, NotFound
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Refunds
from sellercare.models import (
    Granularity,
    IssueRefund,
    Refund,
    RefundOption,
    RefundQuery,
    RefundTarget,
    ReturnKind,
)
from sellercare.translation import at_path, translated
from sellercare.writes import Kept, Step, Write
from sellercare_adapters.allegro import ids, translate, wire, words
from sellercare_adapters.allegro.media import stamp, with_id
from sellercare_adapters.allegro.orders import checkout_form
from sellercare_adapters.allegro.refundable import Part, Refundable, refundable, slices_for, wire_parts
from sellercare_adapters.allegro.returns import one_return

_REFUNDS = "/payments/refunds"
_AT_MOST = 100
_CONSEQUENCES = (
    "Accepted is not paid: Allegro pays later, and cancels without a reason, for example when the balance is short. "
    "An amount without lines is taken from the items in their order, then from delivery and the rest. "
    "Without a reason it is REFUND, for a claim COMPLAINT."
)


class AllegroRefunds(Refunds):
    """Refunds."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds. Allegro filters by when a refund occurred; the core looks at when it was created."""
        params = {}
        if query.order_id:
            params["order.id"] = query.order_id
        if query.created_since:
            params["occurredAt.gte"] = stamp(query.created_since)
        return [
            Listing(
                read(_REFUNDS, params=params),
                items="refunds",
                translate=translate.refund,
                pages=OffsetPages(limit=_AT_MOST),
                applied=frozenset({"order_id"}),
            )
        ]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund, by the list's filter: there is no call for one."""
        rows = at_path(ctx.read(read(_REFUNDS, params={"id": refund_id, "limit": 1})), "refunds", f"GET {_REFUNDS}")
        found = translated(lambda all_: list(map(translate.refund, all_)), rows, f"GET {_REFUNDS}", "$.refunds")
        if not found:
            raise NotFound(f"Allegro has no refund {refund_id} of this seller.")
        return found[0]

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """What was paid for the order, less what was paid back: one option, through its payment."""
        order_id, reason = target.order_id, "REFUND"
        if target.return_id is not None:
            about = one_return(ctx, target.return_id)
            order_id = about.order_id
            reason = "COMPLAINT" if about.kind is ReturnKind.CLAIM else reason
        if order_id is None:
            raise NotAllowedNow("Allegro does not say which order this return belongs to.")
        form = checkout_form(ctx, order_id)
        earlier = _refunds_of(ctx, order_id)

        def option(row: wire.CheckoutForm) -> tuple[RefundOption, ...]:
            left = refundable(row, earlier)
            return (_option(left, order_id, target.return_id, reason),) if left else ()

        return translated(option, form, "GET /order/checkout-forms/{id}")

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Pay back. The answer may be asked for again under the same key: Allegro acts once."""
        option = command.chosen
        parts = [
            Part(line.order_line_id, line.kind, line.amount, line.quantity)
            for line in option.lines
            if line.order_line_id is not None and line.amount is not None
        ]
        body: dict[str, Any] = {
            "payment": {"id": option.native["payment"]},
            "order": {"id": option.order_id},
            "commandId": ctx.key,
            "reason": command.reason or option.native["reason"],
            **wire_parts(slices_for(parts, option.most, command.amount, command.lines)),
        }
        if command.note:
            body["sellerComment"] = command.note

        def call(kept: Kept) -> Call:
            return write("POST", _REFUNDS, json=body)

        step = Step("refund", call, with_id, commits=True, native_id=lambda kept: str(kept["id"]))
        return Write((step,), lambda kept: translate.refund(kept["refund"]))


def _option(left: Refundable, order_id: str, return_id: str | None, reason: str) -> RefundOption:
    return RefundOption(
        id=ids.PAYMENT + left.payment_id,
        title="pay back through the order's payment",
        through="payment",
        order_id=order_id,
        return_id=return_id,
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        most=left.left,
        lines=tuple(part.as_line() for part in left.parts),
        reasons=words.REFUND_REASONS,
        note_max_length=250,
        consequences=_CONSEQUENCES,
        native={"payment": left.payment_id, "reason": reason},
    )


def _refunds_of(ctx: Context, order_id: str) -> list[Refund]:
    payload = ctx.read(read(_REFUNDS, params={"order.id": order_id, "limit": _AT_MOST}))
    rows = at_path(payload, "refunds", f"GET {_REFUNDS}")
    earlier = translated(lambda found: list(map(translate.refund, found)), rows, f"GET {_REFUNDS}", "$.refunds")
    if len(earlier) >= _AT_MOST:
        raise NotAllowedNow("The order has a hundred refunds or more; what is left of it cannot be told in one look.")
    return earlier
