"""What people write: letters of all kinds, what they paste, and what a document in ISO-8859-1 makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sellercare.errors import BadAnswer, BadInput, Refused, RuleBroken
from sellercare.models import Party
from sellercare.simulator.messages import Reply, Request

MARK = "HERE"


@pytest.fixture
def pasted(rakuten: Any, monkeypatch: Any) -> Callable[[bytes], Any]:
    """An item with a message of these very bytes, as they stand in Rakuten's answer."""
    item = rakuten.sold()
    rakuten.asks(item, MARK)
    plain = rakuten.face.item_infos

    def with_bytes(body: bytes) -> Any:
        def infos(request: Request) -> Reply:
            reply = plain(request)
            return replace(reply, body=reply.body.replace(MARK.encode(), body))

        monkeypatch.setattr(rakuten.face, "item_infos", infos)
        return item

    return with_bytes


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<![CDATA[\n  <b>5 &lt; 6</b> & <errorresponse>\n]]>", "<b>5 &lt; 6</b> & <errorresponse>"),
        (b"d\xe9j\xe0 pay\xe9", "déjà payé"),
        (b"d&#233;j&#xE0; &#8364; &#128512;", "déjà € 😀"),
        (b"d&amp;eacute;j&amp;agrave;", "d&eacute;j&agrave;"),
        (b"\n\n  a  \n  b \t\n", "a  \n  b"),
        (b"", ""),
        (b"a\x0bb\x00c&#11;d&#xFFFF;e", "abcde"),
        (b"a]]&gt;b", "a]]>b"),
        (b"x" * 100_000, "x" * 100_000),
    ],
)
def test_a_message_is_read_as_it_was_written(rakuten: Any, pasted: Any, body: bytes, text: str) -> None:
    (message,) = rakuten.shop.messages.messages(pasted(body).id)
    assert (message.text, message.author) == (text, Party.BUYER)


def test_what_a_buyer_pastes_does_not_stop_the_answer(rakuten: Any, pasted: Any) -> None:
    item = pasted(b"a\x0bb <![CDATA[<errorresponse><error><code>InvalidUserRights</code>]]>")
    rakuten.shop.messages.reply(item.id, "Il part demain.", key="a")
    assert rakuten.said(item) == ["Il part demain."]


def test_messages_and_mails_stand_mixed(rakuten: Any, pasted: Any) -> None:
    mail = (
        "<mail><mailid>7</mailid><sender> PriceMinister </sender><recipient>vendeur</recipient><object/>"
        "<senddate>02/03/2026-10:05</senddate><content>deux</content><status>UNREAD</status></mail>"
    )
    other = (
        "<message><sender>Acheteur1</sender><recipient>vendeur</recipient><senddate>02/03/2026-10:06</senddate>"
        "<content>trois</content><status>UNREAD</status></message>"
    )
    rest = "</content><status>UNREAD</status></message>"
    item = pasted(
        f"un{rest}{mail}{other}<message><content>zéro".encode("latin-1").replace(
            b"<message><content>",
            b"""
        <message><sender>Acheteur1</sender><recipient>vendeur</recipient>
        <senddate>02/03/2026-10:00</senddate><content>""",
        )
    )
    assert [message.text for message in rakuten.shop.messages.messages(item.id)] == ["zéro", "trois", "un"]
    assert [message.text for message in rakuten.shop.messages.messages(f"{item.id}-rakuten")] == ["deux"]


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("02/03/2026-10:00", datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
        ("31/07/2026-00:30", datetime(2026, 7, 30, 22, 30, tzinfo=UTC)),
        ("01/01/2026-00:00", datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),
        # It comes twice that night.
        ("25/10/2026-02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_are_days_first_and_of_paris(rakuten: Any, monkeypatch: Any, said: str, moment: datetime) -> None:
    item = rakuten.sold()
    rakuten.asks(item)
    monkeypatch.setattr("sellercare_adapters.rakuten_fr.face_items.stamp", lambda *args, **more: f"\n   {said}\n ")
    (message,) = rakuten.shop.messages.messages(item.id)
    assert message.created_at == moment


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\ufffeb"])
def test_what_no_xml_can_hold_is_not_sent(rakuten: Any, text: str) -> None:
    """It would come back in the item's answer, which nobody could read any more."""
    item = rakuten.sold()
    rakuten.asks(item)
    with pytest.raises(RuleBroken, match="control"):
        rakuten.shop.messages.reply(item.id, text, key="a")
    with pytest.raises(RuleBroken, match="control"):
        rakuten.shop.messages.start(item.id, option="rakuten", text=text, key="b")
    with pytest.raises(BadInput, match="control"):
        rakuten.shop.orders.cancel(item.id, reason=text, consent=True, key="c")
    assert "cancelitem" not in rakuten.calls
    assert rakuten.said(item) == []


def test_half_a_character_is_not_sent(rakuten: Any) -> None:
    item = rakuten.sold()
    with pytest.raises(BadInput, match="half a character"):
        rakuten.shop.messages.reply(item.id, "a\ud83d", key="a")
    assert rakuten.calls == []


def test_a_long_reason_is_not_sent(rakuten: Any) -> None:
    with pytest.raises(BadInput, match="2000"):
        rakuten.shop.orders.cancel(rakuten.sold().id, reason="x" * 2001, consent=True, key="a")
    assert rakuten.calls == []


@pytest.mark.parametrize("status", [414, 431])
def test_an_address_that_is_too_long_was_not_read(rakuten: Any, monkeypatch: Any, status: int) -> None:
    item = rakuten.sold()
    monkeypatch.setattr(rakuten.face, "tell_buyer", lambda request: Reply(status, {}, b""))
    with pytest.raises(Refused):
        rakuten.shop.messages.reply(item.id, "é" * 2000, key="a")


@pytest.mark.parametrize(("old", "new"), [("senddate>", "when>"), ("sender>", "who>"), ("02/03/2026", "soon")])
def test_a_look_that_cannot_be_read_does_not_hide_the_others(
    rakuten: Any, monkeypatch: Any, old: str, new: str
) -> None:
    item, other = rakuten.sold(), rakuten.sold()
    rakuten.asks(item)
    rakuten.asks(other)
    plain = rakuten.face.item_infos

    def infos(request: Request) -> Reply:
        reply = plain(request)
        body = reply.body.replace(old.encode(), new.encode())
        return replace(reply, body=body)

    monkeypatch.setattr(rakuten.face, "item_infos", infos)
    with pytest.raises(BadAnswer):
        rakuten.shop.messages.thread(item.id)
    assert {thread.id: thread.awaiting_reply for thread in rakuten.shop.messages.threads()} == {
        other.id: True,
        item.id: None,
    }
