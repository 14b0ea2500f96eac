"""The message center and the chats of disputes and claims, as the dossier tells of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sellercare.errors import BadInput, Conflict, NotAllowedNow, RuleBroken
from sellercare.models import Upload
from sellercare.writes import Search
from sellercare_adapters.allegro.chats import _pick, same_but_edited, same_words
from sellercare_adapters.allegro.face_base import as_uuid

PICTURE = Upload.of("a.png", "image/png", b"\x89PNG1234")


def thread_of(seller: Any, text: str = "Gdzie paczka?") -> Any:
    order = seller.world.order()
    thread = seller.world.thread(order)
    seller.world.message(thread, text)
    return thread


def issue_of(seller: Any, kind: str) -> str:
    return f"issue:{as_uuid(seller.world.return_(kind=kind).id)}"


def test_who_waits_for_an_answer_costs_a_call_a_thread_and_says_so(allegro: Any) -> None:
    waiting, answered = thread_of(allegro), thread_of(allegro)
    allegro.world.say(answered, "Jutro.")
    listing = allegro.shop.messages.threads(awaiting_reply=True)
    assert "one more call a thread" in listing.costs
    assert allegro.shop.messages.threads().costs == ""
    assert [each.id for each in listing] == [waiting.id]
    assert [call for call, _ in allegro.face.log].count("GET /messaging/threads/{thread_id}/messages") == 2


def test_a_plain_list_does_not_ask_for_messages(allegro: Any) -> None:
    thread_of(allegro)
    (row,) = allegro.shop.messages.threads()
    assert (row.awaiting_reply, row.order_id) == (None, None)
    assert [call for call, _ in allegro.face.log] == ["GET /messaging/threads", "GET /sale/issues"]


def test_threads_of_one_order_are_found_in_both_kinds_of_conversation(allegro: Any) -> None:
    thread = thread_of(allegro)
    thread_of(allegro)
    order = allegro.world.data.orders[thread.order_id]
    claim = allegro.world.return_(order, kind="claim")
    found = [each.id for each in allegro.shop.messages.threads(order_id=as_uuid(order.id))]
    assert found == [thread.id, f"issue:{as_uuid(claim.id)}"]


def test_listing_stops_where_the_wanted_time_is_passed(allegro: Any) -> None:
    for number in range(60):
        allegro.world.message(allegro.world.thread(allegro.world.order()), str(number), minutes_ago=number)
    since = allegro.world.now() - timedelta(minutes=9.5)
    assert len(list(allegro.shop.messages.threads(updated_since=since))) == 10
    assert [call for call, _ in allegro.face.log].count("GET /messaging/threads") == 1


def test_a_new_message_is_not_delivered_until_allegro_has_looked(allegro: Any) -> None:
    thread = thread_of(allegro)
    sent = allegro.shop.messages.reply(thread.id, "Jutro.", key="k")
    assert (sent.delivery, sent.native_delivery) == ("verifying", "VERIFYING")
    allegro.clock.advance(minutes=5)
    assert [each.delivery for each in allegro.shop.messages.messages(thread.id)] == ["delivered", "delivered"]


def test_a_blocked_message_is_no_answer(allegro: Any) -> None:
    thread = thread_of(allegro)
    allegro.shop.messages.reply(thread.id, "https://example.com", key="k")
    thread.messages[-1].delivery = "blocked"
    assert allegro.shop.messages.thread(thread.id).awaiting_reply is True


def test_the_newest_message_counts_though_a_long_thread_shows_others_first(allegro: Any, monkeypatch: Any) -> None:
    """The description does not say which twenty messages come first: here the oldest do."""
    thread = thread_of(allegro)
    for number in range(30):
        allegro.world.message(thread, str(number), author="seller")
        allegro.clock.advance(minutes=1)
    allegro.world.message(thread, "I co dalej?")
    plain = allegro.face.messages

    def oldest_first(self: Any, request: Any, thread_id: str) -> Any:
        reply = plain(request, thread_id)
        return reply if request.param("after") else type(reply).of(_oldest(reply, self, thread))

    monkeypatch.setattr(type(allegro.face), "messages", oldest_first)
    assert allegro.shop.messages.thread(thread.id).awaiting_reply is True


def _oldest(reply: Any, face: Any, thread: Any) -> Any:
    rows = [face._message(None, thread, each) for each in thread.messages[:20]]
    return reply.json() | {"messages": rows}


def test_one_message_a_second(allegro: Any) -> None:
    threads = [thread_of(allegro).id for _ in range(5)]
    began = allegro.clock.now()
    for thread in threads:
        allegro.shop.messages.reply(thread, "Jutro.", key=thread)
    assert allegro.clock.now() - began >= timedelta(seconds=4)
    assert 429 not in [status for _, status in allegro.face.log]


def test_a_text_is_measured_before_it_is_sent(allegro: Any) -> None:
    thread, claim = thread_of(allegro).id, issue_of(allegro, "claim")
    with pytest.raises(RuleBroken, match="2000"):
        allegro.shop.messages.reply(thread, "a" * 2001, key="a")
    allegro.shop.messages.reply(thread, "a" * 2000, key="b")
    allegro.shop.messages.reply(claim, "a" * 2001, key="c")
    with pytest.raises(RuleBroken, match="20000"):
        allegro.shop.messages.reply(claim, "a" * 20001, key="d")


def test_a_file_goes_up_and_comes_down_in_both_kinds_of_conversation(allegro: Any) -> None:
    thread, dispute = thread_of(allegro).id, issue_of(allegro, "dispute")
    for where in (thread, dispute):
        allegro.shop.messages.reply(where, "Proszę.", attachments=[PICTURE], key=where)
        sent = next(each for each in allegro.shop.messages.messages(where) if each.attachments)
        assert b"".join(allegro.shop.messages.download(sent.attachments[0])) == b"\x89PNG1234"


def test_a_file_of_a_chat_goes_to_the_address_that_allegro_gave(allegro: Any, monkeypatch: Any) -> None:
    """It works once, and its form is Allegro's: the description gives it in the Location header."""
    plain, put = allegro.face.declare_for_issue, []

    def declared(request: Any) -> Any:
        reply = plain(request)
        return replace(reply, headers={"Location": f"{reply.headers['Location']}?ticket=1"})

    def noted(request: Any, file_id: str) -> Any:
        put.append(request.param("ticket"))
        return type(allegro.face).put_for_issue(allegro.face, request, file_id)

    monkeypatch.setattr(allegro.face, "declare_for_issue", declared)
    monkeypatch.setattr(allegro.face, "put_for_issue", noted)
    allegro.shop.messages.reply(issue_of(allegro, "dispute"), "Proszę.", attachments=[PICTURE], key="k")
    assert put == ["1"]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_file_without_words_never_leaves(allegro: Any, text: str) -> None:
    """It was answered by INTERNAL_SERVER_ERROR (#12974)."""
    with pytest.raises((RuleBroken, BadInput)):
        allegro.shop.messages.reply(issue_of(allegro, "claim"), text, attachments=[PICTURE], key="k")
    assert allegro.world.data.files == {}


