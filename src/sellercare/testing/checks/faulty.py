"""Every fault of the simulator at every call of every verb: reads recover, writes are never done twice."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import pytest

from sellercare.adapter import Adapter, OAuth2
from sellercare.calls import Answer
from sellercare.clock import SystemClock
from sellercare.errors import Conflict, OutcomeUnknown, PlatformError, RateLimited, SellercareError
from sellercare.simulator import Fault, serve
from sellercare.simulator.faults import FaultKind
from sellercare.store import Store
from sellercare.support import Readback
from sellercare.testing.checks.programs import CHEAP, Program, can_be_named, cheap_read, shop_of
from sellercare.testing.checks.written import ContractChecks, literal
from sellercare.testing.workshop import ADDRESS, Exchange

RECOVERS = ("error_before", "error_after", "never_arrived", "lost_answer", "rate_limited", "expired_token", "slow")
"""After one of these a read gives what it would have given."""

SAYS_SO = ("cut_body", "html_body")
"""After one of these a read gives what it would have given, or an error that says what came."""

CHANGES = ("stale_read", "double_page", "missing_page", "clock_skew")
"""These show another truth; a read shows it too, or says that it cannot be read."""

OF_WRITES = ("acts_late", "by_hand", "fails_later", "text_altered", "text_moderated")
"""These happen to writes only."""

FAULTS = tuple(get_args(FaultKind))
"""All faults of the simulator."""

FOUND_AGAIN = ("lost_answer", "error_after", "cut_body", "html_body", "slow")
"""After one of these the platform has acted, and a read-back finds it."""


class FaultChecks(ContractChecks):
    """Every fault at every call."""

    adapter_class: Callable[[], type[Adapter]]

    @pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in OF_WRITES])
    def test_a_read_survives(self, read: str, fault: Any) -> None:
        """At every call of the read: it recovers, or says what came instead."""
        calls, rows = self._calm(read)
        for position, call in enumerate(calls):
            at = self.workshop.site()
            look = self.look(read, at)
            hit = Fault(fault, literal(call), after=calls[:position].count(call), seconds=5.0)
            at.face.faults.add(hit)
            what = f"{read}, {fault} at {call} (call {position + 1} of {len(calls)})"
            try:
                got = _plain(look())
            except PlatformError as error:
                if fault in RECOVERS:
                    pytest.fail(f"{what}: it did not recover: {error}")
                continue
            if fault in RECOVERS or fault in SAYS_SO:
                assert len(got) == rows, f"{what}: {len(got)} rows instead of {rows}"

    def _calm(self, read: str) -> tuple[list[str], int]:
        """The calls of a read that nothing disturbs, and how many rows it gives; tried once."""
        known = self.workshop.known
        if f"calm {read}" not in known:
            at = self.workshop.site()
            look = self.look(read, at)
            began = len(at.wire.exchanges)
            rows = len(_plain(look()))
            known[f"calm {read}"] = [each.call for each in at.wire.exchanges[began:]], rows
        found: tuple[list[str], int] = known[f"calm {read}"]
        return found

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_write_is_never_done_twice(self, write: str, fault: Any) -> None:
        """At every call of the write: it ends confirmed, refused or unknown, and was done once at most."""
        reference, contract = self.reference(write), self.contract(write)
        for position, call in enumerate(reference.calls):
            what = f"{fault} at {call} (call {position + 1} of {len(reference.calls)})"
            tried = self.tried(write, [self.at_call(reference, position, fault, seconds=20.0)])
            self.judge(write, tried, what)
            unknown = isinstance(tried.error, OutcomeUnknown)
            if fault in FOUND_AGAIN and contract.readback is not Readback.NONE:
                assert not unknown, f"{what}: {write} was done, and not found: {tried.error}"
            if fault in ("error_before", "rate_limited", "expired_token") and position < reference.commit:
                assert tried.error is None, f"{what}: {write} came to nothing: {tried.error}"

    def test_a_write_survives_two_faults_at_once(self, write: str) -> None:
        """The answer is lost, and then nothing can be read for a while, or what is read is old."""
        for second in ("error_before", "stale_read", "rate_limited", "cut_body"):
            faults = [self.at_commit(write, "lost_answer"), Fault(second, "GET *", times=4, seconds=15.0)]
            faults[1].after = len(self.reference(write).calls) - 1
            tried = self.tried(write, faults)
            self.judge(write, tried, f"the answer is lost, then {second}")

    def test_calls_stay_within_the_limits(self) -> None:
        """Forty looks and twelve answers never make the platform say, in whatever words, that it is too much."""
        at = self.workshop.site(patience=3600.0)
        offered = [verb for verb, support in at.shop.adapter.supports.items() if support.offered]
        verb = next((each for each in offered if each.endswith(".list") or each == "messages.threads"), None)
        if verb is None:
            pytest.skip("no listing is offered")
        look = self.look(verb, at)
        for _ in range(40):
            look()
        if "messages.reply" in offered:
            thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
            for number in range(12):
                at.shop.messages.reply(thread_id, f"{self.text} ({number})", key=f"in-a-row-{number}")
        hurried = [each.call for each in at.wire.exchanges if each.response is not None and self._too_many(each)]
        guess = any(budget.estimated for budget in at.shop.adapter.budgets)
        assert not hurried, f"the platform was called too often: {hurried}. " + (
            "An `estimated` budget is exceeded while nobody refuses: where no limit is published, the face has none"
            if guess
            else "Declare slower `budgets`, or those of the group that these calls belong to"
        )

    def _too_many(self, exchange: Exchange) -> bool:
        """Whether an answer says that it is too much; some platforms say it with a good status."""
        assert exchange.response is not None
        status = exchange.response.status_code
        adapter = self.workshop.adapter
        if status == 429 or not (status >= 400 or adapter.errors_in_success):
            return status == 429
        try:
            code = adapter.problem(Answer(status, dict(exchange.response.headers), exchange.body, exchange.call)).code
        except (LookupError, ValueError, TypeError, AttributeError, SellercareError):
            return False  # it says something else
        return issubclass(adapter.errors.get(code, Conflict), RateLimited)

    # --- tokens ----------------------------------------------------------------------------------------------------

    def signed_in(self, face: Any) -> Mapping[str, Any]:
        """Settings that sign in by tokens which expire, where those of the face do not: say so with a pair of its."""
        return {}

    def test_two_programs_refresh_one_token_once(self, tmp_path: Path) -> None:
        """Two programs of one seller find the access token expired at the same moment: this process, and another."""
        face = self.workshop.living_face()
        refreshing = self._refreshing(face)
        with serve(face) as address:
            settings = self.workshop.settings_at(face, address) | dict(self.signed_in(face))
            store = f"sqlite:///{tmp_path / 'store.db'}"
            Store.open(store, clock=SystemClock()).close()
            mine = shop_of(refreshing, settings, store=store, account="shared")
            other = Program(refreshing, settings, store=store, account="shared")
            try:
                other.read()
                errors = [cheap_read(mine), other.said()]
                assert not any(errors), f"before the token expired: {errors}"
                known = len(face.tokens.issued)
                face.tokens.expire()
                _meet(face)
                other.read()
                errors = [cheap_read(mine), other.said()]
            finally:
                other.end()
                mine.close()
        assert not any(errors), f"a program was locked out: {errors}"
        assert face.tokens.reused == 0, "a refresh token was used twice"
        assert len(face.tokens.issued) == known + 1, "the token was refreshed more than once"

    def _refreshing(self, face: Any) -> type[Adapter]:
        """The adapter; skips where nothing is refreshed, or no other process can try it."""
        adapter = self.workshop.adapter
        settings = self.workshop.settings_at(face, ADDRESS) | dict(self.signed_in(face))
        if not isinstance(adapter.auth(adapter.settings(**settings)), OAuth2):
            pytest.skip("the adapter signs in without tokens that expire")
        if not any(adapter.supports[verb].offered for verb in CHEAP):
            pytest.skip("no cheap read is there to try it with")
        if not can_be_named(adapter):
            pytest.skip("another process cannot import the adapter: its class is not at the top of a module")
        return adapter


def _meet(face: Any) -> None:
    """Let the next two requests wait for each other: both programs find the token expired before one renews it."""
    plain, numbers, both = face.handle, itertools.count(), threading.Barrier(2)

    def handle(request: Any) -> Any:
        if next(numbers) < both.parties:
            with suppress(threading.BrokenBarrierError):  # one that asks for nothing is seen by what was issued
                both.wait(timeout=10)
        return plain(request)

    face.handle = handle


def _plain(found: Any) -> list[Any]:
    """What was read, as a list."""
    if isinstance(found, bytes):
        return [found]
    return list(found) if isinstance(found, list | tuple) else [found]


__all__ = ["CHANGES", "FAULTS", "FOUND_AGAIN", "OF_WRITES", "RECOVERS", "SAYS_SO", "FaultChecks"]
