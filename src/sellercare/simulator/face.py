"""The kit that a platform's face is made of: routes, authorisation, limits, errors and faults around plain methods.

A face is one platform's API over a `World`, written from the platform's description. Its methods answer one route
each. Everything else that a platform does to a caller happens in `Face.handle`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Any, ClassVar, NamedTuple, TypeVar
from urllib.parse import unquote

from sellercare.simulator.faults import Fault, Faults
from sellercare.simulator.ids import number
from sellercare.simulator.messages import Reply, Request
from sellercare.simulator.repeats import Repeats
from sellercare.simulator.tokens import TokenDesk
from sellercare.simulator.world import World

__all__ = ["Face", "Limit", "Refusal", "Reply", "Request", "route"]

Method = TypeVar("Method", bound=Callable[..., Reply])


def route(method: str, path: str, *, open: bool = False, reads: bool | None = None) -> Callable[[Method], Method]:
    """Mark a face's method as the answer to a route, such as `GET /threads/{thread_id}`.

    Path parts in braces become keyword arguments. `open` routes need no authorisation. `reads` says whether the route
    changes nothing; without it, GET and HEAD do not. A method may answer several routes.
    """

    def mark(function: Method) -> Method:
        entry = (method, path, open, method in ("GET", "HEAD") if reads is None else reads)
        function.__dict__.setdefault("routes", []).append(entry)
        return function

    return mark


class Refusal(Exception):  # it is an answer, not a mistake
    """Raised by a face's methods to answer with the platform's error document."""

    def __init__(self, status: int, code: str, text: str = "", field: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.text, self.field = status, code, text, field


@dataclass(frozen=True)
class Limit:
    """A token bucket on the world's clock: `rate` calls a second, `burst` at once.

    `match` and `but` are patterns of method and path template: the calls that count, and those that do not.
    """

    group: str
    rate: float
    burst: int
    match: str = "*"
    but: str = ""


class Route(NamedTuple):
    """One route of a face. `call` is method and path template, as faults and limits name it."""

    call: str
    method: str
    pattern: re.Pattern[str]
    answer: str
    open: bool
    reads: bool


def _compile(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)))


class Face:
    """One platform's API over a world. Subclasses add routes, and override what their platform does differently.

    `faults` can be changed while it runs. `html_not_found`: unknown routes answer with an HTML page.
    `request_id_header`: every answer has an id of its own under this name. `read_lag`: reads show what was there so
    many seconds ago. `log` has method and path template of each call with the status of its answer (0: lost).
    """

    name: ClassVar[str] = "face"
    limits: ClassVar[tuple[Limit, ...]] = ()
    html_not_found: ClassVar[bool] = False
    request_id_header: ClassVar[str] = ""
    _routes: ClassVar[tuple[Route, ...]] = ()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        found = [
            Route(f"{method} {path}", method, _compile(path), name, open_, reads)
            for name in dir(cls)
            for method, path, open_, reads in getattr(getattr(cls, name), "routes", ())
        ]
        cls._routes = tuple(sorted(found, key=lambda route: route.call.count("{")))

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.tokens = TokenDesk(world)
        self.repeats = Repeats(world)
        self.read_lag = 0.0
        self.log: list[tuple[str, int]] = []
        self._buckets: dict[str, tuple[float, float]] = {}
        self._last_page: dict[str, Reply] = {}

    def find(self, kind: str, id: str) -> Any:
        """A thing of the world, such as one of `orders`; the platform's 404 if it is not there."""
        thing = getattr(self.world.data, kind).get(id)
        if thing is None:
            raise Refusal(404, "not-found", f"There is nothing of this id among {kind}.", "id")
        return thing

    def find_number(self, kind: str, shown: str, digits: int = 9) -> Any:
        """The thing that has this number for an id (`simulator.ids.number`); the platform's 404 if there is none."""
        for thing in getattr(self.world.data, kind).values():
            if number(thing.id, digits) == shown:
                return thing
        raise Refusal(404, "not-found", f"There is nothing of this id among {kind}.", "id")

    # --- what a platform may do differently -------------------------------------------------------------------------

    def authorize(self, request: Request) -> Reply | None:
        """The answer to a caller who may not; None for one who may."""
        return None

    def settings(self) -> dict[str, str]:
        """Settings of the adapter, its addresses apart, with which a seller reaches this platform."""
        return {}

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """The platform's error document."""
        return Reply.of({"code": code, "message": text, "field": field}, status)

    def too_many(self, wait: float) -> Reply:
        """The answer to a caller who calls too often; `wait` is in seconds."""
        reply = self.error(429, "rate-limited", "Too many calls.")
        return replace(reply, headers={**reply.headers, "Retry-After": str(max(1, math.ceil(wait)))})

    def by_hand(self, request: Request) -> Request:
        """The request as a person would cause it in the platform's pages: without the caller's own keys."""
        return request

    def seen_as(self, route: Route, request: Request) -> Route:
        """The route as faults, limits and the log name it. A platform with one address for everything names what is
        asked for, and says whether that only reads: `route._replace(call=…, reads=…)`."""
        return route

    def page_of(self, request: Request) -> str:
        """What requests for pages of one list have in common."""
        return request.path

    def without_rows(self, payload: Any) -> Any:
        """A page of a list as it comes without its rows."""
        if isinstance(payload, dict):
            return {name: [] if isinstance(value, list) else value for name, value in payload.items()}
        return [] if isinstance(payload, list) else payload

    def finish(self, request: Request, reply: Reply) -> Reply:
        """The last look at every answer: a place for headers that all have."""
        if not self.request_id_header:
            return reply
        return replace(reply, headers={**reply.headers, self.request_id_header: self.world.new_id("req")})

    def signal(self, call: str, reply: Reply) -> None:
        """Called after every request with its method and path template; for demos that show what goes on."""

    # --- how a request goes through -----------------------------------------------------------------------------------

    def handle(self, request: Request) -> Reply:
        """Answer a request, faults included. Safe between threads: one request at a time."""
        with self.world.lock:
            self.world.settle()
            route, found = self._find(request)
            if route is None:
                return self.finish(request, self._unknown(request))
            route = self.seen_as(route, request)
            reply = self._through(route, request, {name: unquote(part) for name, part in found.items()})
            reply = replace(
                reply, headers={"Date": format_datetime(self.world.now(), usegmt=True)} | dict(reply.headers)
            )
            self.log.append((route.call, 0 if reply.lost else reply.status))
            self.signal(route.call, reply)
            return self.finish(request, reply)

    def _find(self, request: Request) -> tuple[Route | None, dict[str, str]]:
        for route in self._routes:
            if route.method == request.method and (match := route.pattern.fullmatch(request.path)):
                return route, match.groupdict()
        return None, {}

    def _unknown(self, request: Request) -> Reply:
        if self.html_not_found:
            return Reply.html("404 Not Found", 404)
        known = any(route.pattern.fullmatch(request.path) for route in self._routes)
        return self.error(405, "method-not-allowed") if known else self.error(404, "not-found", "No such resource.")

    def _through(self, route: Route, request: Request, ids: dict[str, str]) -> Reply:
        faults = self.faults.hitting(route.call)
        if (wait := self._wait(route.call)) > 0:
            return self.too_many(wait)
        if fault := self._take(faults, "rate_limited"):
            return self.too_many(fault.seconds)
        if self._take(faults, "expired_token"):
            self.tokens.expire()
        if not route.open and (refusal := self.authorize(request)):
            return refusal
        if fault := self._take(faults, "error_before"):
            return self.error(fault.status, "unavailable", "Try again later.")
        if self._take(faults, "never_arrived"):
            return Reply(lost=True)
        if not route.reads:
            self.world.keep_past = max(self.read_lag, self.faults.longest("stale_read"))
            self.world.remember()
        if "by_hand" in faults and not route.reads and self._take(faults, "by_hand"):
            with self.world.person():
                self._answer(route, self.by_hand(request), ids)
        if not route.reads and (fault := self._take(faults, "acts_late")):
            self.world.later(fault.seconds, lambda: self._answer(route, request, ids))
            return Reply(lost=True)
        return self._spoil(route, request, faults, self._act(route, request, ids, faults))

    def _act(self, route: Route, request: Request, ids: dict[str, str], faults: dict[str, Fault]) -> Reply:
        """The answer of the face's own method, under the faults that change what it does or sees."""
        world = self.world
        if fault := self._take(faults, "clock_skew"):
            world.skew = fault.seconds
        lag = self.read_lag
        if route.reads and (fault := self._take(faults, "stale_read")):
            lag = max(lag, fault.seconds)
        before = len(world.acts)
        world.whims = frozenset(faults) & {"fails_later", "text_altered", "text_moderated"}
        try:
            if route.reads and lag > 0:
                with world.as_of(world.clock.now() - timedelta(seconds=lag)):
                    return self._answer(route, request, ids)
            return self._answer(route, request, ids)
        finally:
            if len(world.acts) > before:
                for whim in world.whims:
                    self.faults.happened(whim)
            world.whims, world.skew = frozenset(), 0.0

    def _answer(self, route: Route, request: Request, ids: dict[str, str]) -> Reply:
        try:
            reply: Reply = getattr(self, route.answer)(request, **ids)
            return reply
        except Refusal as refusal:
            return self.error(refusal.status, refusal.code, refusal.text, refusal.field)
        except KeyError as error:
            return self.error(400, "malformed", "A field is missing or unknown.", str(error.args[0]))
        except ValueError as error:
            return self.error(400, "malformed", str(error))

    def _spoil(self, route: Route, request: Request, faults: dict[str, Fault], reply: Reply) -> Reply:
        """The faults that happen to an answer on its way."""
        if route.reads and "json" in reply.headers.get("Content-Type", ""):
            place = self.page_of(request)
            page, self._last_page[place] = self._last_page.get(place), reply
            if page and self._take(faults, "double_page"):
                reply = page
            if self._take(faults, "missing_page"):
                reply = Reply.of(self.without_rows(reply.json()), reply.status, reply.headers)
        if fault := self._take(faults, "error_after"):
            reply = self.error(fault.status, "timeout", "No answer in time.")
        if self._take(faults, "html_body"):
            reply = Reply.html("We will be right back")
        if reply.body and self._take(faults, "cut_body"):
            reply = replace(reply, cut=True)
        if fault := self._take(faults, "slow"):
            reply = replace(reply, delay=fault.seconds)
        if self._take(faults, "lost_answer"):
            reply = replace(reply, lost=True)
        return reply

    def _take(self, faults: dict[str, Fault], kind: str) -> Fault | None:
        """The fault of this kind, counted as it takes place."""
        fault = faults.get(kind)
        if fault:
            self.faults.happened(kind)
        return fault

    def _wait(self, call: str) -> float:
        """Seconds until the buckets of this call have a token; takes one from each if all have."""
        now = self.world.clock.now().timestamp()
        levels: dict[str, tuple[float, float]] = {}
        for limit in self.limits:
            if fnmatchcase(call, limit.match) and not fnmatchcase(call, limit.but):
                level, at = self._buckets.get(limit.group, (float(limit.burst), now))
                level = min(float(limit.burst), level + (now - at) * limit.rate)
                # Seconds since 1970 leave a double a quarter of a microsecond: nobody is too early by that.
                if level < 1 - 1e-3:
                    return (1 - level) / limit.rate
                levels[limit.group] = (level - 1, now)
        self._buckets.update(levels)
        return 0.0
