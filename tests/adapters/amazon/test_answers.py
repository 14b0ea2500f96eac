"""Amazon's own examples, and answers made from its models, thrown at the translation."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from sellercare.calls import Answer, parse_json
from sellercare.errors import BadAnswer, BadInput
from sellercare.markup import parse_xml
from sellercare.models import EventRequest, LineKind, Money, RefundLine
from sellercare.translation import translated
from sellercare_adapters.amazon import translate
from sellercare_adapters.amazon.adapter import AmazonAdapter
from sellercare_adapters.amazon.adjustment import adjustment, verdict
from sellercare_adapters.amazon.answer_times import metrics_of
from sellercare_adapters.amazon.ids import FeedRefund
from sellercare_adapters.amazon.messages import _listed, _option
from sellercare_adapters.amazon.reading import ORDERS
from sellercare_adapters.amazon.refundable import parts_of
from sellercare_adapters.amazon.return_reports import returns_in, units_in
from sellercare_adapters.amazon.standing import score

from . import described
from .conftest import ITEM, ORDER

US = "ATVPDKIKX0DER"


@pytest.fixture
def folder(specs: Callable[[str], Path]) -> Path:
    return specs("amazon")


def example(folder: Path, name: str) -> Any:
    return parse_json((folder / name).read_bytes())


@pytest.mark.contract
class TestExamples:
    def test_the_live_list_of_actions(self, folder) -> None:
        """Amazon's own fixture: sendInvoice for invoice, updateFeedback in no model, rawMessageBody for text."""
        actions = example(folder, "samples/messaging-getMessagingActionsForOrder.json")
        options = {each.id: each for each in (_option(*found, "en-US") for found in _listed(actions))}
        assert options.keys() == {"unexpectedProblem", "invoice"}
        assert (options["unexpectedProblem"].max_length, options["unexpectedProblem"].text) == (2000, True)
        assert (options["invoice"].max_attachments, options["invoice"].text) == (5, False)

    def test_a_switched_off_action_says_why(self, folder) -> None:
        actions = example(folder, "samples/messaging-getMessagingActionsForOrder.json")
        schema = actions["_embedded"]["actions"][1]["_embedded"]["schema"]
        schema |= {"disabled": True, "disabledReason": "You have contacted the buyer twice."}
        (option,) = (_option(*found, None) for found in _listed(actions) if found[0].path == "unexpectedProblem")
        assert option.why_not == "You have contacted the buyer twice."

    def test_the_adjustment_is_written_as_the_sample(self, folder) -> None:
        wanted = parse_xml((folder / "samples/order-adjustment-feed.constructed.xml").read_bytes())
        lines = [
            RefundLine(order_line_id="60407000000000", amount=Money(amount=Decimal("10.00"), currency="USD")),
            RefundLine(
                kind=LineKind.SHIPPING,
                order_line_id="60407000000000:shipping",
                amount=Money(amount=Decimal("3.49"), currency="USD"),
            ),
        ]
        made = adjustment(
            seller_id="A3TH9S8BH6GOGM",
            order_id="903-1671087-0812628",
            marker="rf-0001",
            reason="CustomerReturn",
            lines=lines,
            taxes={},
            site="US",
        )
        ours = parse_xml(made)
        item = ours["AmazonEnvelope"]["Message"]["OrderAdjustment"]["AdjustedItem"]
        assert item["MerchantAdjustmentItemID"] == "rf-0001-1"
        item["MerchantAdjustmentItemID"] = "rf-0001"
        del wanted["AmazonEnvelope"]["Header"]
        del ours["AmazonEnvelope"]["Header"]
        assert ours == wanted

    def test_the_health_report(self, folder) -> None:
        schema = example(folder, "report-schemas/accountHealthReport-2020-11-18.json")
        (payload,) = schema["examples"]
        found = score(payload, US)
        metrics = {each.code: each for each in found.metrics}
        late = metrics["lateShipmentRate"]
        assert (found.grade, found.level, found.on) == ("AT_RISK", "warning", date(2020, 11, 19))
        assert (late.value, late.target, late.comparator) == (Decimal("0.03203973037"), Decimal("0.04"), "at_most")
        assert (late.window_days, late.level, late.unit) == (30, "good", "fraction")
        assert metrics["onTimeDeliveryRate"].comparator == "at_least"
        assert metrics["orderDefectRate.mfn"].value == metrics["orderDefectRate.afn"].value == Decimal("0.009")
        assert (metrics["listingPolicyViolations"].value, metrics["listingPolicyViolations"].unit) == (86, "count")
        assert metrics["accountHealthRating"].level == "warning"
        assert metrics["warning.spammingSellerMessaging"].level == "bad"
        assert score(payload, "A1AM78C64UM0Y8").level == "bad", "the example says SUSPENDED, the list DEACTIVATED"

    def test_an_order_that_replaces_another_names_it(self, folder) -> None:
        answer = example(folder, "orders_2026-01-01.json")["paths"][ORDERS]["get"]["responses"]["200"]
        (row,) = answer["examples"]["application/json"]["orders"]
        found = translate.order(row).native_ids["replacement_original_id"]
        assert found == "123-4567890-1234566"

    def test_a_wish_that_was_met_is_over(self, folder) -> None:
        answer = example(folder, "orders_2026-01-01.json")["paths"][ORDERS]["get"]["responses"]["200"]
        (row,) = answer["examples"]["application/json"]["orders"]
        found = translate.wish(row)
        assert (found.id, found.state) == ("cancel:123-4567890-1234567", "closed")
        assert found.reason == "Changed mind about purchase"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            (
                "OrderChange",
                [("orders.get", "903-8868176-2219830"), ("returns.get", "cancel:903-8868176-2219830")],
            ),
            ("TransactionUpdate", [("refunds.list", "8129762527551")]),
        ],
    )
    def test_notifications(self, folder, amazon, name, told) -> None:
        example_ = json.loads((folder / f"notification-schemas/{name}Notification.json").read_text())["examples"][0]
        handled = amazon.shop.events.handle(EventRequest(method="POST", url="", headers={}, body=json.dumps(example_)))
        assert [(event.verb, event.subject_id) for event in handled.events] == told
        assert handled.trust == "unsigned"
        assert handled.events[0].id == "d0e9e693-c3ad-4373-979f-ed4ec98dd746"
        assert len({event.id for event in handled.events}) == len(told)
        assert all(event.happened_at is not None for event in handled.events)

    @pytest.mark.parametrize(("field", "value"), [("OrderChangeType", "OrderStatusChange"), ("OrderItems", [])])
    def test_an_order_that_changed_otherwise_has_no_wish(self, folder, amazon, field, value) -> None:
        whole = example(folder, "notification-schemas/OrderChangeNotification.json")["examples"][0]
        row = whole["Payload"]["OrderChangeNotification"]
        (row if field in row else row["Summary"])[field] = value
        assert [event.verb for event in _events(amazon, whole)] == ["orders.get"]

    def test_finished_reports_and_feeds_are_told_by_their_kind(self, folder, amazon) -> None:
        for name, kind, verb in (
            ("ReportProcessingFinished", "GET_SELLER_FEEDBACK_DATA", "reviews.list"),
            ("ReportProcessingFinished", "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", "returns.list"),
            ("FeedProcessingFinished", "POST_PAYMENT_ADJUSTMENT_DATA", "refunds.get"),
        ):
            whole = json.loads((folder / f"notification-schemas/{name}Notification.json").read_text())["examples"][0]
            field = name[0].lower() + name[1:] + "Notification"
            assert _events(amazon, whole) == (), "of a kind that no verb shows"
            row = whole["payload"][field]
            row["reportType" if "reportType" in row else "feedType"] = kind
            (event,) = _events(amazon, {"detail": whole})
            assert event.verb == verb


