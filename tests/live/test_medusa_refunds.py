"""Refunds at a real Medusa: seen in its own database, and never twice, whatever happens to the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from medusa.seed import Shop as Staff
from medusa.seed import line_of, payment_of
from proxy import Proxy

from sellercare import Shop
from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown, Refused
from sellercare.models import LineQuantity, Money, RefundState
from sellercare.simulator import FakeClock

REFUND = r"POST /admin/payments/pay_\w+/refund"

Database = psycopg.Connection[tuple[Any, ...]]


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def booked(database: Database, order: Any) -> list[Decimal]:
    """What Medusa's database says went back through the order's payment, oldest first."""
    rows = database.execute(
        "select amount from refund where payment_id = %s and deleted_at is null order by created_at",
        (payment_of(order),),
    )
    return [Decimal(row[0]) for row in rows]


def test_a_partial_refund_is_in_the_servers_database(shop: Shop, staff: Staff, database: Database) -> None:
    order = staff.order()
    refund = shop.refunds.issue(order_id=order["id"], amount=eur("12.50"), note="a chip", key="r1")
    assert booked(database, order) == [Decimal("12.5")]
    assert (refund.amount, refund.note, refund.state) == (eur("12.50"), "a chip", RefundState.DONE)
    assert refund.payment_id == payment_of(order)
    seen = shop.refunds.get(refund.id)
    assert (seen.id, seen.amount, seen.note, seen.order_id) == (refund.id, refund.amount, "a chip", order["id"])
    assert shop.orders.get(order["id"]).refunded == eur("12.50")


def test_the_same_key_pays_once(shop: Shop, staff: Staff, proxy: Proxy, database: Database) -> None:
    order = staff.order()
    first = shop.refunds.issue(order_id=order["id"], amount=eur("5"), key="once")
    again = shop.refunds.issue(order_id=order["id"], amount=eur("5"), key="once")
    assert first.id == again.id
    assert booked(database, order) == [Decimal(5)]
    assert proxy.count(REFUND) == 1


def test_a_lost_answer_pays_once(shop: Shop, staff: Staff, proxy: Proxy, database: Database) -> None:
    order = staff.order()
    proxy.lose_answer(REFUND)
    refund = shop.refunds.issue(order_id=order["id"], amount=eur("7.25"), note="late", key="lost")
    assert booked(database, order) == [Decimal("7.25")]
    assert proxy.count(REFUND) == 1
    row = database.execute("select id, note from refund where payment_id = %s", (payment_of(order),)).fetchone()
    assert row is not None
    assert refund.id == f"{payment_of(order)}:{row[0]}"
    assert row[1].startswith("late [sellercare ")
    assert shop.refunds.issue(order_id=order["id"], amount=eur("7.25"), note="late", key="lost").id == refund.id
    assert proxy.count(REFUND) == 1


def test_a_lost_request_stays_unknown_until_absence_is_proof(
    connect: Callable[..., Shop], staff: Staff, proxy: Proxy, database: Database
) -> None:
    order = staff.order()
    clock = FakeClock()
    shop = connect(clock=clock)
    proxy.lose_request(REFUND)
    with pytest.raises(OutcomeUnknown, match="not found yet"):
        shop.refunds.issue(order_id=order["id"], amount=eur("3"), key="gone")
    assert booked(database, order) == []
    with pytest.raises(OutcomeUnknown):
        shop.refunds.issue(order_id=order["id"], amount=eur("3"), key="gone")
    assert booked(database, order) == []
    clock.sleep(timedelta(minutes=3).total_seconds())
    shop.refunds.issue(order_id=order["id"], amount=eur("3"), key="gone")
    assert booked(database, order) == [Decimal(3)]
    assert proxy.count(REFUND) == 1


def test_a_refusal_that_paid_is_not_taken_for_a_refusal(
    shop: Shop, staff: Staff, proxy: Proxy, database: Database
) -> None:
    """Medusa answers 400 to a refund while a change of the order is open, after it has paid (2.21.2)."""
    order = staff.order()
    proxy.do_first(REFUND, lambda: staff.admin("POST", "/admin/returns", {"order_id": order["id"]}))
    refund = shop.refunds.issue(order_id=order["id"], amount=eur("4"), key="half")
    assert [each.status for each in proxy.seen if each.path.split("?")[0].endswith("/refund")] == [400]
    assert booked(database, order) == [Decimal(4)]
    assert refund.state is RefundState.PENDING
    assert refund.native_state == "not booked in the order"
    shop.refunds.issue(order_id=order["id"], amount=eur("4"), key="half")
    assert booked(database, order) == [Decimal(4)]


def test_nothing_is_paid_while_a_change_of_the_order_is_open(
    shop: Shop, staff: Staff, proxy: Proxy, database: Database
) -> None:
    order = staff.order()
    draft = staff.admin("POST", "/admin/returns", {"order_id": order["id"]})["return"]["id"]
    with pytest.raises(NotAllowedNow, match=draft):
        shop.refunds.issue(order_id=order["id"], amount=eur("4"), key="open")
    assert proxy.count(REFUND) == 0
    staff.admin("DELETE", f"/admin/returns/{draft}/request")
    shop.refunds.issue(order_id=order["id"], amount=eur("4"), key="open")
    assert booked(database, order) == [Decimal(4)]


@pytest.mark.parametrize("amount", ["0", "-5", "0.001", "5.005"])
def test_sums_that_medusa_would_book_wrongly_are_not_sent(
    shop: Shop, staff: Staff, proxy: Proxy, database: Database, amount: str
) -> None:
    order = staff.order()
    with pytest.raises(BadInput):
        shop.refunds.issue(order_id=order["id"], amount=eur(amount), key=f"bad {amount}")
    assert proxy.count(REFUND) == 0
    assert booked(database, order) == []


def test_no_more_is_paid_than_is_left(shop: Shop, staff: Staff, proxy: Proxy, database: Database) -> None:
    order = staff.order()
    shop.refunds.issue(order_id=order["id"], amount=eur("60"), key="most")
    with pytest.raises(NotAllowedNow, match=r"at most 9\.00 EUR"):
        shop.refunds.issue(order_id=order["id"], amount=eur("9.01"), key="more")
    assert proxy.count(REFUND) == 1
    # Without a sum Medusa itself would ask for the whole payment, not for what is left.
    shop.refunds.issue(order_id=order["id"], key="rest")
    assert booked(database, order) == [Decimal(60), Decimal(9)]
    with pytest.raises(NotAllowedNow, match="nothing left"):
        shop.refunds.issue(order_id=order["id"], key="none")


def test_somebody_else_was_faster(shop: Shop, staff: Staff, proxy: Proxy, database: Database) -> None:
    order = staff.order()
    by_hand = f"/admin/payments/{payment_of(order)}/refund"
    proxy.do_first(REFUND, lambda: staff.admin("POST", by_hand, {"amount": 50}))
    with pytest.raises(Refused) as refused:
        shop.refunds.issue(order_id=order["id"], amount=eur("40"), key="slow")
    assert refused.value.native_code == "over_refund"
    assert booked(database, order) == [Decimal(50)]


def test_four_at_once_pay_what_there_is(connect: Callable[..., Shop], staff: Staff, database: Database) -> None:
    order = staff.order()
    shop = connect()
    outcomes: list[object] = []

    def pay(key: str) -> None:
        try:
            outcomes.append(shop.refunds.issue(order_id=order["id"], amount=eur("40"), key=key))
        except (NotAllowedNow, Refused) as error:
            outcomes.append(error)

    threads = [threading.Thread(target=pay, args=(f"at once {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 4
    assert booked(database, order) == [Decimal(40)]


def test_the_new_refund_is_told_from_the_old_ones(shop: Shop, staff: Staff, database: Database) -> None:
    """The answer shows all refunds of the payment, in no useful order."""
    order = staff.order()
    made = [shop.refunds.issue(order_id=order["id"], amount=eur("1"), key=f"same {n}") for n in range(5)]
    assert len({refund.id for refund in made}) == 5
    rows = database.execute("select id from refund where payment_id = %s order by created_at", (payment_of(order),))
    assert [refund.id.partition(":")[2] for refund in made] == [row[0] for row in rows]
    assert {refund.id for refund in shop.refunds.list(order_id=order["id"])} == {refund.id for refund in made}


def test_an_unpaid_order_has_nothing_to_pay_back(shop: Shop, staff: Staff) -> None:
    order = staff.order(paid=False, shipped=False)
    assert shop.refunds.quote(order_id=order["id"]) == ()
    with pytest.raises(NotAllowedNow, match="nothing left"):
        shop.refunds.issue(order_id=order["id"], amount=eur("1"), key="unpaid")


def test_a_reason_is_one_of_the_shops(shop: Shop, staff: Staff, database: Database) -> None:
    order = staff.order()
    with pytest.raises(BadInput, match="pricing_error"):
        shop.refunds.issue(order_id=order["id"], amount=eur("2"), reason="no such", key="reason")
    refund = shop.refunds.issue(order_id=order["id"], amount=eur("2"), reason="pricing_error", key="reason")
    assert refund.reason == "Pricing Error"
    code = "select r.code from refund f join refund_reason r on r.id = f.refund_reason_id where f.payment_id = %s"
    assert database.execute(code, (payment_of(order),)).fetchone() == ("pricing_error",)


def test_a_return_is_owed_what_came_back_less_its_label(shop: Shop, staff: Staff, database: Database) -> None:
    order = staff.order()
    lines = [LineQuantity(id=line_of(order, "MUG-1"), quantity=Decimal(1))]
    label = staff.facts.return_option_id
    opened = shop.returns.open(order["id"], lines=lines, return_shipping=label, key="owed")
    shop.returns.receive(opened.id, key="owed")
    (option,) = shop.refunds.quote(return_id=opened.id)
    assert option.most == eur("8")  # a mug for 12.00 less the label for 4.00
    shop.refunds.issue(return_id=opened.id, key="owed")
    assert booked(database, order) == [Decimal(8)]
    assert shop.refunds.quote(return_id=opened.id) == ()


def test_all_refunds_since_a_day(shop: Shop, staff: Staff) -> None:
    order = staff.order()
    refund = shop.refunds.issue(order_id=order["id"], amount=eur("1"), key="listed")
    since = shop.refunds.get(refund.id).created_at
    assert since is not None
    assert refund.id in {each.id for each in shop.refunds.list(created_since=since)}
    assert refund.id not in {each.id for each in shop.refunds.list(created_since=since + timedelta(seconds=1))}
