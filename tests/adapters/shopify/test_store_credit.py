"""Store credit at simulated Shopify: it is chosen, counts as money, and is never taken for money that went back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sellercare.errors import (
    AboveLimit,
    AmbiguousRefund,
    BadInput,
    Forbidden,
    Invalid,
    NotAllowedNow,
    OutcomeUnknown,
    Refused,
)
from sellercare.simulator import Fault
from sellercare.store.limits import Limits
from sellercare_adapters.shopify.face_ids import gid
from sellercare_adapters.shopify.face_refunds import STORE_CREDIT
from sellercare_adapters.shopify.face_writes import _No

from .conftest import eur, line_id, order_id, return_id, sent

CREATE, PROCESS, CANCEL = "mutation refundCreate", "mutation returnProcess", "mutation orderCancel"


def variables(platform: Any, call: str = CREATE) -> list[Any]:
    """The variables of each such mutation that left."""
    return [each["variables"] for name, each in platform.face.heard if name == call]


def credit_of(order: Any) -> str:
    """The id of the option that gives store credit for an order."""
    return f"{order_id(order)}:store-credit"


def given_as_credit(world: Any) -> list[Any]:
    """What the world gave as store credit."""
    return [each.amount for each in world.data.refunds.values() if each.payment_id == STORE_CREDIT]


@pytest.fixture
def offering(make_shop: Callable[..., Any]) -> Any:
    """A shop that offers both ways."""
    return make_shop(store_credit="offer")


@pytest.fixture
def back(world: Any, order: Any) -> Any:
    """A return of one kettle that is agreed to."""
    made = world.return_(order, state="approved")
    made.lines[0].quantity = 1
    return made


# --- choosing --------------------------------------------------------------------------------------------------------


def test_without_the_setting_there_is_one_way_and_nobody_asks_for_a_customer(platform: Any, order: Any) -> None:
    (option,) = platform.shop.refunds.quote(order_id=order_id(order))
    assert (option.id, option.through) == (order_id(order), "order")
    ((_, asked),) = platform.face.heard
    assert (asked["variables"]["credit"], asked["variables"]["allocation"]) == (False, "ORIGINAL_PAYMENT_METHODS")
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    assert "refundMethods" not in variables(platform)[0]["input"]
    with pytest.raises(BadInput, match="no refund option"):
        platform.shop.refunds.issue(order_id=order_id(order), option=credit_of(order), amount=eur("1.00"), key="b")


def test_offered_it_is_a_second_way_with_its_consequences(offering: Any, order: Any) -> None:
    money, credit = offering.shop.refunds.quote(order_id=order_id(order))
    assert (money.id, money.through, money.most) == (order_id(order), "order", eur("45.00"))
    assert (credit.id, credit.through, credit.most) == (credit_of(order), "store-credit", eur("45.00"))
    assert "no money" in credit.consequences
    assert "no money" not in money.consequences
    assert credit.lines == money.lines
    with pytest.raises(AmbiguousRefund, match=":store-credit"):
        offering.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    assert sent(offering) == []


def test_only_leaves_no_other_way(make_shop: Callable[..., Any], order: Any, back: Any) -> None:
    shop = make_shop(store_credit="only").shop
    assert [each.through for each in shop.refunds.quote(order_id=order_id(order))] == ["store-credit"]
    assert [each.through for each in shop.refunds.quote(return_id=return_id(back))] == ["store-credit"]


def test_another_word_is_no_setting() -> None:
    from sellercare_adapters.shopify.adapter import ShopifySettings

    with pytest.raises(ValueError, match="store_credit"):
        ShopifySettings.model_validate({"base_url": "https://my-shop.myshopify.com", "store_credit": "yes"})


def test_an_order_without_a_customer_gets_none(make_shop: Callable[..., Any], order: Any, back: Any) -> None:
    """shopify.dev, changelog of 2025-05-20: the order must be associated with a customer."""
    order.extra["guest"] = True
    (option,) = make_shop(store_credit="offer").shop.refunds.quote(order_id=order_id(order))
    assert option.through == "order"
    only = make_shop(store_credit="only")
    for target in ({"order_id": order_id(order)}, {"return_id": return_id(back)}):
        with pytest.raises(NotAllowedNow, match="no customer"):
            only.shop.refunds.issue(**target, key="a")
    assert sent(only) == []


def test_a_customer_that_is_kept_from_the_app_is_not_taken_for_none(make_shop: Callable[..., Any], order: Any) -> None:
    """Protected customer data: null then says nothing, and Shopify's suggestion decides."""
    platform = make_shop(store_credit="only")
    platform.face.withholds = True
    (option,) = platform.shop.refunds.quote(order_id=order_id(order))
    assert option.through == "store-credit"


