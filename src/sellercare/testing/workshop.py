"""Where the suite works: many platforms of one adapter over one clock and one store, each with a world of its own."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import requests

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.clock import SystemClock
from sellercare.config import Config
from sellercare.errors import BadAnswer
from sellercare.shop import Shop, connect
from sellercare.simulator import FakeClock, InProcess, World
from sellercare.simulator.face import Face
from sellercare.simulator.faces import reached_at
from sellercare.store import Store

ADDRESS = "http://platform.test"
"""Where simulated platforms are that have no address of their own."""


@dataclass(frozen=True)
class Exchange:
    """A request as it left, and its answer as it came (None: lost). `call` is method and path template.

    `verb` is the verb that is proved by it, where somebody has said so (`Wire.during`).
    """

    call: str
    request: requests.PreparedRequest
    response: requests.Response | None
    body: bytes = field(default=b"", repr=False)
    verb: str = ""


class Wire(InProcess):
    """The way to a face. It keeps every exchange; see `altered` for answers that are made strange."""

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self.exchanges: list[Exchange] = []
        self._verb = ""
        self._alter: Callable[[str, bytes], bytes] | None = None
        self._said: dict[Any, Exchange] = {}
        self._asked: set[Any] = set()

    @contextmanager
    def during(self, verb: str) -> Iterator[None]:
        """For a while, what is exchanged belongs to a verb: its claims are held against it."""
        self._verb = verb
        try:
            yield
        finally:
            self._verb = ""

    @contextmanager
    def altered(self, alter: Callable[[str, bytes], bytes]) -> Iterator[None]:
        """Change the bodies of answers with a good status for a while: `alter(call, body)` gives the new one.

        What was asked to the letter in an earlier while is answered as then, without the face, and altered: a thousand
        strange answers to one read ask the platform once. What is asked twice in one while is asked of the face, for
        whoever asks again waits for something.
        """
        self._alter, self._asked = alter, set()
        try:
            yield
        finally:
            self._alter = None

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        """Hand the request over, and keep what was said."""
        asked = (request.method, request.url, request.body)
        if self._alter is not None and asked in self._said and asked not in self._asked:
            self._asked.add(asked)
            return self._told(self._said[asked], request)
        before = len(self.face.log)
        try:
            response = super().send(request, *args, **more)
        except requests.RequestException:
            self.exchanges.append(Exchange(self._call(before, request), request, None, verb=self._verb))
            raise
        exchange = Exchange(self._call(before, request), request, response, _body_of(response), self._verb)
        if self._alter is None or response.status_code >= 300:
            self.exchanges.append(exchange)
            return response
        self._asked.add(asked)
        self._said.setdefault(asked, exchange)
        return self._told(exchange, request)

    def _told(self, plain: Exchange, request: requests.PreparedRequest) -> requests.Response:
        """The answer of an exchange with the body that was made of it."""
        assert self._alter is not None
        assert plain.response is not None
        response, body = copy.copy(plain.response), self._alter(plain.call, plain.body)
        response.request = request
        _put_body(response, body)
        self.exchanges.append(Exchange(plain.call, request, response, body))
        return response

    def is_placed(self, error: BadAnswer) -> bool:
        """Whether an error about an answer names a place in it. A packed file or a table, if it came last, has none."""
        return error.path not in ("", "$") or not kind_of(self.exchanges[-1].body)

    def _call(self, before: int, request: requests.PreparedRequest) -> str:
        return self.face.log[before][0] if len(self.face.log) > before else f"{request.method} {request.path_url}"


def kind_of(body: bytes) -> str:
    """Whether a body is JSON or XML; empty for anything else."""
    return {b"{": "json", b"[": "json", b"<": "xml"}.get(body.lstrip()[:1], "")


def _body_of(response: requests.Response) -> bytes:
    """The bytes of an answer, which can still be read afterwards."""
    raw: Any = response.raw
    body: bytes = raw._fp.getvalue()
    return body


def _put_body(response: requests.Response, body: bytes) -> None:
    import io

    from urllib3.response import HTTPResponse

    headers = dict(response.headers) | {"Content-Length": str(len(body))}
    response.raw = HTTPResponse(io.BytesIO(body), headers=headers, status=response.status_code, preload_content=False)


@dataclass(frozen=True)
class Site:
    """One simulated platform: the seller's `shop`, the platform's `face`, the `world` behind it, the `wire` between."""

    shop: Shop
    face: Face
    world: World
    wire: Wire

    @property
    def calls(self) -> list[str]:
        """The calls that came so far, as method and path template."""
        return [call for call, _ in self.face.log]

    def state(self) -> Any:
        """What the world is like, without its times and what the platform only remembers (`Data.extra`)."""
        return {name: each for name, each in state_of(self.world.data).items() if name != "extra"}

    def things(self) -> dict[str, int]:
        """How many things of each kind there are that a write could have made twice."""
        data = self.world.data
        messages = sum(len(thread.messages) for thread in data.threads.values())
        return {"messages": messages, "returns": len(data.returns), "refunds": len(data.refunds)}

    def acts(self) -> dict[str, int]:
        """How often the platform did what through the API, by kind."""
        counted: dict[str, int] = {}
        for act in self.world.acts:
            if act.by == "api":
                counted[act.kind] = counted.get(act.kind, 0) + 1
        return counted


def state_of(value: Any) -> Any:
    """What a thing is like, times left out: equal where nobody could tell a difference but by a clock."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: state_of(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: state_of(each) for key, each in value.items() if not isinstance(each, date)}
    if isinstance(value, list | tuple | set | frozenset):
        return [state_of(each) for each in value]
    return None if isinstance(value, date) else str(value)


