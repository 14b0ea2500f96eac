"""The conformance suite on simulated Rakuten France."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sellercare.models import MessageOption
from sellercare.simulator import things
from sellercare.testing.moves import Look, Move
from sellercare.testing.suite import AdapterSuite, Site


class TestRakutenFr(AdapterSuite):
    adapter = "rakuten-fr"
    review_subject = "product"
    off: ClassVar[dict[str, str]] = {}

    def an_order(self, at: Site, *, state: str = "delivered") -> things.Order:
        """One sold item is one order here."""
        return at.world.order(lines=[at.world.line("Kettle", self.price)], state=state)

    def a_return(self, at: Site, *, kind: str = "claim", state: str = "requested") -> things.Return:
        """Only claims are seen."""
        return at.world.return_(self.an_order(at), kind="claim", state=state)

    def a_review(self, at: Site) -> things.Review:
        """A rated sale, and a review of its product."""
        order = self.an_order(at)
        order.lines[0].extra["sellerscore"] = "2"
        return at.world.review(2, "Came late.", order=order)

    def order_id(self, at: Site, order: things.Order) -> str:
        """`itemid`."""
        return str(at.face.items.of(order)[0].id)

    def thread_id(self, at: Site, thread: things.Thread) -> str:
        """The conversation of an item is called as the item."""
        return self.order_id(at, at.world.data.orders[thread.order_id or ""])

    def return_id(self, at: Site, return_: things.Return) -> str:
        """So is its claim."""
        return self.order_id(at, at.world.data.orders[return_.order_id])

    def product_id(self, at: Site, order: things.Order) -> str:
        """A number."""
        return str(at.face.items.of(order)[0].sold()["advertid"])

    def cancel_reason(self, at: Site, order_id: str) -> str:
        """Rakuten wants one."""
        return "Plus en stock."

    def do_messages_reply(self, at: Site) -> Move:
        """The look that comes before a reply is made before: it marks the question as read."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        at.shop.messages.thread(thread_id)
        return lambda key: at.shop.messages.reply(thread_id, self.text, key=key)

    def look_messages_messages(self, at: Site) -> Look:
        """The first look changes what later ones show (UNREAD becomes SENT), so it is made before."""
        look = super().look_messages_messages(at)
        look()
        return look

    def choose_option(self, options: Sequence[MessageOption]) -> MessageOption:
        """To the buyer."""
        return next(option for option in options if option.id == "buyer")
