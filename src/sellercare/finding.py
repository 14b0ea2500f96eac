"""Finding a lost write in a list that the platform shows: what most platforms' read-backs have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sellercare.calls import Call, Json
from sellercare.errors import NotFound, OutcomeUnknown
from sellercare.interfaces import Context
from sellercare.models import LineQuantity, Model, RefundLine, ReturnKind, ReturnLine
from sellercare.translation import at_path, identity, instant
from sellercare.writes import Found, Search

CLOCK_SKEW = timedelta(minutes=10)
"""By how much a platform's clock and ours may differ."""


def in_rows(
    rows: Sequence[Any],
    search: Search,
    same: Callable[[Any], bool],
    *,
    sure: bool = False,
    made_at: Callable[[Any], str] = lambda row: row["created_at"],
    id: str = "id",
) -> Found | None:
    """The row that a lost write made: one that was not there `before`, is not `taken`, not older, and `same`.

    Rows are newest first; `id` is what their id is called, `made_at` takes their time; `before` holds the ids that were
    shown before. Without a sure sign (`sure`: a marker of ours came back), a new row that is not the same raises
    OutcomeUnknown: it may be ours, altered by the platform, and absence would be no proof. So does one that is the same
    and older, but was not there `before`: our clock may have been ahead.
    """
    known = search.taken | {identity(each) for each in search.before or ()}
    since = search.sent_at - CLOCK_SKEW
    unseen = [row for row in rows if identity(row[id]) not in known]
    new = [row for row in unseen if instant(made_at(row)) >= since]
    ours = [row for row in (unseen if sure else new) if same(row)]
    if ours:
        return Found(identity(ours[-1][id]), ours[-1])
    if search.before is not None and any(same(row) for row in unseen):
        raise OutcomeUnknown("the same is there, older than what was sent and not seen before: a clock may be wrong")
    if new and not sure:
        raise OutcomeUnknown("something new is there that differs from what was sent: it may be ours, altered")
    return None


def in_state(
    ctx: Context,
    thing: Call,
    done: Callable[[Any], Any],
    parts: Iterable[str],
    *,
    within: str = "",
    id: str = "id",
) -> tuple[Callable[[Search], Found | None], Callable[[], Json]]:
    """A way of finding a write that sets a state, and the look at the thing before that it needs.

    Done if the thing has that state; not done if those `parts` of it that it has are as they were. Else something
    happened in between, perhaps after ours, and nothing can be told: OutcomeUnknown.
    `within` is the dotted path of the thing in the answer, `id` what its id is called. The thing is what is kept.
    """

    def look() -> Any:
        return at_path(ctx.read(thing), within, thing.path)

    def shown(row: Any) -> Json:
        return {part: row[part] for part in parts if part in row}

    def find(search: Search) -> Found | None:
        row = look()
        if done(row):
            return Found(identity(row[id]), row)
        if shown(row) != search.before:
            raise OutcomeUnknown("it has changed since, to what was not asked for: ours may have come before that")
        return None

    return find, lambda: shown(look())


def at(ctx: Context, thing: Call) -> Callable[[Search], Found | None]:
    """A way of finding a write that has an address of its own, such as its key: there, or NotFound."""

    def find(search: Search) -> Found | None:
        try:
            row = ctx.read(thing)
        except NotFound:
            return None
        return Found(row["id"], row)

    return find


def same_content(found: Model, asked: Model) -> bool:
    """Whether what was found has the text, the amount and the order lines that were asked for, as far as they were.

    A return is of the kind that was asked for, too, unless the platform's word for its kind is one that we do not know.
    """
    text, amount = getattr(asked, "text", None), getattr(asked, "amount", None)
    if text is not None and text != getattr(found, "text", None):
        return False
    if amount is not None and amount != getattr(found, "amount", None):
        return False
    kind, shown = getattr(asked, "kind", None), getattr(found, "kind", None)
    if isinstance(kind, ReturnKind) and shown not in (kind, ReturnKind.UNKNOWN):
        return False
    return _same_lines(getattr(found, "lines", ()), getattr(asked, "lines", ()))


def _same_lines(found: Iterable[ReturnLine | RefundLine], asked: Iterable[LineQuantity]) -> bool:
    pieces = {line.order_line_id: line.quantity for line in found}
    wanted = {line.id: line.quantity for line in asked}
    return pieces.keys() == wanted.keys() and all(
        count is None or count == pieces[line_id] for line_id, count in wanted.items()
    )
