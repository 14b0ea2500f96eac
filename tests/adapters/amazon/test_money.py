"""Refunds: a feed without a key, a processing report, and finances that lag behind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from sellercare.errors import BadInput, NotAllowedNow, NotFound, OutcomeUnknown
from sellercare.markup import parse_xml
from sellercare.simulator import Fault

from .conftest import ITEM, ORDER

HOUR = 3600
FEEDS = "POST /feeds/2021-06-30/feeds"


def document(seller, number: int = -1) -> dict:
    """The adjustment that was put into the storage, by number."""
    put = [each for each in seller.face.documents.values() if each.get("type", "").startswith("text/xml")]
    return parse_xml(put[number]["data"], frozenset({"OrderAdjustment.AdjustedItem", "ItemPriceAdjustments.Component"}))


def components(seller) -> list[tuple[str, str, str]]:
    adjustment = document(seller)["AmazonEnvelope"]["Message"]["OrderAdjustment"]
    return [
        (item["AmazonOrderItemCode"], part["Type"], part["Amount"]["#text"])
        for item in adjustment["AdjustedItem"]
        for part in item["ItemPriceAdjustments"]["Component"]
    ]


class TestQuote:
    def test_it_is_what_was_paid_tax_and_shipping_included(self, amazon) -> None:
        amazon.order()
        (option,) = amazon.shop.refunds.quote(order_id=ORDER)
        assert option.most == amazon.usd("113.49")
        assert {line.order_line_id: line.amount for line in option.lines} == {
            ITEM: amazon.usd("110.00"),
            f"{ITEM}:shipping": amazon.usd("3.49"),
        }
        assert "48 hours" in option.consequences

    def test_an_order_of_amazons_own_warehouse_is_amazons_to_refund(self, amazon) -> None:
        amazon.order().extra["fulfilled_by"] = "AMAZON"
        with pytest.raises(NotAllowedNow, match="refunds it itself"):
            amazon.shop.refunds.quote(order_id=ORDER)

    def test_what_is_not_paid_is_not_paid_back(self, amazon) -> None:
        amazon.order("open")
        assert list(amazon.shop.refunds.quote(order_id=ORDER)) == []

    def test_what_the_finances_show_is_taken_off(self, amazon) -> None:
        amazon.order()
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("13.49"), key="a")
        amazon.clock.advance(48 * HOUR)
        (option,) = amazon.shop.refunds.quote(order_id=ORDER)
        assert option.most == amazon.usd("100.00")

    def test_a_return_is_paid_back_through_its_order(self, amazon) -> None:
        with pytest.raises(BadInput, match="name the order"):
            amazon.shop.refunds.quote(return_id="R-1")


class TestIssue:
    def test_the_document_is_as_the_feed_wants_it(self, amazon) -> None:
        amazon.order()
        refund = amazon.shop.refunds.issue(order_id=ORDER, key="a", reason="CustomerReturn")
        envelope = document(amazon)["AmazonEnvelope"]
        assert envelope["Header"]["MerchantIdentifier"] == amazon.face.seller_id
        assert envelope["Message"]["OrderAdjustment"]["AmazonOrderID"] == ORDER
        assert envelope["Message"]["OrderAdjustment"]["AdjustedItem"][0]["AdjustmentReason"] == "CustomerReturn"
        assert components(amazon) == [
            (ITEM, "Principal", "100.00"),
            (ITEM, "Tax", "10.00"),
            (ITEM, "Shipping", "3.49"),
        ]
        assert refund.amount == amazon.usd("113.49")
        assert refund.state == "pending"
        assert amazon.world.count("refund", ORDER) == 1

    def test_one_piece_of_two_takes_its_share_of_the_tax(self, amazon) -> None:
        amazon.order()
        refund = amazon.shop.refunds.issue(order_id=ORDER, lines=[{"id": ITEM, "quantity": 1}], key="a")
        assert components(amazon) == [(ITEM, "Principal", "50.00"), (ITEM, "Tax", "5.00")]
        assert refund.amount == amazon.usd("55.00")

    def test_cents_of_a_share_are_never_lost(self, amazon) -> None:
        amazon.order(tax=Decimal("9.99"))
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("33.33"), key="a")
        parts = [Decimal(amount) for _, _, amount in components(amazon)]
        assert sum(parts) == Decimal("33.33")

    def test_an_amount_fills_items_then_shipping(self, amazon) -> None:
        amazon.order()
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("111.00"), key="a")
        assert components(amazon)[-1] == (ITEM, "Shipping", "1.00")

    def test_in_japan_tax_stays_in_the_price(self, make_amazon) -> None:
        """A separate tax is refused there (#1372)."""
        seller = make_amazon(region="fe", site="JP")
        seller.face.marketplace, seller.world.currency = "A1VC38T7YXB528", "JPY"
        item = seller.world.line("やかん", "5980", 1, id=ITEM)
        item.extra["tax"] = Decimal(598)
        seller.world.order(lines=[item], state="shipped", id=ORDER)
        seller.shop.refunds.issue(order_id=ORDER, key="a")
        assert components(seller) == [(ITEM, "Principal", "6578")]

    def test_more_than_a_line_cost_is_not_sent(self, amazon) -> None:
        amazon.order()
        line = {"id": f"{ITEM}:shipping", "amount": amazon.usd("4.00")}
        with pytest.raises(BadInput, match=r"3\.49"):
            amazon.shop.refunds.issue(order_id=ORDER, lines=[line], key="a")
        assert amazon.world.count("refund") == 0

    def test_the_same_key_pays_once(self, amazon) -> None:
        amazon.order()
        one = amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a") == one
        assert amazon.world.count("refund", ORDER) == 1

    def test_each_refund_has_a_document_of_its_own(self, amazon) -> None:
        amazon.order()
        for key in "ab":
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key=key)
        first, second = (document(amazon, n)["AmazonEnvelope"]["Message"]["OrderAdjustment"] for n in (-2, -1))
        marks = [each["AdjustedItem"][0]["MerchantAdjustmentItemID"] for each in (first, second)]
        assert len(set(marks)) == 2
        assert amazon.world.count("refund", ORDER) == 2


