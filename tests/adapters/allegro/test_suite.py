"""The conformance suite on simulated Allegro."""

from __future__ import annotations

from sellercare.testing.moves import Move
from sellercare.testing.suite import AdapterSuite, Site


class TestAllegro(AdapterSuite):
    adapter = "allegro"
    currency = "PLN"
    review_subject = "seller"
    settings = {"end_request_text": "Proszę o zakończenie dyskusji."}  # noqa: RUF012  # as in the base class
    off = {  # noqa: RUF012  # as in the base class
        "test_a_repeat_does_what_the_contract_says[returns.decline]": (
            "Allegro tells nowhere what a second decision does: the contract assumes the worst, the face refuses it"
        ),
        "test_a_repeat_does_what_the_contract_says[returns.offer]": (
            "Allegro tells nowhere what a second decision does: the contract assumes the worst, the face refuses it"
        ),
    }

    def do_messages_close(self, at: Site) -> Move:
        """Only the chat of a dispute can be closed."""
        thread_id = self.return_id(at, self.a_return(at, kind="dispute"))
        return lambda key: at.shop.messages.close(thread_id, key=key)
