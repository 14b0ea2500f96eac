"""What a caller gives with a write: sent or refused, and never dropped without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sellercare.calls import parse_json
from sellercare.errors import NothingSent, SellercareError
from sellercare.markup import parse_xml
from sellercare.models import LineQuantity, Model, Parcel, Party, RefundOption, Upload
from sellercare.testing.moves import Move, Moves
from sellercare.testing.workshop import Exchange, Site, kind_of

_ELSEWHERE = frozenset({"variant", "option", "option_id", "replace", "kind", "order_id", "return_id"})
"""What says what is written about, or which way: an unknown one is refused by the core. `replace` means nothing where
nothing is there."""

_MARK = "GIVEN BY THE SUITE"

Sent = Mapping[str, str]
"""What left with a write, value by value."""

Change = Callable[[Model, Site], Model]
"""A command in which something else is given."""


class GivenChecks(Moves):
    """Whatever is given with a write makes a difference to what is sent, or is refused before anything is."""

    def test_what_is_given_is_sent_or_refused(self, write: str) -> None:
        """A note that no buyer ever sees, or lines of which all are taken, is worse than a no."""
        self.pieces = 2
        values = self._values(write)
        plain, again = self._sent(write), self._sent(write)
        assert plain is not None
        assert again is not None
        always = {place for place in plain if plain[place] == again.get(place)}
        seen, dropped = [_of(plain, plain, always)], []
        for name, value in values:
            sent = self._sent(write, _giving(name, value))
            told = None if sent is None else _of(sent, plain, always)
            if told in seen:
                dropped.append(name)
            elif told is not None:
                seen.append(told)
        assert not dropped, (
            f"{write} takes these, and what is sent does not differ by them: {', '.join(dict.fromkeys(dropped))}. "
            "Send them, or name them in `refuses`"
        )

    def test_a_refund_goes_through_the_option_that_was_chosen(self) -> None:
        """Where there are several ways to pay back, each is another request."""
        supports = self.workshop.adapter.supports
        if not (supports["refunds.issue"].offered and supports["refunds.quote"].offered):
            pytest.skip("no refund is chosen here")
        honest, chosen, sent = self.choose_refund, [], []
        try:
            for number in range(2):

                def nth(options: Sequence[RefundOption], number: int = number) -> RefundOption:
                    chosen.append(options[min(number, len(options) - 1)])
                    return chosen[-1]

                self.choose_refund = nth  # type: ignore[method-assign]  # one suite, for the time of a test
                sent.append(self._sent("refunds.issue"))
        finally:
            self.choose_refund = honest  # type: ignore[method-assign]
        if len({option.id for option in chosen}) < 2:
            pytest.skip("there is one way only")
        assert sent[0] != sent[1], "refunds.issue sends the same whatever option is chosen"

    # --- what is given -----------------------------------------------------------------------------------------------

    def other_values(self, at: Site, write: str, command: Model) -> Iterator[tuple[str, Any]]:
        """Other values than those that the move gives, by field: each is tried alone. `command` is the move's."""
        given = dict(command)
        sum_ = given.get("amount") or at.world.money(self.part)
        second = Upload.of("second.png", "image/png", self.upload.data + b"2")
        makers: Mapping[str, Callable[[], Sequence[Any]]] = {
            "amount": lambda: [sum_.model_copy(update={"amount": sum_.amount - n}) for n in (1, 2)],
            "lines": lambda: self.a_part(at, write, command),
            "attachments": lambda: [(self.upload,), (self.upload, second)],
            "fields": lambda: [{**given["fields"], _MARK: _MARK}],
            "to": lambda: [Party.PLATFORM],
            "parcel": lambda: [Parcel(carrier="DHL", number=number) for number in ("0034043416", "0034043417")],
            "reason": lambda: self.other_reasons(at, write, command),
            "text": lambda: [f"{given['text']} {_MARK}"] if given["text"] else [],
        }
        optional = [name for name, field in type(command).model_fields.items() if not field.is_required()]
        for name in dict.fromkeys([*optional, *(["text"] if "text" in given else [])]):
            if name not in _ELSEWHERE:
                values = makers[name]() if name in makers else [f"{given[name] or name} {_MARK}"]
                yield from ((name, value) for value in values if value != given[name])

    def other_reasons(self, at: Site, write: str, command: Any) -> list[str]:
        """A reason that the platform takes, other than the one that is given anyway."""
        group, _, verb = write.partition(".")
        codes = list(at.shop.supports(write).reasons)
        if group == "returns" and verb != "open" and at.shop.offers("returns.allowed"):
            mine = [action for action in at.shop.returns.allowed(command.return_id) if action.verb.value == verb]
            codes = [choice.code for action in mine for choice in action.reasons]
        return [code for code in codes if code != command.reason][:1] or [f"reason {_MARK}"]

    def a_part(self, at: Site, write: str, command: Any) -> list[tuple[LineQuantity, ...]]:
        """One piece of what is written about, or one piece more than the move names; nothing where that is all."""
        if command.lines:
            return [tuple(LineQuantity(id=each.id, quantity=(each.quantity or 0) + 1) for each in command.lines)]
        lines: Sequence[Any] = ()
        if write.startswith("returns.") and at.shop.offers("returns.get"):
            lines = at.shop.returns.get(command.return_id).lines
        elif getattr(command, "order_id", None) and at.shop.offers("orders.get"):
            lines = at.shop.orders.get(command.order_id).lines
        if sum(line.quantity for line in lines) <= 1:
            return []
        return [(LineQuantity(id=lines[0].id, quantity=Decimal(1)),)]

    # --- what is sent ------------------------------------------------------------------------------------------------

    def _values(self, write: str) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []

        def look(command: Model, at: Site) -> Model:
            found.extend(self.other_values(at, write, command))
            return command

        self._sent(write, look)
        return found

    def _sent(self, write: str, change: Change | None = None) -> Sent | None:
        """What leaves with a write in which this is changed; None if it was refused by us."""
        at = self.workshop.site()
        move, before = self.do(write, at), at.acts()
        plainly = at.shop.write

        def changed(verb: str, command: Model, **how: Any) -> Any:
            other = command if change is None else change(command, at)
            at.wire.exchanges.clear()  # what was asked to find the other value is no part of the write
            return plainly(verb, other, **how)

        at.shop.write = changed  # type: ignore[method-assign]  # one shop, for the time of a test
        if not _refused(move, plain=change is None):
            return dict(_values_in(at.wire.exchanges))
        assert at.acts() == before, f"{write} is refused as if nothing was sent, but something was done"
        return None


def _giving(name: str, value: Any) -> Change:
    return lambda command, at: command.model_copy(update={name: value})


def _refused(move: Move, *, plain: bool) -> bool:
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


def _of(sent: Sent, plain: Sent, always: set[str]) -> Sent:
    """What was sent, without what is another each time: keys, times, what separates the parts of a body."""
    return {place: value if place in always or place not in plain else "" for place, value in sent.items()}


def _values_in(exchanges: Sequence[Exchange]) -> Iterator[tuple[str, str]]:
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
