"""Refunds and cancellations: through the order, a return or an inquiry; never twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import AboveLimit, BadInput, Conflict, NotAllowedNow, OutcomeUnknown, Refused, SellercareError
from sellercare.models import LineQuantity, Money
from sellercare.simulator import Fault
from sellercare.store.limits import Limits

ISSUE = "POST /sell/fulfillment/v1/order/*/issue_refund"
GOODWILL = "OTHER_ADJUSTMENT"


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def pay(ebay: Any, number: str, key: str = "a", **more: Any) -> Any:
    asked = {"amount": eur("12.50"), "reason": GOODWILL} | more
    return ebay.shop.refunds.issue(order_id=number, key=key, **asked)


def test_a_part_of_an_order_goes_back(ebay: Any) -> None:
    ebay.world.settle_after = 30.0
    order, number = ebay.order()
    made = pay(ebay, number, note="Sorry.")
    assert (made.order_id, made.amount, made.state) == (number, eur("12.50"), "pending")
    assert ebay.world.refunded(order) == eur("12.50")
    ebay.world.advance(60)
    (listed,) = ebay.shop.refunds.list(order_id=number)
    assert (listed.id, listed.state, listed.amount) == (made.id, "done", eur("12.50"))
    assert ebay.shop.refunds.get(made.id).state == "done"
    (option,) = ebay.shop.refunds.quote(order_id=number)
    assert option.most == eur("92.49")


def test_lines_go_back_with_their_share(ebay: Any) -> None:
    _, number = ebay.order()
    (line,) = ebay.shop.orders.get(number).lines
    made = pay(ebay, number, amount=None, lines=[LineQuantity(id=line.id)])
    assert made.amount == eur("104.99")  # the line's total has all of the delivery in it
    (left,) = ebay.shop.orders.list()
    assert left.refunded == eur("104.99")
    assert ebay.shop.refunds.quote(order_id=number) == []


def test_pieces_that_do_not_divide_to_the_cent_want_an_amount(ebay: Any) -> None:
    _, number = ebay.order()
    (line,) = ebay.shop.orders.get(number).lines
    with pytest.raises(BadInput, match="divide"):
        pay(ebay, number, amount=None, lines=[LineQuantity(id=line.id, quantity=Decimal(1))])
    assert ebay.world.count("refund") == 0


def test_the_refunds_of_all_orders_cost_a_call_for_each_that_has_any(ebay: Any) -> None:
    numbers = [ebay.order()[1] for _ in range(3)]
    pay(ebay, numbers[1])
    before = len(ebay.face.log)
    found = ebay.shop.refunds.list()
    assert [each.order_id for each in found] == [numbers[1]]
    assert len(ebay.face.log) - before == 2
    assert found.costs


@pytest.mark.parametrize("fault", ["lost_answer", "error_after", "acts_late"])
def test_a_refund_whose_answer_is_lost_happens_once(ebay: Any, fault: Any) -> None:
    order, number = ebay.order()
    ebay.face.faults.add(Fault(fault, ISSUE, seconds=5))
    try:
        made = pay(ebay, number)
    except OutcomeUnknown:  # it acts after we have looked: nothing may be sent again
        assert fault == "acts_late"
        ebay.world.advance(60)
        made = pay(ebay, number)
    assert made.amount == eur("12.50")
    assert ebay.world.count("refund") == 1
    assert ebay.world.refunded(order) == eur("12.50")


@pytest.mark.parametrize("fault", ["never_arrived", "error_before"])
def test_a_refund_that_is_not_there_is_never_sent_again(ebay: Any, fault: Any) -> None:
    _, number = ebay.order()
    ebay.face.faults.add(Fault(fault, ISSUE))
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            pay(ebay, number)
        ebay.clock.advance(hours=49)
    assert ebay.world.count("refund") == 0


def test_two_refunds_of_one_amount_are_not_taken_for_each_other(ebay: Any) -> None:
    _, number = ebay.order()
    first = pay(ebay, number, "a")
    ebay.face.faults.add(Fault("lost_answer", ISSUE))
    second = pay(ebay, number, "b")
    assert first.id != second.id
    assert ebay.world.count("refund") == 2


def test_an_earlier_refund_of_the_same_amount_is_not_the_lost_one(ebay: Any) -> None:
    order, number = ebay.order()
    ebay.world.pay_back(order, eur("12.50"))
    ebay.face.faults.add(Fault("never_arrived", ISSUE))
    with pytest.raises(OutcomeUnknown, match="not found"):
        pay(ebay, number)


def test_a_refund_by_hand_of_another_amount_leaves_the_lost_one_unknown(ebay: Any) -> None:
    """eBay shows the seller's part, without taxes that it collects: another amount may be ours."""
    order, number = ebay.order()
    ebay.face.faults.add(Fault("never_arrived", ISSUE))
    with pytest.raises(OutcomeUnknown, match="not found"):
        pay(ebay, number)
    ebay.world.pay_back(order, eur("10.00"))
    with pytest.raises(OutcomeUnknown, match="another amount"):
        pay(ebay, number)
    assert ebay.world.count("refund") == 1


