"""Refunds at simulated Shopify: through the order under a key, through a return without one; and never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sellercare.errors import BadInput, KeyConflict, NotAllowedNow, OutcomeUnknown, Refused
from sellercare.simulator import Fault
from sellercare_adapters.shopify import contracts
from sellercare_adapters.shopify.face_ids import gid

from .conftest import eur, line_id, order_id, return_id, sent

CREATE, PROCESS = "mutation refundCreate", "mutation returnProcess"


def variables(platform: Any, call: str = CREATE) -> list[Any]:
    """The variables of each such mutation that left."""
    return [each["variables"] for name, each in platform.face.heard if name == call]


@pytest.fixture
def back(platform: Any, world: Any, order: Any) -> Any:
    """A return of one kettle that is agreed to."""
    made = world.return_(order, state="approved")
    made.lines[0].quantity = 1
    return made


# --- through the order -----------------------------------------------------------------------------------------------


def test_the_quote_is_shopifys_own_suggestion(platform: Any, order: Any) -> None:
    (option,) = platform.shop.refunds.quote(order_id=order_id(order))
    assert (option.most, option.through, option.order_id) == (eur("45.00"), "order", order_id(order))
    assert (option.lines[0].order_line_id, option.lines[0].quantity) == (line_id(order.lines[0]), 2)
    assert option.lines[1].kind == "shipping"


def test_a_sum_is_booked_as_a_discrepancy_with_its_transaction(platform: Any, order: Any) -> None:
    refund = platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.10"), note="sorry", key="a")
    assert (refund.amount, refund.note, refund.state, refund.native_state) == (eur("3.10"), "sorry", "done", "SUCCESS")
    (given,) = variables(platform)
    assert given["input"] == {
        "orderId": order_id(order),
        "currency": "EUR",
        "notify": False,
        "note": "sorry",
        "discrepancyReason": "OTHER",
        "transactions": [
            {
                "orderId": order_id(order),
                "parentId": gid("OrderTransaction", order.payments[0].id),
                "gateway": "online",
                "kind": "REFUND",
                "amount": "3.10",
            }
        ],
    }
    assert platform.world.refunded(order) == eur("3.10")


def test_lines_name_the_orders_lines_and_shopify_says_how_much_they_are(platform: Any, order: Any) -> None:
    lines = [{"id": line_id(order.lines[0]), "quantity": 1}, {"id": gid("ShippingLine", order.lines[1].id)}]
    refund = platform.shop.refunds.issue(order_id=order_id(order), lines=lines, key="a")
    assert refund.amount == eur("25.00")
    (given,) = variables(platform)
    assert given["input"]["refundLineItems"] == [
        {"lineItemId": line_id(order.lines[0]), "quantity": 1, "restockType": "NO_RESTOCK"}
    ]
    assert given["input"]["shipping"] == {"fullRefund": True}
    assert "discrepancyReason" not in given["input"]
    assert [line.order_line_id for line in platform.shop.refunds.get(refund.id).lines] == [
        line_id(order.lines[0]),
        gid("ShippingLine", order.lines[1].id),
    ]


def test_a_part_of_delivery_is_an_amount_of_its_line(platform: Any, order: Any) -> None:
    lines = [{"id": gid("ShippingLine", order.lines[1].id), "amount": eur("2.00")}]
    assert platform.shop.refunds.issue(order_id=order_id(order), lines=lines, key="a").amount == eur("2.00")
    assert variables(platform)[0]["input"]["shipping"] == {"amount": "2.00"}


def test_everything_is_lines_delivery_and_money_without_a_discrepancy(platform: Any, order: Any) -> None:
    refund = platform.shop.refunds.issue(order_id=order_id(order), key="all")
    assert refund.amount == eur("45.00")
    given = variables(platform)[0]["input"]
    assert given["refundLineItems"][0]["quantity"] == 2
    assert given["shipping"] == {"fullRefund": True}
    assert "discrepancyReason" not in given
    assert platform.shop.refunds.quote(order_id=order_id(order)) == ()


def test_a_sum_goes_back_through_several_payments_each_up_to_what_it_holds(
    platform: Any, world: Any, order: Any
) -> None:
    from sellercare.simulator.things import Payment

    order.payments = [Payment("p1", eur("15.00"), "gift_card"), Payment("p2", eur("30.00"), "shopify_payments")]
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("20.00"), key="a")
    transactions = variables(platform)[0]["input"]["transactions"]
    assert [(each["gateway"], each["amount"]) for each in transactions] == [
        ("gift_card", "15.00"),
        ("shopify_payments", "5.00"),
    ]
    refund = next(iter(platform.shop.refunds.list(order_id=order_id(order))))
    assert (refund.amount, refund.payment_id) == (eur("20.00"), None)


def test_the_currency_is_always_named(platform: Any, order: Any) -> None:
    """Trap 3: it is required where the shop's currency differs, and nobody can tell from the amounts."""
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    assert variables(platform)[0]["input"]["currency"] == "EUR"


