"""The 161 cases that Amazon publishes for its sandbox.

Those of operations that the adapter uses run twice: the request goes out exactly as the case says, over the adapter's
own call; and the verb that uses the operation gets the case's answer, which must come out translated, or as the error
that it is. All others are listed with their reason; both lists together are all cases.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import sellercare
from sellercare.calls import Call
from sellercare.errors import Conflict, Forbidden, Invalid, PlatformError, RateLimited, StillWorking, Unavailable
from sellercare.models import Upload
from sellercare.simulator import FakeClock
from sellercare.support import Evidence, Readback, Repeat, WriteContract
from sellercare_adapters.amazon import words

from . import described
from .sandbox import Case, Sandbox, as_wire, cases, name_of, values, wire

pytestmark = pytest.mark.contract

_V0 = "Orders v0 is deprecated: the adapter uses orders 2026-01-01"
_TOPICS = "topics of reviews are neither counts nor averages: no verb shows them"
_QUEUE = "setting up a queue is not done by any verb"

NOT_OURS = {
    ("ordersV0.json", "getOrders"): _V0,
    ("ordersV0.json", "getOrder"): _V0,
    ("ordersV0.json", "getOrderBuyerInfo"): _V0,
    ("ordersV0.json", "getOrderAddress"): _V0,
    ("ordersV0.json", "getOrderItems"): _V0,
    ("ordersV0.json", "getOrderItemsBuyerInfo"): _V0,
    ("ordersV0.json", "updateShipmentStatus"): "shipping is before after-sales",
    ("ordersV0.json", "confirmShipment"): "shipping is before after-sales",
    ("ordersV0.json", "getOrderRegulatedInfo"): "the checks of regulated products are before after-sales",
    ("ordersV0.json", "updateVerificationStatus"): "the checks of regulated products are before after-sales",
    ("customerFeedback_2024-06-01.json", "getItemReviewTopics"): _TOPICS,
    ("customerFeedback_2024-06-01.json", "getItemBrowseNode"): _TOPICS,
    ("customerFeedback_2024-06-01.json", "getBrowseNodeReviewTopics"): _TOPICS,
    ("customerFeedback_2024-06-01.json", "getItemReviewTrends"): _TOPICS,
    ("customerFeedback_2024-06-01.json", "getBrowseNodeReviewTrends"): _TOPICS,
    ("customerFeedback_2024-06-01.json", "getBrowseNodeReturnTopics"): _TOPICS,
    ("customerFeedback_2024-06-01.json", "getBrowseNodeReturnTrends"): _TOPICS,
    ("financesV0.json", "listFinancialEventGroups"): "settlements with the seller: no verb",
    ("financesV0.json", "listFinancialEventsByGroupId"): "settlements with the seller: no verb",
    ("financesV0.json", "listFinancialEventsByOrderId"): "finances 2024-06-19 are used",
    ("financesV0.json", "listFinancialEvents"): "finances 2024-06-19 are used",
    ("finances_2024-06-19.json", "listBalances"): "the seller's balance: no verb",
    ("finances_2024-06-19.json", "listSummary"): "the seller's proceeds: no verb",
    ("feeds_2021-06-30.json", "cancelFeed"): "a refund is not called back",
    ("reports_2021-06-30.json", "cancelReport"): "a report that was asked for is used",
    ("reports_2021-06-30.json", "getReportSchedules"): "reports are made when they are asked for",
    ("reports_2021-06-30.json", "createReportSchedule"): "reports are made when they are asked for",
    ("reports_2021-06-30.json", "cancelReportSchedule"): "reports are made when they are asked for",
    ("reports_2021-06-30.json", "getReportSchedule"): "reports are made when they are asked for",
    ("notifications.json", "getSubscriptions"): _QUEUE,
    ("notifications.json", "getSubscription"): _QUEUE,
    ("notifications.json", "createSubscription"): _QUEUE,
    ("notifications.json", "getSubscriptionById"): _QUEUE,
    ("notifications.json", "deleteSubscriptionById"): _QUEUE,
    ("notifications.json", "getDestinations"): _QUEUE,
    ("notifications.json", "createDestination"): _QUEUE,
    ("notifications.json", "getDestination"): _QUEUE,
    ("notifications.json", "deleteDestination"): _QUEUE,
    ("tokens_2021-03-01.json", "createRestrictedDataToken"): "only Orders v0 needs restricted tokens",
}
"""Operations of the cases that no verb uses, and why."""

ERRORS: dict[int, type[PlatformError]] = {
    400: Invalid,
    403: Forbidden,
    409: Conflict,
    429: RateLimited,
    500: Unavailable,
    503: Unavailable,
}

Shop = Any
Check = Callable[[Shop, Sandbox, Case], None]

ORDER = "123-1234567-1234567"


# --- what each verb makes of the answers -------------------------------------------------------------------------


def search_orders(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    found = list(shop.orders.list(updated_since=datetime(2024, 12, 1, tzinfo=UTC)))
    for order, row in zip(found, case["response"]["orders"], strict=True):
        _same_order(order, row)


def get_order(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    _same_order(shop.orders.get(values(case)["orderId"]), case["response"]["order"])


def _same_order(order: Any, row: dict[str, Any]) -> None:
    assert order.id == order.number == row["orderId"]
    assert order.created_at == datetime.fromisoformat(row["createdTime"])
    assert order.updated_at == datetime.fromisoformat(row["lastUpdatedTime"])
    total = row["proceeds"]["grandTotal"]
    assert (order.total.amount, order.total.currency) == (Decimal(total["amount"]), total["currencyCode"])
    assert order.native_state == row["fulfillment"]["fulfillmentStatus"]
    assert order.state == ("shipped" if order.native_state == "SHIPPED" else "paid")
    items = [(item["orderItemId"], item["quantityOrdered"], item["product"]["sellerSku"]) for item in row["orderItems"]]
    assert [(line.id, line.quantity, line.sku) for line in order.lines if line.kind == "item"] == items
    assert order.buyer.name == row.get("buyer", {}).get("buyerName")
    assert order.buyer.email == row.get("buyer", {}).get("buyerEmail")


def transactions(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    """The transaction of the case is a sale, so no refund comes of it."""
    assert list(shop.refunds.list(order_id="8129762527551")) == []
    assert case["response"]["payload"]["transactions"][0]["transactionType"] == "Shipment"


def messaging_actions(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    options = shop.messages.allowed(order_id=values(case)["amazonOrderId"])
    listed = {each["name"] for each in case["response"]["_links"]["actions"]}
    known = {each.path for each in words.TEMPLATES}
    assert {option.id for option in options} == listed & known
    assert listed - known == {"negativeFeedbackRemoval", "amazonMotors", "attributes"}


def messaging_attributes(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    options = shop.messages.allowed(order_id=values(case)["amazonOrderId"])
    assert all(case["response"]["buyer"]["locale"] in option.title for option in options if option.text)


def message(option: str) -> Check:
    """Sending one template, with what the case's body says."""

    def check(shop: Shop, sandbox: Sandbox, case: Case) -> None:
        asked = values(case)
        template = next(each for each in words.TEMPLATES if each.path == option)
        example: dict[str, Any] = {"text": "My Message"} if template.text else {}
        if template.files[0]:
            example["attachments"] = [{"uploadDestinationId": "upload-1", "fileName": "invoice.txt"}]
        body = asked.get("body") or example
        files = body.get("attachments", [])
        sandbox.upload_id = files[0]["uploadDestinationId"] if files else ""
        dates = {"coverageStartDate": "coverage_start", "coverageEndDate": "coverage_end"}
        sent = shop.messages.start(
            asked["amazonOrderId"],
            option=option,
            text=body.get("text"),
            attachments=[Upload.of(each["fileName"], "text/plain", b"x") for each in files],
            fields={dates[name]: body[name] for name in dates if name in body},
            key="case",
        )
        assert (sent.order_id, sent.text) == (asked["amazonOrderId"], body.get("text"))
        (request,) = sandbox.sent[case["operationId"]]
        assert wire(request, case)["body"] == body

    return check


