"""Feedback, standards, the account, sign-in, errors and secrets."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from sellercare.calls import Answer, to_json
from sellercare.errors import (
    BadInput,
    Forbidden,
    Invalid,
    NotAllowedNow,
    OutcomeUnknown,
    RateLimited,
    RuleBroken,
    SellercareError,
    SignInNeeded,
)
from sellercare.simulator import Fault
from sellercare_adapters.ebay import EbayAdapter

RESPOND = "POST /commerce/feedback/v1/respond_to_feedback"


def feedback(ebay: Any, rating: int = 1, **more: Any) -> Any:
    order, _ = ebay.order()
    return ebay.world.review(rating, "Came late.", subject="seller", order=order, **more)


# --- feedback ----------------------------------------------------------------------


@pytest.mark.parametrize(("rating", "native", "ours"), [(5, "POSITIVE", 5), (3, "NEUTRAL", 3), (1, "NEGATIVE", 1)])
def test_feedback_is_rated(ebay: Any, rating: int, native: str, ours: int) -> None:
    feedback(ebay, rating)
    (review,) = ebay.shop.reviews.list()
    assert (review.native_rating, review.rating, review.subject) == (native, ours, "seller")
    assert review.rates == {"DSR_COMMUNICATION": Decimal(rating)}


def test_what_waits_for_an_answer_is_found(ebay: Any) -> None:
    waiting, answered = feedback(ebay), feedback(ebay)
    answered.reply = "Sorry."
    assert [each.id for each in ebay.shop.reviews.list(awaiting_reply=True)] == [waiting.id]
    assert list(ebay.shop.reviews.list(subject="product")) == []


def test_automatic_feedback_is_not_listed_and_takes_no_answer(ebay: Any) -> None:
    review = feedback(ebay, 5)
    review.extra["automatic"] = True
    assert list(ebay.shop.reviews.list()) == []
    with pytest.raises(NotAllowedNow, match="by itself"):
        ebay.shop.reviews.reply(review.id, "Thanks.", key="a")


def test_feedback_is_answered_once(ebay: Any) -> None:
    review = feedback(ebay)
    made = ebay.shop.reviews.reply(review.id, "We are sorry.", key="a")
    assert made.reply.text == "We are sorry."
    assert ebay.shop.reviews.reply(review.id, "We are sorry.", key="a").id == review.id
    with pytest.raises(NotAllowedNow, match="one answer"):
        ebay.shop.reviews.reply(review.id, "And another.", key="b")
    with pytest.raises(NotAllowedNow, match="replaced"):
        ebay.shop.reviews.reply(review.id, "And another.", replace=True, key="c")
    assert ebay.world.count("review.reply") == 1


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
def test_a_lost_answer_to_feedback_is_found(ebay: Any, fault: Any) -> None:
    review = feedback(ebay)
    ebay.face.faults.add(Fault(fault, RESPOND))
    assert ebay.shop.reviews.reply(review.id, "We are sorry.", key="a").reply.text == "We are sorry."
    assert ebay.world.count("review.reply") == 1


def test_an_answer_that_ebay_altered_stays_unknown(ebay: Any) -> None:
    review = feedback(ebay)
    ebay.face.faults.add(Fault("lost_answer", RESPOND))
    ebay.face.faults.add(Fault("text_altered", RESPOND))
    with pytest.raises(OutcomeUnknown):
        ebay.shop.reviews.reply(review.id, "We are sorry.", key="a")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x" * 501, "max-length"),
        ("<i>Sorry</i>", "no-html"),
        ("Write to me@shop.example", "no-contacts"),
        ("Call +49 30 1234567", "no-contacts"),
    ],
)
def test_answers_to_feedback_keep_the_rules(ebay: Any, text: str, rule: str) -> None:
    review = feedback(ebay)
    with pytest.raises(RuleBroken) as caught:
        ebay.shop.reviews.reply(review.id, text, key="a")
    assert caught.value.rule == rule


def test_totals(ebay: Any) -> None:
    for rating in (5, 5, 5, 1):
        feedback(ebay, rating)
    found = ebay.shop.reviews.summary()
    assert (found.count, found.share_positive) == (4, Decimal("0.75"))
    assert found.by_rating == {"POSITIVE": 3, "NEUTRAL": 0, "NEGATIVE": 1}
    with pytest.raises(BadInput):
        ebay.shop.reviews.summary("somebody-else")


# --- standing ----------------------------------------------------------------------


def test_the_current_standing_and_not_the_projected_one(ebay: Any) -> None:
    ebay.world.score_day(grade="bad", metrics=[{"code": "DEFECTIVE_TRANSACTION_RATE", "value": "0.51"}])
    ebay.world.data.extra["service"] = {"ITEM_NOT_RECEIVED": {"Books": ("1.25", "0.80")}}
    found = ebay.shop.scores.current()
    assert (found.grade, found.level, found.on) == ("BELOW_STANDARD", "bad", ebay.world.now().date())
    assert [(each.code, each.value, each.target) for each in found.metrics] == [
        ("DEFECTIVE_TRANSACTION_RATE", Decimal("0.51"), None),
        ("ITEM_NOT_RECEIVED/Books", Decimal("1.25"), Decimal("0.80")),
    ]


def test_a_seller_without_sales_has_no_standing_and_no_error(ebay: Any) -> None:
    assert ebay.shop.scores.current().grade is None


@pytest.mark.parametrize(
    "value", ["0.5", {"value": "0.5", "numerator": 1, "denominator": 2}, {"amount": 1}, None, [], "n/a"]
)
def test_metrics_are_read_leniently(value: Any) -> None:
    """The contract points at another type (dossier, trap 4)."""
    from sellercare_adapters.ebay import translate

    row = {"standardsLevel": "TOP_RATED", "metrics": [{"metricKey": "RATE", "value": value}]}
    (metric,) = translate.score(row).metrics
    assert metric.value in (None, Decimal("0.5"))


# --- the account --------------------------------------------------------------------


def test_an_account_that_can_everything(ebay: Any) -> None:
    check = ebay.shop.account.check()
    assert (check.ok, check.missing, check.name) == (True, (), "simulated-seller")


def test_missing_scopes_and_a_missing_key_are_named(make_ebay: Any) -> None:
    scope = "https://api.ebay.com/oauth/api_scope/commerce.message"
    ebay = make_ebay(scopes=(scope,), without=("signing_key", "signing_jwe"))
    missing = " ".join(ebay.shop.account.check().missing)
    for word in ("commerce.feedback", "sell.fulfillment", "sell.payment.dispute", "sell.analytics", "signing_key"):
        assert word in missing
    assert "commerce.message" not in missing


def test_a_token_that_expires_is_renewed_and_the_refresh_token_stays(ebay: Any) -> None:
    feedback(ebay)
    before = ebay.shop.store.tokens.load(ebay.shop.credential)
    ebay.face.tokens.expire()
    assert len(list(ebay.shop.reviews.list())) == 1
    after = ebay.shop.store.tokens.load(ebay.shop.credential)
    assert after.access
    assert before is None or after.refresh == before.refresh


def test_a_refresh_token_that_died_asks_for_a_sign_in(ebay: Any) -> None:
    ebay.face.tokens.expire()
    ebay.face.grants.clear()
    with pytest.raises(SignInNeeded):
        list(ebay.shop.orders.list())


def test_post_order_wants_another_prefix(ebay: Any) -> None:
    _, case_id = ebay.case("return")
    ebay.shop.returns.get(case_id)
    assert 401 not in [status for _, status in ebay.face.log]


# --- errors and secrets ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        ({"errors": [{"errorId": 34915, "message": "m", "parameters": [{"name": "p", "value": ""}]}]}, "34915", "p"),
        ({"error": [{"errorId": 292024, "message": "m", "parameter": [{"name": "q", "value": ""}]}]}, "292024", "q"),
        ({"error": "invalid_grant", "error_description": "m"}, "invalid_grant", ""),
        ({"errorMessage": {"error": {"errorId": 1, "message": "m"}}}, "1", ""),
    ],
)
def test_errors_come_in_four_forms(document: Any, code: str, field: str) -> None:
    found = EbayAdapter.problem(Answer(400, {}, to_json(document)))
    assert (found.code, found.text, found.field) == (code, "m", field)


def test_a_daily_limit_is_told_as_such(ebay: Any) -> None:
    from sellercare.http.problems import error_of
    from sellercare.http.redaction import Redactor

    answer = Answer(429, {}, b"", "GET /x")
    problem = EbayAdapter.problem(Answer(429, {}, to_json({"errors": [{"errorId": 2001, "message": "limit"}]})))
    assert isinstance(error_of(EbayAdapter, answer, problem, Redactor([]), None), RateLimited)


def test_no_secret_in_logs_or_errors(ebay: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    settings = ebay.face.settings()
    _, number = ebay.order()
    said = []
    ebay.shop.refunds.issue(order_id=number, reason="OTHER_ADJUSTMENT", key="a")
    for write in (
        lambda: ebay.shop.refunds.issue(order_id=number, reason="OTHER_ADJUSTMENT", key="b", amount=None),
        lambda: ebay.shop.orders.get("nothing"),
        lambda: ebay.shop.returns.get("return:1"),
    ):
        with pytest.raises(SellercareError) as caught:
            write()
        said.append(f"{caught.value!r} {caught.value} {caught.value.details()}")
    shown = caplog.text + " ".join(said) + repr(ebay.shop) + repr(ebay.shop.settings)
    for name in ("client_secret", "signing_key", "signing_jwe", "verification_token"):
        assert settings[name] not in shown
    kept = ebay.shop.settings
    for secret in (kept.access_token, kept.refresh_token):
        assert secret.get_secret_value() not in shown


@pytest.mark.parametrize("kind", ["html_body", "cut_body", "error_before", "rate_limited", "expired_token", "slow"])
@pytest.mark.parametrize("read", ["threads", "orders", "returns", "reviews", "scores"])
def test_a_read_that_goes_wrong_once_is_asked_again(ebay: Any, kind: Any, read: str) -> None:
    feedback(ebay)
    ebay.case("return")
    ebay.world.score_day()
    shop = ebay.shop
    looks: Any = {
        "threads": lambda: list(shop.messages.threads()),
        "orders": lambda: list(shop.orders.list()),
        "returns": lambda: list(shop.returns.list()),
        "reviews": lambda: list(shop.reviews.list()),
        "scores": shop.scores.current,
    }
    plain = looks[read]()
    ebay.face.faults.add(Fault(kind, "GET *", seconds=2))
    assert looks[read]() == plain
    assert ebay.face.faults.injected[kind] == 1


def test_a_token_without_a_scope_is_forbidden(make_ebay: Any) -> None:
    ebay = make_ebay(scopes=("https://api.ebay.com/oauth/api_scope/commerce.message",))
    with pytest.raises(Forbidden):
        list(ebay.shop.orders.list())


def test_a_page_size_that_is_too_large_is_invalid(ebay: Any) -> None:
    from sellercare.calls import read

    with pytest.raises(Invalid) as caught:
        ebay.shop.http.read(
            read("/commerce/message/v1/conversation", params={"conversation_type": "FROM_MEMBERS", "limit": 51})
        )
    assert caught.value.native_code == "355009"
