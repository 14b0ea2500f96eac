"""Checks of the declaration: what is claimed works, what is not offered says why, and settings are safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from sellercare import models
from sellercare.adapter import Adapter, check_declaration
from sellercare.errors import Impossible, NotYet, Unsupported
from sellercare.interfaces import VERBS
from sellercare.rules import rules_of
from sellercare.support import Level, Readback
from sellercare.testing.moves import Moves, models_in

T = TypeVar("T", bound=Callable[..., Any])

SHOWS: Mapping[str, type[models.Model] | type[bytes]] = {
    "orders.get": models.Order,
    "orders.find": models.Order,
    "orders.list": models.Order,
    "messages.threads": models.Thread,
    "messages.thread": models.Thread,
    "messages.messages": models.Message,
    "messages.allowed": models.MessageOption,
    "messages.download": bytes,
    "returns.list": models.Return,
    "returns.get": models.Return,
    "returns.allowed": models.ReturnAction,
    "refunds.list": models.Refund,
    "refunds.get": models.Refund,
    "refunds.quote": models.RefundOption,
    "reviews.list": models.Review,
    "reviews.summary": models.ReviewSummary,
    "scores.current": models.Score,
    "scores.history": models.Score,
    "events.handle": models.Handled,
    "account.check": models.AccountCheck,
}
"""What each read gives."""

_SECRET_WORDS = ("secret", "password", "token", "api_key", "private_key")


def faceless(test: T) -> T:
    """Mark a test that needs no face."""
    test.__dict__["faceless"] = True
    return test


def verb_on(shop: Any, verb: str) -> Any:
    """The method of a shop that is a verb (`messages.reply`)."""
    group, _, name = verb.partition(".")
    return getattr(getattr(shop, group), name)


class DeclarationChecks(Moves):
    """What the declaration says is so, in both directions."""

    adapter_class: Callable[[], type[Adapter]]

    def test_a_read_that_is_offered_works(self, read: str) -> None:
        """It gives what it says, not nothing; and it is a read: nothing is done by it."""
        at = self.workshop.site()
        look = self.look(read, at)
        before = len(at.world.acts)
        found = look()
        rows = models_in(found) if SHOWS[read] is not bytes else [found]
        assert rows, f"{read} found nothing, though there is something in the world"
        assert all(isinstance(row, SHOWS[read]) for row in rows), f"{read} gives something else: {type(rows[0])}"
        done = [act.kind for act in at.world.acts[before:] if act.by == "api"]
        changes = self.workshop.adapter.supports[read].changes
        assert not done or changes, f"{read} is a read, but the platform did {done}"

    def test_a_write_that_is_offered_works(self, write: str) -> None:
        """The platform does something, once, and the common model comes back."""
        at = self.workshop.site()
        move = self.do(write, at)
        before = at.acts()
        result = move("first")
        assert at.acts() != before, (
            f"after {write} the face logs no act: let it use what World offers, or World.act, or nothing can be proved"
        )
        done = dict(at.acts())
        sent = len(at.wire.exchanges)
        again = move("first")
        assert at.acts() == done, f"{write} under the same key was done again"
        assert again == result, (
            f"{write} under the same key gives something else the second time: `result` makes it of what the steps kept"
        )
        calls = [each.call for each in at.wire.exchanges[sent:]]
        assert not calls, f"{write} under the same key is answered from the journal, and yet called {calls}"

    @faceless
    def test_a_verb_that_is_not_offered_says_why(self, refused: str) -> None:
        """It raises Impossible or NotYet with the declared reason, before anything is sent."""
        adapter = self.adapter_class()
        support = adapter.supports[refused]
        wanted: type[Unsupported] = Impossible if support.level is Level.IMPOSSIBLE else NotYet
        from sellercare.shop.stage_support import demand

        with pytest.raises(wanted) as raised:
            demand(refused, adapter.title, support)
        assert raised.value.verb == refused
        assert support.text.strip(". ") in str(raised.value)
        assert len(support.text.split()) >= 3, f"{refused}: {support.text!r} is no reason that a seller understands"

    @faceless
    def test_the_declaration_is_whole(self) -> None:
        """Every verb is answered, and no method is claimed that is not there, or there that is not claimed."""
        adapter = self.adapter_class()
        check_declaration(adapter)
        assert adapter.title
        assert adapter.name
        assert len(adapter.proof.split()) >= 4, "`proof` says in a sentence how the claims were proved"

    @faceless
    def test_emulations_and_contracts_say_what_a_seller_must_know(self) -> None:
        """How it is emulated; where a person looks when the outcome of a write stays unknown; where it is written."""
        missing = []
        for verb, support in self.adapter_class().supports.items():
            if support.level is Level.EMULATED and not support.text:
                missing.append(f"{verb}: how it is emulated")
            contract = support.contract
            if contract is not None and not contract.by_hand:
                missing.append(f"{verb}: contract.by_hand, where a person looks")
            if contract is not None and not contract.source:
                missing.append(f"{verb}: contract.source, where this is written")
            if contract is not None and contract.readback is Readback.BY_KEY and contract.key is None:
                missing.append(f"{verb}: contract.key, for it reads back by key")
            if contract is not None and contract.serialize_by not in (None, "order", "thread", "return", "review"):
                missing.append(f"{verb}: contract.serialize_by names no target")
            if VERBS[verb].money and contract is not None and contract.money.value == "no":
                missing.append(f"{verb}: contract.money, for it moves money")
        assert not missing, f"not told: {missing}"

    @faceless
    def test_settings_are_safe(self) -> None:
        """Addresses can be overridden, and what is secret is a SecretStr."""
        kind = self.adapter_class().settings
        fields = kind.model_fields
        assert any(name.endswith("_url") for name in fields), "there is no address that could be overridden"
        plain = [
            name
            for name, field in fields.items()
            if any(word in name for word in _SECRET_WORDS)
            and not name.endswith(("_url", "_uri"))
            and field.annotation is not SecretStr
            and "SecretStr" not in str(field.annotation)
        ]
        assert not plain, f"these settings hold secrets, but are no SecretStr: {plain}"

    @faceless
    def test_limits_and_rules_have_sources(self) -> None:
        """A limit or a rule that nobody can look up is a guess."""
        adapter = self.adapter_class()
        guessed = [budget.group for budget in adapter.budgets if not budget.source]
        assert not guessed, f"budgets without a source: {guessed}"
        rules_of(adapter)
