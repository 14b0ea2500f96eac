"""Exactly once, as seeds decide it; and the proof that the proof can fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sellercare.simulator.torture import PLACES, Torture, Verdict, torture
from sellercare.simulator.torture.mutations import MUTATIONS
from sellercare.simulator.torture.report import table

PLENTY = 200


@pytest.fixture
def running() -> Iterator[Torture]:
    with torture() as made:
        yield made


def tried(running: Torture, seeds: range) -> Verdict:
    total = Verdict()
    for seed in seeds:
        total.add(running.run(seed)[0])
    return total


def test_nothing_is_done_twice_and_nothing_is_lost(running: Torture) -> None:
    total = tried(running, range(200))
    assert total.kept, table(total)
    assert total.found == []
    assert total.acted > PLENTY
    assert total.confirmed > PLENTY


@pytest.mark.deep
def test_nothing_is_done_twice_in_many_more(running: Torture) -> None:
    total = tried(running, range(200, 3000))
    assert total.kept, table(total)


def test_everything_that_can_go_wrong_did(running: Torture) -> None:
    total = tried(running, range(200, 264))
    wanted = {"acts_late", "stale_read", "by_hand", "text_altered", "fails_later", "lost_answer", "never_arrived"}
    assert wanted | {"stall", "death of a process", "death of a worker"} <= {k for k, n in total.injected.items() if n}


def test_what_stays_unknown_is_what_the_contract_cannot_settle(running: Torture) -> None:
    blind = [index for index, (_, contract) in enumerate(PLACES) if contract == "blind"]
    total = Verdict()
    for seed in range(blind[0], 160, len(PLACES)):
        total.add(running.run(seed)[0])
    assert total.kept, table(total)
    assert set(total.unknown) <= {
        f"acme blind {verb}" for verb in ("messages.reply", "messages.start", "refunds.issue")
    }
    assert total.unknown


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
