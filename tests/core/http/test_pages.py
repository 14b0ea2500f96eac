"""Walking pages: lazily, completely, and never in circles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare import calls
from sellercare.calls import Answer, Call, Listing, to_json
from sellercare.errors import BadAnswer
from sellercare.http import CursorPages, FromId, OffsetPages, OnePage, PageNumbers, walk


class Rows:
    """A platform with so many rows, paged as `page` says."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[Call] = []

    def read(self, call: Call) -> Answer:
        self.asked.append(call)
        assert len(self.asked) < 500
        return Answer(200, {}, to_json(self.page(call)), "GET /rows")


def listing(pages: Any, items: str = "data.rows", translate: Any = lambda row: row["id"]) -> Listing[Any, Any]:
    return Listing(calls.read("/rows", params={"kind": "x"}), items=items, translate=translate, pages=pages)


def by_offset(total: int, most: int = 100, key: str = "total") -> Any:
    def page(call: Call) -> Any:
        assert call.params["kind"] == "x"
        start, limit = call.params["offset"], min(call.params["limit"], most)
        rows = [{"id": n} for n in range(start, min(start + limit, total))]
        return {"data": {"rows": rows}, key: total}

    return page


@given(total=st.integers(0, 60), limit=st.integers(1, 20), told=st.booleans())
def test_every_row_comes_once(total, limit, told):
    pages = OffsetPages(limit=limit, total="total" if told else None)
    assert list(walk(Rows(by_offset(total)), listing(pages))) == list(range(total))


