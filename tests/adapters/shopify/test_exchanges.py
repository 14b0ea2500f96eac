"""Returns with an exchange or fees at simulated Shopify: what they mean for the money, and letting the goods go out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown, Refused
from sellercare.simulator import Fault
from sellercare_adapters.shopify.face_exchanges import Swap

from .conftest import eur, line_id, return_id, sent

PROCESS = "mutation returnProcess"


def given(platform: Any) -> Any:
    """The input of the last returnProcess."""
    return [each["variables"]["input"] for name, each in platform.face.heard if name == PROCESS][-1]


@pytest.fixture
def swap() -> Swap:
    """A mug for 8.00 that the buyer gets instead."""
    return Swap("mug", "Mug", Decimal("8.00"))


@pytest.fixture
def back(world: Any, order: Any, swap: Swap) -> Any:
    """Two kettles at 20.00 come back, and a mug goes out."""
    made = world.return_(order, state="approved", quantity=2)
    made.extra["swaps"] = [swap]
    return made


# --- read ------------------------------------------------------------------------------------------------------------


def test_a_return_tells_that_something_else_is_wanted(platform: Any, world: Any, order: Any, back: Any) -> None:
    world.return_(world.order(), state="approved")
    rows = {row.id: row for row in platform.shop.returns.list()}
    assert [rows.pop(return_id(back)).wants, *(row.wants for row in rows.values())] == [("exchange",), ()]
    found = platform.shop.returns.get(return_id(back))
    assert found.raw["exchangeLineItems"]["nodes"][0]["title"] == "Mug"
    assert [line.title for line in found.lines] == ["Kettle"]  # what goes out does not come back


# --- money -----------------------------------------------------------------------------------------------------------


def test_what_is_exchanged_is_counted_against_what_comes_back(platform: Any, world: Any, order: Any, back: Any) -> None:
    (option,) = platform.shop.refunds.quote(return_id=return_id(back))
    assert option.most == eur("32.00")
    assert "1 × Mug" in option.consequences
    assert platform.shop.refunds.issue(return_id=return_id(back), key="a").amount == eur("32.00")
    assert world.count("return.exchange") == 0
    assert "exchangeLineItems" not in given(platform)


def test_named_lines_are_counted_so_too(platform: Any, order: Any, back: Any) -> None:
    lines = [{"id": line_id(order.lines[0]), "quantity": 1}]
    assert platform.shop.refunds.issue(return_id=return_id(back), lines=lines, key="a").amount == eur("12.00")


def test_an_exchange_that_costs_more_leaves_nothing_to_pay_back(
    platform: Any, order: Any, back: Any, swap: Swap
) -> None:
    swap.price = Decimal("40.00")
    assert platform.shop.refunds.quote(return_id=return_id(back)) == ()
    with pytest.raises(NotAllowedNow, match="nothing left"):
        platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert sent(platform) == []


def test_what_went_out_is_owed_and_not_asked_about_again(platform: Any, back: Any, swap: Swap) -> None:
    """shopify.dev, changelog of 2024-07: the suggestion counts any outstanding amount that the buyer owes."""
    platform.shop.returns.approve(return_id(back), variant="exchange", key="out")
    (option,) = platform.shop.refunds.quote(return_id=return_id(back))
    assert option.most == eur("32.00")
    assert "Mug" not in option.consequences
    asked = [each["variables"] for name, each in platform.face.heard if "exchanges" in each["variables"]]
    assert asked[-1]["exchanges"] == []


@pytest.mark.parametrize("out", [0, 1, 2, None], ids=["out first", "out between", "out last", "never out"])
def test_piece_by_piece_it_comes_to_the_same(platform: Any, world: Any, order: Any, back: Any, out: int | None) -> None:
    """Two kettles at 20.00 less 2.00 for the way back and 8.00 for the mug, whenever the mug goes out."""
    back.extra["shipping_fee"] = "2.00"
    for step in range(3):
        if step == out:
            platform.shop.returns.approve(return_id(back), variant="exchange", key="out")
        if step < 2:
            lines = [{"id": line_id(order.lines[0]), "quantity": 1}]
            platform.shop.refunds.issue(return_id=return_id(back), lines=lines, key=f"pay-{step}")
    assert world.refunded(order) == eur("30.00")


def test_the_sum_of_named_lines_is_asked_for_with_the_exchange_that_was_agreed_to(
    platform: Any, back: Any, order: Any, swap: Swap
) -> None:
    platform.shop.refunds.issue(
        return_id=return_id(back), lines=[{"id": line_id(order.lines[0]), "quantity": 1}], key="a"
    )
    asked = [each["variables"]["exchanges"] for _, each in platform.face.heard if "exchanges" in each["variables"]]
    assert asked[-1] == [{"id": swap.shown, "quantity": 1}]


def test_it_becomes_store_credit_less_what_is_exchanged(make_shop: Callable[..., Any], back: Any) -> None:
    platform = make_shop(store_credit="only")
    assert platform.shop.refunds.issue(return_id=return_id(back), key="a").amount == eur("32.00")


def test_more_exchanged_goods_than_can_be_seen_are_not_paid_past(
    platform: Any, back: Any, order: Any, world: Any
) -> None:
    back.extra["swaps"] = [Swap(f"mug-{count}", "Mug", Decimal("0.10")) for count in range(11)]
    with pytest.raises(NotAllowedNow, match="more exchanged goods"):
        platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert sent(platform) == []


def test_a_fee_for_the_way_back_is_kept_as_shopifys_own_example_keeps_it(platform: Any, world: Any) -> None:
    """shopify.dev, changelog of 2024-07: an item of 50.99 with a return fee of 5 is suggested with 45.99."""
    order = world.order(lines=[world.line("Kettle", "50.99", 1)])
    back = world.return_(order, state="approved")
    back.extra["shipping_fee"] = "5.00"
    (option,) = platform.shop.refunds.quote(return_id=return_id(back))
    assert option.most == eur("45.99")
    assert "5.00 EUR for the way back" in option.consequences
    assert platform.shop.refunds.issue(return_id=return_id(back), key="a").amount == eur("45.99")


def test_a_fee_greater_than_the_goods_leaves_nothing(platform: Any, world: Any) -> None:
    """The same page: the suggestion is never below 0."""
    back = world.return_(world.order(lines=[world.line("Kettle", "4.00", 1)]), state="approved")
    back.extra["shipping_fee"] = "5.00"
    assert platform.shop.refunds.quote(return_id=return_id(back)) == ()


def test_a_fee_for_restocking_is_told_and_kept(platform: Any, back: Any) -> None:
    back.extra["swaps"] = []
    back.extra["restocking"] = 10
    (option,) = platform.shop.refunds.quote(return_id=return_id(back))
    assert option.most == eur("36.00")
    assert "4.00 EUR for restocking" in option.consequences
    found = platform.shop.returns.get(return_id(back))
    assert found.raw["returnLineItems"]["nodes"][0]["restockingFee"]["percentage"] == 10


def test_without_fees_nothing_is_said_of_them(platform: Any, world: Any, order: Any) -> None:
    (option,) = platform.shop.refunds.quote(return_id=return_id(world.return_(order, state="approved")))
    assert "fee" not in option.consequences
    assert "exchange" not in option.consequences


# --- letting it go out -----------------------------------------------------------------------------------------------


def test_an_exchange_goes_out_only_when_it_is_named(platform: Any, world: Any, back: Any, swap: Swap) -> None:
    actions = platform.shop.returns.allowed(return_id(back))
    (action,) = [each for each in actions if each.variant == "exchange"]
    assert (action.verb, action.by_name, action.moves_money) == ("approve", True, "no")
    with pytest.raises(BadInput):
        platform.shop.returns.approve(return_id(back), key="a")
    platform.shop.returns.approve(return_id(back), variant="exchange", key="b")
    assert given(platform) == {
        "returnId": return_id(back),
        "notifyCustomer": False,
        "exchangeLineItems": [{"id": swap.shown, "quantity": 1}],
    }
    assert (swap.done, world.count("return.exchange"), world.count("refund")) == (1, 1, 0)
    left = platform.shop.returns.allowed(return_id(back))
    assert "exchange" not in [each.variant for each in left]
    with pytest.raises((BadInput, NotAllowedNow)):
        platform.shop.returns.approve(return_id(back), variant="exchange", key="c")


def test_a_return_whose_exchange_went_out_is_not_called_off(platform: Any, world: Any, back: Any) -> None:
    """Schema, returnCancel: only before any work has been done on the return."""
    assert "cancel" in [each.variant for each in platform.shop.returns.allowed(return_id(back))]
    platform.shop.returns.approve(return_id(back), variant="exchange", key="a")
    assert "cancel" not in [each.variant for each in platform.shop.returns.allowed(return_id(back))]
    with pytest.raises(BadInput):
        platform.shop.returns.decline(return_id(back), variant="cancel", key="b")
    assert world.count("return.decline") == 0


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "acts_late", "never_arrived"])
def test_a_lost_answer_lets_it_go_out_once(platform: Any, world: Any, back: Any, kind: Any) -> None:
    platform.face.faults.add(Fault(kind, on=PROCESS, seconds=20.0))
    platform.shop.returns.approve(return_id(back), variant="exchange", key="a")
    world.advance(3600)
    assert world.count("return.exchange") == 1


def test_goods_that_somebody_let_out_in_part_are_not_sent_again(
    platform: Any, world: Any, back: Any, swap: Swap
) -> None:
    swap.quantity = 3
    platform.face.meanwhile = lambda: setattr(swap, "done", 1)
    platform.face.faults.add(Fault("never_arrived", on=PROCESS))
    with pytest.raises(OutcomeUnknown):
        platform.shop.returns.approve(return_id(back), variant="exchange", key="a")
    assert (sent(platform), swap.done) == ([PROCESS], 1)


def test_goods_that_somebody_let_out_first_are_a_refusal(platform: Any, back: Any, swap: Swap) -> None:
    platform.face.meanwhile = lambda: setattr(swap, "done", 1)
    with pytest.raises(Refused) as caught:
        platform.shop.returns.approve(return_id(back), variant="exchange", key="a")
    assert caught.value.changed == "no"