class Workshop:
    """Makes sites. All share one clock, which only goes on, and one store in memory; each is an account of its own."""

    def __init__(
        self,
        adapter: type[Adapter],
        face: Callable[[World], Face],
        *,
        settings: Mapping[str, Any] | None = None,
        currency: str = "EUR",
        patience: float = 600.0,
    ) -> None:
        self.adapter = adapter
        self.known: dict[str, Any] = {}
        self.clock = FakeClock()
        self.store = Store.open("sqlite://", clock=self.clock)
        self._face = face
        self._settings = dict(settings or {})
        self._currency = currency
        self._patience = patience
        self._numbers = itertools.count(1)
        self._open: list[Shop] = []

    def site(self, *, patience: float | None = None, seed: int = 7) -> Site:
        """A new platform with an empty world."""
        world = World(seed, self.clock, currency=self._currency)
        face = self._face(world)
        wire = Wire(face)
        shop = self.shop(face, wire, f"account-{next(self._numbers)}", patience=patience)
        return Site(shop, face, world, wire)

    def shop(self, face: Face, wire: InProcess, account: str, *, patience: float | None = None) -> Shop:
        """A shop at a face; the same account twice is two programs of one seller."""
        settings = self._addresses() | face.settings() | self._settings
        with registry.registered(self.adapter.name, self.adapter):  # spares each a look at all installed packages
            shop = connect(
                self.adapter.name,
                account=account,
                store=self.store,
                clock=self.clock,
                transport=wire,
                config=Config(Path(), {}),
                patience=self._patience if patience is None else patience,
                **settings,
            )
        self._open.append(shop)
        return shop

    def living_face(self) -> Face:
        """A new platform that lives by the machine's own clock: for programs that are processes of their own."""
        return self._face(World(7, SystemClock(), currency=self._currency))

    def settings_at(self, face: Face, address: str) -> dict[str, Any]:
        """Settings for an account at a face that is reached at an address."""
        return reached_at(self.adapter, face, address) | self._settings

    def _addresses(self) -> dict[str, str]:
        """An address where the adapter knows none of its own; else the platform's, for nothing leaves this process."""
        fields = self.adapter.settings.model_fields.items()
        return {name: ADDRESS for name, field in fields if name.endswith("_url") and field.is_required()}

    def close(self) -> None:
        """Close all connections and the store."""
        for shop in self._open:
            shop.http.close()
        self.store.close()
