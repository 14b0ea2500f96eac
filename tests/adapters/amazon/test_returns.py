"""Returns beyond the report of those that the seller ships: to Amazon, of Prime orders, and wishes to cancel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sellercare.calls import Answer
from sellercare.errors import BadAnswer, ConfigError, NotFound
from sellercare.models import Money, Parcel
from sellercare.translation import translated
from sellercare_adapters.amazon import translate
from sellercare_adapters.amazon.return_reports import FBA_REPORT, PRIME_REPORT, RETURNS_REPORT, returns_in, units_in

from .conftest import ORDER

OTHER = "903-1671087-0812629"


def asked_for(seller: Any) -> list[str]:
    return [report["reportType"] for report in seller.face.reports.values()]


def searches(seller: Any) -> int:
    return [call for call, _ in seller.face.log].count("GET /orders/2026-01-01/orders")


def by_amazon(seller: Any, **more: Any) -> Any:
    order = seller.order(**more)
    order.extra["fulfilled_by"] = "AMAZON"
    return order


# Amazon's list of columns, and the form in which public readers of this report expect them: a time with its zone,
# one row for each unit, words as Amazon writes them.
FBA_HEAD = (
    "return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tfulfillment-center-id\t"
    "detailed-disposition\treason\tstatus\tlicense-plate-number\tcustomer-comments"
)


def fba_row(**more: str) -> str:
    row = {
        "date": "2026-09-14T07:03:57+02:00",
        "order": ORDER,
        "sku": "KETTLE-1",
        "asin": "B0KETTLE01",
        "fnsku": "X00KETTLE1",
        "name": "Kettle, é",
        "quantity": "1",
        "centre": "LEJ1",
        "disposition": "CUSTOMER_DAMAGED",
        "reason": "NOT_AS_DESCRIBED",
        "status": "Unit returned to inventory",
        "plate": "LPNHE1",
        "note": "It leaks",
    }
    return "\t".join((row | more).values())


def read_fba(*rows: str, encoding: str = "utf-8") -> list[Any]:
    answer = Answer(200, {}, "\r\n".join([FBA_HEAD, *rows]).encode(encoding))
    return [translated(lambda each: translate.fba_return(each, "DE"), row) for row in units_in(answer, "DE")]


def test_the_form_of_a_whole_report() -> None:
    """That of a file of 2020 which a public integration keeps, with other ids: what is around a return, several items
    in one, elements that Amazon's list does not name, and times in UTC."""
    item = (
        "<item_details><item_name>Shirt, é</item_name><asin>B07Y3YBD8J</asin>"
        "<return_reason_code>AMZ-PG-APP-TOO-SMALL</return_reason_code><merchant_sku>SHIRT-XL</merchant_sku>"
        "<in_policy>Y</in_policy><return_quantity>1</return_quantity><resolution>StandardRefund</resolution>"
        "<category>Apparel</category><refund_amount>59.9</refund_amount></item_details>"
    )
    file = (
        '<?xml version="1.0"?><AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="amzn-envelope.xsd"><Header><DocumentVersion>1.00</DocumentVersion></Header>'
        f"<MessageType>Returns-Report</MessageType><Message><return_details>{item}{item}<order_id>{ORDER}</order_id>"
        "<order_date>2020-11-03T17:08:47Z</order_date><amazon_rma_id>DJ1X0000RRMA</amazon_rma_id>"
        "<return_request_date>2020-11-12T12:44:17Z</return_request_date>"
        "<return_request_status>Approved</return_request_status><a_to_z_claim>false</a_to_z_claim>"
        "<is_prime>N</is_prime><label_details><currency_code>EUR</currency_code><label_cost>0.0</label_cost>"
        "<label_type>AmazonUnPaidLabel</label_type></label_details><label_to_be_paid_by>Customer</label_to_be_paid_by>"
        "<return_type>C-Returns</return_type><order_amount>59.9</order_amount><order_quantity>1</order_quantity>"
        "</return_details></Message></AmazonEnvelope>"
    )
    (row,) = returns_in(Answer(200, {}, file.encode()).xml())
    found = translate.reported_return(row, "ES")
    assert (found.id, found.order_id, found.kind, found.state) == ("DJ1X0000RRMA", ORDER, "return", "approved")
    assert found.created_at == datetime(2020, 11, 12, 12, 44, 17, tzinfo=UTC)
    assert [line.title for line in found.lines] == ["Shirt, é"] * 2
    assert (found.asked, found.reason) == (
        Money(amount=Decimal("119.8"), currency="EUR"),
        "AMZ-PG-APP-TOO-SMALL",
    )
    assert found.parcels == ()
    label = "<label_details><tracking_id>1Z999</tracking_id><return_carrier>UPS</return_carrier>"
    (row,) = returns_in(Answer(200, {}, file.replace("<label_details>", label).encode()).xml())
    assert translate.reported_return(row, "ES").parcels == (Parcel(carrier="UPS", number="1Z999"),)


