"""Messages: templates by order and moment, files through Amazon's storage, nothing to read. And asking for reviews."""

from __future__ import annotations

import pytest

from sellercare.errors import (
    BadInput,
    Conflict,
    Impossible,
    NotAllowedNow,
    OutcomeUnknown,
    RuleBroken,
)
from sellercare.models import Upload
from sellercare.simulator import Fault

from .conftest import ORDER

PDF = Upload.of("invoice.pdf", "application/pdf", b"%PDF-1.7 invoice")
SEND = "POST /messaging/*"
ASK = "POST /solicitations/*"


def options(seller) -> dict:
    return {option.id: option for option in seller.shop.messages.allowed(order_id=ORDER)}


class TestAllowed:
    def test_it_differs_by_moment(self, amazon) -> None:
        order = amazon.order("paid")
        before = options(amazon)
        order.state = "shipped"
        after = options(amazon)
        assert before.keys() - after.keys() == {
            "confirmCustomizationDetails",
            "confirmOrderDetails",
            "confirmDeliveryDetails",
        }
        order.state = "cancelled"
        assert options(amazon) == {}

    def test_limits_are_those_of_each_template(self, amazon) -> None:
        amazon.order("paid")
        found = options(amazon)
        assert {id_: (each.text, each.max_length, each.max_attachments) for id_, each in found.items()} == {
            "confirmCustomizationDetails": (True, 800, 5),
            "confirmOrderDetails": (True, 2000, 0),
            "confirmDeliveryDetails": (True, 2000, 0),
            "legalDisclosure": (False, None, 5),
            "unexpectedProblem": (True, 2000, 0),
            "warranty": (False, None, 5),
            "invoice": (False, None, 5),
            "digitalAccessKey": (True, 400, 5),
        }
        assert set(found["warranty"].fields) == {"coverage_start", "coverage_end"}

    def test_live_names_are_mapped_and_unknown_ones_left_out(self, amazon) -> None:
        """Live lists say sendInvoice for messages/invoice, and still name what was removed from the API."""
        amazon.order("shipped")
        assert "invoice" in options(amazon)
        assert "negativeFeedbackRemoval" not in options(amazon)

    def test_the_buyers_language_is_told(self, amazon) -> None:
        amazon.order("shipped")
        amazon.face.locale = "de-DE"
        assert "de-DE" in options(amazon)["unexpectedProblem"].title


class TestStart:
    def test_a_text_is_sent_once(self, amazon) -> None:
        order = amazon.order()
        message = amazon.shop.messages.start(ORDER, option="unexpectedProblem", text="It is late.", key="a")
        again = amazon.shop.messages.start(ORDER, option="unexpectedProblem", text="It is late.", key="a")
        assert message == again
        assert (message.text, message.order_id, message.delivery) == ("It is late.", ORDER, "unknown")
        thread = next(each for each in amazon.world.data.threads.values() if each.order_id == order.id)
        assert amazon.world.count("message", thread.id) == 1

    def test_a_file_goes_to_the_storage_first(self, amazon) -> None:
        amazon.order()
        amazon.shop.messages.start(ORDER, option="invoice", attachments=[PDF], key="a")
        (document,) = amazon.face.documents.values()
        assert document["data"] == PDF.data
        assert document["resource"] == f"/messaging/v1/orders/{ORDER}/messages/invoice"
        assert [call for call, _ in amazon.face.log if not call.startswith("GET /")][-3:] == [
            "POST /uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order_id}/messages/{name}",
            "PUT /storage/{id}",
            "POST /messaging/v1/orders/{order_id}/messages/{name}",
        ]

    def test_a_warranty_has_its_dates(self, amazon) -> None:
        amazon.order()
        dates = {"coverage_start": "2026-03-02T00:00:00+01:00", "coverage_end": "2028-03-02T00:00:00Z"}
        amazon.shop.messages.start(ORDER, option="warranty", fields=dates, attachments=[PDF], key="a")
        with pytest.raises(BadInput, match="coverage_end"):
            amazon.shop.messages.start(
                ORDER, option="warranty", fields={"coverage_end": "tomorrow"}, attachments=[PDF], key="b"
            )

    @pytest.mark.parametrize(
        ("option", "text", "files"),
        [
            ("invoice", "Here it is.", 1),
            ("invoice", None, 0),
            ("invoice", None, 6),
            ("unexpectedProblem", "", 0),
            ("unexpectedProblem", "It is late.", 1),
            ("digitalAccessKey", "k" * 401, 0),
            ("warranty", None, 0),
        ],
    )
    def test_what_amazon_would_refuse_is_not_sent(self, amazon, option, text, files) -> None:
        """The model's maxLength on lists of attachments is no rule to a validator: we hold it."""
        amazon.order()
        with pytest.raises((BadInput, RuleBroken)):
            amazon.shop.messages.start(ORDER, option=option, text=text, attachments=[PDF] * files, key="a")
        assert not [call for call, _ in amazon.face.log if call.startswith("POST /messaging")]

    def test_files_together_stay_below_ten_megabytes(self, amazon) -> None:
        amazon.order()
        big = Upload.of("scan.png", "image/png", bytes(5_000_000))
        with pytest.raises(BadInput, match="10 MB"):
            amazon.shop.messages.start(ORDER, option="invoice", attachments=[big, big], key="a")

    @pytest.mark.parametrize("text", ["Write to me@shop.example", "Your <b>order</b>"])
    def test_what_amazon_forbids_in_texts(self, amazon, text) -> None:
        amazon.order()
        with pytest.raises(RuleBroken):
            amazon.shop.messages.start(ORDER, option="unexpectedProblem", text=text, key="a")

    def test_what_is_not_offered_now_is_not_sent(self, amazon) -> None:
        amazon.order("shipped")
        with pytest.raises(NotAllowedNow):
            amazon.shop.messages.start(ORDER, option="confirmOrderDetails", text="Which colour?", key="a")

    @pytest.mark.parametrize("fault", ["lost_answer", "error_after", "acts_late", "never_arrived"])
    def test_a_lost_message_stays_unknown(self, amazon, fault) -> None:
        """No message shows anywhere: only a person can look."""
        amazon.order()
        amazon.face.faults.add(Fault(fault, SEND))
        for _ in range(3):
            with pytest.raises(OutcomeUnknown, match="Seller Central"):
                amazon.shop.messages.start(ORDER, option="unexpectedProblem", text="It is late.", key="a")
            amazon.world.advance(86_400)
        assert amazon.world.count("message") <= 1

    @pytest.mark.parametrize("fault", ["lost_answer", "error_before", "error_after"])
    @pytest.mark.parametrize("call", ["POST /uploads/*", "PUT /storage/*"])
    def test_a_lost_file_is_put_again(self, amazon, fault, call) -> None:
        amazon.order()
        amazon.face.faults.add(Fault(fault, call))
        amazon.shop.messages.start(ORDER, option="invoice", attachments=[PDF], key="a")
        assert amazon.world.count("message") == 1

    @pytest.mark.parametrize("verb", ["threads", "thread", "messages", "reply", "mark_read", "close", "download"])
    def test_there_is_no_inbox(self, amazon, verb) -> None:
        args = {"threads": (), "reply": ("t", "x")}.get(verb, ("t",))
        with pytest.raises(Impossible, match="no inbox"):
            getattr(amazon.shop.messages, verb)(*args)


