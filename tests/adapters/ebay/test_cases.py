"""Returns, inquiries, cancellations and payment disputes: listed, read, decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sellercare.errors import BadAnswer, BadInput, ConfigError, Conflict, NotAllowedNow, OutcomeUnknown
from sellercare.models import LineQuantity, Upload
from sellercare.simulator import Fault, Reply
from sellercare_adapters.ebay.adapter import ReturnAddress
from sellercare_adapters.ebay.face_base import number, order_number

KINDS = ("return", "inquiry", "cancellation", "dispute", "chargeback")
PICTURE = Upload.of("proof.png", "image/png", b"\x89PNG" + bytes(60))


def verbs(ebay: Any, case_id: str) -> set[tuple[str, str | None]]:
    return {(action.verb.value, action.variant) for action in ebay.shop.returns.allowed(case_id)}


# --- listing ----------------------------------------------------------------------


def test_every_kind_is_listed_and_read(ebay: Any) -> None:
    ids = {kind: ebay.case(kind)[1] for kind in KINDS}
    assert {each.kind.value: each.id for each in ebay.shop.returns.list()} == ids
    for kind, case_id in ids.items():
        found = ebay.shop.returns.get(case_id)
        assert (found.id, found.kind) == (case_id, kind)
        assert found.state == ("escalated" if kind == "dispute" else "requested")
        assert [each.id for each in ebay.shop.returns.list(kind=kind)] == [case_id]


def test_eighteen_months_are_searched_ninety_days_at_a_time(ebay: Any) -> None:
    order, _ = ebay.order()
    for days in (1, 89, 91, 200, 400, 540):
        ebay.world.return_(order, days_ago=days)
    ebay.world.return_(order, days_ago=600)
    assert len(list(ebay.shop.returns.list(kind="return"))) == 6
    assert ebay.calls("GET").count("GET /post-order/v2/return/search") == 7


def test_what_came_in_this_very_moment_is_found(ebay: Any) -> None:
    """eBay's filters take milliseconds, and clocks differ."""
    ebay.clock.advance(seconds=0.0007)
    ebay.world.skew = 2.0
    ids = [ebay.case(kind)[1] for kind in KINDS]
    assert [each.id for each in ebay.shop.returns.list()] == ids


def test_the_cases_of_an_order_are_asked_for_at_once(ebay: Any) -> None:
    case, case_id = ebay.case("return")
    ebay.case("return")
    found = ebay.shop.returns.list(order_id=order_number(case.order_id))
    assert [each.id for each in found] == [case_id]
    assert len(ebay.calls("GET")) == len(KINDS) + 1
    assert ebay.calls("GET").count("GET /post-order/v2/cancellation/search") == 2


@pytest.mark.parametrize("by_order", [True, False])
def test_cancellations_of_both_sides_are_listed(ebay: Any, by_order: bool) -> None:
    """eBay's page on Search Cancellations (2.10.0): those that one side asked for, the seller's if no role is named."""
    order, _ = ebay.order(state="paid")
    asked = ebay.world.return_(order, kind="cancellation")
    ours = ebay.world.return_(order, kind="cancellation", state="refunded")
    ours.extra["by"] = "SELLER"
    query = {"order_id": order_number(order.id)} if by_order else {}
    found = {each.id for each in ebay.shop.returns.list(kind="cancellation", **query)}
    assert found == {f"cancellation:{number(each.id)}" for each in (asked, ours)}


def test_an_inquiry_that_became_a_case_is_listed_as_the_case(ebay: Any) -> None:
    """eBay's page on Search Inquiries (2.10.0): the search leaves them out, and one can be read all the same."""
    _, case_id = ebay.case("inquiry")
    ebay.shop.returns.contest(case_id, reason="OTHER", key="a")
    assert list(ebay.shop.returns.list(kind="inquiry")) == []
    assert ebay.shop.returns.get(case_id).state == "escalated"


