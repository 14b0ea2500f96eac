"""Problems of a database, said in sentences: what is wrong and what to do. Nothing was sent in any of them."""

from __future__ import annotations

from sqlalchemy import exc

from sellercare.errors import StoreError

_LOCKED = (
    "is locked by another program",
    "Wait until the other program is done, or end it, then run the same thing again.",
)
_READ_ONLY = (
    "cannot be written: the file, its folder or the disk is read-only",
    "Make the file and its folder writable for you, or give the store another place.",
)
_FULL = ("cannot be written: the disk is full", "Make room on the disk, then run the same thing again.")
_BROKEN = (
    "is damaged",
    "Stop every program that uses it, keep a copy, and restore a backup. What was sent is still at the marketplace: "
    "compare before you send again.",
)
_NO_DATABASE = ("is not a sellercare database", "Give the store another file; this one was left as it is.")
_CANNOT_OPEN = (
    "cannot be opened: the file or its folder is missing, or not yours to write",
    "Check the path, who owns the file and its folder, and whether they are read-only.",
)
_DISK = ("cannot be read or written: the disk reports an error", "Check the disk, then run the same thing again.")
_UNREACHABLE = (
    "cannot be reached",
    "Check that the database server runs, the host and port in the store's URL, and the network.",
)
_PASSWORD = ("does not accept the user or password", "Check user and password in the store's URL.")
_NO_SUCH_DATABASE = (
    "has no database of this name",
    "Create the database on the server, or correct its name in the store's URL.",
)
_RIGHTS = (
    "does not allow this user to do that",
    "Give the user of the store's URL the right to create and write tables.",
)
_BUSY_POOL = (
    "is busy: every connection of this process is in use",
    "Use fewer threads, then run the same thing again.",
)
_VALUE = (
    "cannot keep one of the values: it is too long or has characters that the database does not take",
    "Shorten the key or the text, and remove NUL characters.",
)
_OTHER = ("gave an unexpected error", "Run the same thing again; report it if it stays.")

Sentence = tuple[str, str]

# The primary result codes of https://www.sqlite.org/rescode.html; an extended code has them in its low byte.
_SQLITE: dict[int, Sentence] = {
    3: _CANNOT_OPEN,
    5: _LOCKED,
    6: _LOCKED,
    8: _READ_ONLY,
    10: _DISK,
    11: _BROKEN,
    13: _FULL,
    14: _CANNOT_OPEN,
    26: _NO_DATABASE,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, Sentence] = {
    "25006": _READ_ONLY,
    "28000": _PASSWORD,
    "28P01": _PASSWORD,
    "3D000": _NO_SUCH_DATABASE,
    "42501": _RIGHTS,
    "53100": _FULL,
    "53300": (
        "takes no more connections",
        "Use fewer processes, or let the server take more connections.",
    ),
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "XX001": _BROKEN,
    "XX002": _BROKEN,
}


def replaced(place: str) -> StoreError:
    """The StoreError where the file of an open store is not at its place any more.

    The system keeps such a file until it is closed, and SQLite goes on writing into it: nobody would ever read that.
    """
    return StoreError(
        f"The store {place} was removed, moved or replaced while this program used it.",
        next_step="End every program that uses it, put the right file at its place, and start again. What was sent "
        "since is still at the marketplace: compare before you send again.",
    )


def explain(error: exc.SQLAlchemyError, place: str) -> StoreError:
    """The StoreError for a database problem. `place` names the store without a password."""
    what, next_step = _sentence(error)
    reason = "" if (what, next_step) != _OTHER else f" ({type(error).__name__})"
    return StoreError(f"The store {place} {what}{reason}.", next_step=next_step)


def _sentence(error: exc.SQLAlchemyError) -> Sentence:
    if isinstance(error, exc.TimeoutError):
        return _BUSY_POOL
    if isinstance(error, exc.DataError):
        return _VALUE
    if not isinstance(error, exc.DBAPIError):
        return _OTHER
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, _OTHER)
    return _postgres(error)


def _postgres(error: exc.DBAPIError) -> Sentence:
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _POSTGRES.get(state, _UNREACHABLE if state[:2] in ("08", "57") else _OTHER)
    # A connection that never came about has no code, only the server's words, in the server's language.
    words = str(error.orig)
    if "database" in words and "does not exist" in words:
        return _NO_SUCH_DATABASE
    if any(word in words for word in ("password", "authentication", "role", "pg_hba.conf")):
        return _PASSWORD
    return _UNREACHABLE if isinstance(error, exc.OperationalError | exc.InterfaceError) else _OTHER