def test_a_file_of_a_strange_type_never_leaves(allegro: Any) -> None:
    thread = thread_of(allegro).id
    file = Upload.of("a.webp", "image/webp", b"1")
    with pytest.raises(RuleBroken, match="image/webp"):
        allegro.shop.messages.reply(thread, "Proszę.", attachments=[file], key="k")
    assert allegro.world.data.files == {}


def test_a_first_message_needs_an_order_and_goes_to_its_buyer(allegro: Any) -> None:
    order = allegro.world.order()
    sent = allegro.shop.messages.start(as_uuid(order.id), text="Dzień dobry", key="k")
    assert sent.order_id == as_uuid(order.id)
    (thread,) = allegro.world.data.threads.values()
    assert thread.buyer_id == order.buyer_id


def test_an_order_with_a_claim_offers_more_than_one_way_to_write(allegro: Any) -> None:
    order = allegro.world.order()
    claim = as_uuid(allegro.world.return_(order, kind="claim").id)
    options = {each.id: each for each in allegro.shop.messages.allowed(order_id=as_uuid(order.id))}
    assert options.keys() == {
        "message",
        f"issue:{claim}/REGULAR",
        f"issue:{claim}/RETURN_REQUIRED_SELLER_LABEL",
        f"issue:{claim}/RETURN_REQUIRED_CUSTOM",
        f"issue:{claim}/RETURN_NOT_REQUIRED",
    }
    with pytest.raises(BadInput, match="several ways"):
        allegro.shop.messages.start(as_uuid(order.id), text="Halo", key="k")
    option = f"issue:{claim}/RETURN_NOT_REQUIRED"
    allegro.shop.messages.start(as_uuid(order.id), option=option, text="Proszę zatrzymać.", key="k2")
    assert allegro.world.count("return_not_required") == 1


