"""What simulated Shopify's refunds were for: lines with their tax, delivery, customs, and why a sum is another one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellercare.errors import BadInput
from sellercare.simulator import World
from sellercare.simulator.things import Payment
from sellercare_adapters.shopify import translate
from sellercare_adapters.shopify.face_ids import gid

from .conftest import eur, line_id, order_id, sent


def inputs(platform: Any) -> list[Any]:
    """What each refundCreate was given."""
    return [each["variables"]["input"] for name, each in platform.face.heard if name == "mutation refundCreate"]


def test_lines_of_a_refund_come_to_its_sum(platform: Any, world: Any, order: Any) -> None:
    lines = [{"id": line_id(order.lines[0]), "quantity": 2}, {"id": gid("ShippingLine", order.lines[1].id)}]
    refund = platform.shop.refunds.issue(order_id=order_id(order), lines=lines, key="a")
    found = platform.shop.refunds.get(refund.id)
    assert [(line.kind, line.amount) for line in found.lines] == [("item", eur("40.00")), ("shipping", eur("5.00"))]
    assert sum(line.amount.amount for line in found.lines) == found.amount.amount
    assert found.reason is None


@pytest.fixture
def abroad(world: World) -> Any:
    """A kettle for 20.00, with customs of 3.00 that the buyer paid."""
    order = world.order(lines=[world.line("Kettle", "20.00", 1)])
    order.extra["duties"] = {"duty-1": "3.00"}
    order.payments = [Payment("p1", eur("23.00"))]
    return order


def test_customs_are_a_line_that_can_be_named(platform: Any, abroad: Any) -> None:
    """Schema, RefundDutyInput and RefundDutyRefundType: FULL."""
    duty = gid("Duty", "duty-1")
    (option,) = platform.shop.refunds.quote(order_id=order_id(abroad))
    assert (option.lines[1].kind, option.lines[1].order_line_id, option.lines[1].amount) == ("fee", duty, eur("3.00"))
    refund = platform.shop.refunds.issue(order_id=order_id(abroad), lines=[{"id": duty}], key="a")
    sent_ = inputs(platform)[0]
    assert sent_["refundDuties"] == [{"dutyId": duty, "refundType": "FULL"}]
    assert sent_["refundLineItems"] == []
    assert refund.amount == eur("3.00")
    (line,) = platform.shop.refunds.get(refund.id).lines
    assert (line.kind, line.order_line_id, line.amount) == ("fee", duty, eur("3.00"))
    (left,) = platform.shop.refunds.quote(order_id=order_id(abroad))
    assert [line.kind for line in left.lines] == ["item"]


def test_everything_is_with_the_customs_that_shopify_suggests(platform: Any, abroad: Any) -> None:
    refund = platform.shop.refunds.issue(order_id=order_id(abroad), key="a")
    sent_ = inputs(platform)[0]
    assert sent_["refundDuties"] == [{"dutyId": gid("Duty", "duty-1"), "refundType": "FULL"}]
    assert "discrepancyReason" not in sent_
    found = platform.shop.refunds.get(refund.id)
    assert sum(line.amount.amount for line in found.lines) == found.amount.amount == eur("23.00").amount


def test_goods_alone_are_without_their_customs(platform: Any, abroad: Any) -> None:
    lines = [{"id": line_id(abroad.lines[0])}]
    assert platform.shop.refunds.issue(order_id=order_id(abroad), lines=lines, key="a").amount == eur("20.00")
    assert "refundDuties" not in inputs(platform)[0]


def test_customs_go_back_whole(platform: Any, abroad: Any) -> None:
    lines = [{"id": gid("Duty", "duty-1"), "amount": eur("1.00")}]
    with pytest.raises(BadInput, match="by pieces"):
        platform.shop.refunds.issue(order_id=order_id(abroad), lines=lines, key="a")
    assert sent(platform) == []


@pytest.mark.parametrize(
    ("reason", "shown"), [("DAMAGE", "DAMAGE"), ("CUSTOMER", "CUSTOMER"), (None, "REFUND_DISCREPANCY")]
)
def test_a_sum_tells_why_it_is_no_sum_of_lines(platform: Any, order: Any, reason: str | None, shown: str) -> None:
    refund = platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), reason=reason, key="a")
    assert refund.reason == shown
    assert platform.shop.refunds.get(refund.id).reason == shown


def shown(amount: Decimal) -> dict[str, Any]:
    """An amount as Shopify shows it."""
    return {"presentmentMoney": {"amount": f"{amount}", "currencyCode": "EUR"}}


cents = st.integers(0, 10**7).map(lambda count: Decimal(count).scaleb(-2))


@given(lines=st.lists(st.tuples(cents, cents), max_size=4), delivery=st.none() | st.tuples(cents, cents), gross=...)
@settings(max_examples=100, deadline=None)
def test_taxes_are_added_once_and_only_where_the_subtotal_is_without(
    lines: list[tuple[Decimal, Decimal]], delivery: tuple[Decimal, Decimal] | None, gross: bool
) -> None:
    """Schema, `Order.taxesIncluded`: when true, subtotals include tax. What a refund comes to is the sum of both."""
    total = sum(
        (net if gross else net + tax for net, tax in [*lines, *([delivery] if delivery else [])]),
        Decimal(0),
    )
    row: Any = {
        "id": "gid://shopify/Refund/1",
        "createdAt": "2026-11-01T00:00:00Z",
        "processedAt": "2026-11-01T00:00:00Z",
        "note": None,
        "order": {"id": "gid://shopify/Order/1", "taxesIncluded": gross},
        "return": None,
        "totalRefundedSet": shown(total),
        "refundLineItems": {
            "nodes": [
                {
                    "quantity": 1,
                    "lineItem": {"id": f"gid://shopify/LineItem/{count}"},
                    "subtotalSet": shown(net),
                    "totalTaxSet": shown(tax),
                }
                for count, (net, tax) in enumerate(lines)
            ]
        },
        "refundShippingLines": {
            "nodes": [
                {
                    "shippingLine": {"id": "gid://shopify/ShippingLine/1"},
                    "subtotalAmountSet": shown(net),
                    "taxAmountSet": shown(tax),
                }
                for net, tax in ([delivery] if delivery else [])
            ]
        },
        "duties": None,
        "orderAdjustments": {"nodes": []},
        "transactions": {"nodes": []},
    }
    refund = translate.refund(row)
    assert sum((line.amount.amount for line in refund.lines if line.amount), Decimal(0)) == total
    assert refund.amount == eur(f"{total}")
