"""Acme, the reference platform: invented, with every verb native, and described in docs/adapters/acme.md."""

from sellercare_adapters.acme.adapter import AcmeAdapter

__all__ = ["AcmeAdapter"]
