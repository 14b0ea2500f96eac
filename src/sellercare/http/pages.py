"""Walking the pages of a listing, one page at a time and no sooner than its rows are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, TypeVar

from sellercare.calls import Answer, Call, Json, Listing, Rows, Sender
from sellercare.errors import BadAnswer, SellercareError
from sellercare.translation import at_path, translated

M = TypeVar("M")

_TRANSLATION_ERRORS = (SellercareError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class OnePage:
    """The platform answers with everything at once."""

    def first(self, call: Call) -> Call:
        """The call as it is."""
        return call

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """There is no other page."""
        return None


@dataclass(frozen=True, slots=True)
class OffsetPages:
    """Pages by the number of rows to skip.

    `total` is the dotted path of the number of all rows. Without one, a page with fewer rows than `limit` is the
    last. `max_offset` is the greatest offset that the platform accepts.
    """

    limit: int
    limit_param: str = "limit"
    offset_param: str = "offset"
    max_offset: int | None = None
    total: str | None = None

    def first(self, call: Call) -> Call:
        """The first page."""
        return _with(call, {self.limit_param: self.limit, self.offset_param: 0})

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page behind the rows that were read; more than were asked for is no reason to skip any."""
        offset = call.params[self.offset_param] + count
        if not _more(self.total, payload, offset, count, self.limit, answer.where):
            return None
        if self.max_offset is not None and offset > self.max_offset:
            return None
        return _with(call, {self.offset_param: offset})


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """Numbered pages. `total` is the dotted path of the number of all rows, `pages` that of all pages.

    `pages_header` is the header that tells the number of all pages. Where nothing tells, a page with fewer rows than
    `limit` is the last.
    """

    limit: int
    limit_param: str = "per_page"
    page_param: str = "page"
    start: int = 1
    total: str | None = None
    pages: str | None = None
    pages_header: str = ""

    def first(self, call: Call) -> Call:
        """The first page."""
        return _with(call, {self.limit_param: self.limit, self.page_param: self.start})

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page with the next number."""
        page = call.params[self.page_param] + 1
        done = page - self.start
        told = answer.headers.get(self.pages_header, "") if self.pages_header else ""
        if told.isdecimal():
            more = count > 0 and done < int(told)
        elif self.pages is not None:
            more = count > 0 and done < _number(payload, self.pages, answer.where)
        else:
            more = _more(self.total, payload, done * self.limit, count, self.limit, answer.where)
        return _with(call, {self.page_param: page}) if more else None


@dataclass(frozen=True, slots=True)
class CursorPages:
    """Pages by a cursor that each answer hands out for the next one.

    `next` is its dotted path; absent, null or empty means the end. `param` takes the cursor; without a `param` the
    cursor is the whole address of the next page. `more` is the dotted path of a flag that says whether to go on.
    """

    next: str
    param: str = ""
    limit: int | None = None
    limit_param: str = "limit"
    more: str | None = None

    def first(self, call: Call) -> Call:
        """The first page, without a cursor."""
        return call if self.limit is None else _with(call, {self.limit_param: self.limit})

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page that the cursor leads to."""
        if self.more is not None and not _found(payload, self.more):
            return None
        cursor = _found(payload, self.next)
        if cursor is None or cursor == "":
            return None
        if self.param:
            return _with(call, {self.param: cursor})
        if not isinstance(cursor, str):
            raise BadAnswer(f"{answer.where}: the address of the next page is not a text.", path=f"$.{self.next}")
        return replace(call, url=cursor, params={})