def test_ebay_is_told_to_wait_for_an_earlier_refund(ebay: Any) -> None:
    ebay.world.settle_after = 600.0
    _, number = ebay.order()
    pay(ebay, number, "a")
    with pytest.raises(Conflict) as caught:
        pay(ebay, number, "b")
    assert caught.value.native_code == "34922"


def test_an_order_with_an_open_return_is_paid_back_through_it(ebay: Any) -> None:
    case, case_id = ebay.case("return", "received")
    (order,) = ebay.shop.orders.list()
    with pytest.raises(Conflict) as caught:
        pay(ebay, order.id)
    assert caught.value.native_code == "34916"
    made = ebay.shop.refunds.issue(return_id=case_id, amount=eur("20.00"), key="b")
    assert (made.id, made.amount, made.return_id) == (case_id, eur("20.00"), case_id)
    assert ebay.shop.refunds.get(case_id).amount == eur("20.00")
    assert ebay.shop.returns.get(case_id).state == "refunded"
    assert ebay.world.count("refund") == 1
    assert case.state == "refunded"


@pytest.mark.parametrize(("kind", "path"), [("return", "return"), ("inquiry", "inquiry")])
def test_a_lost_refund_through_a_case_is_found_there(ebay: Any, kind: str, path: str) -> None:
    _, case_id = ebay.case(kind)
    ebay.face.faults.add(Fault("lost_answer", f"POST /post-order/v2/{path}/*/issue_refund"))
    made = ebay.shop.refunds.issue(return_id=case_id, key="a")
    assert made.amount == eur("50.00")
    assert ebay.shop.refunds.issue(return_id=case_id, key="a").id == made.id
    assert ebay.world.count("refund") == 1


def test_an_inquiry_is_paid_back_as_a_whole(ebay: Any) -> None:
    _, case_id = ebay.case("inquiry")
    with pytest.raises(BadInput, match="all of it"):
        ebay.shop.refunds.issue(return_id=case_id, amount=eur("1.00"), key="a")
    assert ebay.shop.refunds.issue(return_id=case_id, key="a").amount == eur("50.00")
    assert ebay.shop.returns.get(case_id).state == "refunded"


def test_a_refund_that_failed_at_once_is_a_no(ebay: Any, monkeypatch: Any) -> None:
    from sellercare.simulator import Reply

    _, number = ebay.order()
    monkeypatch.setattr(
        type(ebay.face), "issue_refund", lambda self, request, order_id: Reply.of({"refundStatus": "FAILED"})
    )
    with pytest.raises(Refused, match="failed"):
        pay(ebay, number)


def test_a_refund_that_fails_later_is_followed(ebay: Any) -> None:
    _, number = ebay.order()
    ebay.face.faults.add(Fault("fails_later", ISSUE))
    made = pay(ebay, number)
    assert made.state == "pending"
    ebay.world.advance(120)
    assert ebay.shop.refunds.get(made.id).state == "failed"


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "0.001", "104.995", "200.00"])
def test_amounts_that_may_not_move_do_not_leave(ebay: Any, amount: str) -> None:
    _, number = ebay.order()
    with pytest.raises(SellercareError):
        pay(ebay, number, amount=eur(amount))
    assert ebay.calls() == []


def test_a_reason_is_wanted_and_a_note_is_short(ebay: Any) -> None:
    _, number = ebay.order()
    with pytest.raises(BadInput, match="reason"):
        pay(ebay, number, reason=None)
    with pytest.raises(BadInput, match="100"):
        pay(ebay, number, note="x" * 101)
    assert ebay.calls() == []


# --- cancellations ----------------------------------------------------------------------