def test_what_the_seller_bought_and_cancelled_is_none_of_the_shops(ebay: Any, monkeypatch: Any) -> None:
    """eBay does not say whether a search by role finds the purchases of the account as well."""
    for _ in range(2):
        ebay.case("cancellation")
    plain = type(ebay.face)._cancellation
    names = iter(("somebody", ebay.face.settings()["username"]))
    monkeypatch.setattr(
        type(ebay.face), "_cancellation", lambda face, case: plain(face, case) | {"buyerLoginName": next(names)}
    )
    assert len(list(ebay.shop.returns.list(kind="cancellation"))) == 1


def test_more_than_a_page_is_listed(ebay: Any) -> None:
    order, _ = ebay.order()
    for _ in range(205):
        ebay.world.return_(order)
    assert len(list(ebay.shop.returns.list(kind="return"))) == 205


def test_pages_skip_rows_as_ebay_says(ebay: Any, monkeypatch: Any) -> None:
    """eBay's page on PaginationOutput: the offset is the number of entries to skip, and 0 if it is left out."""
    order, _ = ebay.order()
    for _ in range(401):
        ebay.world.return_(order)
    asked = []
    plain = type(ebay.face)._page

    def noted(self: Any, request: Any, *more: Any) -> Reply:
        asked.append((request.param("limit"), request.param("offset")))
        return plain(self, request, *more)

    monkeypatch.setattr(type(ebay.face), "_page", noted)
    assert len(list(ebay.shop.returns.list(kind="return", order_id=order_number(order.id)))) == 401
    assert asked == [("200", "0"), ("200", "200"), ("200", "400")]


@pytest.mark.parametrize("there", [3, 201])
def test_pages_that_are_counted_in_another_way_are_an_error_and_no_silence(
    ebay: Any, monkeypatch: Any, there: int
) -> None:
    """Others remember that `offset` counts pages: if it did, or began with 1, rows would be missing."""
    order, _ = ebay.order()
    for _ in range(there):
        ebay.world.return_(order)

    def by_pages(self: Any, request: Any, rows: Any, items: str, total: str, shown: Any) -> Reply:
        page, limit = int(request.param("offset")), int(request.param("limit"))
        start = page * limit if there > limit else page + 1
        return Reply.of({items: shown[start : start + limit], "paginationOutput": {"totalEntries": len(rows)}})

    monkeypatch.setattr(type(ebay.face), "_page", by_pages)
    with pytest.raises(BadAnswer, match="missing"):
        list(ebay.shop.returns.list(kind="return"))


def test_a_return_tells_order_listing_transaction_and_its_deadline(ebay: Any) -> None:
    case, case_id = ebay.case("return", note="It is broken.")
    found = ebay.shop.returns.get(case_id)
    assert found.order_id == order_number(case.order_id)
    assert (found.note, found.reason) == ("It is broken.", "ARRIVED_DAMAGED")
    assert set(found.native_ids) == {"case", "item", "transaction"}
    assert found.due == case.due
    assert str(found.asked) == "50.00 EUR"


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("approved", "approved"),
        ("in_transit", "in_transit"),
        ("received", "received"),
        ("declined", "declined"),
        ("cancelled", "cancelled"),
        ("refunded", "refunded"),
        ("escalated", "escalated"),
    ],
)
def test_states_of_returns(ebay: Any, state: str, ours: str) -> None:
    _, case_id = ebay.case("return", state)
    assert ebay.shop.returns.get(case_id).state == ours


# --- deciding ----------------------------------------------------------------------


def test_ebay_itself_says_what_may_be_decided(ebay: Any) -> None:
    _, case_id = ebay.case("return")
    assert verbs(ebay, case_id) == {
        ("approve", None),
        ("decline", None),
        ("offer", "OFFER_PARTIAL_REFUND"),
        ("offer", "OFFER_RETURN"),
        ("contest", None),
    }
    _, closed = ebay.case("return", "declined")
    assert verbs(ebay, closed) == set()


