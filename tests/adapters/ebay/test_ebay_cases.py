"""Cases that eBay decides: read, linked to what they came from, appealed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.simulator import Fault
from sellercare_adapters.ebay.face_base import number, order_number
from sellercare_adapters.ebay.postorder_translate import ebay_case, may_appeal

from .test_cases import PICTURE, verbs

# Words and meanings are those of eBay's pages on CaseStatusEnum (2.8.0), CaseTypeEnum (2.8.0), AppealStatusEnum (2.7.8)
# and CaseSummaryType (2.7.7).


def row(status: str, **more: Any) -> Any:
    """A case in full."""
    return {"caseId": "5001", "status": status, "itemId": "1", "transactionId": "2", **more}


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("OPEN", "escalated"),
        ("WAITING_CS", "escalated"),
        ("WAITING_DELIVERY", "escalated"),
        ("ON_HOLD", "escalated"),
        ("REFUND_AGREED_BUT_FAILED", "approved"),
        ("CLOSED", "closed"),
        ("CS_CLOSED", "closed"),
        ("OTHER", "unknown"),
        ("A_NEW_WORD", "unknown"),
    ],
)
def test_states_of_cases(status: str, ours: str) -> None:
    found = ebay_case(row(status))
    assert (found.state, found.native_state, found.kind) == (ours, status, "dispute")


def test_a_closed_case_tells_how_it_ended() -> None:
    paid = {"refundAmounts": {"refundAmount": {"value": Decimal("12.5"), "currency": "EUR"}}}
    assert ebay_case(row("CS_CLOSED", caseDetails=paid)).state == "refunded"
    nothing = {"refundAmounts": {"refundAmount": {"value": 0, "currency": "EUR"}}}
    assert ebay_case(row("CS_CLOSED", caseDetails=nothing)).state == "closed"


def test_an_appeal_that_is_over_is_over() -> None:
    told = {"appealStatusEnum": "SELLER_APPEALED"}
    assert ebay_case(row("CS_CLOSED", appealDetails=told)).state == "escalated"
    over = told | {"appealCloseReasonEnum": "APPEAL_SELLER_DENIED"}
    assert ebay_case(row("CS_CLOSED", appealDetails=over)).state == "closed"


@pytest.mark.parametrize(
    ("status", "appeal", "may"),
    [
        ("CS_CLOSED", None, True),
        ("CLOSED", {"eligibleForAppeal": True}, True),
        ("CS_CLOSED", {"eligibleForAppeal": False}, False),
        ("CS_CLOSED", {"appealStatusEnum": "SELLER_APPEALED"}, False),
        ("CS_CLOSED", {"appealStatusEnum": "BUYER_APPEALED"}, False),
        ("OPEN", {"eligibleForAppeal": True}, False),
        ("WAITING_CS", None, False),
    ],
)
def test_when_an_appeal_is_offered(status: str, appeal: Any, may: bool) -> None:
    assert may_appeal(row(status, **({"appealDetails": appeal} if appeal else {}))) is may


@pytest.mark.parametrize("kind", ["return", "inquiry"])
def test_what_is_escalated_becomes_a_case(ebay: Any, kind: str) -> None:
    case, case_id = ebay.case(kind)
    assert list(ebay.shop.returns.list(kind="dispute")) == []
    begun = ebay.shop.returns.contest(case_id, reason="OTHER", key="a")
    (found,) = ebay.shop.returns.list(kind="dispute")
    assert (found.state, found.due, str(found.asked)) == ("escalated", case.due, "50.00 EUR")
    assert [each.id for each in ebay.shop.returns.list(kind="dispute", order_id=order_number(case.order_id))] == [
        found.id
    ]
    whole = ebay.shop.returns.get(found.id)
    if kind == "return":
        assert whole.native_kind == "RETURN"
        assert f"case:{begun.native_ids['ebay_case']}" == found.id
        assert f"return:{whole.native_ids['return']}" == case_id
    else:
        # No field of an inquiry names its case: listing and transaction do.
        assert whole.native_kind == "ITEM_NOT_RECEIVED"
    assert whole.native_ids["transaction"] == ebay.shop.returns.get(case_id).native_ids["transaction"]


def test_a_decision_of_ebay_is_appealed_once(ebay: Any) -> None:
    case, case_id = ebay.case("dispute", "declined")
    assert verbs(ebay, case_id) == {("contest", "APPEAL")}
    made = ebay.shop.returns.contest(case_id, note="Here is the tracking.", key="a")
    assert (made.id, made.state) == (case_id, "escalated")
    assert ebay.shop.returns.contest(case_id, note="Here is the tracking.", key="a").id == case_id
    assert ebay.world.count("return.contest", case.id) == 1
    assert [act.detail for act in ebay.world.acts if act.kind == "return.contest"] == ["Here is the tracking."]
    assert verbs(ebay, case_id) == set()


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
def test_an_appeal_whose_answer_is_lost_is_found_and_not_sent_again(ebay: Any, fault: str) -> None:
    case, case_id = ebay.case("dispute", "declined")
    ebay.face.faults.add(Fault(fault, "POST *", times=1))
    assert ebay.shop.returns.contest(case_id, key="a").state == "escalated"
    assert ebay.world.count("return.contest", case.id) == 1


def test_an_appeal_that_never_arrived_is_left_to_a_person(ebay: Any) -> None:
    case, case_id = ebay.case("dispute", "declined")
    ebay.face.faults.add(Fault("never_arrived", "POST *"))
    with pytest.raises(OutcomeUnknown, match="not found"):
        ebay.shop.returns.contest(case_id, key="a")
    assert ebay.world.count("return.contest", case.id) == 0


def test_an_appeal_of_which_ebay_does_not_say_whose_it_is_is_not_taken_for_ours(ebay: Any, monkeypatch: Any) -> None:
    """BUYER_SELLER_APPEALED: "either the buyer or seller", as eBay's page has it."""
    _, case_id = ebay.case("dispute", "declined")
    plain = type(ebay.face)._case_document

    def vague(self: Any, case: Any) -> Any:
        return plain(self, case) | ({"appealDetails": {"appealStatusEnum": "BUYER_SELLER_APPEALED"}} if sent else {})

    sent = False
    monkeypatch.setattr(type(ebay.face), "_case_document", vague)
    ebay.shop.returns.allowed(case_id)
    ebay.face.faults.add(Fault("never_arrived", "POST *"))
    with pytest.raises(OutcomeUnknown):
        ebay.shop.returns.contest(case_id, key="a")
    sent = True
    with pytest.raises(OutcomeUnknown, match="does not say"):
        ebay.shop.returns.contest(case_id, key="a")


