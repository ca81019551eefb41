"""The server of serve/: what it answers, what it refuses, what it survives; and the image that holds nothing else."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness.execute.native import environment
from harness.publish import LIMIT_BYTES, SOURCE, make_site, server, serving
from harness.util.paths import ROOT
from tests.command import harness, started
from tests.needs import need

BUILD = ROOT / "build"
PAGE = b"<!doctype html><title>a page</title>" + bytes(range(256)) * 400
SMALL = b"x" * 1024


@pytest.fixture(scope="module")
def program() -> Path:
    found = server(BUILD)
    need(isinstance(found, Path), f"the server: {found}")
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "www"
    (folder / "sub").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "index.html.gz").write_bytes(gzip.compress(PAGE))
    (folder / "small.txt").write_bytes(SMALL)
    (folder / "empty.txt").touch()
    (folder / "a b.csv").write_text("1,2")
    (folder / "sub" / "index.html").write_text("below")
    (folder / "inner").symlink_to("small.txt")
    (folder.parent / "secret").write_text("secret")
    (folder / "leak").symlink_to("../secret")
    (folder / "leak-absolute").symlink_to(folder.parent / "secret")
    (folder / "leak-folder").symlink_to("..")
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture(scope="module")
def port(program, site):
    with serving(site, BUILD, 0) as (address, by):
        assert "serve/" in by
        yield int(address.rsplit(":", 1)[1].strip("/"))


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


def test_it_is_a_static_program_of_at_most_16_kib(program):
    assert program.stat().st_size <= LIMIT_BYTES == 16_384
    assert b"ld-linux" not in program.read_bytes()


def test_files_come_whole_with_type_length_date_and_tag(port):
    status, headers, body = ask(port, "/")
    assert (status, body) == (200, PAGE)
    assert headers["Content-Type"] == "text/html; charset=utf-8" and headers["Content-Length"] == str(len(PAGE))
    assert {"Date", "ETag", "Last-Modified", "Cache-Control", "Accept-Ranges"} <= headers.keys()
    assert time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
    assert (
        abs(time.time() - time.mktime(time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")) + time.timezone) < 5
    )
    assert ask(port, "/small.txt")[2] == SMALL
    assert ask(port, "/empty.txt")[0::2] == (200, b"")
    assert ask(port, "/a%20b.csv?x=1")[0::2] == (200, b"1,2")
    assert ask(port, "/sub/")[2] == b"below"
    assert ask(port, "/inner")[2] == SMALL


def test_head_has_the_headers_and_no_body(port):
    status, headers, body = ask(port, "/small.txt", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "1024", b"")


def test_what_is_compressed_comes_so_to_who_accepts_it_and_only_then(port):
    for accepts, encoded in (
        ("gzip, br", True),
        ("br;q=1, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("identity", False),
    ):
        _, headers, body = ask(port, "/", Accept_Encoding=accepts)
        assert (headers.get("Content-Encoding") == "gzip") == encoded, accepts
        assert (gzip.decompress(body) if encoded else body) == PAGE
        assert headers["Vary"] == "Accept-Encoding"


def test_a_tag_that_still_holds_is_304_and_another_is_not(port):
    tag = ask(port, "/small.txt")[1]["ETag"]
    for value in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        status, _, body = ask(port, "/small.txt", If_None_Match=value)
        assert (status, body) == (304, b"")
    assert ask(port, "/small.txt", If_None_Match='"other"')[0] == 200
    assert ask(port, "/", Accept_Encoding="gzip")[1]["ETag"] != ask(port, "/")[1]["ETag"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, len(PAGE) - 1),
        ("bytes=-7", len(PAGE) - 7, len(PAGE) - 1),
        ("bytes=5-999999", 5, len(PAGE) - 1),
    ],
)
def test_a_range_is_a_part_of_the_file(port, asked, first, last):
    status, headers, body = ask(port, "/", Range=asked)
    assert (status, body) == (206, PAGE[first : last + 1])
    assert headers["Content-Range"] == f"bytes {first}-{last}/{len(PAGE)}"


def test_a_range_that_is_none_is_ignored_one_beyond_the_end_is_416_and_a_tag_decides(port):
    assert ask(port, "/", Range="bytes=9-1")[0] == ask(port, "/", Range="lines=1-2")[0] == 200
    assert ask(port, "/", Range="bytes=1-2,4-5")[0] == 200
    status, headers, _ = ask(port, "/", Range="bytes=999999-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(PAGE)}")
    tag = ask(port, "/")[1]["ETag"]
    assert ask(port, "/", Range="bytes=0-1", If_Range=tag)[0] == 206
    assert ask(port, "/", Range="bytes=0-1", If_Range='"old"')[0] == 200


HOST = b"Host: a\r\n\r\n"
LAST = b"Connection: close\r\n" + HOST


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n" + LAST, 404),
        (b"POST / HTTP/1.1\r\n" + HOST, 405),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + HOST, 400),
        (b"GET / HTTP/2.0\r\n" + HOST, 505),
        (b"GET /\x01 HTTP/1.1\r\n" + HOST, 400),
        (b"GET /%zz HTTP/1.1\r\n" + LAST, 400),
        (b"GET /%00 HTTP/1.1\r\n" + LAST, 400),
        (b"GET nowhere HTTP/1.1\r\n" + HOST, 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413),
        (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\n" + HOST, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_what_is_wrong_is_refused_with_its_status(port, request_, status):
    assert raw(port, request_).startswith(f"HTTP/1.1 {status} ".encode())


TRAVERSALS = [
    "/../secret",
    "/sub/../../secret",
    "/%2e%2e/secret",
    "/%2E%2E%2Fsecret",
    "/..%2fsecret",
    "/sub/%2e%2e/%2e%2e/secret",
    "//../secret",
    "/./../secret",
    "/..;/secret",
    "/..\\secret",
    "/%5c..%5csecret",
    "/%252e%252e/secret",
    "/%c0%ae%c0%ae/secret",
    "/leak",
    "/leak-absolute",
    "/leak-folder/secret",
    "/leak-folder/",
    "//etc/passwd",
    "/proc/self/environ",
    "/pipe",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_nothing_outside_the_folder_and_no_pipe_is_ever_read(port, path):
    got = raw(port, b"GET " + path.encode("latin-1") + b" HTTP/1.1\r\n" + LAST)
    assert got.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), got[:80]
    assert b"secret" not in got.split(b"\r\n\r\n", 1)[1]


def test_connections_are_kept_closed_and_pipelined_as_asked(port):
    one = b"GET /small.txt HTTP/1.1\r\n" + HOST
    last = b"GET /small.txt HTTP/1.1\r\n" + LAST
    assert raw(port, one * 19 + last).count(b"HTTP/1.1 200 OK") == 20
    closed = raw(port, last + one)
    assert closed.count(b"HTTP/1.1 200 OK") == 1 and b"Connection: close" in closed
    assert raw(port, b"GET /small.txt HTTP/1.0\r\n\r\n" + one).count(b"HTTP/1.1 200 OK") == 1
    mixed = raw(port, one + b"GET /nothing HTTP/1.1\r\n" + HOST + b"GET / HTTP/1.1\r\n" + HOST + last)
    assert [part[:3] for part in mixed.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200", b"200"]


def test_a_request_that_comes_byte_by_byte_or_cut_anywhere_is_the_same_request(port):
    whole = b"GET /small.txt HTTP/1.1\r\nAccept: */*\r\n" + HOST
    for cut in range(1, len(whole)):
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(whole[:cut])
            client.sendall(whole[cut:])
            got = b""
            while len(got.partition(b"\r\n\r\n")[2]) < 1024:
                got += client.recv(65536)
            assert got.startswith(b"HTTP/1.1 200 OK") and got.endswith(SMALL)
            client.sendall(whole[:cut])  # and a client that goes away in the middle hurts nobody
    assert ask(port, "/small.txt")[0] == 200


def test_a_changed_file_is_seen_within_seconds(port, site):
    (site / "changes.txt").write_text("before")
    assert ask(port, "/changes.txt")[2] == b"before"
    (site / "changes.txt").write_text("afterwards")
    time.sleep(2.1)
    assert ask(port, "/changes.txt")[2] == b"afterwards"
    (site / "changes.txt").unlink()
    time.sleep(2.1)
    assert ask(port, "/changes.txt")[0] == 404


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
def test_a_long_row_of_requests_is_answered_in_full_though_the_client_is_slow_to_read(port, path, room):
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


def test_clients_that_go_away_in_the_middle_of_a_file_end_nothing_but_themselves(program, site):
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


def test_a_thousand_open_connections_take_less_than_a_megabyte(program, site):
    with own(program, site) as (process, port):
        clients = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(1000)]
        for client in clients:
            client.sendall(b"GET /small.txt HTTP/1.1\r\n" + HOST)
        for client in clients:
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
        assert resident(process.pid) < 2**20
        for client in clients:
            client.close()


def test_fifty_thousand_connections_that_are_dropped_leave_nothing_open(program, site):
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


def test_sigterm_ends_what_has_begun_and_then_all_of_it_with_status_0(program, site):
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


def test_a_process_of_it_may_make_few_system_calls_only(program, site):
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


def test_ten_million_requests_of_every_wrongness_break_no_rule_of_the_parser(tmp_path):
    fuzz = tmp_path / "fuzz"
    build = ["python3", "-m", "ziglang", "build-exe", "-O", "ReleaseSafe", f"-femit-bin={fuzz}", "fuzz.zig"]
    done = subprocess.run(build, cwd=SOURCE, env=environment(), capture_output=True, text=True, check=False)
    need(done.returncode == 0 or "No module named" not in done.stderr, "Zig")
    assert done.returncode == 0, done.stderr
    done = subprocess.run([fuzz, "10000000", "60000"], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert words[0] == "10000000" and all(int(words[i]) > 100_000 for i in (2, 4, 6))


def test_serve_shows_the_newest_run_until_it_is_ended(project, program):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    with started("serve", "--no-browser", "--config", str(project / "config.yaml")) as process:
        line = process.stdout.readline()
        address, by = line.split()[0], line.split("by ", 1)[1]
        assert by.startswith("the server of serve/")
        port = int(address.rsplit(":", 1)[1].strip("/"))
        assert ask(port, "/")[2] == (project / "reports" / "latest" / "report.html").read_bytes()
        assert ask(port, "/results.csv")[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_without_zig_python_s_own_server_shows_it_and_says_so(site, tmp_path, monkeypatch):
    from harness import publish as webserver

    monkeypatch.setattr(webserver, "command_works", lambda command: (False, "nothing here"))
    with serving(site, tmp_path, 0) as (address, by):
        assert (
            by
            == "Python's http.server (no Zig: nothing here (to provide it: "
            + str(server(tmp_path)).split("it: ")[1]
            + ")"
        )
        assert ask(int(address.rsplit(":", 1)[1].strip("/")), "/")[2] == PAGE


def test_a_port_that_is_taken_is_a_sentence(project, program):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = harness("serve", "--no-browser", "--port", port, "--config", str(project / "config.yaml"), timeout=60)
    assert done.returncode == 1 and f"--port: {port}: Address already in use" in done.stderr


@pytest.mark.docker
def test_an_image_holds_the_report_and_its_server_and_nothing_else(project, program, engine, tmp_path):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    name = f"60000x-test:{os.getpid()}"
    done = harness("image", "-t", name, "--config", str(project / "config.yaml"))
    assert done.returncode == 0, done.stderr
    try:
        page = (project / "reports" / "latest" / "report.html").read_bytes()
        inspect = subprocess.run(
            ["docker", "image", "inspect", name, "--format", "{{.Size}}"], capture_output=True, text=True, check=True
        )
        assert int(inspect.stdout) <= len(gzip.compress(page, 9, mtime=0)) + LIMIT_BYTES
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        run = ["docker", "run", "--rm", "-d", "-p", f"127.0.0.1:{port}:8080", name]
        container = subprocess.run(run, capture_output=True, text=True, check=False)
        assert container.returncode == 0, container.stderr
        try:
            status, headers, body = 0, {}, b""
            for _ in range(100):
                try:
                    status, headers, body = ask(port, "/", Accept_Encoding="gzip")
                    break
                except OSError:
                    time.sleep(0.1)
            assert status == 200 and headers["Content-Encoding"] == "gzip" and gzip.decompress(body) == page
        finally:
            subprocess.run(["docker", "stop", container.stdout.strip()], capture_output=True, check=False)
    finally:
        subprocess.run(["docker", "rmi", "-f", name], capture_output=True, check=False)


@pytest.mark.browser
def test_a_browser_shows_the_report_from_it_scripts_and_all(program, project, tmp_path):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    chromium = shutil.which("chromium")
    need(chromium, "Debian's chromium")
    from playwright.sync_api import sync_playwright

    site = make_site((project / "reports" / "latest").resolve(), tmp_path / "site")
    said: list[str] = []
    with serving(site, BUILD, 0) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        page.locator("#kernels th button").first.click()
        assert page.url.endswith("#sort=kernel") and page.locator("h1").is_visible()
        browser.close()
    assert said == []
