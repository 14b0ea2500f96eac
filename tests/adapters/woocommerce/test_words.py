"""Notes to customers, reviews and their answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sellercare.errors import BadInput, Impossible, NotAllowedNow, NotFound, RuleBroken, Unauthorized
from sellercare.models import Delivery, Party, ThreadKind, Upload
from sellercare_adapters.woocommerce.words import plain, same_words

PASSWORD_ONLY = {"consumer_key": "", "consumer_secret": ""}
KEY_ONLY = {"wordpress_user": "", "application_password": ""}


# --- notes -----------------------------------------------------------------------------------------------------------


def test_a_note_goes_out_and_is_read_back(woo: Any) -> None:
    order = woo.world.order()
    order.extra["customer_note"] = "Please ring twice."
    woo.world.advance(60)
    sent = woo.shop.messages.reply(woo.id(order), "Tom & Jerry: 3 > 2", key="a")
    assert (sent.author, sent.text, sent.delivery) == (Party.SELLER, "Tom & Jerry: 3 > 2", Delivery.UNKNOWN)
    note, checkout = woo.shop.messages.messages(woo.id(order))
    assert note == sent
    # Without added_by_user the shop would call it its own: WooCommerce (note_internal).
    assert sent.author_name == woo.face.user
    assert (checkout.author, checkout.text) == (Party.BUYER, "Please ring twice.")
    assert checkout.id == f"{woo.id(order)}:checkout"
    assert woo.shop.messages.start(woo.id(order), text="And another.", key="b").thread_id == sent.thread_id


def test_every_order_is_a_one_way_thread_in_which_nobody_waits(woo: Any) -> None:
    order = woo.world.order()
    thread = woo.shop.messages.thread(woo.id(order))
    assert (thread.kind, thread.id, thread.awaiting_reply) == (ThreadKind.NOTE, woo.id(order), False)
    woo.world.order()
    assert len(list(woo.shop.messages.threads())) == 2
    assert [each.id for each in woo.shop.messages.threads(order_id=woo.id(order))] == [woo.id(order)]
    assert list(woo.shop.messages.threads(awaiting_reply=True)) == []
    with pytest.raises(NotFound):
        woo.shop.messages.thread("4711")
    with pytest.raises(BadInput, match="numbers"):
        woo.shop.messages.thread("../users")


def test_a_mail_that_failed_is_told_at_its_note(woo: Any) -> None:
    """The only sign of delivery: an internal note right above (notes_any)."""
    order = woo.world.order()
    woo.shop.messages.reply(woo.id(order), "This one arrives, as far as anybody knows.", key="a")
    woo.face.mail_fails = True
    woo.world.advance(60)
    woo.shop.messages.reply(woo.id(order), "This one does not.", key="b")
    last, first = woo.shop.messages.messages(woo.id(order))
    assert (first.delivery, last.delivery) == (Delivery.UNKNOWN, Delivery.BLOCKED)
    assert last.native_delivery.startswith('Email "Customer note" failed to send')


@pytest.mark.parametrize("text", ["", "  ", "<b>hi</b>", "a <script>alert(1)</script>", "x" * 65_536, "ü" * 40_000])
def test_what_the_shop_would_take_and_spoil_never_leaves(woo: Any, text: str) -> None:
    """Recorded: an empty note is mailed, scripts are cut, 70,000 characters are a 500."""
    order = woo.world.order()
    with pytest.raises((BadInput, RuleBroken)):
        woo.shop.messages.reply(woo.id(order), text, key="a")
    assert woo.world.acts == []
    assert not any(call.startswith("POST") for call, _ in woo.face.log)


def test_notes_have_no_attachments_and_answer_nothing(woo: Any) -> None:
    order = woo.id(woo.world.order())
    with pytest.raises(BadInput):
        woo.shop.messages.reply(order, "Hi.", attachments=[Upload.of("a.png", "image/png", b"1")], key="a")
    with pytest.raises(BadInput):
        woo.shop.messages.reply(order, "Hi.", to="platform", key="b")
    with pytest.raises(BadInput):
        woo.shop.messages.reply(order, "Hi.", answers="3", key="c")
    assert woo.world.acts == []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Arrived chipped.</p>\n", "Arrived chipped."),
        ("<p>Tom &amp; Jerry&#8217;s</p>\n", "Tom & Jerry’s"),
        ("<p>One<br />\nTwo</p>\n<p>Three</p>\n", "One\nTwo\n\n\nThree"),
        ("a < b & c > d", "a < b & c > d"),
        ("plain", "plain"),
    ],
)
def test_the_words_of_html(html: str, words: str) -> None:
    assert plain(html) == words
    assert same_words(html, words)


# --- reviews ---------------------------------------------------------------------------------------------------------


def test_reviews_that_are_held_back_are_listed_too(woo: Any) -> None:
    shown, held = woo.world.review(1, "Tea & <cake>", days_ago=2), woo.world.review(5, days_ago=1)
    held.extra["status"] = "hold"
    first, second = woo.shop.reviews.list()
    assert (first.id, first.published) == (woo.id(held), False)
    assert (second.id, second.published, second.text) == (woo.id(shown), True, "Tea & <cake>")
    assert [each.id for each in woo.shop.reviews.list(rating_max=1)] == [woo.id(shown)]
    assert [each.id for each in woo.shop.reviews.list(product_id=second.product_id)] == [woo.id(shown)]
    assert list(woo.shop.reviews.list(subject="seller")) == []
    with pytest.raises(BadInput, match="products"):
        list(woo.shop.reviews.list(order_id="1"))


def test_a_rating_of_nothing_is_none(woo: Any) -> None:
    review = woo.world.review(3)
    review.rating = 0
    (shown,) = woo.shop.reviews.list()
    assert (shown.rating, shown.native_rating) == (None, "0")
    assert woo.shop.reviews.summary(shown.product_id).average is None


def test_a_review_is_answered_by_a_comment_of_wordpress(woo: Any) -> None:
    review = woo.world.review(1, "Chipped.")
    answered = woo.shop.reviews.reply(woo.id(review), "Sorry! A new mug is on its way.", key="a")
    assert answered.reply.text == "Sorry! A new mug is on its way."
    assert answered.text == "Chipped."
    assert list(woo.shop.reviews.list(awaiting_reply=True)) == []
    (listed,) = woo.shop.reviews.list(awaiting_reply=False)
    assert listed.reply == answered.reply
    assert listed.updated_at == listed.reply.created_at > listed.created_at
    assert [each.id for each in woo.shop.reviews.list(updated_since=listed.updated_at)] == [listed.id]
    with pytest.raises(NotAllowedNow, match="replace"):
        woo.shop.reviews.reply(woo.id(review), "Another.", key="b")
    again = woo.shop.reviews.reply(woo.id(review), "Another.", replace=True, key="c")
    assert again.reply.text == "Another."
    assert len(woo.face._under(review)) == 1


def test_the_answers_of_a_page_cost_one_call(woo: Any) -> None:
    for _ in range(5):
        woo.world.answer_review(woo.world.review(), "Thanks.")
    assert all(each.reply for each in woo.shop.reviews.list())
    assert [call for call, _ in woo.face.log] == ["GET /wp-json/wc/v3/products/reviews", "GET /wp-json/wp/v2/comments"]


def test_without_an_application_password_reviews_cannot_be_answered(make_woo: Callable[..., Any]) -> None:
    """With the shop's key WordPress says 401 (review_reply_with_ckcs): it is not even tried."""
    woo = make_woo(**KEY_ONLY)
    review = woo.world.review()
    assert not woo.shop.supports("reviews.reply").offered
    with pytest.raises(Impossible, match="application password"):
        woo.shop.reviews.reply(woo.id(review), "Sorry.", key="a")
    assert [each.id for each in woo.shop.reviews.list()] == [woo.id(review)]
    assert any("cannot be answered" in each for each in woo.shop.account.check().missing)


