"""The lowest level: prepared requests out, responses in, and the truth about those that got none.

The one thing that counts here: whether bytes of a request may have left. A connection that was never made is told
apart from everything else, because only then may a write be sent again.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from sellercare.http.redaction import ours, silence_urllib3

_CONNECT_SECONDS = 10.0
_STALE_SECONDS = 2.0
"""A write goes over a connection that was idle no longer than this: a server that closes an idle one just then
would leave the outcome unknown. Node's servers close after 5 seconds, the shortest common default."""

_ONE_PIECE = 16_384
"""Bytes of a request that leave in one piece. A longer body goes after its headers: it is not copied."""

LARGEST = 1 << 26
"""Bytes of an answer, unpacked, that are taken into memory: a few packed ones may unpack to all that there is."""

_BROKEN = (requests.RequestException, HTTPError, OSError)


@dataclass(frozen=True, slots=True)
class Lost:
    """A request without a (whole) answer. `sent`: bytes of it may have left."""

    why: str
    sent: bool = True


def _never_made(connection: HTTPConnection, error: Exception) -> NewConnectionError:
    made = NewConnectionError(connection, _reason(error))
    made.__cause__ = error
    return made


class _InOnePiece:
    """Sends headers and a short body in one piece: two pieces are two packets, and wake the other side twice."""

    _waiting: bytes | None = None

    def request(self, *args: Any, **more: Any) -> None:
        """Send a request; what is short enough leaves when it is complete."""
        self._waiting = b""
        try:
            super().request(*args, **more)  # type: ignore[misc]  # of the connection that this is mixed into
            rest = self._waiting
        finally:
            self._waiting = None
        if rest:
            self.send(rest)

    def send(self, data: Any) -> None:
        """Send a piece, or let it wait for the rest."""
        before = self._waiting
        if before is not None:
            if type(data) is bytes and len(before) + len(data) <= _ONE_PIECE:
                self._waiting = before + data
                return
            self._waiting = None
            if before:
                super().send(before)  # type: ignore[misc]  # as above
        super().send(data)  # type: ignore[misc]  # as above


class _Connection(_InOnePiece, HTTPConnection):
    def connect(self) -> None:
        """Connect; whatever fails here (a proxy, a time-out) happens before the first byte of the request."""
        try:
            super().connect()
        except (NewConnectionError, ConnectTimeoutError):
            raise
        except (OSError, HTTPError) as error:
            raise _never_made(self, error) from error


class _SecureConnection(_InOnePiece, HTTPSConnection):
    def connect(self) -> None:
        """Connect; a handshake that fails happens before the first byte of the request."""
        try:
            super().connect()
        except (NewConnectionError, ConnectTimeoutError):
            raise
        except (OSError, HTTPError) as error:
            raise _never_made(self, error) from error


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class _Response(requests.Response):
    """A response without a cookie jar and headers of its own, which are made for each and never looked at."""

    def __init__(self) -> None:
        self._content = False  # type: ignore[assignment]  # requests' own sign for a body that was not read
        self._content_consumed, self._next = False, None
        self.history, self.encoding = [], None


class _Sockets(HTTPAdapter):
    """requests' own adapter, over connections that say when they were never made."""

    def __init__(self) -> None:
        self._by_origin: dict[str, Any] = {}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """The pool for a request: looked up once an origin, as what the environment says is asked once an origin."""
        origin = _origin(str(request.url))
        pool = self._by_origin.get(origin)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
            self._by_origin[origin] = pool
        return pool

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """The response, without what nobody here asks for: cookies, and a guess at its encoding."""
        response = _Response()
        response.status_code, response.reason, response.raw = resp.status, resp.reason, resp
        response.url, response.request, response.headers = str(req.url), req, resp.headers
        return response

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        """Nothing is added; they go on as a plain dictionary: urllib3 copies them and goes through them twice."""
        request.headers = dict(request.headers)  # type: ignore[assignment]  # no name is in there in two spellings

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """What is asked for: without a proxy always the path, which requests would think over for each call."""
        return str(super().request_url(request, proxies) if proxies else request.path_url)

    def drop_idle(self) -> None:
        """Close the connections that are kept alive."""
        self._by_origin.clear()
        self.poolmanager.clear()
        for manager in self.proxy_manager.values():
            manager.clear()


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


class _Line:
    """One thread's session, with what the environment says about proxies and certificates, asked once a host."""

    __slots__ = ("environment", "pid", "session", "used_at")

    def __init__(self, transport: BaseAdapter | None) -> None:
        self.pid = os.getpid()
        self.session = requests.Session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, _Sockets() if transport is None else transport)
        self.environment: dict[str, dict[str, Any]] = {}
        self.used_at = 0.0

    def settings(self, url: str) -> dict[str, Any]:
        origin = _origin(url)
        known = self.environment.get(origin)
        if known is None:
            merged = self.session.merge_environment_settings(url, {}, True, None, None)
            known = self.environment[origin] = {name: merged[name] for name in ("proxies", "verify", "cert")}
        return known


