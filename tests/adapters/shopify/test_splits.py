"""Sums that are split: over payments to the cent, or into store credit; never both, nor more than was agreed to."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sellercare.errors import NotAllowedNow
from sellercare.models import IssueRefund, RefundOption
from sellercare_adapters.shopify import crediting, paying

from .conftest import eur

cents = st.integers(0, 10**7).map(lambda count: Decimal(count).scaleb(-2))


@given(held=st.lists(cents, max_size=6), amount=cents)
@settings(max_examples=150, deadline=None)
def test_a_sum_is_split_over_payments_to_the_cent_or_not_at_all(held: list[Decimal], amount: Decimal) -> None:
    payments = [{"parent": str(count), "gateway": "g", "most": f"{most}"} for count, most in enumerate(held)]
    if amount > sum(held):
        with pytest.raises(NotAllowedNow):
            paying.spread(amount, payments)
        return
    parts = paying.spread(amount, payments)
    assert sum((part for _, part in parts), Decimal(0)) == amount
    assert all(0 < part <= Decimal(payment["most"]) for payment, part in parts)
    # A later payment is only touched once the earlier ones are empty.
    assert all(part == Decimal(payment["most"]) for payment, part in parts[:-1])


def option(most: Decimal, credit: bool, held: list[Decimal]) -> RefundOption:
    payments = [{"parent": f"p{count}", "gateway": "g", "most": f"{each}"} for count, each in enumerate(held)]
    return RefundOption(
        id="o",
        title="o",
        through="store-credit" if credit else "order",
        order_id="gid://shopify/Order/1",
        most=eur(f"{most}"),
        native={
            "payments": json.dumps(payments),
            "lines": "[]",
            "delivery": "",
            "customs": "[]",
            "suggested": "0",
            "expires": "",
        },
    )


@given(held=st.lists(cents.filter(bool), min_size=1, max_size=4), share=st.floats(0.001, 1), credit=st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_is_sent_comes_to_what_was_asked_whichever_way_it_goes(
    held: list[Decimal], share: float, credit: bool
) -> None:
    most = sum(held, Decimal(0))
    amount = max((most * Decimal(share)).quantize(Decimal("0.01")), Decimal("0.01"))
    command = IssueRefund(order_id="gid://shopify/Order/1", amount=eur(f"{amount}"))

    class Ctx:
        settings = type("Settings", (), {"notify_buyers": False})

    body = paying._order_input(Ctx(), command, option(most, credit, held), None)  # type: ignore[arg-type]  # only a setting is looked at
    sums = [Decimal(each["amount"]) for each in body["transactions"]]
    given_ = [Decimal(each["storeCreditRefund"]["amount"]["amount"]) for each in body.get("refundMethods", ())]
    assert sum(sums + given_, Decimal(0)) == amount
    assert bool(given_) is credit
    assert not (sums and given_)


def test_more_than_was_agreed_to_is_never_given_as_credit() -> None:
    with pytest.raises(NotAllowedNow):
        crediting.methods(option(Decimal("5.00"), True, []), Decimal("5.01"))
