"""Lines of a return: whichever of the three ids somebody names, and how many pieces of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sellercare.errors import BadInput, NotAllowedNow
from sellercare.models import LineQuantity
from sellercare_adapters.shopify.opening import pieces

Chosen = list[dict[str, Any]]


def chosen_lines(
    row: Any, wanted: Sequence[LineQuantity], left: Literal["processableQuantity", "refundableQuantity"]
) -> Chosen:
    """The named lines, or all of which something is `left`; each with pieces and what was processed before.

    A line may be named by its own id, by that of the order's line, or by that of the parcel's. Raises NotAllowedNow
    where nothing, or less than was asked for, is left.
    """
    lines = row["returnLineItems"]
    if lines["pageInfo"]["hasNextPage"]:
        raise NotAllowedNow("The return has more lines than can be seen in one look.")
    if wanted:
        chosen = [_one(lines["nodes"], each, left) for each in wanted]
        if len({each["id"] for each in chosen}) < len(chosen):
            raise BadInput("A line of the return is named twice.", field="lines")
        return chosen
    chosen = [_kept(each, each[left]) for each in lines["nodes"] if each[left] > 0]
    if not chosen:
        raise NotAllowedNow(f"Nothing of {row['id']} is left to do.")
    return chosen


def _one(rows: Sequence[Any], wanted: LineQuantity, left: str) -> dict[str, Any]:
    if wanted.amount is not None:
        raise BadInput("Lines of a return are told by pieces, not by an amount.", field="lines")
    fitting = [row for row in rows if wanted.id in _ids(row)]
    if not fitting:
        known = ", ".join(str(_ids(row)[-1]) for row in rows)
        raise BadInput(f"The return has no line {wanted.id!r}.", field="lines", next_step=f"Its lines: {known}.")
    if len(fitting) > 1:
        raise BadInput(
            f"{wanted.id!r} is in several lines of the return.",
            field="lines",
            next_step=f"Name one: {', '.join(row['id'] for row in fitting)}.",
        )
    row = fitting[0]
    count = row[left] if wanted.quantity is None else pieces(wanted.quantity, wanted.id)
    if count > row[left] or count < 1:
        raise NotAllowedNow(f"Of line {wanted.id} {row[left]} pieces are left, not {count}.")
    return _kept(row, count)


def _ids(row: Any) -> list[str]:
    """The three ids of one line: of the return's, of the parcel's, of the order's."""
    sent = row.get("fulfillmentLineItem")
    return [row["id"], *([sent["id"], sent["lineItem"]["id"]] if sent else [])]


def _kept(row: Any, count: int) -> dict[str, Any]:
    sent = row.get("fulfillmentLineItem")
    return {
        "id": row["id"],
        "quantity": count,
        "processed": row["processedQuantity"],
        "processable": row["processableQuantity"],
        "fulfilled": sent["id"] if sent else None,
    }