def _events(amazon: Any, payload: Any) -> Any:
    request = EventRequest(method="POST", url="", headers={}, body=json.dumps(payload).encode())
    return amazon.shop.events.handle(request).events


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"{}", b"[]", b'{"NotificationType": "ORDER_CHANGE"}', b"null"])
def test_a_notification_that_is_none_is_an_error(amazon, body) -> None:
    with pytest.raises((BadInput, BadAnswer)):
        amazon.shop.events.handle(EventRequest(method="POST", url="", headers={}, body=body))


class TestParts:
    def item(self, total: str, **parts: Any) -> Any:
        breakdowns = [
            {"type": name, "subtotal": {"amount": value[0], "currencyCode": "USD"}, **value[1]}
            for name, value in parts.items()
        ]
        proceeds = {"proceedsTotal": {"amount": total, "currencyCode": "USD"}, "breakdowns": breakdowns}
        return {"orderItems": [{"orderItemId": ITEM, "quantityOrdered": 2, "product": {}, "proceeds": proceeds}]}

    def detailed(self, **values: str) -> Any:
        rows = [{"subtype": name, "value": {"amount": value}} for name, value in values.items()]
        return {"detailedBreakdowns": rows}

    @pytest.mark.parametrize("discount", ["-5.00", "5.00"])
    def test_discounts_are_in_the_total_whatever_their_sign(self, discount) -> None:
        row = self.item("50.00", ITEM=("55.00", {}), DISCOUNT=(discount, {}))
        (part,) = parts_of(row)
        assert (part.total, part.tax) == (Decimal("50.00"), 0)

    def test_taxes_go_where_they_belong(self) -> None:
        tax = self.detailed(ITEM="8.00", SHIPPING="2.00")
        row = self.item("120.00", ITEM=("100.00", {}), SHIPPING=("10.00", {}), TAX=("10.00", tax))
        goods, shipping = parts_of(row)
        assert (goods.total, goods.tax) == (Decimal("108.00"), Decimal("8.00"))
        assert (shipping.total, shipping.tax) == (Decimal("12.00"), Decimal("2.00"))
        assert shipping.line_id == f"{ITEM}:shipping"

    def test_what_is_free_is_no_part(self) -> None:
        assert parts_of(self.item("0.00", ITEM=("0.00", {}))) == []