def test_a_shop_without_new_customer_accounts_gives_none(make_shop: Callable[..., Any], order: Any) -> None:
    platform = make_shop(store_credit="only")
    platform.face.store_credit = False
    with pytest.raises(NotAllowedNow, match="new customer accounts") as caught:
        platform.shop.refunds.quote(order_id=order_id(order))
    assert "store_credit" in str(caught.value.next_step)


# --- through the order -----------------------------------------------------------------------------------------------


def test_a_sum_is_sent_as_shopifys_own_example_sends_it(offering: Any, world: Any, order: Any) -> None:
    """shopify.dev, refundCreate, "Create a refund that's issued as a store credit": no transactions, one method."""
    refund = offering.shop.refunds.issue(
        order_id=order_id(order), option=credit_of(order), amount=eur("3.10"), note="sorry", key="a"
    )
    (given,) = variables(offering)
    assert given["input"] == {
        "orderId": order_id(order),
        "currency": "EUR",
        "notify": False,
        "note": "sorry",
        "discrepancyReason": "OTHER",
        "transactions": [],
        "refundMethods": [{"storeCreditRefund": {"amount": {"amount": "3.10", "currencyCode": "EUR"}}}],
    }
    assert len(given["key"]) == 36
    assert (refund.amount, refund.state, refund.native_state) == (eur("3.10"), "done", "SUCCESS")
    assert (refund.payment_id, refund.order_id) == (None, order_id(order))
    assert refund.raw["transactions"]["nodes"][0]["formattedGateway"] == "Store credit"
    assert given_as_credit(world) == [eur("3.10")]


def test_lines_are_suggested_anew_as_store_credit(offering: Any, world: Any, order: Any) -> None:
    lines = [{"id": line_id(order.lines[0]), "quantity": 1}, {"id": gid("ShippingLine", order.lines[1].id)}]
    refund = offering.shop.refunds.issue(order_id=order_id(order), option=credit_of(order), lines=lines, key="a")
    assert refund.amount == eur("25.00")
    given = variables(offering)[0]["input"]
    assert given["refundLineItems"][0]["quantity"] == 1
    assert given["shipping"] == {"fullRefund": True}
    assert given["refundMethods"][0]["storeCreditRefund"]["amount"]["amount"] == "25.00"
    assert "discrepancyReason" not in given
    asked = [each["variables"].get("allocation") for name, each in offering.face.heard if name == "query order"]
    assert [each for each in asked if each] == ["ORIGINAL_PAYMENT_METHODS", "STORE_CREDIT", "STORE_CREDIT"]


def test_everything_is_everything(offering: Any, world: Any, order: Any) -> None:
    refund = offering.shop.refunds.issue(order_id=order_id(order), option=credit_of(order), key="all")
    assert (refund.amount, given_as_credit(world)) == (eur("45.00"), [eur("45.00")])
    assert offering.shop.refunds.quote(order_id=order_id(order)) == ()
    assert offering.shop.orders.get(order_id(order)).refunded == eur("45.00")


def test_what_was_given_as_credit_is_not_left_for_the_payments(offering: Any, order: Any) -> None:
    """shopify.dev, changelog of 2025-05-20: paying the same out afterwards would be over-refunding."""
    offering.shop.refunds.issue(order_id=order_id(order), option=credit_of(order), amount=eur("40.00"), key="a")
    money, credit = offering.shop.refunds.quote(order_id=order_id(order))
    assert (money.most, credit.most) == (eur("5.00"), eur("5.00"))
    with pytest.raises(NotAllowedNow):
        offering.shop.refunds.issue(order_id=order_id(order), option=money.id, amount=eur("5.01"), key="b")


