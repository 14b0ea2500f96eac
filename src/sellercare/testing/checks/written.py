"""Checks of the write contracts: each field of a contract is held against what the platform does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sellercare.calls import Answer
from sellercare.errors import OutcomeUnknown, SellercareError
from sellercare.interfaces import VERBS
from sellercare.models import Refund, RefundState
from sellercare.simulator import Fault
from sellercare.support import Evidence, MovesMoney, Readback, Repeat, Settles, WriteContract
from sellercare.testing.moves import Moves
from sellercare.testing.workshop import Exchange, Site

HOUR = 3600.0


@dataclass(frozen=True)
class Reference:
    """A write that nothing disturbed: its calls in order, the one that commits, what the platform did, what moved."""

    calls: tuple[str, ...]
    commit: int
    acts: dict[str, int]
    made: dict[str, int]
    moved: Decimal
    result: Any

    @property
    def commit_call(self) -> str:
        """Method and path template of the call that commits."""
        return self.calls[self.commit]

    def nth(self, position: int) -> int:
        """How often the call at this position came before it."""
        return self.calls[:position].count(self.calls[position])


@dataclass(frozen=True)
class Tried:
    """What became of a write that was tried again and again: a result or the last error, and what the platform did."""

    result: Any
    error: SellercareError | None
    acts: dict[str, int]
    by_hand: dict[str, int]
    made: dict[str, int]
    moved: Decimal

    @property
    def total(self) -> int:
        """All that was done through the API."""
        return sum(self.acts.values())


def moved(at: Site) -> Decimal:
    """What has been paid back in this world."""
    return sum((refund.amount.amount for refund in at.world.data.refunds.values()), Decimal(0))


def more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What has been added, by kind; what has not is left out."""
    return {kind: count - before.get(kind, 0) for kind, count in after.items() if count != before.get(kind, 0)}


@dataclass(frozen=True)
class _Before:
    """What was there before a write."""

    acts: dict[str, int]
    things: dict[str, int]
    moved: Decimal

    @classmethod
    def of(cls, at: Site) -> _Before:
        return cls(at.acts(), at.things(), moved(at))


