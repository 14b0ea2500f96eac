"""Answers from your own helpdesk: the number of a ticket is the key, so this may run as often as it likes."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import sellercare
from sellercare.errors import NothingSent, OutcomeUnknown, PlatformError, SellercareError


def answered_tickets() -> Iterable[tuple[str, str, str]]:
    """Your helpdesk: number of the ticket, thread at the marketplace, text of the answer."""
    yield "4711", "thr_1", "Your parcel left today."
    yield "4712", "thr_2", "The invoice is in your account."


def main(account: str) -> int:
    """Send every answer once; the exit code says whether somebody has to look."""
    shop = sellercare.connect(account)
    troubles: list[SellercareError] = []
    for ticket, thread, text in answered_tickets():
        try:
            message = shop.messages.reply(thread, text, key=f"ticket-{ticket}")
        except OutcomeUnknown as unknown:
            print(f"{ticket}: nobody knows yet. Look at {unknown.look_at}; the next run asks again.")
            troubles.append(unknown)
        except (NothingSent, PlatformError) as error:
            print(f"{ticket}: not answered. {error}")
            troubles.append(error)
        else:
            print(f"{ticket}: answered ({message.delivery})")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "my-shop"))
