"""A store that was upgraded step by step is the same as one that was made new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection

from sellercare.store import Store, migrations
from sellercare.store.connections import engine_for
from sellercare.store.migrations import NEWEST, VERSIONS, upgrade, versions
from sellercare.store.places import parse_url
from sellercare.store.schema import metadata


def shape(connection: Connection) -> dict[str, Any]:
    """All that the database says about its tables, in an order that does not depend on how they were made."""
    look = inspect(connection)

    def in_order(things: list[Any]) -> list[str]:
        return sorted(str({**thing, "dialect_options": options(thing)}) for thing in things)

    def options(thing: dict[str, Any]) -> dict[str, str]:
        return {name: str(value) for name, value in thing.get("dialect_options", {}).items()}

    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in look.get_columns(table)
            ],
            "key": look.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": in_order(look.get_foreign_keys(table)),
            "unique": in_order(look.get_unique_constraints(table)),
            "indexes": in_order(look.get_indexes(table)),
        }
        for table in sorted(look.get_table_names())
    }


@pytest.fixture
def upgraded(url: str, tmp_path: Path) -> dict[str, Any]:
    """The shape of an empty database after all migrations. It is undone, so that the same database can be used."""
    place = parse_url(url)
    if place.get_backend_name() == "sqlite":
        place = place.set(database=str(tmp_path / "upgraded.db"))
    engine = engine_for(place, purpose="write", lock_timeout=5)
    with engine.connect() as connection:
        upgrade(connection, None)
        assert connection.execute(select(versions.c.version_num)).scalar_one() == NEWEST
        found = shape(connection)
        connection.rollback()
    engine.dispose()
    return found


def test_upgrading_makes_the_same_tables_as_making_them_new(upgraded: dict[str, Any], store: Store) -> None:
    with store.reading() as connection:
        made = shape(connection)
    assert upgraded == made
    assert set(made) == {*metadata.tables, "sellercare_version"}


def test_the_versions_are_those_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    files = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(files)) == VERSIONS


def test_an_older_store_is_upgraded_when_it_is_opened(
    open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next version is made up here: a program that knows it upgrades what this one made."""
    open_store().close()
    called: list[str | None] = []
    monkeypatch.setattr(migrations, "NEWEST", "0002")
    monkeypatch.setattr(migrations, "upgrade", lambda connection, version: called.append(version))
    open_store()
    assert called == [VERSIONS[0]]


def test_a_new_store_needs_no_upgrade(open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "upgrade", lambda connection, version: pytest.fail("not needed"))
    open_store()
    with open_store().reading() as connection:
        assert connection.execute(select(versions.c.version_num)).scalar_one() == NEWEST


def test_making_the_tables_is_all_or_nothing(open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that dies before the version is noted leaves nothing that the next one could stumble over."""

    def die(_table: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "insert", die)
        with pytest.raises(KeyboardInterrupt):
            open_store()
    with open_store().reading() as connection:
        assert connection.execute(select(versions.c.version_num)).scalar_one() == NEWEST
