"""Returns at simulated Shopify: found through orders, opened, decided, received; chargebacks; orders called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import BadInput, Conflict, NotAllowedNow, NothingSent, OutcomeUnknown
from sellercare.simulator import Fault
from sellercare_adapters.shopify.face_ids import gid

from .conftest import eur, line_id, order_id, return_id, sent


def given(platform: Any, call: str) -> Any:
    """The variables of the last such mutation."""
    return [each["variables"] for name, each in platform.face.heard if name == call][-1]


# --- found through orders --------------------------------------------------------------------------------------------


def test_returns_are_found_through_their_orders_page_by_page(platform: Any, world: Any) -> None:
    many = world.order(lines=[world.line("Kettle", "1.00", 20)])
    wanted = {return_id(world.return_(many)) for _ in range(7)}
    for number in range(55):
        made = world.order()
        if number % 20 == 0:
            wanted.add(return_id(world.return_(made)))
    listing = platform.shop.returns.list()
    assert {row.id for row in listing} == wanted
    assert "a call for each order" in listing.costs
    assert "Chargebacks are left out" in listing.capped
    assert {row.id for row in platform.shop.returns.list(order_id=order_id(many))} <= wanted


def test_a_list_asks_shopify_for_what_it_can_filter(platform: Any, world: Any, order: Any) -> None:
    world.return_(order)
    world.return_(world.order(), state="approved")
    since = world.now() - timedelta(days=10)
    rows = list(platform.shop.returns.list(updated_since=since, state="requested"))
    assert [row.state for row in rows] == ["requested"]
    asked = [each["variables"]["query"] for name, each in platform.face.heard if name == "query orders"]
    assert asked == ["updated_at:>='2026-02-20T09:00:00Z' return_status:return_requested"]
    assert len(platform.face.log) == 2  # the other order's returns were never asked for


def test_a_return_tells_its_lines_with_all_their_ids(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, reason="defective", quantity=2)
    (row,) = platform.shop.returns.list()
    (line,) = row.lines
    assert (row.id, row.order_id, row.state, row.reason) == (return_id(back), order_id(order), "requested", "defective")
    assert (line.id, line.order_line_id) == (gid("ReturnLineItem", back.lines[0].id), line_id(order.lines[0]))
    assert (line.quantity, line.received, line.price) == (Decimal(2), Decimal(0), eur("20.00"))


def test_an_unverified_line_hangs_on_no_line_of_the_order(platform: Any, world: Any, order: Any) -> None:
    world.return_(order).extra["unverified"] = True
    (row,) = platform.shop.returns.list()
    assert (row.lines[0].order_line_id, row.lines[0].price) == (None, eur("20.00"))


@pytest.mark.parametrize(
    ("state", "expected", "native"),
    [
        ("requested", "requested", "REQUESTED"),
        ("approved", "approved", "OPEN"),
        ("declined", "declined", "DECLINED"),
        ("cancelled", "cancelled", "CANCELED"),
        ("closed", "closed", "CLOSED"),
    ],
)
def test_states(platform: Any, world: Any, order: Any, state: str, expected: str, native: str) -> None:
    found = platform.shop.returns.get(return_id(world.return_(order, state=state)))
    assert (found.state, found.native_state) == (expected, native)


def test_open_is_made_finer_by_what_is_processed(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved", quantity=2)
    line = [{"id": line_id(order.lines[0]), "quantity": 1}]
    assert platform.shop.returns.receive(return_id(back), lines=line, key="a").state == "partly_received"
    assert platform.shop.returns.receive(return_id(back), key="b").state == "received"


# --- decided ---------------------------------------------------------------------------------------------------------


def test_a_request_is_agreed_to_or_refused(make_shop: Callable[..., Any], world: Any, order: Any) -> None:
    platform = make_shop(notify_buyers=True)
    first, second = world.return_(order), world.return_(order)
    assert platform.shop.returns.approve(return_id(first), key="a").state == "approved"
    assert given(platform, "mutation returnApproveRequest")["input"] == {
        "id": return_id(first),
        "notifyCustomer": True,
    }
    with pytest.raises(BadInput, match="reason"):
        platform.shop.returns.decline(return_id(second), key="b")
    with pytest.raises(BadInput, match="500"):
        platform.shop.returns.decline(return_id(second), reason="OTHER", note="x" * 501, key="c")
    done = platform.shop.returns.decline(return_id(second), reason="FINAL_SALE", note="Sorry", key="d")
    assert (done.state, done.reason, done.note) == ("declined", "FINAL_SALE", "Sorry")
    with pytest.raises(NotAllowedNow):
        platform.shop.returns.approve(return_id(second), key="e")


def test_an_approved_return_is_called_off_until_something_was_done(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved")
    assert platform.shop.returns.decline(return_id(back), variant="cancel", key="a").state == "cancelled"
    other = world.return_(order, state="approved")
    platform.shop.returns.receive(return_id(other), key="b")
    with pytest.raises(BadInput, match="close"):
        platform.shop.returns.decline(return_id(other), variant="cancel", key="c")
    assert world.count("return.decline") == 1


def test_a_decision_that_somebody_took_first_is_a_conflict(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order)
    platform.face.meanwhile = lambda: world.decide(back, "decline", "declined")
    with pytest.raises(Conflict) as caught:
        platform.shop.returns.approve(return_id(back), key="a")
    assert (caught.value.native_code, caught.value.changed) == ("INVALID_STATE", "no")


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "acts_late", "never_arrived"])
def test_a_decision_is_found_by_the_status(platform: Any, world: Any, order: Any, kind: Any) -> None:
    back = world.return_(order)
    platform.face.faults.add(Fault(kind, on="mutation returnApproveRequest", seconds=20.0))
    assert platform.shop.returns.approve(return_id(back), key="a").state == "approved"
    assert world.count("return.approve") == 1


def test_a_lost_decision_after_which_the_return_is_somewhere_else_is_unknown(
    platform: Any, world: Any, order: Any
) -> None:
    back = world.return_(order)
    platform.face.meanwhile = lambda: world.decide(back, "decline", "declined")
    platform.face.faults.add(Fault("never_arrived", on="mutation returnApproveRequest"))
    with pytest.raises(OutcomeUnknown):
        platform.shop.returns.approve(return_id(back), key="a")


# --- opened ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, "lost_answer", "error_after"])
def test_a_return_is_closed_as_it_is_and_opened_again(platform: Any, world: Any, order: Any, fault: Any) -> None:
    back = world.return_(order, state="approved", quantity=2)
    one = [{"id": line_id(order.lines[0]), "quantity": 1}]
    platform.shop.returns.receive(return_id(back), lines=one, variant="not-restocked", key="a")
    if fault:
        platform.face.faults.add(Fault(fault, on="mutation returnClose"))
        platform.face.faults.add(Fault(fault, on="mutation returnReopen"))
    closed = platform.shop.returns.decline(return_id(back), variant="close", key="b")
    assert (closed.state, closed.native_state) == ("closed", "CLOSED")
    again = platform.shop.returns.approve(return_id(back), variant="reopen", key="c")
    assert (again.state, again.native_state) == ("partly_received", "OPEN")
    assert sent(platform)[-2:] == ["mutation returnClose", "mutation returnReopen"]
    assert world.count("refund") == 0


def test_a_return_is_closed_or_opened_again_only_when_that_is_named(platform: Any, world: Any, order: Any) -> None:
    """A row that says `approve`, of a return that is closed by now, is not meant to open it again."""
    back = world.return_(order, state="closed")
    for decide in (platform.shop.returns.approve, platform.shop.returns.decline):
        with pytest.raises(NothingSent):
            decide(return_id(back), key="a")
    whole = world.return_(order, state="approved")
    platform.shop.returns.receive(return_id(whole), variant="not-restocked", key="b")
    with pytest.raises(BadInput, match="variants"):
        platform.shop.returns.decline(return_id(whole), key="c")
    assert [each for each in sent(platform) if "Process" not in each] == []
    with pytest.raises(BadInput, match="variants"):
        platform.shop.returns.approve(return_id(back), variant="closed", key="d")


def test_opening_names_lines_of_parcels_and_reasons_by_id(platform: Any, world: Any, order: Any) -> None:
    """Trap 2: returnCreate wants the parcel's line; people have the order's."""
    lines = [{"id": line_id(order.lines[0]), "quantity": 1}]
    opened = platform.shop.returns.open(order_id(order), lines, reason="arrived-late", note="3 weeks", key="a")
    assert (opened.state, opened.reason, opened.note) == ("approved", "arrived-late", "3 weeks")
    assert given(platform, "mutation returnCreate")["input"] == {
        "orderId": order_id(order),
        "returnLineItems": [
            {
                "fulfillmentLineItemId": gid("FulfillmentLineItem", order.lines[0].id),
                "quantity": 1,
                "returnReasonDefinitionId": gid("ReturnReasonDefinition", "arrived-late"),
                "returnReasonNote": "3 weeks",
            }
        ],
    }
    assert opened.lines[0].order_line_id == line_id(order.lines[0])
    again = platform.shop.returns.open(order_id(order), lines, reason="arrived-late", note="3 weeks", key="a")
    assert again.id == opened.id
    assert world.count("return.open") == 1


@pytest.mark.parametrize(
    ("line", "more", "error"),
    [
        ({"id": "gid://shopify/LineItem/1"}, {}, BadInput),
        ({"quantity": 3}, {}, NotAllowedNow),
        ({"quantity": "0.5"}, {}, BadInput),
        ({"amount": eur("1.00")}, {}, BadInput),
        ({}, {"reason": "bored"}, BadInput),
        ({}, {"note": "x" * 256}, BadInput),
        ({}, {"kind": "claim"}, BadInput),
    ],
)
def test_what_cannot_be_opened_is_not_sent(
    platform: Any, order: Any, line: Any, more: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        platform.shop.returns.open(order_id(order), [{"id": line_id(order.lines[0])} | line], key="a", **more)
    assert sent(platform) == []


def test_what_was_not_sent_to_the_buyer_cannot_come_back(platform: Any, world: Any) -> None:
    unsent = world.order(state="paid")
    with pytest.raises(NotAllowedNow, match="nothing was sent"):
        platform.shop.returns.open(order_id(unsent), [{"id": line_id(unsent.lines[0])}], key="a")


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "acts_late"])
def test_a_lost_return_is_found_by_what_is_new(platform: Any, world: Any, order: Any, kind: Any) -> None:
    world.return_(order, state="approved")
    platform.face.faults.add(Fault(kind, on="mutation returnCreate", seconds=60.0))
    opened = platform.shop.returns.open(order_id(order), [{"id": line_id(order.lines[0]), "quantity": 1}], key="a")
    assert world.count("return.open") == 1
    assert opened.state == "approved"


# --- received --------------------------------------------------------------------------------------------------------


def test_receiving_moves_no_money(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved")
    platform.shop.returns.receive(return_id(back), key="a")
    assert "financialTransfer" not in given(platform, "mutation returnProcess")["input"]
    assert world.count("refund") == 0


def test_goods_go_where_the_variant_says(make_shop: Callable[..., Any], world: Any, order: Any) -> None:
    platform = make_shop(location_id="gid://shopify/Location/7")
    back = world.return_(order, state="approved", quantity=2)
    with pytest.raises(BadInput, match="variants"):
        platform.shop.returns.receive(return_id(back), variant="somewhere", key="x")
    platform.shop.returns.receive(return_id(back), variant="restocked", key="a")
    (line,) = given(platform, "mutation returnProcess")["input"]["returnLineItems"]
    assert line["dispositions"] == [
        {
            "reverseFulfillmentOrderLineItemId": gid("ReverseFulfillmentOrderLineItem", back.lines[0].id),
            "quantity": 2,
            "dispositionType": "RESTOCKED",
            "locationId": "gid://shopify/Location/7",
        }
    ]


def test_without_a_location_nothing_is_restocked(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved")
    assert "restocked" not in {each.variant for each in platform.shop.returns.allowed(return_id(back))}


def test_nothing_left_to_receive_is_not_taken_for_something_else(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved")
    platform.shop.returns.receive(return_id(back), key="a")
    with pytest.raises(NotAllowedNow):
        platform.shop.returns.receive(return_id(back), key="b")
    assert platform.shop.returns.get(return_id(back)).native_state == "OPEN"


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "acts_late"])
def test_a_lost_receipt_is_found_by_how_much_is_processed(platform: Any, world: Any, order: Any, kind: Any) -> None:
    back = world.return_(order, state="approved", quantity=2)
    platform.face.faults.add(Fault(kind, on="mutation returnProcess", seconds=30.0))
    lines = [{"id": line_id(order.lines[0]), "quantity": 1}]
    assert platform.shop.returns.receive(return_id(back), lines=lines, key="a").state == "partly_received"
    assert world.count("return.receive") == 1
    assert back.lines[0].received == 1


# --- chargebacks -----------------------------------------------------------------------------------------------------


def test_chargebacks_have_shopifys_deadline_and_are_answered_once(platform: Any, world: Any, order: Any) -> None:
    dispute = world.return_(order, kind="chargeback")
    assert list(platform.shop.returns.list()) == []
    (row,) = platform.shop.returns.list(kind="chargeback")
    assert (row.id, row.kind, row.state) == (gid("ShopifyPaymentsDispute", dispute.id), "chargeback", "requested")
    assert (row.due, row.asked, row.order_id) == (dispute.due, eur("20.00"), order_id(order))
    (action,) = platform.shop.returns.allowed(row.id)
    assert (action.verb, action.note_required, action.due) == ("contest", True, dispute.due)
    assert "cannot be taken back" in action.consequences
    platform.face.faults.add(Fault("lost_answer", on="mutation disputeEvidenceUpdate"))
    platform.shop.returns.contest(row.id, note="It was delivered on Monday.", key="a")
    assert given(platform, "mutation disputeEvidenceUpdate") == {
        "id": gid("ShopifyPaymentsDisputeEvidence", dispute.id),
        "input": {"uncategorizedText": "It was delivered on Monday.", "submitEvidence": True},
    }
    assert world.count("return.contest") == 1
    assert platform.shop.returns.get(row.id).state == "escalated"
    with pytest.raises(NotAllowedNow):
        platform.shop.returns.contest(row.id, note="Again.", key="b")


def test_nothing_is_paid_back_through_a_chargeback(platform: Any, world: Any, order: Any) -> None:
    dispute = gid("ShopifyPaymentsDispute", world.return_(order, kind="chargeback").id)
    with pytest.raises(NotAllowedNow, match="bank"):
        platform.shop.refunds.quote(return_id=dispute)


# --- orders ----------------------------------------------------------------------------------------------------------


def test_an_order_is_cancelled_later_and_paid_back(platform: Any, world: Any) -> None:
    unsent = world.order(state="paid", lines=[world.line("Kettle", "20.00")])
    asked = platform.shop.orders.cancel(order_id(unsent), reason="CUSTOMER", key="a")
    assert (asked.state, asked.native_state) == ("unknown", "CANCELLING")
    assert given(platform, "mutation orderCancel") == {
        "id": order_id(unsent),
        "reason": "CUSTOMER",
        "restock": True,
        "notify": False,
        "refundMethod": {"originalPaymentMethodsRefund": True},
    }
    world.advance(10)
    assert platform.shop.orders.get(order_id(unsent)).state == "cancelled"
    assert world.refunded(unsent) == eur("20.00")
    with pytest.raises(NotAllowedNow):
        platform.shop.orders.cancel(order_id(unsent), key="b")


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "acts_late"])
def test_a_lost_cancellation_is_waited_for(platform: Any, world: Any, kind: Any) -> None:
    """Read-back comes before the job is done: absence is no proof yet."""
    unsent = world.order(state="paid")
    platform.face.faults.add(Fault(kind, on="mutation orderCancel", seconds=60.0))
    platform.shop.orders.cancel(order_id(unsent), key="a")
    world.advance(3600)
    assert world.count("order.cancel") == 1
    assert world.count("refund") == 1


def test_only_whole_orders_that_are_not_sent_are_cancelled(platform: Any, order: Any) -> None:
    with pytest.raises(BadInput, match="whole orders"):
        platform.shop.orders.cancel(order_id(order), lines=[{"id": line_id(order.lines[0])}], key="a")
    with pytest.raises(BadInput, match="no reason"):
        platform.shop.orders.cancel(order_id(order), reason="BORED", key="b")
    with pytest.raises(Exception, match="fulfilled"):
        platform.shop.orders.cancel(order_id(order), key="c")


def test_an_order_with_many_lines_is_whole_in_a_list_too(platform: Any, world: Any) -> None:
    sizes = {}
    for count in (1, 4, 5, 25, 26, 130):
        made = world.order(lines=[world.line(f"Thing {number}", "1.00") for number in range(count)])
        sizes[order_id(made)] = count
    rows = list(platform.shop.orders.list())
    assert {row.id: len(row.lines) for row in rows} == sizes
    assert {row.id: len({line.id for line in row.lines}) for row in rows} == sizes
    # Four long ones in one call; of two of them the lines behind the 25th, one of which wants two pages.
    assert sent(platform, "query") == ["query orders", "query nodes", *["query order"] * 3]
    for gid_, count in sizes.items():
        assert len(platform.shop.orders.get(gid_).lines) == count


def test_an_order_has_arrived_when_all_its_parcels_have(platform: Any, world: Any) -> None:
    there = world.order(state="delivered")
    on_its_way = world.order(state="shipped")
    for made in (there, on_its_way):
        made.extra["parcels"] = 8
    states = {order_id(there): "delivered", order_id(on_its_way): "shipped"}
    assert {row.id: row.state for row in platform.shop.orders.list()} == states
    assert {gid_: platform.shop.orders.get(gid_).state for gid_ in states} == states


def test_a_long_order_that_is_gone_by_then_is_left_out(platform: Any, world: Any, order: Any) -> None:
    long = world.order(lines=[world.line(f"Thing {number}", "1.00") for number in range(6)])
    plain = platform.face.root

    def root() -> Any:
        return {**plain(), "nodes": lambda info, ids: [None for _ in ids]}

    platform.face.root = root
    assert order_id(long) not in {row.id for row in platform.shop.orders.list()}
    assert order_id(order) in {row.id for row in platform.shop.orders.list()}


def test_prices_are_with_tax_where_the_shop_adds_it(platform: Any, world: Any, order: Any) -> None:
    order.extra["taxes_included"] = False
    order.lines[0].extra["taxes"] = [eur("4.20"), eur("0.80")]
    assert platform.shop.orders.get(order_id(order)).lines[0].price == eur("22.50")
    order.lines[0].extra["taxes"] = [eur("0.01")]
    assert platform.shop.orders.get(order_id(order)).lines[0].price is None


def test_an_order_is_found_by_its_name_with_or_without_the_sign(platform: Any, order: Any) -> None:
    for number in (order.number, f"#{order.number}"):
        assert platform.shop.orders.find(number).id == order_id(order)
    with pytest.raises(BadInput):
        platform.shop.orders.find('1" OR name:"2')


def test_other_pieces_that_somebody_processed_meanwhile_leave_it_unknown(platform: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved", quantity=2)
    platform.face.meanwhile = lambda: setattr(back.lines[0], "received", 1)
    platform.face.faults.add(Fault("never_arrived", on="mutation returnProcess"))
    with pytest.raises(OutcomeUnknown):
        platform.shop.returns.receive(return_id(back), key="a")
    assert sent(platform) == ["mutation returnProcess"]
