"""A small proxy between the library and a real server, which can lose answers after the server has acted."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

Trick = Literal["lose_answer", "lose_request"]


@dataclass
class Seen:
    """A request that came through: its first line, its body, and the status of the answer (None: none)."""

    method: str
    path: str
    body: str
    status: int | None = None


@dataclass
class Plan:
    """What to do once with the next request whose `METHOD path` matches. `first` runs before it is passed on."""

    pattern: re.Pattern[str]
    trick: Trick | None
    first: Callable[[], object] | None


@dataclass
class Proxy:
    """Listens on a free port of the loopback and passes whole requests on to `port`."""

    port: int
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Proxy:
        self._plans: list[Plan] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # Closing alone would leave the thread waiting in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def lose_answer(self, pattern: str) -> None:
        """Reset the connection instead of giving the next matching answer; the server has acted by then."""
        self._plan(pattern, "lose_answer")

    def lose_request(self, pattern: str) -> None:
        """Reset the connection instead of passing the next matching request on; the server never sees it."""
        self._plan(pattern, "lose_request")

    def do_first(self, pattern: str, first: Callable[[], object]) -> None:
        """Do something just before the next matching request is passed on."""
        self._plan(pattern, None, first)

    def count(self, pattern: str) -> int:
        """How many matching requests reached the server."""
        return sum(bool(re.search(pattern, f"{each.method} {each.path}")) for each in self.seen if each.status)

    def unused(self) -> list[str]:
        """The plans that no request has met: a test that meant them proved nothing."""
        return [plan.pattern.pattern for plan in self._plans]

    def _plan(self, pattern: str, trick: Trick | None, first: Callable[[], object] | None = None) -> None:
        self._plans.append(Plan(re.compile(pattern), trick, first))

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            request = _request(client)
            if request is None:
                return
            head, body = request
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            seen = Seen(method, path, body.decode("utf-8", "replace"))
            plan = self._next(f"{method} {path}")
            self.seen.append(seen)
            if plan and plan.first:
                plan.first()
            if plan and plan.trick == "lose_request":
                _reset(client)
                return
            answer = self._pass_on(head, body)
            seen.status = int(answer.split(b" ", 2)[1])
            if plan and plan.trick == "lose_answer":
                _reset(client)
                return
            client.sendall(answer)

    def _next(self, line: str) -> Plan | None:
        with self._lock:
            for plan in self._plans:
                if plan.pattern.search(line):
                    self._plans.remove(plan)
                    return plan
        return None

    def _pass_on(self, head: bytes, body: bytes) -> bytes:
        """The server's whole answer, on a connection of its own that the server closes behind it."""
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as server:
            server.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
        return b"".join(parts)


def _request(client: socket.socket) -> tuple[bytes, bytes] | None:
    """Head and body of one request; None if the client closed instead. Bodies here always tell their length."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    while length and len(body) < int(length[1]):
        body += client.recv(65536)
    return head, body


def _reset(client: socket.socket) -> None:
    """Close with a reset, as a router does that has lost its memory."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
