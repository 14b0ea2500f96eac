"""Refunds: what is left, what is sent, and that no cent stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sellercare.errors import AmbiguousRefund, BadAnswer, BadInput, Conflict, NotAllowedNow, OutcomeUnknown
from sellercare.models import LineQuantity, Money, RefundState
from sellercare.simulator import FakeClock, Fault, World
from sellercare.testing.platform import Platform
from sellercare_adapters.woocommerce.refundable import share

REFUND = "POST /wp-json/wc/v3/orders/{id}/refunds"


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def sent(woo: Any) -> list[dict[str, Any]]:
    """The bodies of the refunds that were asked for."""
    return [request.json() for request in woo.requests if request.method == "POST"]


@pytest.fixture
def spied(woo: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The shop, with every request kept in `requests`."""
    woo.requests = []
    handle = woo.face.handle
    monkeypatch.setattr(woo.face, "handle", lambda request: (woo.requests.append(request), handle(request))[1])
    return woo


def test_what_is_sent_says_everything(spied: Any) -> None:
    """Sum and sums of lines are text or numbers that add up, each line has its id, taxes have the id of their rate."""
    order = spied.taxed(("item", 2, "20.00", {"7": "3.80", "9": "0.20"}), ("shipping", 1, "5.00", {"7": "0.95"}))
    items, shipping = (spied.id(line) for line in order.lines)
    spied.shop.refunds.issue(
        order_id=spied.id(order),
        lines=[{"id": items, "quantity": 1}, {"id": shipping}],
        reason="Damaged",
        note="one of two",
        key="a",
    )
    (body,) = sent(spied)
    mark = body.pop("meta_data")
    assert body == {
        "amount": "17.95",
        "reason": "Damaged: one of two",
        "api_refund": True,
        "api_restock": True,
        "line_items": [
            {
                "id": int(items),
                "quantity": 1,
                "refund_total": "10.00",
                "refund_tax": [{"id": 7, "refund_total": "1.90"}, {"id": 9, "refund_total": "0.10"}],
            },
            {
                "id": int(shipping),
                "quantity": 0,
                "refund_total": "5.00",
                "refund_tax": [{"id": 7, "refund_total": "0.95"}],
            },
        ],
    }
    assert [each["key"] for each in mark] == ["_sellercare"]


def test_an_amount_is_booked_without_lines_and_touches_no_stock(spied: Any) -> None:
    order = spied.taxed(("item", 2, "20.00", {"7": "3.80"}))
    refund = spied.shop.refunds.issue(order_id=spied.id(order), amount=eur("3.00"), key="a")
    assert "line_items" not in sent(spied)[0]
    assert (refund.amount, refund.lines, refund.state) == (eur("3.00"), (), RefundState.DONE)
    assert "restocked" not in order.extra


def test_all_that_is_left_goes_back_with_its_lines(woo: Any) -> None:
    order = woo.taxed(("item", 3, "10.00", {}), ("fee", 1, "1.50", {}))
    first = woo.shop.refunds.issue(
        order_id=woo.id(order), lines=[{"id": woo.id(order.lines[0]), "quantity": 1}], key="a"
    )
    assert first.amount == eur("3.33")
    rest = woo.shop.refunds.issue(order_id=woo.id(order), key="b")
    assert rest.amount == eur("8.17")
    assert {line.quantity for line in rest.lines} == {Decimal(2), None}
    shown = woo.shop.orders.get(woo.id(order))
    assert (shown.native_state, shown.refunded) == ("refunded", shown.total)
    assert woo.shop.refunds.quote(order_id=woo.id(order)) == ()
    with pytest.raises(NotAllowedNow, match="nothing left"):
        woo.shop.refunds.issue(order_id=woo.id(order), key="c")


def test_pieces_go_back_into_stock_only_if_the_seller_wants_that(make_woo: Callable[..., Any]) -> None:
    for restock in (True, False):
        woo = make_woo(restock=restock)
        order = woo.taxed(("item", 2, "20.00", {}))
        line = woo.id(order.lines[0])
        woo.shop.refunds.issue(order_id=woo.id(order), lines=[{"id": line, "quantity": 1}], key="a")
        assert order.extra.get("restocked") == ({int(line): 1} if restock else None)


