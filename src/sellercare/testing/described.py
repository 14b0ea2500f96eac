"""Requests and answers held against the platform's own description, and its samples translated."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from sellercare.adapter import OAuth2
from sellercare.errors import BadAnswer, BadInput, SellercareError
from sellercare.interfaces import VERBS
from sellercare.support import Proof
from sellercare.testing.checks.declared import SHOWS, verb_on
from sellercare.testing.checks.promised import ALONE
from sellercare.testing.checks.written import ContractChecks, literal
from sellercare.testing.description import MakesAnswers
from sellercare.testing.moves import Look, models_in
from sellercare.testing.workshop import Exchange, Site

if TYPE_CHECKING:
    from sellercare.testing.description import Description

Specs = Callable[[str], Path]
"""`specs("allegro")` is the folder of a platform's descriptions; it skips the test where there is none."""


_FOR_EVER = 1e9
"""Seconds that a read waits for its turn: on the clock of a simulated platform."""


_ONE_DAY = 86400.0


FILTERS: Mapping[str, Sequence[str]] = {
    "orders.list": ("updated_since",),
    "messages.threads": ("updated_since", "awaiting_reply", "order_id"),
    "returns.list": ("updated_since", "state", "kind", "order_id"),
    "refunds.list": ("created_since", "order_id"),
    "reviews.list": ("updated_since", "rating_max", "awaiting_reply"),
}
"""By what lists are asked for less."""


@dataclass(frozen=True)
class Replay:
    """A sample: when the look of `verb` makes `call` (as the face names it), this is answered instead."""

    verb: str
    call: str
    body: bytes
    name: str = ""