@pytest.mark.parametrize(
    ("kind", "state", "verb", "asked", "after"),
    [
        ("return", "requested", "approve", {}, "approved"),
        ("return", "requested", "decline", {"note": "Too late."}, "declined"),
        ("return", "in_transit", "receive", {}, "received"),
        ("return", "requested", "contest", {"reason": "OTHER"}, "escalated"),
        ("return", "requested", "offer", {"variant": "OFFER_RETURN"}, "approved"),
        ("return", "approved", "approve", {"variant": "PROVIDE_RMA", "note": "RMA-1"}, "approved"),
        ("inquiry", "requested", "contest", {"reason": "OTHER", "note": "It was delivered."}, "escalated"),
        ("cancellation", "requested", "approve", {}, "refunded"),
        ("cancellation", "requested", "decline", {}, "declined"),
        ("chargeback", "requested", "approve", {}, "closed"),
        ("chargeback", "requested", "contest", {"note": "Here is proof."}, "requested"),
    ],
)
@pytest.mark.parametrize("fault", [None, "lost_answer", "error_after"])
def test_a_decision_is_made_once(
    ebay: Any, kind: str, state: str, verb: str, asked: Any, after: str, fault: Any
) -> None:
    case, case_id = ebay.case(kind, state)
    if fault:
        ebay.face.faults.add(Fault(fault, "POST *", times=1))
    decide = getattr(ebay.shop.returns, verb)
    made = decide(case_id, key="a", **asked)
    assert (made.id, made.state) == (case_id, after)
    assert decide(case_id, key="a", **asked).state == after
    assert ebay.world.count(f"return.{verb}", case.id) == 1


def test_a_part_is_offered_with_its_amount(ebay: Any) -> None:
    case, case_id = ebay.case("return")
    with pytest.raises(BadInput, match="amount"):
        ebay.shop.returns.offer(case_id, variant="OFFER_PARTIAL_REFUND", key="a")
    ebay.shop.returns.offer(case_id, variant="OFFER_PARTIAL_REFUND", amount=ebay.world.money("5.00"), key="a")
    (act,) = [act for act in ebay.world.acts if act.kind == "return.offer"]
    assert (act.target, act.detail) == (case.id, "5.00 EUR")
    assert ebay.world.count("refund") == 0


def test_money_moves_where_it_is_said(ebay: Any) -> None:
    moves = {
        (kind, action.verb.value, action.variant): action.moves_money.value
        for kind in ("return", "cancellation", "chargeback")
        for action in ebay.shop.returns.allowed(ebay.case(kind)[1])
    }
    assert moves["cancellation", "approve", None] == moves["chargeback", "approve", None] == "yes"
    assert moves["return", "approve", None] == moves["return", "offer", "OFFER_PARTIAL_REFUND"] == "later"
    assert moves["return", "decline", None] == moves["cancellation", "decline", None] == "no"


def test_a_decision_that_never_arrived_is_left_to_a_person(ebay: Any) -> None:
    case, case_id = ebay.case("return")
    ebay.face.faults.add(Fault("never_arrived", "POST *"))
    with pytest.raises(OutcomeUnknown):
        ebay.shop.returns.decline(case_id, key="a")
    assert ebay.world.count("return.decline", case.id) == 0


def test_a_return_that_somebody_else_decided_meanwhile_is_left_to_a_person(ebay: Any) -> None:
    case, case_id = ebay.case("return")
    ebay.face.faults.add(Fault("never_arrived", "POST *"))

    with pytest.raises(OutcomeUnknown, match="not found"):
        ebay.shop.returns.decline(case_id, key="a")
    ebay.face._happened(case, "SELLER_APPROVE_REQUEST", None)
    case.state = "approved"
    with pytest.raises(OutcomeUnknown, match="went on since"):
        ebay.shop.returns.decline(case_id, key="a")


@pytest.mark.parametrize(
    "more", [{"lines": [LineQuantity(id="1")]}, {"attachments": [PICTURE]}], ids=["lines", "files"]
)
@pytest.mark.parametrize("kind", ["return", "cancellation"])
def test_what_ebay_has_no_place_for_is_refused(ebay: Any, kind: str, more: Any) -> None:
    _, case_id = ebay.case(kind)
    with pytest.raises(BadInput):
        ebay.shop.returns.decline(case_id, key="a", **more)
    assert ebay.calls() == []