def test_the_chat_of_a_closed_dispute_takes_nothing(allegro: Any) -> None:
    closed = allegro.world.return_(kind="dispute", state="closed")
    issue = f"issue:{as_uuid(closed.id)}"
    with pytest.raises(NotAllowedNow, match="chat is closed"):
        allegro.shop.messages.reply(issue, "Halo", key="k")
    assert allegro.shop.messages.thread(issue).awaiting_reply is False


def test_a_chat_that_closes_meanwhile_is_a_conflict(allegro: Any, monkeypatch: Any) -> None:
    dispute = allegro.world.return_(kind="dispute")
    looked = "GET /sale/issues/{issue_id}/chat"
    monkeypatch.setattr(type(allegro.face), "_active", lambda self, issue: (looked, 200) not in self.log)
    with pytest.raises(Conflict, match="forbids adding new messages"):
        allegro.shop.messages.reply(f"issue:{as_uuid(dispute.id)}", "Halo", key="k")


def test_closing_asks_the_buyer_to_end_a_dispute_and_nothing_else_can_be_closed(allegro: Any) -> None:
    allegro.shop.messages.close(issue_of(allegro, "dispute"), key="k")
    assert allegro.world.count("end_request") == 1
    with pytest.raises(NotAllowedNow, match="cannot be closed"):
        allegro.shop.messages.close(thread_of(allegro).id, key="k2")


def test_marking_as_read(allegro: Any) -> None:
    thread = thread_of(allegro)
    assert allegro.shop.messages.thread(thread.id).read is False
    allegro.shop.messages.mark_read(thread.id, key="k")
    assert thread.read is True
    with pytest.raises(BadInput, match="as a whole"):
        allegro.shop.messages.mark_read(thread.id, up_to=thread.messages[0].id, key="k2")


def test_what_allegro_has_no_place_for_is_refused_and_not_dropped(allegro: Any) -> None:
    thread = thread_of(allegro)
    with pytest.raises(BadInput, match="go to the buyer"):
        allegro.shop.messages.reply(thread.id, "Halo", to="platform", key="a")
    with pytest.raises(BadInput, match="belongs to a thread"):
        allegro.shop.messages.reply(thread.id, "Halo", answers=thread.messages[0].id, key="b")
    with pytest.raises(BadInput, match="has no field 'a'"):
        allegro.shop.messages.start(as_uuid(thread.order_id), text="Halo", fields={"a": "b"}, key="c")


@pytest.mark.parametrize(
    ("ours", "theirs", "same", "edited"),
    [
        ("Jutro  wyślemy.\r\n", "Jutro wyślemy.", True, True),
        ("Jutro wyślemy.", "Jutro wyślemy. [edited]", False, True),
        ("Proszę: https://example.com/a dziękuję", "Proszę: *** dziękuję", False, True),
        ("Paczka 1 wysłana", "Paczka 2 wysłana", False, False),
        ("Jutro", "Nie wiemy", False, False),
        ("https://example.com", "coś innego", False, False),
        ("Tak", "Tak, ale to jest zupełnie inna i o wiele dłuższa odpowiedź na inne pytanie", False, False),
    ],
)
def test_a_lost_message_is_known_again_by_its_words(ours: str, theirs: str, same: bool, edited: bool) -> None:
    assert (same_words(ours, theirs), same_but_edited(ours, theirs)) == (same, edited)


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_two_equal_messages_the_older_is_taken_for_the_lost_one(newest_first: bool) -> None:
    """A later write of the same words has seen the older one before it left: it can only be proved by the newer."""
    rows = [{"id": f"m{n}", "createdAt": f"2026-03-02T09:1{n}:00.000Z", "text": "It comes tomorrow."} for n in range(3)]
    search = Search(before={"ids": ["m0"]}, kept={}, sent_at=datetime(2026, 3, 2, 9, 10, tzinfo=UTC))
    found = _pick(rows[::-1] if newest_first else rows, "It comes tomorrow.", search)
    assert found is not None
    assert found.id == "m1"


def test_a_first_message_that_is_not_found_is_never_sent_again(allegro: Any) -> None:
    """It is looked for among the newest twenty threads only, and may have moved out of them."""
    contract = allegro.shop.supports("messages.start").contract
    assert contract is not None
    assert contract.absent_after is None
