"""The conformance suite on simulated Shopify."""

from __future__ import annotations

from sellercare.testing.described import Specs
from sellercare.testing.description import Description, load
from sellercare.testing.suite import AdapterSuite


class TestShopify(AdapterSuite):
    adapter = "shopify"

    def described(self, specs: Specs) -> Description:
        return load(specs("shopify") / "admin-2026-10-after-sales.graphql")