class TestSettlement:
    def test_accepted_is_not_paid_until_the_finances_show_it(self, amazon) -> None:
        amazon.order()
        amazon.face.finance_lag = 40 * HOUR
        refund = amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        states = []
        for seconds in (0, 60, 900, 47 * HOUR):
            amazon.clock.advance(seconds)
            found = amazon.shop.refunds.get(refund.id)
            states.append((found.state.value, found.native_state))
        assert states == [
            ("pending", "IN_QUEUE"),
            ("pending", "IN_PROGRESS"),
            ("pending", "ACCEPTED"),
            ("done", "ACCEPTED"),
        ]

    def test_done_does_not_mean_accepted(self, amazon) -> None:
        """DONE only says that Amazon has read the feed: its report says what became of it."""
        amazon.order()
        amazon.face.faults.add(Fault("fails_later", FEEDS))
        refund = amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        amazon.clock.advance(HOUR)
        found = amazon.shop.refunds.get(refund.id)
        assert (found.state, found.native_state) == ("failed", "REFUSED")
        assert found.note == "The adjustment was not accepted."

    def test_a_feed_that_stays_under_way_stays_pending(self, amazon) -> None:
        """Some sellers' feeds never end (#4914)."""
        amazon.order()
        amazon.face.stuck_feeds = True
        refund = amazon.shop.refunds.issue(order_id=ORDER, key="a")
        amazon.clock.advance(30 * 24 * HOUR)
        assert amazon.shop.refunds.get(refund.id).state == "pending"

    def test_the_finances_list_what_buyers_got_without_amazons_fee(self, amazon) -> None:
        amazon.order()
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("20.00"), key="a")
        amazon.clock.advance(48 * HOUR)
        (found,) = amazon.shop.refunds.list(order_id=ORDER)
        assert (found.amount, found.state, found.order_id) == (amazon.usd("20.00"), "done", ORDER)
        assert amazon.shop.refunds.get(found.id) == found
        since = list(
            amazon.shop.refunds.list(created_since=amazon.clock.now() - (amazon.clock.now() - found.created_at))
        )
        assert since == [found]

    def test_what_is_nowhere_is_not_found(self, amazon) -> None:
        amazon.order()
        with pytest.raises(NotFound):
            amazon.shop.refunds.get(f"{ORDER}/unknown")


