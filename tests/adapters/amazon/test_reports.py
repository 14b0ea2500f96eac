"""Returns, feedback and account health: reports to ask for, wait for, fetch and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sellercare.errors import BadAnswer, NotFound, StillWorking, TryLater
from sellercare.simulator import Fault
from sellercare_adapters.amazon import face_reported
from sellercare_adapters.amazon.dates import day
from sellercare_adapters.amazon.reports import table

from .conftest import ORDER

CREATE = "POST /reports/2021-06-30/reports"


def created(seller) -> int:
    return sum(call == CREATE and status == 202 for call, status in seller.face.log)


class TestReturns:
    def test_they_come_out_of_the_report(self, amazon) -> None:
        order = amazon.order()
        back = amazon.world.return_(order, reason="CR-DEFECTIVE", days_ago=3)
        (found,) = amazon.shop.returns.list()
        assert (found.id, found.number, found.order_id) == (back.number, back.number, ORDER)
        assert (found.state, found.native_state) == ("requested", "Pending Approval")
        assert found.reason == found.lines[0].reason == "CR-DEFECTIVE"
        assert found.created_at == back.created_at
        assert found.asked == amazon.usd("50.00")
        assert found.wants == ("StandardRefund",)

    def test_an_a_to_z_claim_is_a_claim(self, amazon) -> None:
        amazon.world.return_(amazon.order(), kind="claim")
        assert [each.kind for each in amazon.shop.returns.list()] == ["claim"]
        assert list(amazon.shop.returns.list(kind="return")) == []

    def test_a_word_never_seen_is_no_error(self, amazon, monkeypatch) -> None:
        monkeypatch.setitem(face_reported._STATUS, "requested", "Teleported")
        amazon.world.return_(amazon.order())
        (found,) = amazon.shop.returns.list()
        assert (found.state, found.native_state) == ("unknown", "Teleported")
        assert amazon.shop.returns.get(found.id) == found

    def test_items_of_one_rma_are_one_return(self, amazon) -> None:
        order = amazon.order()
        for _ in range(2):
            back = amazon.world.return_(order)
            back.number = "R-same"
        (found,) = amazon.shop.returns.list()
        assert len(found.lines) == 2
        assert len({line.id for line in found.lines}) == 2

    def test_nothing_is_asked_for_before_a_row_is(self, amazon) -> None:
        results = amazon.shop.returns.list()
        assert "minutes" in results.costs
        assert "older ones" in results.capped
        now = amazon.world.now()
        for since, said in ((None, "last 60 days"), (now - timedelta(days=400), "more than a year")):
            assert said in amazon.shop.returns.list(updated_since=since).capped
        assert "year" not in amazon.shop.returns.list(updated_since=now - timedelta(days=90)).capped
        assert created(amazon) == 0

    def test_a_longer_time_takes_several_reports(self, amazon) -> None:
        order = amazon.order()
        numbers = [amazon.world.return_(order, days_ago=days).number for days in (5, 70, 130)]
        since = amazon.clock.now() - timedelta(days=150)
        assert [each.id for each in amazon.shop.returns.list(updated_since=since)] == numbers
        assert created(amazon) == 3
        assert all(
            datetime.fromisoformat(row.get("dataEndTime", row["dataStartTime"]))
            - datetime.fromisoformat(row["dataStartTime"])
            <= timedelta(days=60)
            for row in amazon.face.reports.values()
        )

    def test_one_return_is_found_by_its_rma(self, amazon) -> None:
        back = amazon.world.return_(amazon.order())
        assert amazon.shop.returns.get(back.number).id == back.number
        with pytest.raises(NotFound):
            amazon.shop.returns.get("nowhere")

    def test_the_external_programme_has_its_own(self, make_amazon) -> None:
        seller = make_amazon(external_fulfillment=True)
        order = seller.order()
        back = seller.world.return_(order, state="in_transit")
        back.extra["external"] = True
        seller.world.return_(order)
        external, reported = seller.shop.returns.list()
        assert (external.id, external.state) == (f"external:{back.id}", "in_transit")
        assert reported.id.startswith("R-")
        assert seller.shop.returns.get(external.id) == external


class TestFeedback:
    def test_only_one_to_three_stars_are_told(self, amazon) -> None:
        orders = [amazon.order(id=f"903-1671087-000000{n}", item=f"6040700000000{n}") for n in range(1, 6)]
        for stars, order in enumerate(orders, 1):
            amazon.world.review(stars, f"{stars} étoiles", subject="seller", order=order)
        found = list(amazon.shop.reviews.list())
        assert [each.rating for each in found] == [1, 2, 3]
        assert [each.text for each in found] == ["1 étoiles", "2 étoiles", "3 étoiles"]
        assert found[0].id == "feedback:903-1671087-0000001"
        assert "one to three stars" in amazon.shop.reviews.list().capped
        assert "the last year" in amazon.shop.reviews.list().capped
        assert "the last year" not in amazon.shop.reviews.list(updated_since=amazon.world.now()).capped
        assert [each.rating for each in amazon.shop.reviews.list(rating_max=1)] == [1]

    def test_what_was_answered_is_not_awaited(self, amazon) -> None:
        review = amazon.world.review(1, subject="seller", order=amazon.order())
        assert len(list(amazon.shop.reviews.list(awaiting_reply=True))) == 1
        review.reply = "Sorry."
        amazon.clock.advance(3600)
        assert list(amazon.shop.reviews.list(awaiting_reply=True)) == []

    def test_nothing_to_report_is_an_empty_table(self, amazon) -> None:
        assert list(amazon.shop.reviews.list()) == []


class TestScore:
    def test_the_standing_of_the_marketplace(self, amazon) -> None:
        rate = {"code": "lateShipmentRate", "value": Decimal("0.032"), "target": Decimal("0.04")}
        amazon.world.score_day(grade="at_risk", metrics=[rate])
        score = amazon.shop.scores.current()
        assert (score.grade, score.level) == ("AT_RISK", "warning")
        (metric,) = score.metrics
        assert (metric.code, metric.value, metric.unit) == ("lateShipmentRate", Decimal("0.032"), "fraction")
        assert (metric.target, metric.comparator, metric.window_days) == (Decimal("0.04"), "at_most", 30)
        assert score.on == amazon.clock.now().date()

    def test_without_sales_there_is_none(self, amazon) -> None:
        with pytest.raises(NotFound):
            amazon.shop.scores.current()


class TestWaiting:
    def test_a_fresh_report_serves_again(self, amazon) -> None:
        amazon.world.return_(amazon.order())
        first = list(amazon.shop.returns.list())
        assert list(amazon.shop.returns.list()) == first
        assert created(amazon) == 1
        amazon.clock.advance(3600)
        list(amazon.shop.returns.list())
        assert created(amazon) == 2

    def test_one_that_takes_long_is_gone_on_with(self, make_amazon) -> None:
        seller = make_amazon(report_wait=30)
        seller.world.return_(seller.order())
        with pytest.raises(StillWorking) as caught:
            list(seller.shop.returns.list())
        assert caught.value.handle in seller.face.reports
        seller.clock.advance(600)
        assert len(list(seller.shop.returns.list())) == 1
        assert created(seller) == 1

    def test_another_process_goes_on_with_it_too(self, make_amazon, tmp_path) -> None:
        """The report is found at Amazon, so nothing has to be remembered here."""
        seller = make_amazon(report_wait=30)
        seller.world.return_(seller.order())
        with pytest.raises(StillWorking):
            list(seller.shop.returns.list())
        seller.shop.works._going.clear()
        seller.clock.advance(300)
        assert len(list(seller.shop.returns.list())) == 1
        assert created(seller) == 1

    def test_those_who_watch_are_told(self, amazon) -> None:
        seen = []
        amazon.shop.works.watch = seen.append
        list(amazon.shop.returns.list())
        assert {each.name for each in seen} == {"the report of returns"}

    @pytest.mark.parametrize("status", ["CANCELLED", "FATAL"])
    def test_a_spoiled_report_is_said_and_not_taken_for_nothing(self, amazon, status) -> None:
        """CANCELLED mostly means that there is nothing, and sometimes not: nobody is told that there are no returns."""
        amazon.face.spoil_reports = status
        with pytest.raises(TryLater, match=status) as caught:
            list(amazon.shop.returns.list())
        assert caught.value.native_code == status
        amazon.face.spoil_reports = ""
        assert list(amazon.shop.returns.list()) == []

    @pytest.mark.parametrize(
        "fault", ["lost_answer", "error_before", "error_after", "cut_body", "html_body", "rate_limited", "slow"]
    )
    @pytest.mark.parametrize(
        "call", [CREATE, "GET /reports/*/reports/*", "GET /reports/*/documents/*", "GET /storage/*"]
    )
    def test_it_gets_through_what_goes_wrong(self, amazon, fault, call) -> None:
        if fault == "html_body" and call == "GET /storage/*":
            pytest.skip("a page in place of the file is no XML: an error, see below")
        amazon.world.return_(amazon.order())
        amazon.face.faults.add(Fault(fault, call, seconds=5))
        assert len(list(amazon.shop.returns.list())) == 1

    def test_a_report_whose_file_has_no_id_is_an_error_of_amazon(self, amazon, monkeypatch) -> None:
        amazon.world.return_(amazon.order())
        monkeypatch.setattr(amazon.face, "keep", lambda *args, **more: "")
        with pytest.raises(BadAnswer, match="reportDocumentId"):
            list(amazon.shop.returns.list())

    def test_a_page_in_place_of_the_file_is_an_error(self, amazon) -> None:
        amazon.world.return_(amazon.order())
        amazon.face.faults.add(Fault("html_body", "GET /storage/*"))
        with pytest.raises(BadAnswer):
            list(amazon.shop.returns.list())

    def test_files_need_not_be_packed(self, amazon) -> None:
        amazon.face.packed_reports = False
        amazon.world.return_(amazon.order())
        assert len(list(amazon.shop.returns.list())) == 1


class TestTables:
    def test_columns_are_told_by_their_letters(self) -> None:
        assert table("Order ID\tYour Response\r\n1\tx\r\n\r\n") == [{"orderid": "1", "yourresponse": "x"}]

    def test_quotes_are_letters(self) -> None:
        assert table('Comments\tRating\n"bad\t1\n') == [{"comments": '"bad', "rating": "1"}]

    def test_a_row_with_too_many_cells_is_an_error(self) -> None:
        with pytest.raises(BadAnswer, match="line 2"):
            table("a\tb\n1\t2\t3\n")


@pytest.mark.parametrize(
    ("text", "site", "expected"),
    [
        ("3/4/26", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("3/4/26", "UK", datetime(2026, 4, 3, tzinfo=UTC)),
        ("03.04.2026", "DE", datetime(2026, 4, 3, tzinfo=UTC)),
        ("2026/03/04", "JP", datetime(2026, 3, 4, tzinfo=UTC)),
        ("3/4/26", "JP", None),
        ("3/24/26", "CA", datetime(2026, 3, 24, tzinfo=UTC)),
        ("2026-03-04T10:00:00+02:00", "US", datetime(2026, 3, 4, 8, tzinfo=UTC)),
        ("04-Mar-2026", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("31/02/2026", "UK", None),
        ("soon", "US", None),
        ("", "US", None),
        (None, "US", None),
    ],
)
def test_days_are_never_guessed(text, site, expected) -> None:
    assert day(text, site) == expected
