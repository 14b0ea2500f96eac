"""The seam: what is known of Post-Order is in its own modules, and another service's desk takes a kind of case over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import sellercare_adapters.ebay as package
from sellercare.calls import Listing, read
from sellercare.http.pages import CursorPages
from sellercare.models import Return, ReturnKind, ReturnState
from sellercare.simulator import Reply, route
from sellercare_adapters.ebay import aftersales
from sellercare_adapters.ebay.face import EbayFace

FOLDER = Path(package.__file__).parent


def test_nobody_else_knows_post_order() -> None:
    """Addresses, the search's names and the form of its times; the list of what is signed names calls of both."""
    known = re.compile(r"/post-order|creation_date_range|actionType|responseHistory|legacyOrderId")
    others = [
        path for path in FOLDER.glob("*.py") if not path.name.startswith(("postorder", "face", "signing", "wire"))
    ]
    assert [path.name for path in others if known.search(path.read_text("utf-8"))] == []


def test_only_the_seam_chooses_the_desks() -> None:
    choosing = re.compile(r"import (PostOrderReturns|Inquiries|Cancellations|EbayCases|Disputes)\b")
    found = [path.name for path in FOLDER.glob("*.py") if choosing.search(path.read_text("utf-8"))]
    assert found == ["aftersales.py"]


class NewReturns(aftersales.Desk):
    """A desk of returns over a service that asks by POST and pages by a cursor, as the announced one does."""

    prefix = "return"
    kind = ReturnKind.RETURN

    def listings(self, ctx: Any, query: Any) -> Any:
        call = read("/new/returns", method="POST", json={"query": "{sellerOrderReturns}"})
        pages = CursorPages(next="data.next", param="cursor")
        return [Listing(call, "data.rows", self._shown, pages, frozenset({"kind"}))]

    def get(self, ctx: Any, case: str) -> Return:
        return self._shown({"id": case})

    def _shown(self, row: Any) -> Return:
        return Return(id=f"return:{row['id']}", state=ReturnState.APPROVED)


def test_a_desk_of_another_service_takes_over(make_ebay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class NewFace(EbayFace):
        @route("POST", "/new/returns", reads=True)
        def rows(self, request: Any) -> Reply:
            page = (
                {"rows": [{"id": "2"}], "next": None}
                if request.param("cursor")
                else {"rows": [{"id": "1"}], "next": "c"}
            )
            return Reply.of({"data": page})

    plain = aftersales.desks
    for module in ("returns", "conversations"):
        monkeypatch.setattr(f"sellercare_adapters.ebay.{module}.desks", lambda: {**plain(), "return": NewReturns()})
    ebay = make_ebay()
    monkeypatch.setattr(ebay.face, "__class__", NewFace)
    ebay.case("inquiry")
    assert [each.id for each in ebay.shop.returns.list(kind="return")] == ["return:1", "return:2"]
    assert ebay.shop.returns.get("return:7").state == "approved"
    assert len(list(ebay.shop.returns.list())) == 3
    assert not [call for call, _ in ebay.face.log if "/post-order/v2/return" in call]
