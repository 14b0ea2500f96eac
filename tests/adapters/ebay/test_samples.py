"""eBay's error samples, and the traps of Post-Order that were seen in the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sellercare.calls import Answer, to_json
from sellercare.errors import Refused
from sellercare.simulator import Refusal
from sellercare_adapters.ebay import EbayAdapter
from sellercare_adapters.ebay.adapter import SCOPES

from .postorder import as_openapi


@pytest.mark.contract
def test_the_published_error_samples_are_read(specs: Callable[[str], Path]) -> None:
    samples = json.loads((specs("ebay") / "samples" / "errors.json").read_text("utf-8"))
    found = {name: EbayAdapter.problem(Answer(400, {}, to_json(samples[name]))) for name in ("oauth", "restful")}
    assert (found["oauth"].code, found["oauth"].text) == ("Error Message", "description")
    assert (found["restful"].code, found["restful"].text, found["restful"].field) == ("1", "description", "name")
    legacy = EbayAdapter.problem(Answer(400, {}, to_json({"error": samples["restful"]["error"]})))
    assert (legacy.code, legacy.field) == ("292024", "invalidshippingcarriername")
    wrapped = EbayAdapter.problem(Answer(400, {}, to_json(samples["postOrder"])))
    assert (wrapped.code, wrapped.text) == ("1", "Error Message")


@pytest.mark.contract
def test_no_call_that_ebay_has_shut_down_is_used(specs: Callable[[str], Path], ebay: Any) -> None:
    """Many public libraries still have them (dossier, trap 1)."""
    derived = json.loads((specs("ebay") / "post-order-v2.derived.json").read_text("utf-8"))
    dead = [each for each in derived["operations"] if "decommissioned" in each["state"]]
    assert dead
    open_ones = as_openapi(specs("ebay") / "post-order-v2.derived.json")["paths"]
    for each in dead:
        shown = "/".join("{id}" if part.startswith("{") else part for part in each["path"].split("/"))
        assert each["method"].lower() not in open_ones.get(shown, {})


def test_a_refund_that_did_not_go_through_may_be_tried_again(ebay: Any, monkeypatch: Any) -> None:
    """1764, seen at refunds of returns (eBay/digital-signature-verification-ebay-api#4): a refusal, and no more."""
    _, case_id = ebay.case("return", "received")
    plain = type(ebay.face).refund_return
    tries: list[int] = []

    def once(self: Any, request: Any, case_id: str) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise Refusal(400, "1764", "The refund did not go through.")
        return plain(self, request, case_id)

    monkeypatch.setattr(type(ebay.face), "refund_return", once)
    with pytest.raises(Refused) as caught:
        ebay.shop.refunds.issue(return_id=case_id, key="a")
    assert caught.value.native_code == "1764"
    assert ebay.shop.refunds.issue(return_id=case_id, key="a").amount == ebay.world.money("50.00")
    assert ebay.world.count("refund") == 1


def test_contracts_without_scopes_do_not_make_calls_without_a_token(ebay: Any) -> None:
    """Six contracts declare empty flows (dossier, trap 2): scopes are named here, and every call carries a token."""
    for scope in ("commerce.message", "commerce.feedback", "sell.fulfillment", "sell.finances", "sell.payment.dispute"):
        assert f"https://api.ebay.com/oauth/api_scope/{scope}" in SCOPES
    list(ebay.shop.messages.threads())
    list(ebay.shop.reviews.list())
    assert {status for _, status in ebay.face.log} == {200}