class ContractChecks(Moves):
    """What a contract says is so on the face."""

    # --- how a write is tried --------------------------------------------------------------------------------------

    def reference(self, verb: str) -> Reference:
        """The undisturbed write; made once."""
        known: dict[str, Any] = self.workshop.known
        if f"reference {verb}" not in known:
            at = self.workshop.site()
            move = self.do(verb, at)
            before, began = _Before.of(at), len(at.wire.exchanges)
            grew: list[int] = []
            plain_signal = at.face.signal

            def signal(call: str, reply: Any) -> None:
                plain_signal(call, reply)
                grew.append(sum(at.acts().values()))

            at.face.signal = signal  # type: ignore[method-assign]  # one face looks at itself, for the time of a test
            result = move("reference")
            calls = tuple(exchange.call for exchange in at.wire.exchanges[began:])
            done = more(before.acts, at.acts())
            assert done, f"after {verb} the face logs no act"
            commit = next(n for n, count in enumerate(grew) if count == grew[-1])
            made = more(before.things, at.things())
            known[f"reference {verb}"] = Reference(calls, commit, done, made, moved(at) - before.moved, result)
        found: Reference = known[f"reference {verb}"]
        return found

    def contract(self, verb: str) -> WriteContract:
        """The contract, as the account has it; asked once."""
        known: dict[str, Any] = self.workshop.known
        if f"contract {verb}" not in known:
            known[f"contract {verb}"] = self.workshop.site().shop.supports(verb).contract
        contract: WriteContract | None = known[f"contract {verb}"]
        assert contract is not None
        return contract

    def tried(self, verb: str, faults: list[Fault], *, times: int = 3, patience: float | None = None) -> Tried:
        """The same call again and again, an hour apart: what a seller does who got no answer."""
        at = self.workshop.site(patience=patience)
        move = self.do(verb, at)
        before = _Before.of(at)
        at.face.faults.rules.extend(faults)
        result: Any = None
        error: SellercareError | None = None
        good = 0
        for _ in range(times):
            try:
                result, error = move("again"), None
                good += 1
            except SellercareError as problem:
                result, error = None, problem
            at.world.advance(HOUR)
            if good == 2:
                break
        return self._told(at, result, error, before)

    def _told(self, at: Site, result: Any, error: SellercareError | None, before: _Before) -> Tried:
        by_hand: dict[str, int] = {}
        for act in at.world.acts:
            if act.by == "person":
                by_hand[act.kind] = by_hand.get(act.kind, 0) + 1
        acts, made = more(before.acts, at.acts()), more(before.things, at.things())
        return Tried(result, error, acts, by_hand, made, moved(at) - before.moved)

    def judge(self, verb: str, tried: Tried, what: str) -> None:
        """Nothing is done twice; what is called done was done; what is called refused was not.

        Setting a state again may be logged again, where the contract calls that harmless: nothing is made by it.
        """
        reference, contract = self.reference(verb), self.contract(verb)
        logged = {} if contract.repeat is Repeat.HARMLESS and contract.money is MovesMoney.NO else tried.acts
        for kind, count in logged.items():
            most = reference.acts.get(kind, 0)
            assert count <= most, f"{what}: {verb} did {kind} {count} times, where {most} is meant"
        by_hand = 2 if tried.by_hand else 1
        for kind, count in tried.made.items():
            most = reference.made.get(kind, 0) * by_hand
            assert count <= most, f"{what}: {verb} made {count} {kind}, where {most} is meant"
        if tried.error is None:
            done = sum(tried.acts.values()) + sum(tried.by_hand.values())
            assert done >= sum(reference.acts.values()), f"{what}: {verb} is called done, but was not: {tried.acts}"
        elif isinstance(tried.error, OutcomeUnknown):
            assert tried.error.look_at, f"{what}: nobody is told where to look for {verb}"
        else:
            assert not tried.acts, f"{what}: {verb} is called {tried.error!r}, but the platform did {tried.acts}"

    # --- the promises, field by field ------------------------------------------------------------------------------

    def test_a_repeat_does_what_the_contract_says(self, write: str) -> None:
        """The same request to the letter, a second time: done again, refused, or harmless."""
        at = self.workshop.site()
        contract = self.contract(write)
        move = self.do(write, at)
        reference = self.reference(write)
        began = len(at.wire.exchanges)
        move("first")
        sent = [each for each in at.wire.exchanges[began:] if each.call == reference.commit_call][-1]
        at.world.advance(120)  # a repeat is not refused for being too soon
        state, paid = at.state(), moved(at)
        status, refused = self._again(at, sent)
        did = "acts_again" if at.state() != state else "refused" if refused else "harmless"
        assert did == contract.repeat.value, (
            f"{write}: the contract says that a repeat is {contract.repeat.value}; it was {did} (status {status}). If "
            f"nobody knows what the platform does, keep the cautious word and switch this case off with that reason"
        )
        if contract.repeat is not Repeat.ACTS_AGAIN:
            assert moved(at) == paid, f"{write}: a repeat moved money"

    def _again(self, at: Site, sent: Exchange) -> tuple[int, bool]:
        """Send a request once more. Its status, and whether it is a refusal."""
        response = at.wire.send(sent.request, timeout=30.0)
        adapter = self.workshop.adapter
        if response.status_code >= 400:
            return response.status_code, True
        if not adapter.errors_in_success:
            return response.status_code, False
        answer = Answer(response.status_code, dict(response.headers), response.content, sent.call)
        try:
            problem = adapter.problem(answer)
        except (LookupError, ValueError, TypeError, AttributeError, SellercareError):
            return response.status_code, False
        return response.status_code, bool(problem.code)

    def test_a_lost_answer_is_found_as_the_contract_says(self, write: str) -> None:
        """With a read-back it is confirmed, without one it stays unknown; either way it was done once."""
        contract = self.contract(write)
        tried = self.tried(write, [self.at_commit(write, "lost_answer")])
        self.judge(write, tried, "the answer is lost")
        assert tried.acts.keys() == self.reference(write).acts.keys()
        if contract.readback is Readback.NONE and contract.key is None:
            assert isinstance(tried.error, OutcomeUnknown), f"{write} cannot be read back, yet: {tried.result!r}"
        else:
            assert tried.error is None, f"{write} was done but not found {contract.readback.value}: {tried.error}"

    def test_absence_proves_what_the_contract_says(self, write: str) -> None:
        """A write that never arrived is sent again when its absence is proof, and not a second sooner."""
        contract = self.contract(write)
        fault = self.at_commit(write, "never_arrived")
        if contract.absent_after is None and contract.key is None:
            never = self.tried(write, [fault], times=4)
            assert isinstance(never.error, OutcomeUnknown), (
                f"{write}: absence is no proof, but it ended: {never.result!r}"
            )
            assert never.total == 0
            return
        patient = self.tried(write, [fault], times=2)
        self.judge(write, patient, "it never arrived")
        assert patient.error is None, f"{write}: its absence is proof, but: {patient.error}"
        if contract.absent_after and contract.key is None:
            at_once = self.tried(write, [self.at_commit(write, "never_arrived")], times=1, patience=0.5)
            assert isinstance(at_once.error, OutcomeUnknown), f"{write} was sent again before its absence was proof"
            assert at_once.total == 0

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_somebody_elses_answer_is_not_taken_for_ours(self, write: str, when: str) -> None:
        """A person wrote the same words a while before ours, or others after it, and ours never arrived."""
        contract = self.contract(write)
        if write != "messages.reply" or contract.readback in (Readback.NONE, Readback.BY_KEY):
            pytest.skip("only an answer that is looked for among others can be mistaken")
        fault = self.at_commit(write, "never_arrived")
        at = self.workshop.site()
        move = self.do(write, at)
        (thread,) = at.world.data.threads.values()
        if when == "before":
            at.world.person_replies(thread, self.text)
            at.world.advance(60)
            # The buyer wrote again: who waits for no answer may be given none.
            at.world.message(thread, "And?")
        else:
            at.world.person_replies(thread, "Somebody else has answered this.", after=1.0)
        at.face.faults.add(fault)
        for _ in range(2):
            done = True
            try:
                move("mistaken")
            except SellercareError:
                done = False
            came = at.acts().get("message", 0)
            assert came or not done, f"{write} is called done because of what a person wrote {when} it"
            at.world.advance(HOUR)

    def test_what_acts_late_is_not_done_twice(self, write: str) -> None:
        """The platform acts just before the moment from which absence would be proof."""
        contract = self.contract(write)
        latest = contract.absent_after or timedelta(hours=1)
        seconds = max(latest.total_seconds() - 2.0, 0.5)
        tried = self.tried(write, [self.at_commit(write, "acts_late", seconds=seconds)])
        self.judge(write, tried, f"it acts {seconds:g} seconds late")
        assert tried.acts.keys() == self.reference(write).acts.keys()

    def test_a_good_answer_is_the_evidence_that_the_contract_says(self, write: str) -> None:
        """An id, where the contract promises one, is kept in the journal."""
        at = self.workshop.site()
        move = self.do(write, at)
        move("evidence")
        intent = next(each for each in at.shop.store.intents.list(account=at.shop.account_name) if each.verb == write)
        if self.contract(write).evidence is Evidence.ID:
            assert intent.native_id, f"{write}: the contract promises an id, and the step's native_id gives none"

    def test_money_moves_where_the_contract_says_and_nowhere_else(self, write: str) -> None:
        """What the world paid back is held against `money`."""
        money, moved = self.contract(write).money, self.reference(write).moved
        if money is MovesMoney.YES:
            assert moved > 0, f"{write} says that it moves money; nothing was paid back"
        if money in (MovesMoney.NO, MovesMoney.LATER):
            assert moved == 0, f"{write} paid {moved} back, and its contract says {money.value}"
        result = self.reference(write).result
        if VERBS[write].money and isinstance(result, Refund) and result.amount is not None:
            assert result.amount.amount == moved, f"{write} says {result.amount}, and {moved} was paid"

    def test_a_refund_settles_when_the_contract_says(self, write: str) -> None:
        """Done at once, or followed until it is done or failed."""
        if not VERBS[write].money:
            return
        contract, result = self.contract(write), self.reference(write).result
        if contract.settles is Settles.NOW:
            assert result.state is not RefundState.PENDING, f"{write} settles now, and is pending"
            return
        at = self.workshop.site()
        at.world.settle_after = at.world.settle_after or 60.0
        move = self.do(write, at)
        move("settles")
        intent = next(each for each in at.shop.store.intents.list(account=at.shop.account_name))
        at.world.advance(at.world.settle_after + 1)
        assert at.shop.follow(intent.id) in ("done", ""), "the money is there, and that cannot be seen"

    def at_commit(self, verb: str, kind: Any, *, seconds: float = 30.0) -> Fault:
        """A fault that hits the call that commits."""
        reference = self.reference(verb)
        return self.at_call(reference, reference.commit, kind, seconds=seconds)

    def at_call(self, reference: Reference, position: int, kind: Any, *, seconds: float = 30.0) -> Fault:
        """A fault that hits the call at a position of an undisturbed write."""
        status = 504 if kind == "error_after" else 503
        on = literal(reference.calls[position])
        return Fault(kind, on, times=1, after=reference.nth(position), seconds=seconds, status=status)


def literal(call: str) -> str:
    """A call as a pattern that fits nothing else: fnmatch takes brackets for a choice."""
    return call.replace("[", "[[]")


__all__ = ["ContractChecks", "Reference", "Tried", "literal", "moved"]