class TestWhatCameBackToAmazon:
    def test_a_unit(self) -> None:
        (found,) = read_fba(fba_row())
        assert found.id == f"fba:{ORDER}:LPNHE1:20260914T050357Z"
        assert (found.kind, found.state, found.native_state) == ("return", "received", "Unit returned to inventory")
        assert (found.order_id, found.reason, found.note) == (ORDER, "NOT_AS_DESCRIBED", "It leaks")
        assert found.updated_at == datetime(2026, 9, 14, 5, 3, 57, tzinfo=UTC)
        (line,) = found.lines
        assert (line.title, line.quantity, line.received) == ("Kettle, é", 1, 1)
        assert found.native_ids["license_plate"] == "LPNHE1"
        assert found.raw["detaileddisposition"] == "CUSTOMER_DAMAGED"

    def test_what_the_report_does_not_tell_is_none(self) -> None:
        (found,) = read_fba(fba_row(note=""))
        assert (found.created_at, found.asked, found.due, found.note, found.number) == (None,) * 5
        assert found.buyer.name is None

    @pytest.mark.parametrize("status", ["Reimbursed", "Pending repackaging", "Repackaged Successfully"])
    def test_whatever_became_of_the_unit_it_was_received(self, status) -> None:
        """That the seller was reimbursed says nothing of the buyer."""
        (found,) = read_fba(fba_row(status=status))
        assert (found.state, found.native_state) == ("received", status)

    def test_a_word_never_seen_is_no_error(self) -> None:
        (found,) = read_fba(fba_row(status="Teleported"))
        assert (found.state, found.native_state) == ("unknown", "Teleported")

    def test_a_unit_that_is_told_twice_is_one(self) -> None:
        (found,) = read_fba(fba_row(), fba_row())
        assert found.lines[0].quantity == 1

    def test_a_unit_that_comes_back_again_is_another_return(self) -> None:
        found = read_fba(fba_row(), fba_row(date="2026-10-01T00:00:00+00:00"), fba_row(order=OTHER))
        assert len({each.id for each in found}) == 3

    def test_units_without_a_plate_are_counted(self) -> None:
        (found,) = read_fba(fba_row(plate=""), fba_row(plate="", quantity="2"))
        assert found.id == f"fba:{ORDER}:KETTLE-1:20260914T050357Z"
        assert (found.lines[0].quantity, len(found.raw)) == (Decimal(3), 2)

    def test_the_zone_of_a_report_does_not_change_the_id(self) -> None:
        here, there = read_fba(fba_row()), read_fba(fba_row(date="2026-09-14T05:03:57Z"))
        assert here[0].id == there[0].id

    @pytest.mark.parametrize("text", ["03-04-2026", "03-Apr-2026"])
    @pytest.mark.parametrize("site", ["US", "DE", "JP"])
    def test_days_are_read_as_amazon_writes_them_in_this_report(self, text, site) -> None:
        """DD-MM-YYYY on all of Seller Central's pages, the American one included; DD-MON-YYYY on the Japanese."""
        answer = Answer(200, {}, "\n".join([FBA_HEAD, fba_row(date=text)]).encode())
        (row,) = units_in(answer, site)
        assert translate.fba_return(row, site).updated_at == datetime(2026, 4, 3, tzinfo=UTC)

    def test_a_day_in_a_form_that_is_unknown_is_left_out(self) -> None:
        (found,) = read_fba(fba_row(date="some day"))
        assert (found.updated_at, found.id) == (None, f"fba:{ORDER}:LPNHE1:some day")

    def test_texts_need_not_be_utf_8(self) -> None:
        assert read_fba(fba_row(), encoding="cp1252")[0].lines[0].title == "Kettle, é"

    @pytest.mark.parametrize("quantity", ["", "some", "NaN"])
    def test_a_number_that_is_none_is_an_error(self, quantity) -> None:
        with pytest.raises(BadAnswer, match="quantity"):
            read_fba(fba_row(quantity=quantity))

    def test_a_file_with_other_columns_is_an_error(self) -> None:
        with pytest.raises(BadAnswer, match="columns"):
            units_in(Answer(200, {}, b"order-id\tsku\n1\t2"), "DE")

    def test_nothing_is_nothing(self) -> None:
        assert read_fba() == []


