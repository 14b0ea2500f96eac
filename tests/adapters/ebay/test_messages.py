"""Conversations: members, eBay itself, and inside returns and inquiries."""

from __future__ import annotations

from typing import Any

import pytest

from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown, RuleBroken
from sellercare.models import Attachment, Upload
from sellercare.simulator import Fault
from sellercare_adapters.ebay.face_base import item_of

SEND = "POST /commerce/message/v1/send_message"


def question(ebay: Any, text: str = "Where is it?") -> Any:
    order, number = ebay.order()
    return ebay.world.message(ebay.world.thread(order), text), order, number


def test_a_conversation_names_a_listing_and_never_an_order(ebay: Any) -> None:
    message, order, _ = question(ebay)
    (thread,) = ebay.shop.messages.threads(awaiting_reply=True)
    assert (thread.id, thread.order_id, thread.awaiting_reply, thread.read) == (message.thread_id, None, True, False)
    assert thread.buyer.login == ebay.face.login(order.buyer_id)
    assert thread.raw["referenceId"] == item_of(order.lines[0])


def test_the_conversations_of_an_order_are_found_by_its_buyer_and_listings(ebay: Any) -> None:
    message, _, number = question(ebay)
    question(ebay, "Another order, another buyer.")
    found = ebay.shop.messages.threads(order_id=number)
    assert [thread.id for thread in found] == [message.thread_id]
    assert "buyer and listings" in found.costs


def test_an_answer_is_there_and_the_thread_waits_no_more(ebay: Any) -> None:
    message, _, _ = question(ebay)
    sent = ebay.shop.messages.reply(message.thread_id, "Tomorrow.", key="a")
    assert (sent.text, sent.author, sent.thread_id) == ("Tomorrow.", "seller", message.thread_id)
    assert ebay.shop.messages.reply(message.thread_id, "Tomorrow.", key="a").id == sent.id
    assert ebay.world.count("message") == 1
    assert ebay.shop.messages.thread(message.thread_id).awaiting_reply is False
    assert {each.id: each.author for each in ebay.shop.messages.messages(message.thread_id)}[sent.id] == "seller"


def test_names_are_opaque(make_ebay: Any) -> None:
    """Names of US users may be immutable ids (2025-09-26): whoever is neither us nor known is not guessed."""
    ebay = make_ebay(username="somebody-else")
    message, _, _ = question(ebay)
    thread = ebay.shop.messages.thread(message.thread_id)
    assert (thread.buyer.login, thread.awaiting_reply) == (None, None)
    assert [each.author for each in ebay.shop.messages.messages(message.thread_id)] == ["unknown"]
    # As long as nobody knows who wrote last, work does not get lost.
    assert [each.id for each in ebay.shop.messages.threads(awaiting_reply=True)] == [message.thread_id]


def test_our_own_name_may_be_an_id_too(make_ebay: Any) -> None:
    ebay = make_ebay(username="our-name", user_id="simulated-seller")
    message, _, _ = question(ebay)
    assert ebay.shop.messages.thread(message.thread_id).awaiting_reply is True


def test_what_ebay_writes_wants_its_own_type_and_takes_no_answer(ebay: Any) -> None:
    order, _ = ebay.order()
    thread = ebay.world.thread(order, kind="platform")
    ebay.world.message(thread, "Your listing was removed.", author="platform")
    (shown,) = ebay.shop.messages.threads()
    assert (shown.id, shown.kind, shown.awaiting_reply) == (f"ebay:{thread.id}", "platform", False)
    assert [each.author for each in ebay.shop.messages.messages(shown.id)] == ["platform"]
    with pytest.raises(NotAllowedNow, match="no answers"):
        ebay.shop.messages.reply(shown.id, "Why?", key="a")
    ebay.shop.messages.mark_read(shown.id)
    assert thread.read


def test_a_conversation_begins_with_the_buyer_of_an_order(ebay: Any) -> None:
    order, number = ebay.order()
    sent = ebay.shop.messages.start(number, text="It is on its way.", key="a")
    assert sent.thread_id == f"to:{item_of(order.lines[0])}:{ebay.face.login(order.buyer_id)}"
    assert [each.text for each in ebay.shop.messages.messages(sent.thread_id)] == ["It is on its way."]
    assert ebay.shop.messages.thread(sent.thread_id).awaiting_reply is False
    ebay.shop.messages.reply(sent.thread_id, "And here it is.", key="b")
    (thread,) = ebay.world.data.threads.values()
    assert [each.text for each in thread.messages] == ["It is on its way.", "And here it is."]


def test_marks_and_the_archive(ebay: Any) -> None:
    message, _, _ = question(ebay)
    ebay.shop.messages.mark_read(message.thread_id)
    assert ebay.shop.messages.thread(message.thread_id).raw["messages"][0]["readStatus"] is True
    ebay.shop.messages.close(message.thread_id)
    assert ebay.shop.messages.thread(message.thread_id).closed is True


@pytest.mark.parametrize(("text", "rule"), [("x" * 2001, "max-length"), ("<b>Hi</b>", "no-html"), (" ", "empty-text")])
def test_the_rules_are_checked_before_anything_leaves(ebay: Any, text: str, rule: str) -> None:
    message, _, _ = question(ebay)
    with pytest.raises(RuleBroken) as caught:
        ebay.shop.messages.reply(message.thread_id, text)
    assert caught.value.rule == rule
    assert ebay.calls() == []


