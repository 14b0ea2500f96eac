"""Who waits says for what, and only then: a turn, a pause, somebody else, a proof."""

from __future__ import annotations

import pytest

from sellercare.bulk.plan import in_order
from sellercare.simulator import FakeClock
from sellercare.waiting import Wait, told_to, wait_for


class Heard(list[Wait | None]):
    """What a listener was told, in order."""

    def __call__(self, wait: Wait | None) -> None:
        self.append(wait)


def test_a_wait_is_told_while_it_lasts_and_takes_its_time() -> None:
    clock, heard = FakeClock(), Heard()
    began = clock.now()
    with told_to(heard):
        wait_for(clock, 3.0, "limit", "Acme takes 1 a second from the account")
    assert heard == [Wait("limit", "Acme takes 1 a second from the account", 3.0), None]
    assert (clock.now() - began).total_seconds() == 3.0


def test_without_a_listener_it_only_sleeps() -> None:
    clock, heard = FakeClock(), Heard()
    with told_to(heard):
        pass
    began = clock.now()
    wait_for(clock, 3.0, "limit", "x")
    assert (clock.now() - began).total_seconds() == 3.0
    assert heard == []


def test_what_takes_no_time_is_no_wait() -> None:
    heard = Heard()
    with told_to(heard):
        wait_for(FakeClock(), 0.0, "pause", "x")
    assert heard == []


def test_an_interrupted_wait_is_over() -> None:
    class Interrupted(FakeClock):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    heard = Heard()
    with told_to(heard), pytest.raises(KeyboardInterrupt):
        wait_for(Interrupted(), 3.0, "others", "x", known=False)
    assert heard == [Wait("others", "x", None), None]


def test_the_threads_of_a_plan_tell_who_listens_to_the_plan() -> None:
    heard = Heard()
    with told_to(heard):
        list(in_order(lambda _: wait_for(FakeClock(), 1.0, "limit", "x"), range(3), 2))
    assert heard.count(Wait("limit", "x", 1.0)) == 3
