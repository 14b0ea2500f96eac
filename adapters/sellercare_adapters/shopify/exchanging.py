"""Exchanges and fees of a return: what the buyer gets instead, what it costs, and letting it go out.

Shopify creates orders to send the goods when their lines are processed (`returnProcess`), and holds them while the
buyer still owes something for them (shopify.dev, "Migrate to return processing").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import NotAllowedNow, OutcomeUnknown
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import Money, RefundOption, Return, ReturnAction, ReturnVerb
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import contracts, documents, reading, translate
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.writing import KEEP_RETURN, id_of, result_of, with_lines

RELEASE = "exchange"
"""The variant of `approve` that lets the goods of an exchange go out."""


def open_lines(row: Any) -> list[dict[str, Any]]:
    """The exchange's lines that are not processed, with the pieces that are left.

    NotAllowedNow where the return has more of them than one look shows: their cost would be left out.
    """
    lines = row["exchangeLineItems"]
    if lines["pageInfo"]["hasNextPage"]:
        raise NotAllowedNow(
            "The return has more exchanged goods than can be seen in one look.",
            next_step="Process and pay this return in Shopify's admin.",
        )
    return [
        {"id": each["id"], "quantity": each["processableQuantity"], "processed": each["processedQuantity"]}
        for each in lines["nodes"]
        if each["processableQuantity"] > 0
    ]


def asked(lines: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines of an exchange as Shopify takes them."""
    return [{"id": each["id"], "quantity": each["quantity"]} for each in lines]


def counted(option: RefundOption) -> list[dict[str, Any]]:
    """The lines of the exchange that an option's sum counts."""
    found: list[dict[str, Any]] = json.loads(option.native["exchanges"])
    return found


def said(row: Any) -> str:
    """What an exchange and fees mean for the money, in words; empty where there are none."""
    return " ".join([*_goods_said(row), *_fees_said(row)])


def _goods_said(row: Any) -> Iterator[str]:
    if open_lines(row):
        yield (
            f"What the buyer gets in exchange ({_titles(row)}) is counted against it, and does not go out by it: that "
            f"is `returns.approve` with the variant `{RELEASE}`."
        )


def _fees_said(row: Any) -> Iterator[str]:
    lines = [each for each in row["returnLineItems"]["nodes"] if each.get("restockingFee")]
    fees = [
        ("the way back", [translate.presented(each["amountSet"]) for each in row["returnShippingFees"]]),
        ("restocking", [translate.presented(each["restockingFee"]["amountSet"]) for each in lines]),
    ]
    parts = [f"{_sum(amounts)} for {what}" for what, amounts in fees if any(each.amount for each in amounts)]
    if parts:
        yield f"The return has fees ({', '.join(parts)}): Shopify's suggestion counts what is owed of them."


def _sum(amounts: Sequence[Money]) -> Money:
    return Money(amount=sum((each.amount for each in amounts), Decimal(0)), currency=amounts[0].currency)


def _titles(row: Any) -> str:
    lines = [each for each in row["exchangeLineItems"]["nodes"] if each["processableQuantity"] > 0]
    return ", ".join(f"{each['processableQuantity']} × {each['title'] or each['id']}" for each in lines)


def release_actions(row: Any) -> Iterator[ReturnAction]:
    """Letting the goods of an exchange go out, where there are any."""
    if any(each["processableQuantity"] > 0 for each in row["exchangeLineItems"]["nodes"]):
        yield ReturnAction(
            verb=ReturnVerb.APPROVE,
            variant=RELEASE,
            by_name=True,
            title=f"let the exchange go out: {_titles(row)}",
            consequences=(
                "Shopify orders the goods to be sent; they wait if the buyer still owes something for them. "
                "It pays nothing back, and does not wait for what comes back."
            ),
        )


def release(ctx: Context, return_id: str) -> Write[Return]:
    """Process all lines of the exchange that are left; found again by how many pieces are processed."""
    look = ADMIN.query(documents.RETURN, with_lines({"id": return_id}), **reading.ONE)

    def left(answer: Answer) -> Json:
        row = payload_of("data.return")(answer)
        lines = translated(open_lines, row, answer.where, "$.data.return")
        if not lines:
            raise NotAllowedNow(f"Nothing of an exchange is left to go out for {return_id}.")
        return lines

    def call(kept: Kept) -> Call:
        body = {
            "returnId": return_id,
            "notifyCustomer": ctx.settings.notify_buyers,
            "exchangeLineItems": asked(kept["exchange"]),
        }
        return ADMIN.mutation(documents.RETURN_PROCESS, with_lines({"input": body}), group="returns", cost=20)

    def find(search: Search) -> Found | None:
        row = reading.return_row(ctx, return_id)
        now = {each["id"]: each["processedQuantity"] for each in row["exchangeLineItems"]["nodes"]}
        chosen = search.kept["exchange"]
        if all(now.get(each["id"]) == each["processed"] + each["quantity"] for each in chosen):
            return Found(return_id, row)
        if all(now.get(each["id"]) == each["processed"] for each in chosen):
            return None
        raise OutcomeUnknown("other goods of the exchange went out than were asked for: somebody else may have done it")

    process = Step("release", call, KEEP_RETURN["returnProcess"], commits=True, find=find, native_id=id_of)
    steps = (Step("exchange", lambda kept: look, left), process)
    return Write(steps, result_of("release"), contract=contracts.DECIDE)
