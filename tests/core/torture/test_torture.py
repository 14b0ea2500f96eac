"""Exactly once, as seeds decide it; and the proof that the proof can fail."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sellercare.simulator.torture import PLACES, Verdict, torture
from sellercare.simulator.torture.__main__ import main
from sellercare.simulator.torture.mutations import MUTATIONS
from sellercare.simulator.torture.report import table


def tried(seeds: range) -> Verdict:
    total = Verdict()
    with torture() as running:
        for seed in seeds:
            total.add(running.run(seed)[0])
    return total


@pytest.fixture(scope="module")
def some() -> Verdict:
    """The verdict on a few hundred seeds: thirty for each platform and contract."""
    return tried(range(25 * len(PLACES)))


def test_nothing_is_done_twice_and_nothing_is_lost(some: Verdict) -> None:
    assert some.kept, table(some)
    assert some.found == []
    assert some.acted > 600
    assert some.confirmed > 600


@pytest.mark.parametrize("seed", [1715, 3407, 4037, 6797, 7211])
def test_seeds_that_found_something_once(seed: int) -> None:
    """A claim was taken for the return that was wanted for the same goods. Of equal messages the newer one was claimed,
    one of a stalled worker by its twin, a later one by an earlier write; and one refund was the proof of two."""
    assert tried(range(seed, seed + 1)).kept


def test_seeds_can_be_shared_among_processes() -> None:
    command = [sys.executable, "-m", "sellercare.simulator.torture", "--seeds", "16", "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "16 seeds" in done.stdout


def test_everything_that_can_go_wrong_did(some: Verdict) -> None:
    wanted = {"acts_late", "stale_read", "by_hand", "text_altered", "fails_later", "lost_answer", "never_arrived"}
    wanted |= {"clock_skew", "error_after", "cut_body", "stall", "death of a process", "death of a worker"}
    assert wanted <= {kind for kind, count in some.injected.items() if count > 9}


def test_every_kind_of_write_was_wanted(some: Verdict) -> None:
    verbs = {"messages.reply", "messages.start", "refunds.issue", "reviews.reply", "orders.cancel"}
    verbs |= {"returns.open", "returns.approve", "returns.decline", "returns.offer"}
    assert verbs <= {verb for verb, count in some.verbs.items() if count}
    assert min(some.verbs["returns.open"], some.verbs["orders.cancel"]) > 9


def test_what_became_of_the_money_is_told_as_it_is(some: Verdict) -> None:
    """Paid, failed after it was accepted, or called off after it was paid: the journal says what the world says."""
    assert min(some.settled["done"], some.settled["failed"]) > 9
    assert set(some.settled) <= {"done", "failed", "nobody can ask"}


def test_what_stays_unknown_is_what_the_contract_cannot_settle(some: Verdict) -> None:
    blind = {f"acme blind {verb}" for verb in ("messages.reply", "messages.start", "refunds.issue")}
    assert blind <= set(some.unknown)
    assert sum(some.unknown[what] for what in blind) > sum(some.unknown.values()) / 2


@pytest.mark.deep
def test_nothing_is_done_twice_in_many_more() -> None:
    total = tried(range(10_000, 13_000))
    assert total.kept, table(total)


@pytest.mark.parametrize("seed", range(3, 11))
def test_a_seed_goes_the_same_way_again(seed: int) -> None:
    """In another process's memory, too: nothing but the seed decides."""
    traces = set()
    for _ in range(2):
        with torture() as running:
            traces.add(running.run(seed)[1])
            traces.add(running.run(seed)[1])
    assert len(traces) == 1


@pytest.mark.parametrize("part", sorted(MUTATIONS))
def test_without_a_part_of_the_promise_it_is_found_broken(part: str) -> None:
    """The proof can fail: each part is needed, and its absence shows within 200 seeds."""
    with MUTATIONS[part](), torture() as running:
        for seed in range(200):
            verdict = running.run(seed)[0]
            if verdict.duplicates or verdict.losses:
                return
    pytest.fail(f"200 seeds did not miss {part}")


def test_the_command_prints_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--start", "5"]) == 0
    printed = capsys.readouterr().out
    for line in ("2 seeds", "writes wanted", "DUPLICATES                                  0", "LOSSES"):
        assert line in printed


def test_the_command_replays_a_seed_and_fails_where_the_promise_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "5", "--verbose"]) == 0
    assert "wants k0" in capsys.readouterr().out
    assert main(["--seeds", "40", "--without", "read-back"]) == 1
    assert "Found:" in capsys.readouterr().out
