"""A small platform for the tests of http: every verb impossible, OAuth or fixed headers, two budgets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from pydantic import SecretStr

from sellercare.adapter import Adapter, Budget, FixedAuth, NoAuth, OAuth2, Problem, Settings
from sellercare.errors import Conflict, Forbidden, RateLimited
from sellercare.http import TokenSet
from sellercare.interfaces import VERBS
from sellercare.support import Evidence, Readback, Repeat, WriteContract, impossible

BASE = "https://api.market.test"
TOKEN_URL = "https://login.market.test/token"

CONTRACT = WriteContract(
    repeat=Repeat.ACTS_AGAIN,
    readback=Readback.NONE,
    absent_after=None,
    evidence=Evidence.ID,
    by_hand="the thread on the website",
)


class MarketSettings(Settings):
    base_url: str = BASE
    upload_url: str = "https://upload.market.test:8443/v1"
    auth: str = "none"
    key: SecretStr = SecretStr("fixed-key-4711")
    client_secret: SecretStr = SecretStr("client-secret-4712")
    given_refresh: SecretStr = SecretStr("")


class Market(Adapter):
    name = "market"
    title = "Market"
    kind = "marketplace"
    proof = "a test"
    settings = MarketSettings
    request_id_header = "X-Request-Id"
    errors: ClassVar[Any] = {"CLOSED": Conflict, "SLOW_DOWN": RateLimited, 451: Forbidden}
    supports: ClassVar[Any] = {name: impossible("it is a test") for name in VERBS}

    @staticmethod
    def auth(settings: MarketSettings) -> Any:
        if settings.auth == "fixed":
            return FixedAuth({"Authorization": f"Bearer {settings.key.get_secret_value()}"})
        if settings.auth == "oauth":
            return OAuth2(
                token_url=TOKEN_URL,
                client_id="client-1",
                client_secret=settings.client_secret.get_secret_value(),
                authorize_url="https://login.market.test/authorize",
                device_url="https://login.market.test/device",
                redirect_uri="http://localhost:8123/back",
                scopes=("messages", "orders"),
                given_refresh=settings.given_refresh.get_secret_value(),
            )
        return NoAuth()

    @staticmethod
    def bases(settings: MarketSettings) -> dict[str, str]:
        return {"api": settings.base_url, "upload": settings.upload_url}

    @staticmethod
    def problem(answer: Any) -> Problem:
        first = answer.json()["errors"][0]
        return Problem(first["code"], first["message"], first.get("path", ""))


class LimitedMarket(Market):
    """The same with limits: two calls a second for an account's messages, ten a second for the app."""

    budgets = (Budget(rate=2.0, burst=1, group="messages"), Budget(rate=10.0, burst=2, scope="app"))


class TestClock:
    """Time that only moves when somebody sleeps; `slept` tells how long each time."""

    __test__ = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._now += timedelta(seconds=max(0.0, seconds))


class MemoryTokens:
    """Tokens of one process; one refresher at a time."""

    def __init__(self, tokens: TokenSet | None = None) -> None:
        self.stored = tokens
        self.lock = threading.Lock()
        self.saved: list[TokenSet] = []

    def load(self, credential: str) -> TokenSet | None:
        return self.stored

    def save(self, credential: str, tokens: TokenSet) -> None:
        self.stored = tokens
        self.saved.append(tokens)

    def refresh(self, credential: str, stale: TokenSet, renew: Callable[[TokenSet], TokenSet]) -> TokenSet:
        with self.lock:
            if self.stored is not None and self.stored != stale:
                return self.stored
            self.save(credential, renew(stale))
            assert self.stored is not None
            return self.stored

    def forget(self, credential: str) -> None:
        self.stored = None


@contextmanager
def serving(handle: Callable[[BaseHTTPRequestHandler, int], None]) -> Iterator[tuple[str, list[str]]]:
    """A real server on loopback. `handle` gets the handler and the number of the request, from 1."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.sent_body = self.rfile.read(length)
            seen.append(f"{self.command} {self.path}")
            handle(self, len(seen))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    for method in ("GET", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler._any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *about: None  # type: ignore[method-assign] # what we cut on purpose is no news
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
    """Answer whole and properly."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