class TestTransactions:
    ROW: ClassVar[Any] = {
        "transactionId": "t-1",
        "transactionType": "Refund",
        "description": "Refund Order",
        "postedDate": "2026-03-02T09:00:00Z",
        "totalAmount": {"currencyCode": "EUR", "currencyAmount": Decimal("-8.50")},
        "relatedIdentifiers": [{"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": ORDER}],
    }
    SALES: ClassVar[Any] = {
        "breakdownType": "Sales",
        "breakdownAmount": {"currencyCode": "EUR", "currencyAmount": Decimal("-10.00")},
    }

    @pytest.mark.parametrize("around", [lambda parts: parts, lambda parts: {"breakdowns": parts}])
    def test_parts_are_a_list_or_an_object_with_one(self, around) -> None:
        """By the model they are a list, by the model's own example an object with a list in it."""
        refund = translate.refund({**self.ROW, "breakdowns": around([self.SALES])})
        assert (refund.amount.amount, refund.id) == (Decimal("10.00"), f"{ORDER}/t-1")

    def test_without_parts_the_total_is_all_that_is_known(self) -> None:
        assert translate.refund(self.ROW).amount.amount == Decimal("8.50")

    def test_the_release_of_a_deferred_refund_is_no_second_one(self) -> None:
        release = {"relatedIdentifierName": "DEFERRED_TRANSACTION_ID", "relatedIdentifierValue": "t-0"}
        row = {**self.ROW, "relatedIdentifiers": [*self.ROW["relatedIdentifiers"], release]}
        assert translate.is_refund(self.ROW)
        assert not translate.is_refund(row)

    def test_a_sale_is_none(self) -> None:
        assert not translate.is_refund({"transactionType": "Shipment", "description": "Order Payment"})


class TestProcessingReports:
    def verdict(self, inside: str) -> tuple[bool | None, str]:
        body = f"<AmazonEnvelope><Message><ProcessingReport>{inside}</ProcessingReport></Message></AmazonEnvelope>"
        return verdict(Answer(200, {}, body.encode()))

    def test_an_error_is_an_error_whatever_the_counts_say(self) -> None:
        result = "<Result><ResultCode>Error</ResultCode><ResultDescription>No.</ResultDescription></Result>"
        assert self.verdict(result * 2) == (False, "No.; No.")

    def test_a_warning_is_none(self) -> None:
        counts = "<ProcessingSummary><MessagesSuccessful>1</MessagesSuccessful></ProcessingSummary>"
        assert self.verdict(counts + "<Result><ResultCode>Warning</ResultCode></Result>") == (True, "")

    def test_without_counts_nothing_is_told(self) -> None:
        assert self.verdict("<StatusCode>Complete</StatusCode>") == (None, "")

    @pytest.mark.parametrize("body", [b"", b"<html/>", b"<a><b></a>", b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'])
    def test_anything_else_is_an_error(self, body) -> None:
        with pytest.raises(BadAnswer):
            verdict(Answer(200, {}, body))


@pytest.mark.parametrize("text", ["feed:1", f"feed:1:{ORDER}:12.50:EUR", f"feed:1:{ORDER}:5980:JPY"])
def test_ids_of_feeds_survive_a_round_trip(text) -> None:
    assert str(FeedRefund.of(text)) == text


@pytest.mark.parametrize("text", ["", "feed", "feed:", "feed:1:2", "feed:1:2:x:EUR", "feed:1:2:3:euro", f"{ORDER}/t-1"])
def test_what_is_no_id_of_a_feed(text) -> None:
    assert FeedRefund.of(text) is None


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (
            403,
            {"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": ""},
            "Unauthorized",
        ),
        (
            403,
            {
                "code": "Unauthorized",
                "message": "Access denied.",
                "details": "The access token you provided has expired.",
            },
            "ExpiredToken",
        ),
        (
            403,
            {"code": "Unauthorized", "message": "The requested solicitation is not available for this amazonOrderId."},
            "NotAvailableForOrder",
        ),
        (429, {"code": "QuotaExceeded", "message": "You exceeded your quota."}, "QuotaExceeded"),
    ],
)
def test_the_three_meanings_of_unauthorized(status, error, code) -> None:
    answer = Answer(status, {}, json.dumps({"errors": [error]}).encode())
    assert AmazonAdapter.problem(answer).code == code


