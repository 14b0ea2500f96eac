"""A process that pays back under one key after the other; a test starts two of them on one store.

For each key both wait until the other one is there. A line for each: the id of the refund, and `sent` or `repeated`.
"""

from __future__ import annotations

import sys
import time
from decimal import Decimal
from pathlib import Path

import sellercare
from sellercare.models import IssueRefund, Money
from sellercare_adapters.acme.face import AcmeFace


def together(folder: Path, me: str, other: str, moment: str) -> None:
    """Go on when both have come to this moment."""
    (folder / f"{me}-{moment}").touch()
    until = time.monotonic() + 60
    while not (folder / f"{other}-{moment}").exists():
        if time.monotonic() > until:
            raise TimeoutError("the other process never came")
        time.sleep(0.0005)


def main(store: str, url: str, contract: str, folder: Path, me: str, other: str, *orders: str) -> None:
    """Pay back for each order, with its id as the key."""
    settings = {"base_url": url, "api_key": AcmeFace.api_key, "contract": contract}
    with sellercare.connect("acme", store=store, **settings) as shop:
        for order in orders:
            command = IssueRefund(order_id=order, amount=Money(amount=Decimal("5.00"), currency="EUR"))
            together(folder, me, other, order)
            outcome = shop.write("refunds.issue", command, key=f"rma-{order}")
            if outcome.error is not None:
                raise outcome.error
            print(outcome.model.id, "repeated" if outcome.repeated else "sent", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4], Path(sys.argv[4]), *sys.argv[5:])