def test_lines_for_which_no_credit_is_suggested_any_more_get_none(
    offering: Any, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the quote and the lines' own suggestion the shop stops giving credit."""
    plain = offering.face.handle

    def handle(request: Any) -> Any:
        offering.face.store_credit = b"refundLineItems" not in request.body or b'"all":true' in _packed(request.body)
        return plain(request)

    monkeypatch.setattr(offering.face, "handle", handle)
    with pytest.raises(NotAllowedNow, match="these lines"):
        offering.shop.refunds.issue(
            order_id=order_id(order), option=credit_of(order), lines=[{"id": line_id(order.lines[0])}], key="a"
        )
    assert sent(offering) == []


def _packed(body: bytes) -> bytes:
    return body.replace(b" ", b"")


def test_it_expires_when_shopify_suggests(make_shop: Callable[..., Any], world: Any, order: Any, back: Any) -> None:
    platform = make_shop(store_credit="only")
    platform.face.credit_days = 90
    until = (world.now() + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (option,) = platform.shop.refunds.quote(order_id=order_id(order))
    assert f"expires on {until[:10]}" in option.consequences
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("1.00"), key="a")
    assert variables(platform)[0]["input"]["refundMethods"][0]["storeCreditRefund"]["expiresAt"] == until
    platform.shop.refunds.issue(return_id=return_id(back), key="b")
    issued = variables(platform, PROCESS)[0]["input"]["financialTransfer"]["issueRefund"]
    assert issued["refundMethods"][0]["storeCreditRefund"]["expiresAt"] == until


def test_a_refusal_of_shopifys_gives_nothing(offering: Any, world: Any, order: Any) -> None:
    offering.face.meanwhile = lambda: order.extra.update(guest=True)
    with pytest.raises(Refused, match="must have a customer"):
        offering.shop.refunds.issue(order_id=order_id(order), option=credit_of(order), amount=eur("1.00"), key="a")
    assert world.count("refund") == 0


def test_it_counts_as_money_in_the_sellers_limits(make_shop: Callable[..., Any], order: Any) -> None:
    platform = make_shop(store_credit="only")
    platform.shop.limits = Limits.of(refund=[eur("10.00")])
    with pytest.raises(AboveLimit):
        platform.shop.refunds.issue(order_id=order_id(order), amount=eur("10.01"), key="a")
    assert sent(platform) == []
    platform.shop.refunds.issue(order_id=order_id(order), amount=eur("10.00"), key="b")


# --- lost answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "html_body", "never_arrived", "acts_late"])
def test_a_lost_answer_gives_credit_once(offering: Any, world: Any, order: Any, kind: Any) -> None:
    offering.face.faults.add(Fault(kind, on=CREATE, seconds=20.0))
    refund = offering.shop.refunds.issue(order_id=order_id(order), option=credit_of(order), amount=eur("3.00"), key="a")
    world.advance(3600)
    assert (refund.amount, given_as_credit(world)) == (eur("3.00"), [eur("3.00")])


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "acts_late"])
def test_through_a_return_without_a_key_it_is_read_back(
    make_shop: Callable[..., Any], world: Any, order: Any, back: Any, kind: Any
) -> None:
    platform = make_shop(store_credit="only")
    platform.face.faults.add(Fault(kind, on=PROCESS, seconds=20.0))
    refund = platform.shop.refunds.issue(return_id=return_id(back), key="a")
    world.advance(3600)
    assert (refund.amount, refund.return_id, given_as_credit(world)) == (
        eur("20.00"),
        return_id(back),
        [eur("20.00")],
    )
    assert sent(platform) == [PROCESS]


@pytest.mark.parametrize(
    ("setting", "theirs"), [("only", "payment"), ("off", STORE_CREDIT)], ids=["ours is credit", "ours is money"]
)
def test_the_same_sum_that_went_the_other_way_is_not_ours(
    make_shop: Callable[..., Any], world: Any, order: Any, back: Any, setting: str, theirs: str
) -> None:
    """Somebody pays the same sum back the other way while our answer is lost: nothing is claimed, nothing is sent."""
    platform = make_shop(store_credit=setting)
    place = order.payments[0].id if theirs == "payment" else theirs

    def person() -> None:
        with world.person():
            world.pay_back(order, eur("20.00"), payment_id=place, return_id=back.id)

    platform.face.meanwhile = person
    platform.face.faults.add(Fault("never_arrived", on=PROCESS))
    with pytest.raises(OutcomeUnknown):
        platform.shop.refunds.issue(return_id=return_id(back), key="a")
    assert sent(platform) == [PROCESS]


# --- through the return ----------------------------------------------------------------------------------------------


def test_a_return_is_processed_and_credited_in_one_step(offering: Any, world: Any, order: Any, back: Any) -> None:
    money, credit = offering.shop.refunds.quote(return_id=return_id(back))
    assert (money.through, credit.through, credit.most) == ("return", "store-credit", eur("20.00"))
    assert credit.id == f"{return_id(back)}:store-credit"
    refund = offering.shop.refunds.issue(return_id=return_id(back), option=credit.id, key="a")
    (given,) = variables(offering, PROCESS)
    assert given["input"]["financialTransfer"] == {
        "issueRefund": {
            "orderTransactions": [],
            "refundMethods": [{"storeCreditRefund": {"amount": {"amount": "20.00", "currencyCode": "EUR"}}}],
        }
    }
    assert (refund.amount, given_as_credit(world)) == (eur("20.00"), [eur("20.00")])
    assert offering.shop.returns.get(return_id(back)).state == "received"


