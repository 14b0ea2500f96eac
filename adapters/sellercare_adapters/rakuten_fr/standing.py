"""What buyers think, and the account itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sellercare.calls import Call, Listings
from sellercare.errors import BadInput, NotFound
from sellercare.interfaces import Account, Context, Reviews
from sellercare.models import AccountCheck, Review, ReviewQuery, ReviewSummary
from sellercare.translation import translated
from sellercare_adapters.rakuten_fr import translate, wire
from sellercare_adapters.rakuten_fr.asking import asked
from sellercare_adapters.rakuten_fr.sales import current


class RakutenFrReviews(Reviews):
    """Ratings of sales, totals of products, and the seller's average."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """The rated ones among the current sales."""
        return [current(translate.review, only_rated=True)]

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """Totals of a product; without one the seller's public average, which stands beside each offer."""
        if subject_id:
            call, make = asked(wire.PRODUCTS, productids=subject_id), translate.summary
            found = _products(ctx, call, subject_id, lambda row: [make(row)])
            if not found:
                raise NotFound(f"Rakuten France shows no product {subject_id}.")
            return found[0]
        product, login = ctx.settings.offered_product, ctx.settings.login
        if not product:
            raise BadInput(
                "Rakuten's services tell of a seller only beside an offer.",
                field="subject_id",
                next_step="Name a product that you offer in the setting `offered_product`.",
            )
        call = asked(wire.PRODUCTS, productids=product, scope="PRICING")
        found = _products(ctx, call, product, lambda row: list(translate.seller_summaries(row, login)))
        if not found:
            raise NotFound(
                f"Rakuten France shows no offer of {login} for the product {product}.",
                next_step="Name another product that you offer in the setting `offered_product`.",
            )
        return found[0]


def _products(
    ctx: Context, call: Call, product_id: str, make: Callable[[Any], list[ReviewSummary]]
) -> list[ReviewSummary]:
    """What `make` makes of a product in the listing."""
    return translated(
        lambda document: [
            each
            for row in document[wire.PRODUCTS.root]["response"]["products"]["product"]
            if row["productid"] == product_id
            for each in make(row)
        ],
        ctx.read(call),
        wire.PRODUCTS.name,
    )


class RakutenFrAccount(Account):
    """The account."""

    def check(self, ctx: Context) -> AccountCheck:
        """Ask what is to be done: it costs one call, and changes nothing."""
        login = ctx.settings.login
        return translated(lambda payload: _check(payload, login), ctx.read(asked(wire.TO_DO)), wire.TO_DO.name)


def _check(payload: Any, login: str) -> AccountCheck:
    told = payload[wire.TO_DO.root]["response"]
    notes = ["Rakuten tells neither rights nor an end of the token."]
    newest = told["lastversion"]
    if newest > wire.TO_DO.version:
        notes.append(f"Rakuten has a newer {wire.TO_DO.name}, {newest}; we use {wire.TO_DO.version}.")
    return AccountCheck(ok=True, seller_id=told["sellerid"] or None, name=login, notes=tuple(notes), raw=told)
