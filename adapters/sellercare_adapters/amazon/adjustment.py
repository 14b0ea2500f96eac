"""The order adjustment feed, which pays buyers back, and the processing report that says what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer
from sellercare.markup import to_xml
from sellercare.models import Money, RefundLine
from sellercare.translation import translated
from sellercare_adapters.amazon import ids
from sellercare_adapters.amazon.refundable import components


def adjustment(
    *,
    seller_id: str,
    order_id: str,
    marker: str,
    reason: str,
    lines: Sequence[RefundLine],
    taxes: Mapping[str, tuple[Decimal, Decimal]],
    site: str,
) -> bytes:
    """The document: one message, one adjusted item for each item of the order. The order of elements is the schema's.

    `marker` names the refund in `MerchantAdjustmentItemID`; Amazon only echoes it. `taxes` has the tax and the total
    of each line that was sold.
    """
    by_item: dict[str, list[RefundLine]] = {}
    for line in lines:
        by_item.setdefault(ids.part_of(line.order_line_id or "")[0], []).append(line)
    items = [
        {
            "AmazonOrderItemCode": item,
            "MerchantAdjustmentItemID": f"{marker}-{n}",
            "AdjustmentReason": reason,
            "ItemPriceAdjustments": {"Component": _components(its_lines, taxes, site)},
        }
        for n, (item, its_lines) in enumerate(by_item.items(), 1)
    ]
    return to_xml(
        "AmazonEnvelope",
        {
            "Header": {"DocumentVersion": "1.01", "MerchantIdentifier": seller_id},
            "MessageType": "OrderAdjustment",
            "Message": {
                "MessageID": "1",
                "OrderAdjustment": {"AmazonOrderID": order_id, "ActionType": "Refund", "AdjustedItem": items},
            },
        },
    )


def _components(
    lines: Sequence[RefundLine], taxes: Mapping[str, tuple[Decimal, Decimal]], site: str
) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        assert line.amount is not None
        tax, total = taxes.get(line.order_line_id or "", (Decimal(0), Decimal(1)))
        for name, amount in components(line, tax, total, site):
            shown = Money(amount=amount, currency=line.amount.currency).plain()
            found.append({"Type": name, "Amount": {"@currency": line.amount.currency, "#text": shown}})
    return found


def verdict(answer: Answer) -> tuple[bool | None, str]:
    """What a processing report says: whether the adjustment was taken (None: it does not tell), and why not.

    Its form is that of all XML feeds, known from public examples; Amazon's own schema may not be published.
    """
    document = answer.xml(frozenset({"ProcessingReport.Result"}))

    def read(found: Mapping[str, Any]) -> tuple[bool | None, str]:
        report = found["AmazonEnvelope"]["Message"]["ProcessingReport"]
        errors = [each for each in report["Result"] if each.get("ResultCode") == "Error"]
        why = "; ".join(str(each.get("ResultDescription") or each.get("ResultMessageCode")) for each in errors)
        counts = report.get("ProcessingSummary") or {}
        if errors or int(counts.get("MessagesWithError") or 0) > 0:
            return False, why
        return (True, "") if int(counts.get("MessagesSuccessful") or 0) > 0 else (None, "")

    return translated(read, document, "the processing report of the feed")
