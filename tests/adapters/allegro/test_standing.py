"""Ratings, sales quality and the account, as the dossier tells of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.calls import write
from sellercare.errors import BadAnswer, BadInput, Forbidden, Impossible, NotAllowedNow, RuleBroken
from sellercare.models import EventRequest
from sellercare_adapters.allegro import translate
from sellercare_adapters.allegro.contracts import REFUND


def test_a_rating_of_a_sale_has_stars_made_of_its_rates(allegro: Any) -> None:
    rating = allegro.world.review(4, "Dobrze", subject="seller")
    (found,) = allegro.shop.reviews.list()
    assert (found.id, found.subject, found.rating, found.native_rating) == (rating.id, "seller", 4, "recommended")
    assert found.rates == dict.fromkeys(("delivery", "deliveryCost", "description", "service"), Decimal(4))


def test_rating_max_finds_everybody_who_does_not_recommend(allegro: Any) -> None:
    bad = allegro.world.review(2, subject="seller")
    allegro.world.review(5, subject="seller")
    assert [each.id for each in allegro.shop.reviews.list(rating_max=2)] == [bad.id]


@given(recommended=st.booleans(), rates=st.lists(st.integers(1, 5), max_size=4))
def test_stars_are_between_one_and_five_and_a_no_is_at_most_two(recommended: bool, rates: list[int]) -> None:
    stars = translate.stars(recommended, *rates)
    assert 1 <= stars <= (5 if recommended else 2)


def test_an_answer_is_overwritten_only_if_that_is_meant(allegro: Any) -> None:
    rating = allegro.world.review(subject="seller")
    assert allegro.shop.reviews.reply(rating.id, "Dziękujemy.", key="a").reply.text == "Dziękujemy."
    with pytest.raises(NotAllowedNow, match="overwrite"):
        allegro.shop.reviews.reply(rating.id, "Inaczej.", key="b")
    assert rating.reply == "Dziękujemy."
    assert allegro.shop.reviews.reply(rating.id, "Inaczej.", replace=True, key="c").reply.text == "Inaczej."


def test_an_answer_has_at_most_500_characters(allegro: Any) -> None:
    rating = allegro.world.review(subject="seller").id
    with pytest.raises(RuleBroken, match="500"):
        allegro.shop.reviews.reply(rating, "a" * 501, key="a")
    allegro.shop.reviews.reply(rating, "a" * 500, key="b")


def test_a_removal_can_be_asked_for_until_the_date_in_the_rating(allegro: Any) -> None:
    rating = allegro.world.review(subject="seller")
    assert allegro.shop.reviews.dispute(rating.id, text="Nie nasz klient.", key="a").removal_asked is True
    old = allegro.world.review(subject="seller")
    old.removal_until = allegro.world.now() - timedelta(seconds=1)
    with pytest.raises(NotAllowedNow, match="no longer"):
        allegro.shop.reviews.dispute(old.id, text="Nie nasz klient.", key="b")
    with pytest.raises(BadInput, match="reason code"):
        allegro.shop.reviews.dispute(rating.id, reason="FAKE", text="x", key="c")


def test_ratings_of_products_are_totals_only(allegro: Any) -> None:
    order = allegro.world.order()
    for stars in (5, 4, 4, 3):
        allegro.world.review(stars, order=order)
    offer = order.lines[0].product_id
    total = allegro.shop.reviews.summary(offer)
    assert (total.count, total.average, total.by_rating["4"]) == (4, Decimal("4.0"), 2)
    with pytest.raises(BadInput, match="only their totals"):
        list(allegro.shop.reviews.list(product_id=offer))
    with pytest.raises(Impossible):
        allegro.shop.reviews.request("any", key="k")


@pytest.mark.parametrize("id_", ["", None])
def test_a_seller_without_an_id_is_an_error_of_allegro(allegro: Any, monkeypatch: pytest.MonkeyPatch, id_: Any) -> None:
    monkeypatch.setattr(allegro.face, "seller_id", id_)
    with pytest.raises(BadAnswer, match="GET /me"):
        allegro.shop.reviews.summary()


def test_the_share_of_happy_buyers_has_a_decimal_comma() -> None:
    row: Any = {"recommendedPercentage": "99,8", "recommended": {"unique": 80, "total": 100}}
    summary = translate.seller_summary(row, "1")
    assert (summary.share_positive, summary.count) == (Decimal("0.998"), None)
    row |= {"notRecommended": {"unique": 1, "total": 2}}
    assert translate.seller_summary(row, "1").count == 102


def test_quality_of_a_seller_too_small_is_empty_and_not_an_error(allegro: Any) -> None:
    assert allegro.shop.scores.current().value is None
    assert list(allegro.shop.scores.history()) == []


def test_quality_days(allegro: Any) -> None:
    today = allegro.world.now().date()
    metric = {"code": "BUYER_SATISFACTION", "name": "Zadowolenie kupujących", "value": 20, "most": 50}
    for ago in range(40):
        allegro.world.score_day(today - timedelta(days=ago), 140 + ago, metrics=[metric])
    current = allegro.shop.scores.current()
    assert (current.on, current.value, current.most, current.level) == (today, 140, 500, "good")
    assert (current.metrics[0].code, current.metrics[0].most) == ("BUYER_SATISFACTION", 50)
    history = allegro.shop.scores.history()
    assert len(list(history)) == 30
    assert "30 days" in history.capped
    assert min(each.on for each in history) == today - timedelta(days=29) > date(2026, 1, 1)


def test_nothing_is_pushed(allegro: Any) -> None:
    with pytest.raises(Impossible, match="pushes nothing"):
        allegro.shop.events.handle(EventRequest(method="POST", url="https://example.com", headers={}))


def test_the_check_tells_which_scopes_are_missing(make_allegro: Any) -> None:
    scopes = ("allegro:api:profile:read", "allegro:api:messaging", "allegro:api:orders:read", "allegro:api:disputes")
    seller = make_allegro(scopes=scopes)
    check = seller.shop.account.check()
    assert (check.ok, check.seller_id, check.sites) == (False, "46968690", ("allegro-pl",))
    assert [each.partition(" ")[0].rstrip(":") for each in check.missing] == [
        "allegro:api:ratings",
        "allegro:api:payments:read",
    ]
    with pytest.raises(Forbidden, match="allegro:api:payments:write"):
        seller.shop.http.write(write("POST", "/payments/refunds", json={}), REFUND)


def test_a_restricted_account_is_not_a_matter_of_scopes(make_allegro: Any, monkeypatch: Any) -> None:
    """Allegro cuts it off from everything, its own name included (#13556)."""
    seller = make_allegro()
    assert not any("restricted" in note for note in seller.shop.account.check().notes)
    cut = seller.face.error(403, "ACCESS_DENIED", "Access denied")
    monkeypatch.setattr(seller.face, "authorize", lambda request: cut)
    check = seller.shop.account.check()
    assert (check.ok, check.seller_id) == (False, None)
    assert any("may have restricted the account" in note for note in check.notes)
    assert "allegro:api:profile:read" in " ".join(check.missing)


def test_one_scope_that_is_missing_is_no_restriction(make_allegro: Any) -> None:
    seller = make_allegro(scopes=("allegro:api:messaging",))
    check = seller.shop.account.check()
    assert check.seller_id is None
    assert not any("restricted" in note for note in check.notes)
