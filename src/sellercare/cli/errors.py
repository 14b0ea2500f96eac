"""How the program ends: every error as plain sentences on standard error, and an exit code.

0    all done
1    something failed or was refused, rows of a file are bad or held, or it was not confirmed
2    wrong usage or wrong input; nothing was sent
3    an outcome is unknown: look, before anything is sent again
4    a setting, an account, an app or a sign-in is missing or wrong
5    the store cannot be used; the message says whether anything was sent before
70   a defect in sellercare
130  interrupted
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from errno import ENOSPC
from typing import Any

import click

from sellercare.cli.text import clean, json_line
from sellercare.errors import (
    AmbiguousRefund,
    BadInput,
    Changed,
    ConfigError,
    Forbidden,
    KeyConflict,
    NotAllowedNow,
    NotFound,
    OutcomeUnknown,
    PlatformError,
    Refused,
    SellercareError,
    StoreError,
    TryLater,
    Unauthorized,
    Unsupported,
)

DONE, FAILED, USAGE, UNKNOWN, SIGN_IN, STORE, DEFECT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130

_CODES: tuple[tuple[type[SellercareError], int], ...] = (
    (OutcomeUnknown, UNKNOWN),
    (BadInput, USAGE),
    (ConfigError, SIGN_IN),
    (Unauthorized, SIGN_IN),
    (StoreError, STORE),
)

_CALL = re.compile(r"^(?:GET|POST|PUT|PATCH|DELETE) \S+: ")
"""The call that an error names first tells developers something, and programs get it; sellers read on without it."""

_NEXT: tuple[tuple[type[SellercareError], str], ...] = (
    (OutcomeUnknown, "Look at the marketplace's own pages before you send it again."),
    (NotFound, "Check the id, and that it belongs to this account."),
    (Forbidden, "`sellercare accounts check` shows what is missing."),
    (Refused, "Look at it again: the marketplace may show why."),
    (Unauthorized, "`sellercare accounts check` shows what is wrong with the sign-in."),
    (TryLater, "Try again later."),
    (BadInput, "Correct it, and try again."),
    (ConfigError, "Correct the setting; `sellercare accounts list` shows what is configured."),
    (NotAllowedNow, "Look at it again: what is allowed changes with its state."),
    (Unsupported, "`sellercare adapters` shows what each platform can do."),
    (StoreError, "Check the folder of the store: its owner, its rights, and the free space."),
)
"""What to do next where an error itself does not say it."""

_NO_COMMAND: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""A group without a command: its message is the group's help. Before click 8.2 click shows it by itself."""

CHANGED = {
    Changed.NO: "Nothing was changed at the marketplace.",
    Changed.YES: "The marketplace has acted.",
    Changed.UNKNOWN: "It is not known whether the marketplace acted.",
}
"""The second sentence of every error."""


class NotConfirmed(SellercareError):
    """The person was asked and said no."""

    code = "not-confirmed"


class Interrupted(SellercareError):
    """Ctrl-C, with what is known about the write that was under way."""

    code = "interrupted"


class WhileSending(Exception):
    """A defect while a write was under way; its cause is the defect, its text what to do next."""


def exit_code(error: SellercareError) -> int:
    """The exit code of an error."""
    if isinstance(error, Interrupted):
        return INTERRUPTED
    if error.changed is Changed.UNKNOWN:
        return UNKNOWN
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)


def worst(codes: Iterable[int]) -> int:
    """One exit code of several accounts or rows: an unknown outcome first, else the one they share, else 1."""
    bad = {code for code in codes if code != DONE}
    if not bad:
        return DONE
    if UNKNOWN in bad:
        return UNKNOWN
    return bad.pop() if len(bad) == 1 else FAILED


def show(error: SellercareError, *, as_json: bool = False, account: str = "", key: str = "") -> None:
    """Tell an error on standard error: what happened, whether anything changed, what to do next.

    `key` is the key of a write whose outcome is open.
    """
    if as_json:
        where = {name: value for name, value in (("account", account), ("key", key)) if value}
        click.echo(json_line(where | _plain(error)), err=True)
        return
    message = _CALL.sub("", clean(error.message))
    click.echo(f"Error: {account + ': ' if account else ''}{message}", err=True)
    for line in _more(error):
        click.echo(f"  {clean(line)}", err=True)
    if key:
        click.echo(f"  With --key {clean(key)} it is looked up again and never sent twice.", err=True)