# --- made from the models ------------------------------------------------------------------------------------------


READ = {
    "orders_2026-01-01.Order": translate.order,
    "finances_2024-06-19.Transaction": lambda row: translate.is_refund(row) and translate.refund(row),
    "externalFulfillmentReturns_2024-09-11.Return": translate.external_return,
    "messaging.GetMessagingActionsForOrderResponse": lambda row: [_option(*each, None) for each in _listed(row)],
}


def made(document: Any, schema: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that a schema allows; optional fields come and go."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "allOf" in schema or depth > 7:
        return st.just({})
    kind = schema.get("type", "object")
    if kind == "object":
        properties, required = schema.get("properties", {}), schema.get("required", ())
        fields = {name: made(document, each, depth + 1) for name, each in properties.items()}
        return st.fixed_dictionaries(
            {name: each for name, each in fields.items() if name in required},
            optional={name: each for name, each in fields.items() if name not in required},
        )
    if kind == "array":
        return st.lists(made(document, schema["items"], depth + 1), max_size=2)
    if kind == "string":
        times = st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat())
        return times if schema.get("format") == "date-time" else st.sampled_from(["1", "12.50", "USD", "x", ""])
    if kind == "boolean":
        return st.booleans()
    return st.integers(0, 10**6) if kind == "integer" else st.decimals(-1000, 1000, places=2)


@pytest.mark.contract
@pytest.mark.parametrize("name", READ)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_models_allow_becomes_a_model_or_names_its_place(specs, name, data) -> None:
    models = described.load(specs("amazon"))
    row = data.draw(made(models.document, {"$ref": f"#/{name}"}))
    spoiled = data.draw(st.one_of(st.none(), st.sampled_from(sorted(row) or [""])))
    if spoiled:
        row[spoiled] = data.draw(st.sampled_from([None, [], {}, "", "x", 7, [None], {"x": None}]))
    with suppress(BadAnswer):  # every other error is a defect
        translated(READ[name], row)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["", "x", "7", "2026-03-02"]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["order_id", "item_details", "amazon_rma_id", "label_details", "x"]), inner
            ),
        ),
        max_leaves=12,
    )
)
def test_any_report_of_returns_is_read_or_named(document) -> None:
    with suppress(BadAnswer):  # every other error is a defect
        for row in translated(returns_in, {"root": document}):
            translated(lambda each: translate.reported_return(each, "US"), row)


NAMES = [
    "performanceChecklist",
    "contactResponseTime",
    "status",
    "buyerSellerContactResponseTimeMetrics",
    "responseTimeMetrics",
    "averageResponseTimeInHours",
    "returnDissatisfactionMetrics",
    "returnDissatisfaction",
    "rate",
    "timeFrame",
    "start",
    "end",
]


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["", "x", "7", "12%", "1e999", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00"]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
        ),
        max_leaves=16,
    )
)
def test_any_report_of_answer_times_is_read_or_named(document) -> None:
    with suppress(BadAnswer):  # every other error is a defect
        translated(metrics_of, {"root": document})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["", "x", "1", "-", "2026-03-02", "\u2028", '"']), max_size=8), max_size=4))
def test_any_report_of_returns_to_amazon_is_read_or_named(rows) -> None:
    head = "return-date\torder-id\tsku\tquantity\treason\tstatus\tlicense-plate-number"
    answer = Answer(200, {}, "\n".join([head, *("\t".join(cells) for cells in rows)]).encode())
    with suppress(BadAnswer):  # every other error is a defect
        for row in units_in(answer, "US"):
            translated(lambda each: translate.fba_return(each, "US"), row)
