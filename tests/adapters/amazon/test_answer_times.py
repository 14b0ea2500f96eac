"""Answer times and contentment with returns: a second report with the score, for those who want it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sellercare.calls import Answer
from sellercare.errors import BadAnswer, TryLater
from sellercare.translation import translated
from sellercare_adapters.amazon.answer_times import CUSTOMER_METRICS_REPORT, metrics_of
from sellercare_adapters.amazon.standing import PERFORMANCE_REPORT

# Made of Amazon's list of the report's elements, set into one another as two public readers of it expect them. No
# captured file is public.
CONTACTS = """
<buyerSellerContactResponseTimeMetrics>
  <responseTimeMetrics>
    <timeFrame><start>2026-10-01T00:00:00Z</start><end>2026-10-30T23:59:59Z</end></timeFrame>
    <averageResponseTimeInHours>5.25</averageResponseTimeInHours>
    <responseUnder24Hours>41</responseUnder24Hours>
    <responseTimeGreaterThan24Hours>2</responseTimeGreaterThan24Hours>
    <noResponseForContactsOlderThan24Hours>0</noResponseForContactsOlderThan24Hours>
  </responseTimeMetrics>
</buyerSellerContactResponseTimeMetrics>
"""
CHECKLIST = """
<performanceChecklist>
  <orderDefectRate><status>Good</status></orderDefectRate>
  <contactResponseTime><status>Good</status></contactResponseTime>
  <returnDissatisfactionRate><status>Bad</status></returnDissatisfactionRate>
  <customerServiceDissatisfactionRate><status>None</status></customerServiceDissatisfactionRate>
</performanceChecklist>
"""
CONTENT = """
<returnDissatisfaction>
  <returnDissatisfactionMetrics>
    <timeFrame><start>2026-10-01T00:00:00Z</start><end>2026-10-31T00:00:00Z</end></timeFrame>
    <returnDissatisfaction><rate>{rate}</rate><count>3</count></returnDissatisfaction>
  </returnDissatisfactionMetrics>
