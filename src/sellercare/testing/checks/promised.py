"""The interface's promises, which hold at every platform: laziness, filters, times, money, words, ids, what is raw."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sellercare.adapter import Adapter
from sellercare.calls import parse_json, to_json
from sellercare.errors import BadAnswer, SellercareError
from sellercare.interfaces import VERBS
from sellercare.markup import parse_xml, to_xml
from sellercare.models import LineKind, Model, Money, Vocabulary
from sellercare.models.base import PlatformModel
from sellercare.simulator import Fault
from sellercare.testing.checks.declared import verb_on
from sellercare.testing.checks.written import ContractChecks
from sellercare.testing.moves import models_in
from sellercare.testing.workshop import Exchange, Site, kind_of

LISTS = ("orders.list", "messages.threads", "returns.list", "refunds.list", "reviews.list", "scores.history")
ALONE: Mapping[str, str] = {
    "orders.list": "orders.get",
    "messages.threads": "messages.thread",
    "returns.list": "returns.get",
    "refunds.list": "refunds.get",
}
"""The read of one thing, by its list."""

NEVER_SEEN = "NEVER_SEEN_BEFORE"


def fields_of(model: Model, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a model with its path; what is raw is left out."""
    for name in type(model).model_fields:
        if name != "raw":
            yield from _values(getattr(model, name), f"{path}.{name}")


def _values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Model) and not isinstance(value, Money):
        yield from fields_of(value, path)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _values(each, f"{path}[{number}]")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _values(each, f"{path}.{key}")
    else:
        yield path, value


