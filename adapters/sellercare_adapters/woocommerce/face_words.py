"""Simulated WooCommerce: notes of orders, reviews of products, and the comments of WordPress that answer them."""

from __future__ import annotations

import html
import re
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Message, Order, Review, Thread
from sellercare_adapters.woocommerce.face_base import API, WP, newest, numbers, times
from sellercare_adapters.woocommerce.face_money import MoneyFace

_MAIL_FAILED = 'Email "Customer note" failed to send: Could not instantiate mail function..'


class WordsFace(MoneyFace):
    """Notes and reviews. `mail_fails`: mails do not go out, of which only an internal note tells."""

    mail_fails = False

    # --- notes -------------------------------------------------------------------------------------------------------

    @route("GET", f"{API}/orders/{{id}}/notes")
    def notes(self, request: Request, id: str) -> Reply:
        """All notes at once, newest first."""
        order, kind = self.order_of(id), request.param("type", "any")
        found = [each for each in self._notes(order) if kind == "any" or _is_customers(each) == (kind == "customer")]
        return Reply.of([self._note(each, order) for each in found])

    @route("POST", f"{API}/orders/{{id}}/notes")
    def add_note(self, request: Request, id: str) -> Reply:
        """Add a note; one to the customer is mailed. An empty one is taken; scripts are cut."""
        order, body = self.order_of(id), self.body(request)
        if not isinstance(body.get("note"), str):
            raise Refusal(400, "rest_invalid_param", "note is not of type string.", "note")
        text = re.sub(r"</?script[^>]*>", "", body["note"])
        if len(text.encode()) > 65_535:
            raise Refusal(500, "woocommerce_api_cannot_create_order_note", "Cannot create order note.")
        thread = self._thread(order)
        note = self.world.say(thread, text, author="seller" if body.get("customer_note") else "platform")
        note.extra["author"] = self.user if body.get("added_by_user") else "WooCommerce"
        if body.get("customer_note") and self.mail_fails:
            self.world.say(thread, _MAIL_FAILED, author="platform")
        return Reply.of(self._note(note, order), 201)

    def _thread(self, order: Order) -> Thread:
        threads = [each for each in self.world.data.threads.values() if each.order_id == order.id]
        return threads[0] if threads else self.world.thread(order, kind="note")

    def _notes(self, order: Order) -> list[Message]:
        """What the shop has noted. What buyers write comes by mail, and is in no note."""
        threads = [each for each in self.world.data.threads.values() if each.order_id == order.id]
        found = [note for thread in threads for note in thread.messages if note.author != "buyer"]
        return newest(found, lambda note: note.created_at)

    def _note(self, note: Message, order: Order) -> dict[str, Any]:
        id = self.number(note.id)
        row = {
            "id": id,
            "author": note.extra.get("author", "WooCommerce"),
            "note": note.text,
            "customer_note": _is_customers(note),
        }
        path = f"{API}/orders/{self.number(order.id)}/notes/{id}"
        return row | times("created", note.created_at) | self.links(path)

    # --- reviews -----------------------------------------------------------------------------------------------------

    @route("GET", f"{API}/products/reviews")
    def reviews(self, request: Request) -> Reply:
        """Reviews, newest first; without a status, approved ones only."""
        status, products = request.param("status", "approved"), numbers(request, "product")
        rows = [
            each
            for each in newest(self._reviews(), lambda each: each.created_at)
            if (status == "all" or _status(each) == status)
            and (products is None or self.number(each.product_id or "") in products)
        ]
        return self.page(request, [self._review(each) for each in rows])

    @route("GET", f"{API}/products/reviews/{{id}}")
    def review(self, request: Request, id: str) -> Reply:
        """One review."""
        return Reply.of(self._review(self._review_of(id, 404, "woocommerce_rest_review_invalid_id")))

    @route("GET", f"{API}/products/{{id}}")
    def product(self, request: Request, id: str) -> Reply:
        """A product, as far as its ratings go."""
        name = self.name_of(id) if id.isdecimal() else ""
        if not any(line.product_id == name for order in self.world.data.orders.values() for line in order.lines):
            raise Refusal(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        stars = [each.rating for each in self._reviews() if each.product_id == name and _status(each) == "approved"]
        average = f"{sum(stars) / len(stars):.2f}" if stars else "0.00"
        return Reply.of({"id": int(id), "average_rating": average, "rating_count": len(stars)})

    def _reviews(self) -> list[Review]:
        return [each for each in self.world.data.reviews.values() if each.subject == "product"]

    def _review_of(self, id: str, status: int, code: str) -> Review:
        review = self.world.data.reviews.get(self.name_of(id)) if id.isdecimal() else None
        if review is None or review.subject != "product":
            raise Refusal(status, code, "Invalid review ID.")
        return review

    def _review(self, review: Review) -> dict[str, Any]:
        buyer, id = self.world.data.buyers[review.buyer_id], self.number(review.id)
        row = {
            "id": id,
            "product_id": self.number(review.product_id or ""),
            "product_name": "A product",
            "product_permalink": f"http://platform.test/product/{self.number(review.product_id or '')}/",
            "status": _status(review),
            "reviewer": buyer.name or "",
            "reviewer_email": buyer.email or "",
            "review": f"<p>{html.escape(review.text or '')}</p>\n",
            "rating": review.rating,
            "verified": False,
        }
        return row | times("created", review.created_at) | self.links(f"{API}/products/reviews/{id}")

    # --- comments of WordPress ---------------------------------------------------------------------------------------

    @route("GET", f"{WP}/comments")
    def comments(self, request: Request) -> Reply:
        """Comments under reviews. Anybody may read them, as text in HTML."""
        parents = numbers(request, "parent")
        rows = [
            self._comment(review, each)
            for review in self._reviews()
            for each in self._under(review)
            if parents is None or self.number(review.id) in parents
        ]
        return self.page(request, rows)

    @route("POST", f"{WP}/comments")
    def add_comment(self, request: Request) -> Reply:
        """Answer a review. The same text again is refused."""
        body = self.body(request)
        review = self._review_of(str(body["parent"]), 404, "rest_comment_invalid_id")
        if self.number(review.product_id or "") != body["post"]:
            raise Refusal(403, "rest_comment_invalid_post_id", "Sorry, you are not allowed to create this comment.")
        if not body["content"].strip():
            raise Refusal(400, "rest_comment_content_invalid", "Invalid comment content.")
        if any(each["text"] == body["content"] for each in self._under(review)):
            text = "Duplicate comment detected; it looks as though you&#8217;ve already said that!"
            raise Refusal(409, "comment_duplicate", text)
        self.world.answer_review(review, body["content"])
        made = self._kept(review)
        review.extra.setdefault("answers", []).append(made)
        return Reply.of(self._comment(review, made, edit=True), 201)

    @route("POST", f"{WP}/comments/{{id}}")
    def change_comment(self, request: Request, id: str) -> Reply:
        """Write an answer anew."""
        for review in self._reviews():
            for each in self._under(review):
                if str(each["id"]) == id:
                    self.world.answer_review(review, self.body(request)["content"])
                    each |= self._kept(review) | {"id": each["id"]}
                    review.extra["answers"] = [each]
                    return Reply.of(self._comment(review, each, edit=True))
        raise Refusal(404, "rest_comment_invalid_id", "Invalid comment ID.")

    @route("GET", f"{WP}/users/me")
    def me(self, request: Request) -> Reply:
        """The user of the application password."""
        return Reply.of({"id": 1, "name": self.user, "slug": self.user})

    def _kept(self, review: Review) -> dict[str, Any]:
        """What is kept of an answer: a fault may have altered its text."""
        id = self.number(self.world.new_id("cmt"))
        return {"id": id, "text": review.reply, "at": review.replied_at}

    def _under(self, review: Review) -> list[dict[str, Any]]:
        if review.reply is not None and "answers" not in review.extra:
            review.extra["answers"] = [self._kept(review)]
        found: list[dict[str, Any]] = review.extra.get("answers", [])
        return found

    def _comment(self, review: Review, answer: dict[str, Any], *, edit: bool = False) -> dict[str, Any]:
        product = self.number(review.product_id or "")
        content = {"rendered": f"<p>{html.escape(answer['text'])}</p>\n"} | ({"raw": answer["text"]} if edit else {})
        at = times("created", answer["at"])
        return {
            "id": answer["id"],
            "post": product,
            "parent": self.number(review.id),
            "author": answer.get("author", 1),
            "author_name": answer.get("author_name", self.user),
            "date": at["date_created"],
            "date_gmt": at["date_created_gmt"],
            "content": content,
            "link": f"http://platform.test/product/{product}/#comment-{answer['id']}",
            "status": "approved",
            "type": "comment",
        }


def _is_customers(note: Message) -> bool:
    return note.author == "seller"


def _status(review: Review) -> str:
    return str(review.extra.get("status", "approved"))