class TestListingThem:
    def test_only_where_it_is_switched_on(self, make_amazon) -> None:
        for on in (False, True):
            seller = make_amazon(fba_returns=on)
            back = seller.world.return_(by_amazon(seller), note="too loud")
            found = list(seller.shop.returns.list())
            assert [each.order_id for each in found] == [ORDER] * on
            assert asked_for(seller) == [RETURNS_REPORT, FBA_REPORT][: 1 + on]
            assert [each.note for each in found] == [back.note] * on

    def test_it_is_found_by_its_id_and_by_its_report_alone(self, make_amazon) -> None:
        seller = make_amazon(fba_returns=True)
        seller.world.return_(by_amazon(seller), quantity=2)
        found = list(seller.shop.returns.list())
        assert len(found) == 2
        later = make_amazon()
        later.world.data = seller.world.data
        later.world.data.extra.pop("reports")
        assert [later.shop.returns.get(each.id) for each in found] == found
        assert set(asked_for(later)) == {FBA_REPORT}
        with pytest.raises(NotFound):
            later.shop.returns.get(f"fba:{ORDER}:LPN0:20260914T050357Z")

    def test_an_old_one_is_found_by_the_time_in_its_id(self, make_amazon) -> None:
        seller = make_amazon(fba_returns=True, seller_returns=False)
        seller.world.return_(by_amazon(seller, days_ago=150), days_ago=130)
        (found,) = seller.shop.returns.list(updated_since=seller.clock.now() - timedelta(days=140))
        seller.face.reports.clear()
        assert seller.shop.returns.get(found.id) == found
        (report,) = seller.face.reports.values()
        first, last = (datetime.fromisoformat(report[name]) for name in ("dataStartTime", "dataEndTime"))
        assert last - first == timedelta(days=60)

    def test_the_seller_s_own_is_found_though_it_is_not_listed(self, make_amazon) -> None:
        seller = make_amazon(seller_returns=False, fba_returns=True)
        back = seller.world.return_(seller.order())
        assert seller.shop.returns.get(back.number).order_id == ORDER

    def test_the_seller_s_own_are_not_looked_for_in_amazon_s_report(self, make_amazon) -> None:
        seller = make_amazon(fba_returns=True)
        with pytest.raises(NotFound):
            seller.shop.returns.get("R-nowhere")
        assert asked_for(seller) == [RETURNS_REPORT]

    def test_who_lets_amazon_ship_all_needs_no_report_of_his_own(self, make_amazon) -> None:
        """Amazon cancels a report that has nothing to tell: the one would keep the other from coming."""
        seller = make_amazon(seller_returns=False, fba_returns=True)
        seller.world.return_(by_amazon(seller))
        assert len(list(seller.shop.returns.list())) == 1
        assert asked_for(seller) == [FBA_REPORT]

    def test_with_nothing_switched_on_there_is_no_silence(self, make_amazon) -> None:
        with pytest.raises(ConfigError, match="switched off"):
            make_amazon(seller_returns=False).shop.returns.list()

    def test_it_says_what_it_costs_and_lacks(self, make_amazon) -> None:
        results = make_amazon(fba_returns=True).shop.returns.list()
        assert "minutes" in results.costs
        assert "come back" in results.capped


