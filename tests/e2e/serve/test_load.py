"""What the server survives: slow clients, many clients, clients that go away, and wrong requests."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness.execute.native import environment
from harness.publish import SOURCE
from tests.needs import need
from tests.server import HOST, PAGE, SMALL, ask, own, resident


def test_a_client_that_reads_slowly_gets_all_of_a_large_file(port, site):
    large = os.urandom(30_000_000)
    (site / "large.bin").write_bytes(large)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"GET /large.bin HTTP/1.1\r\nConnection: close\r\n" + HOST + b"GET / HTTP/1.1\r\n" + HOST)
        time.sleep(0.5)
        got = bytearray()
        while more := client.recv(1 << 20):
            got += more
            if len(got) < 3_000_000:
                time.sleep(0.02)
    assert bytes(got).partition(b"\r\n\r\n")[2] == large


@pytest.mark.parametrize("room", [4096, 20_000, 300_000, 6_000_000])
@pytest.mark.parametrize("path", ["/small.txt", "/"])
def test_a_slow_client_gets_all_answers_to_many_requests(port, path, room):
    # With another room the client's buffer is full at another byte of an answer: in a header, in a body, between two.
    body, count = (PAGE, 600) if path == "/" else (SMALL, 20_000)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        client.settimeout(20)
        client.connect(("127.0.0.1", port))
        request = b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST
        sender = threading.Thread(target=client.sendall, args=(request * count,))
        sender.start()
        time.sleep(0.3)
        left = count
        kept = bytearray()
        while left and (more := client.recv(1 << 22)):
            kept += more
            whole = kept.count(body)
            left -= whole
            if whole:  # what was whole is counted and let go
                del kept[: kept.rfind(body) + len(body)]
        sender.join()
    assert left == 0


def test_clients_that_go_away_in_a_file_end_only_themselves(program, site):
    (site / "large.bin").write_bytes(bytes(30_000_000))
    with own(program, site) as (process, port):
        for i in range(400):
            client = socket.create_connection(("127.0.0.1", port), 10)
            if i % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(b"GET /large.bin HTTP/1.1\r\n" + HOST)
            client.recv(1 + 1000 * (i % 7))
            if i % 4 == 0:  # says that it has no more to ask, and then goes: the server's next call is EPIPE
                client.shutdown(socket.SHUT_WR)
                time.sleep(0.002)
            client.close()
        assert ask(port, "/small.txt")[2] == SMALL
        assert process.poll() is None
        assert len(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()) >= 1


def test_a_thousand_slow_clients_do_not_stop_a_normal_one(port):
    clients = []
    try:
        for _ in range(1000):
            client = socket.create_connection(("127.0.0.1", port), 10)
            client.sendall(b"G")
            clients.append(client)
        for letter in b"ET":
            for client in clients:
                client.sendall(bytes([letter]))
            start = time.monotonic()
            assert ask(port, "/")[0::2] == (200, PAGE)
            assert time.monotonic() - start < 5
    finally:
        for client in clients:
            client.close()


def test_a_thousand_open_connections_take_less_than_a_mib(program, site):
    with own(program, site) as (process, port):
        clients = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(1000)]
        for client in clients:
            client.sendall(b"GET /small.txt HTTP/1.1\r\n" + HOST)
        for client in clients:
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
        assert resident(process.pid) < 2**20
        for client in clients:
            client.close()


def test_fifty_thousand_dropped_connections_leave_nothing_open(program, site):
    with own(program, site) as (process, port):
        for i in range(50_000):
            client = socket.socket()
            if i % 2:  # half of them with a reset, the others politely
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.connect(("127.0.0.1", port))
            client.close()
        assert ask(port, "/small.txt")[2] == SMALL
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for _ in range(100):
            descriptors = max(len(list(Path(f"/proc/{child}/fd").iterdir())) for child in children)
            if descriptors < 20:
                break
            time.sleep(0.05)
        assert descriptors < 20
        assert resident(process.pid) < 2**20


@pytest.mark.long(30)
def test_ten_million_wrong_requests_break_no_rule_of_the_parser(tmp_path):
    fuzz = tmp_path / "fuzz"
    build = ["python3", "-m", "ziglang", "build-exe", "-O", "ReleaseSafe", f"-femit-bin={fuzz}", "fuzz.zig"]
    done = subprocess.run(build, cwd=SOURCE, env=environment(), capture_output=True, text=True, check=False)
    need(done.returncode == 0 or "No module named" not in done.stderr, "Zig")
    assert done.returncode == 0, done.stderr
    done = subprocess.run([fuzz, "10000000", "60000"], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert words[0] == "10000000" and all(int(words[i]) > 100_000 for i in (2, 4, 6))
