"""A write from which more follows than what is asked for is not sent before somebody was told and has consented."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sellercare.errors import ConsentNeeded
from sellercare.models import MessageOption, Reply
from sellercare.shop import Shop
from sellercare.support import native

from .conftest import TinyMessages, contract

FOLLOWS = "The buyer's whole order is called off."
ASKED = Reply(thread_id="t", text="x")


@pytest.fixture
def shop(tiny: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Tiny, where a reply has consequences."""
    answer = native(contract=replace(contract(), consequences=FOLLOWS))
    monkeypatch.setattr(tiny.adapter, "supports", {**tiny.adapter.supports, "messages.reply": answer})
    monkeypatch.setattr(TinyMessages, "options", [MessageOption(id="m", title="answer")])
    return tiny


def test_a_check_tells_what_follows(shop: Shop) -> None:
    assert shop.check("messages.reply", ASKED, key="a").consequences == (FOLLOWS,)


def test_without_consent_nothing_is_recorded_or_sent(shop: Shop) -> None:
    with pytest.raises(ConsentNeeded, match="whole order") as caught:
        shop.messages.reply("t", "x", key="a")
    assert caught.value.details()["consequences"] == FOLLOWS
    assert "consent=True" in caught.value.next_step
    assert shop.store.intents.find("tiny", "messages.reply", "a") is None


def test_with_consent_it_goes_on(shop: Shop) -> None:
    shop.write("messages.reply", ASKED, key="a", consent=True)
    assert shop.store.intents.find("tiny", "messages.reply", "a") is not None


def test_where_nothing_follows_nobody_is_asked(tiny: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TinyMessages, "options", [MessageOption(id="m", title="answer")])
    assert tiny.write("messages.reply", ASKED, key="a").intent_id