@given(total=st.integers(0, 60), limit=st.integers(1, 20), told=st.sampled_from(["", "total", "pages"]))
def test_every_row_of_numbered_pages_comes_once(total, limit, told):
    def page(call: Call) -> Any:
        number, size = call.params["page"], call.params["per_page"]
        rows = [{"id": n} for n in range(total)][(number - 1) * size : number * size]
        return {"data": {"rows": rows}, "total": total, "pages": -(-total // size)}

    pages = PageNumbers(limit=limit, **({told: told} if told else {}))
    assert list(walk(Rows(page), listing(pages))) == list(range(total))


@given(total=st.integers(0, 60), size=st.integers(1, 20), address=st.booleans())
def test_every_row_behind_cursors_comes_once(total, size, address):
    def page(call: Call) -> Any:
        where = call.url.rpartition("=")[2] if call.url else call.params.get("cursor", 0)
        start = int(where)
        end = min(start + size, total)
        following = None if end >= total else f"https://api.market.test/rows?cursor={end}" if address else str(end)
        return {"data": {"rows": [{"id": n} for n in range(start, end)]}, "meta": {"next": following}}

    pages = CursorPages("meta.next") if address else CursorPages("meta.next", "cursor")
    assert list(walk(Rows(page), listing(pages))) == list(range(total))


@given(total=st.integers(0, 60), limit=st.integers(1, 20))
def test_every_row_behind_an_id_comes_once(total, limit):
    def page(call: Call) -> Any:
        start = int(call.params.get("from", -1)) + 1
        return {"data": {"rows": [{"id": n} for n in range(start, min(start + call.params["limit"], total))]}}

    assert list(walk(Rows(page), listing(FromId("from", "data.rows.id", limit=limit)))) == list(range(total))


def test_a_platform_that_gives_fewer_rows_than_asked_for_hides_none():
    rows = Rows(by_offset(25, most=10))
    assert list(walk(rows, listing(OffsetPages(limit=100, total="total")))) == list(range(25))
    assert [call.params["offset"] for call in rows.asked] == [0, 10, 20]


def test_a_page_is_fetched_when_its_first_row_is_asked_for():
    rows = Rows(by_offset(100))
    found = walk(rows, listing(OffsetPages(limit=10)))
    assert rows.asked == []
    for _ in range(10):
        next(found)
    assert len(rows.asked) == 1
    next(found)
    assert len(rows.asked) == 2


def test_the_greatest_offset_is_not_passed():
    rows = Rows(by_offset(100))
    found = list(walk(rows, listing(OffsetPages(limit=10, max_offset=30))))
    assert found == list(range(40))
    assert [call.params["offset"] for call in rows.asked] == [0, 10, 20, 30]


def test_one_page_is_one_call():
    rows = Rows(lambda call: [{"id": 1}, {"id": 2}])
    assert list(walk(rows, listing(OnePage(), items=""))) == [1, 2]
    assert len(rows.asked) == 1


def test_a_flag_can_end_the_cursors():
    rows = Rows(lambda call: {"data": {"rows": [{"id": 1}]}, "page": {"more": False, "cursor": "c"}})
    assert list(walk(rows, listing(CursorPages("page.cursor", "after", more="page.more")))) == [1]


def test_the_same_page_twice_is_an_error_and_its_rows_are_not_given_out_twice():
    rows = Rows(lambda call: {"data": {"rows": [{"id": 1}, {"id": 2}]}})
    found = walk(rows, listing(OffsetPages(limit=2)))
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(BadAnswer, match="same page came twice"):
        next(found)


def test_cursors_that_lead_in_a_circle_are_an_error():
    def page(call: Call) -> Any:
        here = call.params.get("cursor", "a")
        return {"data": {"rows": [{"id": here}]}, "next": {"a": "b", "b": "c", "c": "b"}[here]}

    with pytest.raises(BadAnswer, match="same page came twice"):
        list(walk(Rows(page), listing(CursorPages("next", "cursor"))))


@pytest.mark.parametrize("payload", [{"data": {"rows": {"0": 1}}}, {"data": {"rows": None}}, {"data": {}}, [], "x", 3])
def test_a_missing_list_is_an_error_that_names_its_place(payload):
    with pytest.raises(BadAnswer) as caught:
        list(walk(Rows(lambda call: payload), listing(OnePage())))
    assert caught.value.path.startswith("$")


def test_a_row_that_cannot_be_translated_names_its_place():
    rows = Rows(lambda call: {"data": {"rows": [{"id": 1}, {"name": "x"}]}})
    with pytest.raises(BadAnswer) as caught:
        list(walk(rows, listing(OnePage())))
    assert caught.value.path == "$.data.rows[1].id"


@pytest.mark.parametrize("total", ["many", None, True, 2.5])
def test_a_total_that_is_no_number_is_an_error(total):
    rows = Rows(lambda call: {"data": {"rows": [{"id": 1}]}, "total": total})
    with pytest.raises(BadAnswer):
        list(walk(rows, listing(OffsetPages(limit=1, total="total"))))


def test_an_address_of_the_next_page_that_is_no_text_is_an_error():
    rows = Rows(lambda call: {"data": {"rows": [{"id": 1}]}, "next": {"url": "x"}})
    with pytest.raises(BadAnswer):
        list(walk(rows, listing(CursorPages("next"))))


@given(total=st.integers(0, 60), limit=st.integers(1, 20))
def test_the_number_of_pages_may_stand_in_a_header(total, limit):
    class Told(Rows):
        def read(self, call: Call) -> Answer:
            answer = super().read(call)
            return Answer(200, {"X-Pages": str(-(-total // limit))}, answer.body, answer.where)

    def page(call: Call) -> Any:
        number, size = call.params["page"], call.params["per_page"]
        return {"data": {"rows": [{"id": n} for n in range(total)][(number - 1) * size : number * size]}}

    shop = Told(page)
    assert list(walk(shop, listing(PageNumbers(limit=limit, pages_header="X-Pages")))) == list(range(total))
    assert len(shop.asked) == max(1, -(-total // limit))
    assert list(walk(Rows(page), listing(PageNumbers(limit=limit, pages_header="X-Pages")))) == list(range(total))


def test_the_rows_of_a_page_can_be_put_together_before_they_are_translated():
    """Rows left out are still counted: the next page begins behind them."""
    pages: list[int] = []

    def together(rows: list[Any]) -> list[Any]:
        pages.append(len(rows))
        return [row | {"id": row["id"] * 10} for row in rows if row["id"] % 2 == 0]

    found = walk(Rows(by_offset(5)), replace(listing(OffsetPages(limit=2)), together=together))
    assert next(found) == 0
    assert pages == [2], "a page is put together when it is its turn"
    assert list(found) == [20, 40]
    assert pages == [2, 2, 1]


def test_rows_that_cannot_be_put_together_name_their_place():
    with pytest.raises(BadAnswer) as caught:
        list(walk(Rows(by_offset(1)), replace(listing(OffsetPages(limit=2)), together=lambda rows: [rows[0]["name"]])))
    assert caught.value.path == "$.data.rows[0].name"


@pytest.mark.parametrize(("flag", "pages"), [("true", 2), ("Y", 2), (True, 2), ("false", 1), ("", 1), (None, 1)])
def test_a_flag_may_be_a_text(flag: Any, pages: int) -> None:
    def page(call: Call) -> Any:
        first = "after" not in call.params
        return {"data": {"rows": [{"id": 1 if first else 2}]}, "more": flag if first else "false"}

    rows = Rows(page)
    assert list(walk(rows, listing(FromId("after", "data.rows.id", more="more")))) == list(range(1, pages + 1))
