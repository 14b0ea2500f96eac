"""Amazon, through its Selling Partner API."""

from sellercare_adapters.amazon.adapter import AmazonAdapter

__all__ = ["AmazonAdapter"]