class TestAskingForReviews:
    def test_once_an_order(self, amazon) -> None:
        order = amazon.order(days_ago=10)
        amazon.shop.reviews.request(ORDER, key="a")
        amazon.shop.reviews.request(ORDER, key="a")
        with pytest.raises(NotAllowedNow, match="does not offer"):
            amazon.shop.reviews.request(ORDER, key="b")
        assert amazon.world.count("review.request", order.id) == 1

    @pytest.mark.parametrize("days", [1, 40])
    def test_only_at_its_time(self, amazon, days) -> None:
        amazon.order(days_ago=days)
        with pytest.raises(NotAllowedNow):
            amazon.shop.reviews.request(ORDER, key="a")

    @pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
    def test_a_lost_one_is_found_by_what_is_no_longer_offered(self, amazon, fault) -> None:
        order = amazon.order(days_ago=10)
        amazon.face.faults.add(Fault(fault, ASK))
        amazon.shop.reviews.request(ORDER, key="a")
        assert amazon.world.count("review.request", order.id) == 1

    def test_one_that_never_arrived_is_sent_again(self, amazon) -> None:
        order = amazon.order(days_ago=10)
        amazon.face.faults.add(Fault("never_arrived", ASK))
        amazon.shop.reviews.request(ORDER, key="a")
        assert amazon.world.count("review.request", order.id) == 1

    def test_after_its_time_nothing_can_be_told(self, make_amazon) -> None:
        seller = make_amazon(patience=60)
        order = seller.order(days_ago=29.9)
        seller.face.faults.add(Fault("never_arrived", ASK))
        with pytest.raises(OutcomeUnknown):
            seller.shop.reviews.request(ORDER, key="a")
        seller.clock.advance(2 * 86_400)
        with pytest.raises(OutcomeUnknown, match="its time is over"):
            seller.shop.reviews.request(ORDER, key="a")
        assert seller.world.count("review.request", order.id) == 0


def test_a_refusal_for_the_order_is_no_matter_of_the_token(amazon) -> None:
    """Amazon says 403 Unauthorized for both (#19): the tokens are not renewed for it."""
    from sellercare.calls import write
    from sellercare_adapters.amazon import contracts

    amazon.order("shipped", days_ago=1)
    path = "/solicitations/v1/orders/{id}/solicitations/productReviewAndSellerFeedback"
    call = write("POST", path, ids={"id": ORDER}, params={"marketplaceIds": "ATVPDKIKX0DER"})
    with pytest.raises(Conflict):
        amazon.shop.http.write(call, contracts.SOLICITATION)
    assert amazon.face.tokens.refreshed == 1
