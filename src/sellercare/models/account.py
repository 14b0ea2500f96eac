"""What an account may do, and until when."""

from __future__ import annotations

from datetime import datetime

from sellercare.models.base import PlatformModel


class AccountCheck(PlatformModel):
    """The state of an account. `expires_at` is in UTC; `missing` names scopes or settings with what they stop."""

    ok: bool
    seller_id: str | None = None
    name: str | None = None
    scopes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    plan: str | None = None
    expires_at: datetime | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
