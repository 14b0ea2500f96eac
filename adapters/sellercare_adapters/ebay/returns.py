"""Returns: every kind of case, each at its desk (see `aftersales`)."""

from __future__ import annotations

from collections.abc import Sequence

from sellercare.calls import Listings
from sellercare.interfaces import Context, Returns
from sellercare.models import Decision, Return, ReturnAction, ReturnQuery, ReturnVerb
from sellercare.writes import Write
from sellercare_adapters.ebay import ids
from sellercare_adapters.ebay.aftersales import Desk, desks


def desk_of(our_id: str) -> tuple[Desk, str]:
    """The desk of a case, and eBay's own id of it. Raises BadInput."""
    kind, native = ids.known_case(our_id)
    return desks()[kind], native


class EbayReturns(Returns):
    """Returns, inquiries, cancellations, cases that eBay decides, and payment disputes."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """The cases of each kind, one kind after the other."""
        asked = [desk for desk in desks().values() if query.kind in (None, desk.kind)]
        return [listing for desk in asked for listing in desk.listings(ctx, query)]

    def get(self, ctx: Context, return_id: str) -> Return:
        """One case."""
        desk, case = desk_of(return_id)
        return desk.get(ctx, case)

    def allowed(self, ctx: Context, return_id: str) -> Sequence[ReturnAction]:
        """The decisions that eBay accepts now."""
        desk, case = desk_of(return_id)
        return desk.allowed(ctx, case)

    def approve(self, ctx: Context, command: Decision) -> Write[Return]:
        """Accept a return, a cancellation or a payment dispute."""
        return _decide(ctx, ReturnVerb.APPROVE, command)

    def decline(self, ctx: Context, command: Decision) -> Write[Return]:
        """Decline a return or a cancellation."""
        return _decide(ctx, ReturnVerb.DECLINE, command)

    def receive(self, ctx: Context, command: Decision) -> Write[Return]:
        """Confirm that a return's item is back."""
        return _decide(ctx, ReturnVerb.RECEIVE, command)

    def offer(self, ctx: Context, command: Decision) -> Write[Return]:
        """Offer another outcome of a return."""
        return _decide(ctx, ReturnVerb.OFFER, command)

    def contest(self, ctx: Context, command: Decision) -> Write[Return]:
        """Ask eBay to step in, appeal against its decision, or contest a payment dispute."""
        return _decide(ctx, ReturnVerb.CONTEST, command)


def _decide(ctx: Context, verb: ReturnVerb, command: Decision) -> Write[Return]:
    desk, case = desk_of(command.return_id)
    return desk.decide(ctx, verb, case, command)
