"""Returns, claims and refunds at Allegro, as the dossier tells of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.errors import BadInput, Impossible, Invalid, KeyConflict, NotAllowedNow
from sellercare.models import LineKind, Money, Parcel
from sellercare.simulator import Fault
from sellercare_adapters.allegro import translate
from sellercare_adapters.allegro.face_base import as_uuid
from sellercare_adapters.allegro.refundable import Part, refundable, slices_for, wire_parts


def pln(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="PLN")


def order_of(seller: Any) -> Any:
    world = seller.world
    return world.order(lines=[world.line("Lamp", "50.00", 2), world.line("Courier", "9.99", kind="shipping")])


def refund_bodies(seller: Any) -> list[Any]:
    return [each.lines[0] for each in seller.world.data.refunds.values()]


# --- refunds -------------------------------------------------------------------------------------------------------


def test_a_quote_is_what_was_paid_less_what_was_paid_back(allegro: Any) -> None:
    order = order_of(allegro)
    order_id, lamp = as_uuid(order.id), as_uuid(order.lines[0].id)
    (option,) = allegro.shop.refunds.quote(order_id=order_id)
    assert option.id == f"payment:{as_uuid(order.payments[0].id)}"
    assert option.most == pln("109.99")
    assert [(line.order_line_id, line.quantity, line.amount) for line in option.lines] == [
        (lamp, 2, pln("100.00")),
        ("delivery", None, pln("9.99")),
    ]
    allegro.shop.refunds.issue(order_id=order_id, lines=[{"id": lamp, "quantity": 1}], key="one")
    (option,) = allegro.shop.refunds.quote(order_id=order_id)
    assert (option.most, option.lines[0].quantity, option.lines[0].amount) == (pln("59.99"), 1, pln("50.00"))


def test_a_full_refund_names_pieces_and_delivery(allegro: Any) -> None:
    order = order_of(allegro)
    refund = allegro.shop.refunds.issue(order_id=as_uuid(order.id), key="all")
    assert refund.amount == pln("109.99")
    lamp = {"id": as_uuid(order.lines[0].id), "type": "QUANTITY", "quantity": 2}
    assert refund_bodies(allegro) == [
        {"lineItems": [lamp], "delivery": {"value": {"amount": "9.99", "currency": "PLN"}}}
    ]


def test_an_amount_is_taken_from_the_items_in_their_order(allegro: Any) -> None:
    order = order_of(allegro)
    allegro.shop.refunds.issue(order_id=as_uuid(order.id), amount=pln("105.00"), key="sum")
    value = {"amount": "100.00", "currency": "PLN"}
    assert refund_bodies(allegro) == [
        {
            "lineItems": [{"id": as_uuid(order.lines[0].id), "type": "AMOUNT", "value": value}],
            "delivery": {"value": {"amount": "5.00", "currency": "PLN"}},
        }
    ]


def test_accepted_is_not_paid(allegro: Any) -> None:
    order = order_of(allegro)
    refund = allegro.shop.refunds.issue(order_id=as_uuid(order.id), key="all", note="Przepraszamy")
    assert (refund.state, refund.native_state, refund.note) == ("pending", "IN_PROGRESS", "Przepraszamy")
    allegro.clock.advance(minutes=1)
    assert allegro.shop.refunds.get(refund.id).state == "done"


def test_a_cancelled_refund_may_be_paid_again(allegro: Any) -> None:
    order_id = as_uuid(order_of(allegro).id)
    allegro.face.faults.add(Fault("fails_later", "POST /payments/refunds"))
    refund = allegro.shop.refunds.issue(order_id=order_id, key="all")
    assert allegro.shop.refunds.quote(order_id=order_id) == ()
    allegro.clock.advance(minutes=2)
    assert allegro.shop.refunds.get(refund.id).native_state == "CANCELED"
    assert allegro.shop.refunds.quote(order_id=order_id)[0].most == pln("109.99")


def test_the_same_key_is_the_same_command_and_another_key_another(allegro: Any) -> None:
    order_id = as_uuid(order_of(allegro).id)
    first = allegro.shop.refunds.issue(order_id=order_id, amount=pln("1.00"), key="a")
    assert allegro.shop.refunds.issue(order_id=order_id, amount=pln("1.00"), key="a") == first
    allegro.shop.refunds.issue(order_id=order_id, amount=pln("1.00"), key="b")
    assert allegro.world.count("refund") == 2
    assert len(allegro.world.data.extra["commands"]) == 2
    with pytest.raises(KeyConflict):
        allegro.shop.refunds.issue(order_id=order_id, amount=pln("2.00"), key="a")


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        (pln("110.00"), NotAllowedNow),
        (pln("0.00"), BadInput),
        (pln("-1.00"), BadInput),
        (pln("1.005"), BadInput),
        (Money(amount=Decimal(1), currency="CZK"), BadInput),
    ],
)
def test_an_impossible_amount_never_leaves(allegro: Any, amount: Money, error: type[Exception]) -> None:
    order_id = as_uuid(order_of(allegro).id)
    with pytest.raises(error):
        allegro.shop.refunds.issue(order_id=order_id, amount=amount, key="k")
    assert not any(call.startswith("POST") for call, _ in allegro.face.log)


def test_more_of_a_line_than_is_left_never_leaves(allegro: Any) -> None:
    order = order_of(allegro)
    lines = [{"id": as_uuid(order.lines[0].id), "quantity": 3}]
    with pytest.raises(NotAllowedNow, match="left to pay back"):
        allegro.shop.refunds.issue(order_id=as_uuid(order.id), lines=lines, key="k")


@pytest.mark.parametrize(
    ("kind", "provider"), [("CASH_ON_DELIVERY", "P24"), ("WIRE_TRANSFER", "P24"), ("ONLINE", "OFFLINE")]
)
def test_the_type_of_a_payment_or_its_provider_says_that_it_was_outside(allegro: Any, kind: str, provider: str) -> None:
    order = order_of(allegro)
    form = allegro.shop.orders.get(as_uuid(order.id)).raw
    form["payment"] |= {"type": kind, "provider": provider}
    with pytest.raises(NotAllowedNow, match="outside Allegro"):
        refundable(form, [])


def test_what_was_paid_outside_allegro_cannot_be_paid_back_by_it(allegro: Any) -> None:
    order = order_of(allegro)
    order.payments[0].method = "cash_on_delivery"
    with pytest.raises(NotAllowedNow, match="outside Allegro"):
        allegro.shop.refunds.quote(order_id=as_uuid(order.id))


@pytest.mark.parametrize(("earlier", "told"), [(99, True), (100, False)])
def test_more_refunds_than_a_page_shows_are_not_counted_wrong(allegro: Any, earlier: int, told: bool) -> None:
    """A list gives at most a hundred: what is left behind it would seem to be left to pay back."""
    order = order_of(allegro)
    for _ in range(earlier):
        allegro.world.pay_back(order, pln("1.00"))
    if told:
        (option,) = allegro.shop.refunds.quote(order_id=as_uuid(order.id))
        assert option.most == pln("10.99")
    else:
        with pytest.raises(NotAllowedNow, match="hundred refunds"):
            allegro.shop.refunds.quote(order_id=as_uuid(order.id))


def test_an_order_without_a_payment_has_nothing_to_pay_back(allegro: Any) -> None:
    order = allegro.world.order(state="open")
    assert allegro.shop.refunds.quote(order_id=as_uuid(order.id)) == ()


@given(
    lefts=st.lists(st.integers(1, 10_000), min_size=1, max_size=5),
    share=st.fractions(min_value=Decimal("0.001"), max_value=1),
)
def test_the_parts_of_an_amount_always_come_to_the_amount(lefts: list[int], share: Any) -> None:
    parts = [Part(str(n), LineKind.ITEM, pln(str(Decimal(left) / 100)), Decimal(1)) for n, left in enumerate(lefts)]
    most = pln(str(Decimal(sum(lefts)) / 100))
    wanted = pln(str(Decimal(max(1, int(sum(lefts) * share))) / 100))
    slices = slices_for(parts, most, wanted, ())
    total = sum((each.money.amount if each.money else each.part.left.amount for each in slices), Decimal(0))
    assert total == wanted.amount
    assert all(each.money is None or each.money <= each.part.left for each in slices)
    assert len(wire_parts(slices)["lineItems"]) == len(slices)


# --- returns -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "carrier", "number"),
    [
        ({"waybill": "AD00R28X72", "carrierId": "ALLEGRO"}, "ALLEGRO", "AD00R28X72"),
        (
            {
                "waybill": "AD00R28X72",
                "carrierId": "ALLEGRO",
                "transportingWaybill": "2171143568953",
                "transportingCarrierId": "ORLEN",
            },
            "ORLEN",
            "2171143568953",
        ),
        ({"carrierId": "ALLEGRO", "transportingWaybill": None}, "ALLEGRO", None),
    ],
)
def test_the_parcel_of_a_return_is_that_of_who_carries_it(told: Any, carrier: str, number: str | None) -> None:
    """The examples of the description (CustomerReturnReturnParcel)."""
    found = translate.customer_return({"id": "r1", "status": "IN_TRANSIT", "parcels": [told, {}]})
    assert found.parcels == (Parcel(carrier=carrier, number=number),)


def test_returns_disputes_and_claims_are_in_one_list(allegro: Any) -> None:
    order = order_of(allegro)
    for kind in ("return", "dispute", "claim"):
        allegro.world.return_(order, kind=kind)
    rows = list(allegro.shop.returns.list(order_id=as_uuid(order.id)))
    assert {each.kind for each in rows} == {"return", "dispute", "claim"}
    assert [each.thread_id == each.id for each in rows if each.kind != "return"] == [True, True]
    for kind in ("return", "dispute", "claim"):
        assert [each.kind for each in allegro.shop.returns.list(kind=kind)] == [kind]


def test_there_is_nothing_to_approve_receive_open_or_contest(allegro: Any) -> None:
    back = as_uuid(allegro.world.return_().id)
    for verb in ("approve", "receive", "contest"):
        with pytest.raises(Impossible):
            getattr(allegro.shop.returns, verb)(back, key="k")
    assert "paying it back" in allegro.shop.supports("returns.approve").text


def test_a_return_is_rejected_with_a_code_and_for_one_code_with_a_note(allegro: Any) -> None:
    back = as_uuid(allegro.world.return_().id)
    with pytest.raises(BadInput, match="reason"):
        allegro.shop.returns.decline(back, key="a")
    with pytest.raises(BadInput, match="note"):
        allegro.shop.returns.decline(back, reason="REFUND_REJECTED", key="b")
    done = allegro.shop.returns.decline(back, reason="REFUND_REJECTED", note="Uszkodzone", key="c")
    assert (done.state, done.native_state, done.note) == ("declined", "REJECTED", "Uszkodzone")
    with pytest.raises(NotAllowedNow):
        allegro.shop.returns.decline(back, reason="ITEM_FIXED", key="d")


def test_a_claim_is_accepted_then_paid(allegro: Any) -> None:
    order = order_of(allegro)
    claim = f"issue:{as_uuid(allegro.world.return_(order, kind='claim').id)}"
    actions = {each.variant for each in allegro.shop.returns.allowed(claim) if each.verb == "offer"}
    assert actions == {"ACCEPTED_REPAIR", "ACCEPTED_EXCHANGE", "ACCEPTED_REFUND", "ACCEPTED_PARTIAL_REFUND"}
    with pytest.raises(BadInput, match="note"):
        allegro.shop.returns.offer(claim, variant="ACCEPTED_REFUND", key="a")
    with pytest.raises(BadInput, match="amount"):
        allegro.shop.returns.offer(claim, variant="ACCEPTED_PARTIAL_REFUND", note="Tak", key="b")
    accepted = allegro.shop.returns.offer(claim, variant="ACCEPTED_REFUND", note="Tak", key="c")
    assert accepted.state == "approved"
    assert allegro.world.count("refund") == 0
    refund = allegro.shop.refunds.issue(return_id=claim, key="pay")
    assert (refund.reason, refund.order_id) == ("COMPLAINT", as_uuid(order.id))
    assert allegro.shop.returns.allowed(claim) == ()


def test_a_claim_is_rejected_for_a_reason_of_its_own(allegro: Any) -> None:
    claim = f"issue:{as_uuid(allegro.world.return_(kind='claim').id)}"
    with pytest.raises(BadInput, match="no reason here"):
        allegro.shop.returns.decline(claim, reason="ITEM_FIXED", note="Nie", key="a")
    done = allegro.shop.returns.decline(claim, reason="REJECTED_OTHER", note="Nie", key="b")
    assert done.state == "declined"


def test_nothing_is_decided_about_a_dispute(allegro: Any) -> None:
    dispute = f"issue:{as_uuid(allegro.world.return_(kind='dispute').id)}"
    assert allegro.shop.returns.allowed(dispute) == ()
    with pytest.raises(NotAllowedNow):
        allegro.shop.returns.decline(dispute, reason="REJECTED_OTHER", note="Nie", key="a")


def test_a_dispute_that_has_become_a_claim_is_read_again_before_it_is_decided(allegro: Any) -> None:
    issue = allegro.world.return_(kind="dispute")
    issue_id = f"issue:{as_uuid(issue.id)}"
    assert allegro.shop.returns.get(issue_id).kind == "dispute"
    issue.kind = "claim"
    assert allegro.shop.returns.offer(issue_id, variant="ACCEPTED_REPAIR", note="Tak", key="a").state == "approved"


# --- orders --------------------------------------------------------------------------------------------------------


def test_an_order_is_found_by_its_id_which_is_its_only_number(allegro: Any) -> None:
    order = order_of(allegro)
    found = allegro.shop.orders.find(as_uuid(order.id))
    assert (found.id, found.number, found.total, found.paid) == (
        as_uuid(order.id),
        found.id,
        pln("109.99"),
        pln("109.99"),
    )
    assert [line.kind for line in found.lines] == ["item", "shipping"]
    with pytest.raises(Invalid, match="malformed"):
        allegro.shop.orders.find("2503-00001")
    with pytest.raises(Impossible):
        allegro.shop.orders.cancel(as_uuid(order.id), key="k")
