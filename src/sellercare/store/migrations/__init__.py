"""The versions of the tables: a new database is made whole, an older one is upgraded, a newer one is refused."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select
from sqlalchemy.engine import Connection, Engine

from sellercare.errors import StoreError
from sellercare.store.schema import metadata

VERSIONS = ("0001",)
"""Every version of the tables, oldest first; each has a file in `versions`."""

NEWEST = VERSIONS[-1]

# A table of our own name: a PostgreSQL database may hold the versions of another program's tables too.
versions = Table("sellercare_version", MetaData(), Column("version_num", String(32), primary_key=True))


def bring_up_to_date(writing: Engine, reading: Engine) -> None:
    """Make or upgrade the tables. Raises StoreError for a newer version or another program's tables."""
    with reading.connect() as connection:
        if _version(connection) == NEWEST:
            return
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
    # Importing alembic takes half a second: only for those who need it.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": versions.name})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


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