def test_a_part_of_a_return_is_suggested_anew(offering: Any, world: Any, order: Any) -> None:
    back = world.return_(order, state="approved", quantity=2)
    lines = [{"id": line_id(order.lines[0]), "quantity": 1}]
    chosen = f"{return_id(back)}:store-credit"
    refund = offering.shop.refunds.issue(return_id=return_id(back), option=chosen, lines=lines, key="a")
    assert (refund.amount, given_as_credit(world)) == (eur("20.00"), [eur("20.00")])
    with pytest.raises(NotAllowedNow):
        offering.shop.refunds.issue(return_id=return_id(back), option=chosen, amount=eur("20.01"), key="b")


# --- orders that are called off --------------------------------------------------------------------------------------


@pytest.fixture
def unsent(world: Any) -> Any:
    """An order that is paid and not sent."""
    return world.order(state="paid")


@pytest.mark.parametrize("setting", ["off", "offer"])
def test_a_cancelled_order_goes_back_to_the_payments(
    make_shop: Callable[..., Any], world: Any, unsent: Any, setting: str
) -> None:
    """A cancellation has no options to choose from: without `only` it never gives credit."""
    platform = make_shop(store_credit=setting)
    platform.shop.orders.cancel(order_id(unsent), key="a")
    world.advance(60)
    assert variables(platform, CANCEL)[0]["refundMethod"] == {"originalPaymentMethodsRefund": True}
    assert given_as_credit(world) == []


def test_with_only_a_cancelled_order_becomes_credit(make_shop: Callable[..., Any], world: Any, unsent: Any) -> None:
    platform = make_shop(store_credit="only")
    platform.face.credit_days = 30
    until = (world.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    platform.shop.orders.cancel(order_id(unsent), key="a")
    assert variables(platform, CANCEL)[0]["refundMethod"] == {"storeCreditRefund": {"expiresAt": until}}
    world.advance(60)
    assert platform.shop.orders.get(order_id(unsent)).state == "cancelled"
    assert given_as_credit(world) == [unsent.total]


def test_with_only_an_order_without_a_customer_is_not_cancelled(
    make_shop: Callable[..., Any], world: Any, unsent: Any
) -> None:
    unsent.extra["guest"] = True
    platform = make_shop(store_credit="only")
    with pytest.raises(NotAllowedNow, match="no customer"):
        platform.shop.orders.cancel(order_id(unsent), key="a")
    assert sent(platform) == []
    unsent.payments = []  # nothing was paid: there is nothing to give
    platform.shop.orders.cancel(order_id(unsent), key="b")
    assert variables(platform, CANCEL)[0]["refundMethod"] == {"originalPaymentMethodsRefund": True}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("STORE_CREDIT_REFUND_MISSING_CUSTOMER", Invalid),
        ("STORE_CREDIT_REFUND_EXPIRATION_IN_PAST", Invalid),
        ("STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED", Invalid),
        ("NO_REFUND_TO_STORE_CREDIT_PERMISSION", Forbidden),
    ],
)
def test_shopifys_refusals_of_credit_for_a_cancelled_order_changed_nothing(
    make_shop: Callable[..., Any], world: Any, unsent: Any, code: str, error: type[Refused]
) -> None:
    """The codes of OrderCancelUserErrorCode that speak of store credit."""
    platform = make_shop(store_credit="only")

    def refuse(order: Any, wanted: Any) -> None:
        raise _No("no", "refundMethod", code)

    platform.face._check_credit = refuse
    with pytest.raises(error) as caught:
        platform.shop.orders.cancel(order_id(unsent), key="a")
    assert (caught.value.native_code, caught.value.changed) == (code, "no")
    assert given_as_credit(world) == []


def test_a_lost_cancellation_is_found_by_the_state(make_shop: Callable[..., Any], world: Any, unsent: Any) -> None:
    platform = make_shop(store_credit="only")
    platform.face.faults.add(Fault("lost_answer", on=CANCEL))
    platform.shop.orders.cancel(order_id(unsent), key="a")
    world.advance(60)
    assert given_as_credit(world) == [unsent.total]
    assert sent(platform) == [CANCEL]
