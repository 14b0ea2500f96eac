"""What a caller gives with a write: sent or refused, and never dropped without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sellercare.calls import parse_json
from sellercare.errors import NothingSent, SellercareError
from sellercare.interfaces import VERBS
from sellercare.markup import parse_xml
from sellercare.models import LineQuantity, Money, Parcel
from sellercare.testing.checks.declared import verb_on
from sellercare.testing.moves import Move, Moves
from sellercare.testing.workshop import Exchange, Site, kind_of

_ALWAYS_USED = frozenset({"variant", "option", "option_id", "replace", "kind", "order_id", "return_id"})
"""What says what is written about, or which way: an unknown one is refused by the core. `replace` means nothing where
nothing is there."""

_MARK = "GIVEN BY THE SUITE"


class GivenChecks(Moves):
    """Every optional value of a write makes a difference to what is sent, or is refused before anything is."""

    def test_what_is_given_is_sent_or_refused(self, write: str) -> None:
        """A note that no buyer ever sees, or lines of which all are taken, is worse than a no."""
        self.pieces = 2
        plain, again = self._sent(write, ""), self._sent(write, "")
        assert plain is not None
        assert again is not None
        same = {place for place in plain if plain[place] == again.get(place)}
        dropped = []
        for name in self.optional(write):
            sent = self._sent(write, name)
            if sent is None:
                continue
            changed = sent.keys() != plain.keys() or any(sent[place] != plain[place] for place in same)
            if not changed:
                dropped.append(name)
        assert not dropped, f"{write} takes these and sends nothing of them: {dropped}. Name them in `refuses`"

    def optional(self, write: str) -> list[str]:
        """The names of what may be given with a write and need not be."""
        command = VERBS[write].command
        assert command is not None
        fields = command.model_fields.items()
        return [name for name, field in fields if not field.is_required() and name not in _ALWAYS_USED]

    def another(self, at: Site, write: str, name: str, given: Mapping[str, Any], target: str) -> Any:
        """A value for something optional, other than the one that the move gives anyway."""
        now = given.get(name)
        if name == "amount":
            sum_ = now or at.world.money(self.part)
            return Money(amount=sum_.amount - 1, currency=sum_.currency)
        if name == "lines":
            return self.a_part(at, write, target, now)
        if name == "attachments":
            return [*(now or ()), self.upload]
        if name == "fields":
            return {**(now or {}), _MARK: _MARK}
        if name == "to":
            return "platform"
        if name == "parcel":
            return Parcel(carrier="DHL", number="00340434161094000000")
        if name == "reason":
            return self.another_reason(at, write, now, target)
        return f"{now} {_MARK}" if now else _MARK

    def another_reason(self, at: Site, write: str, now: str | None, target: str) -> str:
        """A reason that the platform takes, other than the one that is given anyway."""
        group, _, verb = write.partition(".")
        codes = list(at.shop.supports(write).reasons)
        if group == "returns" and verb != "open" and at.shop.offers("returns.allowed"):
            mine = [action for action in at.shop.returns.allowed(target) if action.verb.value == verb]
            codes = [choice.code for action in mine for choice in action.reasons]
        return next((code for code in codes if code != now), _MARK)

    def a_part(self, at: Site, write: str, target: str, now: Sequence[LineQuantity] | None) -> list[LineQuantity]:
        """One piece of what is written about, or one piece more than the move names anyway."""
        if now:
            return [LineQuantity(id=each.id, quantity=(each.quantity or 0) + 1) for each in now]
        lines: Sequence[Any] = at.world.data.orders[next(reversed(at.world.data.orders))].lines
        if write.startswith("returns.") and write != "returns.open" and at.shop.offers("returns.get"):
            lines = at.shop.returns.get(target).lines
        elif at.shop.offers("orders.get"):
            lines = at.shop.orders.get(target).lines
        if sum(line.quantity for line in lines) <= 1:
            raise NothingSent("One piece is all there is, so nothing can be chosen of it.")
        return [LineQuantity(id=lines[0].id, quantity=Decimal(1))]

    def _sent(self, write: str, name: str) -> dict[str, str] | None:
        """What leaves with a write, value by value, where this is given besides; None if it was refused by us."""
        at = self.workshop.site()
        with self._besides(at, write, name):
            move = self.do(write, at)
            before = at.acts()
            at.wire.exchanges.clear()
            refused = self._refused(move, plain=not name)
        sent = dict(_values_in(at.wire.exchanges))
        if not refused:
            return sent
        done = at.acts() != before
        assert not done, f"{write} with {name} is refused as if nothing was sent, but something was done"
        return None

    def _refused(self, move: Move, *, plain: bool) -> bool:
        """Make a move; whether we refuse it. What the platform says to what is given besides does not matter here."""
        try:
            move("given")
        except NothingSent:
            if plain:
                raise
            return True
        except SellercareError:
            if plain:
                raise
        return False

    @contextmanager
    def _besides(self, at: Site, write: str, name: str) -> Iterator[None]:
        """For a while, the verb of this shop is called with one thing more, or with another one in its place."""
        if not name:
            yield
            return
        group, _, verb = write.partition(".")
        plain: Callable[..., Any] = verb_on(at.shop, write)

        def richer(*target: Any, **given: Any) -> Any:
            about = str(target[0]) if target else str(given.get("order_id") or given.get("return_id"))
            value = self.another(at, write, name, given, about)
            at.wire.exchanges.clear()  # what was asked to find the value is no part of the write
            return plain(*target, **{**given, name: value})

        setattr(getattr(at.shop, group), verb, richer)
        try:
            yield
        finally:
            delattr(getattr(at.shop, group), verb)


def _values_in(exchanges: list[Exchange]) -> Iterator[tuple[str, str]]:
    for number, exchange in enumerate(exchanges):
        where = f"{number} {exchange.call}"
        yield where, ""
        for place, value in parse_qsl(urlsplit(exchange.request.url or "").query, keep_blank_values=True):
            yield f"{where} ?{place}", value
        body = exchange.request.body or b""
        yield from _flat(_parsed(body.encode() if isinstance(body, str) else bytes(body)), where)


def _parsed(body: bytes) -> Any:
    kind = kind_of(body)
    if kind == "json":
        return parse_json(body)
    if kind == "xml":
        return parse_xml(body)
    return body


def _flat(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(each, f"{place}.{name}")
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _flat(each, f"{place}[{number}]")
    else:
        yield place, str(value)