# --- refused by us ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["0", "0.00", "0.004", "0.005", "-1.00", "1.005"])
def test_a_zero_and_a_fraction_of_a_cent_never_leave(woo: Any, amount: str) -> None:
    """The shop would book an empty refund (refund_zero, refund_too_precise)."""
    order = woo.taxed(("item", 1, "20.00", {}))
    with pytest.raises(BadInput):
        woo.shop.refunds.issue(order_id=woo.id(order), amount=eur(amount), key="a")
    assert woo.world.acts == []


def test_a_line_that_comes_to_nothing_never_leaves(woo: Any) -> None:
    """A free line, and a piece of a line that is worth less than a cent."""
    order = woo.taxed(("item", 1, "0.00", {}), ("item", 1000, "0.01", {}), ("item", 1, "9.00", {}))
    for line, pieces in ((order.lines[0], None), (order.lines[1], 1)):
        with pytest.raises(NotAllowedNow, match=r"at least 0\.01"):
            woo.shop.refunds.issue(
                order_id=woo.id(order), lines=[LineQuantity(id=woo.id(line), quantity=pieces)], key="a"
            )
    assert woo.world.acts == []


def test_pieces_that_round_to_nothing_together_never_leave(woo: Any) -> None:
    """A third of a cent, four times: more than a cent before rounding, and nothing after it."""
    order = woo.taxed(*[("item", 3, "0.01", {})] * 4)
    wish = [LineQuantity(id=woo.id(line), quantity=Decimal(1)) for line in order.lines]
    with pytest.raises(BadInput, match="comes to nothing"):
        woo.shop.refunds.issue(order_id=woo.id(order), lines=wish, key="a")
    assert woo.world.acts == []


def test_more_than_there_is_never_leaves(woo: Any) -> None:
    """The shop checks nothing of lines: it booked nine pieces of one (refund_line_qty_too_many)."""
    order = woo.taxed(("item", 1, "20.00", {}), ("item", 2, "5.00", {}))
    one, two = (woo.id(line) for line in order.lines)
    for key, wish in enumerate(
        (
            {"amount": eur("25.01")},
            {"lines": [{"id": one, "quantity": 9}]},
            {"lines": [{"id": one, "amount": eur("20.01")}]},
            {"lines": [{"id": two, "quantity": 2}, {"id": one, "quantity": 2}]},
        )
    ):
        with pytest.raises(NotAllowedNow):
            woo.shop.refunds.issue(order_id=woo.id(order), key=f"{key}", **wish)
    with pytest.raises(BadInput, match="no line"):
        woo.shop.refunds.issue(order_id=woo.id(order), lines=[{"id": "999999"}], key="a")
    with pytest.raises(BadInput):
        woo.shop.refunds.issue(order_id="a", amount=eur("1.00"), key="a")
    assert woo.world.acts == []


def test_a_currency_without_cents_is_paid_in_whole_units(make_woo: Callable[..., Any]) -> None:
    woo = make_woo(currency="JPY")
    order = woo.taxed(("item", 3, "1000", {"7": "100"}))
    line = woo.id(order.lines[0])
    amounts = [
        woo.shop.refunds.issue(order_id=woo.id(order), lines=[{"id": line, "quantity": 1}], key=key).amount.amount
        for key in "abc"
    ]
    assert sum(amounts) == 1100
    assert woo.shop.orders.get(woo.id(order)).native_state == "refunded"


# --- through the gateway, or only booked -----------------------------------------------------------------------------


def test_a_gateway_that_cannot_pay_back_is_told_beforehand(woo: Any) -> None:
    order = woo.world.order()
    order.payments[0].method = "transfer"
    with pytest.raises(NotAllowedNow, match="bacs"):
        woo.shop.refunds.quote(order_id=woo.id(order))
    order.payments[0].method = "gone"
    with pytest.raises(NotAllowedNow, match="no longer"):
        woo.shop.refunds.quote(order_id=woo.id(order))
    unpaid = woo.world.order(state="open")
    with pytest.raises(NotAllowedNow, match="no payment gateway"):
        woo.shop.refunds.quote(order_id=woo.id(unpaid))


