"""Rakuten France (once PriceMinister): messages, claims, cancellations, refunds seen, ratings."""

from sellercare_adapters.rakuten_fr.adapter import RakutenFrAdapter

__all__ = ["RakutenFrAdapter"]
