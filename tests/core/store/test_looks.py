"""A look that changes something is noted before it leaves, and what it showed outlives everybody who saw it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import responses

from sellercare import calls
from sellercare.adapter import Adapter, Settings
from sellercare.calls import Answer
from sellercare.errors import BadAnswer, Forbidden, NotFound, RateLimited, StoreError, Unavailable
from sellercare.http import Http
from sellercare.http.looking import Looking
from sellercare.interfaces import VERBS
from sellercare.looks import NoLooks
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store
from sellercare.store.purge import purge
from sellercare.support import impossible

BASE = "https://market.test"
ITEM = "item-1"
LOOK = calls.read("/items/{id}", ids={"id": "1"}, expect="xml", looks_at=ITEM)
SHOWN = "<item><text>où est mon colis ?</text></item>".encode("latin-1")
KIND = "text/xml;charset=ISO-8859-1"


class TinySettings(Settings):
    base_url: str = BASE


class Tiny(Adapter):
    name, title, kind, proof = "tiny", "Tiny", "marketplace", "a test"
    settings = TinySettings
    supports: ClassVar[Any] = {name: impossible("it is a test") for name in VERBS}


@pytest.fixture
def http(store: Store, clock: FakeClock) -> Http:
    return Http(
        Tiny,
        TinySettings(),
        account="shop-1",
        credential="seller-1",
        app="app-1",
        clock=clock,
        tokens=store.tokens,
        budgets=store.budgets,
        looks=store.looks("shop-1"),
        patience=0.0,
    )


@pytest.fixture
def platform() -> Any:
    with responses.RequestsMock() as mock:
        yield mock


def test_what_was_shown_is_kept_as_it_came(http: Http, store: Store, open_store: Any, platform: Any) -> None:
    platform.get(f"{BASE}/items/1", body=SHOWN, content_type=KIND)
    assert http.read(LOOK).payload() == {"item": {"text": "où est mon colis ?"}}
    kept = open_store().looks("shop-1").last(ITEM)
    assert kept is not None
    assert kept.answer.body == SHOWN
    assert kept.answer.xml() == {"item": {"text": "où est mon colis ?"}}
    assert "colis" not in repr(kept)


def test_it_is_noted_before_the_first_byte_leaves(http: Http, open_store: Callable[[], Store], platform: Any) -> None:
    seen: list[Any] = []

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        seen.append(open_store().looks("shop-1").last(ITEM))
        return 200, {}, SHOWN

    platform.add_callback("GET", f"{BASE}/items/1", answer, content_type=KIND)
    http.read(LOOK)
    assert [(look.thing, look.kept_at, look.answer) for look in seen] == [(ITEM, None, None)]


@pytest.mark.parametrize("broken", [{"body": ConnectionError()}, {"body": b"<item>"}, {"status": 503}])
def test_a_look_without_an_answer_stays_noted(http: Http, store: Store, platform: Any, broken: Any) -> None:
    platform.get(f"{BASE}/items/1", **broken)
    with pytest.raises((Unavailable, BadAnswer)):
        http.read(LOOK)
    look = store.looks("shop-1").last(ITEM)
    assert look is not None
    assert look.answer is None


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (403, Forbidden), (429, RateLimited)])
def test_a_look_that_was_refused_changed_nothing(
    http: Http, store: Store, platform: Any, status: int, error: type[Exception]
) -> None:
    platform.get(f"{BASE}/items/1", status=status, body=b"")
    with pytest.raises(error):
        http.read(LOOK)
    assert store.looks("shop-1").last(ITEM) is None


def test_a_refused_look_does_not_take_away_what_is_here(http: Http, store: Store, platform: Any) -> None:
    platform.get(f"{BASE}/items/1", body=SHOWN, content_type=KIND)
    http.read(LOOK)
    platform.replace("GET", f"{BASE}/items/1", status=404)
    with pytest.raises(NotFound):
        http.read(LOOK)
    assert store.looks("shop-1").last(ITEM).answer.body == SHOWN


def test_what_cannot_be_kept_is_not_given_away(http: Http, store: Store, platform: Any, monkeypatch: Any) -> None:
    platform.get(f"{BASE}/items/1", body=SHOWN, content_type=KIND)
    monkeypatch.setattr(http._looking._looks, "keep", lambda thing, answer: (_ for _ in ()).throw(StoreError("full")))
    with pytest.raises(StoreError):
        http.read(LOOK)


def test_without_a_store_nothing_that_changes_is_looked_at(platform: Any, http: Http) -> None:
    http._looking = Looking(NoLooks())
    with pytest.raises(RuntimeError, match="store"):
        http.read(LOOK)


def test_other_reads_keep_nothing(http: Http, store: Store, platform: Any) -> None:
    platform.get(f"{BASE}/items/1", json={})
    http.read(calls.read("/items/1"))
    assert list(store.looks("shop-1").all()) == []


def test_the_newest_answer_of_each_thing_is_there_the_latest_first(store: Store, clock: FakeClock) -> None:
    mine = store.looks("shop-1")
    for thing, body in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        clock.sleep(1)
        mine.keep(mine.begin(thing), Answer(200, {}, body))
    store.looks("shop-2").begin("a")
    assert [(look.thing, look.answer.body) for look in mine.all()] == [("a", b"3"), ("b", b"2")]
    assert mine.last("a").kept_at == clock.now()


def test_more_looks_than_a_chunk(store: Store, clock: FakeClock) -> None:
    mine = store.looks("shop-1")
    for n in range(205):
        clock.sleep(1)
        mine.begin(str(n))
    assert [look.thing for look in mine.all()] == [str(n) for n in reversed(range(205))]


def test_a_purge_empties_what_old_looks_showed(store: Store, clock: FakeClock) -> None:
    mine = store.looks("shop-1")
    mine.keep(mine.begin("old"), Answer(200, {}, SHOWN))
    clock.sleep(10)
    mine.keep(mine.begin("new"), Answer(200, {}, SHOWN))
    moment = clock.now() - timedelta(seconds=5)
    assert purge(store, moment, dry_run=True).looks == 1
    assert purge(store, moment).looks == 1
    assert mine.last("old").answer is None
    assert mine.last("new").answer.body == SHOWN
    assert purge(store, moment).looks == 0


def waits(look: Any) -> bool:
    """Whether nobody can say what the newest look has shown."""
    return look.kept_at is None or look.kept_at < look.begun_at


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_looks_at_once_none_counts_as_seen(open_store: Any, clock: FakeClock, first: int) -> None:
    """The answer that comes last may be the older one: then what the other has shown would be forgotten."""
    here, there = open_store().looks("shop-1"), open_store().looks("shop-1")
    begun = [here.begin(ITEM)]
    clock.sleep(1)
    begun.append(there.begin(ITEM))
    for each in (begun[first], begun[1 - first]):
        clock.sleep(1)
        here.keep(each, Answer(200, {}, SHOWN))
    assert waits(here.last(ITEM))
    clock.sleep(1)
    here.keep(here.begin(ITEM), Answer(200, {}, SHOWN))
    assert not waits(here.last(ITEM))


def test_a_look_that_was_refused_leaves_that_of_another_noted(open_store: Any, clock: FakeClock) -> None:
    here, there = open_store().looks("shop-1"), open_store().looks("shop-1")
    here.begin(ITEM)
    clock.sleep(1)
    there.abandon(there.begin(ITEM))
    assert waits(here.last(ITEM))


def test_a_refused_look_does_not_make_an_earlier_one_doubtful(store: Store, clock: FakeClock) -> None:
    mine = store.looks("shop-1")
    mine.keep(mine.begin(ITEM), Answer(200, {}, SHOWN))
    clock.sleep(1)
    mine.abandon(mine.begin(ITEM))
    assert not waits(mine.last(ITEM))


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (429, RateLimited), (403, Forbidden)])
def test_a_refusal_after_a_lost_answer_says_nothing_of_the_first_look(
    http: Http, store: Store, platform: Any, status: int, error: type[Exception]
) -> None:
    http._patience = 30.0
    platform.get(f"{BASE}/items/1", body=ConnectionError())
    platform.get(f"{BASE}/items/1", status=status, headers={"Retry-After": "3600"})
    with pytest.raises(error):
        http.read(LOOK)
    assert waits(store.looks("shop-1").last(ITEM))