def test_a_refund_that_exists_is_not_money_that_moved(platform: Any, world: Any, order: Any) -> None:
    """Trap 4."""
    world.settle_after = 30.0
    refund = platform.shop.refunds.issue(order_id=order_id(order), amount=eur("2.00"), key="a")
    assert (refund.state, refund.native_state) == ("pending", "PENDING")
    world.advance(60)
    assert platform.shop.refunds.get(refund.id).state == "done"
    platform.face.faults.add(Fault("fails_later", on=CREATE))
    failing = platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="b")
    world.advance(120)
    found = platform.shop.refunds.get(failing.id)
    assert (found.state, found.native_state, found.amount) == ("failed", "FAILURE", eur("1.00"))


def test_a_record_without_money_is_no_refund_that_is_done(platform: Any, world: Any, order: Any) -> None:
    from sellercare_adapters.shopify.face_refunds import Record

    world.data.extra["records"] = [Record("r1", order.id, world.now())]
    (refund,) = platform.shop.refunds.list(order_id=order_id(order))
    assert (refund.state, refund.native_state, refund.amount) == ("unknown", "NO_TRANSACTION", eur("0.00"))


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"amount": eur("45.01")}, NotAllowedNow),
        ({"amount": eur("0.00")}, BadInput),
        ({"amount": eur("1.005")}, BadInput),
        ({"lines": [{"id": "gid://shopify/LineItem/1"}]}, BadInput),
        ({"amount": eur("1.00"), "reason": "BORED"}, BadInput),
    ],
)
def test_what_shopify_would_refuse_never_leaves(platform: Any, order: Any, more: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        platform.shop.refunds.issue(order_id=order_id(order), key="a", **more)
    assert sent(platform) == []


def test_more_pieces_than_are_left_never_leave(platform: Any, order: Any) -> None:
    platform.shop.refunds.issue(
        order_id=order_id(order), lines=[{"id": line_id(order.lines[0]), "quantity": 1}], key="a"
    )
    with pytest.raises((NotAllowedNow, Refused)):
        platform.shop.refunds.issue(
            order_id=order_id(order), lines=[{"id": line_id(order.lines[0]), "quantity": 2}], key="b"
        )
    assert platform.world.count("refund") == 1


def test_a_user_error_is_a_refusal_with_status_200_and_nothing_changed(platform: Any, world: Any, order: Any) -> None:
    """Trap 4: the money went elsewhere between the quote and the refund."""
    platform.face.meanwhile = lambda: world.pay_back(order, eur("44.00"), payment_id=order.payments[0].id)
    with pytest.raises(Refused, match="greater than net payment") as caught:
        platform.shop.refunds.issue(order_id=order_id(order), amount=eur("5.00"), key="a")
    assert (caught.value.status, caught.value.native_code, caught.value.changed) == (200, "user-error", "no")


# --- the key ---------------------------------------------------------------------------------------------------------


def test_refund_create_carries_a_key_and_shopify_refuses_one_without(platform: Any, order: Any) -> None:
    """Trap 1: the schema does not want the key; Shopify does, since 2026-04."""
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    (given,) = variables(platform)
    assert len(given["key"]) == 36
    from sellercare_adapters.shopify import documents

    bare = documents.REFUND_CREATE.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    call = documents.ADMIN.mutation(bare, {"input": given["input"]})
    with pytest.raises(OutcomeUnknown, match="idempotent"):
        platform.shop.http.write(call, contracts.ORDER_REFUND)
    assert platform.world.count("refund") == 1


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "html_body"])
def test_a_lost_answer_is_asked_for_again_under_the_key(platform: Any, order: Any, kind: Any) -> None:
    platform.face.faults.add(Fault(kind, on=CREATE))
    refund = platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    assert refund.amount == eur("3.00")
    assert platform.world.count("refund") == 1
    assert platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a").id == refund.id
    assert platform.world.refunded(order) == eur("3.00")


