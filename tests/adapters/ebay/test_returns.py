"""What a return of Post-Order shows beside its decisions: its two parts, its parcel, its files and its label."""

from __future__ import annotations

from typing import Any

import pytest

from sellercare_adapters.ebay.face_base import number


@pytest.fixture
def parts(ebay: Any, monkeypatch: Any) -> list[str]:
    """The field groups that are asked for."""
    asked: list[str] = []
    plain = type(ebay.face).one_return

    def noted(self: Any, request: Any, case_id: str) -> Any:
        asked.append(request.param("fieldgroups"))
        return plain(self, request, case_id)

    monkeypatch.setattr(type(ebay.face), "one_return", noted)
    return asked


def test_a_return_comes_in_two_parts(ebay: Any, parts: list[str]) -> None:
    """eBay's page on GetReturnFieldGroupEnum: FULL is the details only, without the summary, and SUMMARY the other."""
    case, case_id = ebay.case("return", note="It is broken.")
    found = ebay.shop.returns.get(case_id)
    assert parts == ["SUMMARY", "FULL"]
    assert set(found.raw) == {"summary", "detail"}
    assert (found.id, found.note) == (f"return:{number(case.id)}", "It is broken.")


def test_what_is_allowed_costs_one_part(ebay: Any, parts: list[str]) -> None:
    _, case_id = ebay.case("return")
    assert ebay.shop.returns.allowed(case_id)
    assert ebay.shop.messages.allowed(thread_id=case_id)
    assert parts == ["SUMMARY", "SUMMARY"]


def test_no_details_are_fetched_for_money_that_ebay_does_not_offer(ebay: Any, parts: list[str]) -> None:
    _, case_id = ebay.case("return", "declined")
    assert ebay.shop.refunds.quote(return_id=case_id) == ()
    assert parts == ["SUMMARY"]