class Wire:
    """Sends prepared requests; a session per thread. With a `transport`, nothing ever reaches the network."""

    def __init__(self, transport: BaseAdapter | None = None) -> None:
        self._transport = transport
        self._local = threading.local()
        silence_urllib3()

    def send(
        self, request: requests.PreparedRequest, timeout: float, *, fresh: bool = False
    ) -> requests.Response | Lost:
        """The response, its body not yet read; or Lost. `fresh`: not over a connection that was idle for long."""
        line = self._line()
        adapter = line.session.get_adapter(str(request.url))
        if fresh and isinstance(adapter, _Sockets) and monotonic() - line.used_at > _STALE_SECONDS:
            adapter.drop_idle()
        ours.active = True
        try:
            return adapter.send(
                request,
                stream=True,
                timeout=(min(timeout, _CONNECT_SECONDS), timeout),
                **line.settings(str(request.url)),
            )
        except _BROKEN as error:
            return lost(error)
        finally:
            ours.active = False
            line.used_at = monotonic()

    def close(self) -> None:
        """Close this thread's connections; those of other threads close with their threads."""
        line = getattr(self._local, "line", None)
        if line is not None:
            line.session.close()
            del self._local.line

    def _line(self) -> _Line:
        line: _Line | None = getattr(self._local, "line", None)
        if line is None or line.pid != os.getpid():
            line = self._local.line = _Line(self._transport)
        return line


def body_of(response: requests.Response, most: int = LARGEST) -> bytes | Lost:
    """The whole body, or Lost where it was cut or has more than `most` bytes, unpacked. The connection is free for the
    next call afterwards."""
    ours.active = True
    raw = response.raw
    try:
        if isinstance(raw, urllib3.HTTPResponse):
            # At once: requests' own `content` reads in pieces of 10 kB, which costs more than the network.
            told = raw.length_remaining
            is_plain = told is not None and told <= most and "Content-Encoding" not in raw.headers
            body = raw.read(None if is_plain else most + 1, decode_content=True)
            if len(body) > most:
                response.close()
                return Lost(f"the answer is larger than {most >> 20} MiB")
            return Lost("the answer was cut") if raw.length_remaining else body
        return response.content or b""
    except _BROKEN as error:
        response.close()
        return Lost(_reason(error))
    finally:
        ours.active = False


def lost(error: Exception) -> Lost:
    """Why there is no answer, and whether bytes may have left."""
    for inner in _chain(error):
        if isinstance(inner, NewConnectionError | ConnectTimeoutError):
            cause = inner.__cause__ if isinstance(inner.__cause__, OSError) else inner
            return Lost(_reason(cause), sent=False)
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Lost(_reason(error), sent=False)
    return Lost(_reason(error))


def _chain(error: BaseException) -> Iterable[BaseException]:
    """An error and those that it wraps: the libraries hide them in `reason`, in `original_error` and in `args`."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        inner = waiting.pop(0)
        if not isinstance(inner, BaseException) or any(inner is known for known in seen):
            continue
        seen.append(inner)
        waiting += [getattr(inner, "reason", None), getattr(inner, "original_error", None), *inner.args]
    return seen


_REASONS: Mapping[type[BaseException], str] = {
    urllib3.exceptions.NameResolutionError: "the host's name could not be resolved",
    socket.gaierror: "the host's name could not be resolved",
    ConnectionRefusedError: "the connection was refused",
    urllib3.exceptions.ConnectTimeoutError: "no connection came about in time",
    requests.ConnectTimeout: "no connection came about in time",
    urllib3.exceptions.ReadTimeoutError: "no answer came in time",
    requests.ReadTimeout: "no answer came in time",
    TimeoutError: "it took too long",
    http.client.IncompleteRead: "the answer was cut",
    urllib3.exceptions.InvalidChunkLength: "the answer was cut",
    requests.exceptions.ContentDecodingError: "the answer's compression is broken",
    urllib3.exceptions.DecodeError: "the answer's compression is broken",
    ConnectionResetError: "the connection was reset",
    BrokenPipeError: "the connection was reset",
    urllib3.exceptions.ProxyError: "the proxy did not connect",
}


def _reason(error: BaseException) -> str:
    """What went wrong in words of our own: the libraries' texts carry whole addresses."""
    chain = list(_chain(error))
    for inner in chain:
        if isinstance(inner, ssl.SSLCertVerificationError):
            return f"the server's certificate is not accepted ({inner.verify_message})"
    for kind, words in _REASONS.items():
        if any(isinstance(inner, kind) for inner in chain):
            return words
    if any(isinstance(inner, ssl.SSLError | requests.exceptions.SSLError) for inner in chain):
        return "the secure connection failed"
    return "the connection broke"