def solicitation_actions(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    shop.reviews.request(values(case)["amazonOrderId"], key="case")
    assert len(sandbox.sent["createProductReviewAndSellerFeedbackSolicitation"]) == 1


def refund(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    issued = shop.refunds.issue(order_id="171-9876543-2109876", key="case")
    assert issued.id == "feed:3485934:171-9876543-2109876:299.90:BRL"
    if case["operationId"] == "createFeedDocument":
        (request,) = sandbox.sent["createFeed"]
        document = case["response"]["feedDocumentId"]
        assert wire(request, {"path": "/feeds/2021-06-30/feeds"})["body"]["inputFeedDocumentId"] == document


def get_feed(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    found = shop.refunds.get(f"feed:{values(case)['feedId']}")
    assert (found.state, found.native_state) == ("failed", "CANCELLED")
    assert found.created_at == datetime.fromisoformat(case["response"]["createdTime"])


def feed_document(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    document = values(case)["feedDocumentId"]
    feed = sandbox.answers["GET", "/feeds/2021-06-30/feeds/{feedId}"]
    sandbox.choose(feed, processingStatus="DONE", resultFeedDocumentId=document)
    found = shop.refunds.get("feed:FeedId1")
    assert (found.state, found.native_state) == ("pending", "ACCEPTED")


def create_report(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    with pytest.raises(StillWorking) as caught:  # the case of getReport stays under way
        list(shop.returns.list())
    assert caught.value.handle == case["response"]["reportId"]


def get_report(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    with pytest.raises(StillWorking) as caught:
        list(shop.returns.list())
    assert caught.value.handle == "ID323"
    assert wire(sandbox.sent["getReport"][0], case)["reportId"] == values(case).get("reportId")


def get_reports(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    """The reports of the case are of other kinds: none of them serves, and a new one is asked for."""
    with pytest.raises(StillWorking):
        list(shop.returns.list())
    assert len(sandbox.sent["createReport"]) == 1


def report_document(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    report = sandbox.answers["GET", "/reports/2021-06-30/reports/{reportId}"]
    sandbox.choose(report, processingStatus="DONE", reportDocumentId=values(case)["reportDocumentId"])
    sandbox.storage = b"<returns><r><order_id>1</order_id><amazon_rma_id>D1</amazon_rma_id></r></returns>"
    assert [each.id for each in shop.returns.list()][-1] == "D1"  # behind those of the other programme


def external_returns(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    rows = case["response"].get("returns", ())
    found = list(islice(shop.returns.list(), max(1, len(rows))))
    for each, row in zip(found, rows, strict=True):
        _same_return(each, row)


def external_return(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    _same_return(shop.returns.get(f"external:{values(case)['returnId']}"), case["response"])


def _same_return(found: Any, row: dict[str, Any]) -> None:
    assert found.id == f"external:{row['id']}"
    assert found.native_state == row["status"]
    assert found.state != "unknown"
    assert found.order_id == row["marketplaceChannelDetails"].get("customerOrderId")
    assert found.reason == row["returnMetadata"]["returnReason"]
    assert found.lines[0].quantity == row["numberOfUnits"]
    sent = row["returnShippingInfo"].get("reverseTrackingInfo", {})
    assert [(each.carrier, each.number) for each in found.parcels] == (
        [(sent["carrierName"], sent["trackingId"])] if sent else []
    )
    assert found.updated_at == datetime.fromisoformat(row["lastUpdatedDateTime"])


def account(shop: Shop, sandbox: Sandbox, case: Case) -> None:
    check = shop.account.check()
    assert check.ok
    assert check.sites == ("US",)
    assert check.plan == "PROFESSIONAL"
    assert check.name == "BestSeller Inc."


OURS: dict[tuple[str, str], Check] = {
    ("orders_2026-01-01.json", "searchOrders"): search_orders,
    ("orders_2026-01-01.json", "getOrder"): get_order,
    ("finances_2024-06-19.json", "listTransactions"): transactions,
    ("messaging.json", "getMessagingActionsForOrder"): messaging_actions,
    ("messaging.json", "GetAttributes"): messaging_attributes,
    ("messaging.json", "confirmCustomizationDetails"): message("confirmCustomizationDetails"),
    ("messaging.json", "createConfirmDeliveryDetails"): message("confirmDeliveryDetails"),
    ("messaging.json", "createLegalDisclosure"): message("legalDisclosure"),
    ("messaging.json", "createConfirmOrderDetails"): message("confirmOrderDetails"),
    ("messaging.json", "createConfirmServiceDetails"): message("confirmServiceDetails"),
    ("messaging.json", "CreateWarranty"): message("warranty"),
    ("messaging.json", "createDigitalAccessKey"): message("digitalAccessKey"),
    ("messaging.json", "createUnexpectedProblem"): message("unexpectedProblem"),
    ("messaging.json", "sendInvoice"): message("invoice"),
    ("solicitations.json", "getSolicitationActionsForOrder"): solicitation_actions,
    ("solicitations.json", "createProductReviewAndSellerFeedbackSolicitation"): solicitation_actions,
    ("feeds_2021-06-30.json", "createFeedDocument"): refund,
    ("feeds_2021-06-30.json", "createFeed"): refund,
    ("feeds_2021-06-30.json", "getFeeds"): refund,
    ("feeds_2021-06-30.json", "getFeed"): get_feed,
    ("feeds_2021-06-30.json", "getFeedDocument"): feed_document,
    ("reports_2021-06-30.json", "createReport"): create_report,
    ("reports_2021-06-30.json", "getReports"): get_reports,
    ("reports_2021-06-30.json", "getReport"): get_report,
    ("reports_2021-06-30.json", "getReportDocument"): report_document,
    ("externalFulfillmentReturns_2024-09-11.json", "listReturns"): external_returns,
    ("externalFulfillmentReturns_2024-09-11.json", "getReturn"): external_return,
    ("sellers.json", "getMarketplaceParticipations"): account,
    ("sellers.json", "getAccount"): account,
}
"""What each operation's answers come out as."""


# --- running them -------------------------------------------------------------------------


@pytest.fixture
def all_cases(specs: Callable[[str], Path]) -> list[Case]:
    return cases(specs("amazon"))


def _key(case: Case) -> tuple[str, str]:
    return case["spec"], case["operationId"]


def _shop(sandbox: Sandbox, **settings: Any) -> Shop:
    known = {"client_id": "app", "client_secret": "secret-4711", "refresh_token": "Atzr|4712", "region": "na"}
    known |= {"seller_id": "A3TH9S8BH6GOGM", "report_wait": 20, "external_fulfillment": True}
    return sellercare.connect(
        "amazon", store="sqlite://", clock=FakeClock(), transport=sandbox, patience=2.0, **(known | settings)
    )


def _prepared(all_cases: list[Case], case: Case) -> Sandbox:
    """The sandbox with the case chosen. Its list of actions lacks the invoice, which the live one has."""
    sandbox = Sandbox(all_cases)
    actions = sandbox.answers["GET", "/messaging/v1/orders/{amazonOrderId}"]
    links = actions["response"]["_links"]
    href = f"/messaging/v1/orders/{ORDER}/messages/sendInvoice?marketplaceIds=ATVPDKIKX0DER"
    invoice = {"href": href, "name": "sendInvoice"}
    if case["operationId"] == "sendInvoice":
        sandbox.choose(actions, _links={**links, "actions": [*links["actions"], invoice]})
    sandbox.choose(case)
    return sandbox


def test_each_case_runs_or_has_a_reason(all_cases: list[Case]) -> None:
    assert len(all_cases) == 161
    operations = {_key(case) for case in all_cases}
    assert OURS.keys() & NOT_OURS.keys() == set()
    assert operations - OURS.keys() - NOT_OURS.keys() == set(), "neither run nor listed"
    assert (OURS.keys() | NOT_OURS.keys()) - operations == set(), "there are no such cases"


def test_what_the_verbs_make_of_them(all_cases: list[Case], subtests: Any) -> None:
    for case in all_cases:
        if _key(case) not in OURS:
            continue
        with subtests.test(name_of(case)):
            sandbox = _prepared(all_cases, case)
            shop = _shop(sandbox)
            if case["status"] < 300:
                OURS[_key(case)](shop, sandbox, case)
            else:
                with pytest.raises(ERRORS[case["status"]]) as caught:
                    OURS[_key(case)](shop, sandbox, case)
                first = case["response"]["errors"][0]
                assert caught.value.status == case["status"]
                assert caught.value.native_code == first["code"]
                assert first["message"] in caught.value.message
            assert case["operationId"] in sandbox.sent
            shop.close()


def test_requests_go_out_as_the_cases_say(all_cases: list[Case], specs: Any, subtests: Any) -> None:
    """Each case's own request, over the adapter's authorisation and encoding; good ones fit the models."""
    models = described.load(specs("amazon"))
    contract = WriteContract(
        repeat=Repeat.HARMLESS, readback=Readback.NONE, absent_after=None, evidence=Evidence.NOTHING
    )
    for case in all_cases:
        if _key(case) not in OURS:
            continue
        with subtests.test(name_of(case)):
            sandbox = _prepared(all_cases, case)
            shop = _shop(sandbox)
            call = _call(case)
            with nullcontext() if case["status"] < 300 else pytest.raises(ERRORS[case["status"]]):
                answer = shop.http.read(call) if call.act == "read" else shop.http.write(call, contract)
                assert answer.json() == case["response"]
            request = sandbox.sent[case["operationId"]][0]
            asked = {name: as_wire(value) for name, value in values(case).items()}
            assert wire(request, case) == asked
            assert request.headers["x-amz-access-token"] == "at-1"
            if case["status"] < 300:
                found = models.complaints(request, case["status"], {"Content-Type": "application/json"}, b"{}")
                wrong = [each for each in found if each.startswith("request")]
                expected = MISFITS.get(name_of(case), ())
                assert len(wrong) == len(expected), wrong
                assert all(word in each for word, each in zip(expected, wrong, strict=True)), wrong
            shop.close()


_NO_MARKETPLACE = (
    "messaging.getMessagingActionsForOrder-200-0",
    "messaging.GetAttributes-200-0",
    "messaging.confirmCustomizationDetails-201-0",
    "messaging.createConfirmDeliveryDetails-201-0",
    "messaging.createLegalDisclosure-201-0",
    "messaging.createConfirmOrderDetails-201-0",
    "messaging.createConfirmServiceDetails-201-0",
    "messaging.CreateWarranty-201-0",
    "messaging.createDigitalAccessKey-201-0",
    "messaging.createUnexpectedProblem-201-0",
    "solicitations.createProductReviewAndSellerFeedbackSolicitation-201-0",
)
MISFITS: dict[str, tuple[str, ...]] = dict.fromkeys(_NO_MARKETPLACE, ("MissingRequiredParameter",))
"""Good cases whose own request does not fit the models that they stand in, and how: marketplaceIds is required."""
MISFITS |= {
    # a day where a moment is wanted
    "finances_2024-06-19.listTransactions-200-0": ("date-time",),
    # neither marketplaceIds nor the body
    "messaging.sendInvoice-201-0": ("MissingRequiredParameter", "MissingRequiredRequestBody"),
}


def _call(case: Case) -> Call:
    given = values(case)
    names = [part[1:-1] for part in case["path"].split("/") if part.startswith("{")]
    ids = {name: str(given.pop(name)) for name in names}
    body = given.pop("body", None)
    params = {name: as_wire(value) for name, value in given.items()}
    act = "read" if case["method"] == "GET" else "write"
    call = Call(act, case["method"], case["path"], ids=ids, params=params)  # type: ignore[arg-type] # one of the two
    return replace(call, json=body) if body is not None else call
