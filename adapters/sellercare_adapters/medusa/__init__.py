"""Medusa v2: a self-hosted storefront."""

from sellercare_adapters.medusa.adapter import MedusaAdapter, MedusaSettings

__all__ = ["MedusaAdapter", "MedusaSettings"]