def test_an_order_is_called_off_and_paid_back(ebay: Any) -> None:
    order, number = ebay.order(state="paid")
    made = ebay.shop.orders.cancel(number, reason="OUT_OF_STOCK_OR_CANNOT_FULFILL", key="a")
    assert made.state == "cancelled"
    assert ebay.shop.orders.get(number).state == "cancelled"
    (case,) = ebay.shop.returns.list(kind="cancellation")
    assert (case.native_ids["case"], case.order_id) == (made.native_ids["cancellation"], number)
    assert ebay.world.refunded(order) == eur("104.99")


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
def test_a_lost_cancellation_happens_once(ebay: Any, fault: Any) -> None:
    order, number = ebay.order(state="paid")
    ebay.face.faults.add(Fault(fault, "POST /post-order/v2/cancellation"))
    ebay.shop.orders.cancel(number, reason="BUYER_ASKED_CANCEL", key="a")
    assert ebay.world.count("order.cancel") == 1
    assert ebay.world.refunded(order) == eur("104.99")


def test_an_order_that_is_shipped_is_not_called_off(ebay: Any) -> None:
    _, number = ebay.order(state="shipped")
    with pytest.raises(Refused, match="SHIPPED_ORDER"):
        ebay.shop.orders.cancel(number, reason="BUYER_ASKED_CANCEL", key="a")


def test_requests_to_cancel_are_read_where_they_are_and_not_from_orders(ebay: Any) -> None:
    """eBay's list of orders always has an empty list of them; that an order is cancelled it does tell."""
    _, case_id = ebay.case("cancellation")
    (order,) = ebay.shop.orders.list()
    assert (order.raw["cancelStatus"]["cancelRequests"], order.state) == ([], "paid")
    assert [each.id for each in ebay.shop.returns.list(order_id=order.id)] == [case_id]
    ebay.shop.returns.approve(case_id, key="a")
    assert [each.state for each in ebay.shop.orders.list()] == ["cancelled"]


def test_a_limit_knows_what_a_cancellation_pays_back(ebay: Any) -> None:
    """The order's total, less what is back already; it costs one read, and only where there are limits."""
    order, number = ebay.order(state="paid")
    ebay.world.pay_back(order, eur("4.99"))
    ebay.shop.limits = Limits.of(refund=[eur("99.99")])
    with pytest.raises(AboveLimit, match=r"100\.00 EUR"):
        ebay.shop.orders.cancel(number, reason="BUYER_ASKED_CANCEL", key="a")
    assert [call for call, _ in ebay.face.log] == ["GET /sell/fulfillment/v1/order/{order_id}"]
    assert ebay.world.count("order.cancel") == 0
    ebay.shop.limits = Limits.of(refund=[eur("100.00")])
    ebay.shop.orders.cancel(number, reason="BUYER_ASKED_CANCEL", key="a")
    ebay.shop.limits = Limits.of(day=[eur("150.00")])
    _, other = ebay.order(state="paid")
    with pytest.raises(AboveLimit, match=r"on top of 100\.00 EUR"):
        ebay.shop.orders.cancel(other, reason="BUYER_ASKED_CANCEL", key="b")
    ebay.shop.orders.cancel(other, reason="BUYER_ASKED_CANCEL", key="b", approved_by="Ada")


def test_an_unpaid_order_is_called_off_without_money(ebay: Any) -> None:
    _, number = ebay.order(state="open")
    ebay.shop.orders.cancel(number, reason="BUYER_ASKED_CANCEL", key="a")
    assert (ebay.world.count("order.cancel"), ebay.world.count("refund")) == (1, 0)


@pytest.mark.parametrize("more", [{"reason": None}, {"reason": "NO"}, {"lines": [LineQuantity(id="1")]}])
def test_whole_orders_only_and_for_a_reason(ebay: Any, more: Any) -> None:
    _, number = ebay.order(state="paid")
    with pytest.raises(BadInput):
        ebay.shop.orders.cancel(number, **({"reason": "BUYER_ASKED_CANCEL"} | more), key="a")
    assert ebay.calls() == []


def test_a_case_that_pays_nothing_says_so(ebay: Any) -> None:
    _, case_id = ebay.case("chargeback")
    with pytest.raises(NotAllowedNow, match="nothing left"):
        ebay.shop.refunds.issue(return_id=case_id, key="a")
