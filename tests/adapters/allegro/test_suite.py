"""The conformance suite on simulated Allegro."""

from __future__ import annotations

from collections.abc import Iterator

from sellercare.testing.described import Specs
from sellercare.testing.description import Description, load
from sellercare.testing.moves import Move
from sellercare.testing.suite import AdapterSuite, Site
from sellercare.testing.workshop import Exchange

_NOBODY_KNOWS = "Allegro tells nowhere what a second decision does: the contract assumes the worst, the face refuses it"


class TestAllegro(AdapterSuite):
    adapter = "allegro"
    currency = "PLN"
    review_subject = "seller"
    settings = {"end_request_text": "Proszę o zakończenie dyskusji."}  # noqa: RUF012  # as in the base class
    off = {  # noqa: RUF012  # as in the base class
        "test_a_repeat_does_what_the_contract_says[returns.decline]": _NOBODY_KNOWS,
        "test_a_repeat_does_what_the_contract_says[returns.offer]": _NOBODY_KNOWS,
    }

    exceptions = {  # noqa: RUF012  # as in the base class
        "GET /message-center/message-attachments/*: not described": "the host of uploads, known from an example",
        "answer 200 GET /order/checkout-forms: *: 0 is less than the minimum of 1": "an empty list counts nothing",
        "request POST /sale/issues/{issueId}/message: $: 'attachment' is a required property": (
            "it has no such property; its text asks for text or attachments"
        ),
    }
    unused = {  # noqa: RUF012  # as in the base class
        "* /after-sales-service-conditions/return-policies*": "settings of offers, not of what happens after a sale",
        "GET /order/events": "no verb polls events; orders.list by updatedAt shows what changed",
        "GET /order/event-stats": "only of use with /order/events",
        "* /order/refund-claims*": "the seller's sales commission, not the buyer's money: no common verb",
        "GET /marketplaces": "one account sees all marketplaces; none has to be chosen",
        "GET /messaging/messages/{messageId}": "messages are read with their thread, which read-back needs anyway",
        "DELETE /messaging/messages/{messageId}": "no verb takes a message back",
        "GET /messaging/message-attachments/{attachmentId}": "files are fetched from the address in the message",
        "GET /fulfillment/returns/refund-dispositions": "One Fulfillment's warehouse report: no common verb",
    }

    def described(self, specs: Specs) -> Description:
        return load(specs("allegro") / "allegro-after-sales.openapi.yaml")

    def do_messages_close(self, at: Site) -> Move:
        """Only the chat of a dispute can be closed."""
        thread_id = self.return_id(at, self.a_return(at, kind="dispute"))
        return lambda key: at.shop.messages.close(thread_id, key=key)

    def tour(self) -> Iterator[Exchange]:
        """Files, and what else no verb sends by itself."""
        yield from super().tour()
        at = self.site()
        thread_id = at.world.message(at.world.thread(self.an_order(at))).thread_id
        sent = at.shop.messages.reply(thread_id, self.text, attachments=[self.upload], key="file")
        list(at.shop.messages.download(sent.attachments[0]))
        issue_id = self.return_id(at, self.a_return(at, kind="dispute"))
        chat = at.shop.messages.reply(issue_id, self.text, attachments=[self.upload], key="chat")
        list(at.shop.messages.download(chat.attachments[0]))
        at.shop.reviews.summary(self.an_order(at).lines[0].product_id)
        yield from at.wire.exchanges
