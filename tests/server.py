"""The server of serve/ in tests: how it is asked, started, and how large it is."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import time
from pathlib import Path

PAGE = b"<!doctype html><title>a page</title>" + bytes(range(256)) * 400
SMALL = b"x" * 1024
HOST = b"Host: a\r\n\r\n"
LAST = b"Connection: close\r\n" + HOST


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, dict(answer.headers), answer.read()


def raw(port: int, data: bytes) -> bytes:
    """What comes back for these bytes until the server closes, which it is asked to or does by itself."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        client.sendall(data)
        got = b""
        with contextlib.suppress(ConnectionResetError):  # it closed with some of these bytes unread
            while more := client.recv(65536):
                got += more
        return got


def resident(pid: int) -> int:
    """The bytes of memory that a process and its children hold."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in pids)
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def own(program: Path, site: Path):
    """A server of the test's own: (process, port)."""
    for _ in range(10):  # another process may take the port before it does
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen([program, site, f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if process.poll() is not None:
                break
            time.sleep(0.02)
        if process.poll() is None:
            break
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()