def test_an_application_password_alone_does_everything(make_woo: Callable[..., Any]) -> None:
    woo = make_woo(**PASSWORD_ONLY)
    order = woo.world.order()
    review = woo.world.review(order=order)
    woo.shop.messages.reply(woo.id(order), "Hi.", key="a")
    woo.shop.refunds.issue(order_id=woo.id(order), key="b")
    assert woo.shop.reviews.reply(woo.id(review), "Sorry.", key="c").reply
    assert woo.shop.account.check().missing == ()


def test_a_refused_password_is_told_and_nothing_is_left_unknown(make_woo: Callable[..., Any]) -> None:
    woo = make_woo(application_password="wrong")
    review = woo.world.review()
    with pytest.raises(Unauthorized):
        woo.shop.reviews.reply(woo.id(review), "Sorry.", key="a")
    assert woo.world.acts == []


# --- orders ----------------------------------------------------------------------------------------------------------


def test_times_are_utc_although_the_shop_shows_its_own(woo: Any) -> None:
    """The face is an hour ahead; `date_created` is local and says so nowhere."""
    order = woo.world.order()
    shown = woo.shop.orders.get(woo.id(order))
    assert shown.created_at == order.created_at
    since = order.updated_at
    assert [each.id for each in woo.shop.orders.list(updated_since=since)] == [woo.id(order)]
    assert list(woo.shop.orders.list(updated_since=since + timedelta(seconds=1))) == []


