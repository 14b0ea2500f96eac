"""Refunds, seen afterwards: cancelled items in Rakuten's payments to the seller."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sellercare.calls import Listing, Listings, Nested
from sellercare.errors import NotFound
from sellercare.http.pages import FromId, OnePage
from sellercare.interfaces import Context, Refunds
from sellercare.models import Refund, RefundQuery
from sellercare.translation import translated
from sellercare_adapters.rakuten_fr import translate, wire
from sellercare_adapters.rakuten_fr.asking import asked

_OPERATIONS = f"{wire.OPERATIONS.root}.response.operations"
_DETAILS = f"{wire.COMPENSATION.root}.response.compensationdetails"
_TRANSFER = "salestransfer"


class RakutenFrRefunds(Refunds):
    """Refunds."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """The cancelled items of each payment."""
        zone = ctx.settings.zone

        def payment(row: dict[str, str]) -> tuple[str, datetime]:
            return row["compensationid"], translate.moment(row["operationdate"], zone)

        def cancelled(payment: tuple[str, datetime]) -> Listings[Refund]:
            number, paid_at = payment
            make = partial(translate.refund, compensation_id=number, paid_at=paid_at)
            call = asked(wire.COMPENSATION, compensationid=number)
            return [Listing(call, f"{_DETAILS}.cancelleditempayment", make, OnePage())]

        payments: Listing[Any, Any] = Listing(
            asked(wire.OPERATIONS, operationcause=_TRANSFER),
            f"{_OPERATIONS}.operation",
            payment,
            FromId(
                "lastoperationdate", f"{_OPERATIONS}.operation.operationdate", more=f"{_OPERATIONS}.hasmoreoperations"
            ),
            together=lambda rows: [row for row in rows if row.get("compensationid")],
        )
        return [Nested(payments, cancelled, "a call for each payment of Rakuten to the seller")]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund: a cancelled item in a payment."""
        number, _, item_id = refund_id.partition("-")
        payload = ctx.read(asked(wire.COMPENSATION, compensationid=number))

        def found(document: Any) -> list[Refund]:
            details = document[wire.COMPENSATION.root]["response"]["compensationdetails"]
            paid_at = translate.moment(details["compensationdate"], ctx.settings.zone)
            rows = details["cancelleditempayment"]
            return [translate.refund(row, number, paid_at) for row in rows if row["item"]["itemid"] == item_id]

        refunds = translated(found, payload, wire.COMPENSATION.name)
        if not refunds:
            raise NotFound(f"Rakuten France shows no refund {refund_id}.")
        return refunds[0]