@pytest.mark.parametrize("seconds", [5.0, 60.0, 400.0])
def test_a_refund_that_shopify_makes_late_is_made_once(platform: Any, order: Any, seconds: float) -> None:
    platform.face.faults.add(Fault("acts_late", on=CREATE, seconds=seconds))
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    platform.world.advance(3600)
    assert platform.world.count("refund") == 1


@pytest.mark.parametrize("kind", ["error_before", "never_arrived"])
def test_a_refund_that_never_arrived_is_sent_again(platform: Any, order: Any, kind: Any) -> None:
    platform.face.faults.add(Fault(kind, on=CREATE))
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    assert platform.world.count("refund") == 1


def test_a_read_that_shows_the_past_does_not_pay_twice(platform: Any, order: Any) -> None:
    platform.face.faults.add(Fault("lost_answer", on=CREATE))
    platform.face.faults.add(Fault("stale_read", on="query *", seconds=5.0, times=None))
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    assert platform.world.count("refund") == 1


def test_a_person_who_pays_the_same_back_just_then_is_not_mistaken_for_us(platform: Any, order: Any) -> None:
    platform.face.faults.add(Fault("by_hand", on=CREATE))
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    assert platform.world.count("refund", by="api") == 1


def test_the_same_key_for_another_sum_is_an_error(platform: Any, order: Any) -> None:
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    with pytest.raises(KeyConflict):
        platform.shop.refunds.issue(order_id=order_id(order), amount=eur("4.00"), key="a")


def test_after_a_day_the_key_is_forgotten_and_nothing_is_sent_again(make_shop: Any, order: Any) -> None:
    """Shopify remembers a key for 24 hours: after that only what is shown counts."""
    platform = make_shop(patience=1.0)
    platform.face.faults.add(Fault("lost_answer", on=CREATE, times=None))
    platform.face.faults.add(Fault("error_before", on="query order", after=2, times=None))
    with pytest.raises(OutcomeUnknown):
        platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    asked = len(sent(platform))
    platform.world.advance(25 * 3600)
    with pytest.raises(OutcomeUnknown):
        platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    assert len(sent(platform)) == asked
    platform.face.faults.clear()
    refund = platform.shop.refunds.issue(order_id=order_id(order), amount=eur("3.00"), key="a")
    assert refund.amount == eur("3.00")
    assert platform.world.count("refund") == 1


# --- through a return ------------------------------------------------------------------------------------------------


def test_a_return_is_paid_back_through_return_process(platform: Any, world: Any, order: Any, back: Any) -> None:
    (option,) = platform.shop.refunds.quote(return_id=return_id(back))
    assert (option.most, option.through) == (eur("20.00"), "return")
    refund = platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert (refund.amount, refund.return_id, refund.order_id) == (eur("20.00"), return_id(back), order_id(order))
    (given,) = variables(platform, PROCESS)
    assert given["input"] == {
        "returnId": return_id(back),
        "notifyCustomer": False,
        "returnLineItems": [{"id": gid("ReturnLineItem", back.lines[0].id), "quantity": 1}],
        "financialTransfer": {
            "issueRefund": {
                "orderTransactions": [
                    {
                        "parentId": gid("OrderTransaction", order.payments[0].id),
                        "transactionAmount": {"amount": "20.00", "currencyCode": "EUR"},
                    }
                ]
            }
        },
    }
    assert platform.shop.returns.get(return_id(back)).state == "received"
    assert sent(platform) == [PROCESS]
    assert platform.shop.refunds.quote(return_id=return_id(back)) == ()


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "html_body"])
def test_without_a_key_a_lost_refund_is_read_back_and_not_sent_again(
    platform: Any, order: Any, back: Any, kind: Any
) -> None:
    platform.face.faults.add(Fault(kind, on=PROCESS))
    refund = platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert refund.amount == eur("20.00")
    assert sent(platform) == [PROCESS]
    assert platform.world.count("refund") == 1


@pytest.mark.parametrize("seconds", [5.0, 300.0])
def test_without_a_key_a_late_refund_is_waited_for(platform: Any, back: Any, seconds: float) -> None:
    platform.face.faults.add(Fault("acts_late", on=PROCESS, seconds=seconds))
    platform.shop.refunds.issue(return_id=return_id(back), key="a")
    platform.world.advance(3600)
    assert platform.world.count("refund") == 1


