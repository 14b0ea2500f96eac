"""A local server that answers from memory with pages that a simulated platform gave, in a process of its own.

`python -m benchmarks.recorded_server FILE [CERTIFICATE]` prints its port and serves until its standard input is closed.
FILE has one JSON object a line: the mark of a page (what a request for it carries, `` for the first), its headers and
its body. With a CERTIFICATE (a file with key and chain) it speaks TLS, as every platform does.
"""

from __future__ import annotations

import json
import re
import socketserver
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PAGE = re.compile(rb'[?&](?:page|paginationToken)=([^& ]+)|"after": ?"([^"]+)"')


def mark_of(request: bytes) -> str:
    """The mark of the page that a request asks for."""
    found = _PAGE.search(request)
    return (found[1] or found[2]).decode() if found else ""


class _Handler(socketserver.StreamRequestHandler):
    documents: Mapping[str, bytes]
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while True:
            request = self.rfile.readline()
            if not request:
                return
            length, closes = 0, False
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                closes |= name.lower() == b"connection" and value.strip().lower() == b"close"
            mark = mark_of(self.rfile.read(length) if length else request)
            found = self.documents.get(mark)
            self.wfile.write(found or b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if closes or not found:
                return


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: a handshake holds up nobody else."""
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error."""


def write(path: Path, pages: Sequence[tuple[str, Mapping[str, str], bytes]]) -> None:
    """Write pages for the server: mark, headers, body."""
    with path.open("w", encoding="utf-8") as file:
        for mark, headers, body in pages:
            file.write(json.dumps({"mark": mark, "headers": dict(headers), "body": body.decode()}) + "\n")


def _document(page: Mapping[str, object]) -> bytes:
    body = str(page["body"]).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    headers |= {name: value for name, value in dict(page["headers"]).items() if name.startswith("X-")}  # type: ignore[call-overload]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body


@contextmanager
def running(path: Path, certificate: Path | None = None) -> Iterator[str]:
    """Start it in another process; the base URL."""
    command = [sys.executable, "-m", "benchmarks.recorded_server", str(path)]
    command += [str(certificate)] if certificate else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


def main(path: str, certificate: str | None = None) -> None:
    """Serve until standard input is closed."""
    pages = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    _Handler.documents = {page["mark"]: _document(page) for page in pages}
    with _Server(("127.0.0.1", 0), _Handler) as server:
        if certificate:
            server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.tls.load_cert_chain(certificate)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
