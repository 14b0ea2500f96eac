"""The file of an open store is removed, moved or replaced: what is written into it then, nobody would ever read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sellercare.errors import StoreError
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store

REPLY = {"account": "shop", "verb": "messages.reply", "fingerprint": "f", "target": "thread:1", "content": {}}


def _removed(file: Path) -> None:
    for part in file.parent.glob("store.db*"):
        part.unlink()


def _moved(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))


def _restored(file: Path) -> None:
    shutil.copy(file, file.with_name("backup"))
    os.replace(file.with_name("backup"), file)


@pytest.mark.parametrize("what", [_removed, _moved, _restored])
def test_nothing_is_said_to_be_recorded(what: Callable[[Path], None], tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with Store.open(f"sqlite:///{file}", clock=FakeClock()) as store:
        store.intents.begin(key="k1", **REPLY)  # type: ignore[arg-type]  # what all of them have
        what(file)
        for _ in range(2):
            with pytest.raises(StoreError, match="removed, moved or replaced"):
                store.intents.begin(key="k2", **REPLY)  # type: ignore[arg-type]  # as above
            with pytest.raises(StoreError, match="removed, moved or replaced"):
                store.intents.find("shop", "messages.reply", "k1")


def test_a_store_that_is_purged_stays_the_same_file(tmp_path: Path) -> None:
    from sellercare.store.purge import purge

    with Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=FakeClock()) as store:
        store.intents.begin(key="k1", **REPLY)  # type: ignore[arg-type]  # what all of them have
        purge(store, store.clock.now())
        assert store.intents.find("shop", "messages.reply", "k1") is not None