class TestPrime:
    def sold(self, seller: Any, *, apart: bool) -> Any:
        seller.face.prime_apart = apart
        order = seller.order()
        order.extra["prime"] = True
        return seller.world.return_(order)

    @pytest.mark.parametrize("apart", [False, True])
    def test_each_is_listed_once_wherever_it_is_told(self, make_amazon, apart) -> None:
        seller = make_amazon(prime_returns=True)
        back = self.sold(seller, apart=apart)
        plain = seller.world.return_(seller.order(id=OTHER, item="60407000000002"))
        results = seller.shop.returns.list()
        assert {each.id for each in results} == {back.number, plain.number}
        assert len(list(results)) == 2, "whoever lists again sees the same"
        assert asked_for(seller)[:2] == [RETURNS_REPORT, PRIME_REPORT]

    def test_one_that_moves_to_its_own_report_is_not_lost(self, make_amazon) -> None:
        seller = make_amazon(prime_returns=True)
        back = self.sold(seller, apart=False)
        results = seller.shop.returns.list()
        assert [each.id for each in results] == [back.number]
        seller.face.prime_apart = True
        seller.clock.advance(3600)
        assert [each.id for each in results] == [back.number]

    def test_one_is_found_in_its_own_report(self, make_amazon) -> None:
        seller = make_amazon(prime_returns=True)
        back = self.sold(seller, apart=True)
        assert seller.shop.returns.get(back.number).order_id == ORDER

    def test_it_is_not_asked_for_unless_switched_on(self, amazon) -> None:
        self.sold(amazon, apart=True)
        assert list(amazon.shop.returns.list()) == []
        assert asked_for(amazon) == [RETURNS_REPORT]

    def test_elements_that_a_report_lacks_are_none(self) -> None:
        """Of the Prime report Amazon's list is all there is: no element but the order's id is relied on."""
        (row,) = returns_in({"AmazonEnvelope": {"Message": {"return_details": {"order_id": ORDER}}}})
        found = translate.reported_return(row, "US")
        assert (found.id, found.number, found.created_at, found.lines) == (f"order:{ORDER}", None, None, ())


