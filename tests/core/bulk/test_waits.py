"""What a run is told it waits for is what it waits for: each real wait, of each kind, by its account."""

from __future__ import annotations

import threading

from sellercare.bulk.apply import apply
from sellercare.bulk.following import Following
from sellercare.bulk.sending import TO_DO
from sellercare.store.jobs import Job
from sellercare.store.shifts import Shift
from sellercare.waiting import Wait

from .conftest import Seller

POSTS = "POST /v1/threads/{id}/messages"


class Listening(Following):
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Wait]] = []
        self.under_way: dict[int, Wait] = {}

    def waits(self, account: str, wait: Wait | None) -> None:
        if wait is None:
            del self.under_way[threading.get_ident()]
        else:
            assert threading.get_ident() not in self.under_way
            self.under_way[threading.get_ident()] = wait
            self.heard.append((account, wait))

    def of(self, kind: str) -> list[tuple[str, Wait]]:
        return [(account, wait) for account, wait in self.heard if wait.kind == kind]


def replies(seller: Seller, count: int) -> Job:
    rows = "".join(f"{seller.asks().id},Hello {n}\n" for n in range(count))
    return seller.plan(f"thread_id,text\n{rows}", offline=True)


def applied(seller: Seller, job: Job, workers: int = 1) -> Listening:
    listening = Listening()
    apply(seller.store, seller.accounts, job, workers=workers, watch=listening)
    assert listening.under_way == {}
    return listening


def test_a_turn_under_a_limit(seller: Seller) -> None:
    """Two looks before each answer count against 10 calls a second."""
    heard = applied(seller, replies(seller, 12)).of("limit")
    assert {(account, wait.what) for account, wait in heard} == {("acme", "Acme takes 10 a second from the account")}
    assert all(wait.seconds and wait.seconds < 1 for _, wait in heard)


def test_a_pause_that_the_platform_asked_for(seller: Seller) -> None:
    job = replies(seller, 1)
    seller.fault("rate_limited", POSTS, times=1, seconds=20)
    assert ("acme", Wait("pause", "Acme wants fewer calls", 20.0)) in applied(seller, job).heard


def test_a_platform_that_is_not_there(seller: Seller) -> None:
    job = replies(seller, 1)
    seller.fault("error_before", "GET /v1/threads/{id}", times=1)
    (heard,) = applied(seller, job).of("pause")
    assert heard[1].what == "Acme cannot be reached, or is busy"


def test_until_absence_is_proof(seller: Seller) -> None:
    job = replies(seller, 1)
    seller.fault("never_arrived", POSTS, times=1)
    (heard,) = applied(seller, job).of("proof")
    assert heard[1].what == "an answer was lost, so what was sent is looked up again"
    assert heard[1].seconds is not None
    assert 30 <= heard[1].seconds <= 61  # Acme acts within 30 seconds; clocks may differ by 30
    assert seller.sent() == 1


def test_another_process_that_is_at_the_same(seller: Seller) -> None:
    job = replies(seller, 1)
    other = seller.store.intents.begin(
        account="acme",
        verb="messages.reply",
        key="other",
        fingerprint="x",
        target=seller.rows(job)[0].target,
        content={},
    )
    seller.store.intents.take(other.id, "somebody", 2.0, alone=True)
    heard = applied(seller, job).of("others")
    assert {wait for _, wait in heard} == {Wait("others", "somebody else is at work on the same", None)}
    assert seller.states(job) == ["confirmed"]


def test_rows_that_others_have_in_hand(seller: Seller) -> None:
    job = replies(seller, 1)
    other = Shift(seller.store, job.id)
    other.begin()
    assert sum(map(len, other.parts(*TO_DO, account="acme", least=1))) == 1
    heard = applied(seller, job).of("others")
    assert heard[0] == ("", Wait("others", "others have rows of this run in hand", None))
