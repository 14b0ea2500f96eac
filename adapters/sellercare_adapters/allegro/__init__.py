"""Allegro: allegro.pl and the marketplaces that share its API."""

from sellercare_adapters.allegro.adapter import AllegroAdapter

__all__ = ["AllegroAdapter"]
