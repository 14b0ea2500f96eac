"""WooCommerce: shops on WordPress, through the REST API v3 of the plugin."""

from sellercare_adapters.woocommerce.adapter import WooCommerceAdapter

__all__ = ["WooCommerceAdapter"]