def test_a_case_that_ebay_has_not_decided_takes_nothing(ebay: Any) -> None:
    _, case_id = ebay.case("dispute", "requested")
    assert verbs(ebay, case_id) == set()
    for verb in ("contest", "approve", "decline"):
        with pytest.raises(NotAllowedNow):
            getattr(ebay.shop.returns, verb)(case_id, key=verb)
    with pytest.raises((NotAllowedNow, BadInput)):
        ebay.shop.refunds.issue(return_id=case_id, key="r")
    assert ebay.calls() == []


def test_an_appeal_takes_words_only(ebay: Any) -> None:
    _, case_id = ebay.case("dispute", "declined")
    with pytest.raises(BadInput, match="files"):
        ebay.shop.returns.contest(case_id, attachments=[PICTURE], key="a")
    assert ebay.calls() == []


def test_the_history_of_a_case_is_read_and_not_written(ebay: Any) -> None:
    case, case_id = ebay.case("dispute", "declined", note="It is broken.")
    thread = ebay.shop.messages.thread(ebay.shop.returns.get(case_id).thread_id)
    assert (thread.id, thread.kind, thread.awaiting_reply, thread.closed) == (case_id, "claim_chat", False, True)
    (entry,) = ebay.shop.messages.messages(case_id)
    assert (entry.author, entry.text) == ("buyer", "It is broken.")
    (option,) = ebay.shop.messages.allowed(thread_id=case_id)
    assert "appealed" in option.why_not
    with pytest.raises(NotAllowedNow):
        ebay.shop.messages.reply(case_id, "Hello", key="a")
    assert case_id not in [each.id for each in ebay.shop.messages.threads()]
    assert number(case.id) in case_id