def test_an_id_that_names_no_case_is_refused(ebay: Any) -> None:
    for wrong in ("5001", "return:", "claim:5001"):
        with pytest.raises(BadInput, match="names no case"):
            ebay.shop.returns.get(wrong)


# --- payment disputes ----------------------------------------------------------------------


def test_a_dispute_is_contested_with_evidence_of_the_newest_revision(ebay: Any) -> None:
    case, case_id = ebay.case("chargeback")
    case.extra["asked_for"] = [{"evidenceType": "PROOF_OF_DELIVERY", "lineItems": []}]
    made = ebay.shop.returns.contest(case_id, note="Delivered.", attachments=[PICTURE, PICTURE], key="a")
    assert made.raw["sellerResponse"] == "CONTEST"
    (evidence,) = case.extra["evidence"]
    assert (evidence["evidenceType"], len(evidence["files"])) == ("PROOF_OF_DELIVERY", 2)


def test_evidence_wants_a_kind_where_ebay_asked_for_none(ebay: Any) -> None:
    case, case_id = ebay.case("chargeback")
    with pytest.raises(BadInput, match="what kind"):
        ebay.shop.returns.contest(case_id, attachments=[PICTURE], key="a")
    ebay.shop.returns.contest(case_id, reason="PROOF_OF_DELIVERY", attachments=[PICTURE], key="b")
    assert case.extra["evidence"][0]["evidenceType"] == "PROOF_OF_DELIVERY"


def test_a_dispute_that_changed_meanwhile_is_not_answered(ebay: Any, monkeypatch: Any) -> None:
    case, case_id = ebay.case("chargeback")
    plain = type(ebay.face).dispute

    def stale(self: Any, request: Any, dispute_id: str) -> Any:
        reply = plain(self, request, dispute_id)
        return Reply.of(reply.json() | {"revision": 0})

    monkeypatch.setattr(type(ebay.face), "dispute", stale)
    with pytest.raises(Conflict) as caught:
        ebay.shop.returns.approve(case_id, key="a")
    assert caught.value.native_code == "33011"
    assert case.state == "requested"


def test_goods_not_as_described_want_an_address_for_the_return(make_ebay: Any) -> None:
    ebay = make_ebay()
    case, case_id = ebay.case("chargeback")
    case.extra["reason"] = "SIGNIFICANTLY_NOT_AS_DESCRIBED"
    with pytest.raises(ConfigError) as caught:
        ebay.shop.returns.contest(case_id, key="a")
    assert caught.value.setting == "return_address"
    address = ReturnAddress(
        name="A. Seller",
        street="Way 1",
        city="Berlin",
        postal_code="10115",
        country="DE",
        phone="30123456",
        phone_country="DE",
    )
    other = make_ebay(return_address=address.model_dump())
    case, case_id = other.case("chargeback")
    case.extra["reason"] = "SIGNIFICANTLY_NOT_AS_DESCRIBED"
    assert other.shop.returns.contest(case_id, key="a").raw["sellerResponse"] == "CONTEST"


@pytest.mark.parametrize("media", ["image/gif", "application/pdf"])
def test_evidence_is_jpeg_or_png(ebay: Any, media: str) -> None:
    _, case_id = ebay.case("chargeback")
    with pytest.raises(BadInput, match="JPEG"):
        ebay.shop.returns.contest(case_id, attachments=[Upload.of("a", media, b"x")], key="a")


def test_a_closed_dispute_is_not_answered(ebay: Any) -> None:
    _, case_id = ebay.case("chargeback", "closed")
    with pytest.raises(NotAllowedNow):
        ebay.shop.returns.approve(case_id, key="a")


def test_an_inquiry_that_changed_is_newer(ebay: Any) -> None:
    case, case_id = ebay.case("inquiry", days_ago=3)
    case.updated_at = ebay.world.now()
    since = ebay.world.now() - timedelta(hours=1)
    assert [each.id for each in ebay.shop.returns.list(kind="inquiry", updated_since=since)] == [case_id]
    case.updated_at = since - timedelta(hours=1)
    assert list(ebay.shop.returns.list(kind="inquiry", updated_since=since)) == []
    assert number(case.id) in case_id
