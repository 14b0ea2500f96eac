"""Refunds in bulk: under a key each, guarded, totalled, and paid once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sellercare.bulk.refunds import refund_key
from sellercare.bulk.report import summary
from sellercare.errors import BadInput
from sellercare.models import IssueRefund, Money
from sellercare.store.jobs import RowState

from .conftest import Seller

VERB = "refunds.issue"


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def test_refunds_are_paid_once_though_answers_are_lost(seller: Seller) -> None:
    orders = [seller.world.order() for _ in range(6)]
    file = "order_id,amount,currency,key\n" + "".join(f"{order.id},5.00,EUR,r{n}\n" for n, order in enumerate(orders))
    job = seller.plan(file, VERB)
    assert summary(seller.store, job.id).money == {"EUR": eur("30.00")}
    seller.fault("lost_answer", "POST /v1/*refunds", times=3)
    seller.apply(job, workers=1)
    assert seller.face.faults.injected["lost_answer"] == 3
    assert seller.states(job) == ["confirmed"] * 6
    assert [seller.paid(order) for order in orders] == [1] * 6
    assert summary(seller.store, job.id).moved == {"EUR": eur("30.00")}
    again = seller.plan(file, VERB)
    assert seller.states(again) == ["done"] * 6
    assert seller.apply(again).sent == 0
    assert seller.paid() == 6


def test_money_is_totalled_per_currency(seller: Seller) -> None:
    rows = "a,5.10,EUR,1\nb,5.20,EUR,2\nc,100,JPY,3\nd,0.333,KWD,4\n"
    job = seller.plan("order_id,amount,currency,key\n" + rows, VERB, offline=True)
    assert {currency: str(money) for currency, money in summary(seller.store, job.id).money.items()} == {
        "EUR": "10.30 EUR",
        "JPY": "100 JPY",
        "KWD": "0.333 KWD",
    }


@pytest.mark.parametrize(
    ("cells", "state", "says"),
    [
        ("{order},-5,EUR,k", "rejected", "amount is -5; a refund must be above zero"),
        ("{order},0,EUR,k", "rejected", "above zero"),
        ("{order},1.005,EUR,k", "rejected", "more decimals than EUR has (2)"),
        ("{order},5,PLN,k", "rejected", "paid back in EUR"),
        ("{order},5,XXY,k", "rejected", "not a currency"),
        ("{order},5,,k", "rejected", "no currency"),
        ("{order},9999,EUR,k", "held", "more than can be paid back"),
        ("{order},12.50 EUR,EUR,k", "rejected", "not an amount"),
        ('{order},"12,50",EUR,k', "rejected", "two ways"),
        ("nowhere,5,EUR,k", "rejected", "There is no order 'nowhere'"),
        ("1.15E+18,5,EUR,k", "rejected", "spreadsheet"),
        ("{order},,EUR,k", "rejected", "fill in either amount and currency, or lines"),
        ("{order},5,EUR,", "rejected", "key is empty"),
        (",5,EUR,k", "rejected", "fill in either order_id or return_id"),
    ],
)
def test_refunds_that_cannot_be(seller: Seller, cells: str, state: str, says: str) -> None:
    order = seller.world.order()
    job = seller.plan("order_id,amount,currency,key\n" + cells.format(order=order.id) + "\n", VERB)
    row = seller.row(job, 2)
    assert (row.state.value, says in row.note) == (state, True), row.note
    assert seller.paid() == 0


def test_what_is_above_the_refundable_sum_is_not_sent(seller: Seller) -> None:
    order = seller.world.order()
    job = seller.plan(f"order_id,amount,currency,key\n{order.id},9999,EUR,k\n", VERB)
    assert seller.apply(job).sent == 0
    offline = seller.plan(f"order_id,amount,currency,key\n{order.id},9999,EUR,k\n", VERB, offline=True)
    assert seller.states(offline) == ["ready"]
    seller.apply(offline)
    assert seller.states(offline) == ["held"]
    assert seller.paid() == 0


def test_a_comma_is_read_where_the_file_is_not_separated_by_commas(seller: Seller) -> None:
    order = seller.world.order()
    job = seller.plan(f"order_id;amount;currency;key\n{order.id};5,50;EUR;k\n", VERB)
    assert seller.rows(job)[0].amount == Decimal("5.50")


def test_a_named_run_makes_keys(seller: Seller) -> None:
    order = seller.world.order()
    file = f"order_id,amount,currency,note\n{order.id},1.00,EUR,a\n{order.id},1.00,EUR,b\n"
    job = seller.plan(file, VERB, run="march")
    keys = [row.key for row in seller.rows(job)]
    assert len(set(keys)) == 2
    assert all((key or "").startswith("march-") for key in keys)
    seller.apply(job)
    assert seller.paid(order) == 2
    assert seller.states(seller.plan(file, VERB, run="march")) == ["done", "done"]
    assert seller.states(seller.plan(file, VERB, run="april")) == ["ready", "ready"]


def test_equal_refunds_in_one_named_run_are_one(seller: Seller) -> None:
    order = seller.world.order()
    job = seller.plan(f"order_id,amount,currency\n{order.id},1.00,EUR\n{order.id},1.00,EUR\n", VERB, run="march")
    assert seller.states(job) == ["ready", "rejected"]
    assert "already on line 2" in seller.row(job, 3).note


def test_the_same_amount_written_in_another_way_is_the_same_refund(seller: Seller) -> None:
    # A spreadsheet that opens and saves the file makes 1 of 1.00, and 2 of 2.0.
    order = seller.world.order(lines=[seller.world.line(price="10.00", quantity=3)])
    line = order.lines[0].id
    seller.apply(seller.plan(f"order_id,amount,currency\n{order.id},1.00,EUR\n", VERB, run="march"))
    seller.apply(seller.plan(f"order_id,lines\n{order.id},{line}=1\n", VERB, run="march"))
    for again in (
        f"order_id,amount,currency\n{order.id},1,EUR\n",
        f"order_id;amount;currency\n{order.id};1,0;EUR\n",
        f'{{"order_id": "{order.id}", "amount": 1.000, "currency": "EUR"}}\n',
        f"order_id,lines\n{order.id},{line}=1.0\n",
    ):
        job = seller.plan(again, VERB, run="march")
        assert seller.states(job) == ["done"]
        seller.apply(job)
    assert seller.paid(order) == 2


def test_without_keys_or_a_run_no_refund_is_planned(seller: Seller) -> None:
    with pytest.raises(BadInput, match="column key"):
        seller.plan("order_id,amount,currency\na,1,EUR\n", VERB)
    with pytest.raises(BadInput, match="did you mean 'amount'"):
        seller.plan("order_id,ammount,currency,lines,key\na,1,EUR,,k\n", VERB)


def test_lines_instead_of_an_amount(seller: Seller) -> None:
    order = seller.world.order(lines=[seller.world.line(price="10.00", quantity=3)])
    line = order.lines[0].id
    job = seller.plan(f"order_id,lines,key\n{order.id},{line}=2,k\n{order.id},{line}=0,k2\n", VERB, skip_bad=True)
    assert seller.row(job, 2).amount == Decimal("20.00")
    assert "more than zero" in seller.row(job, 3).note
    assert seller.apply(job).sent == 1
    assert seller.world.refunded(order) == eur("20.00")


def test_json_lines_with_exact_amounts_and_lines(seller: Seller) -> None:
    order = seller.world.order(lines=[seller.world.line(price="10.00", quantity=3)])
    line = order.lines[0].id
    rows = (
        f'{{"order_id": "{order.id}", "amount": 1.10, "currency": "EUR", "key": "a"}}\n'
        f'{{"order_id": "{order.id}", "lines": [{{"id": "{line}", "quantity": 1}}], "key": "b"}}\n'
        f'{{"order_id": "{order.id}", "amount": true, "currency": "EUR", "key": "c"}}\n'
        "nonsense\n"
    )
    job = seller.plan(rows, VERB)
    assert [row.amount for row in seller.rows(job)] == [Decimal("1.10"), Decimal("10.00"), None, None]
    assert [row.line for row in seller.rows(job, RowState.REJECTED)] == [3, 4]


def test_two_refunds_of_one_order_are_paid_one_after_the_other(seller: Seller) -> None:
    order = seller.world.order()
    file = f"order_id,amount,currency,key\n{order.id},1.00,EUR,a\n{order.id},2.00,EUR,b\n{order.id},3.00,EUR,c\n"
    seller.apply(seller.plan(file, VERB), workers=4)
    assert [act.detail for act in seller.world.acts] == ["1.00 EUR", "2.00 EUR", "3.00 EUR"]


def test_several_ways_to_pay_back_are_never_chosen_silently(seller: Seller) -> None:
    order = seller.world.order()
    first = order.payments[0]
    second = type(first)(seller.world.new_id("pay"), eur("5.00"))
    order.payments.append(second)
    job = seller.plan(f"order_id,amount,currency,key\n{order.id},1.00,EUR,a\n", VERB)
    row = seller.row(job, 2)
    assert row.state is RowState.REJECTED
    assert "2 ways to pay back" in row.note


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("amount,{order},5.00,EUR", "amount,{order},5,EUR"),
        ("amount,{order},5.00,EUR", "amount,{order},5.0,EUR"),
        ("lines,{order},{one}=1|{two}=1,", "lines,{order},{two}=1.0|{one}=1.00,"),
        ("lines,{order},{one}=1.50 EUR,", "lines,{order},{one}=1.5 EUR,"),
    ],
)
def test_a_run_pays_once_however_a_spreadsheet_writes_its_numbers(seller: Seller, first: str, again: str) -> None:
    order = seller.world.order(lines=[seller.world.line(), seller.world.line()])
    names = {"order": order.id, "one": order.lines[0].id, "two": order.lines[1].id}
    states = []
    for row in (first, again):
        column, _, cells = row.format(**names).partition(",")
        job = seller.plan(f"order_id,{column},currency\n{cells}\n", VERB, run="march")
        seller.apply(job)
        states += seller.states(job)
    assert states == ["confirmed", "done"]
    assert seller.paid(order) == 1


def test_what_an_earlier_version_paid_under_a_key_of_the_row_as_it_was_written_is_known(seller: Seller) -> None:
    order = seller.world.order()
    command = IssueRefund(order_id=order.id, amount=eur("5"))
    shop = seller.connect("acme")
    shop.write(VERB, command, key=refund_key("march", command))
    job = seller.plan(f"order_id,amount,currency\n{order.id},5,EUR\n", VERB, run="march")
    assert seller.states(job) == ["done"]
