"""The server as a process: its arguments, its end, and its confinement."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.server import HOST, own


def test_sigterm_ends_what_has_begun_and_then_the_server(program, site):
    (site / "large.bin").write_bytes(bytes(30_000_000))
    with own(program, site) as (process, port):
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(b"GET /large.bin HTTP/1.1\r\n" + HOST)
            got = len(client.recv(1000))
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            while more := client.recv(1 << 20):
                got += len(more)
            assert got > 30_000_000
        assert process.wait(10) == 0
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1)


def test_a_process_of_the_server_may_make_few_system_calls(program, site):
    with own(program, site) as (process, _):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in children:
            status = ""
            for _ in range(200):  # it is confined once all that takes more calls is done
                status = Path(f"/proc/{child}/status").read_text()
                if "Seccomp:\t2" in status:
                    break
                time.sleep(0.02)
            assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "usage: server FOLDER ADDRESS:PORT"),
        (["/nowhere-at-all", "127.0.0.1:0"], "FOLDER: no such folder"),
        (["/", "localhost:80"], "ADDRESS:PORT: expected"),
        (["/", "1.2.3.4.5:80"], "ADDRESS:PORT: expected"),
        (["/", "127.0.0.1:99999"], "ADDRESS:PORT: expected"),
        (["/", "8.8.8.8:80"], "ADDRESS:PORT: taken, or not an address of this machine"),
    ],
)
def test_bad_usage_is_a_sentence_and_status_2(program, words, said):
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2 and said in done.stderr