class DescribedChecks(ContractChecks):
    """What is sent and what is answered is what the platform describes. `described` names the description.

    `exceptions` are what does not fit, one line each with its reason; a key is a pattern (`*`) of complaints. `unused`
    are operations that the adapter does not use, with the reason; a key is a pattern of operations. A line that nothing
    needs any more fails.
    """

    exceptions: ClassVar[Mapping[str, str]] = {}
    unused: ClassVar[Mapping[str, str]] = {}
    held_against: ClassVar[str] = ""
    many_answers = 15
    """So many generated answers are thrown at each read."""

    def described(self, specs: Specs) -> Description | None:
        """The description: `return load(specs("mymarket") / "api.json")`. None if the platform has none."""
        return None

    def replays(self, specs: Specs) -> Iterator[Replay]:
        """Official samples, to be translated."""
        return iter(())

    @classmethod
    def is_described(cls) -> bool:
        """Whether the suite of this adapter names a description."""
        return cls.described is not DescribedChecks.described

    def tour(self) -> Iterator[Exchange]:
        """Every verb, each write also with its answer lost, to see it read back; each list with every filter, too.
        Extend it with what else is sent.

        (`yield from super().tour()`, then do something on a `self.site()` and `yield from at.wire.exchanges`).

        What a verb does in another way than by default counts for its level of proof, too, if it is done in a
        `with at.wire.during("returns.approve"):`.
        """
        for verb in (each for each in VERBS if self.workshop.adapter.supports[each].offered):
            at = self.workshop.site()
            if VERBS[verb].is_write:
                move = self.do(verb, at)
                with at.wire.during(verb):
                    move("tour")
                yield from at.wire.exchanges
                at = self.workshop.site()
                move = self.do(verb, at)
                at.face.faults.add(self.at_commit(verb, "lost_answer"))
                with suppress(SellercareError), at.wire.during(verb):  # what was sent is what counts here
                    move("lost")
            else:
                look = self.look(verb, at)
                with at.wire.during(verb):
                    look()
                    self.filtered(verb, at)
            yield from at.wire.exchanges

    def filtered(self, verb: str, at: Site) -> None:
        """Ask a list for a little less, by each of its filters."""
        ask, since = verb_on(at.shop, verb), at.world.now() - timedelta(days=30)
        wanted: dict[str, Any] = {"updated_since": since, "created_since": since, "awaiting_reply": True}
        wanted |= {"rating_max": 2, "state": "requested", "kind": "return", "order_id": self._named_order(verb, at)}
        for name in FILTERS.get(verb, ()):
            if wanted[name] is not None:
                list(ask(**{name: wanted[name]}))

    def _named_order(self, verb: str, at: Site) -> str | None:
        """The order that the first row of a list is about, told by the row or by the thing itself."""
        row = next(iter(verb_on(at.shop, verb)()), None) if "order_id" in FILTERS.get(verb, ()) else None
        told: str | None = getattr(row, "order_id", None)
        if row is not None and told is None and verb in ALONE and at.shop.offers(ALONE[verb]):
            told = getattr(verb_on(at.shop, ALONE[verb])(row.id), "order_id", None)
        return told

    def _loaded(self, specs: Specs) -> Description:
        known = self.workshop.known
        if "description" not in known:
            known["description"] = self.described(specs)
            known["tour"] = list(self.tour())
        description: Description | None = known["description"]
        if description is None:
            pytest.skip("the platform publishes no description")
        type(self).held_against = description.title
        return description

    def test_requests_and_answers_are_as_described(self, description: str, request: pytest.FixtureRequest) -> None:
        """All that is sent, and all that the face answers, fits the description, or is an exception with a reason."""
        described = self._loaded(self._specs(description, request))
        said = {each for exchange in self.workshop.known["tour"] for each in described.complaints(exchange)}
        strange = sorted(each for each in said if not _fits(each, self.exceptions))
        assert not strange, "does not fit the description:\n" + "\n".join(strange[:40])
        idle = [each for each in self.exceptions if not any(_fits(one, {each: ""}) for one in said)]
        assert not idle, f"these exceptions are no longer needed: {idle}"

    def test_no_verb_claims_more_proof_than_its_calls_have(
        self, description: str, request: pytest.FixtureRequest
    ) -> None:
        """A verb of the level DESCRIPTION made no call that is not in the description, and one at least that is."""
        described = self._loaded(self._specs(description, request))
        adapter = self.workshop.adapter
        at = self.workshop.site()
        auth = adapter.auth(at.shop.settings)
        sign_in = auth.token_url if isinstance(auth, OAuth2) else None
        wrong = []
        for verb in (each for each in VERBS if adapter.supports[each].offered):
            held: dict[Proof, str] = {Proof.DOSSIER: "what the platform pushes"} if verb == "events.handle" else {}
            for exchange in self.workshop.known["tour"]:
                if exchange.verb == verb and (exchange.request.url or "").partition("?")[0] != sign_in:
                    held.setdefault(described.proof_of(exchange), exchange.call)
            wrong += [f"{verb}: {each}" for each in _boasts(adapter.proofs(verb), held)]
        assert not wrong, "more proof is claimed than there is (`proved_by`, `proved_otherwise`):\n" + "\n".join(wrong)

    def test_every_operation_is_used_or_has_a_reason(self, description: str, request: pytest.FixtureRequest) -> None:
        """An operation that the adapter does not use has a declared reason; one that it uses has none."""
        described = self._loaded(self._specs(description, request))
        tour = self.workshop.known["tour"]
        used = {name for exchange in tour for name in described.operations_of(exchange)}
        left = sorted(each for each in described.operations - used if not _fits(each, self.unused))
        assert not left, "neither used nor listed as unused:\n" + "\n".join(left[:60])
        wrong = [each for each in self.unused if not any(_fits(one, {each: ""}) for one in described.operations - used)]
        assert not wrong, f"listed as unused, but used or not described: {wrong}"

    def test_generated_answers_are_read(self, generated: str, request: pytest.FixtureRequest) -> None:
        """Answers made from the description give models, or errors that say what is wrong and where: never a crash."""
        described = self._loaded(self._specs(generated, request))
        if not isinstance(described, MakesAnswers):
            reason = getattr(described, "no_answers", "it does not tell what else an answer may be")
            pytest.skip(f"no answers can be made up from {described.title}: {reason}")
        chance = random.Random(11)
        met: list[bool] = []
        for verb in (each for each in VERBS if self.workshop.adapter.supports[each].offered):
            if VERBS[verb].is_write or verb == "events.handle":
                continue
            at = self.workshop.site(patience=_FOR_EVER)  # an answer that a limit keeps away is not thrown
            look = self.look(verb, at)
            began = len(at.wire.exchanges)
            look()
            for exchange in at.wire.exchanges[began:]:
                for body in described.answers(exchange, chance, self.many_answers):
                    met += self._thrown(at, verb, look, exchange, body)
            at.world.advance(_ONE_DAY)  # for what is tried again only after a while
            self._recovered(verb, look)
        assert met, f"{described.title} describes no answer of any read"
        assert any(met), f"none of {len(met)} generated answers could be read: they are no answers"

    def _thrown(self, at: Site, verb: str, look: Look, exchange: Exchange, body: bytes) -> Iterator[bool]:
        """Whether a read understood an answer that came instead of the real one; nothing where it asked for none.

        One of our own errors is fine, too: an order without lines, an id of nothing.
        """
        asked: list[str] = []

        def instead(call: str, plain: bytes) -> bytes:
            asked.extend([call] * (call == exchange.call))
            return body if call == exchange.call else plain

        wrong = ""
        understood = False
        try:
            with at.wire.altered(instead):
                look()
            understood = True
        except BadAnswer as error:
            wrong = "" if at.wire.is_placed(error) else f"{error} does not say where"
        except BadInput as error:
            wrong = f"{error} blames the caller for an answer"
        except SellercareError:
            pass  # the platform seems to say something else: it has no such thing, or is not done
        except Exception as error:
            raise AssertionError(f"{verb}: {type(error).__name__} for {body[:2000]!r}") from error
        assert not wrong, f"{verb}: {wrong}: {body[:2000]!r}"
        if asked:
            yield understood

    def _recovered(self, verb: str, look: Look) -> None:
        """Nothing of the strange answers is left behind: what can be read can be read again."""
        try:
            found = look()
        except SellercareError as error:
            raise AssertionError(f"{verb} cannot be read any more after strange answers: {error}") from error
        assert found is not None

    def test_samples_are_translated(self, samples: str, request: pytest.FixtureRequest) -> None:
        """Official samples become models."""
        if samples == "none":
            pytest.skip("the suite names no samples (`replays`)")
        replays = list(self.replays(request.getfixturevalue("specs")))
        assert replays, "`replays` gives no sample"
        for replay in replays:
            at = self.workshop.site()
            look = self.look(replay.verb, at)
            met: list[str] = []

            def instead(call: str, plain: bytes, replay: Replay = replay, met: list[str] = met) -> bytes:
                if not fnmatchcase(call, literal(replay.call)):
                    return plain
                met.append(call)
                return replay.body

            with at.wire.altered(instead):
                found = look()
            what = replay.name or f"{replay.verb} at {replay.call}"
            assert met, f"the sample {what} was never asked for"
            assert all(isinstance(row, SHOWS[replay.verb]) for row in models_in(found)), what

    def _specs(self, description: str, request: pytest.FixtureRequest) -> Specs:
        if description == "none":
            pytest.skip("the suite names no description of the platform (`described`)")
        specs: Specs = request.getfixturevalue("specs")
        return specs


def _boasts(claimed: Mapping[Proof, str], held: Mapping[Proof, str]) -> Iterator[str]:
    """What is claimed too much, of the levels that a run can tell; `held` are the levels of its calls, each with one.

    A run on a real server, and a platform that is its own description, are proved elsewhere.
    """
    order = list(Proof)
    told = [level for level in claimed if level in (Proof.DESCRIPTION, Proof.SAMPLES, Proof.DOSSIER)]
    if told == list(claimed):
        least = max(told, key=order.index)
        weaker = [level for level in held if order.index(level) > order.index(least)]
        yield from (f"{least} is claimed, but {held[level]} was held against: {level}" for level in weaker)
    for level in told:
        if level is not Proof.DOSSIER and not any(order.index(each) <= order.index(level) for each in held):
            yield f"{level} is claimed, and no call of the run was held against it" + (
                f" ({claimed[level]})" if claimed[level] else ""
            )


def _fits(text: str, patterns: Mapping[str, str]) -> bool:
    return any(fnmatchcase(text, literal(pattern)) for pattern in patterns)
