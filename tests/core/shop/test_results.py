"""Listings are lazy, stop early, filter what the platform does not, and say what that costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sellercare import calls
from sellercare.calls import Answer, Call, Detail, Listing, Nested
from sellercare.errors import (
    BadAnswer,
    Forbidden,
    PlatformError,
    RateLimited,
    StillWorking,
    TryLater,
    Unauthorized,
    Unavailable,
)
from sellercare.http.pages import OffsetPages
from sellercare.models import Thread, ThreadQuery
from sellercare.shop.results import Results

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Threads:
    """A platform that lists threads, newest first, three a page, one an hour back in time each."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.pages = 0
        self.details = 0

    def read(self, call: Call) -> Answer:
        self.pages += 1
        offset = int(call.params["offset"])
        return Answer(200, {}, calls.to_json({"threads": self.rows[offset : offset + 3]}), where="GET /threads")

    def detail(self, thread: Thread) -> Thread:
        self.details += 1
        return thread.model_copy(update={"awaiting_reply": thread.id.endswith("0")})

    def listing(self, *, detail: bool = False, applied: frozenset[str] = frozenset()) -> Listing[Any, Thread]:
        return Listing(
            calls.read("/threads"),
            items="threads",
            translate=lambda row: Thread(
                id=row["id"], updated_at=datetime.fromisoformat(row["at"]), order_id=row.get("order")
            ),
            pages=OffsetPages(limit=3),
            applied=applied,
            newest_first="updated_at",
            capped="Only a year is listed." if detail else "",
            detail=Detail(frozenset({"awaiting_reply"}), self.detail, "One call a thread.") if detail else None,
        )


def platform(count: int) -> Threads:
    return Threads([{"id": f"t{n}", "at": (NOW - timedelta(hours=n)).isoformat()} for n in range(count)])


def test_nothing_is_fetched_before_it_is_wanted() -> None:
    threads = platform(9)
    results = Results(threads, [threads.listing()], ThreadQuery())
    assert threads.pages == 0
    assert next(iter(results)).id == "t0"
    assert threads.pages == 1


def test_all_rows_come_in_order_and_again() -> None:
    threads = platform(7)
    results = Results(threads, [threads.listing()], ThreadQuery())
    ids = [f"t{n}" for n in range(7)]
    assert [row.id for row in results] == ids
    assert [row.id for row in results] == ids


def test_a_newest_first_listing_stops_where_the_time_is_passed() -> None:
    threads = platform(30)
    query = ThreadQuery(updated_since=NOW - timedelta(hours=3))
    assert [row.id for row in Results(threads, [threads.listing()], query)] == ["t0", "t1", "t2", "t3"]
    assert threads.pages == 2


def test_a_filter_that_the_platform_lacks_is_applied_here() -> None:
    threads = platform(3)
    threads.rows[1]["order"] = "o1"
    query = ThreadQuery(order_id="o1")
    assert [row.id for row in Results(threads, [threads.listing()], query)] == ["t1"]


def test_a_filter_that_the_platform_applies_is_left_to_it() -> None:
    threads = platform(3)
    query = ThreadQuery(order_id="o1")
    listing = threads.listing(applied=frozenset({"order_id"}))
    assert len(list(Results(threads, [listing], query))) == 3


def test_a_costly_filter_says_so_before_it_spends_anything() -> None:
    threads = platform(12)
    results = Results(threads, [threads.listing(detail=True)], ThreadQuery(awaiting_reply=True))
    assert (results.costs, results.capped) == ("One call a thread.", "Only a year is listed.")
    assert threads.details == 0
    assert [row.id for row in results] == ["t0", "t10"]
    assert threads.details == 12


def test_free_filters_are_tried_before_a_call_is_spent() -> None:
    threads = platform(12)
    query = ThreadQuery(awaiting_reply=True, updated_since=NOW - timedelta(hours=1))
    assert [row.id for row in Results(threads, [threads.listing(detail=True)], query)] == ["t0"]
    assert threads.details == 2


def test_without_the_filter_nothing_is_spent_and_nothing_said() -> None:
    threads = platform(3)
    results = Results(threads, [threads.listing(detail=True)], ThreadQuery())
    assert (len(list(results)), results.costs, threads.details) == (3, "", 0)


def test_a_row_of_which_nobody_knows_who_wrote_last_is_not_hidden() -> None:
    threads = platform(2)
    assert len(list(Results(threads, [threads.listing()], ThreadQuery(awaiting_reply=True)))) == 2


def test_a_row_that_moves_to_the_next_page_is_listed_once() -> None:
    threads = platform(4)
    iterator = iter(Results(threads, [threads.listing()], ThreadQuery()))
    first = [next(iterator).id for _ in range(3)]
    threads.rows.insert(0, {"id": "new", "at": NOW.isoformat()})
    assert first + [row.id for row in iterator] == ["t0", "t1", "t2", "t3"]


