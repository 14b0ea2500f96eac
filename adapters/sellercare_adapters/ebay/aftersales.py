"""The seam between the adapter and eBay's after-sales services: one desk for each kind of case.

Today returns, inquiries, cancellations and cases are served by Post-Order v2 (REST, legacy), payment disputes by the
Fulfillment API. eBay released GraphQL services for the first three on 2026-10-26, into which cases are folded, without
a public schema. Their desks will take the place of those in `desks`, and nothing else of the adapter changes: all that
is known of Post-Order, its addresses and payloads, is in the modules whose names begin with `postorder`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sellercare.calls import Listing, Listings
from sellercare.errors import BadInput, NotAllowedNow, NotFound
from sellercare.interfaces import Context
from sellercare.models import (
    CancelOrder,
    Decision,
    IssueRefund,
    Message,
    Order,
    Refund,
    RefundOption,
    Reply,
    Return,
    ReturnAction,
    ReturnKind,
    ReturnQuery,
    ReturnVerb,
    Thread,
)
from sellercare.writes import Write


class Desk:
    """One kind of case. `prefix` begins our ids of its cases. A case is named by eBay's own id here."""

    prefix: ClassVar[str]
    kind: ClassVar[ReturnKind]

    def listings(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """The cases of this kind, newest first."""
        raise NotImplementedError

    def get(self, ctx: Context, case: str) -> Return:
        """One case. Raises NotFound."""
        raise NotImplementedError

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """The decisions that eBay accepts now."""
        raise NotImplementedError

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """A decision."""
        raise NotImplementedError

    def quote(self, ctx: Context, case: str) -> Sequence[RefundOption]:
        """The ways to pay back through the case itself."""
        return ()

    def refund(self, ctx: Context, case: str, command: IssueRefund) -> Write[Refund]:
        """Pay back through the case."""
        raise BadInput("eBay pays nothing back through such a case.", field="return_id")

    def refunded(self, ctx: Context, case: str) -> Refund:
        """What was paid back through the case. Raises NotFound."""
        raise BadInput("eBay pays nothing back through such a case.", field="refund_id")

    def threads(self, ctx: Context) -> Sequence[Listing[Any, Thread]]:
        """The conversations inside the open cases of this kind."""
        return ()

    def thread(self, ctx: Context, case: str) -> Thread:
        """The conversation inside a case."""
        raise NotAllowedNow("Nobody talks in such a case at eBay; write to the buyer instead.")

    def messages(self, ctx: Context, case: str) -> Listings[Message]:
        """What was said in a case."""
        raise NotAllowedNow("Nobody talks in such a case at eBay; write to the buyer instead.")

    def may_write(self, ctx: Context, case: str) -> str | None:
        """Why nothing can be written into a case now; None where it can."""
        return "nobody talks in such a case at eBay"

    def download(self, ctx: Context, case: str, file: str) -> bytes:
        """A file of a case. Raises NotFound."""
        raise NotFound("Such a case at eBay has no files.")

    def say(self, ctx: Context, case: str, command: Reply) -> Write[Message]:
        """Write into a case."""
        raise NotAllowedNow("Nobody talks in such a case at eBay; write to the buyer instead.")


class CancelDesk(Desk):
    """The desk of cancellations, which also begins them."""

    def begin(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        """The seller calls an order off."""
        raise NotImplementedError


def desks() -> Mapping[str, Desk]:
    """The desk of each kind, by the prefix of its ids."""
    # The desks know this module; which of them are used is decided here, at the seam.
    from sellercare_adapters.ebay.disputes import Disputes
    from sellercare_adapters.ebay.postorder_cancellations import Cancellations
    from sellercare_adapters.ebay.postorder_cases import EbayCases
    from sellercare_adapters.ebay.postorder_inquiries import Inquiries
    from sellercare_adapters.ebay.postorder_returns import PostOrderReturns

    found = (PostOrderReturns(), Inquiries(), Cancellations(), EbayCases(), Disputes())
    return {desk.prefix: desk for desk in found}


def cancellations() -> CancelDesk:
    """The desk of cancellations."""
    return next(desk for desk in desks().values() if isinstance(desk, CancelDesk))