class TestALostAnswer:
    @pytest.mark.parametrize("fault", ["lost_answer", "error_after", "acts_late", "cut_body", "html_body"])
    def test_it_is_never_paid_twice(self, amazon, fault) -> None:
        amazon.order()
        amazon.face.faults.add(Fault(fault, FEEDS, seconds=20))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        amazon.clock.advance(HOUR)
        for hours in (1, 10, 20):
            amazon.clock.advance(hours * HOUR)
            try:
                amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
            except OutcomeUnknown:
                continue
        amazon.clock.advance(60 * HOUR)
        found = amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 1
        assert found.amount == amazon.usd("5.00")
        assert found.id.startswith(f"{ORDER}/")

    def test_absence_proves_nothing_before_two_days(self, amazon) -> None:
        amazon.order()
        amazon.face.faults.add(Fault("never_arrived", FEEDS))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        amazon.clock.advance(47 * HOUR)
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 0
        amazon.clock.advance(2 * HOUR)
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 1

    def test_what_looks_older_than_it_can_be_is_not_passed_over(self, amazon) -> None:
        """Our clock was an hour ahead: what Amazon paid then is older for it than the moment at which it was sent."""
        amazon.order()
        amazon.face.faults.add(Fault("lost_answer", FEEDS))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        amazon.clock.advance(60 * HOUR)
        list(amazon.shop.refunds.list(order_id=ORDER))  # by now the feed has paid
        for refund in amazon.world.data.refunds.values():
            refund.extra["posted_at"] = refund.created_at - timedelta(hours=1)
        for feed in amazon.face.feeds.values():
            feed["at"] -= timedelta(hours=1)
        with pytest.raises(OutcomeUnknown, match="a clock may be wrong"):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 1

    def test_a_feed_that_is_stuck_is_never_sent_again(self, amazon) -> None:
        amazon.order()
        amazon.face.stuck_feeds, amazon.face.finance_lag = True, 1000 * HOUR
        amazon.face.faults.add(Fault("lost_answer", FEEDS))
        for _ in range(4):
            with pytest.raises(OutcomeUnknown):
                amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
            amazon.clock.advance(100 * HOUR)
        assert amazon.world.count("refund", ORDER) == 1

    def test_a_feed_that_was_slow_has_its_two_days_from_its_end(self, amazon) -> None:
        amazon.order()
        amazon.world.settle_after, amazon.face.finance_lag = 40 * HOUR, 40 * HOUR
        amazon.face.faults.add(Fault("lost_answer", FEEDS))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        amazon.clock.advance(60 * HOUR)
        with pytest.raises(OutcomeUnknown, match="may show up until"):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        amazon.clock.advance(25 * HOUR)
        assert amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a").state == "done"
        assert amazon.world.count("refund", ORDER) == 1

    def test_a_hundred_other_feeds_do_not_hide_it(self, amazon) -> None:
        """A bulk run sends many; the list of feeds is read to its end, by tokens that go alone."""
        amazon.order()
        amazon.face.stuck_feeds, amazon.face.finance_lag = True, 1000 * HOUR
        amazon.face.faults.add(Fault("lost_answer", FEEDS))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        (ours,) = amazon.face.feeds.values()
        amazon.clock.advance(60)  # the newest are listed first
        for number in range(250):
            other = {**ours, "id": f"{number}", "at": amazon.world.now(), "ended_as": "CANCELLED"}
            amazon.face.feeds[other["id"]] = other
        amazon.clock.advance(60 * HOUR)
        with pytest.raises(OutcomeUnknown, match="still under way"):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 1

    def test_an_earlier_refund_of_the_same_amount_is_not_taken_for_it(self, amazon) -> None:
        """The first one shows up in the finances only after the second one was lost before it arrived."""
        amazon.order()
        amazon.face.finance_lag = 20 * HOUR
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="first")
        amazon.face.faults.add(Fault("never_arrived", FEEDS))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="second")
        amazon.clock.advance(30 * HOUR)
        with pytest.raises(OutcomeUnknown, match="an earlier one"):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="second")
        assert amazon.world.count("refund", ORDER) == 1

    def test_a_refund_of_another_amount_is_left_to_a_person(self, amazon) -> None:
        order = amazon.order()
        amazon.face.faults.add(Fault("never_arrived", FEEDS))
        with pytest.raises(OutcomeUnknown):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        with amazon.world.person():
            amazon.world.pay_back(order, amazon.usd("7.00"))
        amazon.clock.advance(60 * HOUR)
        with pytest.raises(OutcomeUnknown, match="another amount"):
            amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 0

    @pytest.mark.parametrize("call", ["POST /feeds/2021-06-30/documents", "PUT /storage/*"])
    @pytest.mark.parametrize("fault", ["lost_answer", "error_before", "error_after"])
    def test_steps_before_are_harmless_to_repeat(self, amazon, call, fault) -> None:
        amazon.order()
        amazon.face.faults.add(Fault(fault, call))
        refund = amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert refund.state == "pending"
        assert amazon.world.count("refund", ORDER) == 1

    def test_too_many_calls_are_waited_for(self, amazon) -> None:
        amazon.order()
        amazon.face.faults.add(Fault("rate_limited", FEEDS))
        amazon.shop.refunds.issue(order_id=ORDER, amount=amazon.usd("5.00"), key="a")
        assert amazon.world.count("refund", ORDER) == 1
