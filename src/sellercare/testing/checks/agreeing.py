"""What is told in several ways is told alike: in a list and alone, today and tomorrow, by us and by the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sellercare.adapter import Adapter
from sellercare.errors import BadAnswer, NotFound
from sellercare.models import Model, Money
from sellercare.simulator import things
from sellercare.testing.checks.declared import verb_on
from sellercare.testing.checks.promised import ALONE, PromiseChecks, fields_of, in_place_of
from sellercare.testing.moves import models_in
from sellercare.testing.workshop import Site

_SAME = ("number", "order_id", "return_id", "kind", "state", "created_at", "updated_at", "total", "amount", "closed")
"""What a thing says of itself wherever it is shown, as far as it does."""

OTHERS = ("PLN", "EUR")
"""Currencies with two decimals, as most have; one of them is not the platform's own."""


class AgreementChecks(PromiseChecks):
    """One truth."""

    adapter_class: Callable[[], type[Adapter]]

    def test_a_thing_is_the_same_alone_as_in_its_list(self, listing: str) -> None:
        """What both tell of it does not differ."""
        verb = ALONE.get(listing)
        if verb is None or not self.adapter_class().supports[verb].offered:
            pytest.skip("nothing of this list can be read alone")
        at = self.workshop.site()
        look = self.look(listing, at)
        at.world.advance(7200)
        thing = next(iter(getattr(at.world.data, _kind(listing)).values()))
        self.touch(at, thing)
        for row in models_in(look()):
            alone = verb_on(at.shop, verb)(getattr(row, "id", ""))
            for name in _SAME:
                told, shown = getattr(row, name, None), getattr(alone, name, None)
                if isinstance(told, datetime) and isinstance(shown, datetime):
                    told, shown = _minute(told), _minute(shown)
                if not {str(told), str(shown)} & {"None", "unknown"}:
                    assert told == shown, f"{listing} tells {name} as {told}, {verb} as {shown}"

    def touch(self, at: Site, thing: Any) -> None:
        """A thing is changed now, and so is its order: what began as the oldest is the newest."""
        if isinstance(thing, things.Thread):
            at.world.message(thing, "And when does it come?")
        order: Any = at.world.data.orders.get(getattr(thing, "order_id", None) or "")
        for each in (thing, order):
            if hasattr(each, "updated_at"):
                each.updated_at = at.world.now()

    def test_what_has_changed_is_listed(self, listing: str) -> None:
        """`updated_since` gives what is old and was changed since, whatever order the platform lists in."""
        if listing in ("scores.history", "refunds.list"):
            pytest.skip("it is not asked for by its changes")
        at = self.workshop.site()
        thing, id_ = self._oldest(listing, at)
        at.world.advance(7200)
        self.look(listing, at)
        since = at.world.now() + timedelta(seconds=1800)
        at.world.advance(3600)
        self.touch(at, thing)
        found = {row.id: row.updated_at for row in verb_on(at.shop, listing)(updated_since=since)}
        assert id_ in found, f"{listing}(updated_since=…) leaves out what is old and was changed since"
        told = found[id_]
        assert told is None or told >= since, f"{listing} tells updated_at as {told}, and it was changed after {since}"

    def _oldest(self, listing: str, at: Site) -> tuple[Any, str]:
        """The first thing of a list, and the platform's id of it."""
        thing: Any
        if listing == "orders.list":
            return (thing := self.an_order(at)), self.order_id(at, thing)
        if listing == "messages.threads":
            thing = at.world.data.threads[self.a_question(at).thread_id]
            return thing, self.thread_id(at, thing)
        if listing == "returns.list":
            return (thing := self.a_return(at)), self.return_id(at, thing)
        return (thing := self.a_review(at)), self.review_id(at, thing)

    def test_things_name_their_order(self, read: str) -> None:
        """The order that a conversation, a return or a refund is about is found by the id that it says."""
        at = self.workshop.site()
        named = (getattr(row, "order_id", None) for row in models_in(self.look(read, at)()))
        told = {str(order_id) for order_id in named if order_id}
        if not told or not at.shop.offers("orders.get"):
            pytest.skip("no order is named, or none can be read")
        for order_id in told:
            try:
                found = at.shop.orders.get(order_id).id
            except NotFound:
                found = ""
            assert found == order_id, f"{read} names the order {order_id!r}, and there is none of this id"

    def test_no_more_is_quoted_than_was_paid(self) -> None:
        """Each way to pay back is of the order that was asked about, and of no more than its buyer paid."""
        at = self.workshop.site()
        if not at.shop.offers("refunds.quote"):
            pytest.skip("refunds.quote is not offered")
        order = self.an_order(at)
        order_id = self.order_id(at, order)
        for option in at.shop.refunds.quote(order_id=order_id):
            assert option.order_id in (None, order_id), f"the option {option.id} is of the order {option.order_id}"
            assert option.most <= order.total, f"{option.most} may be paid back of {order.total}"

    def test_ids_are_the_same_tomorrow(self, read: str) -> None:
        """Who looks twice finds the same ids."""
        at = self.workshop.site()
        look = self.look(read, at)
        first, again = (_ids(models_in(look())) for _ in range(2))
        assert first == again, f"{read}: a second look finds other ids: {sorted(set(again) - set(first))[:3]}"

    def test_a_currency_is_taken_from_the_answer(self, read: str) -> None:
        """Where an answer names its currency, the amounts are in that one: there may be others than the usual."""
        at = self.workshop.site()
        look = self.look(read, at)
        usual = {money.currency for money in _money(look())}
        if len(usual) != 1:
            pytest.skip("there are no amounts")
        (before,) = usual
        other = next(each for each in OTHERS if each != before)
        began = len(at.wire.exchanges)
        look()
        if not any(f'"{before}"'.encode() in each.body for each in at.wire.exchanges[began:]):
            pytest.skip("the answers do not name their currency")
        try:
            with at.wire.altered(in_place_of({before}, other)):
                now = {money.currency for money in _money(look())}
        except BadAnswer:
            return  # it has noticed
        assert before not in now, f"{read}: an amount in {other} is told in {before}"

    def test_pages_of_every_list_go_on(self, listing: str) -> None:
        """So many things that no platform shows them at once are all listed, each once; with `updated_since`, too."""
        if listing == "scores.history":
            pytest.skip("how many values there are is not known")
        at = self.workshop.site(patience=36000.0)
        there = getattr(at.world.data, _kind(listing))
        while len(there) <= self.many:
            self.look(listing, at)
        results = verb_on(at.shop, listing)
        name = "created_since" if listing == "refunds.list" else "updated_since"
        for filters in ({}, {name: at.world.now() - timedelta(days=100)}):
            ids = [row.id for row in results(**filters)]
            assert len(ids) == len(set(ids)), f"{listing}({filters}): a thing comes twice"
            assert len(ids) >= len(there) or results(**filters).capped, (
                f"{listing}({filters}): {len(ids)} of {len(there)}"
            )


def _kind(listing: str) -> str:
    """What the world calls the things of a list."""
    return listing.partition(".")[0].replace("messages", "threads")


def _minute(moment: datetime) -> datetime:
    """A time without what two services of one platform may see differently."""
    return moment.replace(second=0, microsecond=0)


def _ids(rows: list[Model]) -> list[str]:
    return [f"{path}={value}" for row in rows for path, value in fields_of(row) if path.endswith((".id", "_id"))]


def _money(found: Any) -> Iterator[Money]:
    for row in models_in(found):
        yield from (value for _, value in fields_of(row) if isinstance(value, Money))
