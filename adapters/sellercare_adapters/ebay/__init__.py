"""eBay."""

from sellercare_adapters.ebay.adapter import EbayAdapter as EbayAdapter

__all__ = ["EbayAdapter"]
