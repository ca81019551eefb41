"""Compare the server of serve/ with nginx: requests per second, measured by wrk on loopback in rounds, and memory."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.hodges_lehmann import hodges_lehmann
from harness.analysis.intervals import paired
from harness.model.errors import HarnessError
from harness.model.job import Absent
from harness.model.result import Interval
from harness.publish import server

ROUNDS = 12
"""Number of rounds of each file: enough for a 95% interval of a few percent."""

WRK_S = 2
"""Duration of each measurement by wrk, in seconds."""

CONNECTIONS = 64
"""Connections that wrk keeps busy: many more than processors, so that the servers are saturated."""

OPEN_CONNECTIONS = 1000
"""Connections that are open while memory is read: fewer than the 1,024 that one process of the server can hold."""

NGINX = """
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} reuseport; root {site}; index index.html; }}
}}
"""


@dataclass(frozen=True)
class FileRates:
    """Median requests per second for one file, and their ratio, server to nginx, computed round by round."""

    name: str
    bytes: int
    own: float
    nginx: float
    ratio: Interval


@dataclass(frozen=True)
class Bench:
    """The comparison: size of the server and resident memory with OPEN_CONNECTIONS open, in bytes, and the rates."""

    server_bytes: int
    own_resident: int
    nginx_resident: int
    nginx_version: str
    rates: list[FileRates]


def bench(page: Path, build_dir: Path) -> Bench:
    """Measure both servers with a report and a file of 1 KB. Raises HarnessError if wrk, nginx or Zig is missing."""
    program = server(build_dir)
    if isinstance(program, Absent):
        raise HarnessError(str(program))
    for name, package in (("wrk", "wrk"), ("nginx", "nginx-light")):
        if not shutil.which(name):
            raise HarnessError(f"{name} is missing: sudo apt-get install {package}")
    with tempfile.TemporaryDirectory(prefix="60000x-bench-") as folder:
        site = Path(folder) / "www"
        site.mkdir(mode=0o755)
        Path(folder).chmod(0o755)
        shutil.copyfile(page, site / "index.html")
        (site / "small.txt").write_text("x" * 1024)
        config = Path(folder) / "nginx.conf"
        ports = _free_ports(2)
        workers = len(os.sched_getaffinity(0))
        config.write_text(NGINX.format(workers=workers, folder=folder, port=ports[1], site=site))
        commands = ([str(program), str(site), f"127.0.0.1:{ports[0]}"], ["nginx", "-c", str(config)])
        with _running(commands[0], ports[0]) as own, _running(commands[1], ports[1]) as nginx:
            own_resident = _resident_with_open(own.pid, ports[0])
            nginx_resident = _resident_with_open(nginx.pid, ports[1])
            rates = [_rates_of(name, site, ports) for name in ("index.html", "small.txt")]
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr
    return Bench(program.stat().st_size, own_resident, nginx_resident, version.split("/")[-1].strip(), rates)


def _rates_of(name: str, site: Path, ports: list[int]) -> FileRates:
    rates: list[dict[int, float]] = [{}, {}]
    for round_number in range(ROUNDS):
        for server_number in (0, 1) if round_number % 2 else (1, 0):
            address = f"http://127.0.0.1:{ports[server_number]}/{name}"
            rates[server_number][round_number] = _wrk(address)
    own, nginx = (hodges_lehmann(rates_of_server.values()) for rates_of_server in rates)
    return FileRates(name, (site / name).stat().st_size, own, nginx, paired(rates[0], rates[1], 0.95))


def _wrk(address: str) -> float:
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{WRK_S}s", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise HarnessError(f"wrk {address}: {done.stderr or done.stdout}")
    [rate] = re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return float(rate)


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        else:
            raise HarnessError(f"{command[0]} does not answer")
        yield process
    finally:
        process.terminate()
        process.wait()


def _resident_with_open(pid: int, port: int) -> int:
    with contextlib.ExitStack() as stack:
        for _ in range(OPEN_CONNECTIONS):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            client.sendall(b"GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            client.recv(65536)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        pages = sum(
            int(Path(f"/proc/{number}/statm").read_text(encoding="utf-8").split()[1])
            for number in [str(pid), *children]
        )
        return pages * os.sysconf("SC_PAGE_SIZE")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