def test_without_a_key_and_without_patience_it_stays_unknown(make_shop: Any, world: Any, order: Any) -> None:
    platform = make_shop(patience=30.0)
    back = world.return_(order, state="approved")
    platform.face.faults.add(Fault("never_arrived", on=PROCESS))
    with pytest.raises(OutcomeUnknown):
        platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert sent(platform) == [PROCESS]
    world.advance(700)
    assert platform.shop.refunds.issue(return_id=return_id(back), key="a").amount == eur("20.00")
    assert world.count("refund") == 1


def test_somebody_elses_refund_of_the_return_is_not_ours(platform: Any, world: Any, order: Any, back: Any) -> None:
    """Another sum appeared while the answer was lost: whether ours landed cannot be told, so nothing is sent."""
    with world.person():
        platform.face.meanwhile = lambda: world.pay_back(
            order, eur("7.00"), payment_id=order.payments[0].id, return_id=back.id
        )
    platform.face.faults.add(Fault("never_arrived", on=PROCESS))
    platform.face.faults.add(Fault("slow", on="query return", seconds=0.0))
    platform.face.before_lost = True
    with pytest.raises(OutcomeUnknown):
        platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert sent(platform) == [PROCESS]


@pytest.mark.parametrize("kind", ["LineItem", "FulfillmentLineItem", "ReturnLineItem"])
def test_a_part_of_a_return_names_any_of_the_three_ids(platform: Any, world: Any, order: Any, kind: str) -> None:
    """Trap 2: line of the order, of the parcel, of the return; returnProcess wants the last one."""
    back = world.return_(order, state="approved", quantity=2)
    own = back.lines[0].id if kind == "ReturnLineItem" else order.lines[0].id
    lines = [{"id": gid(kind, own), "quantity": 1}]
    if kind == "LineItem":
        assert platform.shop.refunds.issue(return_id=return_id(back), lines=lines, key="a").amount == eur("20.00")
    else:
        platform.shop.returns.receive(return_id(back), lines=lines, key="a")
    given = variables(platform, PROCESS)[-1]["input"]
    assert given["returnLineItems"] == [{"id": gid("ReturnLineItem", back.lines[0].id), "quantity": 1}]


def test_pieces_that_were_received_before_are_paid_without_being_processed_again(
    platform: Any, order: Any, back: Any
) -> None:
    """Trap 5 (processableQuantity): what was processed without money has none left to process, but is refundable."""
    platform.shop.returns.receive(return_id(back), key="r")
    platform.shop.refunds.issue(return_id=return_id(back), key="a")
    given = variables(platform, PROCESS)[-1]["input"]
    assert given["returnLineItems"] == []
    assert platform.world.refunded(order) == eur("20.00")


def test_a_request_and_a_closed_return_are_not_paid_through(platform: Any, world: Any, order: Any) -> None:
    for state in ("requested", "declined", "closed"):
        with pytest.raises(NotAllowedNow, match="only an open one"):
            platform.shop.refunds.quote(return_id=return_id(world.return_(order, state=state)))


def test_an_order_with_an_open_return_says_so(platform: Any, order: Any, back: Any) -> None:
    (option,) = platform.shop.refunds.quote(order_id=order_id(order))
    assert "open returns" in option.consequences


def test_the_two_ways_have_two_contracts_and_the_verb_declares_the_weaker(platform: Any, order: Any) -> None:
    declared = platform.shop.supports("refunds.issue").contract
    assert (declared.key, declared.repeat) == (None, "acts_again")
    assert contracts.ORDER_REFUND.key is not None
    assert contracts.ORDER_REFUND.key.remembered.total_seconds() == 86_400


# --- listing ---------------------------------------------------------------------------------------------------------


def test_refunds_are_found_through_their_orders(platform: Any, world: Any, order: Any) -> None:
    for count in range(7):
        platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key=str(count))
    other = world.order()
    platform.shop.refunds.issue(order_id=order_id(other), amount=eur("1.00"), key="other")
    world.order()
    rows = list(platform.shop.refunds.list())
    assert [row.order_id for row in rows].count(order_id(order)) == 7
    assert len(rows) == 8
    assert len(list(platform.shop.refunds.list(order_id=order_id(order)))) == 7
    assert platform.shop.refunds.list().costs
    assert list(platform.shop.refunds.list(created_since=world.now() + timedelta(days=1))) == []
    assert max(cost for _, cost in platform.face.costs) < 1000