def test_several_listings_are_chained() -> None:
    inbox, claims = platform(2), platform(2)
    for row in claims.rows:
        row["id"] = "issue:" + row["id"]

    class Both:
        def read(self, call: Call) -> Answer:
            return (claims if call.path == "/claims" else inbox).read(call)

    second = claims.listing()
    listings = [inbox.listing(), Listing(calls.read("/claims"), "threads", second.translate, second.pages)]
    assert [row.id for row in Results(Both(), listings, ThreadQuery())] == ["t0", "t1", "issue:t0", "issue:t1"]


def test_what_several_lists_leave_out_is_said_once() -> None:
    plain = platform(1).listing()
    listings = [
        replace(plain, capped="Only a year is listed. Drafts are not."),
        replace(plain, capped="Only a year is listed."),
        replace(plain, capped=""),
    ]
    assert Results(platform(1), listings, ThreadQuery()).capped == "Only a year is listed. Drafts are not."
    assert Results(platform(1), listings[2:], ThreadQuery()).capped == ""


class Broken:
    """A platform with three lists, of which some cannot be told."""

    def __init__(self, **broken: PlatformError) -> None:
        self.broken = broken
        self.threads = platform(1)

    def read(self, call: Call) -> Answer:
        if call.path[1:] in self.broken:
            raise self.broken[call.path[1:]]
        return self.threads.read(call)

    def listing(self, name: str) -> Listing[Any, Thread]:
        def named(row: Any) -> Thread:
            return Thread(id=f"{name}:{row['id']}")

        return Listing(calls.read(f"/{name}"), "threads", named, OffsetPages(limit=3))

    def listed(self) -> tuple[list[str], PlatformError]:
        """What is told before the error comes, and the error."""
        results = Results(self, [self.listing(name) for name in ("one", "two", "three")], ThreadQuery())
        seen: list[str] = []
        with pytest.raises(PlatformError) as raised:
            seen.extend(row.id for row in results)
        return seen, raised.value


@pytest.mark.parametrize(
    "error", [TryLater("The report was cancelled."), Forbidden("No role."), BadAnswer("Not JSON.")]
)
def test_a_list_that_cannot_be_told_hides_no_other_and_is_not_hidden(error: PlatformError) -> None:
    seen, raised = Broken(one=error).listed()
    assert seen == ["two:t0", "three:t0"]
    assert raised is error


def test_all_lists_that_cannot_be_told_are_counted() -> None:
    seen, raised = Broken(one=Forbidden("No role."), three=TryLater("Cancelled.")).listed()
    assert seen == ["two:t0"]
    assert isinstance(raised, Forbidden)
    assert str(raised).startswith("No role. 1 more of the platform's lists could not be told: Cancelled.")


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("Down."),
        RateLimited("Slower."),
        Unauthorized("Who?"),
        StillWorking("Not ready.", work="w", handle="h"),
    ],
)
def test_what_the_other_lists_would_meet_as_well_is_said_at_once(error: PlatformError) -> None:
    seen, raised = Broken(two=error).listed()
    assert (seen, raised) == (["one:t0"], error)


def test_what_went_wrong_before_is_said_too() -> None:
    seen, raised = Broken(one=Forbidden("No role."), two=Unavailable("Down.")).listed()
    assert seen == []
    assert isinstance(raised, Forbidden)
    assert "Down." in str(raised)


class TestNested:
    """Listings that hang on the rows of another one."""

    def listings(self, parents: Threads, children: Threads, costs: str = "A call a thread.") -> list[Any]:
        def below(parent: Thread) -> list[Any]:
            return [] if parent.id == "t1" else [children.listing()]

        return [Nested(parents.listing(), below, costs)]

    def test_the_rows_of_all_parents_come_each_parent_when_it_is_its_turn(self) -> None:
        threads = platform(3)
        rows = iter(Results(threads, self.listings(threads, threads), ThreadQuery()))
        assert threads.pages == 0
        assert next(rows).id == "t0"
        assert threads.pages == 2  # the first page of the parents, and of the first one's children
        assert [row.id for row in rows] == ["t1", "t2", "t0", "t1", "t2"]

    def test_the_filters_are_those_of_the_rows(self) -> None:
        threads = platform(4)
        query = ThreadQuery(updated_since=NOW - timedelta(hours=1))
        assert [row.id for row in Results(threads, self.listings(threads, threads), query)] == ["t0", "t1"] * 3

    def test_what_it_costs_is_said(self) -> None:
        threads = platform(3)
        assert Results(threads, self.listings(threads, threads), ThreadQuery()).costs == "A call a thread."