class TestWishesToCancel:
    def wished(self, seller: Any, state: str = "paid", **more: Any) -> Any:
        order = seller.order(state, **more)
        seller.world.return_(order, kind="cancellation", reason="Changed mind about purchase")
        return order

    def test_a_wish_is_a_cancellation_that_is_asked_for(self, make_amazon) -> None:
        seller = make_amazon(cancellation_wishes=True)
        order = self.wished(seller)
        seller.order("paid", id=OTHER, item="60407000000002")
        (found,) = seller.shop.returns.list(kind="cancellation")
        assert (found.id, found.kind, found.state) == (f"cancel:{ORDER}", "cancellation", "requested")
        assert (found.order_id, found.reason, found.native_state) == (
            ORDER,
            "Changed mind about purchase",
            "UNSHIPPED",
        )
        (line,) = found.lines
        assert (line.order_line_id, line.quantity) == (order.lines[0].id, 2)
        assert (found.updated_at, found.created_at) == (order.updated_at, None)
        assert asked_for(seller) == [], "no report has any"

    def test_it_stands_beside_the_others(self, make_amazon) -> None:
        seller = make_amazon(cancellation_wishes=True)
        self.wished(seller)
        seller.world.return_(seller.order(id=OTHER, item="60407000000002"))
        assert [each.kind for each in seller.shop.returns.list()] == ["cancellation", "return"]
        assert [each.kind for each in seller.shop.returns.list(kind="return")] == ["return"]
        assert searches(seller) == 1, "who wants returns pays for no search of orders"

    def test_where_it_is_switched_off_it_says_so(self, amazon) -> None:
        self.wished(amazon)
        results = amazon.shop.returns.list(kind="cancellation")
        assert list(results) == []
        assert "cancellation_wishes" in results.capped
        assert list(amazon.shop.returns.list()) == []
        assert searches(amazon) == 0

    @pytest.mark.parametrize("state", ["shipped", "cancelled"])
    def test_shipped_or_cancelled_it_is_over(self, make_amazon, state) -> None:
        seller = make_amazon(cancellation_wishes=True)
        self.wished(seller, state)
        assert list(seller.shop.returns.list(kind="cancellation")) == []
        assert seller.shop.returns.get(f"cancel:{ORDER}").state == "closed"

    def test_a_wish_that_was_met_for_all_its_items_is_over(self) -> None:
        """As in the models' own example, where the order goes on with its other items."""
        asked = {"requester": "BUYER", "cancelReason": "Changed mind about purchase"}
        done = {"cancelledBy": "MERCHANT", "cancelReason": "Buyer requested cancellation"}
        items: list[dict[str, Any]] = [
            {"orderItemId": "1", "quantityOrdered": 1, "product": {}},
            {
                "orderItemId": "2",
                "quantityOrdered": 1,
                "product": {},
                "cancellation": {"cancellationRequest": asked, "cancellationExecution": done},
            },
        ]
        row: Any = {"orderId": ORDER, "lastUpdatedTime": "2026-03-02T09:00:00Z", "orderItems": items}
        row["fulfillment"] = {"fulfillmentStatus": "UNSHIPPED"}
        found = translate.wish(row)
        assert (found.state, [line.id for line in found.lines]) == ("closed", ["2"])
        items[0]["cancellation"] = {"cancellationRequest": asked}
        assert translate.wish(row).state == "requested", "one of two was met"

    def test_orders_that_amazon_ships_are_its_own_affair(self, make_amazon) -> None:
        seller = make_amazon(cancellation_wishes=True)
        self.wished(seller).extra["fulfilled_by"] = "AMAZON"
        assert list(seller.shop.returns.list(kind="cancellation")) == []

    def test_of_one_order_it_takes_one_call(self, make_amazon) -> None:
        seller = make_amazon(cancellation_wishes=True)
        self.wished(seller)
        (found,) = seller.shop.returns.list(kind="cancellation", order_id=ORDER)
        assert found.id == f"cancel:{ORDER}"
        assert searches(seller) == 0

    def test_it_is_found_by_its_id_where_there_is_one(self, amazon) -> None:
        self.wished(amazon)
        assert amazon.shop.returns.get(f"cancel:{ORDER}").state == "requested"
        amazon.order("paid", id=OTHER, item="60407000000002")
        for order_id in (OTHER, "903-0000000-0000000"):
            with pytest.raises(NotFound):
                amazon.shop.returns.get(f"cancel:{order_id}")

    def test_it_is_met_by_cancelling_the_order(self, amazon) -> None:
        self.wished(amazon)
        amazon.shop.orders.cancel(ORDER, reason="BuyerCanceled", key="wish")
        amazon.clock.advance(7200)
        assert amazon.shop.returns.get(f"cancel:{ORDER}").state == "closed"
