"""What a caller hands in goes out, or is refused: what is dropped in silence is a lie."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from sellercare.errors import SellercareError
from sellercare.models import (
    CancelOrder,
    Decision,
    IssueRefund,
    LineKind,
    LineQuantity,
    Model,
    OrderLine,
    Party,
    RefundOption,
    Reply,
    ReturnLine,
    StartThread,
    Upload,
)
from sellercare.testing.checks.written import ContractChecks
from sellercare.testing.workshop import Exchange, Site

_MADE_UP = re.compile(rb"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
"""Keys of ours, which are others in each account."""

Sent = list[tuple[str, str, bytes]]


class HandedInChecks(ContractChecks):
    """Nothing that a verb takes is dropped."""

    def further(self, at: Site, command: Model) -> Mapping[str, Sequence[Any]]:
        """What may be handed in besides with a write, or instead, by field; each value is tried alone."""
        files = ((self.upload,), (self.upload, Upload.of("second.png", "image/png", self.upload.data + b"2")))
        found: dict[str, Sequence[Any]] = {}
        if isinstance(command, Reply):
            found = {"attachments": files, "to": (Party.PLATFORM,), "text": (command.text + " More.",)}
        elif isinstance(command, StartThread):
            found = {"attachments": files, "text": (command.text + " More.",) if command.text else ()}
        elif isinstance(command, CancelOrder):
            found = {"lines": self._of_order(at, command.order_id)}
        elif isinstance(command, Decision):
            found = {"attachments": files, "note": (f"{command.note or self.note} More.",)}
            found |= {"lines": () if command.lines else self._of_return(at, command.return_id)}
            found |= {"amount": (at.world.money("1.23"),)}
        elif isinstance(command, IssueRefund) and command.amount is not None:
            found = {"amount": (at.world.money("1.23"),)}
        return found

    def test_nothing_that_is_handed_in_is_dropped(self, write: str) -> None:
        """A file, an amount, a note, a line, an addressee: what is sent differs by it, or it is refused."""
        commands: list[Model] = []
        at, plain = self._sent(write, {}, commands)
        if plain != self._sent(write, {})[1]:
            pytest.skip(f"{write} is never sent twice in the same words: what is left out cannot be seen")
        seen: dict[str, Sent] = {"": plain}
        dropped: list[str] = []
        for field, values in self.further(at, commands[0]).items():
            known = len(dropped)
            for value in (each for each in values if each != getattr(commands[0], field)):
                _, sent = self._sent(write, {field: value})
                if sent and sent in seen.values() and len(dropped) == known:
                    dropped.append(field)
                seen[f"{field} {value!r}"] = sent
        assert not dropped, (
            f"{write} takes {' and '.join(dropped)}, and sends the same as without: send it, or raise BadInput"
        )

    def test_a_refund_goes_through_the_option_that_was_chosen(self, write: str) -> None:
        """Where there are several ways to pay back, each is another request."""
        if write != "refunds.issue" or not self.workshop.adapter.supports["refunds.quote"].offered:
            pytest.skip("no refund is chosen here")
        honest, sent = self.choose_refund, []
        try:
            for number in range(2):

                def nth(options: Sequence[RefundOption], number: int = number) -> RefundOption:
                    return options[min(number, len(options) - 1)]

                self.choose_refund = nth  # type: ignore[method-assign]  # one suite, for the time of a test
                commands: list[Model] = []
                sent.append((self._sent(write, {}, commands)[1], commands[0]))
        finally:
            self.choose_refund = honest  # type: ignore[method-assign]
        (one, first), (other, second) = sent
        if getattr(first, "option_id", None) == getattr(second, "option_id", None):
            pytest.skip("there is one way only")
        assert one != other, f"{write} sends the same whatever option is chosen"

    def _sent(self, write: str, more: Mapping[str, Any], commands: list[Model] | None = None) -> tuple[Site, Sent]:
        """A new site where a write was made with more handed in, and what was sent; nothing where it was refused."""
        at = self.workshop.site()
        move = self.do(write, at)
        plainly, began, acts = at.shop.write, len(at.wire.exchanges), at.acts()

        def write_more(verb: str, command: Model, **how: Any) -> Any:
            if commands is not None:
                commands.append(command)
            return plainly(verb, command.model_copy(update=dict(more)), **how)

        at.shop.write = write_more  # type: ignore[method-assign]  # one shop, for the time of a test
        refused: SellercareError | None = None
        try:
            move("handed in")
        except SellercareError as error:
            refused = error
        if refused is None:
            return at, _words(at.wire.exchanges[began:])
        assert more, f"{write}: {refused}"
        assert at.acts() == acts, f"{write} with {', '.join(more)} is called {refused!r}, but the platform did it"
        return at, []

    def _of_order(self, at: Site, order_id: str) -> Sequence[Any]:
        lines = at.shop.orders.get(order_id).lines if at.shop.offers("orders.get") else ()
        return _a_part([line for line in lines if line.kind is LineKind.ITEM])

    def _of_return(self, at: Site, return_id: str) -> Sequence[Any]:
        return _a_part(at.shop.returns.get(return_id).lines if at.shop.offers("returns.get") else ())


def _a_part(lines: Sequence[OrderLine | ReturnLine]) -> Sequence[tuple[LineQuantity, ...]]:
    """One piece, where there are others; nothing where it would be all there is."""
    if len(lines) > 1 or any(line.quantity > 1 for line in lines):
        return ((LineQuantity(id=lines[0].id, quantity=Decimal(1)),),)
    return ()


def _words(exchanges: Sequence[Exchange]) -> Sent:
    """What was sent, without the keys that we made up."""
    found = []
    for each in exchanges:
        body = each.request.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body)
        found.append((each.call, each.request.url or "", _MADE_UP.sub(b"", body)))
    return found