def test_an_order_is_found_by_the_number_of_a_plugin_and_by_its_id(woo: Any) -> None:
    order, plain_one = woo.world.order(number="2026-0007"), woo.world.order(number="901", id="901")
    assert woo.shop.orders.find("2026-0007").id == woo.id(order)
    assert woo.shop.orders.find("901").id == woo.id(plain_one) == "901"
    tricky = woo.world.order(number="77")
    woo.world.order(id="77", number="78")
    assert woo.shop.orders.find("77").id == woo.id(tricky)
    with pytest.raises(NotFound):
        woo.shop.orders.find("2026-000")


def test_more_orders_than_a_page_come_once_each(woo: Any) -> None:
    buyer = woo.world.buyer()
    made = {woo.id(woo.world.order(buyer, days_ago=n)) for n in range(205)}
    assert {each.id for each in woo.shop.orders.list()} == made
    assert len(woo.face.log) == 3
    since = woo.world.now() - timedelta(days=3)
    assert len(list(woo.shop.orders.list(updated_since=since))) == 4
    assert len(woo.face.log) == 4


def test_another_persons_comment_is_not_written_anew(woo: Any) -> None:
    """A customer with an account may have said something under a review; who may moderate could change it."""
    review = woo.world.review(2, "Came late.", order=woo.world.order())
    theirs = {"id": 901, "text": "Mine too!", "at": woo.world.now(), "author": 77, "author_name": "Another customer"}
    review.extra["answers"] = [theirs]
    with pytest.raises(NotAllowedNow, match="Another customer"):
        woo.shop.reviews.reply(woo.id(review), "Sorry!", replace=True, key="a")
    assert review.extra["answers"] == [theirs]
    assert theirs["text"] == "Mine too!"


@pytest.mark.parametrize("author", [{"author": 0, "author_name": "A guest"}, {"author": 77, "author_name": None}])
def test_what_a_guest_or_the_reviewer_adds_is_no_answer(woo: Any, author: dict[str, Any]) -> None:
    review = woo.world.review(2, "Came late.", order=woo.world.order())
    reviewer = woo.world.data.buyers[review.buyer_id].name
    added = {"id": 901, "text": "And it is broken.", "at": woo.world.now()} | author
    added["author_name"] = added["author_name"] or reviewer
    review.extra["answers"] = [added]
    (shown,) = woo.shop.reviews.list(awaiting_reply=True)
    assert shown.reply is None
    assert woo.shop.reviews.reply(woo.id(review), "Sorry!", key="a").reply.text == "Sorry!"