class PromiseChecks(ContractChecks):
    """What every caller may rely on."""

    adapter_class: Callable[[], type[Adapter]]

    many = 130
    """So many orders are listed to see pages go on."""

    def _seen(self, read: str) -> tuple[Site, list[Model]]:
        at = self.workshop.site()
        return at, models_in(self.look(read, at)())

    def test_times_are_aware_and_in_utc(self, read: str) -> None:
        """No time is naive, none is in another zone."""
        _, rows = self._seen(read)
        wrong = [
            path
            for row in rows
            for path, value in fields_of(row, type(row).__name__)
            if isinstance(value, datetime) and (value.tzinfo is None or value.utcoffset() != timedelta(0))
        ]
        assert not wrong, f"{read}: these times are not in UTC: {wrong}"

    def test_money_is_exact_and_positive(self, read: str) -> None:
        """Amounts are Decimals with no more decimals than their currency, and not negative."""
        _, rows = self._seen(read)
        for row in rows:
            for path, value in fields_of(row, type(row).__name__):
                assert not isinstance(value, float), f"{read}: {path} is a float"
                if isinstance(value, Money):
                    assert value.is_exact, f"{read}: {path} is {value.amount} {value.currency}"
                    assert value.amount >= 0, f"{read}: {path} is negative"

    def test_what_the_platform_said_is_kept(self, read: str) -> None:
        """`raw` holds the payload; ids are texts that are not empty."""
        _, rows = self._seen(read)
        for row in rows:
            if isinstance(row, PlatformModel):
                assert row.raw is not None, f"{read}: {type(row).__name__}.raw is empty"
            if "id" in type(row).model_fields:
                assert getattr(row, "id", None), f"{read}: a {type(row).__name__} has no id: derive one, and say how"
            for path, value in fields_of(row, type(row).__name__):
                if path.endswith((".id", "_id")) and value is not None:
                    assert isinstance(value, str), f"{read}: {path} is no text"
                    assert value.strip() == value, f"{read}: {path} is padded"
                    assert value, f"{read}: {path} is empty: where none is told it is None"

    def test_a_word_never_seen_is_no_error(self, read: str) -> None:
        """A state, kind or delivery that nobody knows becomes `unknown`; the platform's own word is kept."""
        at = self.workshop.site()
        look = self.look(read, at)
        for row in models_in(look()):
            for name in type(row).model_fields:
                word = getattr(row, f"native_{name}", None)
                if not isinstance(getattr(row, name), Vocabulary) or not isinstance(word, str) or not word:
                    continue
                words = {word, *re.split(r"[/+,:| ]", word)}
                try:
                    with at.wire.altered(in_place_of(words)):
                        shown = models_in(look())
                except SellercareError as error:
                    pytest.fail(f"{read}: an unknown word in {name} ({word}) is an error: {error}")
                again = [each for each in shown if NEVER_SEEN in str(getattr(each, f"native_{name}"))]
                assert again, f"{read}: an unknown word in {name} ({word}) is not kept in native_{name}"
                assert all(str(getattr(each, name)) == "unknown" for each in again), (
                    f"{read}: an unknown {name} is taken for {getattr(again[0], name)}"
                )

    def test_a_strange_answer_is_said_with_its_place(self, read: str) -> None:
        """Whatever one field of an answer becomes, the read gives a model or BadAnswer, never another error.

        BadAnswer names a place in the answer, and mostly one that has to do with the field: a strange value may be
        noticed elsewhere. The whole answer (`$`) is wrong only where it is no document.
        """
        at = self.workshop.site()
        look = self.look(read, at)
        began = len(at.wire.exchanges)
        look()
        near: list[str] = []
        far: list[str] = []
        for call, nth, body in _answers(at.wire.exchanges[began:]):
            for place, became, strange in _distorted(body):
                what = f"{read}: {'.'.join(map(str, place))} {became}, in {call}"
                try:
                    with at.wire.altered(_instead_of(call, nth, strange)):
                        look()
                except BadAnswer as error:
                    if not at.wire.is_placed(error):
                        pytest.fail(f"{what}: BadAnswer names no place but {error.path!r}: {error}")
                    (near if _akin(error.path, place) else far).append(f"{what}: {error.path}")
                except SellercareError:
                    pass  # the platform seems to say something else: also an answer
                except Exception as error:
                    raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
        assert len(far) <= len(near), "BadAnswer mostly names other places than what is wrong:\n" + "\n".join(far[:20])

    def test_a_list_is_lazy(self, listing: str) -> None:
        """Making it costs no call, its first row not all pages; walking it again begins anew."""
        at = self.workshop.site()
        rows = len(self.look(listing, at)())
        before = len(at.face.log)
        results = verb_on(at.shop, listing)()
        assert len(at.face.log) == before, f"{listing}: a call was made before anybody looked at a row"
        assert len(list(results)) == rows
        assert len(list(results)) == rows, f"{listing}: a second walk shows something else"

    def test_a_list_that_leaves_something_out_says_so(self, listing: str) -> None:
        """Of old things, and of those in other states, what a list does not show has a sentence in `capped`."""
        if listing == "scores.history":
            pytest.skip("how many values there are is not known")
        at = self.workshop.site(patience=3600.0)
        kind = listing.partition(".")[0].replace("messages", "threads")
        things = getattr(at.world.data, kind)
        for _ in range(3):
            self.look(listing, at)
            self.others(listing, at)
            _made_older(at.world.data, timedelta(days=400))
        self.look(listing, at)
        results = verb_on(at.shop, listing)()
        shown = len(list(results))
        assert shown >= len(things) or results.capped, (
            f"{listing} shows {shown} of {len(things)} {kind} of three years, and `capped` does not say what it lacks"
        )

    def test_pages_go_on_to_the_end(self) -> None:
        """Many orders are listed whole, each once, and the first of them comes before the last page is asked for."""
        at = self.workshop.site(patience=3600.0)
        if not at.shop.offers("orders.list"):
            pytest.skip("orders.list is not offered")
        for number in range(self.many):
            at.world.order(lines=[at.world.line("Kettle", "10.00")], days_ago=1 + number / 100)
        before = len(at.face.log)
        next(iter(at.shop.orders.list()))
        first = len(at.face.log) - before
        before = len(at.face.log)
        ids = [order.id for order in at.shop.orders.list()]
        assert len(ids) == len(set(ids)) == self.many
        pages = len(at.face.log) - before
        assert first <= pages
        assert pages == 1 or first < pages, "the first row came only after all pages"

    def test_a_token_may_expire_between_two_pages(self) -> None:
        """The list goes on where it was: no order is lost, none comes twice."""
        at = self.workshop.site(patience=3600.0)
        if not at.shop.offers("orders.list"):
            pytest.skip("orders.list is not offered")
        for number in range(self.many):
            at.world.order(lines=[at.world.line("Kettle", "10.00")], days_ago=1 + number / 100)
        rows = iter(at.shop.orders.list())
        ids = [next(rows).id]
        at.face.faults.add(Fault("expired_token"))
        ids += [order.id for order in rows]
        assert len(ids) == len(set(ids)) == self.many

    def test_filters_hold(self, listing: str) -> None:
        """What a filter gives is what is left of the whole list when it is applied by hand."""
        if listing == "scores.history":
            pytest.skip("it has no filter but its beginning")
        at = self.workshop.site()
        self.look(listing, at)
        at.world.advance(7200)
        self.look(listing, at)
        list_ = verb_on(at.shop, listing)
        rows = [self._told_alone(at, listing, row) for row in list_()]
        for name, wanted, fits in _filters(listing, rows, at.world.now() - timedelta(seconds=3600)):
            got = sorted(row.id for row in list_(**{name: wanted}))
            meant = sorted(row.id for row in rows if fits(row))
            unsure = {row.id for row in rows if fits(row) is None}
            assert set(meant) <= set(got) <= set(meant) | unsure, (
                f"{listing}({name}={wanted!r}): {got} instead of {meant}"
            )

    def _told_alone(self, at: Site, listing: str, row: Any) -> Any:
        """A row with what the list does not tell of it, as far as it is told where it is read alone."""
        verb = ALONE.get(listing)
        if verb is None or not at.shop.offers(verb):
            return row
        lacks = [name for name in ("order_id", "updated_at", "awaiting_reply") if getattr(row, name, "") is None]
        alone = verb_on(at.shop, verb)(row.id) if lacks else row
        return row.model_copy(update={name: getattr(alone, name) for name in lacks})

    def test_ids_survive_a_file(self, listing: str) -> None:
        """An id that went through CSV is still the id: the thing is found by it."""
        verb = ALONE.get(listing)
        if verb is None or not self.adapter_class().supports[verb].offered:
            pytest.skip("nothing of this list is found by its id")
        at, rows = self._seen(listing)
        for row in rows:
            out = io.StringIO()
            csv.writer(out).writerow([getattr(row, "id", "")])
            back = next(csv.reader(io.StringIO(out.getvalue())))[0]
            assert verb_on(at.shop, verb)(back).id == getattr(row, "id", "")

    def test_a_buyer_may_be_withheld(self, read: str) -> None:
        """Buyers without a name and an address are no error."""
        at = self.workshop.site()
        look = self.look(read, at)
        for buyer in at.world.data.buyers.values():
            buyer.name = buyer.email = None
        assert look() is not None

    def test_an_order_is_told_as_it_is(self) -> None:
        """Lines, pieces, prices and the total are the world's. A platform may tell each piece as a line."""
        at = self.workshop.site()
        if not at.shop.offers("orders.get"):
            pytest.skip("orders.get is not offered")
        order = self.an_order(at)
        shown = at.shop.orders.get(self.order_id(at, order))
        goods = order.lines[0]
        lines = [each for each in shown.lines if each.title == goods.title]
        assert lines, f"no line is called {goods.title!r}: {[each.title for each in shown.lines]}"
        pieces = sum(each.quantity for each in lines)
        assert pieces == goods.quantity, f"{goods.quantity} pieces are told as {pieces}"
        for line in lines:
            assert line.price == goods.price, f"the price of a piece is {goods.price}, and is told as {line.price}"
        meant = sum(each.total.amount for each in order.lines if each.kind == "shipping")
        fees = [each for each in shown.lines if each.kind is LineKind.SHIPPING]
        delivery = sum(each.price.amount * each.quantity for each in fees if each.price)
        assert delivery in (0, meant), f"delivery cost {meant}, and is told as {delivery}"
        if shown.total is not None:
            assert shown.total == order.total, f"the total is {order.total}, and is told as {shown.total}"
        if shown.created_at is not None:
            assert abs(shown.created_at - order.created_at) < timedelta(days=1)
            assert shown.created_at.tzinfo is UTC or shown.created_at.utcoffset() == timedelta(0)