def _more(error: SellercareError) -> Iterable[str]:
    if isinstance(error, AmbiguousRefund):
        for option in error.options:
            yield f"option {option.id}: {option.title}, up to {option.most}"
    if isinstance(error, KeyConflict):
        yield f"before: {json.dumps(error.before, ensure_ascii=False, default=str)}"
        yield f"now:    {json.dumps(error.now, ensure_ascii=False, default=str)}"
    yield CHANGED[error.changed]
    if isinstance(error, OutcomeUnknown) and error.look_at and error.look_at not in next_step(error):
        yield error.look_at
    yield next_step(error)
    if isinstance(error, PlatformError) and error.request_id:
        yield f"The platform's support may ask for this id: {error.request_id}"


def next_step(error: SellercareError) -> str:
    """What to do next: what the error says, else what is right for its kind."""
    if error.next_step:
        return error.next_step
    return next((text for kind, text in _NEXT if isinstance(error, kind)), "")


def _plain(error: SellercareError) -> dict[str, Any]:
    """The error as data, with the options of an ambiguous refund and both sides of a key conflict."""
    plain = error.details() | {"next_step": next_step(error)}
    if isinstance(error, AmbiguousRefund):
        plain["options"] = [option.model_dump(mode="json") for option in error.options]
    if isinstance(error, KeyConflict):
        plain |= {"before": error.before, "now": error.now}
    return plain


def end(error: BaseException, args: Sequence[str]) -> int:
    """Tell the error that ended the program, and give its exit code."""
    as_json = "--json" in args
    if isinstance(error, SellercareError):
        show(error, as_json=as_json)
        return exit_code(error)
    if isinstance(error, click.ClickException):
        return _wrong_usage(error, as_json)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return _stopped(error, as_json)
    from sellercare.cli.defects import report

    if isinstance(cause := error.__cause__ or error, OSError) and cause.filename is None and cause.errno == ENOSPC:
        show(_no_room(error), as_json=as_json)
        return FAILED
    if isinstance(error, WhileSending):
        message, next_step = report(error.__cause__ or error)
        defect = Defect(message, next_step=f"{error} {next_step}", changed=Changed.UNKNOWN)
    else:
        message, next_step = report(error)
        defect = Defect(message, next_step=next_step)
    show(defect, as_json=as_json)
    return DEFECT


class Defect(SellercareError):
    """Something in sellercare itself is wrong."""

    code = "defect"


def _wrong_usage(error: click.ClickException, as_json: bool) -> int:
    if isinstance(error, _NO_COMMAND):
        click.echo(error.format_message(), err=True)
        return USAGE
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "sellercare"
    message = " ".join(error.format_message().split())
    show(BadInput(message, next_step=f"See `{where} -h`."), as_json=as_json)
    return USAGE


def _no_room(error: BaseException) -> SellercareError:
    """What is shown goes into a file on a full disk; a store on a full disk says so itself."""
    changed, next_step = Changed.NO, "Make room on the disk, or send the output elsewhere."
    if isinstance(error, WhileSending):
        changed, next_step = Changed.UNKNOWN, f"{next_step} {error}"
    return SellercareError("The output cannot be written: the disk is full.", next_step=next_step, changed=changed)


def _stopped(error: BaseException, as_json: bool) -> int:
    """Ctrl-C, or a question that nobody answered. Writes under way explain themselves before this (see writing)."""
    if isinstance(error.__cause__ or error.__context__, EOFError):
        show(BadInput("There is nobody to answer the question.", next_step="Add --yes, or --dry-run to look first."),
             as_json=as_json)  # fmt: skip
        return USAGE
    if sys.stderr.isatty():
        click.echo(err=True)  # the terminal shows ^C where the cursor was
    show(Interrupted("Stopped by you.", next_step="Run the same command again when you like."), as_json=as_json)
    return INTERRUPTED


__all__ = [
    "CHANGED",
    "DEFECT",
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "SIGN_IN",
    "STORE",
    "UNKNOWN",
    "USAGE",
    "Defect",
    "Interrupted",
    "NotConfirmed",
    "WhileSending",
    "end",
    "exit_code",
    "show",
    "worst",
]