def test_what_is_only_booked_pays_nobody_and_says_so(make_woo: Callable[..., Any]) -> None:
    woo = make_woo(manual_refunds=True)
    order = woo.world.order()
    with pytest.raises(AmbiguousRefund, match="manual"):
        woo.shop.refunds.issue(order_id=woo.id(order), key="a")
    refund = woo.shop.refunds.issue(order_id=woo.id(order), option="manual", amount=eur("5.00"), key="a")
    assert refund.state is RefundState.UNKNOWN
    assert refund.note == "Booked only: the payment gateway has paid nothing."
    assert woo.world.count("paid") == 0
    order.payments[0].method = "transfer"
    (option,) = woo.shop.refunds.quote(order_id=woo.id(order))
    assert option.id == "manual"
    assert "Nobody is paid" in option.consequences
    woo.shop.refunds.issue(order_id=woo.id(order), key="b")
    assert woo.world.count("paid") == 0


def test_without_a_word_the_gateway_pays(woo: Any) -> None:
    order = woo.world.order()
    woo.shop.refunds.issue(order_id=woo.id(order), amount=eur("5.00"), key="a")
    assert woo.world.count("paid", order.id) == 1


# --- refusals that come as 500 ---------------------------------------------------------------------------------------


def test_a_refusal_as_500_is_a_refusal_and_is_not_sent_again(woo: Any) -> None:
    """Somebody pays all of it back between our look and our request (refund_over)."""
    order = woo.world.order()
    pay = woo.face.pay_back
    called = []

    def meanwhile(request: Any, id: str) -> Any:
        if not called:
            called.append(1)
            with woo.world.person():
                woo.face._book(order, woo.face.left(order), [], "by hand", paid=True)
        return pay(request, id)

    woo.face.pay_back = meanwhile
    with pytest.raises(Conflict, match="Invalid refund amount") as caught:
        woo.shop.refunds.issue(order_id=woo.id(order), key="a")
    assert caught.value.status == 500
    assert woo.face.log.count((REFUND, 500)) == 1
    assert woo.world.count("refund") == 0


@pytest.mark.parametrize("paid", [True, False])
def test_the_words_of_a_gateway_are_no_proof_that_it_did_not_pay(woo: Any, paid: bool) -> None:
    """WooCommerce deletes its booking when anything fails after the gateway was asked (wc_create_refund)."""
    order = woo.world.order()
    woo.face.gateway_says, woo.face.gateway_pays = "cURL error 28: Operation timed out", paid
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="gateway"):
            woo.shop.refunds.issue(order_id=woo.id(order), key="a")
        woo.world.advance(3600 * 24)
    assert woo.face.log.count((REFUND, 500)) == 1
    assert woo.world.count("paid") == (1 if paid else 0)


def test_lines_that_the_shop_has_not_understood_are_told(woo: Any) -> None:
    """`line_items` empty in the answer: the sum is booked, the lines are not (woocommerce#24795)."""
    woo.face.knows_lines = False
    order = woo.world.order()
    refund = woo.shop.refunds.issue(order_id=woo.id(order), key="a")
    assert refund.lines == ()
    assert refund.note == "The shop has booked the sum, but not the lines."


def test_no_status_is_ever_set_to_refunded(spied: Any) -> None:
    """That would book a refund of all the rest without the gateway (order2_refunds)."""
    order = spied.world.order(state="paid")
    cancelled = spied.shop.orders.cancel(spied.id(order), key="a")
    assert (cancelled.native_state, cancelled.refunded) == ("cancelled", eur("0.00"))
    assert sent(spied) == [{"status": "cancelled"}]
    with pytest.raises(NotAllowedNow, match="completed"):
        spied.shop.orders.cancel(spied.id(spied.world.order()), key="b")
    assert spied.world.count("refund") == 0


# --- listing ---------------------------------------------------------------------------------------------------------