</returnDissatisfaction>
"""


def metrics(*parts: str) -> dict[str, Any]:
    body = "<sellerPerformanceReports><sellerPerformanceReport>{}</sellerPerformanceReport></sellerPerformanceReports>"
    document = Answer(200, {}, body.format("".join(parts)).encode()).xml()
    return {each.code: each for each in translated(metrics_of, document)}


class TestTheReport:
    def test_answer_times(self) -> None:
        found = metrics(CONTACTS)
        hours = found["averageResponseTimeInHours.30d"]
        assert (hours.value, hours.unit, hours.window_days) == (Decimal("5.25"), "hours", 30)
        assert found["responseUnder24Hours.30d"].value == 41
        assert found["responseTimeGreaterThan24Hours.30d"].value == 2
        assert found["noResponseForContactsOlderThan24Hours.30d"].value == 0

    def test_what_the_report_does_not_state_is_not_made_up(self) -> None:
        """Neither a target, nor whether answers under 24 hours are a share or a count."""
        for each in metrics(CONTACTS, CONTENT.format(rate="12%")).values():
            assert (each.target, each.comparator) == (None, "unknown")
        assert metrics(CONTACTS)["responseUnder24Hours.30d"].unit is None

    @pytest.mark.parametrize(
        ("rate", "value", "unit"),
        [("12.5%", "0.125", "fraction"), ("12.5 %", "0.125", "fraction"), ("12.5", "12.5", "rate"), ("", "3", "count")],
    )
    def test_a_share_says_of_what_it_is_or_stays_as_it_stands(self, rate, value, unit) -> None:
        found = metrics(CONTENT.format(rate=rate))["returnDissatisfaction.30d"]
        assert (found.value, found.unit) == (Decimal(value), unit)

    def test_a_number_that_is_none_is_none_and_one_that_cannot_be_read_is_an_error(self) -> None:
        assert metrics(CONTENT.format(rate="N/A"))["returnDissatisfaction.30d"].value is None
        with pytest.raises(BadAnswer):
            metrics(CONTENT.format(rate="12,5%"))

    def test_how_amazon_judges_them(self) -> None:
        levels = {code: each.level for code, each in metrics(CHECKLIST).items()}
        assert levels == {
            "contactResponseTime": "good",
            "returnDissatisfactionRate": "bad",
            "customerServiceDissatisfactionRate": "unknown",
        }

    def test_each_span_of_time_has_its_own(self) -> None:
        block = CONTACTS[CONTACTS.index("<responseTimeMetrics>") : CONTACTS.index("</buyerSeller")]
        week = block.replace("2026-10-01", "2026-10-24").replace("5.25", "1")
        found = metrics(CONTACTS.replace(block, block + week))
        assert found["averageResponseTimeInHours.7d"].value == 1
        assert found["averageResponseTimeInHours.30d"].value == Decimal("5.25")

    @pytest.mark.parametrize("frame", ["<start>2026-10-01</start><end>2026-10-30</end>", "<start>x</start>", ""])
    def test_a_span_that_is_not_told_is_none(self, frame) -> None:
        """Of two days without a time nobody says whether the last one counts."""
        start, end = CONTACTS.index("<start>"), CONTACTS.index("</timeFrame>")
        (hours,) = (
            each
            for code, each in metrics(CONTACTS[:start] + frame + CONTACTS[end:]).items()
            if code == "averageResponseTimeInHours"
        )
        assert (hours.value, hours.window_days) == (Decimal("5.25"), None)

    def test_without_the_parts_there_is_nothing(self) -> None:
        assert metrics() == {}

    def test_several_marketplaces_cannot_be_told_apart(self) -> None:
        with pytest.raises(BadAnswer, match="marketplace"):
            metrics(CONTACTS, CONTACTS)


class TestWithTheScore:
    def both(self, make_amazon: Any) -> Any:
        seller = make_amazon(answer_times=True)
        rate = {"code": "lateShipmentRate", "value": Decimal("0.032"), "target": Decimal("0.04")}
        seller.world.score_day(grade="normal", metrics=[rate])
        return seller

    def test_it_comes_with_the_rest(self, make_amazon) -> None:
        score = self.both(make_amazon).shop.scores.current()
        codes = [each.code for each in score.metrics]
        assert codes[0] == "lateShipmentRate"
        assert {"averageResponseTimeInHours.7d", "averageResponseTimeInHours.30d", "contactResponseTime"} < set(codes)
        assert len(codes) == len(set(codes))
        assert (score.grade, score.level) == ("NORMAL", "good"), "the newer report judges the account"
        assert "customerMetrics" in score.raw

    def test_it_costs_a_second_report_only_where_it_is_wanted(self, make_amazon, amazon) -> None:
        amazon.world.score_day(grade="normal")
        amazon.shop.scores.current()
        wanted = self.both(make_amazon)
        wanted.shop.scores.current()
        kinds = [[report["reportType"] for report in each.face.reports.values()] for each in (amazon, wanted)]
        assert kinds == [[PERFORMANCE_REPORT], [PERFORMANCE_REPORT, CUSTOMER_METRICS_REPORT]]

    def test_a_file_that_amazon_broke_is_an_error(self, make_amazon, monkeypatch) -> None:
        """The first sign of the file was missing in 2021 (selling-partner-api-models#1353)."""
        seller = self.both(make_amazon)
        makers = seller.face.makers()
        broken = makers | {CUSTOMER_METRICS_REPORT: lambda report: makers[CUSTOMER_METRICS_REPORT](report)[1:]}
        monkeypatch.setattr(seller.face, "makers", lambda: broken)
        with pytest.raises(BadAnswer):
            seller.shop.scores.current()

    def test_one_that_amazon_does_not_make_is_said(self, make_amazon) -> None:
        seller = self.both(make_amazon)
        seller.shop.scores.current()
        reports = seller.face.reports
        (second,) = (id_ for id_, report in reports.items() if report["reportType"] == CUSTOMER_METRICS_REPORT)
        del reports[second]
        seller.face.spoil_reports = "FATAL"
        with pytest.raises(TryLater, match="answer times"):
            seller.shop.scores.current()
