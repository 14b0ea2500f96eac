"""The account: the shop behind the token, and the scopes that are missing."""

from __future__ import annotations

from typing import Any

from sellercare.interfaces import Account, Context
from sellercare.models import AccountCheck
from sellercare.translation import translated
from sellercare_adapters.shopify import documents, reading
from sellercare_adapters.shopify.documents import ADMIN

SCOPES = {
    "read_orders": "orders and refunds cannot be read",
    "write_orders": "nothing can be paid back or cancelled",
    "read_returns": "returns cannot be read",
    "write_returns": "returns cannot be opened, decided or received",
}
"""Scopes that verbs need, and what stops without them."""

CHARGEBACKS = {
    "read_shopify_payments_disputes": "chargebacks cannot be read",
    "write_shopify_payments_dispute_evidences": "chargebacks cannot be contested",
}
ALL_ORDERS = "read_all_orders"

_INSTEAD = {
    "read_orders": "read_marketplace_orders",
    "read_returns": "read_marketplace_returns",
    "write_returns": "write_marketplace_returns",
}
"""Scopes of sales channels that do the same."""


class ShopifyAccount(Account):
    """The shop."""

    def check(self, ctx: Context) -> AccountCheck:
        """Name and scopes of the shop's token, and whether Shopify still speaks the version that is asked for."""
        answer = ctx.http.read(ADMIN.query(documents.SHOP, {}, **reading.ONE))
        spoken = answer.headers.get("X-Shopify-API-Version", "")

        def made(data: Any) -> AccountCheck:
            scopes = {each["handle"] for each in data["currentAppInstallation"]["accessScopes"]}
            wanted = SCOPES | (CHARGEBACKS if ctx.settings.chargebacks else {})
            missing = tuple(f"{scope}: {stops}" for scope, stops in wanted.items() if not _has(scopes, scope))
            return AccountCheck(
                ok=not missing,
                seller_id=data["shop"]["myshopifyDomain"],
                name=data["shop"]["name"],
                scopes=tuple(sorted(scopes)),
                expires_at=ctx.granted().expires_at,
                missing=missing,
                notes=tuple(_notes(scopes, spoken)),
                raw=data,
            )

        return translated(lambda document: made(document["data"]), answer.json(), answer.where)


def _has(scopes: set[str], scope: str) -> bool:
    """Whether a scope is there: writing includes reading."""
    writing = scope.replace("read_", "write_", 1)
    return bool({scope, writing, _INSTEAD.get(scope, scope), _INSTEAD.get(writing, scope)} & scopes)


def _notes(scopes: set[str], spoken: str) -> list[str]:
    notes = []
    if ALL_ORDERS not in scopes:
        notes.append(
            "Without read_all_orders, orders older than 60 days, with their returns and refunds, are not there."
        )
    if spoken and spoken != documents.VERSION:
        notes.append(
            f"Shopify answers as version {spoken}, not {documents.VERSION}: that one is over, and fields may differ."
        )
    return notes
