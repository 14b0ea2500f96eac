"""Tokens: kept durably, renewed by one at a time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from sellercare.errors import SignInNeeded, StoreError
from sellercare.http.protocols import Tokens as TokensProtocol
from sellercare.http.protocols import TokenSet
from sellercare.simulator.clock import START, FakeClock
from sellercare.store import Store
from sellercare.store.schema import tokens
from sellercare.store.tokens import LEASE

OLD = TokenSet("access-1", "refresh-1", START, ("orders", "messages"))
NEW = TokenSet("access-2", "refresh-2", START + timedelta(hours=12), ("orders", "messages"))
OTHER = TokenSet("access-3", "refresh-3")


def never(_stale: TokenSet) -> TokenSet:
    raise AssertionError("there was nothing to renew")


def test_it_is_what_http_asks_for(store: Store) -> None:
    kept: TokensProtocol = store.tokens
    assert kept.load("nobody") is None


@pytest.mark.parametrize("held", [OLD, OTHER, TokenSet("only access")])
def test_what_was_saved_is_loaded_by_every_process(open_store: Callable[[], Store], held: TokenSet) -> None:
    open_store().tokens.save("seller", held)
    assert open_store().tokens.load("seller") == held


def test_a_time_in_another_zone_is_the_same_moment(store: Store) -> None:
    local = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=3)))
    store.tokens.save("seller", TokenSet("a", "r", local))
    loaded = store.tokens.load("seller")
    assert loaded is not None
    assert loaded.expires_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert loaded.expires_at.tzinfo is UTC


def test_saving_replaces_and_forgetting_removes(store: Store) -> None:
    store.tokens.save("seller", OLD)
    store.tokens.save("seller", NEW)
    store.tokens.save("somebody else", OTHER)
    assert store.tokens.load("seller") == NEW
    store.tokens.forget("seller")
    store.tokens.forget("seller")
    assert store.tokens.load("seller") is None
    assert store.tokens.load("somebody else") == OTHER


def test_a_renewal_is_stored_before_it_is_returned(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    one.tokens.save("seller", OLD)
    asked: list[TokenSet] = []

    def renew(stale: TokenSet) -> TokenSet:
        asked.append(stale)
        return NEW

    assert one.tokens.refresh("seller", OLD, renew) == NEW
    assert asked == [OLD]
    assert other.tokens.load("seller") == NEW


def test_a_newer_set_is_returned_without_renewing(store: Store) -> None:
    store.tokens.save("seller", NEW)
    assert store.tokens.refresh("seller", OLD, never) == NEW


def test_a_first_renewal_with_tokens_from_the_settings(store: Store) -> None:
    assert store.tokens.refresh("seller", OLD, lambda stale: NEW) == NEW
    assert store.tokens.load("seller") == NEW


def test_nothing_is_loaded_while_a_first_renewal_runs(store: Store) -> None:
    seen: list[TokenSet | None] = []

    def renew(stale: TokenSet) -> TokenSet:
        seen.append(store.tokens.load("seller"))
        return NEW

    store.tokens.refresh("seller", OLD, renew)
    assert seen == [None]


@pytest.mark.parametrize("saved_before", [True, False])
def test_a_failed_renewal_gives_the_lease_back(store: Store, clock: FakeClock, saved_before: bool) -> None:
    if saved_before:
        store.tokens.save("seller", OLD)

    def refuse(_stale: TokenSet) -> TokenSet:
        raise SignInNeeded("revoked")

    with pytest.raises(SignInNeeded):
        store.tokens.refresh("seller", OLD, refuse)
    assert store.tokens.load("seller") == (OLD if saved_before else None)
    assert store.tokens.refresh("seller", OLD, lambda stale: NEW) == NEW
    assert clock.slept == 0


def test_ctrl_c_gives_the_lease_back(store: Store, clock: FakeClock) -> None:
    def interrupted(_stale: TokenSet) -> TokenSet:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.tokens.refresh("seller", OLD, interrupted)
    assert store.tokens.refresh("seller", OLD, lambda stale: NEW) == NEW
    assert clock.slept == 0


def test_a_failure_does_not_matter_when_somebody_signed_in_meanwhile(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    one.tokens.save("seller", OLD)

    def refuse(_stale: TokenSet) -> TokenSet:
        other.tokens.save("seller", OTHER)
        raise SignInNeeded("revoked")

    assert one.tokens.refresh("seller", OLD, refuse) == OTHER


def test_a_set_that_was_signed_in_meanwhile_is_not_overwritten(open_store: Callable[[], Store]) -> None:
    one, other = open_store(), open_store()
    one.tokens.save("seller", OLD)

    def renew(_stale: TokenSet) -> TokenSet:
        other.tokens.save("seller", OTHER)
        return NEW

    assert one.tokens.refresh("seller", OLD, renew) == OTHER
    assert one.tokens.load("seller") == OTHER


def hold(store: Store, until: datetime) -> None:
    """A lease of another process that says nothing more."""
    with store.transaction() as connection:
        connection.execute(
            update(tokens).where(tokens.c.credential == "seller").values(owner="dead", owned_until=until.timestamp())
        )


def test_the_lease_of_a_dead_process_ends(store: Store, clock: FakeClock) -> None:
    store.tokens.save("seller", OLD)
    hold(store, clock.now() + timedelta(seconds=20))
    assert store.tokens.refresh("seller", OLD, lambda stale: NEW) == NEW
    assert clock.slept == pytest.approx(20, abs=0.5)


def test_a_lease_under_a_clock_that_is_ahead_ends_too(store: Store, clock: FakeClock) -> None:
    store.tokens.save("seller", OLD)
    hold(store, clock.now() + timedelta(days=400))
    assert store.tokens.refresh("seller", OLD, lambda stale: NEW) == NEW
    assert clock.slept == pytest.approx(LEASE, abs=0.5)


def test_a_lease_lasts_longer_than_a_renewal_may_take() -> None:
    """http/protocols.py promises a minute at most."""
    assert LEASE > 60


def test_who_waits_gets_the_set_of_the_other(open_store: Callable[[], Store], clock: FakeClock) -> None:
    """The other process stores its set while we wait for its lease."""
    one, other = open_store(), open_store()
    one.tokens.save("seller", OLD)
    hold(one, clock.now() + timedelta(seconds=60))

    class Arriving(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.slept > 1:
                other.tokens.save("seller", OTHER)

    with Store.open(one.url.render_as_string(hide_password=False), clock=Arriving()) as waiting:
        assert waiting.tokens.refresh("seller", OLD, never) == OTHER


def test_many_threads_renew_once(store: Store, clock: FakeClock) -> None:
    store.tokens.save("seller", OLD)
    started = threading.Barrier(8)
    uses: list[str] = []
    found: list[TokenSet] = []

    def renew(stale: TokenSet) -> TokenSet:
        uses.append(stale.refresh)
        return NEW

    def ask() -> None:
        started.wait()
        found.append(store.tokens.refresh("seller", OLD, renew))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert uses == ["refresh-1"]
    assert found == [NEW] * 8
    assert clock.slept == 0


def test_credentials_do_not_wait_for_each_other(store: Store) -> None:
    def renew_another(_stale: TokenSet) -> TokenSet:
        return store.tokens.refresh("another seller", OTHER, lambda stale: NEW)

    assert store.tokens.refresh("seller", OLD, renew_another) == NEW


def test_two_processes_use_a_refresh_token_once(url: str, tmp_path: Path) -> None:
    """Two real processes over one database; the platform kills a refresh token when it is used."""
    platform = tmp_path / "platform"
    platform.mkdir()
    (platform / "current").write_text("refresh-1")
    script = str(Path(__file__).with_name("one_refresher.py"))
    processes = [
        subprocess.Popen(
            [sys.executable, script, url, str(platform), me, other],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for me, other in (("a", "b"), ("b", "a"))
    ]
    said = [process.communicate(timeout=60) for process in processes]
    assert [out for out, _ in said] == ["access-2 refresh-2\n"] * 2, said
    assert len((platform / "uses").read_text().splitlines()) == 1


def full_disk(store: Store) -> None:
    """No more room for anything: what happens from here on is what happens on a full disk."""
    with store.transaction() as connection:
        connection.execute(text(f"PRAGMA max_page_count={connection.execute(text('PRAGMA page_count')).scalar_one()}"))


def more_room(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(text("PRAGMA max_page_count=1073741823"))


def test_a_new_set_that_cannot_be_stored_is_not_lost(sqlite_url: str, clock: FakeClock) -> None:
    """The platform has killed the old refresh token, so this process keeps the new set until there is room."""
    new = TokenSet("a" * 20_000, "refresh-2")
    with Store.open(sqlite_url, clock=clock) as store:
        store.tokens.save("seller", OLD)
        full_disk(store)
        with pytest.raises(StoreError, match="renewed but could not be stored") as caught:
            store.tokens.refresh("seller", OLD, lambda stale: new)
        assert "disk is full" in str(caught.value)
        assert "sign in again" in caught.value.next_step
        assert "aaaa" not in str(caught.value)
        more_room(store)
        assert store.tokens.refresh("seller", OLD, never) == new
        assert store.tokens.load("seller") == new
        assert clock.slept == 0


def test_nothing_is_renewed_where_it_could_not_be_stored(sqlite_url: str, clock: FakeClock) -> None:
    with Store.open(sqlite_url, clock=clock) as store:
        store.tokens.save("seller", OLD)
        with store.transaction() as connection:
            connection.execute(text("PRAGMA query_only=ON"))
        with pytest.raises(StoreError):
            store.tokens.refresh("seller", OLD, never)


@pytest.mark.parametrize("sealed", [b"\xff", b"[]", b'{"access": "SECRET"}', b'{"access": "SECRET', b'"SECRET"'])
def test_tokens_that_cannot_be_read_are_not_shown(store: Store, sealed: bytes) -> None:
    with store.transaction() as connection:
        connection.execute(insert(tokens).values(credential="seller", sealed=sealed, version=1, stored_at=0))
    with pytest.raises(StoreError, match="cannot be read") as caught:
        store.tokens.load("seller")
    assert "Sign in again" in str(caught.value)
    assert "SECRET" not in f"{caught.value} {caught.value.__cause__}"
    store.tokens.save("seller", NEW)
    assert store.tokens.load("seller") == NEW


def test_what_is_stored_is_dated_by_the_clock(store: Store, clock: FakeClock) -> None:
    store.tokens.save("seller", OLD)
    with store.reading() as connection:
        row = connection.execute(select(tokens)).one()
    assert row.stored_at == clock.now().timestamp()
    assert json.loads(bytes(row.sealed))["expires_at"] == "2026-03-02T09:00:00+00:00"