def _made_older(value: Any, by: timedelta) -> None:
    """Put all moments in a thing back."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _made_older(each, by)
    elif is_dataclass(value):
        for each in fields(value):
            was = getattr(value, each.name)
            if isinstance(was, datetime):
                setattr(value, each.name, was - by)
            else:
                _made_older(was, by)


def in_place_of(words: set[str], other: str = NEVER_SEEN) -> Callable[[str, bytes], bytes]:
    """For `Wire.altered`: another word in place of every text that is one of these."""
    return lambda call, body: _replaced(body, words, other)


def _answers(exchanges: Sequence[Exchange]) -> Iterable[tuple[str, int, bytes]]:
    """The documents that calls were answered with: one of each shape, and the how manieth answer of its call it was."""
    counts: Counter[str] = Counter()
    found: dict[tuple[str, str], tuple[str, int, bytes]] = {}
    for each in exchanges:
        counts[each.call] += 1
        if kind_of(each.body):
            document = _read(each.body)
            shape = " ".join(sorted(document)) if isinstance(document, dict) else ""
            found[each.call, shape] = each.call, counts[each.call], each.body
    return found.values()


def _instead_of(call: str, nth: int, other: bytes) -> Callable[[str, bytes], bytes]:
    """For `Wire.altered`: another body for one of the answers of a call."""
    seen: Counter[str] = Counter()

    def altered(answered: str, plain: bytes) -> bytes:
        seen[answered] += 1
        return other if answered == call and seen[call] == nth else plain

    return altered


def _replaced(body: bytes, words: set[str], other: str) -> bytes:
    return _written(kind_of(body), _swapped(_read(body), words, other)) if kind_of(body) else body


def _read(body: bytes) -> Any:
    return parse_json(body) if kind_of(body) == "json" else parse_xml(body)


def _written(kind: str, document: Any) -> bytes:
    if kind == "json":
        return to_json(document)
    root, value = next(iter(document.items()), ("nothing", None))
    return to_xml(root, value)


def _swapped(value: Any, words: set[str], other: str) -> Any:
    if isinstance(value, dict):
        return {key: _swapped(each, words, other) for key, each in value.items()}
    if isinstance(value, list):
        return [_swapped(each, words, other) for each in value]
    return other if isinstance(value, str) and value in words else value


def _akin(path: str, place: tuple[Any, ...]) -> bool:
    """Whether what an error names is above, below or beside the place where something is wrong; a row has no name."""
    named = set(re.findall(r"[^.\[\]$]+", path))
    keys = {part for part in place if isinstance(part, str)}
    return bool(named & keys) if keys else bool(named)


def _distorted(body: bytes) -> Iterator[tuple[tuple[Any, ...], str, bytes]]:
    """The body with one place changed: left out, null, of another kind, empty. Of a list, its first item."""
    kind, document = kind_of(body), _read(body)
    for path in _paths(document):
        now = document
        for part in path:
            now = now[part]
        other = ("a number", -1) if isinstance(now, str) else ("a text", "?")
        empty: tuple[str, Any] = ("a list", []) if isinstance(now, dict) else ("an object", {})
        for name, strange in (("left out", ...), ("null", None), other, empty):
            yield path, name, _written(kind, _put(document, path, strange))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _paths(each, (*path, key))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    head, *rest = path
    changed = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        changed[head] = _put(value[head], tuple(rest), new)
    elif new is ...:
        del changed[head]
    else:
        changed[head] = new
    return changed


def _filters(read: str, rows: list[Any], since: datetime) -> Iterator[tuple[str, Any, Callable[[Any], bool | None]]]:
    """Filters of a listing, each with what it should leave of a row (None: the row does not tell)."""

    def at_least(field: str) -> Callable[[Any], bool | None]:
        return lambda row: None if getattr(row, field) is None else getattr(row, field) >= since

    def same(field: str, wanted: Any) -> Callable[[Any], bool | None]:
        return lambda row: None if getattr(row, field) is None else getattr(row, field) == wanted

    if read == "refunds.list":
        yield "created_since", since, at_least("created_at")
    else:
        yield "updated_since", since, at_least("updated_at")
    order_id = next((row.order_id for row in rows if getattr(row, "order_id", None)), None)
    if order_id is not None:
        yield "order_id", order_id, same("order_id", order_id)
    if read == "messages.threads":
        yield "awaiting_reply", True, same("awaiting_reply", True)
        yield "awaiting_reply", False, same("awaiting_reply", False)
    if read == "returns.list" and rows:
        yield "state", rows[0].state, same("state", rows[0].state)
        yield "kind", rows[0].kind, same("kind", rows[0].kind)
    if read == "reviews.list":
        yield "rating_max", 3, lambda row: None if row.rating is None else row.rating <= 3
        yield "rating_max", 1, lambda row: None if row.rating is None else row.rating <= 1
        yield "awaiting_reply", True, lambda row: row.awaiting_reply


assert set(LISTS) <= VERBS.keys()