def test_refunds_of_all_orders_are_listed_in_their_currencies(woo: Any) -> None:
    """A refund does not tell its currency: one more call brings those of a page."""
    euros, yen = woo.world.order(), woo.world.order()
    for line in yen.lines:
        line.price = Money(amount=Decimal(2000), currency="JPY")
    for n, order in enumerate((euros, yen, euros)):
        woo.world.advance(60)
        money = Money(amount=Decimal(n + 1), currency=order.currency)
        woo.shop.refunds.issue(order_id=woo.id(order), amount=money, key=f"{n}")
    seen = len(woo.face.log)
    found = list(woo.shop.refunds.list())
    assert [str(each.amount) for each in found] == ["3.00 EUR", "2 JPY", "1.00 EUR"]
    assert len(woo.face.log) - seen == 2
    since = found[1].created_at
    assert [each.id for each in woo.shop.refunds.list(created_since=since)] == [each.id for each in found[:2]]
    assert {each.id for each in woo.shop.refunds.list(order_id=woo.id(euros))} == {found[0].id, found[2].id}
    assert woo.shop.refunds.get(found[1].id).model_copy(update={"raw": found[1].raw}) == found[1]


def test_a_list_of_refunds_that_hides_some_is_found_out(woo: Any) -> None:
    """More would seem to be left than is: the order names its refunds too."""
    order = woo.world.order()
    woo.shop.refunds.issue(order_id=woo.id(order), amount=eur("5.00"), key="a")
    woo.face.faults.add(Fault("missing_page", "GET */refunds"))
    with pytest.raises(BadAnswer, match="missing"):
        woo.shop.refunds.quote(order_id=woo.id(order))


def test_an_older_shop_is_read_order_by_order(make_woo: Callable[..., Any]) -> None:
    woo = make_woo(all_refunds=False)
    woo.face.has_refunds_route = False
    orders = [woo.world.order() for _ in range(3)]
    for n, order in enumerate(orders[:2]):
        woo.shop.refunds.issue(order_id=woo.id(order), amount=eur("1.00"), key=f"{n}")
    seen = len(woo.face.log)
    listed = woo.shop.refunds.list()
    assert "order" in listed.costs
    assert {each.order_id for each in listed} == {woo.id(order) for order in orders[:2]}
    assert len(woo.face.log) - seen == 3


# --- no cent stands in the way ---------------------------------------------------------------------------------------

SUMS = st.decimals(min_value="0.000001", max_value="500", places=6) | st.decimals("0.000001", "0.02", places=6)
TAXED = st.tuples(
    st.sampled_from(["item", "item", "shipping", "fee"]),
    st.integers(1, 7),
    SUMS,
    st.lists(SUMS.map(lambda tax: tax / 4), max_size=2),
)


def sum_of(wish: list[LineQuantity], option: Any) -> Money:
    """What the wish comes to before rounding."""
    offered = {line.order_line_id: line for line in option.lines}
    parts = [offered[each.id].amount.amount * (each.quantity or 1) / (offered[each.id].quantity or 1) for each in wish]
    return eur(str(sum(parts)))


def pieces_of(line: Any, data: st.DataObject) -> int | None:
    """Some pieces of a line. Cents may be left of one whose pieces are all paid back: that is named without any."""
    return data.draw(st.integers(1, int(line.quantity))) if line.quantity else None


# Without shrinking: each step is a whole refund, and a failure shows the order whole anyway.
@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(lines=st.lists(TAXED, min_size=1, max_size=6), data=st.data())
def test_a_refund_from_the_orders_own_lines_never_fails_for_a_cent(lines: list[Any], data: st.DataObject) -> None:
    """Pieces of lines go back in any order, with any unrounded sums and taxes, until nothing is left: the shop never
    says no, its books end at the total exactly, and the order is refunded."""
    world = World(1, FakeClock())
    platform = Platform.of("woocommerce", world)
    shop, face = platform.shop, platform.face
    made = [world.line(kind=kind, quantity=pieces if kind == "item" else 1) for kind, pieces, _, _ in lines]
    for line, (_, _, net, taxes) in zip(made, lines, strict=True):
        line.extra |= {"net": net, "taxes": {str(rate): tax for rate, tax in enumerate(taxes, 5)}}
    order = world.order(lines=made)
    order_id, total = str(face.number(order.id)), face.total(order)
    for step in range(60):
        options = shop.refunds.quote(order_id=order_id)
        if not options:
            break
        (option,) = options
        worth = [line for line in option.lines if line.amount.amount > 0]
        assert sum(line.amount.amount for line in option.lines) == option.most.amount
        chosen = data.draw(st.lists(st.sampled_from(worth), min_size=1, unique_by=lambda line: line.order_line_id))
        wish = [LineQuantity(id=line.order_line_id, quantity=pieces_of(line, data)) for line in chosen]
        # A piece that is worth less than a cent is refused by us; then all the rest goes back at once.
        small = option.least > sum_of(wish, option)
        refund = shop.refunds.issue(order_id=order_id, lines=[] if small else wish, key=f"{step}")
        booked = refund.raw
        parts = sum(
            -Decimal(line["total"]) - sum(Decimal(tax["total"]) for tax in line["taxes"])
            for name in ("line_items", "shipping_lines", "fee_lines")
            for line in booked[name]
        )
        assert parts == Decimal(booked["amount"]), "the lines of a refund come to its sum"
    assert world.refunded(order).amount == total
    assert not total or face.status(order) == "refunded"
    assert all(status < 400 for _, status in face.log)
    shop.close()


