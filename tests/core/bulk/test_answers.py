"""Answers to reviews in bulk: everybody reads them."""

from __future__ import annotations

from sellercare.bulk.verify import Agreement, verify

from .conftest import Seller

VERB = "reviews.reply"


def test_reviews_are_answered_once(seller: Seller) -> None:
    reviews = [seller.world.review() for _ in range(3)]
    file = "review_id,text\n" + "".join(f"{review.id},Sorry for that.\n" for review in reviews)
    seller.fault("lost_answer", "POST /v1/reviews/*")
    assert seller.apply(seller.plan(file, VERB)).sent == 3
    assert [review.reply for review in reviews] == ["Sorry for that."] * 3
    assert seller.states(seller.plan(file, VERB)) == ["done"] * 3
    assert seller.world.count("review.reply") == 3


def test_a_template_sees_the_row_and_nothing_of_the_buyer(seller: Seller) -> None:
    review = seller.world.review()
    header = "review_id,product,template\n"
    job = seller.plan(header + f"{review.id},lamp,The {{{{ row.product }}}} is on its way.\n", VERB)
    seller.apply(job)
    assert review.reply == "The lamp is on its way."
    secret = seller.plan(header + f"{review.id},lamp,Dear {{{{ buyer.name }}}}\n", VERB)
    assert seller.states(secret) == ["rejected"]
    assert "Everybody reads this answer" in seller.row(secret, 2).note


def test_an_answer_that_is_there_is_only_overwritten_where_the_row_says_so(seller: Seller) -> None:
    review = seller.world.review()
    review.reply = "By hand."
    job = seller.plan(f"review_id,text\n{review.id},Mine.\n", VERB)
    seller.apply(job)
    assert (seller.states(job), review.reply) == (["refused"], "By hand.")
    replacing = seller.plan(f"review_id,text,replace,key\n{review.id},Mine.,yes,k\n", VERB)
    seller.apply(replacing)
    assert (seller.states(replacing), review.reply) == (["confirmed"], "Mine.")
    unclear = seller.plan(f"review_id,text,replace\n{review.id},Mine.,perhaps\n", VERB)
    assert "it may be yes or no" in seller.row(unclear, 2).note


def test_answers_are_read_back_from_the_listing(seller: Seller) -> None:
    good, changed, gone = (seller.world.review() for _ in range(3))
    job = seller.plan("review_id,text\n" + "".join(f"{each.id},Sorry.\n" for each in (good, changed, gone)), VERB)
    seller.apply(job)
    changed.reply = "Something else."
    del seller.world.data.reviews[gone.id]
    found = [(each.agreement, each.why) for each in verify(seller.store, seller.accounts, job)]
    assert found == [
        (Agreement.AGREES, ""),
        (Agreement.DIFFERS, "the answer is not the one that was sent"),
        (Agreement.UNCHECKED, "the marketplace does not list the review"),
    ]