@dataclass(frozen=True, slots=True)
class FromId:
    """Pages that begin behind the last row that was read.

    `id` is the dotted path of a row's id in the payload; of a list on the way, the last item is meant
    (`customerReturns.id`). With a `limit`, a page with fewer rows is the last; else an empty one is. `more` is the
    dotted path of a flag that says whether to go on: true, or a text that says so.
    """

    param: str
    id: str
    limit: int | None = None
    limit_param: str = "limit"
    more: str | None = None

    def first(self, call: Call) -> Call:
        """The first page."""
        return call if self.limit is None else _with(call, {self.limit_param: self.limit})

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page behind the last row."""
        if count == 0 or (self.limit is not None and count < self.limit):
            return None
        if self.more is not None and not _says_yes(_found(payload, self.more)):
            return None
        last = translated(lambda value: _last(value, self.id), payload, answer.where)
        return _with(call, {self.param: last})


def walk(sender: Sender, listing: Listing[Any, M]) -> Iterator[M]:
    """The rows of a listing. A page is fetched when its first row is asked for, a row translated when it is its turn.

    Raises PlatformError; BadAnswer, with the path, for a row that cannot be translated, and for a page that comes
    twice: going on would never end, and leaving it out could hide rows.
    """
    translate = listing.translate
    call: Call | None = listing.pages.first(listing.call)
    at = f"$.{listing.items}" if listing.items else "$"
    # Windows of dates touch: the last row of one may be the only row of the next.
    begins: Callable[[Call], bool] = getattr(listing.pages, "begins", lambda call: False)
    asked = set()
    before: object = None
    while call is not None:
        # Its digest: the document of a GraphQL query in each of ten thousand pages would not stay small.
        asks = repr((call.url, sorted(call.params.items()), call.json))
        place = blake2b(asks.encode(), digest_size=16).digest()
        answer = sender.read(call)
        payload = answer.payload()
        rows = at_path(payload, listing.items, answer.where)
        if not isinstance(rows, list):
            raise BadAnswer(f"{answer.where}: there is no list at {at}.", path=at)
        # The ends of a page tell it from another; to keep all of it would keep the collector busy.
        ends = (len(rows), rows[0], rows[-1]) if rows else None
        if place in asked or (ends is not None and ends == before and not begins(call)):
            raise BadAnswer(f"{answer.where}: the same page came twice.", path=at)
        asked.add(place)
        before = ends
        count = len(rows)
        if listing.together is not None:
            rows = translated(listing.together, rows, answer.where, at)
        for index, row in enumerate(rows):
            try:
                model = translate(row)
            except _TRANSLATION_ERRORS:
                model = translated(translate, row, answer.where, f"{at}[{index}]")
            yield model
        call = listing.pages.after(call, answer, payload, count)


def all_at_once(rows: Rows[Any, M]) -> Iterator[M]:
    """Rows that come all at once, each translated when it is its turn; BadAnswer, with its place, for a bad one."""
    for index, row in enumerate(rows.fetch()):
        try:
            model = rows.translate(row)
        except _TRANSLATION_ERRORS:
            model = translated(rows.translate, row, rows.where, f"$[{index}]")
        yield model


def _with(call: Call, params: dict[str, Any]) -> Call:
    return replace(call, params={**call.params, **params})


def _more(total: str | None, payload: Json, done: int, count: int, limit: int, where: str) -> bool:
    """Whether rows are left: an empty page never goes on, whatever the total says."""
    if count == 0:
        return False
    return count >= limit if total is None else done < _number(payload, total, where)


def _number(payload: Json, dotted: str, where: str) -> int:
    value = at_path(payload, dotted, where)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadAnswer(f"{where}: the number of rows or pages is not a whole number.", path=f"$.{dotted}")
    return value


def _found(payload: Json, dotted: str) -> Any:
    """The value under a dotted path, or None where the path ends early."""
    value = payload
    for key in dotted.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _says_yes(flag: Any) -> bool:
    """Whether a flag is set: in XML it is a text."""
    return flag is True or (isinstance(flag, str) and flag.strip().lower() in ("true", "yes", "y", "1"))


def _last(payload: Any, dotted: str) -> Any:
    value = payload
    for key in dotted.split("."):
        if isinstance(value, list):
            value = value[-1]
        value = value[key]
    return value
