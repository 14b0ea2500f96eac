"""Giving money back: only by cancelling, all of it, with consent, and exactly once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import (
    AboveLimit,
    BadInput,
    ConsentNeeded,
    Impossible,
    NotFound,
    OutcomeUnknown,
    Unavailable,
)
from sellercare.models import CancelOrder, LineQuantity, Money, OrderState
from sellercare.simulator import Fault
from sellercare.simulator.messages import Reply
from sellercare.store.limits import Limits
from sellercare.support import MovesMoney

CANCEL = "GET /sales_ws/cancelitem"


def cancel(seller: Any, item: Any, key: str = "k", **more: Any) -> Any:
    return seller.shop.orders.cancel(item.id, **({"reason": "Plus en stock.", "consent": True} | more), key=key)


class TestCancelling:
    def test_no_item_is_looked_at_for_a_limit(self, rakuten: Any) -> None:
        """A look may mark messages read: what it moves counts as not known, and waits for an approval."""
        item = rakuten.sold("23.90")
        rakuten.shop.limits = Limits.of(refund=[Money(amount=Decimal(1000), currency="EUR")])
        with pytest.raises(AboveLimit, match="cannot be told"):
            cancel(rakuten, item)
        assert rakuten.face.log == []

    def test_all_of_an_item_goes_back_once(self, rakuten: Any) -> None:
        item = rakuten.sold("23.90")
        assert cancel(rakuten, item).state is OrderState.CANCELLED
        assert cancel(rakuten, item).state is OrderState.CANCELLED
        assert rakuten.world.count("order.cancel") == 1
        (refund,) = rakuten.world.data.refunds.values()
        assert refund.amount == Money(amount=Decimal("23.90"), currency="EUR")
        assert refund.note == "Plus en stock."

    def test_without_consent_nothing_is_asked_of_rakuten(self, rakuten: Any) -> None:
        item = rakuten.sold()
        with pytest.raises(ConsentNeeded) as caught:
            cancel(rakuten, item, consent=False)
        for said in ("everything, delivery included", "shown to the buyer", "standing", "commission", "told to nobody"):
            assert said in caught.value.consequences
        assert rakuten.calls == []

    def test_a_check_shows_what_follows(self, rakuten: Any) -> None:
        command = CancelOrder(order_id=rakuten.sold().id, reason="x")
        checked = rakuten.shop.check("orders.cancel", command, key="k")
        assert "cancelled for good" in checked.consequences[0]
        assert rakuten.shop.supports("orders.cancel").contract.money is MovesMoney.YES

    def test_it_needs_a_key_and_a_reason(self, rakuten: Any) -> None:
        item = rakuten.sold()
        with pytest.raises(BadInput, match="needs a key"):
            rakuten.shop.orders.cancel(item.id, reason="x", consent=True)
        with pytest.raises(BadInput, match="reason"):
            cancel(rakuten, item, reason=" ")
        assert rakuten.world.count("order.cancel") == 0

    def test_no_part_is_cancelled(self, rakuten: Any) -> None:
        item, other = rakuten.sold(), rakuten.sold()
        for line in (
            LineQuantity(id=other.id),
            LineQuantity(id=item.id, quantity=Decimal("0.5")),
            LineQuantity(id=item.id, amount=Money(amount=Decimal(1), currency="EUR")),
        ):
            with pytest.raises(BadInput, match="whole"):
                cancel(rakuten, item, lines=[line], key=str(line))
        cancel(rakuten, item, lines=[LineQuantity(id=item.id, quantity=Decimal(1))])
        assert rakuten.world.count("order.cancel") == 1

    def test_a_new_sale_is_refused_instead(self, rakuten: Any) -> None:
        item = rakuten.sold(state="open")
        assert cancel(rakuten, item).state is OrderState.CANCELLED
        assert rakuten.calls == ["getnewsales", "refusesale"]
        assert rakuten.world.data.refunds == {}

    def test_a_refusal_takes_no_reason(self, rakuten: Any, monkeypatch: Any) -> None:
        """refusesale has the parameter itemid and no other."""
        seen: list[set[str]] = []
        plain = rakuten.face.refuse

        def refuse(request: Any) -> Any:
            seen.append(set(request.query))
            return plain(request)

        monkeypatch.setattr(rakuten.face, "refuse", refuse)
        cancel(rakuten, rakuten.sold(state="open"))
        assert seen == [{"action", "version", "login", "pwd", "itemid"}]

    def test_it_looks_at_no_item(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        cancel(rakuten, item)
        assert rakuten.calls == ["getnewsales", "cancelitem"]
        assert item.causes == ["UNREAD_MESSAGE_FROM_BUYER"]

    def test_a_refusal_is_one(self, rakuten: Any) -> None:
        item = rakuten.sold()
        item.order.extra["too_late"] = True
        with pytest.raises(NotFound):
            cancel(rakuten, item)
        assert rakuten.world.data.refunds == {}

    def test_other_items_of_the_purchase_stay(self, rakuten: Any) -> None:
        world = rakuten.world
        order = world.order(lines=[world.line("A", "10.00"), world.line("B", "20.00", 2)], state="paid")
        first, second, third = rakuten.face.items.of(order)
        cancel(rakuten, second)
        left = {each.id for each in rakuten.shop.orders.list()}
        assert left == {first.id, third.id}


PAGE = b'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Site en maintenance</p></body></html>'
STRANGE = (PAGE, b"<answer/>", b"<errorresponse><error><type>?</type></error></errorresponse>")


class TestLostCancellations:
    @pytest.mark.parametrize("body", [*STRANGE, b"<answer><response><status>DONE</status></response></answer>"])
    def test_an_answer_that_does_not_say_so_is_no_cancellation(self, rakuten: Any, monkeypatch: Any, body: Any) -> None:
        item = rakuten.sold()
        monkeypatch.setattr(rakuten.face, "cancel", lambda request: Reply(200, {"Content-Type": "text/html"}, body))
        with pytest.raises(OutcomeUnknown):
            cancel(rakuten, item)

    @pytest.mark.parametrize("body", STRANGE)
    def test_an_answer_that_does_not_say_so_is_no_refusal(self, rakuten: Any, monkeypatch: Any, body: Any) -> None:
        item = rakuten.sold(state="open")
        monkeypatch.setattr(rakuten.face, "refuse", lambda request: Reply(200, {"Content-Type": "text/html"}, body))
        with pytest.raises(OutcomeUnknown):
            cancel(rakuten, item)

    @pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "html_body"])
    def test_one_that_landed_is_found(self, rakuten: Any, kind: Any) -> None:
        item = rakuten.sold()
        rakuten.face.faults.add(Fault(kind, CANCEL))
        assert cancel(rakuten, item).state is OrderState.CANCELLED
        assert rakuten.world.count("order.cancel") == 1
        assert len(rakuten.world.data.refunds) == 1

    @pytest.mark.parametrize("kind", ["never_arrived", "error_before"])
    def test_one_that_is_not_there_stays_unknown(self, rakuten: Any, kind: Any) -> None:
        item = rakuten.sold()
        rakuten.face.faults.add(Fault(kind, CANCEL))
        for _ in range(3):
            with pytest.raises(OutcomeUnknown) as caught:
                cancel(rakuten, item)
            assert "order tracking" in caught.value.look_at
            rakuten.world.advance(86_400)
        assert rakuten.calls.count("cancelitem") == 1

    def test_one_that_acts_late_is_found_later(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.face.faults.add(Fault("acts_late", CANCEL, seconds=3600))
        with pytest.raises(OutcomeUnknown):
            cancel(rakuten, item)
        rakuten.world.advance(3601)
        assert cancel(rakuten, item).state is OrderState.CANCELLED
        assert len(rakuten.world.data.refunds) == 1

    def test_a_refused_new_sale_that_is_gone_is_not_guessed_about(self, rakuten: Any) -> None:
        item = rakuten.sold(state="open")
        rakuten.face.faults.add(Fault("lost_answer", "GET /sales_ws/refusesale"))
        with pytest.raises(OutcomeUnknown, match="refused, or somebody has accepted"):
            cancel(rakuten, item)
        assert rakuten.calls.count("refusesale") == 1

    def test_the_quota_is_waited_for(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.face.faults.add(Fault("rate_limited", CANCEL))
        assert cancel(rakuten, item).state is OrderState.CANCELLED
        assert rakuten.world.count("order.cancel") == 1


class TestWhatThereIsNot:
    @pytest.mark.parametrize(
        ("act", "place"),
        [
            (lambda shop: shop.refunds.issue(order_id="1", amount=None, key="a"), "Offer a discount"),
            (lambda shop: shop.refunds.quote(order_id="1"), "Offer a discount"),
            (lambda shop: shop.returns.approve("1", key="a"), "Order tracking"),
            (lambda shop: shop.returns.offer("1", key="a"), "Offer a discount"),
            (lambda shop: shop.reviews.reply("1", "merci"), "Latest customer comments"),
            (lambda shop: shop.scores.current(), "Merchant Dashboard, tab MQS"),
            (lambda shop: shop.scores.history(), "Merchant Dashboard, tab MQS"),
        ],
    )
    def test_the_place_to_do_it_by_hand_is_told(self, rakuten: Any, act: Any, place: str) -> None:
        with pytest.raises(Impossible) as caught:
            act(rakuten.shop)
        assert place in caught.value.next_step
        assert rakuten.calls == []

    def test_a_refund_points_to_cancelling(self, rakuten: Any) -> None:
        with pytest.raises(Impossible, match=r"cancelling it \(orders.cancel\)"):
            rakuten.shop.refunds.issue(order_id="1", key="a")


class TestRefundsSeen:
    def test_a_cancelled_item_shows_as_a_refund(self, rakuten: Any) -> None:
        item = rakuten.sold("23.90")
        assert list(rakuten.shop.refunds.list()) == []
        cancel(rakuten, item)
        (refund,) = rakuten.shop.refunds.list()
        assert (refund.order_id, refund.amount) == (item.id, Money(amount=Decimal("23.90"), currency="EUR"))
        assert rakuten.shop.refunds.get(refund.id) == refund

    def test_pages_go_on_by_the_last_date(self, rakuten: Any) -> None:
        order = rakuten.sold("500.00").order
        for _ in range(120):
            rakuten.world.pay_back(order, rakuten.world.money("1.00"))
        assert len({refund.id for refund in rakuten.shop.refunds.list()}) == 120
        assert rakuten.calls.count("getoperations") == 3

    def test_an_operation_that_is_no_payment_has_no_details(self, rakuten: Any, monkeypatch: Any) -> None:
        cancel(rakuten, rakuten.sold("23.90"))
        (row,) = rakuten.face.items.payments()
        del row["compensationid"]
        rows = [row, *rakuten.face.items.payments()]
        monkeypatch.setattr(rakuten.face.items, "payments", lambda: rows)
        assert len(list(rakuten.shop.refunds.list())) == 1
        assert rakuten.calls.count("getcompensationdetails") == 1

    @pytest.mark.parametrize("refund_id", ["123456-1", "1"])
    def test_one_that_is_not_there(self, rakuten: Any, refund_id: str) -> None:
        with pytest.raises(NotFound):
            rakuten.shop.refunds.get(refund_id)


class TestOrders:
    def test_a_number_is_purchase_and_item(self, rakuten: Any) -> None:
        item = rakuten.sold()
        (order,) = rakuten.shop.orders.list()
        purchase, _, item_id = (order.number or "").partition("/")
        assert item_id == order.id == item.id
        for number in (order.number, purchase):
            assert rakuten.shop.orders.find(number).id == item.id
        assert "getiteminfos" not in rakuten.calls

    def test_a_purchase_of_several_items_is_asked_back(self, rakuten: Any) -> None:
        world = rakuten.world
        world.order(lines=[world.line("A"), world.line("B")], state="paid")
        purchase = next(iter(rakuten.shop.orders.list())).native_ids["purchase"]
        with pytest.raises(BadInput, match="2 items") as caught:
            rakuten.shop.orders.find(purchase)
        assert caught.value.next_step.count(purchase) == 2

    def test_an_item_of_another_purchase_is_not_the_one_that_was_meant(self, rakuten: Any) -> None:
        item = rakuten.sold()
        with pytest.raises(NotFound, match="another purchase"):
            rakuten.shop.orders.find(f"42/{item.id}")

    def test_an_unknown_purchase(self, rakuten: Any) -> None:
        with pytest.raises(NotFound):
            rakuten.shop.orders.find("42")

    def test_what_waits_for_its_release_is_an_order_too(self, rakuten: Any) -> None:
        """getcurrentsales leaves it out unless ispendingpreorder says y."""
        item, other = rakuten.sold(), rakuten.sold()
        item.order.extra["preordered"] = True
        rakuten.asks(item)
        assert [order.id for order in rakuten.shop.orders.list()] == [other.id, item.id]
        assert rakuten.shop.orders.get(item.id).lines[0].price == Money(amount=Decimal("19.90"), currency="EUR")
        assert "getiteminfos" not in rakuten.calls

    def test_an_older_one_has_no_price_and_a_buyer_who_wrote(self, rakuten: Any) -> None:
        item = rakuten.sold()
        rakuten.asks(item)
        item.order.state = "cancelled"
        order = rakuten.shop.orders.get(item.id)
        assert (order.state, order.buyer.login, order.lines[0].price) == (OrderState.CANCELLED, "Acheteur1", None)

    def test_a_sale_that_is_not_confirmed_has_no_infos(self, rakuten: Any) -> None:
        """Rakuten says “Unknown error” then, as for a fault of its own."""
        item = rakuten.sold(state="open")
        assert rakuten.shop.orders.get(item.id).state is OrderState.OPEN
        with pytest.raises(Unavailable, match=r"Unknown error.*not accepted yet"):
            rakuten.shop.messages.thread(item.id)

    def test_lists_say_what_they_leave_out(self, rakuten: Any) -> None:
        assert "in progress" in rakuten.shop.orders.list().capped
        assert "wait for the seller" in rakuten.shop.returns.list().capped


class TestRatings:
    @pytest.mark.parametrize(
        ("said", "stars"),
        [("4", "4"), ("4,5", "4.5"), ("5.0", "5"), ("0", None), ("6", None), ("Très bien", None), ("NaN", None)],
    )
    def test_what_is_no_number_from_one_to_five_is_only_kept(self, rakuten: Any, said: str, stars: str | None) -> None:
        rakuten.sold()
        item = rakuten.sold()
        item.line.extra["sellerscore"] = said
        (review,) = rakuten.shop.reviews.list()
        assert (review.order_id, review.native_rating) == (item.id, said)
        assert review.rating == (None if stars is None else Decimal(stars))


class TestDeclared:
    def test_what_a_write_does_is_what_the_help_pages_say(self, rakuten: Any) -> None:
        contracts = {
            verb: support.contract for verb, support in rakuten.shop.adapter.supports.items() if support.contract
        }
        assert {verb for verb, contract in contracts.items() if contract.notifies_buyer} == {
            "messages.reply",
            "messages.start",
            "orders.cancel",
        }
        assert {verb for verb, contract in contracts.items() if contract.money is not MovesMoney.NO} == {
            "orders.cancel"
        }
        assert not [verb for verb, contract in contracts.items() if contract.reversible or contract.key]
        assert {verb for verb, contract in contracts.items() if contract.absent_after is not None} == {
            "messages.mark_read"
        }
