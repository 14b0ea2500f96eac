"""A real nginx on loopback ports: one that takes every write, and one behind `limit_req`, which nobody here wrote."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RATE = 100
BURST = 10

_CONFIG = """
daemon off;
worker_processes 1;
pid {here}/pid;
error_log {here}/error.log;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;
  uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;
  keepalive_requests 1000000;
  client_body_buffer_size 64k;
  log_format taken '$status $request_uri';
  limit_req_zone $server_port zone=all:1m rate={rate}r/s;
  upstream answers {{ server unix:{here}/answers.sock; keepalive 32; }}
  server {{
    listen unix:{here}/answers.sock;
    access_log off;
    default_type application/json;
    location / {{ return 201 '{{"id":"$request_id"}}'; }}
  }}
  server {{
    listen 127.0.0.1:{open_port};
    access_log {here}/open.log taken;
    default_type application/json;
    location / {{ return 201 '{{"id":"$request_id"}}'; }}
    location /blocked/ {{ return 429; }}
  }}
  server {{
    listen 127.0.0.1:{limited_port};
    access_log {here}/limited.log taken;
    location / {{
      limit_req zone=all burst={burst} nodelay;
      limit_req_status 429;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass http://answers;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens, and what its own log says."""

    open: str
    limited: str
    here: Path

    def counts(self, which: str) -> Counter[str]:
        """How many requests ended with each status since `forget`, by nginx's own log: `open` or `limited`."""
        time.sleep(0.1)  # a line is written after its answer
        return Counter(line.split()[0] for line in (self.here / f"{which}.log").read_text().splitlines())

    def twice(self, which: str) -> int:
        """How many writes were taken more than once, by their address."""
        taken = Counter(line for line in (self.here / f"{which}.log").read_text().splitlines() if line[:3] == "201")
        return sum(count - 1 for count in taken.values())

    def forget(self) -> None:
        """Empty the logs."""
        for which in ("open", "limited"):
            (self.here / f"{which}.log").write_text("")

    def rest(self) -> None:
        """Wait until the limiter's bucket is empty again."""
        time.sleep(2 * BURST / RATE)


@contextmanager
def running() -> Iterator[Nginx]:
    """Start it; Debian's package is installed first if it is missing (as root)."""
    program = _program()
    here = Path(tempfile.mkdtemp(prefix="sellercare-nginx-"))
    ports = [_free_port(), _free_port()]
    config = _CONFIG.format(here=here, rate=RATE, burst=BURST, open_port=ports[0], limited_port=ports[1])
    if os.geteuid() == 0:
        config = "user root;" + config
    (here / "nginx.conf").write_text(config)
    with subprocess.Popen([program, "-c", str(here / "nginx.conf"), "-p", str(here)]) as process:
        try:
            _wait_for(ports[1], process)
            yield Nginx(f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}", here)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(here, ignore_errors=True)


def _program() -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    found = shutil.which("nginx", path=path)
    if found is None and os.geteuid() == 0:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"], env=quiet, check=True
        )
        found = shutil.which("nginx", path=path)
    if found is None:
        raise SystemExit("nginx is missing; as root: apt-get install nginx-light")
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise SystemExit("nginx did not start; see its messages above")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("nginx does not listen")
