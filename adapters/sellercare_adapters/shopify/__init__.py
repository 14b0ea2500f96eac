"""Shopify: a hosted storefront."""

from sellercare_adapters.shopify.adapter import ShopifyAdapter, ShopifySettings

__all__ = ["ShopifyAdapter", "ShopifySettings"]
