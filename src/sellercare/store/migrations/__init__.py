"""The versions of the tables: a new database is made whole, an older one is upgraded, a newer one is refused."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select
from sqlalchemy.engine import Connection, Engine

from sellercare.clock import Clock
from sellercare.errors import StoreError
from sellercare.store.schema import metadata

VERSIONS = ("0001",)
"""Every version of the tables, oldest first; each has a file in `versions`."""

NEWEST = VERSIONS[-1]

# A table of our own name: a PostgreSQL database may hold the versions of another program's tables too.
versions = Table("sellercare_version", MetaData(), Column("version_num", String(32), primary_key=True))


def bring_up_to_date(writing: Engine, reading: Engine, clock: Clock, patience: float) -> None:
    """Make or upgrade the tables. Raises StoreError for a newer version or another program's tables."""
    with reading.connect() as connection:
        if _version(connection) == NEWEST:
            return
    if writing.dialect.name == "sqlite":
        _write_ahead(writing, clock, patience)
    with writing.begin() as connection:
        version = _version(connection)
        if version is None:
            _make(connection)
        elif version != NEWEST:
            upgrade(connection, version)


def upgrade(connection: Connection, version: str | None) -> None:
    """Run the migrations from a version (None: from nothing) to the newest, in the caller's transaction."""
    if version is not None and version not in VERSIONS:
        raise StoreError(
            f"The store was made by a newer sellercare (its tables are {version}, this program knows {NEWEST}).",
            next_step="Upgrade sellercare, or give this program a store of its own.",
        )
    # Half a second: only for those who need it.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, RevisionStep
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)

    def steps(current: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", current)  # type: ignore[arg-type]

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(connection=connection, version_table=versions.name, target_metadata=metadata)
        environment.run_migrations()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(versions.name):
        return None
    return connection.execute(select(versions.c.version_num)).scalar_one_or_none()


def _make(connection: Connection) -> None:
    strangers = sorted(set(metadata.tables) & set(inspect(connection).get_table_names()))
    if strangers:
        raise StoreError(
            f"The database has tables of another program ({', '.join(strangers)}).",
            next_step="Give sellercare a database of its own.",
        )
    metadata.create_all(connection)
    versions.create(connection)
    connection.execute(insert(versions).values(version_num=NEWEST))


def _write_ahead(engine: Engine, clock: Clock, patience: float) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
