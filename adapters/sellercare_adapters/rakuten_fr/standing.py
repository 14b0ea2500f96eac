"""What buyers think, and the account itself."""

from __future__ import annotations

from typing import Any

from sellercare.calls import Listings
from sellercare.errors import BadInput, NotFound
from sellercare.interfaces import Account, Context, Reviews
from sellercare.models import AccountCheck, Review, ReviewQuery, ReviewSummary
from sellercare.translation import translated
from sellercare_adapters.rakuten_fr import translate, wire
from sellercare_adapters.rakuten_fr.asking import asked
from sellercare_adapters.rakuten_fr.sales import current


class RakutenFrReviews(Reviews):
    """Ratings of sales, and totals of products."""

    def list(self, ctx: Context, query: ReviewQuery) -> Listings[Review]:
        """The rated ones among the current sales."""
        return [current(translate.review, only_rated=True)]

    def summary(self, ctx: Context, subject_id: str | None) -> ReviewSummary:
        """Totals of a product."""
        if not subject_id:
            raise BadInput(
                "Rakuten's services tell no totals of a seller, only of a product.",
                field="subject_id",
                next_step="Name a product, or look at your seller account: Customer comments.",
            )
        payload = ctx.read(asked(wire.PRODUCTS, productids=subject_id))
        found = translated(
            lambda document: [
                translate.summary(row)
                for row in document[wire.PRODUCTS.root]["response"]["products"]["product"]
                if row["productid"] == subject_id
            ],
            payload,
            wire.PRODUCTS.name,
        )
        if not found:
            raise NotFound(f"Rakuten France shows no product {subject_id}.")
        return found[0]


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
