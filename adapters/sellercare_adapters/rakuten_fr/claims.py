"""Claims. Rakuten's services show them; what is decided about them is decided on the web, or by cancelling."""

from __future__ import annotations

from sellercare.calls import Listing, Listings
from sellercare.errors import NotFound
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context, Returns
from sellercare.models import Return, ReturnQuery
from sellercare.translation import translated
from sellercare_adapters.rakuten_fr import translate, wire
from sellercare_adapters.rakuten_fr.asking import asked, look_at
from sellercare_adapters.rakuten_fr.messages import item_in


class RakutenFrReturns(Returns):
    """Claims, each known by its item."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """The claims that wait for the seller. No item is looked at, so that no more is told than that they are."""
        return [
            Listing(
                asked(wire.TO_DO),
                f"{wire.TO_DO.root}.response.items.item",
                translate.claim_to_do,
                OnePage(),
                capped="Rakuten France lists only claims that wait for the seller.",
                together=lambda rows: [row for row in rows if "CLAIM" in row["causes"]["cause"]],
            )
        ]

    def get(self, ctx: Context, return_id: str) -> Return:
        """The claim of an item. It is a look."""
        payload = ctx.read(look_at(return_id))
        if not translated(item_in, payload, wire.ITEM.name).get("claim"):
            raise NotFound(f"Rakuten France knows no claim about the item {return_id}.")
        return translated(
            lambda found: translate.claim(item_in(found), ctx.settings.login, ctx.settings.zone),
            payload,
            wire.ITEM.name,
        )
