"""A local server that answers a listing of ratings from memory, in a process of its own.

It is as fast as a small Python server can be: what is measured is the client. It speaks Allegro's shape of a seller's
ratings (GET /sale/user-ratings, vendor media type) under its own path, and gives the same bytes to WooCommerce's path,
which pages by number instead of by offset. `python -m benchmarks.static_server` prints its port and serves until its
standard input is closed.
"""

from __future__ import annotations

import json
import re
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PAGES = 200
PER_PAGE = 100
MEDIA_TYPE = "application/vnd.allegro.public.v1+json"

_OFFSET = re.compile(rb"[?&]offset=(\d+)")
_PAGE = re.compile(rb"[?&]page=(\d+)")


_SAYS = (
    "Paczka dotarła szybko, dobrze zapakowana. ",
    "Kontakt ze sprzedawcą bez zarzutu, odpowiedź po godzinie. ",
    "Towar zgodny z opisem, kolor trochę jaśniejszy niż na zdjęciu. ",
    "Polecam, na pewno jeszcze wrócę! ",
)


def rating(number: int) -> dict[str, object]:
    """One rating, as Allegro's description shows one; its comment has one to eight sentences."""
    return {
        "id": f"{number:024x}",
        "recommended": number % 5 != 0,
        "comment": "".join(_SAYS[(number + part) % 4] for part in range(1 + number * 7 % 8)),
        "rates": {"delivery": 1 + number % 5, "deliveryCost": 5, "description": 4, "service": 5},
        "createdAt": "2026-09-14T08:21:07.512Z",
        "lastChangedAt": "2026-09-14T08:21:07.512Z",
        "editedAt": None,
        "buyer": {"id": str(44_000_000 + number), "login": f"Client:{44_000_000 + number}"},
        "order": {
            "id": f"29738e61-7f6a-11e8-ac45-{number:012x}",
            "offers": [{"id": "7680012345", "title": "Kubek ceramiczny 350 ml"}],
        },
        "answer": {"message": "Dziękujemy!", "createdAt": "2026-09-15T10:00:00.000Z"} if number % 3 else None,
        "removal": {"possibleTo": "2026-12-14T08:21:07.512Z", "request": None},
        "excludedFromAverageRates": False,
        "excludedFromAverageRatesReason": None,
    }


def _document(rows: list[dict[str, object]]) -> bytes:
    body = json.dumps({"ratings": rows}, ensure_ascii=False).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {MEDIA_TYPE};charset=UTF-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Handler(socketserver.StreamRequestHandler):
    documents: list[bytes]
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while True:
            request = self.rfile.readline()
            if not request:
                return
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            self.wfile.write(self.documents[min(self.page(request), PAGES)])

    @staticmethod
    def page(request: bytes) -> int:
        by_number = _PAGE.search(request)
        if by_number:
            return int(by_number[1]) - 1
        by_offset = _OFFSET.search(request)
        return int(by_offset[1]) // PER_PAGE if by_offset else 0


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def main() -> None:
    """Serve until standard input is closed."""
    import threading

    numbers = range(PAGES * PER_PAGE)
    rows = [rating(number) for number in numbers]
    _Handler.documents = [_document(rows[start : start + PER_PAGE]) for start in range(0, len(rows), PER_PAGE)]
    _Handler.documents.append(_document([]))
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()


@contextmanager
def running() -> Iterator[str]:
    """Start it in another process; the base URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.static_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main()
