"""What an adapter asks the core to send: calls, the answers to them, and listings over many pages.

An adapter never sends anything itself. It describes a call; the core authorises, throttles, retries, logs and
redacts it. It describes a listing; the core walks the pages and applies the filters that the platform lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Literal, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from sellercare.errors import BadAnswer
from sellercare.markup import parse_xml

W = TypeVar("W")
M = TypeVar("M")

Json = Any
"""A value of a JSON document, with its fractions as Decimal."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def parse_json(data: bytes | str) -> Json:
    """A JSON document as Python values; fractions become Decimal, exactly as written. ValueError if it is none."""
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ArithmeticError:
        raise ValueError("a number in it is beyond all measure") from None


def to_json(value: Json) -> bytes:
    """Python values as a JSON document; Decimals are written as numbers, digit for digit."""
    return _encode(value)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `act` says whether it changes anything, whatever the HTTP method.

    `path` is a template (`/threads/{id}`) that `ids` fill in, quoted; it is also what logs and rate budgets see.
    `url` is used instead of base and path where the platform handed us an address; its host must be one of the
    adapter's own. `body` is sent as it is; `json` is encoded. `group` names the rate budget, of which the call takes
    `cost` units. `timeout` in seconds.
    With `storage` the address is a storage service's (see `stored`); a file that is `packed` is unpacked.
    `expect` is what the answer should be: a JSON or XML document, bytes, or nothing. `lists` names what is a list in
    an XML document, as `parent.child`. `title` is what logs and errors call it where method and path say nothing,
    because the platform has one address for everything.
    A read that changes something by looking names in `looks_at` what it changes (`item-151`): the look is noted before
    it leaves, and its answer kept in the store, as it came, before anybody gets it.
    """

    act: Literal["read", "write"]
    method: str
    path: str
    ids: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Json = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    base: str = "api"
    url: str | None = None
    group: str = "default"
    cost: float = 1.0
    storage: bool = False
    packed: Literal["", "gzip"] = ""
    timeout: float | None = None
    expect: Literal["json", "xml", "bytes", "nothing"] = "json"
    lists: frozenset[str] = frozenset()
    looks_at: str = ""
    title: str = ""

    def full_path(self) -> str:
        """The path with its ids, each quoted so that an id can never become another path."""
        path = self.path
        for name, value in self.ids.items():
            if value in ("", ".", ".."):
                raise ValueError(f"{value!r} is not an id ({name})")
            path = path.replace("{" + name + "}", quote(value, safe=""))
        return path


def read(path: str, *, method: str = "GET", **more: Any) -> Call:
    """A call that changes nothing."""
    return Call("read", method, path, **more)


def write(method: str, path: str, **more: Any) -> Call:
    """A call that changes something: sent once."""
    return Call("write", method, path, **more)


def stored(act: Literal["read", "write"], url: str, *, method: str = "GET", **more: Any) -> Call:
    """A call to a storage service (S3 and its like) at an address that the platform handed us.

    It goes to another host, over https only, without our credentials, the adapter's headers and the platform's limits:
    the address itself is the permission. `packed="gzip"` has the file unpacked.
    """
    return Call(act, method, "", url=url, storage=True, expect="bytes" if act == "read" else "nothing", **more)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `where` names the call in errors; `request_id` is what the platform's support asks for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    where: str = ""
    request_id: str = ""

    def json(self) -> Json:
        """The body as JSON; BadAnswer if it is something else: an HTML page, a cut document, nothing."""
        if not self.body.strip():
            raise self._bad("the answer is empty where a JSON document was expected")
        if self.body.lstrip()[:1] == b"<":
            raise self._bad("the answer is an HTML or XML page where a JSON document was expected")
        try:
            return parse_json(self.body)
        except ValueError as error:
            raise self._bad(f"the answer is not a complete JSON document ({error})") from None

    def xml(self, lists: frozenset[str] = frozenset()) -> Json:
        """The body as XML, `{root: value}` (see `sellercare.markup`); BadAnswer if it is something else."""
        try:
            return parse_xml(self.body, lists, self.headers.get("Content-Type", ""))
        except ValueError as error:
            raise self._bad(f"the answer is not a complete XML document ({error})") from None

    def payload(self) -> Json:
        """The document that the call expected: JSON, unless it was a read that asked for another kind."""
        return self.json()

    def _bad(self, what: str) -> BadAnswer:
        return BadAnswer(f"{self.where}: {what}.", status=self.status, request_id=self.request_id)


class Sender(Protocol):
    """What `http` offers to reads: one call in, one answer out, after authorisation, waiting and retries."""

    def read(self, call: Call) -> Answer:
        """Send a read. Raises PlatformError; never returns an error status."""
        ...


class Pages(Protocol):
    """A way of walking pages. `first` prepares the first call; `after` the next one, or None at the end."""

    def first(self, call: Call) -> Call:
        """The call for the first page."""
        ...

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The call for the page after `call`, which had `count` items."""
        ...


@dataclass(frozen=True, slots=True)
class Detail(Generic[M]):
    """A further call for one row of a listing, spent only where a filter or a caller needs what the row lacks."""

    fills: frozenset[str]
    fetch: Callable[[M], M]
    costs: str


@dataclass(frozen=True, slots=True)
class Listing(Generic[W, M]):
    """A listing as an adapter describes it.

    `items` is the dotted path of the list in the payload (empty: the payload is the list). `applied` names the
    query's filters that the platform applies by itself. `newest_first` names the time field that rows are sorted
    by, newest first: the core stops there once `updated_since` or `created_since` is passed. `capped` says in a
    sentence what the platform never lists. `detail` is the call that a row may cost. `together` is given the rows of
    each page before they are translated: it joins those that are one thing, leaves out those that are none, and may
    fetch what they all lack in one call (the currencies of a hundred refunds).
    """

    call: Call
    items: str
    translate: Callable[[W], M]
    pages: Pages
    applied: frozenset[str] = frozenset()
    newest_first: str | None = None
    capped: str = ""
    detail: Detail[M] | None = None
    together: Callable[[list[W]], list[W]] | None = None


@dataclass(frozen=True, slots=True)
class Nested(Generic[M]):
    """Listings that hang on the rows of another one: the refunds of each order, the messages of each item.

    `children` gives the listings of one translated parent; none for a parent that needs no call. `costs` says in a
    sentence what that comes to, such as "a call for each order".
    """

    parents: Listing[Any, Any]
    children: Callable[[Any], Listings[M]]
    costs: str = ""


@dataclass(frozen=True, slots=True)
class Rows(Generic[W, M]):
    """Rows that are there all at once, once something was waited for: those of a report, of an export.

    `fetch` gets them when the first one is asked for, and no sooner. The rest is as in `Listing`; `costs` says in a
    sentence what the rows cost, such as "a report, which takes minutes".
    """

    fetch: Callable[[], Sequence[W]]
    translate: Callable[[W], M]
    where: str = ""
    applied: frozenset[str] = frozenset()
    newest_first: str | None = None
    capped: str = ""
    costs: str = ""
    detail: Detail[M] | None = None


Listings = Sequence[Listing[Any, M] | Nested[M] | Rows[Any, M]]
"""One listing, or several that are chained (an inbox and the chats of claims)."""
