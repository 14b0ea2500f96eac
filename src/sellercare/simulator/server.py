"""Two ways to reach a face: a transport for `requests` in the same process, and a server on a loopback port."""

from __future__ import annotations

import io
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse

from sellercare.simulator.face import Face
from sellercare.simulator.messages import Headers, Reply, Request


class InProcess(BaseAdapter):
    """A transport that asks a face instead of a network. A lost answer is a `ConnectionError`, as of a real socket;
    an answer that is slower than the time-out a `ReadTimeout`, after that time by the world's clock."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = face

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Hand the request to the face, and its reply back."""
        reply = self.face.handle(_request(request))
        patience = timeout[-1] if isinstance(timeout, tuple) else timeout
        if patience is not None and reply.delay > patience:
            self.face.world.clock.sleep(float(patience))
            raise requests.ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)
        self.face.world.clock.sleep(reply.delay)
        if reply.lost:
            raise requests.ConnectionError(
                "Connection aborted: the other side closed it without an answer", request=request
            )
        return _response(request, reply)

    def close(self) -> None:
        """There is nothing to close."""


def _request(prepared: requests.PreparedRequest) -> Request:
    url = urlsplit(prepared.url or "")
    body = prepared.body or b""
    return Request(
        prepared.method or "GET",
        url.path or "/",
        parse_qs(url.query, keep_blank_values=True),
        Headers({name: _text(value) for name, value in prepared.headers.items()}),
        body.encode() if isinstance(body, str) else bytes(body),
        prepared.path_url,
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    headers = dict(reply.headers) | {"Content-Length": str(len(reply.body))}
    body = reply.body[: len(reply.body) // 2] if reply.cut else reply.body
    response = requests.Response()
    response.status_code = reply.status
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.url = request.url or ""
    response.request = request
    response.raw = HTTPResponse(
        io.BytesIO(body), headers=headers, status=reply.status, preload_content=False, enforce_content_length=True
    )
    return response


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], face: Face) -> None:
        super().__init__(address, _Handler)
        self.face = face

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that went away in the middle are no news; anything else is a defect of a face, and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections. Faults of the transport happen to the real socket."""

    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def setup(self) -> None:
        super().setup()
        # Head and body leave in two writes; without this, each answer waits 40 ms for an acknowledgement.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(self) -> None:
        """Read the request, ask the face, send its reply or break the connection."""
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qs(url.query, keep_blank_values=True)
        face = self.server.face
        reply = face.handle(
            Request(self.command, url.path, query, Headers(dict(self.headers.items())), body, self.path)
        )
        face.world.clock.sleep(reply.delay)
        if reply.lost:
            self.close_connection = True
            return
        self._send(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815  # the names that the base class calls

    def _send(self, reply: Reply) -> None:
        body = reply.body[: len(reply.body) // 2] if reply.cut else reply.body
        self.send_response_only(reply.status)
        for name, value in _with_length(reply).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = self.close_connection or reply.cut

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: paths hold ids."""


def _with_length(reply: Reply) -> Mapping[str, str]:
    # RFC 9110, 8.6: an answer with status 204 has no Content-Length.
    return reply.headers if reply.status == 204 else dict(reply.headers) | {"Content-Length": str(len(reply.body))}


@contextmanager
def serve(face: Face, port: int = 0) -> Iterator[str]:
    """Serve a face on 127.0.0.1 while the block runs; gives its base URL. Port 0 takes a free one."""
    server = _Server(("127.0.0.1", port), face)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