def test_files_cannot_be_sent_nor_fetched_from_strangers(ebay: Any) -> None:
    message, _, _ = question(ebay)
    with pytest.raises(BadInput, match="takes no files"):
        ebay.shop.messages.reply(message.thread_id, "Look.", attachments=[Upload.of("a.png", "image/png", b"x")])
    for id in ("1", "https://files.example/1"):
        with pytest.raises(NotAllowedNow, match="outside eBay"):
            ebay.shop.messages.download(Attachment(id=id, url="https://files.example/1"))
    assert ebay.calls("GET") == []


# --- inside a case ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["return", "inquiry"])
def test_people_talk_inside_a_case(ebay: Any, kind: str) -> None:
    case, case_id = ebay.case(kind, note="It is broken.")
    talk = ebay.face._talk(case)
    ebay.world.message(talk, "Please help.", minutes_ago=-1)
    ebay.clock.advance(minutes=2)
    (thread,) = [each for each in ebay.shop.messages.threads() if each.kind == "claim_chat"]
    assert (thread.id, thread.return_id) == (case_id, case_id)
    assert ebay.shop.messages.thread(case_id).awaiting_reply is True
    assert [each.id for each in ebay.shop.messages.threads(awaiting_reply=True)] == [case_id]
    sent = ebay.shop.messages.reply(case_id, "Of course.", key="a")
    assert (sent.text, sent.author) == ("Of course.", "seller")
    said = list(ebay.shop.messages.messages(case_id))
    assert said[-1].id == sent.id
    assert [each.author for each in said] == ["buyer", "buyer", "seller"]
    assert ebay.shop.messages.thread(case_id).awaiting_reply is False
    assert ebay.world.count("message") == 1


def test_an_empty_answer_that_is_not_seen_later_is_no_yes(ebay: Any) -> None:
    """Post-Order answers a message with nothing: what the history does not show is not said to be sent."""
    _, case_id = ebay.case("return")
    ebay.face.faults.add(Fault("stale_read", "GET /post-order/*", times=None, seconds=3600, after=2))
    with pytest.raises(OutcomeUnknown):
        ebay.shop.messages.reply(case_id, "Of course.", key="a")
    assert ebay.world.count("message") == 1
    ebay.face.faults.clear()
    assert ebay.shop.messages.reply(case_id, "Of course.", key="a").text == "Of course."
    assert ebay.world.count("message") == 1


def test_a_closed_case_takes_no_message(ebay: Any) -> None:
    _, case_id = ebay.case("return", "declined")
    with pytest.raises(NotAllowedNow, match="offers no message"):
        ebay.shop.messages.reply(case_id, "Hello?")


def test_nobody_talks_in_a_cancellation(ebay: Any) -> None:
    _, case_id = ebay.case("cancellation")
    with pytest.raises(NotAllowedNow):
        ebay.shop.messages.reply(case_id, "Hello?")


# --- lost answers ----------------------------------------------------------------------


def test_a_lost_answer_is_found_and_not_sent_again(ebay: Any) -> None:
    message, _, _ = question(ebay)
    ebay.face.faults.add(Fault("lost_answer", SEND))
    sent = ebay.shop.messages.reply(message.thread_id, "Tomorrow.", key="a")
    assert ebay.world.count("message") == 1
    assert sent.id in [each.id for each in ebay.shop.messages.messages(message.thread_id)]


@pytest.mark.parametrize("kind", ["never_arrived", "text_altered"])
def test_what_is_not_found_as_it_was_sent_stays_unknown(ebay: Any, kind: Any) -> None:
    """eBay says nowhere how soon a message shows: its absence proves nothing."""
    message, _, _ = question(ebay)
    ebay.face.faults.add(Fault(kind, SEND))
    if kind == "text_altered":
        ebay.face.faults.add(Fault("lost_answer", SEND))
    why = "not found" if kind == "never_arrived" else "words are others"
    with pytest.raises(OutcomeUnknown, match=why):
        ebay.shop.messages.reply(message.thread_id, "Tomorrow.", key="a")
    with pytest.raises(OutcomeUnknown):
        ebay.shop.messages.reply(message.thread_id, "Tomorrow.", key="a")
    assert ebay.world.count("message") == (kind == "text_altered")


def test_a_lost_message_in_a_long_conversation_is_found_at_either_end(ebay: Any, monkeypatch: Any) -> None:
    """The contract does not say in which order messages come."""
    message, _, _ = question(ebay)
    thread = ebay.world.data.threads[message.thread_id]
    for number in range(120):
        ebay.world.message(thread, str(number), minutes_ago=200 - number)
    plain = type(ebay.face)._paged

    def oldest_first(self: Any, request: Any, rows: list[Any]) -> Any:
        return plain(self, request, rows[::-1] if "conversation/" in request.path else rows)

    monkeypatch.setattr(type(ebay.face), "_paged", oldest_first)
    ebay.face.faults.add(Fault("lost_answer", SEND))
    ebay.shop.messages.reply(message.thread_id, "Tomorrow.", key="a")
    assert ebay.world.count("message") == 1


def test_a_lost_first_message_is_found_in_the_conversation_with_the_buyer(ebay: Any) -> None:
    _, number = ebay.order()
    ebay.face.faults.add(Fault("lost_answer", SEND))
    ebay.shop.messages.start(number, text="It is on its way.", key="a")
    assert ebay.world.count("message") == 1
