"""PostgreSQL is lost in the middle of a commit: nobody knows whether it took place. Nothing is sent twice for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy.engine import make_url

from sellercare.errors import Changed, StoreError
from sellercare.journal.journal import Journal
from sellercare.simulator.clock import FakeClock
from sellercare.store import Store

from .conftest import Desk, Platform


class Line:
    """Between a store and its server. The commit that is waited for is cut off, before or after it has arrived."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut = ""
        self.after = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.cut and b"COMMIT" in data:
                    self.after -= 1
                    if self.after < 0:
                        self._cut(data, client, server)
                        return
                server.sendall(data)
        _end(client, server)

    def _cut(self, data: bytes, client: socket.socket, server: socket.socket) -> None:
        how, self.cut = self.cut, ""
        client.shutdown(socket.SHUT_WR)  # no answer gets through any more
        if how == "after":
            server.sendall(data)
            with suppress(OSError):
                server.shutdown(socket.SHUT_WR)
                while server.recv(65536):
                    pass
        _end(client, server)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def _desk(url: str, line: Line) -> Iterator[Desk]:
    clock = FakeClock()
    through = make_url(url).set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    with Store.open(through, clock=clock) as store:
        yield Desk(store, clock, Journal(store.intents, clock), Platform(clock))


@pytest.fixture
def line(postgres_url: str) -> Iterator[Line]:
    url = make_url(postgres_url)
    made = Line(url.host or "127.0.0.1", url.port or 5432)
    yield made
    made.close()


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("commit", range(5))
def test_whatever_commit_is_lost_the_write_is_there_once(postgres_url: str, line: Line, cut: str, commit: int) -> None:
    with _desk(postgres_url, line) as desk:
        line.cut, line.after = cut, commit
        stopped: StoreError | None = None
        try:
            assert desk.send().state == "confirmed"
        except StoreError as error:
            stopped = error
        if stopped is not None:
            assert stopped.changed is (Changed.YES if desk.platform.acted else Changed.NO)
        assert (stopped is None) == bool(line.cut)  # there may be fewer commits than that
        line.cut = ""
        desk.clock.advance(hours=1)
        assert desk.send().state == "confirmed"
        assert (len(desk.platform.sent), len(desk.platform.acted)) == (1, 1)