@given(
    amount=st.integers(0, 10_000),
    weights=st.lists(st.decimals("0", "1000", places=6), min_size=1, max_size=8),
)
def test_an_amount_is_cut_into_cents_that_add_up(amount: int, weights: list[Decimal]) -> None:
    step = Decimal("0.01")
    parts = share(amount * step, weights, step)
    assert sum(parts) == amount * step
    assert all(part >= 0 and part == part.quantize(step) for part in parts)
    whole = sum(weights)
    if whole:
        assert all(abs(part - amount * step * w / whole) < step for part, w in zip(parts, weights, strict=True))


def test_a_cent_that_no_line_is_worth_goes_back_too(woo: Any) -> None:
    """Lines of less than half a cent are shown as 0.00, and together they are a cent of the total."""
    order = woo.taxed(*[("item", 1, "0.004", {})] * 3, ("item", 1, "9.00", {}))
    last = woo.id(order.lines[3])
    assert woo.shop.refunds.issue(order_id=woo.id(order), lines=[{"id": last}], key="a").amount == eur("9.01")
    order = woo.taxed(*[("item", 1, "0.004", {})] * 3)
    (option,) = woo.shop.refunds.quote(order_id=woo.id(order))
    assert sum(line.amount.amount for line in option.lines) == option.most.amount == Decimal("0.01")
    assert woo.shop.refunds.issue(order_id=woo.id(order), key="b").amount == eur("0.01")
    assert woo.shop.orders.get(woo.id(order)).native_state == "refunded"


def test_an_order_without_lines_is_paid_back_by_a_sum(woo: Any) -> None:
    order = woo.taxed(("item", 1, "9.00", {}))
    order.lines[0].kind, order.extra["total"] = "gift card", "9.00"
    assert woo.shop.refunds.issue(order_id=woo.id(order), key="a").amount == eur("9.00")


def test_sums_paid_back_without_lines_are_not_taken_for_rounding(woo: Any) -> None:
    """3.00 of 69.00 went back as a bare sum (refund_partial_amount): all that is left has no lines that come to it."""
    order = woo.taxed(("item", 2, "24.00", {}), ("item", 1, "40.00", {}), ("shipping", 1, "5.00", {}))
    woo.shop.refunds.issue(order_id=woo.id(order), amount=eur("3.00"), key="a")
    (option,) = woo.shop.refunds.quote(order_id=woo.id(order))
    assert option.most == eur("66.00")
    assert [line.amount for line in option.lines] == [eur("24.00"), eur("40.00"), eur("5.00")]
    scarf = woo.shop.refunds.issue(order_id=woo.id(order), lines=[{"id": woo.id(order.lines[1])}], key="b")
    assert scarf.amount == eur("40.00")
    rest = woo.shop.refunds.issue(order_id=woo.id(order), key="c")
    assert (rest.amount, rest.lines) == (eur("26.00"), ())


def test_a_discount_that_is_a_negative_fee_is_no_line_to_pay_back(woo: Any) -> None:
    order = woo.taxed(("item", 1, "100.00", {}), ("fee", 1, "-10.00", {}))
    (option,) = woo.shop.refunds.quote(order_id=woo.id(order))
    assert option.most == eur("90.00")
    assert [(line.order_line_id, line.amount) for line in option.lines] == [(woo.id(order.lines[0]), eur("90.00"))]
    assert woo.shop.refunds.issue(order_id=woo.id(order), key="a").amount == eur("90.00")
