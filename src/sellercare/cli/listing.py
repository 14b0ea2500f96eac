"""A listing over one account or several: streamed, with what it costs told before and what a platform caps after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from sellercare.cli.output import Column, Listing, note, waiting
from sellercare.cli.shops import opened

if TYPE_CHECKING:
    from sellercare.shop import Shop
    from sellercare.shop.results import Results


def listed(
    ask: Callable[[Shop], Results[Any]],
    columns: Sequence[Column],
    *,
    account: Sequence[str],
    all_accounts: bool,
    limit: int | None,
    as_json: bool,
    nothing: str,
) -> None:
    """Show what `ask` gives for every chosen account, each up to `limit`."""
    with opened(account, all_accounts, as_json=as_json) as desk:
        listing = Listing(columns, as_json=as_json, several=desk.several)

        def work(shop: Shop) -> None:
            results = ask(shop)
            if results.costs:
                note(f"{shop.account_name}: {results.costs}")
            rows = islice(results, limit)
            with waiting(f"Asking {shop.adapter.title}"):
                first = next(rows, None)
            if first is not None:
                listing.add(shop.account_name, first)
            for model in rows:
                listing.add(shop.account_name, model)
            if results.capped:
                note(f"{shop.account_name}: {results.capped}")

        desk.each(work)
        listing.close(nothing if not desk.code else "")


__all__ = ["listed"]
